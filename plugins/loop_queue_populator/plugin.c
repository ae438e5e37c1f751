/* The loop_queue_populator plugin: the leader keeps work of each configured kind in the queue. What
 * a run does is in wire_run.c, how much of what in mix.c. */
#include <string.h>

#include "wire.h"

#define INTERVAL_MS 60000

struct top_up_req {
    struct rh_str node_id;
};
static const struct rh_field top_up_fields[] = {
    RH_TEXT(struct top_up_req, node_id, RH_REQUIRED, INTENT_NAME_SIZE - 1, "who is idle"),
};
static int32_t handle_top_up(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/populator/top-up", RH_PEER, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct top_up_req, top_up_fields), handle_top_up,
             "A node is idle: fill up the configs that it plays, now."),
};

struct idle_event {
    struct rh_str node_id;
};
static const struct rh_field idle_fields[] = {
    RH_STR(struct idle_event, node_id, RH_REQUIRED, "who is idle"),
};
static const struct rh_fields idle_table = RH_FIELDS(struct idle_event, idle_fields);

const struct template_config *populator_template(const struct plugin *p, uint32_t index)
{
    return (const struct template_config *)p->config->templates.items + index;
}

const struct target_config *populator_target(const struct plugin *p, uint32_t index)
{
    return (const struct target_config *)p->config->configs.items + index;
}

static int32_t handle_top_up(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct top_up_req *asked = fields;
    struct rh_json_reply reply;

    /* Several nodes at once are served by one run of all. */
    if (p->wanted_node[0] != '\0' && !rh_str_eq_c(asked->node_id, p->wanted_node))
        p->wants_all = true;
    (void)rh_str_copy(p->wanted_node, sizeof(p->wanted_node),
                      asked->node_id); /* its field bounds it */
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "started", true);
    const int32_t rc = rh_json_reply_send(&reply, &p->rh, req, 202);

    populator_pump(p);
    return rc;
}

static void on_told(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;

    (void)user;
    if (answer->rc != RH_ECANCELLED && (answer->rc != RH_OK || answer->status >= 300))
        rh_log_info(&p->rh, "top_up_not_asked", "status=%u why=\"%.*s\"", (unsigned)answer->status,
                    RH_STR_ARG(answer->message)); /* the next run of all comes soon */
}

/* Of this node; the leader is asked to fill up what it plays. */
static void on_idle(void *self, const struct rh_event *event)
{
    struct plugin *p = self;
    struct rh_json_reply body;
    struct idle_event idle;
    void *memory = NULL;

    if (!p->config->enabled || p->rh.fields->decode(p->rh.ctx, &idle_table, event->payload, &idle,
                                                    &memory, NULL, 0) != RH_OK)
        return;
    rh_json_reply_begin(&body);
    rh_json_kv_str(&body.w, "node_id", idle.node_id);
    p->rh.fields->release(p->rh.ctx, memory);
    if (rh_leader_call(&p->rh, "POST", "/populator/top-up", &body, 0, on_told, NULL) != RH_OK)
        rh_log_info(&p->rh, "top_up_not_asked", "why=\"%s\"", "no call is free");
}

static int32_t run_queue_populator(void *self)
{
    struct plugin *p = self;

    p->wants_all = true;
    p->loop_waits = true;
    populator_pump(p);
    return RH_PENDING;
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .flags = RH_LEADER,
     .name = POPULATOR_LOOP,
     .doc = "Adds work while a config has less of it pending and leased than its depth.",
     .interval_ms = INTERVAL_MS,
     .jitter_ms = INTERVAL_MS / 10,
     .run = run_queue_populator},
};

static const struct rh_event_def events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def), .type = "NODE_IDLE", .on_event = on_idle},
};

