/* The index over all live items and every transition between their states. It stores nothing and
 * answers nobody: after each call the wiring writes what changed. See README.md for the rules of
 * tokens. */
#ifndef RH_PLUGINS_WORK_QUEUE_QUEUE_H
#define RH_PLUGINS_WORK_QUEUE_QUEUE_H

#include "depend.h"
#include "fair.h"
#include "group.h"
#include "lease.h"
#include "stats.h"

/* The bound that queue_max cannot exceed. */
#define QUEUE_ITEMS_MAX 4194304u
/* Leases that one claim looks at to find some to steal. */
#define QUEUE_STEAL_SEEN_MAX 1000u
/* Leases of its node that one claim looks at to find lost ones, the newest first. */
#define QUEUE_LOST_SEEN_MAX 4096u
/* Work types that are paused at once. */
#define QUEUE_PAUSED_MAX 1000u

struct queue_limits {
    uint32_t items_max; /* live items */
    int64_t ageing_ms;  /* waiting worth one point of priority */
    int64_t retry_base_ms;
    int64_t retry_cap_ms;
    int64_t grace_ms;       /* added to leases that are restored */
    int64_t steal_after_ms; /* a lease is not stolen before it is that old */
    struct limits leases;   /* how many at once */
};

/* Now, twice. */
struct queue_time {
    int64_t mono_ms; /* for leases and delays */
    int64_t wall_ms; /* Unix, for what is stored */
};

/* One live item; what the store has besides (payload, checkpoint, error, num_players, key) is not
 * here. */
struct item {
    struct fair_entry entry;  /* seq, enqueued_ms, bucket */
    struct rh_tree_node node; /* in the tree of all, by seq */
    struct rh_heap_node delay;
    uint32_t timeout_ms;
    struct group *group;      /* NULL = none */
    struct lease *lease;      /* leased only */
    struct depend_wait *wait; /* blocked only; NULL until queue_block */
    int64_t due_ms;           /* delayed, and blocked: when the delay ends; monotonic */
    struct token fence;       /* this token and all before it are stale */
    uint32_t max_runtime_ms;  /* 0 = none */
    uint8_t state;
    uint8_t ended_by;
    uint8_t attempts; /* begun, those given back not counted */
    uint8_t max_attempts;
    bool has_checkpoint;
    bool has_files;     /* its spec names inputs or outputs */
    bool has_depends;   /* its spec names items */
    bool is_unresolved; /* while restoring: what it depends on is to be looked up */
};

struct queue {
    struct rh_tree items;
    struct fair fair;
    struct leases leases;
    struct groups groups;
    struct depends depends;
    struct rh_heap delayed;
    struct rh_map paused; /* work type -> the queue */
    struct counters counters;
    struct stats stats;
    struct queue_limits limits;
    struct fair_bucket *woken; /* buckets that got pending items since the last queue_next_woken */
    struct rate done_rate;
    uint64_t commit; /* of what is changed now; set by the wiring, never falls */
    bool is_freed;   /* what kept pending items from claims may be gone: queue_wake_freed */
    uint32_t live[ITEM_STATES];
    uint64_t token_count;
    int64_t clock_ms; /* wall clock that never goes back */
};

/* An empty queue; limits are copied. [any] */
void queue_init(struct queue *queue, uint64_t seed, const struct queue_limits *limits);
void queue_release(struct queue *queue);

/* Begins an activation: sets epoch and activation in the counters (which were restored before),
 * from which tokens are made. The wiring commits them before any token leaves. [any] */
void queue_begin(struct queue *queue, uint64_t epoch);

/* Restoring, in order of numbers; see queue_restore.c. First the spec of each: pending, or delayed
 * as it says. Then its status if it has one: the item gets that state; a finished one leaves the
 * index. Leases get their whole length and the grace. Then queue_block for those that
 * is_unresolved. RH_OK, RH_ENOMEM, RH_EFULL, or RH_EEXISTS for a seq that is there already. [any]
 */
int32_t queue_restore_spec(struct queue *queue, uint64_t seq, const struct item_spec *spec,
                           struct queue_time now);
int32_t queue_restore_status(struct queue *queue, struct item *item,
                             const struct item_status *status, struct queue_time now);

/* A new item, pending or delayed; spec->enqueued_ms is set here. [any]
 * RH_OK; RH_EFULL (items_max live items, or too many kinds of work), RH_ENOMEM: nothing changed. */
int32_t queue_add(struct queue *queue, struct item_spec *spec, struct queue_time now,
                  struct item **out);
/* Takes back the item added last, before its commit. [any] */
void queue_undo_add(struct queue *queue, struct item *item);

/* A pending or delayed item waits for these live ones (distinct numbers, at least one) and is
 * blocked until all are done. RH_OK, RH_ENOMEM or RH_EFULL, nothing changed then. [any] */
int32_t queue_block(struct queue *queue, struct item *item, const uint64_t *seqs, uint32_t count);
/* The next item that a finished one has an effect on, of those whose end is in a commit up to
 * `durable`; NULL = none. *seq is the finished one, *to the item's state: blocked (there are
 * others), pending, delayed, or dead or cancelled as the finished one is: that waits for
 * queue_forget. [any] */
struct item *queue_settle_next(struct queue *queue, uint64_t durable, struct queue_time now,
                               uint64_t *seq, uint8_t *to);

/* A dead item is live again, with all its attempts before it: pending; queue_block may follow. The
 * store's totals of its group are loaded by the caller. RH_OK, RH_EFULL, RH_ENOMEM. [any] */
