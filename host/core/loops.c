/* The schedule of plugins' loops: interval from end to start, jitter, back-off after errors. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/json_scan.h"
#include "host/core/loops.h"

#define BACKOFF_MAX 16

static void loop_begin(void *arg);

static bool loop_may_run(const struct loop_run *loop)
{
    const struct core *core = loop->plugin->core;

    return core->setup->loops_enabled && loop->interval_ms > 0 &&
           (!(loop->def->flags & RH_LEADER) || core->lead.is_self);
}

/* As much of the interval as the descriptor says, also of one that is configured. */
static int64_t loop_jitter(const struct loop_run *loop)
{
    const struct driver *driver = &loop->plugin->core->driver;
    const double share = (double)loop->interval_ms / (double)loop->def->interval_ms;
    const int64_t most = (int64_t)((double)loop->def->jitter_ms * share);

    return most > 0 ? (int64_t)(driver->ops->random(driver->ctx) % (uint64_t)(most + 1)) : 0;
}

static void loop_plan(struct loop_run *loop)
{
    struct core *core = loop->plugin->core;
    int64_t factor = loop->failures < 4 ? INT64_C(1) << loop->failures : BACKOFF_MAX;
    int64_t jitter = loop_jitter(loop);

    (void)timers_start(&core->timers, &loop->timer,
                       core->now_ms + loop->interval_ms * factor + jitter, loop_begin,
                       loop); /* TIMERS_MAX is far */
}

static void loop_end(struct loop_run *loop, int32_t rc)
{
    struct core *core = loop->plugin->core;

    loop->is_running = false;
    loop->last_rc = rc;
    loop->last_duration_ms = core->now_ms - loop->started_ms;
    loop->last_error[0] = '\0';
    if (rc == RH_OK) {
        loop->failures = 0;
    } else {
        loop->failures++;
        text_set(loop->last_error, sizeof loop->last_error, "%s",
                 loop->plugin->fail_text[0] ? loop->plugin->fail_text : rh_error_text(rc));
        core_log(core, RH_LOG_WARN, loop->plugin->id, "loop_failed",
                 "loop=%s failures=%" PRIu32 " reason=\"%s\"", loop->def->name, loop->failures,
                 loop->last_error);
    }
    if (loop_may_run(loop))
        loop_plan(loop);
}

static void loop_begin(void *arg)
{
    struct loop_run *loop = arg;
    struct rh_ctx *plugin = loop->plugin;
    int32_t rc;

    loop->runs++;
    loop->is_running = true;
    loop->step = ++plugin->step_count;
    loop->started_ms = plugin->core->now_ms;
    loop->last_at_ms = plugin->core->wall_ms;
    plugin_enter(plugin, loop->def->name);
    rc = loop->def->run(plugin->self);
    plugin_leave(plugin, loop->def->name);
    if (rc != RH_PENDING)
        loop_end(loop, rc);
}

/* Whether the plugin's configuration has a switch `enabled` that is off. */
static bool is_switched_off(const struct rh_ctx *plugin)
{
    const struct rh_fields *table = &plugin->desc->config;
    const char *config = plugin->setup->config;

    for (uint32_t i = 0; config && i < table->count; i++)
        if (table->fields[i].type == RH_FIELD_BOOL && strcmp(table->fields[i].name, "enabled") == 0)
            return !*(const int32_t *)(const void *)(config + table->fields[i].offset);
    return false;
}

/* What the plugin's configuration says, a duration "loop_NAME", else what the descriptor says. */
static int64_t loop_interval(const struct rh_ctx *plugin, const struct rh_loop *def)
{
    static const char prefix[] = "loop_";
    const struct rh_fields *table = &plugin->desc->config;
    const char *config = plugin->setup->config;

    for (uint32_t i = 0; config && i < table->count; i++) {
        const struct rh_field *field = &table->fields[i];

        if (field->type == RH_FIELD_DURATION &&
            strncmp(field->name, prefix, sizeof prefix - 1) == 0 &&
            strcmp(field->name + sizeof prefix - 1, def->name) == 0)
            return *(const int64_t *)(const void *)(config + field->offset);
    }
    return def->interval_ms;
}

