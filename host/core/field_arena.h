/* Memory for decoded data that is freed in one go; not a general allocator: nothing is freed
 * singly. */
#ifndef RH_HOST_CORE_FIELD_ARENA_H
#define RH_HOST_CORE_FIELD_ARENA_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

/* The size of the first block; later ones double up to FIELD_ARENA_BLOCK_MAX. */
#define FIELD_ARENA_BLOCK_MIN 1024u
#define FIELD_ARENA_BLOCK_MAX 65536u

struct field_arena_block;

/* Fields are private but for rc and allocate. One thread at a time. */
struct field_arena {
    struct field_arena_block *blocks; /* the newest first */
    char *free;
    size_t free_bytes;
    uint64_t used_bytes; /* given out, alignment included */
    uint64_t bytes_max;
    int32_t rc; /* sticky: RH_OK, RH_ENOMEM or RH_ETOOLARGE (more than bytes_max) */
    void *(*allocate)(
        size_t size); /* malloc; tests put one here that fails. Blocks end in free() */
};

/* Empty, giving out at most bytes_max bytes. Allocates nothing. */
void field_arena_init(struct field_arena *arena, uint64_t bytes_max);

/* Frees everything and leaves an empty arena with the same limit. */
void field_arena_release(struct field_arena *arena);

/* Forgets content and error, keeps the newest block for the next round. */
void field_arena_reset(struct field_arena *arena);

/* size bytes, zeroed, aligned to 8; never NULL for size 0. NULL on failure, with rc set. */
void *field_arena_alloc(struct field_arena *arena, size_t size);

/* size bytes, not zeroed, of any alignment; for text. NULL on failure, with rc set. */
char *field_arena_text(struct field_arena *arena, size_t size);

/* Gives back the last `unused` bytes of the latest field_arena_text, which had at least that many.
 */
void field_arena_trim(struct field_arena *arena, size_t unused);

/* Copies s; *out is written only on success. Returns RH_OK or rc. */
int32_t field_arena_copy(struct field_arena *arena, struct rh_str s, struct rh_str *out);

#endif
