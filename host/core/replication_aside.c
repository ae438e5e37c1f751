/* Setting the replicated state of this node aside when a provider gives it up: a copy beside it,
 * then nothing. Why it may be given up is the provider's business. */
#include <inttypes.h>

#include <ringhost/sdk/error.h>

#include "host/core/core_internal.h"

void replication_forget_schemas(struct core *core)
{
    for (uint32_t p = 0; p < core->plugin_count; p++)
        for (uint32_t i = 0; i < core->plugins[p].desc->namespace_count; i++)
            if (core->plugins[p].namespaces[i].def.flags & RH_NS_REPLICATED)
                core->plugins[p].namespaces[i].schema_stored = 0;
}

static void set_aside(void *user, int32_t rc, const char *why)
{
    struct core *core = user;
    struct replication *repl = &core->repl;
    struct rh_ctx *plugin = repl->aside_plugin;

    repl->aside_plugin = NULL;
    if (core->phase == CORE_FINISHED)
        return;
    core_refresh(core);
    if (rc == RH_OK) {
        replication_forget_schemas(core);
        core_log(core, RH_LOG_WARN, NULL, "state_set_aside",
                 "provider=%s file=replica.db.superseded-*", plugin->id);
    } else {
        core_log(core, RH_LOG_ERROR, NULL, "state_not_set_aside", "code=%s reason=\"%s\"",
                 rh_error_token(rc), why);
    }
    if (plugin->state != PLUGIN_STARTED)
        return;
    plugin_enter(plugin, "set_aside");
    repl->aside_cb(plugin->self, repl->aside_user, rc);
    plugin_leave(plugin, "set_aside");
    core_wake(core);
}

bool replication_is_used(const struct core *core)
{
    for (uint32_t p = 0; p < core->plugin_count; p++) {
        const struct rh_ctx *plugin = &core->plugins[p];

        if (plugin->is_replicated && (plugin->phase != ACT_INACTIVE || plugin->commit_count > 0))
            return true;
        for (uint32_t i = 0; i < plugin->desc->namespace_count; i++)
            if (plugin->namespaces[i].commits > 0)
                return true;
    }
    return false;
}

/* Nothing reads or writes replicated namespaces, and nobody else moves them. */
static bool is_at_rest(const struct core *core)
{
    if (core->repl.aside_plugin || core->repl.is_switching || core->lead.is_superseding ||
        core->lead.is_moving_aside)
        return false;
    return !replication_is_used(core);
}

int32_t replication_set_aside(struct rh_ctx *plugin, void (*cb)(void *self, void *user, int32_t rc),
                              void *user)
{
    struct core *core = plugin->core;
    int32_t rc;

    if (!cb)
        return RH_EINVAL;
    if (!is_at_rest(core))
        return RH_EAGAIN;
    rc = state_replica_supersede(core->state, core->wall_ms, set_aside, core);
    if (rc != RH_OK)
        return rc;
    core->repl.aside_plugin = plugin;
    core->repl.aside_cb = cb;
    core->repl.aside_user = user;
    return RH_OK;
}