#define NAME(s, m, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1, .max = 256, .doc = (d))
static const struct rh_field template_fields[] = {
    NAME(struct template_config, work_type, "the type"),
    RH_INT(struct template_config, weight, 1, 1, MIX_WEIGHT_MAX, "its share among the types"),
    RH_INT(struct template_config, priority, 50, 0, 100, "higher first"),
    RH_RAW_OBJECT(struct template_config, payload, 0, "handed to the worker as it is"),
    RH_STR_LIST(struct template_config, requires, 0, "capabilities that a node must have"),
    RH_BOOL(struct template_config, needs_gpu, false, "only for nodes with a GPU"),
    RH_INT(struct template_config, min_vram_mb, 0, 0, 16777216, "memory of one GPU, MiB"),
    RH_INT(struct template_config, timeout_s, 0, 0, 604800, "the lease; 0 = as the queue says"),
    RH_INT(struct template_config, max_runtime_s, 0, 0, 2592000, "longest attempt; 0 = no limit"),
    RH_INT(struct template_config, max_attempts, 3, 1, 100, "attempts before an item is dead"),
};
static const struct rh_field target_fields[] = {
    NAME(struct target_config, config_key, "board and players, \"hex8_2p\""),
    RH_INT(struct target_config, depth, 0, 0, MIX_DEPTH_MAX,
           "items pending and leased; 0 = `depth` of all"),
    RH_STR_LIST(struct target_config, work_types, 0, "only these templates; empty = all"),
    RH_STR_LIST(struct target_config, nodes, 0,
                "whose idleness fills it at once, * and ? allowed; empty = every node's"),
};
static const struct rh_field config_fields[] = {
    RH_LOOP_ROWS(struct populator_config, loop_queue_populator, "60s"),
    RH_INT(struct populator_config, depth, 50, 1, MIX_DEPTH_MAX,
           "items pending and leased of a config that names no depth"),
    RH_INT(struct populator_config, added_max, 500, 1, INTENT_ITEMS_MAX,
           "items that one run adds at most"),
    RH_OBJECT_LIST(struct populator_config, templates, 0, MIX_TYPES_MAX, struct template_config,
                   template_fields, "what is added, by type"),
    RH_OBJECT_LIST(struct populator_config, configs, 0, MIX_CONFIGS_MAX, struct target_config,
                   target_fields, "for which boards"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED | RH_NS_BESIDE,
     .name = POPULATOR_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static bool has_template(const struct plugin *p, struct rh_str work_type)
{
    for (uint32_t i = 0; i < p->config->templates.count; i++)
        if (rh_str_eq(populator_template(p, i)->work_type, work_type))
            return true;
    return false;
}

/* A config is filled from templates that there are. */
static int32_t check_types(const struct plugin *p, uint32_t at)
{
    const struct target_config *target = populator_target(p, at);

    for (uint32_t i = 0; i < target->work_types.count; i++)
        if (!has_template(p, target->work_types.items[i]))
            return rh_fail_fieldf(
                &p->rh, RH_EINVAL, rh_field_path("configs.%u.work_types.%u", at, i).text,
                "\"%.*s\" names the work type \"%.*s\", which no template has",
                RH_STR_ARG(target->config_key), RH_STR_ARG(target->work_types.items[i]));
    return RH_OK;
}

/* Each type and each config once: their counts would otherwise be those of several. */
static int32_t check_doubles(const struct plugin *p)
{
    for (uint32_t i = 0; i < p->config->templates.count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (rh_str_eq(populator_template(p, i)->work_type, populator_template(p, j)->work_type))
                return rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("templates.%u", i).text,
                                      "\"%.*s\" is there twice",
                                      RH_STR_ARG(populator_template(p, i)->work_type));
    for (uint32_t i = 0; i < p->config->configs.count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (rh_str_eq(populator_target(p, i)->config_key, populator_target(p, j)->config_key))
                return rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("configs.%u", i).text,
                                      "\"%.*s\" is there twice",
                                      RH_STR_ARG(populator_target(p, i)->config_key));
    return RH_OK;
}

static int32_t check(const struct plugin *p)
{
    int32_t rc = check_doubles(p);

    for (uint32_t i = 0; i < p->config->configs.count && rc == RH_OK; i++)
        rc = check_types(p, i);
    return rc;
}

static int32_t reconfigure(void *self, const void *config)
{
    struct plugin *p = self;
    const struct populator_config *old = p->config;

    p->config = config;
    const int32_t rc = check(p);

    if (rc != RH_OK)
        p->config = old;
    return rc;
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
    struct plugin *p = self;

    rh_loop_actions_drop(&p->actions);
    p->is_running = false;
    p->loop_waits = false;
    p->wants_all = false;
    p->wanted_node[0] = '\0';
}

static const char *const services[] = {RH_CORE_ID,  RH_FIELDS_ID, RH_HTTP_ID,
                                       RH_STATE_ID, RH_EVENTS_ID, RH_CLUSTER_ID};
static const char *const after[] = {"work_queue"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "loop_queue_populator", "0.1.0"),
    .summary = "Keeps work of each configured kind in the queue.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct populator_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(events, event),
    RH_TABLE(loops, loop),
    .create = create,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("loop_queue_populator", "0.1.0", descriptor)
