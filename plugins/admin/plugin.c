/* The admin plugin: stops, restarts and inspects this node over HTTP. Wiring over rh.control/1; it
 * decides nothing. */
#include <assert.h>

#include <ringhost/sdk/plugin.h>

#include "peer_address.h"

#define NODE_ID_MAX   64
#define PLUGIN_ID_MAX 64
#define GRACE_S_MAX   3600
/* Errors of a configuration in a refusal; more are only in the log. */
#define DETAILS_BYTES_MAX 60000u

static_assert(sizeof(void *) >= sizeof(rh_req), "a request travels in a callback's pointer");

/* One instance. */
struct admin {
    struct rh_services rh;
};

struct shutdown_req {
    int64_t grace_s;
};
struct peer_add_req {
    struct rh_str address;
};
struct peer_remove_req {
    struct rh_str node_id;
};
struct maintenance_req {
    int32_t on;
};
struct log_level_req {
    struct rh_str level;
    struct rh_str plugin;
};

static const struct rh_field shutdown_fields[] = {
    RH_INT(struct shutdown_req, grace_s, 30, 0, GRACE_S_MAX,
           "seconds for the requests under way; then the plugins stop"),
};
static const struct rh_field peer_add_fields[] = {
    RH_TEXT(struct peer_add_req, address, RH_REQUIRED, PEER_ADDRESS_MAX,
            "host:port where the peer listens"),
};
static const struct rh_field peer_remove_fields[] = {
    RH_TEXT(struct peer_remove_req, node_id, RH_REQUIRED, NODE_ID_MAX,
            "a node that is dead or has left"),
};
static const struct rh_field maintenance_fields[] = {
    RH_FIELD_ROW_(struct maintenance_req, on, RH_FIELD_BOOL, .flags = RH_REQUIRED,
                  .doc = "true: take no new work; false: take work again"),
};
static const struct rh_field log_level_fields[] = {
    RH_CHOICE(struct log_level_req, level, RH_REQUIRED, NULL, "debug info warn error",
              "lines below this level are not written"),
    RH_TEXT(struct log_level_req, plugin, 0, PLUGIN_ID_MAX,
            "only of this plugin; left out: of all and of the host"),
};

static int32_t handle_shutdown(void *self, rh_req req, const void *fields);
static int32_t handle_restart(void *self, rh_req req, const void *fields);
static int32_t handle_health(void *self, rh_req req, const void *fields);
static int32_t handle_plugins(void *self, rh_req req, const void *fields);
static int32_t handle_config(void *self, rh_req req, const void *fields);
static int32_t handle_peers(void *self, rh_req req, const void *fields);
static int32_t handle_peers_add(void *self, rh_req req, const void *fields);
static int32_t handle_peers_remove(void *self, rh_req req, const void *fields);
static int32_t handle_maintenance(void *self, rh_req req, const void *fields);
static int32_t handle_log_level(void *self, rh_req req, const void *fields);
static int32_t handle_adopt(void *self, rh_req req, const void *fields);
static int32_t handle_reload(void *self, rh_req req, const void *fields);

/* What looks at a node, or stops it, works while it loads and while it drains. */
#define ALWAYS (RH_ALWAYS | RH_CONTROL | RH_IDEMPOTENT)

