/* What the node says about itself as JSON: health, plugins, routes, loops, configuration. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/voter_plugins.h"

/* A configured voter that nobody has reached after so many beats is told in health. */
#define VOTER_BEATS 4

static const char *plugin_state_name(const struct rh_ctx *plugin)
{
    static const char *const life[] = {"new",       "creating", "starting", "started",
                                       "quiescing", "stopping", "stopped",  "failed"};
    static const char *const act[] = {"inactive", "waiting", "loading", "active"};

    return plugin->state == PLUGIN_STARTED ? act[plugin->phase] : life[plugin->state];
}

/* One line of health. status: 0 ok, 1 degraded, 2 failing. */
struct check {
    const char *name;
    uint32_t status;
    char reason[CORE_WHY_MAX];
};
static const char *const status_names[] = {"ok", "degraded", "failing"};

static void check_state(struct core *core, struct check *check)
{
    struct state_stats stats;

    state_stats(core->state, &stats);
    check->status = stats.is_stopped ? 2 : stats.failed_rc != RH_OK ? 1 : 0;
    text_set(check->reason, sizeof check->reason, "%s",
             stats.failed_rc != RH_OK ? stats.failed_why : "");
}

static void check_leader(struct core *core, struct check *check)
{
    const struct leadership *lead = &core->lead;

    check->status = lead->node_id[0] ? 0 : 1;
    text_set(check->reason, sizeof check->reason, "%s", lead->node_id[0] ? "" : lead->reason);
    if (lead->node_id[0] && !replication_is_on(core) && lead->home_node[0] &&
        strcmp(lead->home_node, lead->node_id) != 0) {
        check->status = 1;
        text_set(check->reason, sizeof check->reason,
                 "the state is at home on %s, which does not lead", lead->home_node);
    }
}

static void check_plugins(struct core *core, struct check *check)
{
    for (uint32_t i = 0; i < core->plugin_count; i++) {
        const struct rh_ctx *plugin = &core->plugins[i];
        bool is_failed = plugin->state == PLUGIN_FAILED;
        bool is_retrying = plugin->retry_at_ms > 0;

        if (!is_failed && !is_retrying && !plugin->is_schema_refused)
            continue;
        check->status = is_failed && !plugin->setup->degrade ? 2 : 1;
        text_set(check->reason, sizeof check->reason, "%s: %s", plugin->id, plugin->why);
    }
}

/* Nodes that do not belong together, as this one sees it and as others told it. */
static void check_strangers(const struct core *core, struct check *check)
{
    char refused[CORE_WHY_MAX / 2] = "";
    char told[CORE_WHY_MAX / 2] = "";

    if (core->wrong_cluster > 0 || core->wrong_protocol > 0)
        text_set(refused, sizeof refused,
                 "%" PRIu64 " requests of another cluster, %" PRIu64
                 " of another protocol number refused",
                 core->wrong_cluster, core->wrong_protocol);
    if (core->sent_away > 0)
        text_set(told, sizeof told, "%" PRIu64 " calls refused by others: %s", core->sent_away,
                 core->sent_away_why); /* cut when longer */
    if (!refused[0] && !told[0])
        return;
    check->status = 1;
    text_set(check->reason, sizeof check->reason, "%s%s%s", refused,
             refused[0] && told[0] ? "; " : "", told);
}

/* Why a voter is not there, or NULL. One that was never reached had some beats' time for it, where
 * somebody looks. */
static const char *voter_is_away(struct core *core, const struct peer *peer)
{
    struct rh_ctx *provider;

    if (peer && peer->view.state == RH_PEER_DEAD)
        return "is dead";
    if (peer && peer->view.state == RH_PEER_LEFT)
        return "has left";
    if ((peer && peer->view.state != RH_PEER_UNKNOWN) || (peer && peer->view.is_self) ||
        !role_active(core, RH_MEMBERSHIP_ROLE, &provider))
        return NULL;
    return core->now_ms - core->start_ms > VOTER_BEATS * core->setup->beat_ms ? "was never reached"
                                                                              : NULL;
}

/* Without them fewer further losses are borne. */
static void check_voters(struct core *core, struct check *check)
{
    size_t used = strlen(check->reason);

    for (uint32_t i = 0; i < core->setup->voters.count; i++) {
        const struct rh_str id = core->setup->voters.items[i];
        const char *away = voter_is_away(core, peers_get(&core->peers, id, false));

        if (!away || used + 1 >= sizeof check->reason)
            continue;
        check->status = 1;
        text_set(check->reason + used, sizeof check->reason - used, "%svoter %.*s %s",
                 used > 0 ? "; " : "", RH_STR_ARG(id), away); /* cut when longer */
        used = strlen(check->reason);
    }
}

static void check_peers(struct core *core, struct check *check)
{
    check_strangers(core, check);
    if (core->duplicate_node > 0) {
        check->status = 1;
        text_set(check->reason, sizeof check->reason,
                 "%" PRIu64 " requests of a second instance with a known id", core->duplicate_node);
    }
    check_voters(core, check);
}

