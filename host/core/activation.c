/* Activation: the one mechanism for state in memory. A plugin is active from activate(epoch) to
 * deactivate; everything it has under way belongs to one activation. DESIGN section 2. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/edges.h>
#include <ringhost/sdk/error.h>

#include "host/core/core_internal.h"
#include "host/core/loops.h"
#include "host/core/schemas.h"

#define RETRY_MS_MIN 500
#define RETRY_MS_MAX 30000
#define SETTLED_MS   1000 /* an activation that lived so long forgets earlier failures */

static const struct rh_edge act_edges[] = {
    {ACT_INACTIVE, ACT_WAITING},  {ACT_WAITING, ACT_INACTIVE},    {ACT_WAITING, ACT_ACTIVATING},
    {ACT_ACTIVATING, ACT_ACTIVE}, {ACT_ACTIVATING, ACT_INACTIVE}, {ACT_ACTIVE, ACT_INACTIVE},
};

static void act_move(struct rh_ctx *plugin, uint8_t to)
{
    rh_state_move(&plugin->phase, act_edges, sizeof act_edges / sizeof act_edges[0], to);
    plugin->since_ms = plugin->core->now_ms;
}

void activation_announce(struct rh_ctx *plugin, const char *state)
{
    char payload[256];
    int n = snprintf(payload, sizeof payload, "{\"plugin\":\"%s\",\"state\":\"%s\"}", plugin->id,
                     state);

    if (n > 0 && (size_t)n < sizeof payload)
        events_publish_host(plugin->core, "PLUGIN_STATE", (struct rh_str){payload, (size_t)n});
}

static void announce(struct rh_ctx *plugin, const char *state)
{
    core_log(plugin->core, RH_LOG_INFO, plugin->id, state,
             "activation=%" PRIu64 " epoch=%" PRIu64 "%s%s", plugin->activation, plugin->epoch,
             plugin->why[0] ? " reason=" : "", plugin->why);
    activation_announce(plugin, state);
}

bool activation_is_wanted(struct rh_ctx *plugin)
{
    struct core *core = plugin->core;

    if (plugin->state != PLUGIN_STARTED || core->now_ms < plugin->retry_at_ms)
        return false;
    if (!plugin->is_replicated)
        return true;
    return core->phase == CORE_RUNNING && core->lead.is_self && replication_has_state(core);
}

/* Why a plugin that has started is not active, in words for replies and /plugins. */
static void explain(struct rh_ctx *plugin)
{
    struct core *core = plugin->core;

    if (plugin->is_replicated && !core->lead.is_self)
        text_set(plugin->why, sizeof plugin->why, "this node does not lead");
    else if (plugin->is_replicated && !replication_has_state(core))
        replication_explain(core, plugin->why, sizeof plugin->why);
}

/* A beat at most: a voter that comes back later than that, once its disk has room again, say, makes
 * the cluster wait for a leader longer than a crash does. */
static int64_t retry_most_ms(const struct core *core)
{
    int64_t beat_ms = core->setup->beat_ms > RETRY_MS_MIN ? core->setup->beat_ms : RETRY_MS_MIN;

    return beat_ms < RETRY_MS_MAX ? beat_ms : RETRY_MS_MAX;
}

static void retry(void *arg)
{
    struct rh_ctx *plugin = arg;

    plugin->retry_at_ms = 0;
    activation_update(plugin);
}

/* End the activation and let the next one wait, the longer the more have failed in a row. */
static void act_put_off(struct rh_ctx *plugin)
{
    int64_t wait_ms;

    activation_end(plugin, plugin->why);
    wait_ms = RETRY_MS_MIN << (plugin->activate_failures < 6 ? plugin->activate_failures : 6);
    plugin->activate_failures++;
    if (wait_ms > retry_most_ms(plugin->core))
        wait_ms = retry_most_ms(plugin->core);
    plugin->retry_at_ms = plugin->core->now_ms + wait_ms;
    (void)timers_start(&plugin->core->timers, &plugin->life_timer, plugin->retry_at_ms, retry,
                       plugin); /* TIMERS_MAX is far */
}

static void act_failed(struct rh_ctx *plugin, const char *step, int32_t rc)
{
    text_set(plugin->why, sizeof plugin->why, "%s: %s", step,
             plugin->fail_text[0] ? plugin->fail_text : rh_error_text(rc));
    core_log(plugin->core, RH_LOG_ERROR, plugin->id, "activation_failed",
             "step=%s code=%s reason=\"%s\"", step, rh_error_token(rc), plugin->why);
    plugin->reactivations++;
    act_put_off(plugin);
}

static void act_too_late(void *arg)
{
    struct rh_ctx *plugin = arg;

    plugin->fail_text[0] = '\0';
    act_failed(plugin, "activate", RH_ETIMEOUT);
}

void activation_done(struct rh_ctx *plugin, int32_t rc)
{
    if (plugin->phase != ACT_ACTIVATING)
        return;
    timers_stop(&plugin->core->timers, &plugin->life_timer);
    plugin->activation_step = 0;
    if (rc != RH_OK) {
        act_failed(plugin, "activate", rc);
        return;
    }
    act_move(plugin, ACT_ACTIVE);
    plugin->why[0] = '\0';
    announce(plugin, "activated");
    loops_start(plugin);
    events_schedule(plugin->core);
}