static const struct rh_route routes[] = {
    RH_ROUTE_WITH("POST", "/admin/shutdown", RH_ADMIN, ALWAYS,
                  RH_FIELDS(struct shutdown_req, shutdown_fields), handle_shutdown,
                  "Stop this node.",
                  .doc = "Answers 202 at once. The node finishes the requests under way for at "
                         "most grace_s seconds, stops its plugins in reverse order and exits with "
                         "0. A leader steps down first."),
    RH_ROUTE_WITH("POST", "/admin/restart", RH_ADMIN, ALWAYS, RH_NO_FIELDS, handle_restart,
                  "Restart this node.",
                  .doc = "Answers 202 at once. The node drains, then executes its program again "
                         "with the listening socket handed over: no connection is refused "
                         "meanwhile."),
    RH_ROUTE("GET", "/admin/health", RH_READ, ALWAYS, RH_NO_FIELDS, handle_health,
             "How this node is: checks, leader, epoch, plugins."),
    RH_ROUTE("GET", "/admin/plugins", RH_READ, ALWAYS, RH_NO_FIELDS, handle_plugins,
             "Plugins of this node with version, state and counters."),
    RH_ROUTE("GET", "/admin/config", RH_READ, ALWAYS, RH_NO_FIELDS, handle_config,
             "Every effective configuration value and where it came from."),
    RH_ROUTE("GET", "/admin/peers", RH_READ, ALWAYS, RH_NO_FIELDS, handle_peers,
             "The peer table as this node sees it."),
    RH_ROUTE("POST", "/admin/peers/add", RH_ADMIN, RH_IDEMPOTENT,
             RH_FIELDS(struct peer_add_req, peer_add_fields), handle_peers_add,
             "Dial another address; kept until this node ends."),
    RH_ROUTE("POST", "/admin/peers/remove", RH_ADMIN, 0,
             RH_FIELDS(struct peer_remove_req, peer_remove_fields), handle_peers_remove,
             "Forget a node that is dead or has left."),
    RH_ROUTE("POST", "/admin/maintenance", RH_ADMIN, RH_IDEMPOTENT,
             RH_FIELDS(struct maintenance_req, maintenance_fields), handle_maintenance,
             "Take no new work, or take work again; kept across restarts."),
    RH_ROUTE("POST", "/admin/log-level", RH_ADMIN, ALWAYS,
             RH_FIELDS(struct log_level_req, log_level_fields), handle_log_level,
             "Change the log level until this node ends."),
    /* Not a LEADER route: those answer state_elsewhere in the very case this one is for. */
    RH_ROUTE_WITH("POST", "/admin/state/adopt", RH_ADMIN, RH_IDEMPOTENT, RH_NO_FIELDS, handle_adopt,
                  "Make this node the home of the replicated state.",
                  .doc = "Only on the node that leads, and only when the former home will not come "
                         "back: what was committed there and is not here is given up."),
    RH_ROUTE_WITH("POST", "/admin/reload", RH_ADMIN, RH_IDEMPOTENT, RH_NO_FIELDS, handle_reload,
                  "Read the configuration again.",
                  .doc = "A plugin whose section changed is deactivated, given the new section and "
                         "activated. One that failed at the start is created anew. Answers "
                         "{reconfigured: [plugin], started: [plugin], refused: [{plugin, reason}], "
                         "needs_restart: [key]}; with any error in any file 400 "
                         "\"invalid_configuration\", details.text says them all, and nothing has "
                         "changed. SIGHUP does the same and logs the outcome.",
                  .timeout_ms = 30000),
};

static int32_t reply_draining(const struct admin *p, rh_req req)
{
    return p->rh.http->reply(p->rh.ctx, req, 202, RH_STR_LIT("{\"draining\":true}"));
}

/* The reply is on its way before the drain begins. */
static int32_t handle_shutdown(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    const struct shutdown_req *shutdown = fields;
    int64_t grace_ms = shutdown->grace_s * 1000; /* the fields end with the reply */

    (void)reply_draining(p, req); /* a caller who is gone still wants the node stopped */
    return p->rh.control->shutdown(p->rh.ctx, grace_ms);
}

/* Asks first: a body that cannot restart must not answer 202. The drain waits for this request. */
static int32_t handle_restart(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    int32_t rc = p->rh.control->restart(p->rh.ctx);

    (void)fields;
    if (rc != RH_OK)
        return rh_failf(&p->rh, rc, "this host cannot restart itself");
    return reply_draining(p, req);
}

static int32_t reply_report(const struct admin *p, rh_req req, const char *what)
{
    struct rh_str json;
    int32_t rc = p->rh.control->report(p->rh.ctx, what, &json);

    if (rc != RH_OK)
        return rh_failf(&p->rh, rc, "the host has no report \"%s\"", what);
    return p->rh.http->reply(p->rh.ctx, req, 200, json);
}

