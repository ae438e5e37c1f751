/* What operators do: members, transfer, bootstrap from existing data, recovery after a lost
 * majority. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

const struct rh_field raft_members_fields[2] = {
    RH_CHOICE(struct raft_members_req, action, RH_REQUIRED, NULL, "add promote remove",
              "add (as a learner), promote (to a voter), remove"),
    RH_FIELD_ROW_(struct raft_members_req, node_id, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = RAFT_ID_MAX, .doc = "whom"),
};
const struct rh_field raft_transfer_fields[1] = {
    RH_TEXT(struct raft_transfer_req, node_id, 0, RAFT_ID_MAX,
            "the voter that should lead; empty = the one that has most"),
};
const struct rh_field raft_confirm_fields[1] = {
    RH_FIELD_ROW_(struct raft_confirm_req, confirm, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = RAFT_ID_MAX, .doc = "the id of this node, so that it is meant"),
};

static int32_t explain_change(struct raft_plugin *p, int32_t rc, const char *id)
{
    switch (rc) {
    case RH_EAGAIN:
        return rh_failf(&p->rh, rc,
                        "not now: another change is under way, this leader is new, or %s has not "
                        "caught up",
                        id);
    case RH_EEXISTS:
        return rh_failf(&p->rh, rc, "%s is a member", id);
    case RH_ENOTFOUND:
        return rh_failf(&p->rh, rc, "%s is not a member", id);
    case RH_ECONFLICT:
        return rh_failf(&p->rh, rc, "%s is a voter", id);
    case RH_EFULL:
        return rh_failf(&p->rh, rc, "there are %u members, which is the limit", RAFT_MEMBERS_MAX);
    case RH_EINVAL:
        return rh_failf(&p->rh, rc, "%s cannot be removed: it is the last voter", id);
    default:
        return rc;
    }
}

int32_t raft_handle_members(void *self, rh_req req, const void *fields)
{
    struct raft_plugin *p = self;
    const struct raft_members_req *wire = fields;
    struct raft_change change = {.kind = rh_str_eq_c(wire->action, "add")       ? RAFT_ADD_LEARNER
                                         : rh_str_eq_c(wire->action, "promote") ? RAFT_PROMOTE
                                                                                : RAFT_REMOVE};
    struct raft_status status;
    uint64_t index;
    int32_t rc;

    if (!p->core)
        return rh_failf(&p->rh, RH_ENOTLEADER, "this node does not lead");
    rc = rh_str_copy(change.id, sizeof(change.id), wire->node_id);
    if (rc == RH_OK && p->change_req)
        rc = RH_EAGAIN;
    if (rc == RH_OK)
        rc = raft_propose_change(p->core, &change, &index);
    if (rc != RH_OK)
        return explain_change(p, rc, change.id);
    raft_status(p->core, raft_now(p), &status);
    p->change_req = req;
    p->change_index = index;
    p->change_term = status.term;
    if (p->proposals_term != status.term) {
        raft_fail_proposals(p);
        p->proposals_term = status.term;
    }
    rh_log_info(&p->rh, "raft_members", "action=%.*s node=%s index=%" PRIu64,
                RH_STR_ARG(wire->action), change.id, index);
    raft_pump_later(p);
    return RH_OK;
}

int32_t raft_handle_transfer(void *self, rh_req req, const void *fields)
{
    struct raft_plugin *p = self;
    const struct raft_transfer_req *wire = fields;
    const int32_t rc = raft_leader_role.transfer(p, wire->node_id);

    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

int32_t raft_check_confirm(struct raft_plugin *p, const struct raft_confirm_req *wire)
{
    if (rh_str_eq_c(wire->confirm, p->self))
        return RH_OK;
    return rh_failf(&p->rh, RH_EINVAL, "\"confirm\" must be the id of this node, %s", p->self);
}

/* The new log is on disk; the next activation gives the host what was stored and begins it. */
static void on_seated(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct raft_plugin *p = self;

    (void)user;
    (void)revision;
    if (rc == RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "the log begins anew");
}

