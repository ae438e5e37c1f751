/* Stable merge sort with a context pointer, for plugins, which may not import qsort. */
#ifndef RH_SDK_SORT_H
#define RH_SDK_SORT_H

#include <ringhost/errors.h>
#include <stddef.h>
#include <stdint.h>

/* Negative if a comes before b, 0 if they are equal, positive if after. ctx is what rh_sort was
 * given. */
typedef int rh_sort_compare(const void *a, const void *b, void *ctx);

/* Sorts count items of item_size bytes (at least 1) in O(n log n); equal items keep their order.
 * scratch is count * item_size bytes, aligned like items, or NULL to use malloc for the time of the
 * call. [any] RH_OK, or RH_ENOMEM with the items unchanged; with a scratch it never fails. */
int32_t rh_sort(void *items, size_t count, size_t item_size, rh_sort_compare *compare, void *ctx,
                void *scratch);

#endif