/* After a change of the leader their routes would be gone. */
static void check_voter_plugins(struct core *core, struct check *check)
{
    voter_plugins_missing(core, check->reason, sizeof check->reason);
    check->status = check->reason[0] ? 1 : 0;
}

static void check_phase(struct core *core, struct check *check)
{
    if (core->unhealthy[0]) {
        check->status = 2;
        text_set(check->reason, sizeof check->reason, "%s", core->unhealthy); /* same size */
    } else if (core->phase != CORE_RUNNING) {
        check->status = 1;
        text_set(check->reason, sizeof check->reason, "%s",
                 core->phase == CORE_LOADING ? "still loading" : "draining");
    } else if (core->maintenance) {
        check->status = 1;
        text_set(check->reason, sizeof check->reason, "in maintenance: takes no new work");
    }
}

static void write_plugin_short(struct rh_json_writer *w, const struct rh_ctx *plugin)
{
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "id", plugin->id);
    rh_json_kv_strc(w, "state", plugin_state_name(plugin));
    rh_json_kv_strc(w, "reason", plugin->phase == ACT_ACTIVE ? "" : plugin->why);
    rh_json_end_object(w);
}

/* Whose log decides here, and how far it has been applied; null where none does. */
static void write_replication(struct core *core, struct rh_json_writer *w)
{
    uint64_t index;
    uint64_t term;

    rh_json_key(w, "replication");
    if (!core->repl.provider && !replication_stands_by(core)) {
        rh_json_null(w);
        return;
    }
    state_applied(core->state, &index, &term);
    rh_json_begin_object(w);
    rh_json_kv_bool(w, "member", core->repl.provider != NULL);
    rh_json_kv_strc(w, "provider", core->repl.provider ? core->repl.provider->id : "");
    rh_json_kv_int(w, "applied_index", (int64_t)index);
    rh_json_kv_int(w, "applied_term", (int64_t)term);
    rh_json_end_object(w);
}

static void write_check(struct rh_json_writer *w, const char *name, uint32_t status,
                        const char *reason)
{
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "name", name);
    rh_json_kv_strc(w, "status", status_names[status]);
    rh_json_kv_strc(w, "reason", reason);
    rh_json_end_object(w);
}

/* Of what plugins want seen; each is a degraded check. */
static uint32_t count_warnings(const struct core *core)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < core->plugin_count; i++)
        count += core->plugins[i].warning_count;
    return count;
}

static void write_warnings(struct rh_json_writer *w, const struct core *core)
{
    for (uint32_t p = 0; p < core->plugin_count; p++)
        for (uint32_t i = 0; i < core->plugins[p].warning_count; i++) {
            const struct plugin_warning *warning = &core->plugins[p].warnings[i];
            char name[128];

            text_set(name, sizeof name, "%s.%s", core->plugins[p].id,
                     warning->name); /* cut when longer */
            write_check(w, name, 1, warning->reason);
        }
}

int32_t report_health(struct core *core, struct rh_buf *out)
{
    struct check checks[] = {{.name = "node"},    {.name = "state"}, {.name = "leader"},
                             {.name = "plugins"}, {.name = "peers"}, {.name = "voter_plugins"}};
    static void (*const run[])(struct core * core, struct check * check) = {
        check_phase, check_state, check_leader, check_plugins, check_peers, check_voter_plugins};
    uint32_t worst = count_warnings(core) > 0 ? 1 : 0;
    struct rh_json_writer w;

    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        run[i](core, &checks[i]);
        if (checks[i].status > worst)
            worst = checks[i].status;
    }
    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "status", status_names[worst]);
    rh_json_kv_strc(&w, "node_id", core->setup->node_id);
    rh_json_kv_strc(&w, "instance_id", core->instance_id);
    rh_json_kv_strc(&w, "cluster_id", core->cluster_id);
    rh_json_kv_strc(&w, "role", core->setup->role);
    rh_json_kv_strc(&w, "version", core->setup->version);
    rh_json_kv_int(&w, "uptime_s", (core->now_ms - core->start_ms) / 1000);
    if (core->lead.node_id[0])
        rh_json_kv_strc(&w, "leader", core->lead.node_id);
    else
        rh_json_kv_null(&w, "leader");
    rh_json_kv_int(&w, "epoch", (int64_t)core->lead.epoch);
    if (core->lead.home_node[0] && !replication_is_on(core))
        rh_json_kv_strc(&w, "state_home", core->lead.home_node);
    else
        rh_json_kv_null(&w, "state_home");
    write_replication(core, &w);
    rh_json_kv_bool(&w, "maintenance", core->maintenance);
    rh_json_key(&w, "checks");
    rh_json_begin_array(&w);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        write_check(&w, checks[i].name, checks[i].status, checks[i].reason);
    write_warnings(&w, core);
    rh_json_end_array(&w);
    rh_json_key(&w, "plugins");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < core->plugin_count; i++)
        write_plugin_short(&w, &core->plugins[i]);
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

static void write_names(struct rh_json_writer *w, const char *key, const char *const *names,
                        uint32_t count)
{
    rh_json_key(w, key);
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++)
        rh_json_string_c(w, names[i]);
    rh_json_end_array(w);
}

