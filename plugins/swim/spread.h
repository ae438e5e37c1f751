/* Which news is told next, and how often: what is urgent goes first, then what was told least, then
 * what is newest, and each piece a limited number of times. So an accusation reaches everyone in
 * time while a thousand nodes join. It knows no messages: items are embedded in their owners.
 * One thread at a time per queue. [any]
 *
 * SWIM, section 4.1. */
#ifndef RH_SWIM_SPREAD_H
#define RH_SWIM_SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/heap.h>

/* Members, their vouches, and this node itself. */
#define SPREAD_ITEMS_MAX 20481u

/* One piece of news inside its owner. Zero before first use. */
struct spread_item {
    struct rh_heap_node node;
    uint32_t sent;
    uint64_t order;
    uint32_t kind; /* the owner's */
    bool is_urgent;
};

struct spread {
    struct rh_heap heap;
    uint64_t order;
};

void spread_init(struct spread *spread);
/* The items stay their owners'. */
void spread_release(struct spread *spread);
/* Tell it from now on, as if it had never been told. Urgent news stays urgent until it leaves.
 * RH_OK, RH_EFULL, RH_ENOMEM. */
int32_t spread_add(struct spread *spread, struct spread_item *item, bool is_urgent);
void spread_drop(struct spread *spread, struct spread_item *item);
bool spread_has(const struct spread_item *item);
uint32_t spread_count(const struct spread *spread);
/* Takes the next items for one message into out[max] and counts them as told once more; those that
 * were told `limit` times leave. Returns how many. */
uint32_t spread_take(struct spread *spread, uint32_t limit, struct spread_item **out, uint32_t max);

#endif
