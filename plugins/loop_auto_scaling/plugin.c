/* The loop_auto_scaling plugin: machines are started and stopped with the demand, through drivers.
 * How many is decided by scale.c, which ones by fleet.c; a run goes through wire_look.c,
 * wire_plan.c and wire_act.c. */
#include <string.h>

#include "wire.h"

#define INTERVAL_MS     120000
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define NAME_JOINTS     3u /* the last of them, which begin no id */

static int32_t handle_status(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("GET", "/scaling/status", RH_READ, RH_LEADER | RH_IDEMPOTENT, RH_NO_FIELDS,
             handle_status, "Pools, and the machines that were started for them."),
};

const struct pool_config *scaling_pool(const struct plugin *p, uint32_t index)
{
    return (const struct pool_config *)p->config->pools.items + index;
}

const struct pool_config *scaling_pool_named(const struct plugin *p, const char *name)
{
    for (uint32_t i = 0; i < p->config->pools.count; i++)
        if (rh_str_eq_c(scaling_pool(p, i)->name, name))
            return scaling_pool(p, i);
    return NULL;
}

struct fleet_limits scaling_fleet_limits(const struct plugin *p)
{
    return (struct fleet_limits){.boot_ms = p->config->boot_timeout,
                                 .retry_base_ms = p->config->retry_base,
                                 .retry_most_ms = p->config->retry_base * 16,
                                 .driver_ms = p->config->driver_timeout};
}

void scaling_finish(struct plugin *p, int32_t rc)
{
    if (rc == RH_ECANCELLED) {
        rh_loop_actions_drop(&p->actions);
        return;
    }
    rh_loop_actions_end(&p->actions);
    p->rh.core->done(p->rh.ctx, rc);
}

static void write_machine(struct rh_json_writer *w, const struct fleet_machine *machine)
{
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "node_id", machine->node_id);
    rh_json_kv_strc(w, "pool", machine->pool);
    rh_json_kv_strc(w, "state", fleet_state_name(machine->state));
    rh_json_kv_strc(w, "machine", machine->handle);
    rh_json_kv_int(w, "since_at", machine->since_ms);
    rh_json_kv_bool(w, "drained", machine->is_drained);
    rh_json_kv_int(w, "attempts", machine->attempts);
    rh_json_kv_strc(w, "error", machine->error);
    rh_json_end_object(w);
}

static int32_t handle_status(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    struct fleet_machine *machines = p->machines;
    struct rh_json_reply reply;

    (void)fields;
    if (p->actions.is_open) /* a run uses the same memory */
        return rh_failf(&p->rh, RH_EAGAIN, "a run is under way");
    const int32_t rc = scaling_load(p);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "pools");
    rh_json_begin_array(&reply.w);
    for (uint32_t n = 0; n < p->config->pools.count; n++) {
        const struct pool_config *pool = scaling_pool(p, n);
        const struct scale_verdict *verdict = &p->pools[n].verdict;

        rh_json_begin_object(&reply.w);
        rh_json_kv_str(&reply.w, "name", pool->name);
        rh_json_kv_int(&reply.w, "least", pool->least);
        rh_json_kv_int(&reply.w, "most", pool->most);
        rh_json_kv_int(&reply.w, "desired", verdict->desired);
        rh_json_kv_int(&reply.w, "recommended", verdict->recommended);
        rh_json_kv_strc(&reply.w, "reason", scale_reason_name(verdict->reason));
        rh_json_end_object(&reply.w);
    }
    rh_json_end_array(&reply.w);
    rh_json_key(&reply.w, "machines");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < p->machine_count; i++)
        write_machine(&reply.w, &machines[i]);
    rh_json_end_array(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int32_t run_auto_scaling(void *self)
{
    struct plugin *p = self;
    int32_t rc;

    p->epoch = rh_leader_epoch(&p->rh);
    if (p->epoch == 0)
        return RH_OK;                  /* it has just ceased to lead */
    if (p->config->pools.count == 0) { /* nothing to scale, but there may be machines */
        rc = scaling_load(p);
        if (rc == RH_OK)
            scaling_tell_strays(p);
        return rc;
    }
    rh_loop_actions_begin(&p->actions, &p->rh, SCALING_LOOP, p->config->dry_run != 0);
    rc = scaling_look(p);
    return rc == RH_OK ? RH_PENDING : rc;
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .flags = RH_LEADER,
     .name = SCALING_LOOP,
     .doc = "Starts and stops machines so that their number follows the demand.",
     .interval_ms = INTERVAL_MS,
     .jitter_ms = INTERVAL_MS / 20,
     .run = run_auto_scaling},
};

