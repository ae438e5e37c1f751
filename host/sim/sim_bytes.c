/* Grows fourfold, as what is never touched costs nothing; bytes between n and cap have no meaning.
 * Copies share a block until one of them changes. */
#include "host/sim/sim_bytes.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_CAP_LEAST 4096u

/* In front of p. */
struct block {
    size_t refs;
    size_t padding; /* keeps p aligned as malloc does */
};

static struct block *block_of(const struct sim_bytes *bytes)
{
    return (struct block *)(void *)bytes->p - 1;
}

void sim_bytes_release(struct sim_bytes *bytes)
{
    if (bytes->p && --block_of(bytes)->refs == 0)
        free(block_of(bytes));
    *bytes = (struct sim_bytes){0};
}

/* Room for n bytes in a block of its own, in which the content stays. */
static void make_own(struct sim_bytes *bytes, size_t n)
{
    bool is_shared = bytes->p && block_of(bytes)->refs > 1;
    size_t cap = bytes->cap > 0 ? bytes->cap : BYTES_CAP_LEAST;
    struct block *block;

    if (bytes->p && n <= bytes->cap && !is_shared)
        return;
    assert(n < SIZE_MAX / 2);
    while (cap < n)
        cap *= 4;
    block = realloc(bytes->p && !is_shared ? block_of(bytes) : NULL, sizeof *block + cap);
    if (!block)
        abort();
    if (is_shared) {
        memcpy(block + 1, bytes->p, bytes->n);
        block_of(bytes)->refs--;
    }
    block->refs = 1;
    bytes->p = (unsigned char *)(block + 1);
    bytes->cap = cap;
}

void sim_bytes_resize(struct sim_bytes *bytes, size_t n)
{
    if (n > bytes->n) {
        make_own(bytes, n);
        memset(bytes->p + bytes->n, 0, n - bytes->n);
    }
    bytes->n = n;
}

void sim_bytes_write(struct sim_bytes *bytes, size_t at, const void *from, size_t n)
{
    if (n == 0)
        return;
    assert(at < SIZE_MAX - n);
    make_own(bytes, at + n);
    if (at > bytes->n)
        memset(bytes->p + bytes->n, 0, at - bytes->n);
    memcpy(bytes->p + at, from, n);
    if (at + n > bytes->n)
        bytes->n = at + n;
}

size_t sim_bytes_read(const struct sim_bytes *bytes, size_t at, void *to, size_t n)
{
    size_t there = at < bytes->n ? bytes->n - at : 0;

    if (n > there)
        n = there;
    if (n > 0)
        memcpy(to, bytes->p + at, n);
    return n;
}

void sim_bytes_copy(struct sim_bytes *to, const struct sim_bytes *from)
{
    assert(!to->p);
    *to = *from;
    if (to->p)
        block_of(to)->refs++;
}
