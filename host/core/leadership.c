/* The leadership service; see leadership.h. It believes the active provider, keeps epochs monotonic
 * and tells everyone. */
#include "host/core/leadership.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/loops.h"

int32_t leadership_init(struct core *core)
{
    int32_t rc = host_get_u64(core, "epoch", &core->lead.epoch);

    if (rc != RH_OK)
        return rc;
    core->lead.fence_max = core->lead.epoch;
    text_set(core->lead.source, sizeof core->lead.source, "host");
    text_set(core->lead.reason, sizeof core->lead.reason, "still starting");
    home_init_from_store(core);
    return RH_OK;
}

/* LEADER_CHANGED, from here and nowhere else. */
static void announce(struct core *core, const char *old)
{
    struct leadership *lead = &core->lead;
    struct rh_buf buf;
    struct rh_json_writer w;

    core_log(core, RH_LOG_INFO, NULL, "leader_changed",
             "old=%s new=%s epoch=%" PRIu64 " source=%s reason=\"%s\"", old[0] ? old : "-",
             lead->node_id[0] ? lead->node_id : "-", lead->epoch, lead->source, lead->reason);
    rh_buf_init(&buf, 4096);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    if (lead->node_id[0])
        rh_json_kv_strc(&w, "new_leader_id", lead->node_id);
    else
        rh_json_kv_null(&w, "new_leader_id");
    if (old[0])
        rh_json_kv_strc(&w, "old_leader_id", old);
    else
        rh_json_kv_null(&w, "old_leader_id");
    rh_json_kv_int(&w, "term", (int64_t)lead->epoch);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK)
        events_publish_host(core, "LEADER_CHANGED", rh_buf_str(&buf));
    rh_buf_release(&buf);
}

static void epoch_raise(struct core *core, uint64_t epoch)
{
    if (epoch <= core->lead.epoch)
        return;
    core->lead.epoch = epoch;
    /* Only the rank-0 provider reads it back, and that one waits for its own write; a failed one
     * stops all writes. */
    (void)host_put_u64(core, "epoch", epoch, NULL, NULL);
}

static void lease_over(void *arg)
{
    struct core *core = arg;
    char source[sizeof core->lead.source];

    memcpy(source, core->lead.source, sizeof source);
    (void)leadership_leaderless(core, source, core->lead.epoch, "the lease ran out",
                                core->lead.votes_have, core->lead.votes_need);
}

void leadership_check_lease(struct core *core)
{
    const struct leadership *lead = &core->lead;

    if (lead->node_id[0] && lead->expires_ms > 0 && core->now_ms >= lead->expires_ms)
        lease_over(core);
}

/* Take over a new view; everyone who must know is told when the leader or epoch differs. */
static void leadership_set(struct core *core, const char *source, struct rh_str leader,
                           uint64_t epoch, int64_t expires_ms, const char *reason)
{
    struct leadership *lead = &core->lead;
    char old[NODE_ID_MAX + 1];
    bool is_same = rh_str_eq_c(leader, lead->node_id) && (leader.n == 0 || epoch == lead->epoch);
    bool was_self = lead->is_self;

    memcpy(old, lead->node_id, sizeof old);
    epoch_raise(core, epoch);
    if (rh_str_copy(lead->node_id, sizeof lead->node_id, leader) != RH_OK)
        lead->node_id[0] = '\0'; /* providers name known nodes, whose ids fit */
    lead->is_self = leader.n > 0 && rh_str_eq_c(leader, core->setup->node_id);
    lead->expires_ms = expires_ms;
    text_set(lead->source, sizeof lead->source, "%s", source); /* cut when longer */
    text_set(lead->reason, sizeof lead->reason, "%s", reason); /* cut when longer */
    timers_stop(&core->timers, &lead->lease);
    if (leader.n > 0 && expires_ms > 0 && expires_ms < INT64_MAX)
        (void)timers_start(&core->timers, &lead->lease, expires_ms, lease_over,
                           core); /* TIMERS_MAX is far */
    if (is_same)
        return;
    announce(core, old);
    if (was_self && !lead->is_self)
        home_leadership_lost(core);
    if (lead->is_self)
        identity_make_cluster(core);
    loops_leader_changed(core);
    activation_update_all(core);
    cluster_changed(core, RH_CHANGE_LEADER);
}

