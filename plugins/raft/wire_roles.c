/* What the host asks of the plugin as provider of leader/1 and replication/1. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

static void leader_active(void *self, uint32_t is_active)
{
    struct raft_plugin *p = self;

    p->has_leader_role = is_active != 0;
    memset(&p->told, 0, sizeof(p->told)); /* what was said before holds no longer */
    raft_update_roles(p);
    if (p->has_leader_role && p->mode == RAFT_MODE_REFUSED)
        (void)p->leader->leaderless(p->rh.ctx, 0,
                                    "other_data: this node has data from before raft; "
                                    "bootstrap it, or archive it",
                                    0, 0); /* RH_OK while active */
    raft_pump(p);
}

static int32_t step_down(void *self, int64_t hold_ms, const char *reason)
{
    struct raft_plugin *p = self;

    if (!p->core)
        return RH_OK;
    rh_log_info(&p->rh, "step_down", "hold_ms=%" PRId64 " reason=%s", hold_ms,
                reason ? reason : "");
    raft_step_down(p->core, hold_ms, raft_now(p));
    raft_pump(p);
    return RH_OK;
}

static int32_t transfer(void *self, struct rh_str node_id)
{
    struct raft_plugin *p = self;
    char id[RAFT_ID_MAX + 1];
    int32_t rc;

    if (!p->core)
        return rh_failf(&p->rh, RH_ENOTLEADER, "only the leader can hand over");
    if (rh_str_copy(id, sizeof(id), node_id) != RH_OK)
        return RH_EINVAL;
    rc = raft_transfer(p->core, id, raft_now(p));
    raft_pump(p);
    if (rc == RH_ENOTFOUND)
        return rh_failf(&p->rh, RH_EINVAL, "\"%s\" is not a voter", id);
    if (rc == RH_EUNREACHABLE)
        return rh_failf(&p->rh, rc, "%s does not answer", id[0] ? id : "no other voter");
    if (rc == RH_EAGAIN)
        return rh_failf(&p->rh, rc, "leadership is being handed over already");
    return rc == RH_ENOTLEADER ? rh_failf(&p->rh, rc, "only the leader can hand over") : rc;
}

const struct rh_leader_role_v1 raft_leader_role = {
    .size = sizeof(raft_leader_role),
    .active = leader_active,
    .step_down = step_down,
    .transfer = transfer,
};

static void seat_or_pump(struct raft_plugin *p)
{
    if (p->mode == RAFT_MODE_SEATING && p->has_replication_role && raft_seat(p) != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "what is stored cannot be given to the host");
    raft_update_roles(p);
    raft_pump(p);
}

static void replication_active(void *self, uint32_t is_active)
{
    struct raft_plugin *p = self;

    p->has_replication_role = is_active != 0;
    if (!is_active) {
        raft_fail_proposals(p);
        raft_answer_change(p, RH_EUNKNOWN);
        if (p->core && p->snapshot_id)
            raft_snapshot_dropped(p->core, p->snapshot_id);
        p->snapshot_id = 0; /* the host has dropped it */
    }
    seat_or_pump(p);
}

static int32_t propose(void *self, uint64_t id, struct rh_str data)
{
    struct raft_plugin *p = self;
    struct raft_status status;
    uint64_t index;
    int32_t rc;

    if (!p->core)
        return RH_ENOTLEADER;
    if (raft_failure(p->core)[0])
        return RH_EIO;
    if (data.n > RH_PROPOSAL_BYTES_MAX)
        return RH_ETOOLARGE;
    rc = raft_proposals_reserve(&p->proposals);
    if (rc != RH_OK)
        return RH_EAGAIN;
    raft_status(p->core, raft_now(p), &status);
    if (status.term != p->proposals_term)
        raft_fail_proposals(p);
    rc = raft_propose(p->core, data, &index);
    if (rc != RH_OK)
        return rc == RH_ENOTLEADER ? rc : RH_EAGAIN;
    p->proposals_term = status.term;
    raft_proposals_add(&p->proposals, index, id);
    raft_pump_later(p);
    return RH_OK;
}

static int32_t barrier(void *self, uint64_t id)
{
    struct raft_plugin *p = self;
    const int32_t rc = p->core ? raft_read_index(p->core, id) : RH_ENOTLEADER;

    if (rc == RH_OK)
        raft_pump_later(p);
    return rc;
}

static void checkpointed(void *self, uint64_t index)
{
    struct raft_plugin *p = self;

    if (!p->core)
        return;
    raft_compact(p->core, index, raft_now(p));
    raft_pump(p);
}

static void snapshot_ready(void *self, uint64_t id, int32_t rc, uint64_t index, uint64_t term,
                           uint64_t length)
{
    struct raft_plugin *p = self;

    if (id != p->snapshot_id)
        return;
    rh_log_info(&p->rh, "raft_snapshot",
                "index=%" PRIu64 " term=%" PRIu64 " bytes=%" PRIu64 " code=%" PRId32, index, term,
                length, rc);
    if (rc != RH_OK)
        p->snapshot_id = 0; /* there is nothing to release */
    if (!p->core)
        return;
    raft_snapshot_ready(p->core, id, rc, index, term, length);
    raft_pump(p);
}

static void installed(void *self, uint64_t id, int32_t rc, uint64_t index, uint64_t term)
{
    struct raft_plugin *p = self;

    rh_log_info(&p->rh, "raft_installed", "index=%" PRIu64 " term=%" PRIu64 " code=%" PRId32, index,
                term, rc);
    if (!p->core)
        return;
    raft_installed(p->core, id, rc, raft_now(p));
    raft_pump(p);
}

static void applied(void *self, uint64_t index, uint64_t term)
{
    (void)index;
    (void)term;
    seat_or_pump(self);
}

static void apply_health(void *self, int32_t rc, const char *why)
{
    struct raft_plugin *p = self;

    if (rc != RH_OK)
        rh_log_error(&p->rh, "raft_cannot_apply", "code=%" PRId32 " reason=\"%s\"", rc, why);
    p->is_unhealthy = rc != RH_OK;
    raft_update_roles(p);
    raft_pump(p);
}

static int32_t voter(void *self, uint32_t at, struct rh_str *node_id)
{
    const struct raft_plugin *p = self;
    const struct raft_members *members = p->core ? raft_members(p->core) : &p->voters;

    for (uint32_t i = 0; i < members->count; i++) {
        if (!members->list[i].is_voter || at-- > 0)
            continue;
        *node_id = rh_str_from(members->list[i].id);
        return RH_OK;
    }
    return RH_ENOTFOUND;
}

const struct rh_replication_role_v1 raft_replication_role = {
    .size = sizeof(raft_replication_role),
    .active = replication_active,
    .propose = propose,
    .barrier = barrier,
    .checkpointed = checkpointed,
    .snapshot_ready = snapshot_ready,
    .installed = installed,
    .applied = applied,
    .apply_health = apply_health,
    .voter = voter,
};