static int32_t handle_health(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return reply_report(self, req, "health");
}

static int32_t handle_plugins(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return reply_report(self, req, "plugins");
}

static int32_t handle_config(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return reply_report(self, req, "config");
}

static const char *peer_state_name(uint32_t state)
{
    static const char *const names[] = {"unknown", "alive", "suspect", "dead", "left"};

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

static void write_peer(struct rh_json_writer *w, const struct rh_peer *peer)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "node_id", peer->node_id);
    rh_json_kv_str(w, "instance_id", peer->instance_id);
    rh_json_kv_strc(w, "state", peer_state_name(peer->state));
    rh_json_kv_str(w, "role", peer->role);
    rh_json_kv_str(w, "address", peer->address);
    rh_json_kv_str(w, "reach", peer->reach);
    rh_json_kv_bool(w, "is_self", peer->is_self != 0);
    rh_json_kv_bool(w, "is_voter", peer->is_voter != 0);
    rh_json_kv_bool(w, "maintenance", peer->maintenance != 0);
    rh_json_kv_int(w, "since_at", peer->since_at_ms);
    rh_json_kv_int(w, "last_seen_at", peer->last_seen_at_ms);
    if (peer->rtt_ms >= 0)
        rh_json_kv_int(w, "rtt_ms", peer->rtt_ms);
    else
        rh_json_kv_null(w, "rtt_ms");
    rh_json_end_object(w);
}

static int32_t handle_peers(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    struct rh_json_reply reply;

    (void)fields;
    p->rh.cluster->peers(p->rh.ctx, &peers);
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "peers");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < peers.count; i++) {
        const char *row = (const char *)peers.peers + (size_t)i * peers.peer_stride;

        write_peer(&reply.w, (const struct rh_peer *)(const void *)row);
    }
    rh_json_end_array(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int32_t handle_peers_add(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    const struct peer_add_req *add = fields;
    char address[PEER_ADDRESS_MAX + 1];
    int32_t rc;

    if (!peer_address_is_valid(add->address) ||
        rh_str_copy(address, sizeof(address), add->address) != RH_OK)
        return rh_failf(&p->rh, RH_EINVAL,
                        "\"address\" must be host:port with a port from 1 to 65535, not \"%.*s\"",
                        RH_STR_ARG(add->address));
    rc = p->rh.control->peer_add(p->rh.ctx, address);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req)
                       : rh_failf(&p->rh, rc, "cannot add the peer %s", address);
}