void leadership_release(struct core *core)
{
    timers_stop(&core->timers, &core->lead.lease);
    home_leadership_lost(core);
}

int32_t leadership_leading(struct core *core, const char *source, uint64_t epoch,
                           int64_t expires_ms, uint32_t votes_have, uint32_t votes_need)
{
    if (epoch < core->lead.epoch)
        return RH_ESTALE;
    core->lead.votes_have = votes_have;
    core->lead.votes_need = votes_need;
    leadership_set(core, source, rh_str_from(core->setup->node_id), epoch, expires_ms, "");
    return RH_OK;
}

int32_t leadership_following(struct core *core, const char *source, struct rh_str leader,
                             uint64_t epoch, int64_t expires_ms)
{
    if (epoch < core->lead.epoch)
        return RH_ESTALE;
    if (leader.n == 0 || leader.n > NODE_ID_MAX || rh_str_eq_c(leader, core->setup->node_id))
        return RH_EINVAL;
    core->lead.votes_need = core->setup->voters.count / 2 + 1;
    leadership_set(core, source, leader, epoch, expires_ms, "");
    return RH_OK;
}

int32_t leadership_leaderless(struct core *core, const char *source, uint64_t epoch,
                              const char *reason, uint32_t votes_have, uint32_t votes_need)
{
    core->lead.votes_have = votes_have;
    core->lead.votes_need = votes_need;
    leadership_set(core, source, RH_STR_LIT(""), epoch, 0, reason);
    return RH_OK;
}

static void alone_epoch_stored(void *user, int32_t rc, uint64_t revision)
{
    struct core *core = user;

    (void)revision;
    if (rc != RH_OK || core->phase == CORE_FINISHED)
        return; /* health already says that writes have stopped */
    if (core->lead.provider)
        return; /* it has come meanwhile, and decides */
    (void)leadership_leading(core, "host", core->lead.epoch, INT64_MAX, 1,
                             1); /* our own epoch is never stale */
}

void leadership_without_provider(struct core *core)
{
    const struct rh_str_list *voters = &core->setup->voters;
    bool is_alone = voters->count == 0 ||
                    (voters->count == 1 && rh_str_eq_c(voters->items[0], core->setup->node_id));

    if (!is_alone) {
        (void)leadership_leaderless(
            core, "host", core->lead.epoch,
            "no plugin with the role leader/1 runs, and there are several voters", 0,
            voters->count / 2 + 1);
        return;
    }
    core->lead.epoch++;
    if (host_put_u64(core, "epoch", core->lead.epoch, alone_epoch_stored, core) != RH_OK)
        core_fatal(core, CORE_EXIT_DATA, "cannot store the epoch");
}

void leadership_view(struct core *core, struct rh_leader *out)
{
    const struct leadership *lead = &core->lead;

    *out = (struct rh_leader){
        .size = (uint32_t)sizeof *out,
        .is_self = lead->is_self,
        .epoch = lead->epoch,
        .expires_ms = lead->node_id[0] ? lead->expires_ms : 0,
        .node_id = rh_str_from(lead->node_id),
        .source = rh_str_from(lead->source),
        .reason = rh_str_from(lead->reason),
        .home = rh_str_from(replication_is_on(core) ? "" : lead->home_node),
        .votes_have = lead->votes_have,
        .votes_need = lead->votes_need,
    };
}

int32_t leadership_fence(struct core *core, uint64_t epoch)
{
    if (epoch < core->lead.fence_max || epoch < core->lead.epoch)
        return RH_ESTALE;
    core->lead.fence_max = epoch;
    return RH_OK;
}
