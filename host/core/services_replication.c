/* The host's side of the role replication/1, as providers see it: who may call, and whom it reaches
 * (replication.h, state.h). */
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

static bool is_active(const struct rh_ctx *plugin)
{
    return plugin->core->repl.provider == plugin;
}

static int32_t host_applied(struct rh_ctx *plugin, uint64_t *index, uint64_t *term)
{
    services_check(plugin, "applied");
    if (plugin->core->rehearsal.was_denied) {
        *plugin->core->rehearsal.was_denied = 1;
        return RH_ELOADING;
    }
    state_applied(plugin->core->state, index, term);
    return RH_OK;
}

static int32_t host_committed(struct rh_ctx *plugin, uint64_t index, uint64_t term, uint64_t id,
                              struct rh_str data)
{
    struct core *core = plugin->core;
    int32_t rc;

    services_check(plugin, "committed");
    if (!is_active(plugin))
        return RH_EFORBIDDEN;
    rc = state_apply_committed(core->state, index, term, id, data);
    if (rc == RH_EPROTOCOL || rc == RH_EUNSUPPORTED) {
        text_set(core->unhealthy, sizeof core->unhealthy,
                 "the log of plugin %s holds an entry that this version does not know", plugin->id);
        text_set(core->repl.health_why, sizeof core->repl.health_why, "%s", core->unhealthy);
        core->repl.health_rc = rc; /* it knows; whoever decides on leadership is told next turn */
    }
    core_wake(core);
    return rc == RH_ENOSPACE ? RH_EIO : rc; /* applying has stopped, whatever stopped it */
}

static int32_t host_failed(struct rh_ctx *plugin, uint64_t id, int32_t rc)
{
    services_check(plugin, "failed");
    if (rc != RH_ENOTLEADER && rc != RH_EUNKNOWN)
        return RH_EINVAL;
    if (!is_active(plugin))
        return RH_EFORBIDDEN;
    state_propose_failed(plugin->core->state, id, rc);
    core_wake(plugin->core);
    return RH_OK;
}

static int32_t host_barrier_done(struct rh_ctx *plugin, uint64_t id, int32_t rc)
{
    services_check(plugin, "barrier_done");
    if (!is_active(plugin))
        return RH_EFORBIDDEN;
    barriers_answered(plugin->core, id, rc);
    return RH_OK;
}

static int32_t host_snapshot_wanted(struct rh_ctx *plugin, uint64_t id)
{
    services_check(plugin, "snapshot_wanted");
    return is_active(plugin) ? replication_snapshot_wanted(plugin->core, id) : RH_EFORBIDDEN;
}

static int32_t host_snapshot_read(struct rh_ctx *plugin, uint64_t id, uint64_t offset, uint32_t max,
                                  struct rh_str *out)
{
    services_check(plugin, "snapshot_read");
    return is_active(plugin) ? replication_snapshot_read(plugin->core, id, offset, max, out)
                             : RH_EFORBIDDEN;
}

static int32_t host_snapshot_release(struct rh_ctx *plugin, uint64_t id)
{
    services_check(plugin, "snapshot_release");
    return is_active(plugin) ? replication_snapshot_release(plugin->core, id) : RH_EFORBIDDEN;
}

static int32_t host_install_write(struct rh_ctx *plugin, uint64_t id, uint64_t offset,
                                  struct rh_str data)
{
    services_check(plugin, "install_write");
    return is_active(plugin) ? replication_install_write(plugin->core, id, offset, data)
                             : RH_EFORBIDDEN;
}

static int32_t host_install(struct rh_ctx *plugin, uint64_t id, uint64_t index, uint64_t term)
{
    services_check(plugin, "install");
    return is_active(plugin) ? replication_install(plugin->core, id, index, term) : RH_EFORBIDDEN;
}

static int32_t host_stand_by(struct rh_ctx *plugin, uint32_t is_standing_by)
{
    services_check(plugin, "stand_by");
    if (plugin->is_standing_by == (is_standing_by != 0))
        return RH_OK;
    plugin->is_standing_by = is_standing_by != 0;
    roles_update_later(plugin->core);
    return RH_OK;
}

static int32_t host_set_aside(struct rh_ctx *plugin, void (*cb)(void *self, void *user, int32_t rc),
                              void *user)
{
    services_check(plugin, "set_aside");
    return replication_set_aside(plugin, cb, user);
}

static int32_t host_former_home(struct rh_ctx *plugin, uint64_t *epoch, struct rh_str *node_id)
{
    const struct core *core = plugin->core;

    services_check(plugin, "former_home");
    *epoch = core->lead.home_epoch;
    *node_id = rh_str_from(core->lead.home_node);
    return RH_OK;
}

static const struct rh_replication_host_v1 replication_host = {
    .size = (uint32_t)sizeof replication_host,
    .applied = host_applied,
    .committed = host_committed,
    .failed = host_failed,
    .barrier_done = host_barrier_done,
    .snapshot_wanted = host_snapshot_wanted,
    .snapshot_read = host_snapshot_read,
    .snapshot_release = host_snapshot_release,
    .install_write = host_install_write,
    .install = host_install,
    .stand_by = host_stand_by,
    .set_aside = host_set_aside,
    .former_home = host_former_home,
};

const void *services_replication(void)
{
    return &replication_host;
}