/* A log of a new lineage behind everything that this node has. The reply waits for the write. */
static int32_t begin_anew(struct raft_plugin *p, rh_req req, const struct raft_members *members,
                          uint64_t last, uint64_t term)
{
    struct raft_base base = {.lineage = p->rh.core->random(p->rh.ctx) | (UINT64_C(1) << 63),
                             .index = last + RAFT_SEAT_GAP,
                             .term = term,
                             .members = *members};
    struct rh_json_reply reply;
    int32_t rc;

    base.members.index = 0;
    rc = raft_store_seat(p, &base, term, on_seated, NULL);
    if (rc != RH_OK)
        return rc;
    raft_fail_proposals(p); /* the old log ends here, and must write nothing more */
    raft_free(p->core);
    p->core = NULL;
    p->mode = RAFT_MODE_LOADING;
    rh_log_warn(&p->rh, "raft_new_lineage", "lineage=%" PRIu64 " index=%" PRIu64, base.lineage,
                base.index);
    rh_json_reply_begin(&reply);
    rh_json_kv_u64(&reply.w, "lineage", base.lineage);
    rh_json_kv_int(&reply.w, "index", (int64_t)base.index);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

/* Terms of the new log are above every epoch that this node knows. */
static uint64_t term_above(struct raft_plugin *p, uint64_t term)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

    p->rh.cluster->leader(p->rh.ctx, &leader);
    if (leader.epoch > term)
        term = leader.epoch;
    return term + 1;
}

/* It has nothing and founds nothing, because others have data or had; an operator may know that
 * nothing is left of that. */
static bool waits(const struct raft_plugin *p)
{
    struct raft_status status;

    if (!p->core)
        return false;
    raft_status(p->core, raft_now(p), &status);
    return status.lineage == 0 && raft_is_virgin(p->core);
}

int32_t raft_handle_bootstrap(void *self, rh_req req, const void *fields)
{
    struct raft_plugin *p = self;
    uint64_t applied;
    uint64_t term;
    int32_t rc = raft_check_confirm(p, fields);

    if (rc == RH_OK && p->mode != RAFT_MODE_REFUSED && !waits(p))
        rc = rh_failf(&p->rh, RH_ECONFLICT,
                      "this node has a log; only data from before raft can begin one");
    if (rc == RH_OK && !raft_members_is_voter(&p->voters, p->self))
        rc = rh_failf(&p->rh, RH_ECONFLICT, "%s is not one of the configured voters", p->self);
    if (rc == RH_OK)
        rc = p->replication->applied(p->rh.ctx, &applied, &term);
    return rc == RH_OK ? begin_anew(p, req, &p->voters, applied, term_above(p, term)) : rc;
}

int32_t raft_handle_recover(void *self, rh_req req, const void *fields)
{
    struct raft_plugin *p = self;
    struct raft_members alone = {.index = 0};
    struct raft_status status;
    int32_t rc = raft_check_confirm(p, fields);

    if (rc == RH_OK && !p->core)
        rc = rh_failf(&p->rh, RH_ECONFLICT, "this node has no log to recover from");
    if (rc != RH_OK)
        return rc;
    raft_status(p->core, raft_now(p), &status);
    if (status.leader[0])
        return rh_failf(&p->rh, RH_ECONFLICT, "%s leads: there is a majority", status.leader);
    if (status.lineage == 0 || raft_is_virgin(p->core))
        return rh_failf(&p->rh, RH_ECONFLICT, "this node has no data to recover from");
    if (status.stable_index != status.last_index)
        return rh_failf(&p->rh, RH_EAGAIN, "entries are still being written");
    rc = raft_members_add(&alone, rh_str_from(p->self), true);
    return rc == RH_OK
               ? begin_anew(p, req, &alone,
                            status.last_index > status.handed ? status.last_index : status.handed,
                            term_above(p, status.term))
               : rc;
}