static int32_t handle_peers_remove(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    const struct peer_remove_req *gone = fields;
    char node_id[NODE_ID_MAX + 1];
    int32_t rc = rh_str_copy(node_id, sizeof(node_id), gone->node_id);

    if (rc == RH_OK)
        rc = p->rh.control->peer_remove(p->rh.ctx, node_id);
    if (rc == RH_ENOTFOUND)
        return rh_failf(&p->rh, rc, "no other node \"%s\" is known here", node_id);
    if (rc == RH_ECONFLICT)
        return rh_failf(&p->rh, rc, "node \"%s\" is a voter, or not yet dead", node_id);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

static int32_t handle_maintenance(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    const struct maintenance_req *maintenance = fields;
    bool is_on = maintenance->on != 0;
    int32_t rc = p->rh.control->maintenance(p->rh.ctx, is_on ? 1 : 0);
    struct rh_json_reply reply;

    if (rc != RH_OK)
        return rh_failf(&p->rh, rc, "maintenance mode could not be stored");
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "maintenance", is_on);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

/* The field table lets only these four through. */
static uint32_t level_of(struct rh_str name)
{
    static const char *const names[] = {
        [RH_LOG_DEBUG] = "debug",
        [RH_LOG_INFO] = "info",
        [RH_LOG_WARN] = "warn",
    };

    for (uint32_t level = 0; level < RH_LOG_ERROR; level++)
        if (rh_str_eq_c(name, names[level]))
            return level;
    return RH_LOG_ERROR;
}

static int32_t handle_log_level(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    const struct log_level_req *want = fields;
    uint32_t level = level_of(want->level);
    char plugin[PLUGIN_ID_MAX + 1];
    int32_t rc = rh_str_copy(plugin, sizeof(plugin), want->plugin);

    if (rc == RH_OK)
        rc = p->rh.control->log_level(p->rh.ctx, plugin[0] ? plugin : NULL, level);
    if (rc == RH_ENOTFOUND)
        return rh_failf(&p->rh, rc, "no plugin \"%s\" on this node", plugin);
    if (rc != RH_OK)
        return rc;
    rh_log_info(&p->rh, "log_level", "level=%.*s plugin=%s", RH_STR_ARG(want->level),
                plugin[0] ? plugin : "*");
    return rh_reply_ok(&p->rh, req);
}

static int32_t handle_adopt(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    int32_t rc = p->rh.control->adopt_state(p->rh.ctx);

    (void)fields;
    if (rc == RH_OK)
        return rh_reply_ok(&p->rh, req);
    if (rc == RH_ECONFLICT)
        return rc; /* the host has said why */
    if (rc != RH_ENOTLEADER)
        return rh_failf(&p->rh, rc, "the new home could not be stored");
    p->rh.cluster->leader(p->rh.ctx, &leader);
    if (leader.node_id.n == 0)
        return rh_failf(&p->rh, rc, "no node leads now");
    return rh_failf(&p->rh, rc, "only the node that leads can adopt the state: ask \"%.*s\"",
                    RH_STR_ARG(leader.node_id));
}

static int32_t refuse_configuration(const struct admin *p, rh_req req, struct rh_str problems)
{
    struct rh_error error = {.size = (uint32_t)sizeof(error),
                             .rc = RH_EINVAL,
                             .code = "invalid_configuration",
                             .message = "the configuration has errors; nothing was changed"};
    struct rh_json_writer w;
    struct rh_buf details;
    int32_t rc;

    rh_buf_init(&details, DETAILS_BYTES_MAX);
    rh_json_init(&w, &details);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "text", problems);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK) /* else they are in the log */
        error.details = rh_buf_str(&details);
    rc = p->rh.http->reply_error(p->rh.ctx, req, &error);
    rh_buf_release(&details);
    return rc;
}

static void on_reloaded(void *self, void *user, int32_t rc, struct rh_str report)
{
    const struct admin *p = self;
    const rh_req req = (rh_req)(uintptr_t)user;

    /* The caller may be gone: the log has it too. */
    if (rc == RH_OK)
        (void)p->rh.http->reply(p->rh.ctx, req, 200, report);
    else if (rc == RH_EINVAL)
        (void)refuse_configuration(p, req, report);
    else
        (void)rh_reply_errorf(&p->rh, req, rc, NULL, "the configuration could not be read again");
}

static int32_t handle_reload(void *self, rh_req req, const void *fields)
{
    struct admin *p = self;
    const int32_t rc = p->rh.control->reload(p->rh.ctx, on_reloaded, (void *)(uintptr_t)req);

    (void)fields;
    if (rc == RH_EUNSUPPORTED)
        return rh_failf(&p->rh, rc, "this host cannot read its configuration again");
    if (rc == RH_EAGAIN)
        return rh_failf(&p->rh, rc, "it is being read already, or the node is stopping");
    return rc;
}

static int32_t admin_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                            const void *config)
{
    struct admin *p = self;

    (void)config;
    rh_services_init(&p->rh, ctx, host);
    return RH_OK;
}

static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_CLUSTER_ID, RH_CONTROL_ID};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct admin, "admin", "0.1.0"),
    .summary = "Stop, restart and inspect a node.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    RH_TABLE(routes, route),
    .create = admin_create,
};

RH_PLUGIN_ENTRY("admin", "0.1.0", descriptor)
