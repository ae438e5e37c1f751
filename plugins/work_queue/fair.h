/* Which pending item goes next: priority, first in first out, ageing, fair turns between configs.
 * It starts no leases.
 *
 * A lane is all pending items of one (work_type, config_key, priority); a bucket is those of a lane
 * that need the same of a node. Lanes are ordered by max(when the first item came, when the lane
 * was last served) - priority * ageing, smallest first. Lanes of one priority thus take turns,
 * whatever their lengths; a point of priority is worth `ageing` of waiting; and since the number of
 * an unserved lane stands still while others' grow, none starves. Inside a lane the order is that
 * of arrival. A claim walks lanes and buckets, never items: O(log n) when the first bucket suits,
 * and no more than the kinds of pending work otherwise. */
#ifndef RH_PLUGINS_WORK_QUEUE_FAIR_H
#define RH_PLUGINS_WORK_QUEUE_FAIR_H

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/tree.h>

#include "item.h"
#include "match.h"

/* Kinds of live work at once; more are refused at add. */
#define FAIR_BUCKETS_MAX 65536u

/* The part of an item that waits. Zero it, then set seq, enqueued_ms and bucket. */
struct fair_entry {
    struct rh_tree_node node; /* in the bucket while pending */
    uint64_t seq;             /* order of arrival, unique */
    int64_t enqueued_ms;      /* never falls as seq grows */
    struct fair_bucket *bucket;
};

struct fair_lane {
    struct rh_tree_node node;
    struct rh_tree buckets; /* those with pending items, by the first one's seq */
    int64_t key;            /* cached place in the order */
    int64_t priority;
    int64_t served_ms;
    uint64_t served_turn;
    uint64_t head_seq;
    uint32_t refs;
    struct rh_str name; /* map key, in the same block */
};

struct fair_bucket {
    struct rh_tree_node node;
    struct rh_tree pending;
    struct fair_lane *lane;
    struct match_shape shape;
    uint64_t head_seq;
    uint32_t refs;                  /* live items */
    uint32_t counts[ITEM_STATES];   /* kept by the owner of the items */
    struct fair_bucket *next_woken; /* list of the owner; is_woken says whether it is in it */
    bool is_woken;
    struct rh_str name;
};

struct fair {
    struct rh_map lanes;
    struct rh_map buckets;
    struct rh_tree order; /* lanes with pending items */
    int64_t ageing_ms;
    uint64_t turn;
    uint32_t pending_count;
};

/* ageing_ms >= 0: how long a wait is worth one point of priority. [any] */
void fair_init(struct fair *fair, uint64_t seed, int64_t ageing_ms);
/* Frees lanes and buckets. Entries are the caller's and must not be used with their buckets any
 * more. [any] */
void fair_release(struct fair *fair);

/* The bucket for a shape, made if need be, with one reference for the caller. [any]
 * RH_OK, RH_EFULL at FAIR_BUCKETS_MAX, RH_ENOMEM. */
int32_t fair_bucket_hold(struct fair *fair, const struct match_shape *shape,
                         struct fair_bucket **out);
/* Gives one reference back; the last one frees the bucket. Nothing of it may be pending then. [any]
 */
void fair_bucket_drop(struct fair *fair, struct fair_bucket *bucket);

/* An entry starts or ends waiting. Never fail; O(log n). [any] */
void fair_insert(struct fair *fair, struct fair_entry *entry);
void fair_remove(struct fair *fair, struct fair_entry *entry);

/* Takes out the best entry for a claim and counts the turn for its lane, or NULL; refused
 * (MATCH_REASON_COUNT numbers, may be NULL) is raised by the pending items that each reason kept
 * back. now_ms is the clock of enqueued_ms. [any] */
struct fair_entry *fair_take(struct fair *fair, const struct match_claim *claim, int64_t now_ms,
                             uint64_t *refused);

#endif
