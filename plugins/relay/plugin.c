/* Brings calls to nodes that cannot be called, and their answers back. This file is routes and life
 * cycle; the rules are in hub.h, link.h and inbox.h. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/relay/register", RH_PEER, RH_CONTROL,
             RH_FIELDS(struct wire_register, wire_register_fields), relay_handle_register,
             "A node that cannot be called makes this node its hub."),
    RH_ROUTE_WITH("POST", "/relay/poll", RH_PEER, RH_CONTROL,
                  RH_FIELDS(struct wire_poll, wire_poll_fields), relay_handle_poll,
                  "Wait for requests; the answer is a batch of their pieces.",
                  .timeout_ms = TIMING_POLL_ROUTE_MS),
    RH_ROUTE_WITH("POST", "/relay/reply", RH_PEER, RH_CONTROL | RH_RAW_BODY | RH_IDEMPOTENT,
                  RH_NO_FIELDS, relay_handle_reply, "Pieces of replies to what polls have brought.",
                  .body_max = BACKLOG_MESSAGE_MAX),
    RH_ROUTE_WITH("POST", "/relay/forward", RH_PEER, 0,
                  RH_FIELDS(struct wire_forward, wire_forward_fields), relay_handle_forward,
                  "Ask a node of this hub; the answer is the node's own status and body.",
                  .timeout_ms = TIMING_FORWARD_ROUTE_MS,
                  .body_max = FRAME_BODY_MAX + RELAY_MESSAGE_SLACK),
    RH_ROUTE_WITH("POST", "/relay/carry", RH_PEER, RH_RAW_BODY, RH_NO_FIELDS, relay_handle_carry,
                  "The same for the relay of another node: request and reply are frames.",
                  .timeout_ms = TIMING_FORWARD_ROUTE_MS,
                  .body_max = FRAME_BODY_MAX + RELAY_MESSAGE_SLACK),
    RH_ROUTE("GET", "/relay/status", RH_READ, 0, RH_NO_FIELDS, relay_handle_status,
             "Nodes of this hub, hubs of this node, counters, refusals by reason, limits."),
};

/* A hub that is named twice would be both of a node's two. */
static int32_t check_hubs(struct relay_plugin *p, const struct rh_str_list *hubs)
{
    for (uint32_t i = 1; i < hubs->count; i++)
        for (uint32_t first = 0; first < i; first++)
            if (rh_str_eq(hubs->items[first], hubs->items[i]))
                return rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("hubs.%" PRIu32, i).text,
                                      "\"%.*s\" is named twice", RH_STR_ARG(hubs->items[i]));
    return RH_OK;
}

static int32_t take_conf(struct relay_plugin *p, const void *config)
{
    const struct relay_conf *conf = config;
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    const struct timing timing = {conf->poll, conf->ttl, conf->timeout};
    char why[TIMING_WHY_MAX];
    int32_t rc;

    p->rh.core->self(p->rh.ctx, &node);
    if (timing_check(&timing, why) != RH_OK)
        return rh_failf(&p->rh, RH_EINVAL, "%s", why);
    if (rh_str_copy(p->self, sizeof(p->self), node.node_id) != RH_OK)
        return rh_failf(&p->rh, RH_EINVAL, "the node id is longer than %u bytes", FRAME_NODE_MAX);
    if (node.is_voter && rh_str_eq_c(conf->mode, "relayed"))
        return rh_fail_fieldf(&p->rh, RH_EINVAL, "mode",
                              "a voter must be directly reachable: not relayed");
    rc = check_hubs(p, &conf->hubs);
    if (rc != RH_OK)
        return rc;
    p->is_voter = node.is_voter != 0;
    p->conf = *conf;
    p->timing = timing;
    return RH_OK;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct relay_plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    p->reach = host->service(ctx, RH_REACH_HOST_ID);
    inbox_init(&p->inbox, p->rh.core->random(ctx)); /* what was run stays known over activations */
    return take_conf(p, config);
}

static int32_t start(void *self)
{
    relay_metrics_init(self);
    return RH_OK;
}

static void on_change(void *self, uint32_t changed)
{
    struct relay_plugin *p = self;

    (void)changed;
    if (!p->is_running)
        return;
    relay_reach_all(p);
    relay_choose(p);
    relay_settle(p);
}

