/* The life cycle of plugins: in order up, in reverse order down, each step finished before the
 * next. Not activation. */
#include "host/core/life.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/edges.h>
#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/plugin_rules.h"
#include "host/core/schemas.h"
#include "host/core/voter_plugins.h"

static const struct rh_edge life_edges[] = {
    {PLUGIN_NEW, PLUGIN_CREATING},       {PLUGIN_CREATING, PLUGIN_STARTING},
    {PLUGIN_CREATING, PLUGIN_FAILED},    {PLUGIN_STARTING, PLUGIN_STARTED},
    {PLUGIN_STARTING, PLUGIN_FAILED},    {PLUGIN_STARTED, PLUGIN_QUIESCING},
    {PLUGIN_QUIESCING, PLUGIN_STOPPING}, {PLUGIN_STOPPING, PLUGIN_STOPPED},
    {PLUGIN_NEW, PLUGIN_STOPPED},        {PLUGIN_CREATING, PLUGIN_STOPPED},
    {PLUGIN_STARTING, PLUGIN_STOPPED},   {PLUGIN_FAILED, PLUGIN_STOPPED},
    {PLUGIN_FAILED, PLUGIN_CREATING}, /* with another section; see life_try_again */
};
#define LIFE_EDGES (sizeof life_edges / sizeof life_edges[0])

static void life_move(struct rh_ctx *plugin, uint8_t to)
{
    rh_state_move(&plugin->state, life_edges, LIFE_EDGES, to);
    plugin->since_ms = plugin->core->now_ms;
}

static const struct rh_host host_face = {
    .size = (uint32_t)sizeof(struct rh_host),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .version = "0.1.0",
    .service = services_get,
};

/* Routes of a plugin into the table. */
static int32_t life_add_routes(struct rh_ctx *plugin, char *why)
{
    const struct rh_plugin *desc = plugin->desc;

    plugin->routes = calloc(desc->route_count ? desc->route_count : 1, sizeof *plugin->routes);
    if (!plugin->routes)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < desc->route_count; i++) {
        struct route_entry *entry = &plugin->routes[i];

        entry->def = desc->routes[i];
        entry->plugin = plugin;
        entry->owner = plugin->id;
        entry->label = entry->def.handler_name ? entry->def.handler_name : entry->def.path;
        if (router_add(&plugin->core->router, entry) != RH_OK) {
            text_set(why, CORE_WHY_MAX,
                     "plugin %s: route %s %s is taken by another plugin or by the host", plugin->id,
                     entry->def.method, entry->def.path);
            return RH_EEXISTS;
        }
    }
    return RH_OK;
}

static int32_t life_open_namespaces(struct rh_ctx *plugin, char *why)
{
    const struct rh_plugin *desc = plugin->desc;

    if (desc->namespace_count > PLUGIN_NAMESPACES_MAX) {
        text_set(why, CORE_WHY_MAX, "plugin %s: more than %u namespaces", plugin->id,
                 PLUGIN_NAMESPACES_MAX);
        return RH_EINVAL;
    }
    for (uint32_t i = 0; i < desc->namespace_count; i++) {
        struct plugin_ns *ns = &plugin->namespaces[i];

        ns->def = desc->namespaces[i];
        ns->plugin = plugin;
        if (state_namespace(plugin->core->state, plugin->id, &ns->def, &ns->ns,
                            &ns->schema_stored) != RH_OK) {
            text_set(why, CORE_WHY_MAX, "plugin %s: namespace \"%s\" belongs to another plugin",
                     plugin->id, ns->def.name);
            return RH_EEXISTS;
        }
        if (!schemas_open(ns, why))
            return RH_EUNSUPPORTED;
        state_quota(ns->ns, plugin->setup->state_bytes_max ? plugin->setup->state_bytes_max
                                                           : PLUGIN_STATE_BYTES_MAX);
        if (plugin_rules_lives_by(&ns->def))
            plugin->is_replicated = true;
    }
    return RH_OK;
}

