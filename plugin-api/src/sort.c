/* Bottom-up stable merge sort: runs of doubling length go back and forth between items and scratch.
 */
#include <ringhost/sdk/sort.h>

#include "alloc.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct merge {
    size_t item_size;
    rh_sort_compare *compare;
    void *ctx;
};

/* Merges from[0..middle) and from[middle..end), in bytes, into to. Of equals the left comes first.
 */
static void merge_runs(const struct merge *m, char *to, const char *from, size_t middle, size_t end)
{
    size_t left = 0;
    size_t right = middle;

    while (left < middle && right < end) {
        bool is_right_first = m->compare(from + right, from + left, m->ctx) < 0;
        size_t *taken = is_right_first ? &right : &left;

        memcpy(to, from + *taken, m->item_size);
        *taken += m->item_size;
        to += m->item_size;
    }
    memcpy(to, from + left, middle - left);
    memcpy(to + (middle - left), from + right, end - right);
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void merge_pass(const struct merge *m, char *to, const char *from, size_t size, size_t run)
{
    for (size_t at = 0; at < size;) {
        size_t left = min_size(run, size - at);
        size_t right = min_size(run, size - at - left);

        merge_runs(m, to + at, from + at, left, left + right);
        at += left + right;
    }
}

int32_t rh_sort(void *items, size_t count, size_t item_size, rh_sort_compare *compare, void *ctx,
                void *scratch)
{
    struct merge m = {item_size, compare, ctx};
    char *from = items;
    char *to = scratch;
    size_t size = count * item_size;
    char *own = NULL;

    assert(item_size >= 1);
    assert(count <= SIZE_MAX / 2 / item_size);
    if (count < 2)
        return RH_OK;
    if (!to) {
        own = rh_mem_resize(NULL, size);
        if (!own)
            return RH_ENOMEM;
        to = own;
    }
    for (size_t run = item_size; run < size; run *= 2) {
        char *merged = to;

        merge_pass(&m, to, from, size, run);
        to = from;
        from = merged;
    }
    if (from != (char *)items)
        memcpy(items, from, size);
    free(own);
    return RH_OK;
}
