/* Which pending item goes next: priority, first in first out, ageing, fair turns between types of
 * work and between configs. It starts no leases.
 *
 * A lane is all pending items of one (work_type, config_key, priority); a bucket is those of a lane
 * that need the same of a node; a row is the lanes of one (work_type, priority). Rows are ordered
 * by max(when the first item came, when the row was last served) - priority * ageing, smallest
 * first, and the lanes of a row likewise. Types of one priority thus take turns whatever they have
 * waiting and in however many configs, and so do the configs of a type; a point of priority is
 * worth `ageing` of waiting; and since the number of an unserved row or lane stands still while
 * others' grow, none starves. Inside a lane the order is that of arrival. A claim walks rows, lanes
 * and buckets, never items: O(log n) when the first bucket suits, and no more than the kinds of
 * pending work otherwise.
 *
 * A class is one (work_type, config_key) of any priority: what limits and counts are about. */
#ifndef RH_PLUGINS_WORK_QUEUE_FAIR_H
#define RH_PLUGINS_WORK_QUEUE_FAIR_H

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/tree.h>

#include "item.h"
#include "match.h"
#include "rate.h"

/* Kinds of live work at once; more are refused at add. */
#define FAIR_BUCKETS_MAX 65536u
/* Classes without live work whose counts are kept for a look. */
#define FAIR_IDLE_MAX 1024u

/* The part of an item that waits. Zero it, then set seq, enqueued_ms and bucket. */
struct fair_entry {
    struct rh_tree_node node; /* in the bucket while pending */
    uint64_t seq;             /* order of arrival, unique */
    int64_t enqueued_ms;      /* never falls as seq grows */
    struct fair_bucket *bucket;
};

/* One (work_type, config_key). All but name, refs and the idle list is its user's. */
struct fair_class {
    struct rh_str work_type; /* inside name */
    struct rh_str config_key;
    uint64_t rules; /* limits that cover it */
    bool is_paused;
    uint32_t counts[ITEM_STATES];         /* live items */
    uint64_t refused[MATCH_REASON_COUNT]; /* since activation, items by reason */
    uint64_t finished[ITEM_STATES];       /* likewise, by final state */
    struct rate done_rate;
    uint32_t refs;
    struct fair_class *prev_idle;
    struct fair_class *next_idle;
    struct rh_str name; /* map key, in the same block */
};

/* Where something stands in an order, smallest first. */
struct fair_place {
    int64_t since; /* of a row less the worth of its priority */
    uint64_t turn;
    uint64_t seq;
};

struct fair_row {
    struct rh_tree_node node;
    struct rh_tree lanes; /* those with pending items */
    struct fair_place place;
    int64_t priority;
    int64_t served_ms;
    uint64_t served_turn;
    uint32_t refs;
    struct rh_str name;
};

struct fair_lane {
    struct rh_tree_node node;
    struct rh_tree buckets; /* those with pending items, by the first one's seq */
    struct fair_row *row;
    struct fair_class *class_;
    struct fair_place place;
    int64_t served_ms;
    uint64_t served_turn;
    uint32_t refs;
    struct rh_str name;
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
    struct rh_map rows;
    struct rh_map lanes;
    struct rh_map buckets;
    struct rh_map classes;
    struct rh_tree order;          /* rows with pending items */
    struct fair_class *idle_first; /* longest idle first */
    struct fair_class *idle_last;
    uint32_t idle_count;
    int64_t ageing_ms;
    uint64_t turn;
    uint32_t pending_count;
};

/* Why nothing of a class may be given to a claim at all, or MATCH_OK. */
typedef uint32_t fair_gate(const void *ctx, const struct fair_class *class_);

/* ageing_ms >= 0: how long a wait is worth one point of priority. [any] */
void fair_init(struct fair *fair, uint64_t seed, int64_t ageing_ms);
/* Frees all but the entries, which are the caller's and must not be used with their buckets any
 * more. [any] */
void fair_release(struct fair *fair);

/* The bucket for a shape, made if need be, with one reference for the caller. *is_new_class: its
 * class was made for it; the caller fills in rules and pause. [any] RH_OK, RH_EFULL at
 * FAIR_BUCKETS_MAX, RH_ENOMEM. */
int32_t fair_bucket_hold(struct fair *fair, const struct match_shape *shape,
                         struct fair_bucket **out, bool *is_new_class);
/* Gives one reference back; the last one frees the bucket. Nothing of it may be pending then. [any]
 */
void fair_bucket_drop(struct fair *fair, struct fair_bucket *bucket);

/* An entry starts or ends waiting. Never fail; O(log n). [any] */
void fair_insert(struct fair *fair, struct fair_entry *entry);
void fair_remove(struct fair *fair, struct fair_entry *entry);

/* Takes out the best entry for a claim that the gate (NULL = none) lets through, and counts the
 * turn for its lane and row; or NULL. now_ms is the clock of enqueued_ms. [any] */
struct fair_entry *fair_take(struct fair *fair, const struct match_claim *claim, int64_t now_ms,
                             fair_gate *gate, const void *ctx);
/* For a claim that got nothing: raises refused (MATCH_REASON_COUNT numbers) and those of the
 * classes by the pending items that each reason kept back. [any] */
void fair_refuse(struct fair *fair, const struct match_claim *claim, fair_gate *gate,
                 const void *ctx, uint64_t *refused);

/* The entry of a bucket that came first; NULL when none is pending. [any] */
struct fair_entry *fair_head(const struct fair_bucket *bucket);

#endif