/* Place of a plugin id in the setup, or plugin_count. */
static uint32_t life_find(const struct core *core, const char *id)
{
    uint32_t i = 0;

    while (i < core->plugin_count && strcmp(core->plugins[i].id, id) != 0)
        i++;
    return i;
}

/* Depth-first: what a plugin names in `after` comes before it. */
static int32_t life_order(struct core *core, uint32_t at, uint8_t *marks, uint32_t *count,
                          char *why)
{
    const struct rh_plugin *desc = core->plugins[at].desc;

    if (marks[at] == 2)
        return RH_OK;
    if (marks[at] == 1) {
        text_set(why, CORE_WHY_MAX, "plugin %s: its `after` names lead back to itself",
                 core->plugins[at].id);
        return RH_EINVAL;
    }
    marks[at] = 1;
    for (uint32_t i = 0; i < desc->after_count; i++) {
        uint32_t other = life_find(core, desc->after[i]);
        int32_t rc =
            other < core->plugin_count ? life_order(core, other, marks, count, why) : RH_OK;

        if (rc != RH_OK)
            return rc;
    }
    marks[at] = 2;
    core->order[(*count)++] = at;
    return RH_OK;
}

static int32_t life_take_in(struct core *core, uint32_t at, char *why)
{
    struct rh_ctx *plugin = &core->plugins[at];
    const char *missing;
    int32_t rc;

    plugin->core = core;
    plugin->setup = &core->setup->plugins[at];
    plugin->desc = plugin->setup->entry;
    plugin->id = plugin->desc->id;
    rh_buf_init(&plugin->row_memory, 64u * 1024u * 1024u);
    if (life_find(core, plugin->id) != at) {
        text_set(why, CORE_WHY_MAX, "plugin %s is loaded twice", plugin->id);
        return RH_EEXISTS;
    }
    missing = core_service_missing(plugin->setup);
    if (missing) {
        text_set(why, CORE_WHY_MAX, "plugin %s needs service %s, which it is not granted",
                 plugin->id, missing);
        return RH_EUNSUPPORTED;
    }
    rc = metrics_get(core->metrics, RH_METRIC_HISTOGRAM, plugin->id, "callback_seconds", NULL,
                     "Time that callbacks of a plugin held the loop.", &plugin->callback_metric);
    if (rc == RH_OK)
        rc = life_open_namespaces(plugin, why);
    if (rc == RH_OK)
        rc = life_add_routes(plugin, why);
    if (rc == RH_OK) {
        plugin->self = calloc(1, plugin->desc->instance_size ? plugin->desc->instance_size : 1);
        plugin->loops =
            calloc(plugin->desc->loop_count ? plugin->desc->loop_count : 1, sizeof *plugin->loops);
        if (!plugin->self || !plugin->loops)
            rc = RH_ENOMEM;
    }
    if (rc != RH_OK && why[0] == '\0')
        text_set(why, CORE_WHY_MAX, "plugin %s: %s", plugin->id, rh_error_text(rc));
    return rc;
}

int32_t life_init(struct core *core, char *why)
{
    uint8_t marks[CORE_PLUGINS_MAX] = {0};
    uint32_t count = 0;

    if (core->setup->plugin_count > CORE_PLUGINS_MAX) {
        text_set(why, CORE_WHY_MAX, "more than %u plugins", CORE_PLUGINS_MAX);
        return CORE_EXIT_CONFIG;
    }
    for (uint32_t i = 0; i < core->setup->plugin_count; i++) {
        core->plugin_count++;
        if (life_take_in(core, i, why) != RH_OK)
            return CORE_EXIT_CONFIG;
    }
    for (uint32_t i = 0; i < core->plugin_count; i++)
        if (life_order(core, i, marks, &count, why) != RH_OK)
            return CORE_EXIT_CONFIG;
    schemas_tell(core);
    return 0;
}

static void life_too_late(void *arg)
{
    struct rh_ctx *plugin = arg;

    text_set(plugin->fail_text, sizeof plugin->fail_text, "not done within %d ms",
             LIFE_DEADLINE_MS);
    life_done(plugin, RH_ETIMEOUT);
}