int32_t report_plugins(struct core *core, struct rh_buf *out)
{
    struct rh_json_writer w;

    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    rh_json_key(&w, "plugins");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < core->plugin_count; i++) {
        const struct rh_ctx *plugin = &core->plugins[i];
        const struct rh_plugin *desc = plugin->desc;

        rh_json_begin_object(&w);
        rh_json_kv_strc(&w, "id", plugin->id);
        rh_json_kv_strc(&w, "version", desc->version);
        rh_json_kv_strc(&w, "summary", desc->summary ? desc->summary : "");
        rh_json_kv_strc(&w, "license", desc->license ? desc->license : "");
        rh_json_kv_strc(&w, "build_id", desc->build_id ? desc->build_id : "");
        rh_json_kv_strc(&w, "file", plugin->setup->file ? plugin->setup->file : "");
        rh_json_kv_strc(&w, "state", plugin_state_name(plugin));
        rh_json_kv_strc(&w, "reason", plugin->phase == ACT_ACTIVE ? "" : plugin->why);
        rh_json_kv_bool(&w, "replicated", plugin->is_replicated);
        rh_json_kv_int(&w, "activation", (int64_t)plugin->activation);
        write_names(&w, "services", desc->services, desc->service_count);
        write_names(&w, "services_optional", desc->services_optional, desc->service_optional_count);
        rh_json_kv_int(&w, "routes", desc->route_count);
        rh_json_kv_int(&w, "requests", plugin->in_flight);
        rh_json_kv_int(&w, "calls", plugin->call_count);
        rh_json_kv_int(&w, "timers", plugin->timer_count);
        rh_json_kv_int(&w, "processes", plugin->process_count);
        rh_json_kv_int(&w, "slow_callbacks", (int64_t)plugin->slow_callbacks);
        rh_json_kv_int(&w, "late_replies", (int64_t)plugin->replies_late);
        rh_json_kv_int(&w, "over_quota", (int64_t)plugin->over_quota);
        rh_json_kv_int(&w, "reactivations", plugin->reactivations);
        rh_json_end_object(&w);
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

int32_t report_routes(struct core *core, struct rh_buf *out)
{
    struct route_entry *list[ROUTER_ROUTES_MAX];
    uint32_t count = router_list(&core->router, list);
    struct rh_json_writer w;

    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    rh_json_key(&w, "routes");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < count; i++) {
        const struct rh_route *def = &list[i]->def;

        rh_json_begin_object(&w);
        rh_json_kv_strc(&w, "method", def->method);
        rh_json_kv_strc(&w, "path", def->path);
        rh_json_kv_strc(&w, "plugin", list[i]->owner);
        rh_json_kv_strc(&w, "scope", scope_name(def->scope));
        rh_json_kv_bool(&w, "leader", (def->flags & RH_LEADER) != 0);
        rh_json_kv_strc(&w, "summary", def->summary ? def->summary : "");
        rh_json_kv_int(&w, "timeout_ms",
                       def->timeout_ms ? def->timeout_ms : CORE_TIMEOUT_MS_DEFAULT);
        rh_json_kv_int(&w, "body_max", core_route_body_max(core, def));
        rh_json_kv_strc(&w, "handler", def->handler_name ? def->handler_name : "");
        rh_json_kv_int(&w, "hits", (int64_t)list[i]->hits);
        rh_json_end_object(&w);
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

int32_t report_loops(struct core *core, struct rh_buf *out)
{
    struct rh_json_writer w;

    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    rh_json_kv_bool(&w, "enabled", core->setup->loops_enabled != 0);
    rh_json_key(&w, "loops");
    rh_json_begin_array(&w);
    for (uint32_t p = 0; p < core->plugin_count; p++)
        for (uint32_t i = 0; i < core->plugins[p].desc->loop_count; i++) {
            const struct loop_run *loop = &core->plugins[p].loops[i];
            const struct rh_loop *def = &core->plugins[p].desc->loops[i];

            rh_json_begin_object(&w);
            rh_json_kv_strc(&w, "name", def->name);
            rh_json_kv_strc(&w, "plugin", core->plugins[p].id);
            rh_json_kv_int(&w, "interval_ms", loop->def ? loop->interval_ms : def->interval_ms);
            rh_json_kv_bool(&w, "leader_only", (def->flags & RH_LEADER) != 0);
            rh_json_kv_bool(&w, "running", loop->is_running);
            rh_json_kv_int(&w, "runs", (int64_t)loop->runs);
            rh_json_kv_int(&w, "last_at", loop->last_at_ms);
            rh_json_kv_int(&w, "last_duration_ms", loop->last_duration_ms);
            rh_json_kv_int(&w, "failures", loop->failures);
            rh_json_kv_strc(&w, "last_error", loop->last_error);
            rh_json_kv_raw(&w, "last_actions", rh_str_from(loop->actions ? loop->actions : "[]"));
            rh_json_end_object(&w);
        }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

int32_t report_config(struct core *core, struct rh_buf *out)
{
    return rh_buf_append_c(out, core->setup->config_json ? core->setup->config_json : "{}");
}
