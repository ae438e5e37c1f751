/* What the wiring files of the queue share: the instance, its configuration, reading and writing
 * the store. */
#ifndef RH_PLUGINS_WORK_QUEUE_WIRE_H
#define RH_PLUGINS_WORK_QUEUE_WIRE_H

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/emit.h>
#include <ringhost/sdk/key.h>
#include <ringhost/sdk/plugin.h>

#include "overlay.h"
#include "queue.h"
#include "waiters.h"

#define WORK_NAMESPACE "work"

/* Items in one add. */
#define ADD_ITEMS_MAX 500u
/* Fields of an item. */
#define ADD_FIELDS 15u
/* Items in one claim, and the longest wait. */
#define CLAIM_ITEMS_MAX  64
#define CLAIM_WAIT_MAX_S 30

/* Rows of the store, by the first byte of their keys; most are followed by the item's number. */
enum {
    ROW_CHECKPOINT = 'c',
    ROW_COUNTERS = 'C', /* alone */
    ROW_ERROR = 'e',
    ROW_FINISHED = 'f', /* finish number -> item and state */
    ROW_MEMBER = 'g',   /* group, item -> nothing */
    ROW_GROUP = 'G',    /* group -> totals */
    ROW_SPEC = 'i',
    ROW_IDEMPOTENCY = 'k', /* idempotency key -> item */
    ROW_PAYLOAD = 'p',
    ROW_PROGRESS = 'q',
    ROW_RESULT = 'r',
    ROW_STATUS = 's',
};

struct affinity {
    struct rh_str gpu; /* glob */
    struct rh_str_list board_types;
};

struct config {
    int64_t claim_timeout;
    int64_t queue_max;
    int64_t done_kept;
    int64_t retry_base;
    int64_t retry_cap;
    int64_t ageing;
    int64_t restore_grace;
    struct rh_list affinity;
    int32_t token_optional;
};

struct work_queue {
    struct rh_services rh;
    const struct config *config;
    struct queue queue;
    struct waiters waiters;
    struct overlay overlay;
    struct rh_batch_builder batch;
    uint64_t commit;     /* number of the batch under construction, or of the last one */
    uint64_t durable;    /* number of the newest batch that is durable */
    uint64_t begun;      /* number of the batch that holds this activation's number */
    uint64_t generation; /* of the activation; posts of an older one do nothing */
    uint64_t load_after; /* items up to this one are loaded */
    uint32_t load_group; /* cursor into the groups whose totals are being loaded */
    rh_handle timer;
    int64_t timer_at_ms; /* when it fires; INT64_MAX = not armed */
    int32_t store_rc;    /* first failure of the batch under construction */
    bool is_built;       /* queue, waiters and overlay exist */
    bool is_pruning;
};

/* Both clocks. */
struct queue_time wire_now(const struct work_queue *self);

/* -- wire_store.c: one batch at a time; reads see what was written before, committed or not -- */

void store_begin(struct work_queue *self);
/* Submits it. RH_OK or a negative code, nothing is written then. */
int32_t store_commit(struct work_queue *self, bool is_lazy);
/* Forgets the batch; only while it holds new keys alone. */
void store_abort(struct work_queue *self);
void store_put(struct work_queue *self, const struct rh_key *key, struct rh_str value);
void store_delete(struct work_queue *self, const struct rh_key *key);
/* *found and *value, borrowed until the next read or write. RH_OK or a negative code. */
int32_t store_get(struct work_queue *self, const struct rh_key *key, struct rh_str *value,
                  bool *found);

/* Keys. */
struct rh_key key_of(uint8_t row);
struct rh_key key_of_seq(uint8_t row, uint64_t seq);
struct rh_key key_of_name(uint8_t row, struct rh_str name);
struct rh_key key_of_member(struct rh_str group, uint64_t seq);

/* Rows of one item. get: empty when absent. */
void store_put_seq(struct work_queue *self, uint8_t row, uint64_t seq, struct rh_str value);
struct rh_str store_get_seq(struct work_queue *self, uint8_t row, uint64_t seq);
/* RH_OK, RH_ENOTFOUND or RH_EIO for a broken record; strings borrowed as in store_get. */
int32_t store_get_status(struct work_queue *self, uint64_t seq, struct item_status *out);
int32_t store_get_spec(struct work_queue *self, uint64_t seq, struct item_spec *out,
                       struct rh_str *requires);
