/* The work queue: tables and life cycle. Handlers are in wire_*.c, rules in the cores beside them.
 */
#include "wire.h"

#include <assert.h>

static const struct rh_field item_rows[] = {RH_WORK_ADD_ROWS(struct add_fields)};
const struct rh_fields add_item_table = RH_FIELDS(struct add_fields, item_rows);
static const struct rh_field add_rows[] = {
    RH_WORK_ADD_ROWS(struct add_fields), /* the top level has `items` besides */
    RH_OBJECT_LIST(struct add_fields, items, 0, ADD_ITEMS_MAX, struct add_fields, item_rows,
                   "a batch that is added whole or not at all; nothing else beside it"),
};

/* A node's name; never empty, since leases and events name it. */
#define WHO(s, d)                                                              \
    RH_FIELD_ROW_(s, node_id, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1, \
                  .max = ITEM_NAME_MAX, .doc = (d))

static_assert(sizeof(item_rows) / sizeof(item_rows[0]) == RH_WORK_ADD_FIELDS,
              "one given[] for each");

static const struct rh_field gpu_rows[] = {
    RH_INT(struct gpu_fields, count, 0, 0, 64, "devices; 1 when only the others are given"),
    RH_STR(struct gpu_fields, name, 0, "as the driver calls it"),
    RH_INT(struct gpu_fields, vram_mb, 0, 0, ITEM_VRAM_MAX, "memory of one device, MiB"),
};
static const struct rh_field claim_rows[] = {
    WHO(struct claim_fields, "who claims"),
    RH_STR_LIST(struct claim_fields, work_types, 0, "only these; empty = all"),
    RH_STR_LIST(struct claim_fields, capabilities, 0, "what the node can do"),
    RH_STR_LIST(struct claim_fields, board_types, 0, "boards that the node prefers"),
    RH_OBJECT(struct claim_fields, gpu, 0, struct gpu_fields, gpu_rows, "its GPUs"),
    RH_INT(struct claim_fields, max_items, 1, 1, CLAIM_ITEMS_MAX, "how many at most"),
    RH_INT(struct claim_fields, wait_s, 0, 0, CLAIM_WAIT_MAX_S, "wait that long for work"),
    RH_BOOL(struct claim_fields, steal, true,
            "if nothing is pending, take what another node holds and has not started"),
    RH_INT(struct claim_fields, poll, 0, 0, RH_JSON_INT_MAX,
           "number of this claim, larger than of all before by this claimant; 0 = not counted"),
    RH_FIELD_ROW_(struct claim_fields, held, RH_FIELD_STRING_LIST, .max = CLAIM_HELD_MAX,
                  .given_offset = 1 + (uint32_t)offsetof(struct claim_fields, has_held),
                  .doc = "all that the claimant has or is still to report on; what else it was "
                         "given by claims with smaller numbers and has not begun goes back"),
};

#define REPORT_ROWS                                                                     \
    RH_TEXT(struct report_fields, work_id, RH_REQUIRED, ITEM_ID_TEXT_SIZE, "the item"), \
        WHO(struct report_fields, "who reports"),                                       \
        RH_TEXT(struct report_fields, claim_token, 0, TOKEN_TEXT_SIZE,                  \
                "from the claim; required unless configured")
#define CHECKPOINT_ROW                          \
    RH_RAW(struct report_fields, checkpoint, 0, \
           "any JSON, at most 64 KiB, nested 32 deep; given to the next attempt")
static const struct rh_field start_rows[] = {REPORT_ROWS};
static const struct rh_field release_rows[] = {REPORT_ROWS, CHECKPOINT_ROW};
static const struct rh_field heartbeat_rows[] = {
    REPORT_ROWS,
    RH_RAW(struct report_fields, progress, 0,
           "any JSON, at most 4 KiB, nested 32 deep; shown by /work/item"),
    CHECKPOINT_ROW,
};
static const struct rh_field complete_rows[] = {
    REPORT_ROWS,
    RH_RAW_OBJECT(struct report_fields, result, 0, "at most 64 KiB, nested 32 deep"),
};
static const struct rh_field fail_rows[] = {
    REPORT_ROWS,
    RH_FIELD_ROW_(struct report_fields, error, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = ITEM_ERROR_MAX, .doc = "what went wrong"),
    RH_BOOL(struct report_fields, retryable, true, "false: no further attempt"),
    CHECKPOINT_ROW,
};
static const struct rh_field cancel_rows[] = {
    RH_TEXT(struct report_fields, work_id, RH_REQUIRED, ITEM_ID_TEXT_SIZE, "the item"),
};

