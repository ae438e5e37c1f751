/* <ringhost/testhost.h>: looks into a node, and changes of fortune that no request brings about. */
#include <assert.h>
#include <string.h>

#include "host/core/core_internal.h"
#include "host/sim/sim.h"

static struct rh_ctx *find_plugin(const struct rh_testhost *host, const char *plugin_id)
{
    for (uint32_t i = 0; host->is_up && i < host->core->plugin_count; i++)
        if (strcmp(host->core->plugins[i].id, plugin_id) == 0)
            return &host->core->plugins[i];
    return NULL;
}

bool rh_testhost_plugin_view(const struct rh_testhost *host, const char *plugin_id,
                             struct rh_testhost_plugin_view *out)
{
    const struct rh_ctx *plugin = find_plugin(host, plugin_id);

    if (!plugin)
        return false;
    *out = (struct rh_testhost_plugin_view){
        .is_active = plugin->phase == ACT_ACTIVE,
        .is_replicated = plugin->is_replicated,
        .activations = plugin->activation,
        .late_replies = plugin->replies_late,
        .requests = plugin->in_flight,
        .calls = plugin->call_count,
        .timers = plugin->timer_count,
        .commits = plugin->commit_count,
        .processes = plugin->process_count,
    };
    return true;
}

void rh_testhost_reactivate(struct rh_testhost *host, const char *plugin_id)
{
    struct rh_ctx *plugin = find_plugin(host, plugin_id);

    assert(plugin);
    core_refresh(host->core);
    activation_restart(plugin, "the test asked for it");
}

void rh_testhost_lead(struct rh_testhost *host, bool leads)
{
    struct core *core = host->core;

    assert(host->is_up);
    core_refresh(core);
    if (leads)
        (void)leadership_leading(core, "host", core->lead.epoch + 1, INT64_MAX, 1,
                                 1); /* the next epoch is never stale */
    else
        (void)leadership_leaderless(core, "host", core->lead.epoch, "taken away by the test", 0,
                                    1); /* always RH_OK */
}

bool rh_testhost_is_finished(const struct rh_testhost *host)
{
    return host->is_up && host->is_finished;
}

uint32_t rh_testhost_status(const struct rh_testhost *host, uint64_t id)
{
    const struct sim_request *request = rh_map64_get(&host->requests, id);

    return request ? request->status : 0;
}

uint64_t rh_testhost_errors(const struct rh_testhost *host, const char **last)
{
    if (last)
        *last = host->last_error ? host->last_error : "";
    return host->error_count;
}
