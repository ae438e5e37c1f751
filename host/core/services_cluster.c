/* rh.cluster/1 and the host's side of the roles membership/1 and leader/1. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/role/leader.h>
#include <ringhost/role/membership.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

/* --- change notices --- */

static void notice_run(void *arg)
{
    struct rh_ctx *plugin = arg;
    uint32_t changed = plugin->changed;

    plugin->is_watch_queued = false;
    plugin->changed = 0;
    if (!plugin->watch_cb || plugin->state != PLUGIN_STARTED)
        return;
    plugin_enter(plugin, "watch");
    plugin->watch_cb(plugin->self, changed);
    plugin_leave(plugin, "watch");
}

void cluster_changed(struct core *core, uint32_t changed)
{
    for (uint32_t i = 0; i < core->plugin_count; i++) {
        struct rh_ctx *plugin = &core->plugins[i];

        if (!(plugin->watch_mask & changed))
            continue;
        plugin->changed |= changed & plugin->watch_mask;
        if (!plugin->is_watch_queued) {
            plugin->is_watch_queued = true;
            core_defer(core, notice_run, plugin);
        }
    }
}

/* --- rh.cluster/1 --- */

static void cluster_peers(struct rh_ctx *plugin, struct rh_peers *out)
{
    services_check(plugin, "peers");
    peers_list(&plugin->core->peers, out);
}

static int32_t cluster_peer(struct rh_ctx *plugin, struct rh_str node_id, struct rh_peer *out)
{
    const struct peer *peer = peers_get(&plugin->core->peers, node_id, false);

    services_check(plugin, "peer");
    if (!peer)
        return RH_ENOTFOUND;
    *out = peer->view;
    return RH_OK;
}

static void cluster_leader(struct rh_ctx *plugin, struct rh_leader *out)
{
    services_check(plugin, "leader");
    leadership_view(plugin->core, out);
}

static int32_t cluster_watch(struct rh_ctx *plugin, uint32_t mask,
                             void (*cb)(void *self, uint32_t changed))
{
    services_check(plugin, "watch");
    plugin->watch_mask = cb ? mask : 0;
    plugin->watch_cb = cb;
    return RH_OK;
}

static int32_t cluster_advertise(struct rh_ctx *plugin, const char *key, struct rh_str value)
{
    services_check(plugin, "advertise");
    return presence_set(plugin->core, key, value);
}

static int32_t cluster_fence(struct rh_ctx *plugin, uint64_t epoch)
{
    services_check(plugin, "fence");
    return leadership_fence(plugin->core, epoch);
}

static const struct rh_cluster_v1 cluster_service = {
    .size = (uint32_t)sizeof cluster_service,
    .peers = cluster_peers,
    .peer = cluster_peer,
    .leader = cluster_leader,
    .watch = cluster_watch,
    .advertise = cluster_advertise,
    .fence = cluster_fence,
};

const void *services_cluster(void)
{
    return &cluster_service;
}

/* --- membership/1, the host's side --- */

static void membership_self_state(struct rh_ctx *plugin, struct rh_node_state *out)
{
    services_check(plugin, "self_state");
    presence_self_state(plugin->core, out);
}

static bool is_voter(const struct core *core, struct rh_str node_id)
{
    for (uint32_t i = 0; i < core->setup->voters.count; i++)
        if (rh_str_eq(core->setup->voters.items[i], node_id))
            return true;
    return false;
}

static int32_t membership_learn(struct rh_ctx *plugin, const struct rh_node_state *state)
{
    struct core *core = plugin->core;
    struct rh_node_state known = {0};
    struct peer *peer;
    int32_t rc;

    services_check(plugin, "learn");
    memcpy(&known, state, state->size < sizeof known ? state->size : sizeof known);
    if (known.node_id.n == 0 || known.node_id.n > NODE_ID_MAX || known.instance_id.n > 64 ||
        known.address.n > 256)
        return RH_EINVAL;
    if (!rh_str_eq_c(known.node_id, core->setup->node_id))
        rc = peers_learn(&core->peers, &known, core->wall_ms);
    else if (rh_str_eq_c(known.instance_id, core->instance_id))
        return RH_OK;
    else
        rc = RH_EEXISTS;
    if (rc == RH_EEXISTS) {
        core->duplicate_node++;
        core_log(core, RH_LOG_ERROR, NULL, "duplicate_node_id",
                 "node=%.*s instance=%.*s address=%.*s", RH_STR_ARG(known.node_id),
                 RH_STR_ARG(known.instance_id), RH_STR_ARG(known.address));
    }
    if (rc < 0 || rc == PEERS_SAME)
        return rc < 0 ? rc : RH_OK;
    peer = peers_get(&core->peers, known.node_id, false);
    if (peer)
        peer->view.is_voter = is_voter(core, known.node_id);
    identity_set_cluster(core, known.cluster_id, 0);
    cluster_changed(core, rc == PEERS_NEW ? RH_CHANGE_MEMBERS | RH_CHANGE_PEERS | RH_CHANGE_PRESENCE
                                          : RH_CHANGE_PRESENCE);
    return RH_OK;
}