/* A step failed: go on without the plugin, or give up, as the configuration says. */
static void life_failed(struct rh_ctx *plugin, const char *step, int32_t rc)
{
    struct core *core = plugin->core;

    text_set(plugin->why, sizeof plugin->why, "%s: %s", step,
             plugin->fail_text[0] ? plugin->fail_text : rh_error_text(rc));
    core_log(core, RH_LOG_ERROR, plugin->id, "plugin_failed", "step=%s code=%s reason=\"%s\"", step,
             rh_error_token(rc), plugin->why);
    timers_of_plugin_stop(plugin);
    calls_end_of_plugin(plugin);
    if (plugin->state != PLUGIN_FAILED)
        life_move(plugin, PLUGIN_FAILED);
    activation_announce(plugin, "failed");
    if (!plugin->setup->degrade)
        core_fatal(core, CORE_EXIT_CONFIG, "plugin %s failed: %s", plugin->id, plugin->why);
}

/* Run one step: PENDING waits for core->done, anything else is its result at once. */
static void life_run(struct rh_ctx *plugin, const char *step,
                     int32_t (*call)(struct rh_ctx *plugin))
{
    int32_t rc;

    plugin->life_step = ++plugin->step_count;
    plugin_enter(plugin, step);
    rc = call(plugin);
    plugin_leave(plugin, step);
    if (rc == RH_PENDING)
        (void)timers_start(&plugin->core->timers, &plugin->life_timer,
                           plugin->core->now_ms + LIFE_DEADLINE_MS, life_too_late,
                           plugin); /* TIMERS_MAX is far */
    else
        life_done(plugin, rc);
}

static int32_t call_create(struct rh_ctx *plugin)
{
    const struct rh_plugin *desc = plugin->desc;

    return desc->create ? desc->create(plugin->self, plugin, &host_face, plugin->setup->config)
                        : RH_OK;
}

static int32_t call_start_step(struct rh_ctx *plugin)
{
    return plugin->desc->start ? plugin->desc->start(plugin->self) : RH_OK;
}

static int32_t call_quiesce(struct rh_ctx *plugin)
{
    return plugin->desc->quiesce ? plugin->desc->quiesce(plugin->self) : RH_OK;
}

static int32_t call_stop(struct rh_ctx *plugin)
{
    return plugin->desc->stop ? plugin->desc->stop(plugin->self) : RH_OK;
}

void life_create(struct rh_ctx *plugin)
{
    life_move(plugin, PLUGIN_CREATING);
    plugin->was_created = true;
    life_run(plugin, "create", call_create);
}

int32_t life_try_again(struct rh_ctx *plugin)
{
    assert(plugin->state == PLUGIN_FAILED);
    if (plugin->was_created && plugin->desc->destroy) {
        plugin_enter(plugin, "destroy");
        plugin->desc->destroy(plugin->self);
        plugin_leave(plugin, "destroy");
    }
    memset(plugin->self, 0, plugin->desc->instance_size ? plugin->desc->instance_size : 1);
    plugin->why[0] = '\0';
    plugin->retry_at_ms = 0;
    plugin->watch_mask = 0;
    plugin->watch_cb = NULL;
    warnings_clear(plugin);
    core_log(plugin->core, RH_LOG_INFO, plugin->id, "plugin_tried_again", "%s", "");
    life_create(plugin);
    if (plugin->state == PLUGIN_STARTED)
        return RH_OK;
    return plugin->state == PLUGIN_FAILED ? RH_EINVAL : RH_PENDING;
}

void life_start_next(struct core *core)
{
    struct rh_ctx *provider;

    if (core->phase != CORE_LOADING)
        return;
    if (core->life_at < core->plugin_count) {
        life_create(&core->plugins[core->order[core->life_at]]);
        return;
    }
    core->phase = CORE_RUNNING;
    voter_plugins_tell(core);
    roles_update(core);
    if (!role_active(core, RH_LEADER_ROLE, &provider))
        leadership_without_provider(core);
    core_log(core, RH_LOG_INFO, NULL, "ready", "plugins=%" PRIu32 " took_ms=%" PRId64,
             core->plugin_count, core->now_ms - core->start_ms);
    activation_update_all(core);
}

