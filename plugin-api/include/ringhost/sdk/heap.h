/* Binary min-heap of nodes inside the caller's structs that know their place; it owns no items.
 *
 * All functions are [any], one thread at a time per heap. */
#ifndef RH_SDK_HEAP_H
#define RH_SDK_HEAP_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdbool.h>

/* Zero before first use. place is private: index + 1, or 0 outside any heap. */
struct rh_heap_node {
    uint32_t place;
};

/* Negative if a comes before b, 0 if either may, positive if after. For repeatable runs let it
 * order totally. */
typedef int rh_heap_compare(const struct rh_heap_node *a, const struct rh_heap_node *b);

struct rh_heap {
    struct rh_heap_node **nodes;
    rh_heap_compare *compare;
    uint32_t count;
    uint32_t capacity;
    uint32_t count_max;
};

/* Empty, for at most count_max nodes (at least 1). Allocates nothing. */
void rh_heap_init(struct rh_heap *heap, rh_heap_compare *compare, uint32_t count_max);

/* Takes all nodes out, frees the table and leaves an empty heap. The nodes are still the caller's.
 */
void rh_heap_release(struct rh_heap *heap);

/* Puts in a node that is in no heap. O(log n). RH_OK, RH_EFULL or RH_ENOMEM; on failure nothing
 * changed. */
int32_t rh_heap_push(struct rh_heap *heap, struct rh_heap_node *node);

/* The first node, or NULL if empty; pop also takes it out. */
struct rh_heap_node *rh_heap_peek(const struct rh_heap *heap);
struct rh_heap_node *rh_heap_pop(struct rh_heap *heap);

/* Takes out a node that is in this heap. O(log n). */
void rh_heap_remove(struct rh_heap *heap, struct rh_heap_node *node);

/* Call after the key of a node in this heap has changed, before any other call on the heap. O(log
 * n). */
void rh_heap_update(struct rh_heap *heap, struct rh_heap_node *node);

/* Whether the node is in a heap. */
bool rh_heap_contains(const struct rh_heap_node *node);

#endif