int32_t queue_revive(struct queue *queue, uint64_t seq, const struct item_spec *spec,
                     const struct item_status *status, struct item **out);

/* No item of the type is given away until it is resumed. RH_OK, RH_EEXISTS (it is already),
 * RH_EFULL or RH_ENOMEM. Resuming: RH_OK or RH_ENOTFOUND. [any] */
int32_t queue_pause(struct queue *queue, struct rh_str work_type);
int32_t queue_resume(struct queue *queue, struct rh_str work_type);

/* Why nothing of a class may be given to a node now, or MATCH_OK. [any] */
uint32_t queue_gate(const struct queue *queue, const struct fair_class *class_,
                    struct rh_str node_id);

/* The live item, or NULL. [any] */
struct item *queue_find(const struct queue *queue, uint64_t seq);
/* The first live item with a seq above after, or NULL. [any] */
struct item *queue_next(const struct queue *queue, uint64_t after);
uint32_t queue_live_count(const struct queue *queue);

/* Gives at most max items to a claim; returns how many. When nothing pending suits and the claim
 * may, items are stolen: *is_stolen, and the wiring makes that durable before it answers. When
 * none, refused[] is raised by reason (items). [any] */
uint32_t queue_claim(struct queue *queue, const struct match_claim *claim, struct queue_time now,
                     struct item **out, uint32_t max, uint64_t *refused, bool *is_stolen);

/* Items whose claimant never heard that it has them, although it asks again, with claim number
 * `poll`: leased to the node by a claim of a smaller number, not started or renewed since, and not
 * among `held` (ascending), which is all that the claimant has. Items that were given to a claim
 * without number are none of them. At most max, the newest first. [any] */
uint32_t queue_lost(const struct queue *queue, struct rh_str node_id, uint64_t poll,
                    const uint64_t *held, uint32_t held_count, struct item **out, uint32_t max);

/* Whether the caller with this token holds the item. An item that is pending because its claim was
 * lost with the activation that gave it is leased to the caller again (*is_adopted). [any] RH_OK,
 * RH_ESTALECLAIM, RH_ENOMEM or RH_EFULL. */
int32_t queue_hold(struct queue *queue, struct item *item, struct token token,
                   struct rh_str node_id, struct queue_time now, bool *is_adopted);

/* Renews the lease; its holder has heard of it. [any] */
void queue_renew(struct queue *queue, struct item *item, struct queue_time now);

/* Ends the attempt of a leased item by `cause` (fail, release, expired, runtime, dead, reaped).
 * may_retry matters for a failure; random is 64 uniform bits for the back-off. Returns the new
 * state: pending, delayed or dead; a dead item waits for queue_forget. [any] */
uint8_t queue_end(struct queue *queue, struct item *item, uint8_t cause, bool may_retry,
                  uint64_t random, struct queue_time now);

/* Finishes a live item: to ITEM_DONE (leased only) or ITEM_CANCELLED. Call queue_forget afterwards.
 * [any] */
void queue_finish(struct queue *queue, struct item *item, uint8_t to, struct queue_time now);

/* Frees a finished item. [any] */
void queue_forget(struct queue *queue, struct item *item);

/* A finished item was deleted from the store. [any] */
void queue_count_pruned(struct queue *queue, uint8_t state);

/* A delayed item whose time has come, now pending, or NULL. [any] */
struct item *queue_due(struct queue *queue, struct queue_time now);
/* A leased item whose lease is over, and *cause (expired or runtime), or NULL. It is still leased.
 * [any] */
struct item *queue_expired(const struct queue *queue, struct queue_time now, uint8_t *cause);
/* When one of the two has something next, monotonic ms; INT64_MAX = never. [any] */
int64_t queue_next_event_ms(const struct queue *queue);

/* A bucket that got pending items since it was last returned, or NULL. [any] */
struct fair_bucket *queue_next_woken(struct queue *queue);

/* Whether any number of leases is limited. [any] */
bool queue_has_limits(const struct queue *queue);
/* Wakes all buckets with pending items if a limit or a pause that kept them may be gone. Of use
 * only while claims are parked. O(kinds of live work), or nothing. [any] */
void queue_wake_freed(struct queue *queue);

/* What the store should hold for a live item, or for one that was just finished; strings are
 * borrowed. [any] */
void queue_status(const struct queue *queue, const struct item *item, struct queue_time now,
                  struct item_status *out);

/* Shared by the files of the queue: a new pending item in all structures; the counts of a move; out
 * of the structure of its state (pending, leased, delayed, blocked); into the delays; into those
 * that claims find; the end of a live item, whose lease stays until queue_forget; a live item
 * leaves uncounted; and it is freed, when it is in no structure but the tree of all. */
int32_t queue_insert(struct queue *queue, uint64_t seq, const struct item_spec *spec,
                     struct item **out);
void queue_move(struct queue *queue, struct item *item, uint8_t to);
void queue_displace(struct queue *queue, struct item *item);
int32_t queue_delay(struct queue *queue, struct item *item, int64_t due_ms);
void queue_offer(struct queue *queue, struct item *item);
void queue_end_live(struct queue *queue, struct item *item, uint8_t to, uint8_t cause,
                    struct queue_time now);
void queue_leave(struct queue *queue, struct item *item);
void queue_drop(struct queue *queue, struct item *item);
/* The clock of enqueued_ms: the wall clock, never back. */
int64_t queue_tick(struct queue *queue, struct queue_time now);

#endif