static const struct rh_field reap_rows[] = {
    RH_TEXT(struct reap_fields, work_id, RH_REQUIRED, ITEM_ID_TEXT_SIZE, "the item"),
    WHO(struct reap_fields, "who holds it, as /work/pending says"),
    RH_INT(struct reap_fields, attempt, 0, 0, ITEM_ATTEMPTS_MAX, "likewise"),
    RH_INT(struct reap_fields, claimed_at, 0, 0, INT64_C(9007199254740991), "likewise; Unix ms"),
    RH_CHOICE(struct reap_fields, cause, RH_REQUIRED, NULL, "stale stuck abandoned",
              "never begun, running too long, or held by a node that is dead"),
    RH_TEXT(struct reap_fields, error, 0, ITEM_NAME_MAX, "kept in the error of the attempt"),
};

/* An empty one is a mistake, not the absence of a filter. */
#define RETRY_TEXT(member, length, text)                                                   \
    RH_FIELD_ROW_(struct retry_fields, member, RH_FIELD_STRING, .min = 1, .max = (length), \
                  .doc = (text))
static const struct rh_field retry_rows[] = {
    RETRY_TEXT(work_id, ITEM_ID_TEXT_SIZE, "this one; else by the others"),
    RETRY_TEXT(work_type, ITEM_NAME_MAX, "only this type"),
    RETRY_TEXT(config_key, ITEM_NAME_MAX, "only this config"),
    RETRY_TEXT(group, ITEM_NAME_MAX, "only this group"),
    RH_BOOL(struct retry_fields, all, false, "every dead item: to be said where nothing else is"),
    RH_INT(struct retry_fields, limit, 100, 1, 500, "items at most, the longest dead first"),
    RH_TEXT(struct retry_fields, after, 0, ITEM_ID_TEXT_SIZE, "`next` of the call before"),
};
#define PAUSED_TYPE                                                                                \
    RH_FIELD_ROW_(struct pause_fields, work_type, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1, \
                  .max = ITEM_NAME_MAX, .doc = "the type")
static const struct rh_field pause_rows[] = {
    PAUSED_TYPE,
    RH_TEXT(struct pause_fields, reason, 0, ITEM_NAME_MAX, "shown by /work/stats"),
};
static const struct rh_field resume_rows[] = {PAUSED_TYPE};

static const struct rh_field pending_rows[] = {
    RH_INT(struct list_fields, limit, 100, 1, 1000, "items at most"),
    RH_TEXT(struct list_fields, after, 0, ITEM_ID_TEXT_SIZE, "`next` of the page before"),
    RH_TEXT(struct list_fields, work_type, 0, ITEM_NAME_MAX, "only this type"),
    RH_TEXT(struct list_fields, config_key, 0, ITEM_NAME_MAX, "only this config"),
    RH_CHOICE(struct list_fields, status, 0, "pending",
              "pending leased delayed blocked done dead cancelled", "only this state"),
};
#define INSTANT_MAX INT64_C(9007199254740991)
static const struct rh_field history_rows[] = {
    RH_INT(struct list_fields, limit, 100, 1, 1000, "items at most"),
    RH_TEXT(struct list_fields, after, 0, ITEM_ID_TEXT_SIZE, "`next` of the page before"),
    RH_TEXT(struct list_fields, work_type, 0, ITEM_NAME_MAX, "only this type"),
    RH_TEXT(struct list_fields, config_key, 0, ITEM_NAME_MAX, "only this config"),
    RH_TEXT(struct list_fields, group, 0, ITEM_NAME_MAX, "only this group"),
    RH_TEXT(struct list_fields, node_id, 0, ITEM_NAME_MAX, "only what this node had last"),
    RH_CHOICE(struct list_fields, status, 0, "any", "any done dead cancelled", "only this state"),
    RH_INT(struct list_fields, since_at, 0, 0, INSTANT_MAX, "finished then or later; Unix ms"),
    RH_INT(struct list_fields, until_at, 0, 0, INSTANT_MAX, "finished before; Unix ms"),
};
static const struct rh_field item_query_rows[] = {
    RH_TEXT(struct list_fields, work_id, RH_REQUIRED, ITEM_ID_TEXT_SIZE, "the item"),
};
static const struct rh_field group_rows[] = {
    RH_TEXT(struct list_fields, group, RH_REQUIRED, ITEM_NAME_MAX, "the group"),
    RH_INT(struct list_fields, limit, 100, 1, 1000, "items at most"),
    RH_TEXT(struct list_fields, after, 0, ITEM_ID_TEXT_SIZE, "`next` of the page before"),
    RH_INT(struct list_fields, wait_s, 0, 0, CLAIM_WAIT_MAX_S,
           "wait that long until the counts are other than those of `seen`"),
    RH_TEXT(struct list_fields, seen, 0, 20, "`version` of an answer; else those of now"),
};