/* HOST_ONLINE and HOST_OFFLINE, on the edge. */
static void announce_edge(struct core *core, const struct peer *peer, uint32_t before,
                          const char *reason)
{
    bool was_online = before == RH_PEER_ALIVE || before == RH_PEER_SUSPECT;
    bool is_online = peer->view.state == RH_PEER_ALIVE || peer->view.state == RH_PEER_SUSPECT;
    struct rh_json_writer w;
    struct rh_buf buf;

    core_log(core, RH_LOG_INFO, NULL, "peer_state", "node=%s state=%s was=%s reason=\"%s\"",
             peer->node_id, peer_state_name(peer->view.state), peer_state_name(before), reason);
    if (was_online == is_online)
        return;
    rh_buf_init(&buf, 64u * 1024u);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "node_id", peer->node_id);
    if (is_online) {
        rh_json_kv_strc(&w, "host_type", peer->role);
        rh_json_kv_raw(&w, "capabilities", peer->view.presence);
    } else {
        rh_json_kv_strc(&w, "reason", reason);
    }
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK)
        events_publish_host(core, is_online ? "HOST_ONLINE" : "HOST_OFFLINE", rh_buf_str(&buf));
    rh_buf_release(&buf);
}

static int32_t membership_report(struct rh_ctx *plugin, struct rh_str node_id, uint32_t state,
                                 uint64_t incarnation, const char *reason)
{
    struct core *core = plugin->core;
    struct peer *peer = peers_get(&core->peers, node_id, false);
    struct rh_ctx *provider;
    uint32_t before;

    services_check(plugin, "report");
    if (!role_active(core, RH_MEMBERSHIP_ROLE, &provider) || provider != plugin)
        return RH_EFORBIDDEN;
    if (!peer || state > RH_PEER_LEFT)
        return RH_ENOTFOUND;
    before = peer->view.state;
    if (!peers_report(&core->peers, peer, state, incarnation, core->wall_ms))
        return RH_OK;
    announce_edge(core, peer, before, reason ? reason : "");
    cluster_changed(core, RH_CHANGE_PEERS);
    return RH_OK;
}

static int32_t membership_seen(struct rh_ctx *plugin, struct rh_str node_id, int64_t rtt_ms)
{
    struct peer *peer = peers_get(&plugin->core->peers, node_id, false);

    services_check(plugin, "seen");
    if (!peer)
        return RH_ENOTFOUND;
    peer->view.last_seen_at_ms = plugin->core->wall_ms;
    if (rtt_ms >= 0)
        peer->view.rtt_ms = rtt_ms;
    plugin->core->peers.list_stale = true;
    return RH_OK;
}

static int32_t membership_forget(struct rh_ctx *plugin, struct rh_str node_id)
{
    struct core *core = plugin->core;
    struct peer *peer = peers_get(&core->peers, node_id, false);

    services_check(plugin, "forget");
    if (!peer || peer->view.is_self)
        return RH_ENOTFOUND;
    if (peer->view.state != RH_PEER_DEAD && peer->view.state != RH_PEER_LEFT)
        return RH_ECONFLICT;
    peers_remove(&core->peers, node_id);
    cluster_changed(core, RH_CHANGE_MEMBERS | RH_CHANGE_PEERS);
    return RH_OK;
}

static const struct rh_membership_host_v1 membership_host = {
    .size = (uint32_t)sizeof membership_host,
    .self_state = membership_self_state,
    .learn = membership_learn,
    .report = membership_report,
    .seen = membership_seen,
    .forget = membership_forget,
};

const void *services_membership(void)
{
    return &membership_host;
}