void loops_start(struct rh_ctx *plugin)
{
    for (uint32_t i = 0; i < plugin->desc->loop_count; i++) {
        struct loop_run *loop = &plugin->loops[i];

        loop->plugin = plugin;
        loop->def = &plugin->desc->loops[i];
        loop->interval_ms = is_switched_off(plugin) ? 0 : loop_interval(plugin, loop->def);
        if (loop_may_run(loop))
            loop_plan(loop);
    }
}

void loops_leader_changed(struct core *core)
{
    for (uint32_t p = 0; p < core->plugin_count; p++)
        for (uint32_t i = 0; i < core->plugins[p].desc->loop_count; i++) {
            struct loop_run *loop = &core->plugins[p].loops[i];
            bool is_planned = rh_heap_contains(&loop->timer.node);

            if (core->plugins[p].phase != ACT_ACTIVE || !(loop->def->flags & RH_LEADER))
                continue;
            if (!loop_may_run(loop))
                timers_stop(&core->timers, &loop->timer);
            else if (!is_planned && !loop->is_running)
                loop_plan(loop);
        }
}

void loops_stop(struct rh_ctx *plugin)
{
    for (uint32_t i = 0; i < plugin->desc->loop_count; i++) {
        timers_stop(&plugin->core->timers, &plugin->loops[i].timer);
        plugin->loops[i].is_running = false;
    }
}

uint64_t loops_step(const struct rh_ctx *plugin)
{
    for (uint32_t i = 0; i < plugin->desc->loop_count; i++)
        if (plugin->loops[i].is_running)
            return plugin->loops[i].step;
    return 0;
}

bool loops_done(struct rh_ctx *plugin, uint64_t step, int32_t rc)
{
    for (uint32_t i = 0; i < plugin->desc->loop_count; i++)
        if (plugin->loops[i].is_running && plugin->loops[i].step == step) {
            loop_end(&plugin->loops[i], rc);
            return true;
        }
    return false;
}

static struct loop_run *loop_find(struct core *core, struct rh_str name)
{
    for (uint32_t p = 0; p < core->plugin_count; p++)
        for (uint32_t i = 0; i < core->plugins[p].desc->loop_count; i++)
            if (rh_str_eq_c(name, core->plugins[p].desc->loops[i].name))
                return &core->plugins[p].loops[i];
    return NULL;
}

int32_t loops_run_now(struct core *core, struct rh_str name, const char **why)
{
    struct loop_run *loop = loop_find(core, name);

    if (!loop)
        return RH_ENOTFOUND;
    *why = "its plugin is not active";
    if (!loop->def || loop->plugin->phase != ACT_ACTIVE)
        return (loop->def && loop->def->flags & RH_LEADER) && !core->lead.is_self ? RH_ENOTLEADER
                                                                                  : RH_ECONFLICT;
    *why = "it is running";
    if (loop->is_running)
        return RH_ECONFLICT;
    *why = "it is switched off";
    if (!core->setup->loops_enabled || loop->interval_ms <= 0)
        return RH_ECONFLICT;
    if (!loop_may_run(loop))
        return RH_ENOTLEADER;
    timers_stop(&core->timers, &loop->timer);
    (void)timers_start(&core->timers, &loop->timer, core->now_ms, loop_begin,
                       loop); /* TIMERS_MAX is far */
    core_wake(core);
    return RH_OK;
}

int32_t loops_note(struct rh_ctx *plugin, const char *name, struct rh_str json)
{
    struct loop_run *loop = NULL;
    char *copy;

    for (uint32_t i = 0; name && i < plugin->desc->loop_count; i++)
        if (strcmp(plugin->desc->loops[i].name, name) == 0)
            loop = &plugin->loops[i];
    if (json.n > LOOP_ACTIONS_MAX)
        return RH_ETOOLARGE;
    if (!loop || json.n == 0 || json.p[0] != '[' || json_check(json, NULL, 0) != RH_OK)
        return RH_EINVAL;
    copy = malloc(json.n + 1);
    if (!copy)
        return RH_ENOMEM;
    memcpy(copy, json.p, json.n);
    copy[json.n] = '\0';
    free(loop->actions);
    loop->actions = copy;
    return RH_OK;
}

void loops_free(struct rh_ctx *plugin)
{
    for (uint32_t i = 0; i < plugin->desc->loop_count; i++)
        free(plugin->loops[i].actions);
    free(plugin->loops);
}