static const struct rh_field pool_fields[] = {
    RH_FIELD_ROW_(struct pool_config, name, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = FLEET_POOL_SIZE - 1, .doc = "nodes are called NAME-1, NAME-2, ..."),
    RH_INT(struct pool_config, least, 0, 0, SCALE_MACHINES_MAX, "machines at least"),
    RH_INT(struct pool_config, most, 10, 0, SCALE_MACHINES_MAX, "machines at most"),
    RH_NUMBER(struct pool_config, target, 1, 0, 1000000000, "of the metric for each machine"),
    RH_CHOICE(struct pool_config, metric, 0, "queue", "queue command",
              "queue: items pending and leased; or what a command prints"),
    RH_STR_LIST(struct pool_config, metric_command, 0,
                "prints {\"metric\": average of a machine} or {\"total\": of all}"),
    RH_STR_LIST(struct pool_config, work_types, 0, "metric queue: only these types; empty = all"),
    RH_STR_LIST(struct pool_config, start, RH_REQUIRED,
                "starts a machine; {node_id} and {pool} are replaced"),
    RH_STR_LIST(struct pool_config, stop, RH_REQUIRED, "stops it; {machine} too is replaced"),
    RH_STR_LIST(struct pool_config, protected_nodes, 0, "never stopped, * and ? allowed"),
};
static const struct rh_field config_fields[] = {
    RH_LOOP_ROWS(struct scaling_config, loop_auto_scaling, "120s"),
    RH_OBJECT_LIST(struct scaling_config, pools, 0, POOLS_MAX, struct pool_config, pool_fields,
                   "kinds of machines"),
    RH_NUMBER(struct scaling_config, tolerance, 0.1, 0, 1,
              "a ratio of metric to target within 1 +- this changes nothing"),
    RH_DURATION(struct scaling_config, down_window, "300s", 0, 86400000,
                "going down takes the greatest recommendation of this long"),
    RH_INT(struct scaling_config, up_least, 4, 1, SCALE_MACHINES_MAX,
           "machines that may be added in up_window, whatever there are"),
    RH_INT(struct scaling_config, up_percent, 100, 0, 10000,
           "and so many percent of those there are"),
    RH_DURATION(struct scaling_config, up_window, "60s", 1, 86400000, "see up_least"),
    RH_DURATION(struct scaling_config, boot_timeout, "15m", 1000, 86400000,
                "a node that is not alive after so long is stopped"),
    RH_DURATION(struct scaling_config, driver_timeout, "10m", 100, 86400000,
                "a driver that takes longer is killed"),
    RH_DURATION(struct scaling_config, retry_base, "60s", 100, 3600000,
                "after the first failure of a driver; doubles up to 16 times that"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED | RH_NS_BESIDE,
     .name = SCALING_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static int32_t check_words(const struct plugin *p, uint32_t at, const struct rh_str_list *words,
                           const char *what)
{
    const struct pool_config *pool = scaling_pool(p, at);
    const struct driver_values values = {.node_id = RH_STR_LIT("n")};
    struct rh_str argv[DRIVER_WORDS_MAX];
    struct rh_buf memory;
    const int32_t rc = driver_argv(words, &values, argv, &memory);

    rh_buf_release(&memory);
    return rc == RH_OK
               ? RH_OK
               : rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("pools.%u.%s", at, what).text,
                                "\"%.*s\" has no program, or a placeholder that is none",
                                RH_STR_ARG(pool->name));
}

/* It becomes part of node ids. */
static int32_t check_name(const struct plugin *p, uint32_t at, struct rh_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!memchr(NAME_CHARACTERS, name.p[i],
                    sizeof(NAME_CHARACTERS) - 1 - (i == 0 ? NAME_JOINTS : 0)))
            return rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("pools.%u.name", at).text,
                                  "\"%.*s\" may have only letters, digits, and, inside, . _ -",
                                  RH_STR_ARG(name));
    return RH_OK;
}

