/* What the wiring files of the queue share: the instance, its configuration, reading and writing
 * the store. */
#ifndef RH_PLUGINS_WORK_QUEUE_WIRE_H
#define RH_PLUGINS_WORK_QUEUE_WIRE_H

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/emit.h>
#include <ringhost/sdk/key.h>
#include <ringhost/sdk/plugin.h>
#include <ringhost/sdk/request_key.h>
#include <ringhost/sdk/work_add.h>

#include "cursor.h"
#include "overlay.h"
#include "queue.h"
#include "waiters.h"

#define WORK_NAMESPACE "work"

/* Items in one add. */
#define ADD_ITEMS_MAX 500u
/* Rules that limit leases, in the configuration. */
#define CONFIG_LIMITS_MAX 64u
/* Requests that wait for a change of their group at once; one more is answered at once. */
#define GROUP_WAITS_MAX 256u
/* Items in one claim, and the longest wait. */
#define CLAIM_ITEMS_MAX  64
#define CLAIM_WAIT_MAX_S 30
/* Items that a claim says it holds, and of those that it does not hold, how many go back at once:
 * the next claim goes on. */
#define CLAIM_HELD_MAX 512u
#define CLAIM_LOST_MAX 128u

/* Rows of the store, by the first byte of their keys; most are followed by the item's number. */
enum {
    ROW_CHECKPOINT = 'c',
    ROW_COUNTERS = 'C', /* alone */
    ROW_ERROR = 'e',
    ROW_FINISHED = 'f', /* finish number -> item, state, when */
    ROW_MEMBER = 'g',   /* group, item -> nothing */
    ROW_GROUP = 'G',    /* group -> totals */
    ROW_SPEC = 'i',
    ROW_IDEMPOTENCY = 'k', /* idempotency key -> item, digest of what was asked */
    ROW_PAYLOAD = 'p',
    ROW_PAUSED = 'P', /* work type -> since when */
    ROW_PROGRESS = 'q',
    ROW_RESULT = 'r',
    ROW_STATUS = 's',
};

struct affinity {
    struct rh_str gpu; /* glob */
    struct rh_str_list board_types;
};