/* Long polls outlast the default timeout. */
#define CLAIM_TIMEOUT_MS ((CLAIM_WAIT_MAX_S + 10) * 1000)

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/work/add", RH_WORKER, 0, RH_FIELDS(struct add_fields, add_rows), handle_add,
             "Add one item, or a batch whole or not at all."),
    RH_ROUTE_WITH("POST", "/work/claim", RH_WORKER, 0, RH_FIELDS(struct claim_fields, claim_rows),
                  handle_claim, "Claim work; wait for it if asked.",
                  .timeout_ms = CLAIM_TIMEOUT_MS),
    RH_ROUTE("POST", "/work/heartbeat", RH_WORKER, RH_IDEMPOTENT,
             RH_FIELDS(struct report_fields, heartbeat_rows), handle_heartbeat,
             "Renew a lease; leave progress or a checkpoint."),
    RH_ROUTE("POST", "/work/start", RH_WORKER, RH_IDEMPOTENT,
             RH_FIELDS(struct report_fields, start_rows), handle_start, "The work has begun."),
    RH_ROUTE("POST", "/work/complete", RH_WORKER, RH_IDEMPOTENT,
             RH_FIELDS(struct report_fields, complete_rows), handle_complete, "The work is done."),
    RH_ROUTE("POST", "/work/fail", RH_WORKER, RH_IDEMPOTENT,
             RH_FIELDS(struct report_fields, fail_rows), handle_fail, "The attempt has failed."),
    RH_ROUTE("POST", "/work/release", RH_WORKER, RH_IDEMPOTENT,
             RH_FIELDS(struct report_fields, release_rows), handle_release,
             "Give an item back; does not count as an attempt."),
    RH_ROUTE("POST", "/work/cancel", RH_WORKER, RH_IDEMPOTENT,
             RH_FIELDS(struct report_fields, cancel_rows), handle_cancel, "Cancel a live item."),
    RH_ROUTE("POST", "/work/reap", RH_OPERATOR, 0, RH_FIELDS(struct reap_fields, reap_rows),
             handle_reap, "End an attempt that will come to nothing, whatever its lease says."),
    RH_ROUTE("POST", "/work/retry", RH_WORKER, RH_IDEMPOTENT,
             RH_FIELDS(struct retry_fields, retry_rows), handle_retry,
             "Let dead items live again, one or those that a filter finds."),
    RH_ROUTE("POST", "/work/pause", RH_OPERATOR, RH_IDEMPOTENT,
             RH_FIELDS(struct pause_fields, pause_rows), handle_pause,
             "Give away nothing of a work type until it is resumed."),
    RH_ROUTE("POST", "/work/resume", RH_OPERATOR, RH_IDEMPOTENT,
             RH_FIELDS(struct pause_fields, resume_rows), handle_resume,
             "Give away work of a type again."),
    RH_ROUTE("GET", "/work/pending", RH_READ, 0, RH_FIELDS(struct list_fields, pending_rows),
             handle_pending, "Items in one state, a page at a time."),
    RH_ROUTE("GET", "/work/history", RH_READ, 0, RH_FIELDS(struct list_fields, history_rows),
             handle_history, "Finished items, the newest first, a page at a time."),
    RH_ROUTE("GET", "/work/item", RH_READ, 0, RH_FIELDS(struct list_fields, item_query_rows),
             handle_item, "One item and all that is known of it."),
    RH_ROUTE_WITH("GET", "/work/group", RH_READ, 0, RH_FIELDS(struct list_fields, group_rows),
                  handle_group, "Counts of a group and its items, a page at a time.",
                  .timeout_ms = CLAIM_TIMEOUT_MS),
    RH_ROUTE("GET", "/work/stats", RH_READ, 0, RH_NO_FIELDS, handle_stats,
             "Counts, and why claims were refused."),
};