/* Numbers of calls begin anywhere, so that those of an earlier life are not taken for repeated. */
static int32_t activate(void *self, uint64_t epoch)
{
    struct relay_plugin *p = self;
    const struct hub_config hub = {.ttl_ms = p->timing.ttl_ms,
                                   .poll_ms = p->timing.poll_ms,
                                   .rate = p->conf.rate,
                                   .burst = p->conf.burst};
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    int32_t rc;

    (void)epoch;
    p->rh.core->self(p->rh.ctx, &node);
    rc = p->rh.cluster->watch(p->rh.ctx, RH_CHANGE_PEERS | RH_CHANGE_LEADER | RH_CHANGE_PRESENCE,
                              on_change);
    if (rc != RH_OK)
        return rc;
    hub_init(&p->hub, &hub, p->rh.core->random(p->rh.ctx));
    memset(&p->counted, 0, sizeof(p->counted));
    p->key = p->rh.core->random(p->rh.ctx);
    if (p->epoch == 0)
        p->epoch = node.start_count << 32;
    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++)
        p->links[i].plugin = p;
    p->timer = 0;
    p->vouch_due_ms = 0;
    p->is_vouching = false;
    p->run++;
    p->is_running = true;
    relay_reach_all(p);
    relay_choose(p);
    relay_settle(p);
    return RH_OK;
}

/* Who waits here hears of it at once; calls and requests of others end with the activation. */
static void deactivate(void *self)
{
    struct relay_plugin *p = self;

    if (!p->is_running)
        return;
    hub_stop(&p->hub);
    relay_answer_ended(p);
    p->is_running = false;
    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++) {
        backlog_clear(&p->links[i].backlog);
        memset(&p->links[i], 0, sizeof(p->links[i]));
    }
    p->told[0] = '\0';
    (void)p->rh.cluster->advertise(p->rh.ctx, "relay", RH_STR_LIT("")); /* removing never fails */
    hub_release(&p->hub);
    inbox_tick(&p->inbox, INT64_MAX); /* what runs is dropped when it ends */
}

static int32_t reconfigure(void *self, const void *config)
{
    return take_conf(self, config);
}

static void destroy(void *self)
{
    struct relay_plugin *p = self;

    deactivate(p);
    inbox_release(&p->inbox);
}

static const struct rh_reach_role_v1 role_table = {
    .size = sizeof(role_table),
    .carry = relay_carry,
};
static const struct rh_role roles[] = {
    {.size = sizeof(struct rh_role), .rank = 10, .id = RH_REACH_ROLE, .table = &role_table},
};

static const struct rh_field config_fields[] = {
    RH_CHOICE(struct relay_conf, mode, 0, "auto", "auto relayed direct",
              "relayed: this node cannot be called; direct: it can; auto: its hubs find out"),
    RH_STR_LIST(struct relay_conf, hubs, 0,
                "node ids of the hubs, the best first; none = the leader and another voter"),
    RH_INT(struct relay_conf, hub_count, 2, 1, CHOICE_HUBS_MAX, "hubs that it registers at"),
    RH_DURATION(struct relay_conf, poll, "25s", 100, 55000,
                "how long a hub keeps a poll without anything to bring"),
    RH_DURATION(struct relay_conf, ttl, "60s", 1000, TIMING_VOUCH_MS,
                "how long a registration holds without a poll; at least two polls"),
    RH_DURATION(struct relay_conf, timeout, "7500ms", 100, TIMING_CALL_MS,
                "how long POST /relay/forward waits where the request does not say"),
    RH_INT(struct relay_conf, rate, 500, 1, 100000, "requests a second of one caller at this hub"),
    RH_INT(struct relay_conf, burst, 1000, 1, 100000, "of them at once"),
};
static const char *const services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID, RH_CLUSTER_ID,
                                       RH_REACH_HOST_ID};
static const char *const services_optional[] = {RH_METRICS_ID};
static const char *const after[] = {"gossip", "swim"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct relay_plugin, "relay", "0.1.0"),
    .summary = "Brings calls to nodes that cannot be called, through hubs, and their answers back.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .services_optional = services_optional,
    .service_optional_count = 1,
    .after = after,
    .after_count = 2,
    .config = RH_FIELDS(struct relay_conf, config_fields),
    RH_TABLE(roles, role),
    RH_TABLE(routes, route),
    .create = create,
    .start = start,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = destroy,
};

RH_PLUGIN_ENTRY("relay", "0.1.0", descriptor)
