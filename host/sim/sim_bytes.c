/* Grows by doubling; bytes between n and cap have no meaning. */
#include "host/sim/sim_bytes.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_CAP_LEAST 4096u

void sim_bytes_release(struct sim_bytes *bytes)
{
    free(bytes->p);
    *bytes = (struct sim_bytes){0};
}

static void make_room(struct sim_bytes *bytes, size_t n)
{
    size_t cap = bytes->cap > 0 ? bytes->cap : BYTES_CAP_LEAST;

    if (n <= bytes->cap)
        return;
    assert(n < SIZE_MAX / 2);
    while (cap < n)
        cap *= 2;
    bytes->p = realloc(bytes->p, cap);
    if (!bytes->p)
        abort();
    bytes->cap = cap;
}

void sim_bytes_resize(struct sim_bytes *bytes, size_t n)
{
    make_room(bytes, n);
    if (n > bytes->n)
        memset(bytes->p + bytes->n, 0, n - bytes->n);
    bytes->n = n;
}

void sim_bytes_write(struct sim_bytes *bytes, size_t at, const void *from, size_t n)
{
    if (n == 0)
        return;
    assert(at < SIZE_MAX - n);
    make_room(bytes, at + n);
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
    assert(to->n == 0);
    sim_bytes_write(to, 0, from->p, from->n);
}