/* --- leader/1, the host's side --- */

static bool is_active_leader_provider(struct rh_ctx *plugin)
{
    struct rh_ctx *provider;

    return role_active(plugin->core, RH_LEADER_ROLE, &provider) && provider == plugin;
}

static int32_t leader_leading(struct rh_ctx *plugin, uint64_t epoch, int64_t expires_ms,
                              uint32_t votes_have, uint32_t votes_need)
{
    services_check(plugin, "leading");
    if (!is_active_leader_provider(plugin))
        return RH_EFORBIDDEN;
    return leadership_leading(plugin->core, plugin->id, epoch, expires_ms, votes_have, votes_need);
}

static int32_t leader_following(struct rh_ctx *plugin, struct rh_str leader, uint64_t epoch,
                                int64_t expires_ms)
{
    services_check(plugin, "following");
    if (!is_active_leader_provider(plugin))
        return RH_EFORBIDDEN;
    return leadership_following(plugin->core, plugin->id, leader, epoch, expires_ms);
}

static int32_t leader_leaderless(struct rh_ctx *plugin, uint64_t epoch, const char *reason,
                                 uint32_t votes_have, uint32_t votes_need)
{
    services_check(plugin, "leaderless");
    if (!is_active_leader_provider(plugin))
        return RH_EFORBIDDEN;
    return leadership_leaderless(plugin->core, plugin->id, epoch, reason ? reason : "", votes_have,
                                 votes_need);
}

static void leader_home(struct rh_ctx *plugin, struct rh_home *out)
{
    services_check(plugin, "home");
    home_view(plugin->core, out);
}

/* A home claim on its way to the disk for a provider. */
struct home_wait {
    struct rh_ctx *plugin;
    void (*cb)(void *self, void *user, int32_t rc);
    void *user;
    int32_t rc;
};

static void home_wait_done(void *arg, int32_t rc)
{
    struct home_wait *wait = arg;

    if (wait->plugin->state < PLUGIN_STOPPED) {
        plugin_enter(wait->plugin, "learn_home");
        wait->cb(wait->plugin->self, wait->user, rc);
        plugin_leave(wait->plugin, "learn_home");
    }
    free(wait);
}

static void home_wait_later(void *arg)
{
    home_wait_done(arg, RH_OK);
}

static int32_t leader_learn_home(struct rh_ctx *plugin, const struct rh_home *claim,
                                 void (*cb)(void *self, void *user, int32_t rc), void *user)
{
    struct home_wait *wait;
    int32_t rc;

    services_check(plugin, "learn_home");
    if (!cb)
        return RH_EINVAL;
    wait = malloc(sizeof *wait);
    if (!wait)
        return RH_ENOMEM;
    *wait = (struct home_wait){plugin, cb, user, RH_OK};
    rc = home_learn(plugin->core, claim, home_wait_done, wait);
    if (rc == RH_OK)
        core_defer(plugin->core, home_wait_later, wait);
    else if (rc != RH_PENDING)
        free(wait);
    return rc == RH_PENDING ? RH_OK : rc;
}

static int32_t leader_home_confirmed(struct rh_ctx *plugin, uint64_t epoch)
{
    services_check(plugin, "home_confirmed");
    return home_confirmed(plugin->core, epoch);
}

static int32_t leader_transfer(struct rh_ctx *plugin, struct rh_str node_id)
{
    services_check(plugin, "transfer");
    return roles_transfer(plugin, node_id);
}

static int32_t leader_step_down(struct rh_ctx *plugin, int64_t hold_ms, const char *reason)
{
    services_check(plugin, "step_down");
    return roles_step_down(plugin, hold_ms, reason);
}

static int32_t leader_may_lead(struct rh_ctx *plugin)
{
    services_check(plugin, "may_lead");
    return replication_stands_by(plugin->core) ? RH_EFORBIDDEN : RH_OK;
}

static const struct rh_leader_host_v1 leader_host = {
    .size = (uint32_t)sizeof leader_host,
    .leading = leader_leading,
    .following = leader_following,
    .leaderless = leader_leaderless,
    .home = leader_home,
    .learn_home = leader_learn_home,
    .home_confirmed = leader_home_confirmed,
    .transfer = leader_transfer,
    .step_down = leader_step_down,
    .may_lead = leader_may_lead,
};

const void *services_leader(void)
{
    return &leader_host;
}
