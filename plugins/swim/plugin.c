/* SWIM with Lifeguard: finds out who is alive. This file is routes and life cycle; rules are in
 * swim.h. */
#include <string.h>

#include "wire.h"

static const struct rh_route routes[] = {
    RH_ROUTE_WITH("POST", "/swim/ping", RH_PEER, RH_IDEMPOTENT | RH_CONTROL,
                  RH_FIELDS(struct wire_ping, wire_ping_fields), swim_handle_ping,
                  "Are you there? News goes both ways.", .body_max = SWIM_MESSAGE_BYTES),
    RH_ROUTE_WITH("POST", "/swim/indirect-ping", RH_PEER, RH_IDEMPOTENT | RH_CONTROL,
                  RH_FIELDS(struct wire_ask, wire_ask_fields), swim_handle_indirect_ping,
                  "Ping another node for the caller, who cannot reach it.", .timeout_ms = 600000,
                  .body_max = SWIM_MESSAGE_BYTES),
    RH_ROUTE("POST", "/swim/vouch", RH_PEER, RH_IDEMPOTENT | RH_CONTROL,
             RH_FIELDS(struct wire_vouch, wire_vouch_fields), swim_handle_vouch,
             "A hub answers for nodes that only it hears from."),
    RH_ROUTE("GET", "/swim/members", RH_READ, RH_CONTROL, RH_NO_FIELDS, swim_handle_members,
             "Every member and its state, and how well this node keeps up."),
};

static int32_t make_config(struct swim_plugin *p, struct swim_config *cfg)
{
    const struct timing_wishes wishes = {p->conf.interval, p->conf.timeout,
                                         p->conf.suspicion_factor};
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    char why[TIMING_WHY_MAX];

    p->rh.core->self(p->rh.ctx, &node);
    memset(cfg, 0, sizeof(*cfg));
    cfg->proxies = (uint32_t)p->conf.proxies;
    if (rh_str_copy(cfg->self, sizeof(cfg->self), node.node_id) != RH_OK ||
        rh_str_copy(cfg->address, sizeof(cfg->address), node.address) != RH_OK)
        return rh_failf(&p->rh, RH_EINVAL,
                        "the node id is longer than %u bytes, or its address than %u", SWIM_ID_MAX,
                        SWIM_ADDRESS_MAX);
    if (timing_derive(&cfg->timing, &wishes, node.beat_ms, why) != RH_OK)
        return rh_failf(&p->rh, RH_EINVAL, "%s", why);
    return RH_OK;
}

/* Nothing is said before the incarnation is on disk, nor while another provider judges. */
static int32_t run_if_ready(struct swim_plugin *p)
{
    struct swim_config cfg;
    int32_t rc;

    if (!p->is_loaded || !p->is_active || p->is_running)
        return RH_OK;
    rc = make_config(p, &cfg);
    if (rc != RH_OK)
        return rc;
    cfg.incarnation = p->first_incarnation;
    swim_init(&p->core, &cfg, p->rh.core->random(p->rh.ctx), swim_now(p));
    p->counted = p->core.stats;
    p->is_running = true;
    p->run++;
    swim_sync(p);
    swim_settle(p);
    return RH_OK;
}

static void halt(struct swim_plugin *p)
{
    if (!p->is_running)
        return;
    p->is_running = false;
    if (p->timer)
        (void)p->rh.core->timer_cancel(p->rh.ctx, p->timer); /* it may have ended by itself */
    p->timer = 0;
    p->first_incarnation = p->core.incarnation + 1;
    swim_release(&p->core);
}

static void on_change(void *self, uint32_t changed)
{
    struct swim_plugin *p = self;

    (void)changed;
    if (!p->is_running)
        return;
    swim_sync(p);
    swim_settle(p);
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct swim_plugin *p = self;
    struct swim_config cfg;

    rh_services_init(&p->rh, ctx, host);
    p->membership = host->service(ctx, RH_MEMBERSHIP_HOST_ID);
    p->conf = *(const struct swim_conf *)config;
    return make_config(p, &cfg); /* for its checks */
}