static int32_t check_pool(const struct plugin *p, uint32_t index)
{
    const struct pool_config *pool = scaling_pool(p, index);
    int32_t rc = check_name(p, index, pool->name);

    if (rc == RH_OK)
        rc = check_words(p, index, &pool->start, "start");
    if (rc == RH_OK)
        rc = check_words(p, index, &pool->stop, "stop");
    if (rc == RH_OK && rh_str_eq_c(pool->metric, "command"))
        rc = check_words(p, index, &pool->metric_command, "metric_command");
    if (rc == RH_OK && pool->least > pool->most)
        rc = rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("pools.%u.least", index).text,
                            "\"%.*s\": least is above most", RH_STR_ARG(pool->name));
    if (rc == RH_OK && pool->target <= 0)
        rc = rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("pools.%u.target", index).text,
                            "\"%.*s\": target must be above 0", RH_STR_ARG(pool->name));
    for (uint32_t i = 0; i < index && rc == RH_OK; i++)
        if (rh_str_eq(scaling_pool(p, i)->name, pool->name))
            rc = rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("pools.%u.name", index).text,
                                "\"%.*s\" is there twice", RH_STR_ARG(pool->name));
    return rc;
}

/* Machines need the drivers of their pool. Known are those of this leader's last look: health warns
 * of what another leader or a restart has let pass. */
static int32_t check_removed(const struct plugin *p, const struct scaling_config *old)
{
    const struct rh_list *pools = &old->pools;

    if (p->machine_count == 0 || rh_leader_epoch(&p->rh) == 0)
        return RH_OK;
    for (uint32_t n = 0; n < pools->count; n++) {
        const struct rh_str name = ((const struct pool_config *)pools->items + n)->name;

        for (uint32_t i = 0; i < p->machine_count; i++)
            if (rh_str_eq_c(name, p->machines[i].pool) &&
                !scaling_pool_named(p, p->machines[i].pool))
                return rh_fail_fieldf(&p->rh, RH_EINVAL, "pools",
                                      "\"%.*s\" still has machines, as %s; its most has to be 0 "
                                      "until they are gone",
                                      RH_STR_ARG(name), p->machines[i].node_id);
    }
    return RH_OK;
}

static int32_t reconfigure(void *self, const void *config)
{
    struct plugin *p = self;
    const struct scaling_config *old = p->config;
    int32_t rc = RH_OK;

    p->config = config;
    for (uint32_t i = 0; i < p->config->pools.count && rc == RH_OK; i++)
        rc = check_pool(p, i);
    if (rc == RH_OK && old)
        rc = check_removed(p, old);
    if (rc != RH_OK)
        p->config = old;
    return rc;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    rh_map64_init(&p->leases, 1, 65536); /* keys are hashes of node ids already */
    return reconfigure(p, config);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct plugin *p = self;

    (void)epoch; /* each run has its own */
    for (uint32_t i = 0; i < ASKED_MAX; i++)
        p->asked[i].node_id[0] = '\0';
    p->is_active = true;
    return RH_OK;
}

static void deactivate(void *self)
{
    struct plugin *p = self;

    rh_loop_actions_drop(&p->actions);
    rh_map64_release(&p->leases);
    p->is_active = false;
}

static const char *const services[] = {RH_CORE_ID,  RH_FIELDS_ID,  RH_HTTP_ID,
                                       RH_STATE_ID, RH_CLUSTER_ID, RH_PROCESS_ID};
static const char *const after[] = {"work_queue"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "loop_auto_scaling", "0.1.0"),
    .summary = "Starts and stops machines so that their number follows the demand.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct scaling_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(loops, loop),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("loop_auto_scaling", "0.1.0", descriptor)
