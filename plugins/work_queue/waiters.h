/* Claims that wait for work: first come, first served among those that suit. It answers nobody. */
#ifndef RH_PLUGINS_WORK_QUEUE_WAITERS_H
#define RH_PLUGINS_WORK_QUEUE_WAITERS_H

#include <ringhost/sdk/heap.h>
#include <ringhost/sdk/map.h>

#include "match.h"

#define WAITERS_MAX 4096u /* parked claims; one more is answered at once */

/* One parked claim. The strings of `claim` are borrowed until it leaves. */
struct waiter {
    struct rh_heap_node node;
    uint32_t max_items;
    uint64_t id; /* of the request, not 0 */
    int64_t until_ms;
    struct match_claim claim;
    struct waiter *prev;
    struct waiter *next;
};

struct waiters {
    struct waiter *first;
    struct waiter *last;
    struct rh_heap deadlines;
    struct rh_map64 by_id;
};

void waiters_init(struct waiters *waiters, uint64_t seed);
void waiters_release(struct waiters *waiters);

/* Parks a claim at the end of the line until until_ms. RH_OK, RH_EFULL or RH_ENOMEM. [any] */
int32_t waiters_park(struct waiters *waiters, uint64_t id, const struct match_claim *claim,
                     uint32_t max_items, int64_t until_ms);
/* The parked claim of that id, or NULL. [any] */
struct waiter *waiters_find(const struct waiters *waiters, uint64_t id);
/* A parked claim of the node with a number below `poll`, which its claimant has given up since it
 * asks anew; NULL = none. O(parked claims). [any] */
struct waiter *waiters_older(const struct waiters *waiters, struct rh_str node_id, uint64_t poll);
/* Takes it out of the line and frees it. [any] */
void waiters_leave(struct waiters *waiters, struct waiter *waiter);

/* Whether a claim that suits may have something now. */
typedef bool waiters_allow(const void *ctx, const struct waiter *waiter);

/* The longest-parked claim that suits the shape and is allowed, or NULL. O(claims in front of it).
 * [any] */
struct waiter *waiters_match(const struct waiters *waiters, const struct match_shape *shape,
                             waiters_allow *allow, const void *ctx);
/* The parked claim whose time ends first, or NULL. [any] */
struct waiter *waiters_first_deadline(const struct waiters *waiters);
uint32_t waiters_count(const struct waiters *waiters);

#endif
