/* Snapshots and installs that a provider of replication/1 asks for: its ids, and state.h's slots
 * behind them. */
#include <inttypes.h>

#include <ringhost/sdk/error.h>

#include "host/core/core_internal.h"

/* Slot of an id, STATE_SNAPSHOTS_MAX = none; id 0 finds a free one. */
static uint32_t slot_of(const struct core *core, uint64_t id)
{
    uint32_t slot = 0;

    while (slot < STATE_SNAPSHOTS_MAX && core->repl.snapshots[slot].id != id)
        slot++;
    return slot;
}

static void snapshot_made(void *user, uint32_t slot, int32_t rc, uint64_t index, uint64_t term,
                          uint64_t length)
{
    struct core *core = user;
    struct replication *repl = &core->repl;
    uint64_t id = repl->snapshots[slot].id;

    core_refresh(core);
    repl->snapshots[slot].is_ready = rc == RH_OK;
    if (rc != RH_OK)
        repl->snapshots[slot].id = 0;
    else
        core_log(core, RH_LOG_INFO, NULL, "snapshot_made",
                 "index=%" PRIu64 " term=%" PRIu64 " bytes=%" PRIu64, index, term, length);
    if (rc != RH_OK && rc != RH_ECANCELLED)
        core_log(core, RH_LOG_WARN, NULL, "snapshot_failed", "code=%s", rh_error_token(rc));
    if (id == 0 || !repl->provider || repl->provider->state != PLUGIN_STARTED)
        return;
    if (repl->role->snapshot_ready) {
        plugin_enter(repl->provider, "snapshot_ready");
        repl->role->snapshot_ready(repl->provider->self, id, rc, index, term, length);
        plugin_leave(repl->provider, "snapshot_ready");
    }
    core_wake(core);
}

int32_t replication_snapshot_wanted(struct core *core, uint64_t id)
{
    uint32_t slot = slot_of(core, 0);
    int32_t rc;

    if (id == 0 || slot_of(core, id) < STATE_SNAPSHOTS_MAX)
        return RH_EINVAL;
    if (slot == STATE_SNAPSHOTS_MAX)
        return RH_EAGAIN;
    rc = state_snapshot_make(core->state, slot, snapshot_made, core);
    if (rc == RH_OK)
        core->repl.snapshots[slot] = (struct replication_snapshot){.id = id};
    return rc;
}

int32_t replication_snapshot_read(struct core *core, uint64_t id, uint64_t offset, uint32_t max,
                                  struct rh_str *out)
{
    uint32_t slot = id ? slot_of(core, id) : STATE_SNAPSHOTS_MAX;

    if (slot == STATE_SNAPSHOTS_MAX || !core->repl.snapshots[slot].is_ready)
        return RH_ENOTFOUND;
    return state_snapshot_read(core->state, slot, offset, max, out);
}

int32_t replication_snapshot_release(struct core *core, uint64_t id)
{
    uint32_t slot = id ? slot_of(core, id) : STATE_SNAPSHOTS_MAX;

    if (slot == STATE_SNAPSHOTS_MAX)
        return RH_ENOTFOUND;
    state_snapshot_drop(core->state, slot);
    if (core->repl.snapshots[slot].is_ready)
        core->repl.snapshots[slot] = (struct replication_snapshot){0};
    return RH_OK;
}

void replication_copies_drop(struct core *core)
{
    for (uint32_t slot = 0; slot < STATE_SNAPSHOTS_MAX; slot++) {
        state_snapshot_drop(core->state, slot);
        core->repl.snapshots[slot] = (struct replication_snapshot){0};
    }
    core->repl.receive_id = 0;
}

int32_t replication_install_write(struct core *core, uint64_t id, uint64_t offset,
                                  struct rh_str data)
{
    int32_t rc;

    if (id == 0)
        return RH_EINVAL;
    if (offset > 0 && id != core->repl.receive_id)
        return RH_ECONFLICT;
    rc = state_receive(core->state, offset, data);
    if (rc == RH_OK && offset == 0)
        core->repl.receive_id = id;
    return rc;
}

static void install_done(void *user, int32_t rc, const char *why)
{
    struct core *core = user;
    struct replication *repl = &core->repl;
    uint64_t id = repl->receive_id;

    core_refresh(core);
    repl->receive_id = 0;
    if (rc == RH_OK) {
        core_log(core, RH_LOG_INFO, NULL, "snapshot_installed", "index=%" PRIu64 " term=%" PRIu64,
                 repl->install_index, repl->install_term);
        repl->term_seen = repl->install_term;
        events_after_install(core);
        for (uint32_t i = 0; i < core->plugin_count; i++)
            if (core->plugins[i].is_replicated && core->plugins[i].phase != ACT_INACTIVE)
                activation_restart(&core->plugins[i], "another state was installed");
        barriers_applied(core);
        activation_update_all(core);
    } else {
        core_log(core, RH_LOG_ERROR, NULL, "snapshot_not_installed", "code=%s reason=\"%s\"",
                 rh_error_token(rc), why);
    }
    if (id == 0 || !repl->provider || repl->provider->state != PLUGIN_STARTED)
        return;
    if (repl->role->installed) {
        plugin_enter(repl->provider, "installed");
        repl->role->installed(repl->provider->self, id, rc, repl->install_index,
                              repl->install_term);
        plugin_leave(repl->provider, "installed");
    }
    core_wake(core);
}

int32_t replication_install(struct core *core, uint64_t id, uint64_t index, uint64_t term)
{
    int32_t rc;

    if (index == 0)
        return RH_EINVAL;
    if (id == 0 || id != core->repl.receive_id)
        return RH_ENOTFOUND;
    rc = state_install(core->state, index, term, install_done, core);
    if (rc == RH_OK) {
        core->repl.install_index = index;
        core->repl.install_term = term;
    }
    return rc;
}
