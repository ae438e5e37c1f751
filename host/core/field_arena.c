/* Memory for decoded data that is freed in one go; not a general allocator: nothing is freed
 * singly. */
#include "host/core/field_arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 8u

struct field_arena_block {
    struct field_arena_block *next;
    size_t size; /* of data */
    char data[];
};

void field_arena_init(struct field_arena *arena, uint64_t bytes_max)
{
    *arena = (struct field_arena){.bytes_max = bytes_max, .allocate = malloc};
}

static void free_chain(struct field_arena_block *block)
{
    while (block) {
        struct field_arena_block *next = block->next;

        free(block);
        block = next;
    }
}

void field_arena_release(struct field_arena *arena)
{
    void *(*allocate)(size_t) = arena->allocate;

    free_chain(arena->blocks);
    field_arena_init(arena, arena->bytes_max);
    arena->allocate = allocate;
}

void field_arena_reset(struct field_arena *arena)
{
    struct field_arena_block *keep = arena->blocks;

    if (keep) {
        free_chain(keep->next);
        keep->next = NULL;
        arena->free = keep->data;
        arena->free_bytes = keep->size;
    }
    arena->used_bytes = 0;
    arena->rc = RH_OK;
}

static size_t next_block_size(const struct field_arena *arena, size_t size)
{
    size_t wanted = FIELD_ARENA_BLOCK_MIN;

    if (arena->blocks)
        wanted = arena->blocks->size * 2;
    if (wanted > FIELD_ARENA_BLOCK_MAX)
        wanted = FIELD_ARENA_BLOCK_MAX;
    return wanted > size ? wanted : size;
}

static bool make_room(struct field_arena *arena, size_t size)
{
    size_t block_size = next_block_size(arena, size);
    struct field_arena_block *block;

    if (block_size > SIZE_MAX - sizeof(*block)) {
        arena->rc = RH_ENOMEM;
        return false;
    }
    block = arena->allocate(sizeof(*block) + block_size);
    if (!block) {
        arena->rc = RH_ENOMEM;
        return false;
    }
    block->next = arena->blocks;
    block->size = block_size;
    arena->blocks = block;
    arena->free = block->data;
    arena->free_bytes = block_size;
    return true;
}

static char *take(struct field_arena *arena, size_t size)
{
    char *p;

    if (arena->rc != RH_OK)
        return NULL;
    assert(arena->used_bytes <= arena->bytes_max);
    if (size > arena->bytes_max - arena->used_bytes) {
        arena->rc = RH_ETOOLARGE;
        return NULL;
    }
    if ((!arena->free || size > arena->free_bytes) && !make_room(arena, size))
        return NULL;
    p = arena->free;
    arena->free += size;
    arena->free_bytes -= size;
    arena->used_bytes += size;
    return p;
}

void *field_arena_alloc(struct field_arena *arena, size_t size)
{
    size_t skip = (ALIGNMENT - (uintptr_t)arena->free % ALIGNMENT) % ALIGNMENT;
    char *p;

    if (arena->rc == RH_OK && size > SIZE_MAX - ALIGNMENT)
        arena->rc = RH_ETOOLARGE;
    /* A fresh block begins aligned, so bytes are skipped only where the present one goes on. */
    if (!arena->free || size + skip > arena->free_bytes)
        skip = 0;
    if (arena->rc == RH_OK && skip == 0 && (uintptr_t)arena->free % ALIGNMENT != 0)
        arena->free_bytes = 0;
    p = take(arena, size + skip);
    if (!p)
        return NULL;
    memset(p + skip, 0, size);
    return p + skip;
}

char *field_arena_text(struct field_arena *arena, size_t size)
{
    return take(arena, size);
}

void field_arena_trim(struct field_arena *arena, size_t unused)
{
    assert(unused <= arena->used_bytes);
    arena->free -= unused;
    arena->free_bytes += unused;
    arena->used_bytes -= unused;
}

int32_t field_arena_copy(struct field_arena *arena, struct rh_str s, struct rh_str *out)
{
    char *p = take(arena, s.n);

    if (!p)
        return arena->rc;
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    *out = (struct rh_str){p, s.n};
    return RH_OK;
}
