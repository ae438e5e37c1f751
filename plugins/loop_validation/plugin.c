/* The loop_validation plugin: each model that was trained plays one thorough gauntlet. A run is in
 * wire_find.c and wire_play.c. */
#include "wire.h"

#define INTERVAL_MS 300000
#define LIST_MAX    500

struct list_req {
    struct rh_str after;
    int64_t limit;
};
static const struct rh_field list_fields[] = {
    RH_TEXT(struct list_req, after, 0, MODEL_NAME_SIZE - 1, "models after this one"),
    RH_INT(struct list_req, limit, 100, 1, LIST_MAX, "how many at most"),
};
static int32_t handle_list(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("GET", "/validation/list", RH_READ, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct list_req, list_fields), handle_list,
             "Models that were trained, and the gauntlet of each, by name."),
};

struct event_result {
    struct rh_str model;
};
struct trained_event {
    struct rh_str work_id;
    struct rh_str config_key;
    struct event_result result;
};
static const struct rh_field result_fields[] = {
    RH_STR(struct event_result, model, 0, "name of the model"),
};
static const struct rh_field trained_fields[] = {
    RH_STR(struct trained_event, work_id, 0, "the training"),
    RH_STR(struct trained_event, config_key, 0, "board and players"),
    RH_OBJECT(struct trained_event, result, 0, struct event_result, result_fields,
              "what came of it"),
};
static const struct rh_fields trained_table = RH_FIELDS(struct trained_event, trained_fields);

static int32_t handle_list(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct list_req *asked = fields;
    struct rh_json_reply reply;
    int32_t rc;

    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "models");
    rh_json_begin_array(&reply.w);
    rc = models_list(p, asked->after, (uint32_t)asked->limit, &reply.w);
    rh_json_end_array(&reply.w);
    if (rc == RH_OK)
        return rh_json_reply_send(&reply, &p->rh, req, 200);
    rh_buf_release(&reply.buf);
    return rc;
}

/* The name is kept now; a later run finds by the history what is missed here. */
static void on_trained(void *self, const struct rh_event *event)
{
    struct plugin *p = self;
    struct model model = {.wanted_at_ms = p->rh.core->wall_ms(p->rh.ctx)};
    struct trained_event trained;
    struct rh_batch_builder batch;
    void *memory = NULL;
    int32_t rc;

    if (!p->config->enabled || p->config->dry_run || rh_leader_epoch(&p->rh) == 0 ||
        p->rh.fields->decode(p->rh.ctx, &trained_table, event->payload, &trained, &memory, NULL,
                             0) != RH_OK)
        return;
    rc = trained.result.model.n > 0
             ? rh_str_copy(model.name, sizeof(model.name), trained.result.model)
             : RH_EINVAL;
    if (rc == RH_OK)
        rc = rh_str_copy(model.work_id, sizeof(model.work_id), trained.work_id);
    if (rc == RH_OK)
        rc = rh_str_copy(model.config_key, sizeof(model.config_key), trained.config_key);
    p->rh.fields->release(p->rh.ctx, memory);
    if (rc != RH_OK)
        return;
    rh_batch_begin(&batch, VALIDATION_NAMESPACE);
    if (validation_want(p, &batch, &model) == RH_OK && batch.op_count > 0)
        (void)rh_batch_commit(&batch, &p->rh, NULL, NULL);
    else
        rh_batch_release(&batch);
}

static int32_t run_validation(void *self)
{
    struct plugin *p = self;
    int32_t rc;

    p->epoch = rh_leader_epoch(&p->rh);
    if (p->epoch == 0)
        return RH_OK; /* it has just ceased to lead */
    rh_loop_actions_begin(&p->actions, &p->rh, VALIDATION_LOOP, p->config->dry_run != 0);
    rc = validation_find(p);
    return rc == RH_OK ? RH_PENDING : rc;
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .flags = RH_LEADER,
     .name = VALIDATION_LOOP,
     .doc = "Starts one thorough gauntlet for each model that was trained.",
     .interval_ms = INTERVAL_MS,
     .jitter_ms = INTERVAL_MS / 10,
     .run = run_validation},
};

static const struct rh_event_def events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def),
     .type = "TRAINING_COMPLETED",
     .on_event = on_trained},
};

static const struct rh_field rule_fields[] = {
    RH_FIELD_ROW_(struct rule_config, config_key, RH_FIELD_STRING, .fallback = "*", .max = 256,
                  .doc = "of the training, * and ? allowed; the first entry that covers it counts"),
    RH_STR_LIST(struct rule_config, baselines, RH_REQUIRED,
                "players of the gauntlet's configuration"),
    RH_INT(struct rule_config, board_size, 9, 2, 25, "lines of the board"),
    RH_NUMBER(struct rule_config, komi, 7.5, -400, 400, "points for white"),
    RH_INT(struct rule_config, priority, 60, 0, 100, "of the games"),
    RH_STR_LIST(struct rule_config, requires, 0, "capabilities that a node must have"),
    RH_BOOL(struct rule_config, needs_gpu, false, "only on nodes with a GPU"),
};
static const struct rh_field config_fields[] = {
    RH_LOOP_ROWS(struct validation_config, loop_validation, "300s"),
    RH_OBJECT_LIST(struct validation_config, gauntlets, 0, 64, struct rule_config, rule_fields,
                   "how models are validated, by config"),
    RH_INT(struct validation_config, starts_max, 3, 1, VALIDATION_STARTS_MAX,
           "gauntlets that one run starts at most"),
    RH_INT(struct validation_config, keep_max, 10000, 100, 100000,
           "models that are remembered; those that began to play go first, by age"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED | RH_NS_BESIDE,
     .name = VALIDATION_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static int32_t reconfigure(void *self, const void *config)
{
    struct plugin *p = self;
    const struct validation_config *wanted = config;

    for (uint32_t i = 0; i < wanted->gauntlets.count && wanted->enabled; i++) {
        const struct rule_config *rule = (const struct rule_config *)wanted->gauntlets.items + i;

        if (rule->baselines.count == 0)
            return rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("gauntlets.%u", i).text,
                                  "\"%.*s\" has no baselines", RH_STR_ARG(rule->config_key));
    }
    p->config = wanted;
    return RH_OK;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    return reconfigure(p, config);
}

static void deactivate(void *self)
{
    rh_loop_actions_drop(&((struct plugin *)self)->actions);
}

static const char *const services[] = {RH_CORE_ID,  RH_FIELDS_ID, RH_HTTP_ID,
                                       RH_STATE_ID, RH_EVENTS_ID, RH_CLUSTER_ID};
static const char *const after[] = {"work_queue", "gauntlet"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "loop_validation", "0.1.0"),
    .summary = "Has each trained model play one thorough gauntlet.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 2,
    .config = RH_FIELDS(struct validation_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(events, event),
    RH_TABLE(loops, loop),
    .create = create,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("loop_validation", "0.1.0", descriptor)
