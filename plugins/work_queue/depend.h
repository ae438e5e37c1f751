/* Who waits for whom: items that are blocked by others, which are known by their numbers. It knows
 * no states but the verdict that it is told, and stores nothing. */
#ifndef RH_PLUGINS_WORK_QUEUE_DEPEND_H
#define RH_PLUGINS_WORK_QUEUE_DEPEND_H

#include <stdbool.h>

#include <ringhost/sdk/map.h>

#define DEPEND_NODES_MAX 4194304u /* items that others wait for at once */

/* One item waiting for another; a member of both lists. Private. */
struct depend_edge {
    struct depend_wait *wait;
    struct depend_node *node; /* NULL = told */
    struct depend_edge *prev;
    struct depend_edge *next;
};

/* All that one item waits for. */
struct depend_wait {
    void *item;
    uint32_t count;
    uint32_t unmet; /* of these, not told yet */
    struct depend_edge edges[];
};

/* An item that others wait for. Private. */
struct depend_node {
    uint64_t seq;
    uint64_t stamp; /* when it is over: of the commit that says so */
    struct depend_edge *first;
    struct depend_edge *last;
    struct depend_node *next_over;
    uint8_t verdict;
    bool is_over;
};

struct depends {
    struct rh_map64 nodes; /* by number, those that are not over */
    struct depend_node *over_first;
    struct depend_node *over_last;
};

void depends_init(struct depends *depends, uint64_t seed);
/* Frees the nodes; the waits are the caller's, who frees them with free(). [any] */
void depends_release(struct depends *depends);

/* The item waits for count others, each named once. RH_OK, RH_ENOMEM or RH_EFULL, nothing changed
 * then. O(count). [any] */
int32_t depend_on(struct depends *depends, void *item, const uint64_t *seqs, uint32_t count,
                  struct depend_wait **out);
/* The item waits no more; frees `wait`. [any] */
void depend_leave(struct depends *depends, struct depend_wait *wait);

/* An item is over. Whoever waits for it is told by depend_next, in the order in which items were
 * over. Stamps never fall. O(1). [any] */
void depend_over(struct depends *depends, uint64_t seq, uint8_t verdict, uint64_t stamp);

/* The next to be told, of those whose stamp is at most `stamp`: the wait, whose `unmet` has one
 * less, the item that is over and the verdict on it. NULL = nobody. O(1). [any] */
struct depend_wait *depend_next(struct depends *depends, uint64_t stamp, uint64_t *seq,
                                uint8_t *verdict);

/* Whether nobody is left to be told, whatever the stamp. [any] */
bool depends_are_told(const struct depends *depends);

/* A batch in which item i waits for other items of the same batch: edges[2k] waits for edges[2k+1].
 * Fills order[0..count) so that nobody comes before whom it waits for, and otherwise in order of
 * index. `memory` has room for count numbers. [any] RH_OK, or RH_EINVAL and *cycle, an index in a
 * cycle. */
int32_t depend_sort(const uint32_t *edges, uint32_t edge_count, uint32_t count, uint32_t *order,
                    uint32_t *memory, uint32_t *cycle);

#endif
