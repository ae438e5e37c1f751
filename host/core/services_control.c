/* rh.control/1: what only the admin plugin may do to the host. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/service/control.h>

#include "host/core/core_internal.h"

static int32_t control_shutdown(struct rh_ctx *plugin, int64_t grace_ms)
{
    services_check(plugin, "shutdown");
    if (grace_ms < 0)
        return RH_EINVAL;
    core_stop(plugin->core, grace_ms, CORE_EXIT_OK, 0);
    return RH_OK;
}

static int32_t control_restart(struct rh_ctx *plugin)
{
    services_check(plugin, "restart");
    core_stop(plugin->core, 30000, CORE_EXIT_OK, 1);
    return RH_OK;
}

/* Report name -> writer. */
struct report_row {
    const char *what;
    int32_t (*write)(struct core *core, struct rh_buf *out);
};
static const struct report_row reports[] = {
    {"health", report_health}, {"plugins", report_plugins}, {"routes", report_routes},
    {"loops", report_loops},   {"config", report_config},
};

static int32_t control_report(struct rh_ctx *plugin, const char *what, struct rh_str *json)
{
    struct core *core = plugin->core;

    services_check(plugin, "report");
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        int32_t rc;

        if (strcmp(reports[i].what, what) != 0)
            continue;
        rh_buf_reset(&core->report);
        rc = reports[i].write(core, &core->report);
        if (rc == RH_OK)
            *json = rh_buf_str(&core->report);
        return rc;
    }
    return RH_ENOTFOUND;
}

static int32_t control_maintenance(struct rh_ctx *plugin, uint32_t on)
{
    services_check(plugin, "maintenance");
    return presence_maintenance(plugin, on != 0);
}

static int32_t control_log_level(struct rh_ctx *plugin, const char *which, uint32_t level)
{
    struct core *core = plugin->core;
    bool is_known = !which;

    services_check(plugin, "log_level");
    if (level > RH_LOG_ERROR)
        return RH_EINVAL;
    for (uint32_t i = 0; which && i < core->plugin_count; i++)
        if (strcmp(core->plugins[i].id, which) == 0) {
            which = core->plugins[i].id; /* lives as long as the log */
            is_known = true;
        }
    return is_known ? log_level_set(&core->log, which, level) : RH_ENOTFOUND;
}

static int32_t control_peer_add(struct rh_ctx *plugin, const char *address)
{
    services_check(plugin, "peer_add");
    return address && strchr(address, ':') ? seeds_add(plugin->core, address) : RH_EINVAL;
}

static int32_t control_peer_remove(struct rh_ctx *plugin, const char *node_id)
{
    struct core *core = plugin->core;
    struct peer *peer = peers_get(&core->peers, rh_str_from(node_id), false);

    services_check(plugin, "peer_remove");
    if (!peer || peer->view.is_self)
        return RH_ENOTFOUND;
    if (peer->view.state == RH_PEER_ALIVE || peer->view.state == RH_PEER_SUSPECT ||
        peer->view.is_voter)
        return RH_ECONFLICT;
    peers_remove(&core->peers, peer->view.node_id);
    cluster_changed(core, RH_CHANGE_MEMBERS | RH_CHANGE_PEERS);
    return RH_OK;
}

static void adopted(void *user, int32_t rc)
{
    commits_hold_end(user, rc);
}

/* The answer waits until a restart would not forget the claim. */
static int32_t control_adopt_state(struct rh_ctx *plugin)
{
    struct commit_wait *hold;
    int32_t rc;

    services_check(plugin, "adopt_state");
    hold = commits_hold(plugin);
    if (!hold)
        return RH_ENOMEM;
    rc = home_adopt(plugin->core, adopted, hold);
    if (rc == RH_PENDING)
        return RH_OK;
    commits_hold_end(hold, RH_OK); /* nothing is on its way */
    if (rc == RH_ECONFLICT)
        text_set(plugin->fail_text, sizeof plugin->fail_text,
                 "the state is replicated: it is not at home on any one node");
    return rc;
}

static int32_t control_reload(struct rh_ctx *plugin,
                              void (*cb)(void *self, void *user, int32_t rc, struct rh_str report),
                              void *user)
{
    services_check(plugin, "reload");
    return cb ? reload_ask(plugin->core, plugin, cb, user) : RH_EINVAL;
}

static const struct rh_control_v1 control_service = {
    .size = (uint32_t)sizeof control_service,
    .shutdown = control_shutdown,
    .restart = control_restart,
    .report = control_report,
    .maintenance = control_maintenance,
    .log_level = control_log_level,
    .peer_add = control_peer_add,
    .peer_remove = control_peer_remove,
    .adopt_state = control_adopt_state,
    .reload = control_reload,
};

const void *services_control(void)
{
    return &control_service;
}