struct config {
    struct rh_list limits; /* struct limit_rule */
    int64_t node_leases_max;
    int64_t steal_after;
    int64_t done_kept_for;
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

struct list_fields;

/* A parked request for a group; its fields live until it is answered. */
struct group_wait {
    rh_req req;
    const struct list_fields *fields;
    uint64_t seen; /* version of the counts */
    int64_t until_ms;
};

struct work_queue {
    struct group_wait group_waits[GROUP_WAITS_MAX];
    uint32_t group_wait_count;
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
    int64_t prune_at_ms; /* monotonic; when the oldest finished item is too old; INT64_MAX = none */
    bool is_built;       /* queue, waiters and overlay exist */
    bool is_pruning;
    bool is_draining; /* a post is under way that goes on with wire_drain */
};

struct add_fields;

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

/* Rows of one item. read: *value is empty when there is none; RH_OK or a negative code. get: empty
 * also when it cannot be read, which matters to nobody who only shows it. */
void store_put_seq(struct work_queue *self, uint8_t row, uint64_t seq, struct rh_str value);
int32_t store_read_seq(struct work_queue *self, uint8_t row, uint64_t seq, struct rh_str *value);
struct rh_str store_get_seq(struct work_queue *self, uint8_t row, uint64_t seq);
/* RH_OK, RH_ENOTFOUND only where there is none, RH_EIO for a broken record, or another code when it
 * cannot be read; strings borrowed as in store_get. */
int32_t store_get_status(struct work_queue *self, uint64_t seq, struct item_status *out);
int32_t store_get_spec(struct work_queue *self, uint64_t seq, struct item_spec *out,
                       struct item_lists *lists);
/* The item of an idempotency key, and the digest of what was asked (may be NULL); RH_ENOTFOUND. */
int32_t store_get_keyed(struct work_queue *self, struct rh_str idempotency_key, uint64_t *seq,
                        uint64_t *asked);
void store_put_keyed(struct work_queue *self, struct rh_str idempotency_key, uint64_t seq,
                     uint64_t asked);
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

/* -- wire_refuse.c -- */

/* Why an add was refused. All-zero: not for anything that the caller has said. */
struct add_refusal {
    const char *field;  /* of the item, static */
    uint32_t index;     /* of the item in its batch, or ADD_NO_INDEX: the batch as a whole */
    uint64_t first_seq; /* item of another request with the same key; 0 = that is not why */
    struct rh_str key;
    char text[RH_TEXT_MAX / 2]; /* goes on after the field: "is required" */
};
#define ADD_NO_INDEX UINT32_MAX

/* Notes field and words, and returns rc. */
int32_t wire_refuse_add(struct add_refusal *why, int32_t rc, const char *field, const char *format,
                        ...) __attribute__((format(printf, 4, 5)));
/* Answers 429 with the time in which about `count` items will be over. */
int32_t wire_refuse_full(struct work_queue *self, rh_req req, uint32_t count);
/* Answers an add of which nothing was kept, with the field and, in a batch, its item; returns rc,
 * unanswered, when *why says nothing. */
int32_t wire_reply_refusal(struct work_queue *self, rh_req req, int32_t rc,
                           const struct add_refusal *why, bool is_batch);

/* -- wire_depend.c -- */

/* What an item waits for, as numbers. */
struct depend_list {
    uint64_t all[ITEM_DEPENDS_MAX];  /* each once */
    uint64_t live[ITEM_DEPENDS_MAX]; /* of these */
    uint32_t count;
    uint32_t live_count;
    uint64_t failed; /* one that is dead or cancelled; 0 = none */
    uint8_t failed_state;
};

/* An order for the items of a batch in which nobody comes before whom it depends on. RH_EINVAL with
 * *why about a circle or a place that is none. */
int32_t wire_order(struct work_queue *self, const struct add_fields *items, uint32_t stride,
                   uint32_t count, uint32_t *order, struct add_refusal *why);
/* The numbers that the texts of depends_on mean; seqs are those of the batch so far, by index. All
 * known and none dead or cancelled, else an error with *why. */
int32_t wire_read_depends(struct work_queue *self, const struct rh_str_list *texts,
                          const uint64_t *seqs, struct depend_list *out, struct add_refusal *why);
/* Sorts all[0..count) into live and failed ones; an item that is not stored any more was done. */
int32_t wire_sort_depends(struct work_queue *self, struct depend_list *list);
/* After activation: blocks the items in (first, last] that wait for others. */
int32_t wire_restore_depends(struct work_queue *self, uint64_t first, uint64_t last);
/* Passes on what durable ends of items mean for those that wait for them. */
void wire_drain(struct work_queue *self);

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

/* -- wire_prune.c -- */

/* Deletes finished items that are too many or too old. */
void wire_prune(struct work_queue *self);
/* The item that is now the oldest of the finished ones finished then (Unix ms); 0 = none. */
void wire_prune_from(struct work_queue *self, int64_t finished_at_ms);

/* -- wire_claim.c -- */

/* Gives newly pending items to parked claims. Call after the commit that made them pending. */
void wire_wake(struct work_queue *self);
/* Answers a parked claim that got nothing, and forgets it. */
void wire_unpark(struct work_queue *self, struct waiter *waiter);

/* -- wire_lost.c -- */

struct claim_fields;

/* Gives back what the claimant was given and does not know of, before its claim is served. RH_OK,
 * RH_EINVAL when the claim says `held` and no `poll`, or what the store says. */
int32_t wire_take_back(struct work_queue *self, const struct claim_fields *f);

/* -- wire_read.c -- */

/* What every reply about a live item has, into an open object. */
void wire_write_item(struct work_queue *self, struct rh_json_writer *w, const struct item *item);
void wire_write_shape(struct rh_json_writer *w, const struct match_shape *shape);
/* An item that is over, from the store. */
int32_t wire_write_finished(struct work_queue *self, struct rh_json_writer *w, uint64_t seq,
                            const struct item_status *status);
/* The names in a spec that matching does not look at: inputs, outputs, depends_on; if any. RH_OK,
 * or a negative code when they cannot be read. */
int32_t wire_write_names(struct work_queue *self, struct rh_json_writer *w, uint64_t seq);
/* Whether type and config are those that a list asks for. */
bool wire_is_wanted(const struct list_fields *f, struct rh_str work_type, struct rh_str config_key);
/* Ends a list of items by id, or one that has cursors: `next`, null for 0. */
void wire_write_next(struct rh_json_writer *w, uint64_t next);
void wire_write_cursor(struct rh_json_writer *w, enum cursor_list list, uint64_t next);
/* Where a page begins; an empty text is the beginning. RH_EINVAL for what no page of the list gave
 * out. */
int32_t wire_read_after(struct work_queue *self, struct rh_str text, uint64_t *after);
int32_t wire_read_cursor(struct work_queue *self, enum cursor_list list, struct rh_str text,
                         uint64_t *after);

/* -- wire_history.c -- */

/* A place in the order of finishing. */
struct place {
    uint64_t finish_no;
    uint64_t seq;
    int64_t finished_at_ms;
    uint8_t state;
};

/* At most limit places (RH_SCAN_ROWS_MAX) after a finish number, or before it, newest first; 0 =
 * from the end. They are copied, since other reads follow. */
int32_t wire_read_places(struct work_queue *self, uint64_t from, bool is_reverse, uint32_t limit,
                         struct place *out, uint32_t *count, bool *more);

/* One page of finished items in that state, in order of finishing; *next is a finish number. */
int32_t wire_list_finished(struct work_queue *self, const struct list_fields *f, uint8_t state,
                           uint64_t after, struct rh_json_writer *w, uint64_t *next);

/* -- wire_pause.c -- */

int32_t wire_load_paused(struct work_queue *self);
void wire_write_paused(struct work_queue *self, struct rh_json_writer *w);

/* -- wire_group.c -- */

/* Answers whoever waits for a group that has changed, or has waited long enough. */
void wire_check_groups(struct work_queue *self);
int64_t wire_groups_until_ms(const struct work_queue *self);

/* -- wire_load.c -- */

int32_t wire_load(struct work_queue *self, uint64_t epoch);
void wire_unload(struct work_queue *self);

/* Requests and handlers. */
struct add_fields {
    struct rh_str work_type, config_key, board_type, group, idempotency_key, target_node, payload;
    struct rh_str_list requires, depends_on, inputs, outputs;
    struct rh_list items; /* top level only */
    int64_t num_players, priority, min_vram_mb, timeout_s, max_runtime_s, max_attempts, delay_s;
    int32_t needs_gpu;
    uint8_t given[RH_WORK_ADD_FIELDS]; /* 1 for each field but items that was given */
};

struct gpu_fields {
    struct rh_str name;
    int64_t count, vram_mb;
};

struct claim_fields {
    struct rh_str node_id;
    struct rh_str_list work_types, capabilities, board_types, held;
    struct gpu_fields gpu;
    int64_t max_items, wait_s, poll;
    int32_t steal;
    uint8_t has_held;
};

struct report_fields {
    struct rh_str work_id, node_id, claim_token, result, error, progress, checkpoint;
    int32_t retryable;
};

struct reap_fields {
    struct rh_str work_id, node_id, cause, error;
    int64_t attempt, claimed_at;
};

struct list_fields {
    struct rh_str work_id, group, after, work_type, config_key, status, node_id, seen;
    int64_t limit, since_at, until_at, wait_s;
};

struct retry_fields {
    struct rh_str work_id, group, work_type, config_key, after;
    int64_t limit;
    int32_t all;
};

struct pause_fields {
    struct rh_str work_type, reason;
};

/* plugin.c: the fields of one item, in a batch or alone. */
extern const struct rh_fields add_item_table;

int32_t handle_add(void *instance, rh_req req, const void *fields);
int32_t handle_claim(void *instance, rh_req req, const void *fields);
int32_t handle_heartbeat(void *instance, rh_req req, const void *fields);
int32_t handle_start(void *instance, rh_req req, const void *fields);
int32_t handle_complete(void *instance, rh_req req, const void *fields);
int32_t handle_fail(void *instance, rh_req req, const void *fields);
int32_t handle_release(void *instance, rh_req req, const void *fields);
int32_t handle_reap(void *instance, rh_req req, const void *fields);
int32_t handle_cancel(void *instance, rh_req req, const void *fields);
int32_t handle_retry(void *instance, rh_req req, const void *fields);
int32_t handle_pause(void *instance, rh_req req, const void *fields);
int32_t handle_resume(void *instance, rh_req req, const void *fields);
int32_t handle_pending(void *instance, rh_req req, const void *fields);
int32_t handle_history(void *instance, rh_req req, const void *fields);
int32_t handle_item(void *instance, rh_req req, const void *fields);
int32_t handle_group(void *instance, rh_req req, const void *fields);
int32_t handle_stats(void *instance, rh_req req, const void *fields);

#endif
