/* Every call into a plugin is bracketed here: who runs is known, timed, logged when slow, and
 * watched. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "host/core/core_internal.h"

void plugin_enter(struct rh_ctx *plugin, const char *what)
{
    struct core *core = plugin->core;

    assert(!core->current); /* the host never calls a plugin from inside a plugin's call */
    core->current = plugin;
    core->current_what = what;
    plugin->fail_text[0] = '\0';
    plugin->fail_field[0] = '\0';
    core->entered_us = core->driver.ops->now_us(core->driver.ctx);
    core->driver.ops->entered(core->driver.ctx, plugin->id, what);
}

/* Tell people and metrics that a callback held the loop. */
static void report_slow(struct rh_ctx *plugin, const char *what, int64_t took_us)
{
    char payload[256];
    int n;

    plugin->slow_callbacks++;
    core_log(plugin->core, RH_LOG_WARN, plugin->id, "slow_callback", "callback=%s took_ms=%" PRId64,
             what, took_us / 1000);
    n = snprintf(payload, sizeof payload,
                 "{\"plugin\":\"%s\",\"callback\":\"%s\",\"took_ms\":%" PRId64 "}", plugin->id,
                 what, took_us / 1000);
    if (n > 0 && (size_t)n < sizeof payload)
        events_publish_host(plugin->core, "SLOW_CALLBACK", (struct rh_str){payload, (size_t)n});
}

void plugin_leave(struct rh_ctx *plugin, const char *what)
{
    struct core *core = plugin->core;
    int64_t took_us = core->driver.ops->now_us(core->driver.ctx) - core->entered_us;

    assert(core->current == plugin);
    core->current = NULL;
    core->driver.ops->entered(core->driver.ctx, NULL, NULL);
    metrics_observe(core->metrics, plugin->callback_metric, (double)took_us / 1e6);
    if (took_us > SLOW_CALLBACK_US)
        report_slow(plugin, what, took_us);
}

void plugin_suspend(struct core *core, struct callback_outer *outer)
{
    *outer = (struct callback_outer){.plugin = core->current, .what = core->current_what};
    if (!outer->plugin)
        return;
    outer->entered_us = core->entered_us;
    outer->suspended_us = core->driver.ops->now_us(core->driver.ctx);
    core->current = NULL;
}

void plugin_resume(struct core *core, const struct callback_outer *outer)
{
    assert(!core->current);
    if (!outer->plugin)
        return;
    core->current = outer->plugin;
    core->current_what = outer->what;
    core->entered_us =
        outer->entered_us + core->driver.ops->now_us(core->driver.ctx) - outer->suspended_us;
    core->driver.ops->entered(core->driver.ctx, outer->plugin->id, outer->what);
}