static int32_t start(void *self)
{
    swim_metrics_init(self);
    return RH_OK;
}

static void on_reserved(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct swim_plugin *p = self;

    (void)user;
    (void)revision;
    if (rc == RH_OK) {
        p->is_loaded = true;
        rc = run_if_ready(p);
    }
    p->rh.core->done(p->rh.ctx, rc);
}

/* Incarnations of this life begin above those of the last, and that is on disk before the first is
 * used: a node that comes back is never taken for the one that died. */
static int32_t activate(void *self, uint64_t epoch)
{
    struct swim_plugin *p = self;
    uint64_t reserved;
    int32_t rc = swim_store_load(p, &reserved);

    (void)epoch;
    if (rc == RH_OK)
        rc = p->rh.cluster->watch(p->rh.ctx, RH_CHANGE_MEMBERS, on_change);
    if (rc != RH_OK)
        return rc;
    p->first_incarnation = incarnation_first(reserved);
    p->reserved = incarnation_reserve(p->first_incarnation);
    rc = swim_store_reserve(p, p->reserved, on_reserved);
    return rc == RH_OK ? RH_PENDING : rc;
}

static void deactivate(void *self)
{
    struct swim_plugin *p = self;

    p->is_loaded = false;
    halt(p);
}

static int32_t reconfigure(void *self, const void *config)
{
    struct swim_plugin *p = self;
    const struct swim_conf old = p->conf;
    struct swim_config cfg;
    int32_t rc;

    p->conf = *(const struct swim_conf *)config;
    rc = make_config(p, &cfg);
    if (rc != RH_OK)
        p->conf = old;
    return rc;
}

static void destroy(void *self)
{
    halt(self);
}

static void role_active(void *self, uint32_t is_active)
{
    struct swim_plugin *p = self;

    p->is_active = is_active;
    if (!is_active)
        halt(p);
    else if (run_if_ready(p) != RH_OK)
        rh_log_error(&p->rh, "swim_cannot_run", "node=%s", p->core.cfg.self);
}

static void role_leave(void *self)
{
    struct swim_plugin *p = self;

    if (!p->is_running)
        return;
    swim_leave(&p->core, swim_now(p));
    swim_settle(p);
}

static const struct rh_membership_role_v1 role_table = {
    .size = sizeof(role_table),
    .active = role_active,
    .leave = role_leave,
};
static const struct rh_role roles[] = {
    {.size = sizeof(struct rh_role), .rank = 20, .id = RH_MEMBERSHIP_ROLE, .table = &role_table},
};

static const struct rh_field config_fields[] = {
    RH_DURATION(struct swim_conf, interval, "0s", 0, 3600000,
                "from probe to probe; 0s = a fifteenth of the beat, at least 100ms"),
    RH_DURATION(struct swim_conf, timeout, "0s", 0, 3600000,
                "an answer is waited for so long at least; 0s = half the interval"),
    RH_INT(struct swim_conf, suspicion_factor, 4, 1, 100,
           "shortest suspicion in intervals, in a cluster of up to ten nodes"),
    RH_INT(struct swim_conf, proxies, 3, 1, SWIM_PROXIES_MAX,
           "nodes that are asked when a node does not answer"),
};
static const struct rh_namespace namespaces[] = {
    {.size = sizeof(struct rh_namespace),
     .name = SWIM_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};
static const char *const services[] = {RH_CORE_ID,  RH_FIELDS_ID,  RH_HTTP_ID,
                                       RH_STATE_ID, RH_CLUSTER_ID, RH_MEMBERSHIP_HOST_ID};
static const char *const services_optional[] = {RH_METRICS_ID};
static const char *const after[] = {"gossip"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct swim_plugin, "swim", "0.1.0"),
    .summary = "Finds out who is alive, and tells everyone: SWIM with Lifeguard.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .services_optional = services_optional,
    .service_optional_count = 1,
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct swim_conf, config_fields),
    RH_TABLE(roles, role),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = create,
    .start = start,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = destroy,
};

RH_PLUGIN_ENTRY("swim", "0.1.0", descriptor)