static const struct rh_field affinity_rows[] = {
    RH_STR(struct affinity, gpu, RH_REQUIRED, "name of the GPU, * and ? allowed"),
    RH_STR_LIST(struct affinity, board_types, RH_REQUIRED, "boards that such nodes prefer"),
};
static const struct rh_field limit_rows[] = {
    RH_FIELD_ROW_(struct limit_rule, work_type, RH_FIELD_STRING, .fallback = "*",
                  .max = ITEM_NAME_MAX, .doc = "work types that it covers, * and ? allowed"),
    RH_FIELD_ROW_(struct limit_rule, config_key, RH_FIELD_STRING, .fallback = "*",
                  .max = ITEM_NAME_MAX, .doc = "config keys that it covers, * and ? allowed"),
    RH_INT(struct limit_rule, leased_max, 0, 0, QUEUE_ITEMS_MAX,
           "live leases of all that it covers; 0 = no limit"),
    RH_INT(struct limit_rule, per_config_max, 0, 0, QUEUE_ITEMS_MAX,
           "of each type and config that it covers"),
    RH_INT(struct limit_rule, per_node_max, 0, 0, QUEUE_ITEMS_MAX,
           "on each node, of all that it covers"),
};
static const struct rh_field config_rows[] = {
    RH_DURATION(struct config, claim_timeout, "300s", 1000, ITEM_TIMEOUT_MAX_S *INT64_C(1000),
                "the lease of items that name none"),
    RH_INT(struct config, queue_max, 1000000, 1, QUEUE_ITEMS_MAX, "live items at most"),
    RH_INT(struct config, done_kept, 100000, 0, 10000000, "finished items kept for inspection"),
    RH_DURATION(struct config, done_kept_for, "720h", 0, INT64_C(315360000000),
                "how long they are kept; 0 = as long as done_kept says"),
    RH_INT(struct config, node_leases_max, 0, 0, QUEUE_ITEMS_MAX,
           "live leases of one node; 0 = no limit"),
    RH_OBJECT_LIST(struct config, limits, 0, CONFIG_LIMITS_MAX, struct limit_rule, limit_rows,
                   "how many leases there may be at once, by patterns"),
    RH_DURATION(struct config, steal_after, "0s", 0, 3600000,
                "age of a lease from which on an idle node may take it if it was not started"),
    RH_BOOL(struct config, token_optional, false, "let reports go without claim_token"),
    RH_DURATION(struct config, retry_base, "5s", 0, 3600000, "back-off after the first failure"),
    RH_DURATION(struct config, retry_cap, "10m", 0, 86400000, "longest back-off"),
    RH_DURATION(struct config, ageing, "60s", 0, 86400000, "waiting worth one point of priority"),
    RH_DURATION(struct config, restore_grace, "15s", 0, 3600000,
                "added to restored leases after a change of leader"),
    RH_OBJECT_LIST(struct config, affinity, 0, 64, struct affinity, affinity_rows,
                   "preferred boards of nodes that name none, by GPU"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED,
     .name = WORK_NAMESPACE,
     .schema_read_min = 2,
     .schema_write = 2},
};

static int32_t create(void *instance, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct work_queue *self = instance;

    rh_services_init(&self->rh, ctx, host);
    self->config = config;
    self->timer_at_ms = INT64_MAX;
    return RH_OK;
}

static void on_change(void *instance, uint32_t changed)
{
    struct work_queue *self = instance;

    if (changed & RH_CHANGE_PEERS)
        wire_check_nodes(self);
}

static int32_t start(void *instance)
{
    struct work_queue *self = instance;

    return self->rh.cluster->watch(self->rh.ctx, RH_CHANGE_PEERS, on_change);
}

static int32_t activate(void *instance, uint64_t epoch)
{
    return wire_load(instance, epoch);
}

static void deactivate(void *instance)
{
    wire_unload(instance);
}

static int32_t reconfigure(void *instance, const void *config)
{
    struct work_queue *self = instance;

    self->config = config;
    return RH_OK;
}

static const char *const services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID, RH_STATE_ID,
                                       RH_CLUSTER_ID};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct work_queue, "work_queue", "0.1.0"),
    .summary = "Durable queue of work items with leases, fencing tokens and fair matching.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct config, config_rows),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = create,
    .start = start,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("work_queue", "0.1.0", descriptor)