static void act_activate(struct rh_ctx *plugin)
{
    int32_t rc = RH_OK;

    plugin->activation_step = ++plugin->step_count;
    if (plugin->desc->activate) {
        plugin_enter(plugin, "activate");
        rc = plugin->desc->activate(plugin->self, plugin->epoch);
        plugin_leave(plugin, "activate");
    }
    if (rc == RH_PENDING)
        (void)timers_start(&plugin->core->timers, &plugin->life_timer,
                           plugin->core->now_ms + ACTIVATE_DEADLINE_MS, act_too_late,
                           plugin); /* TIMERS_MAX is far */
    else
        activation_done(plugin, rc);
}

/* What migrate committed has its outcome. */
static void act_migrated(struct rh_ctx *plugin)
{
    timers_stop(&plugin->core->timers, &plugin->life_timer);
    plugin->is_migrating = false;
    plugin->fail_text[0] = '\0';
    if (schemas_are_raised(plugin))
        act_activate(plugin);
    else
        act_failed(plugin, "migrate", RH_ECONFLICT);
}

/* Nothing of the last activation is under way any more: begin the next. */
static void act_begin(struct rh_ctx *plugin)
{
    int32_t rc;

    for (uint32_t i = 0; i < plugin->desc->namespace_count; i++)
        state_resume(plugin->core->state, plugin->namespaces[i].ns);
    plugin->activation++;
    plugin->epoch = plugin->core->lead.epoch;
    act_move(plugin, ACT_ACTIVATING);
    plugin->fail_text[0] = '\0';
    rc = schemas_migrate(plugin);
    if (rc == RH_PENDING) {
        plugin->is_migrating = true;
        (void)timers_start(&plugin->core->timers, &plugin->life_timer,
                           plugin->core->now_ms + ACTIVATE_DEADLINE_MS, act_too_late,
                           plugin); /* TIMERS_MAX is far */
    } else if (rc == RH_OK) {
        act_activate(plugin);
    } else {
        act_failed(plugin, "migrate", rc);
    }
}

void activation_end(struct rh_ctx *plugin, const char *why)
{
    struct core *core = plugin->core;

    if (plugin->phase == ACT_INACTIVE)
        return;
    if (plugin->why != why)
        text_set(plugin->why, sizeof plugin->why, "%s", why);
    if (plugin->phase == ACT_WAITING) {
        act_move(plugin, ACT_INACTIVE);
        return;
    }
    if (plugin->phase == ACT_ACTIVE && core->now_ms - plugin->since_ms >= SETTLED_MS)
        plugin->activate_failures = 0;
    timers_stop(&core->timers, &plugin->life_timer);
    act_move(plugin, ACT_INACTIVE);
    plugin->activation_step = 0;
    plugin->is_migrating = false;
    plugin->is_ending = true;
    loops_stop(plugin);
    timers_of_plugin_stop(plugin);
    commits_cancel(plugin);
    barriers_cancel(plugin);
    calls_end_of_plugin(plugin);
    processes_of_plugin_detach(plugin);
    requests_end_of_plugin(plugin, RH_ELOADING, why);
    if (plugin->desc->deactivate) {
        plugin_enter(plugin, "deactivate");
        plugin->desc->deactivate(plugin->self);
        plugin_leave(plugin, "deactivate");
    }
    timers_of_plugin_stop(plugin);
    warnings_clear(plugin);
    plugin->is_ending = false;
    announce(plugin, "deactivated");
}

static void update_later(void *arg)
{
    struct rh_ctx *plugin = arg;

    plugin->is_update_queued = false;
    if (plugin->core->phase == CORE_FINISHED)
        return; /* the node is gone, and its databases are closed */
    if (plugin->wants_reactivate) {
        plugin->wants_reactivate = false;
        plugin->reactivations++;
        /* One that fails as soon as it begins must not turn in a circle. */
        if (plugin->is_migrating ||
            (plugin->phase == ACT_ACTIVE && plugin->core->now_ms - plugin->since_ms < SETTLED_MS))
            act_put_off(plugin);
        else
            activation_end(plugin, plugin->why);
    }
    if (plugin->is_replicated && plugin->epoch != plugin->core->lead.epoch &&
        (plugin->phase == ACT_ACTIVATING || plugin->phase == ACT_ACTIVE))
        activation_end(plugin, "the leadership has a new epoch");
    if (!activation_is_wanted(plugin)) {
        plugin->is_schema_refused = false;
        explain(plugin);
        activation_end(plugin, plugin->why);
        return;
    }
    if (plugin->phase == ACT_INACTIVE)
        act_move(plugin, ACT_WAITING);
    if (plugin->commit_count > 0)
        return;
    if (plugin->is_migrating)
        act_migrated(plugin);
    else if (plugin->phase == ACT_WAITING && schemas_allow(plugin))
        act_begin(plugin);
    else if (plugin->phase == ACT_WAITING)
        activation_end(plugin, plugin->why);
}

/* Always on a turn of its own: whoever noticed the change may be a plugin's callback. */
void activation_update(struct rh_ctx *plugin)
{
    if (plugin->is_update_queued)
        return;
    plugin->is_update_queued = true;
    core_defer(plugin->core, update_later, plugin);
}

void activation_update_all(struct core *core)
{
    for (uint32_t i = 0; i < core->plugin_count; i++)
        if (core->plugins[i].state == PLUGIN_STARTED)
            activation_update(&core->plugins[i]);
}

void activation_commits_done(struct rh_ctx *plugin)
{
    if (plugin->phase == ACT_WAITING || plugin->is_migrating)
        activation_update(plugin);
}

void activation_restart(struct rh_ctx *plugin, const char *why)
{
    text_set(plugin->why, sizeof plugin->why, "%s", why);
    plugin->wants_reactivate = true;
    activation_update(plugin);
}
