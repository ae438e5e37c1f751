/* Counts of the items of one group; it knows no items. */
#ifndef RH_PLUGINS_WORK_QUEUE_GROUP_H
#define RH_PLUGINS_WORK_QUEUE_GROUP_H

#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/map.h>

#include "item.h"

#define GROUPS_MAX 1048576u /* groups with live items */

/* The stored part: added = live + done + dead + cancelled, also after old items are deleted. */
struct group_totals {
    uint64_t added;
    uint64_t finished[ITEM_STATES]; /* by final state; live states stay 0 */
    uint64_t pruned;                /* finished and deleted since */
};

/* A group with live items. */
struct group {
    struct group_totals totals;
    uint32_t live[ITEM_STATES];
    uint32_t live_count;
    bool is_loaded; /* totals are those of the store */
    struct rh_str name;
};

struct groups {
    struct rh_map map;
};

void groups_init(struct groups *groups, uint64_t seed);
void groups_release(struct groups *groups);

/* The group, or NULL while it has no live items. [any] */
struct group *group_find(const struct groups *groups, struct rh_str name);
/* One more live item in `state`; makes the group if need be. RH_OK, RH_EFULL or RH_ENOMEM. [any] */
int32_t group_join(struct groups *groups, struct rh_str name, uint8_t state, struct group **out);
/* An item of the group changes state. [any] */
void group_move(struct group *group, uint8_t from, uint8_t to);
/* An item goes from a live state to a final one, counted in the totals. group_forget must follow.
 * [any] */
void group_finish(struct group *group, uint8_t from, uint8_t to);
/* A finished item lets go of its group; the last one frees it. [any] */
void group_forget(struct groups *groups, struct group *group);
/* A live item leaves uncounted; the last one frees the group. [any] */
void group_leave(struct groups *groups, struct group *group, uint8_t from);
/* Adds what the store has to totals that were begun without it. [any] */
void group_load(struct group *group, const struct group_totals *stored);

/* Stored form. Decoding: RH_OK or RH_EINVAL. [any] */
void group_encode(const struct group_totals *totals, struct rh_buf *buf);
int32_t group_decode(struct rh_str record, struct group_totals *out);

#endif