void store_put_status(struct work_queue *self, const struct item *item);
/* Whether the activation and all that was written of the item's spec and status are durable. */
bool store_is_settled(const struct work_queue *self, const struct item *item);
/* Batch `commit` is durable, and all before it. */
void store_settle(struct work_queue *self, uint64_t commit);
void store_put_counters(struct work_queue *self);
void store_put_group(struct work_queue *self, const struct group *group);
/* Reads the totals of a group that has just got its first live item. */
int32_t store_load_group(struct work_queue *self, struct group *group);
/* Everything that a finished item leaves: status, error, place in the order of finishing, counts,
 * event. */
void store_put_finished(struct work_queue *self, const struct item *item, struct rh_str result,
                        struct rh_str error);

/* -- wire_timer.c -- */

/* Sets the timer for what comes next. Call at the end of every callback that changed leases, delays
 * or waiters. */
void wire_arm(struct work_queue *self);
/* What every callback that changed something does last, after its commit: wake parked claims,
 * delete what is too old, set the timer. */
void wire_settle(struct work_queue *self);
/* Ends what is over now: delays, leases, parked claims. */
void wire_tick(struct work_queue *self);
/* Ends all leases of nodes that are dead. */
void wire_check_nodes(struct work_queue *self);
/* Ends one attempt in the batch under construction and writes it; error is why. Frees a dead item.
 */
uint8_t wire_end_attempt(struct work_queue *self, struct item *item, uint8_t cause, bool may_retry,
                         struct rh_str error);
/* Deletes old finished items if there are too many. */
void wire_prune(struct work_queue *self);

/* -- wire_claim.c -- */

/* Gives newly pending items to parked claims. Call after the commit that made them pending. */
void wire_wake(struct work_queue *self);
/* Answers a parked claim that got nothing, and forgets it. */
void wire_unpark(struct work_queue *self, struct waiter *waiter);

/* -- wire_read.c -- */

/* What every reply about a live item has, into an open object. */
void wire_write_item(struct work_queue *self, struct rh_json_writer *w, const struct item *item);
void wire_write_shape(struct rh_json_writer *w, const struct match_shape *shape);
/* Where a page begins; an empty text is the beginning. RH_EINVAL for what no page gave out. */
int32_t wire_read_after(struct work_queue *self, struct rh_str text, uint64_t *after);

/* -- wire_load.c -- */

int32_t wire_load(struct work_queue *self, uint64_t epoch);
void wire_unload(struct work_queue *self);

/* Requests and handlers. */
struct add_fields {
    struct rh_str work_type, config_key, board_type, group, idempotency_key, target_node, payload;
    struct rh_str_list requires;
    struct rh_list items; /* top level only */
    int64_t num_players, priority, min_vram_mb, timeout_s, max_runtime_s, max_attempts;
    int32_t needs_gpu;
    uint8_t given[ADD_FIELDS]; /* 1 for each field but items that was given */
};

struct gpu_fields {
    struct rh_str name;
    int64_t count, vram_mb;
};

struct claim_fields {
    struct rh_str node_id;
    struct rh_str_list work_types, capabilities, board_types;
    struct gpu_fields gpu;
    int64_t max_items, wait_s;
};

struct report_fields {
    struct rh_str work_id, node_id, claim_token, result, error, progress, checkpoint;
    int32_t retryable;
};

struct list_fields {
    struct rh_str work_id, group, after, work_type, config_key, status;
    int64_t limit;
};

int32_t handle_add(void *instance, rh_req req, const void *fields);
int32_t handle_claim(void *instance, rh_req req, const void *fields);
int32_t handle_heartbeat(void *instance, rh_req req, const void *fields);
int32_t handle_start(void *instance, rh_req req, const void *fields);
int32_t handle_complete(void *instance, rh_req req, const void *fields);
int32_t handle_fail(void *instance, rh_req req, const void *fields);
int32_t handle_release(void *instance, rh_req req, const void *fields);
int32_t handle_cancel(void *instance, rh_req req, const void *fields);
int32_t handle_pending(void *instance, rh_req req, const void *fields);
int32_t handle_item(void *instance, rh_req req, const void *fields);
int32_t handle_group(void *instance, rh_req req, const void *fields);
int32_t handle_stats(void *instance, rh_req req, const void *fields);

#endif