static void life_next_later(void *arg)
{
    struct core *core = arg;

    if (core->phase == CORE_LOADING)
        life_start_next(core);
    else if (core->phase == CORE_STOPPING)
        life_stop_next(core);
}

/* Where a finished step leads. */
void life_done(struct rh_ctx *plugin, int32_t rc)
{
    struct core *core = plugin->core;

    timers_stop(&core->timers, &plugin->life_timer);
    plugin->life_step = 0;
    if (core->rehearsal.created) {
        core->rehearsal.created(core->rehearsal.user, plugin, rc);
        return;
    }
    switch (plugin->state) {
    case PLUGIN_CREATING:
        if (rc != RH_OK) {
            life_failed(plugin, "create", rc);
        } else {
            life_move(plugin, PLUGIN_STARTING);
            life_run(plugin, "start", call_start_step);
            return;
        }
        break;
    case PLUGIN_STARTING:
        if (rc != RH_OK) {
            life_failed(plugin, "start", rc);
        } else {
            life_move(plugin, PLUGIN_STARTED);
            if (core->phase == CORE_RUNNING) { /* tried again: its roles are new */
                voter_plugins_tell(core);
                roles_update_later(core);
            }
            activation_update(plugin);
        }
        break;
    case PLUGIN_QUIESCING:
        activation_end(plugin, "stopping");
        life_move(plugin, PLUGIN_STOPPING);
        life_run(plugin, "stop", call_stop);
        return;
    case PLUGIN_STOPPING:
        if (rc != RH_OK)
            core_log(core, RH_LOG_WARN, plugin->id, "stop_failed", "code=%s", rh_error_token(rc));
        timers_of_plugin_stop(plugin);
        calls_end_of_plugin(plugin);
        processes_of_plugin_detach(plugin);
        life_move(plugin, PLUGIN_STOPPED);
        core_defer(core, life_next_later, core);
        return;
    default:
        return; /* done() called out of turn: nothing waits for it */
    }
    if (core->phase != CORE_LOADING) /* one that was tried again */
        return;
    core->life_at++;
    core_defer(core, life_next_later, core);
}

static void life_finish(void *arg)
{
    struct core *core = arg;

    if (core->phase == CORE_FINISHED)
        return;
    core->phase = CORE_FINISHED;
    core_log(core, RH_LOG_INFO, NULL, "stopped", "exit=%" PRId32, core->exit_code);
    core->driver.ops->finished(core->driver.ctx, core->exit_code, core->exit_again);
}

void life_stop_next(struct core *core)
{
    while (core->life_at > 0) {
        struct rh_ctx *plugin = &core->plugins[core->order[--core->life_at]];

        if (plugin->state == PLUGIN_STARTED) {
            if (plugin->phase == ACT_ACTIVATING) /* one thing after the other */
                activation_end(plugin, "stopping");
            life_move(plugin, PLUGIN_QUIESCING);
            life_run(plugin, "quiesce", call_quiesce);
            return;
        }
        if (plugin->state != PLUGIN_STOPPED) {
            timers_of_plugin_stop(plugin);
            calls_end_of_plugin(plugin);
            life_move(plugin, PLUGIN_STOPPED);
        }
    }
    core_defer(core, life_finish, core);
}

void life_free(struct core *core)
{
    for (uint32_t i = core->plugin_count; i > 0; i--) {
        struct rh_ctx *plugin = &core->plugins[i - 1];

        timers_stop(&core->timers, &plugin->life_timer);
        if (plugin->was_created && plugin->desc->destroy) {
            plugin_enter(plugin, "destroy");
            plugin->desc->destroy(plugin->self);
            plugin_leave(plugin, "destroy");
        }
        plugin_free(plugin);
    }
}
