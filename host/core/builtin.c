/* The host's own routes: liveness, readiness, what is loaded, metrics, the API's description. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/builtin.h"
#include "host/core/core_internal.h"
#include "host/core/loops.h"

#define REPORT_MAX (16u * 1024u * 1024u)

static void send_buf(struct request *req, uint32_t status, const char *content_type, int32_t rc,
                     struct rh_buf *buf)
{
    struct http_outreply out = {
        .status = status, .content_type = content_type, .body = rh_buf_str(buf)};

    if (rc != RH_OK)
        reply_rc(req, rc, NULL, "%s", rh_error_text(rc));
    else
        reply_send(req, &out);
    rh_buf_release(buf);
}

static void send_report(struct core *core, struct request *req,
                        int32_t (*write)(struct core *core, struct rh_buf *out))
{
    struct rh_buf buf;

    rh_buf_init(&buf, REPORT_MAX);
    send_buf(req, 200, "application/json", write(core, &buf), &buf);
}

static void builtin_healthz(struct core *core, struct request *req)
{
    struct http_outreply out = {
        .status = 200, .content_type = "application/json", .body = RH_STR_LIT("{\"ok\":true}")};

    (void)core;
    reply_send(req, &out);
}

static void builtin_readyz(struct core *core, struct request *req)
{
    struct http_outreply out = {
        .status = 200, .content_type = "application/json", .body = RH_STR_LIT("{\"ready\":true}")};

    if (core->phase == CORE_RUNNING)
        reply_send(req, &out);
    else
        reply_rc(req, RH_ELOADING, core->phase == CORE_LOADING ? NULL : "draining", "%s",
                 core->phase == CORE_LOADING ? "plugins are starting"
                                             : "this node is shutting down");
}

static void builtin_plugins(struct core *core, struct request *req)
{
    send_report(core, req, report_plugins);
}

static void builtin_routes(struct core *core, struct request *req)
{
    send_report(core, req, report_routes);
}

static void builtin_loops(struct core *core, struct request *req)
{
    send_report(core, req, report_loops);
}

struct loops_run_req {
    struct rh_str loop;
};
static const struct rh_field loops_run_fields[] = {
    RH_TEXT(struct loops_run_req, loop, RH_REQUIRED, 64, "its name, as GET /loops shows it"),
};

static void builtin_loops_run(struct core *core, struct request *req)
{
    const struct loops_run_req *asked = req->fields;
    const char *why = "";
    const int32_t rc = loops_run_now(core, asked->loop, &why);
    struct http_outreply out = {.status = 202,
                                .content_type = "application/json",
                                .body = RH_STR_LIT("{\"started\":true}")};

    if (rc == RH_OK)
        reply_send(req, &out);
    else if (rc == RH_ENOTFOUND)
        reply_rc(req, rc, NULL, "no loop \"%.*s\" on this node", RH_STR_ARG(asked->loop));
    else if (rc == RH_ENOTLEADER)
        reply_rc(req, rc, NULL, "loop \"%.*s\" runs on the leader: node \"%s\"",
                 RH_STR_ARG(asked->loop), core->lead.node_id);
    else
        reply_rc(req, rc, NULL, "loop \"%.*s\" cannot run now: %s", RH_STR_ARG(asked->loop), why);
}

static void builtin_openapi(struct core *core, struct request *req)
{
    send_report(core, req, openapi_write);
}

static void set_gauge(struct core *core, const char *name, const char *help, double value)
{
    uint64_t id;

    if (metrics_get(core->metrics, RH_METRIC_GAUGE, NULL, name, NULL, help, &id) == RH_OK)
        metrics_set(core->metrics, id, value);
}

static void set_plugin_gauge(struct rh_ctx *plugin, const char *name, const char *help,
                             double value)
{
    uint64_t id;

    if (metrics_get(plugin->core->metrics, RH_METRIC_GAUGE, plugin->id, name, NULL, help, &id) ==
        RH_OK)
        metrics_set(plugin->core->metrics, id, value);
}

static void builtin_metrics(struct core *core, struct request *req)
{
    struct state_stats stats;
    struct rh_buf buf;

    state_stats(core->state, &stats);
    set_gauge(core, "state_commits", "Batches applied since the start.", (double)stats.commits);
    set_gauge(core, "state_groups",
              "Transactions since the start; batches of one group share a sync.",
              (double)stats.groups);
    set_gauge(core, "state_syncs", "Flushes of the write-ahead logs since the start.",
              (double)stats.syncs);
    set_gauge(core, "state_queued", "Batches waiting or under way.", (double)stats.queued);
    set_gauge(core, "state_wal_bytes", "Bytes in use in both write-ahead logs.",
              (double)(stats.wal_bytes_local + stats.wal_bytes_replica));
    set_gauge(core, "state_stopped", "1 when writing has stopped until restart.", stats.is_stopped);
    set_gauge(core, "requests_open", "Requests without an answer yet.",
              (double)requests_open(core));
    set_gauge(core, "is_leader", "1 on the node that leads.", core->lead.is_self);
    set_gauge(core, "epoch", "Greatest leadership epoch seen.", (double)core->lead.epoch);
    set_gauge(core, "wrong_cluster", "Peer requests of another cluster refused.",
              (double)core->wrong_cluster);
    set_gauge(core, "wrong_protocol", "Peer requests with another protocol number refused.",
              (double)core->wrong_protocol);
    set_gauge(core, "duplicate_node",
              "Peer requests of a second instance with a known node id refused.",
              (double)core->duplicate_node);
    for (uint32_t i = 0; i < core->plugin_count; i++) {
        struct rh_ctx *plugin = &core->plugins[i];

        set_plugin_gauge(plugin, "plugin_active", "1 while the plugin is active.",
                         plugin->phase == ACT_ACTIVE);
        set_plugin_gauge(plugin, "plugin_requests", "Requests of the plugin without an answer yet.",
                         plugin->in_flight);
        set_plugin_gauge(plugin, "plugin_calls", "Calls of the plugin under way.",
                         plugin->call_count);
        set_plugin_gauge(plugin, "plugin_over_quota", "Refusals because a quota was reached.",
                         (double)plugin->over_quota);
        set_plugin_gauge(plugin, "plugin_slow_callbacks", "Callbacks over 100 ms.",
                         (double)plugin->slow_callbacks);
        set_plugin_gauge(plugin, "plugin_late_replies", "Replies after their deadline.",
                         (double)plugin->replies_late);
    }
    rh_buf_init(&buf, REPORT_MAX);
    send_buf(req, 200, "text/plain; version=0.0.4", metrics_write(core->metrics, &buf), &buf);
}

struct builtin_row {
    struct rh_route def;
    void (*run)(struct core *core, struct request *req);
};
#define BUILTIN_WITH(m, p, sc, fn, fl, text, ...)                \
    {                                                            \
        {.size = (uint32_t)sizeof(struct rh_route),              \
         .scope = (sc),                                          \
         .method = (m),                                          \
         .path = (p),                                            \
         .summary = (text),                                      \
         .request = __VA_ARGS__,                                 \
         .flags = (fl) | RH_CONTROL | RH_ALWAYS | RH_IDEMPOTENT, \
         .line = __LINE__,                                       \
         .handler_name = #fn,                                    \
         .file = "host/core/builtin.c"},                         \
            fn                                                   \
    }
#define BUILTIN(p, sc, fn, fl, text) BUILTIN_WITH("GET", p, sc, fn, fl, text, RH_NO_FIELDS)
static const struct builtin_row rows[] = {
    BUILTIN("/healthz", RH_PUBLIC, builtin_healthz, 0,
            "Alive: the loop that serves requests answers."),
    BUILTIN("/readyz", RH_PUBLIC, builtin_readyz, 0,
            "200 once all plugins have started, 503 while loading or draining."),
    BUILTIN("/plugins", RH_READ, builtin_plugins, 0,
            "Plugins of this node: version, state, grants, counters."),
    BUILTIN("/routes", RH_READ, builtin_routes, 0,
            "Every route of this node with scope and handler."),
    BUILTIN("/loops", RH_READ, builtin_loops, 0,
            "Background loops: interval, last run, last error, what it did."),
    BUILTIN_WITH("POST", "/loops/run", RH_OPERATOR, builtin_loops_run, 0,
                 "Run a background loop of this node now.",
                 RH_FIELDS(struct loops_run_req, loops_run_fields)),
    BUILTIN("/metrics", RH_READ, builtin_metrics, 0, "Metrics in Prometheus' text format."),
    BUILTIN("/openapi.json", RH_PUBLIC, builtin_openapi, 0, "This API as OpenAPI 3.1."),
    BUILTIN(
        "/events", RH_READ, builtin_events, RH_STREAM,
        "Server-sent events, live; Last-Event-ID resumes, a `gap` event tells what was missed."),
};
#define ROWS (sizeof rows / sizeof rows[0])
_Static_assert(ROWS <= BUILTIN_ROUTES_MAX, "room for every row");

uint32_t builtin_list(struct rh_route *out, uint32_t count_max)
{
    uint32_t count = 0;

    for (size_t i = 0; i < ROWS && count < count_max; i++)
        out[count++] = rows[i].def;
    return count;
}

int32_t builtin_init(struct core *core)
{
    core->builtins = calloc(ROWS, sizeof *core->builtins);
    if (!core->builtins)
        return RH_ENOMEM;
    for (size_t i = 0; i < ROWS; i++) {
        struct route_entry *entry = &core->builtins[i];
        int32_t rc;

        entry->def = rows[i].def;
        entry->builtin = rows[i].run;
        entry->owner = "host";
        entry->label = rows[i].def.handler_name;
        rc = router_add(&core->router, entry);
        if (rc != RH_OK)
            return rc;
    }
    return RH_OK;
}

void builtin_free(struct core *core)
{
    free(core->builtins);
    core->builtins = NULL;
}
