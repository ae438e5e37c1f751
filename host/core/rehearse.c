/* See rehearse.h. */
#include "host/core/rehearse.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/rehearse_driver.h"

/* Turns until a create that still waits without a timer is given up. */
#define TURNS_MAX 100000u

/* One plugin that is created. */
struct stage {
    struct rehearse_driver driver;
    struct core *core;
    struct rehearsal *out;
    bool is_done;
};

static void created(void *user, struct rh_ctx *plugin, int32_t rc)
{
    struct stage *stage = user;

    stage->is_done = true;
    stage->out->rc = rc;
    if (rc == RH_OK)
        return;
    text_set(stage->out->field, sizeof stage->out->field, "%s", plugin->fail_field);
    text_set(stage->out->text, sizeof stage->out->text, "%s",
             plugin->fail_text[0] ? plugin->fail_text : rh_error_text(rc));
}

/* As a start takes it in, but without routes, and with namespaces that nothing is in. */
static int32_t take_in(struct core *core, uint32_t at)
{
    struct rh_ctx *plugin = &core->plugins[0];
    const struct rh_plugin *desc = core->setup->plugins[at].entry;

    core->plugin_count = 1;
    plugin->core = core;
    plugin->setup = &core->setup->plugins[at];
    plugin->desc = desc;
    plugin->id = desc->id;
    rh_buf_init(&plugin->row_memory, 64u * 1024u * 1024u);
    for (uint32_t i = 0; i < desc->namespace_count && i < PLUGIN_NAMESPACES_MAX; i++) {
        plugin->namespaces[i].def = desc->namespaces[i];
        plugin->namespaces[i].plugin = plugin;
    }
    plugin->self = calloc(1, desc->instance_size ? desc->instance_size : 1);
    plugin->loops = calloc(desc->loop_count ? desc->loop_count : 1, sizeof *plugin->loops);
    if (!plugin->self || !plugin->loops)
        return RH_ENOMEM;
    return metrics_get(core->metrics, RH_METRIC_HISTOGRAM, plugin->id, "callback_seconds", NULL, "",
                       &plugin->callback_metric);
}

/* Turns in virtual time: it jumps to the next timer when nothing else is left to do. The deadline
 * of the step is such a timer. */
static void wait_for_it(struct stage *stage)
{
    struct core *core = stage->core;

    for (uint32_t i = 0; !stage->is_done && i < TURNS_MAX; i++) {
        if (deferred_run(&core->deferred) || stage->is_done)
            continue;
        if (timers_next(&core->timers) == INT64_MAX)
            break;
        if (timers_next(&core->timers) > core->now_ms) {
            core->wall_ms += timers_next(&core->timers) - core->now_ms;
            core->now_ms = timers_next(&core->timers);
        }
        timers_run(&core->timers, core->now_ms, 1);
    }
}

int32_t core_rehearse(const struct core_setup *setup, uint32_t at, const struct driver *driver,
                      struct rehearsal *out)
{
    struct stage stage = {.out = out, .core = calloc(1, sizeof(struct core))};
    char why[CORE_WHY_MAX] = "";
    struct core_setup own = *setup; /* nobody asks here, so there are no tokens */
    struct core *core = stage.core;
    int32_t rc = core ? RH_OK : RH_ENOMEM;

    memset(out, 0, sizeof *out);
    if (!core)
        return rc;
    rehearse_driver_init(&stage.driver, driver, core, &out->was_denied);
    own.token_text = (struct rh_str){NULL, 0};
    core->setup = &own;
    core->driver = stage.driver.face;
    core->start_count = 1;
    text_set(core->instance_id, sizeof core->instance_id, "%032d", 0);
    text_set(core->cluster_id, sizeof core->cluster_id, "%s", setup->cluster_id);
    core->rehearsal = (struct core_rehearsal){&stage, created, &out->was_denied};
    core_refresh(core);
    if (core_memory_init(core, why) != 0 || presence_init(core) != RH_OK)
        rc = RH_ENOMEM;
    if (rc == RH_OK)
        rc = take_in(core, at);
    if (rc == RH_OK) {
        life_create(&core->plugins[0]);
        wait_for_it(&stage);
    }
    if (rc == RH_OK && !stage.is_done)
        created(&stage, &core->plugins[0], RH_ETIMEOUT);
    core_free(core);
    return rc;
}
