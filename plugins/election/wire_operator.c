/* What operators ask for: stand now, stop leading, hand over. Decides nothing: the core, or the
 * provider that is active, does. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

/* A step-down without a time holds for this many timeouts. */
#define HOLD_TIMEOUTS 2

const struct rh_field wire_start_fields[] = {
    RH_BOOL(struct wire_start, force, false,
            "ask a healthy leader to hand over; a majority must still agree"),
};
const struct rh_field wire_step_down_fields[] = {
    RH_INT(struct wire_step_down, hold_ms, 0, 0, 86400000,
           "do not stand for so long; 0 = two election timeouts"),
    RH_STR(struct wire_step_down, reason, 0, "for the log"),
};
const struct rh_field wire_transfer_fields[] = {
    RH_FIELD_ROW_(struct wire_transfer, to, RH_FIELD_STRING, .max = NODE_ID_MAX,
                  .doc = "the voter that should lead; empty = the best one"),
};

int32_t wire_refuse_standby(struct election_plugin *p, rh_req req, const char *message)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    struct rh_error error = {.size = (uint32_t)sizeof(error), .rc = RH_ECONFLICT};
    struct rh_json_writer w;
    struct rh_buf details;
    int32_t rc;

    if (!p->is_outranked)
        return rh_failf(&p->rh, RH_ELOADING, "the ballot is still being loaded");
    p->rh.cluster->leader(p->rh.ctx, &leader);
    rh_buf_init(&details, 4096);
    rh_json_init(&w, &details);
    rh_json_begin_object(&w);
    rh_json_kv_bool(&w, "granted", false);
    rh_json_kv_str(&w, "leader", leader.node_id);
    rh_json_kv_int(&w, "epoch", (int64_t)leader.epoch);
    rh_json_end_object(&w);
    rc = rh_json_finish(&w);
    error.code = "raft_leads";
    error.message = message;
    error.details = rh_buf_str(&details);
    if (rc == RH_OK)
        rc = p->rh.http->reply_error(p->rh.ctx, req, &error);
    rh_buf_release(&details);
    return rc;
}

static int32_t reply_started(struct election_plugin *p, rh_req req, bool is_asked)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "standing", !is_asked);
    if (is_asked)
        rh_json_kv_strc(&reply.w, "asked", p->core.leader);
    rh_json_kv_int(&reply.w, "term", (int64_t)p->core.ballot.term);
    return rh_json_reply_send(&reply, &p->rh, req, 202);
}

int32_t election_handle_start(void *self, rh_req req, const void *fields)
{
    struct election_plugin *p = self;
    const struct wire_start *wire = fields;
    const char *id = p->core.cfg.self;
    uint32_t outcome;
    int32_t rc;

    if (!p->is_running)
        return wire_refuse_standby(p, req,
                                   "another plugin decides who leads, and it elects by itself; "
                                   "POST /election/transfer hands over");
    outcome = election_start(&p->core, wire->force != 0, p->rh.core->now_ms(p->rh.ctx));
    rh_log_info(&p->rh, "election_start", "force=%" PRId32 " outcome=%" PRIu32, wire->force,
                outcome);
    rc = wire_run(p);
    if (rc != RH_OK)
        return rc;
    switch (outcome) {
    case ELECTION_START_NOT_A_VOTER:
        return rh_reply_errorf(&p->rh, req, RH_EFORBIDDEN, "not_a_voter", "%s is not a voter", id);
    case ELECTION_START_LEADS:
        return rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "leads_already", "%s leads already", id);
    case ELECTION_START_LED:
        return rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "leader_is_healthy",
                               "%s leads and is healthy; with force it is asked to hand over",
                               p->core.leader);
    case ELECTION_START_LEASED:
        return rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "lease_may_run",
                               "a leader that %s acknowledged may still count on it", id);
    default:
        return reply_started(p, req, outcome == ELECTION_START_ASKED);
    }
}

int64_t wire_hold_ms(const struct election_plugin *p)
{
    return p->is_running ? HOLD_TIMEOUTS * p->core.cfg.timeout_ms : 0;
}

int32_t wire_step_down(void *self, int64_t hold_ms, const char *reason)
{
    struct election_plugin *p = self;

    if (!p->is_running)
        return RH_OK;
    rh_log_info(&p->rh, "step_down", "hold_ms=%" PRId64 " reason=%s", hold_ms,
                reason ? reason : "");
    election_resign(&p->core, NULL, hold_ms, p->rh.core->now_ms(p->rh.ctx));
    return wire_run(p);
}

int32_t election_handle_step_down(void *self, rh_req req, const void *fields)
{
    struct election_plugin *p = self;
    const struct wire_step_down *wire = fields;
    char reason[RH_TEXT_MAX];
    int32_t rc;

    if (!p->is_running && !p->is_standing_by)
        return wire_refuse_standby(p, req, "this node is still starting");
    if (rh_str_copy(reason, sizeof(reason), wire->reason) != RH_OK || !reason[0])
        (void)rh_str_copy(reason, sizeof(reason), RH_STR_LIT("asked by an operator")); /* fits */
    if (p->is_standing_by)
        rc = p->leader->step_down(
            p->rh.ctx, wire->hold_ms ? wire->hold_ms : HOLD_TIMEOUTS * p->standby.cfg.timeout_ms,
            reason);
    else
        rc = wire_step_down(p, wire->hold_ms ? wire->hold_ms : wire_hold_ms(p), reason);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

/* The voter that is meant, and why it cannot lead now. */
static int32_t find_successor(struct election_plugin *p, struct rh_str node_id, uint32_t *voter)
{
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);
    const struct election *e = &p->core;
    char id[NODE_ID_MAX + 1];

    if (!election_leads(e, now_ms))
        return rh_failf(&p->rh, RH_ENOTLEADER, "only the leader can hand over");
    if (rh_str_copy(id, sizeof(id), node_id) != RH_OK)
        return RH_EINVAL;
    *voter = id[0] ? election_voter_index(e, id) : election_best_other(e, now_ms);
    if (*voter == ELECTION_VOTERS_MAX)
        return id[0] ? rh_failf(&p->rh, RH_EINVAL, "\"%s\" is not a voter", id)
                     : rh_failf(&p->rh, RH_EUNREACHABLE, "no other voter could lead now");
    if (*voter == e->self_index)
        return rh_failf(&p->rh, RH_EINVAL, "%s leads already", id);
    if (!election_voter_is_alive(e, *voter, now_ms))
        return rh_failf(&p->rh, RH_EUNREACHABLE, "%s does not answer", e->cfg.voters[*voter]);
    if (!election_voter_can_lead(e, *voter))
        return rh_failf(&p->rh, RH_EAGAIN, "%s has stood down and does not stand yet",
                        e->cfg.voters[*voter]);
    return RH_OK;
}

int32_t wire_transfer(void *self, struct rh_str node_id)
{
    struct election_plugin *p = self;
    uint32_t voter = ELECTION_VOTERS_MAX;
    int32_t rc = p->is_running ? find_successor(p, node_id, &voter)
                               : rh_failf(&p->rh, RH_ENOTLEADER, "the election does not run here");

    if (rc != RH_OK)
        return rc;
    rh_log_info(&p->rh, "transfer", "to=%s", p->core.cfg.voters[voter]);
    election_resign(&p->core, p->core.cfg.voters[voter], p->core.cfg.timeout_ms,
                    p->rh.core->now_ms(p->rh.ctx));
    return wire_run(p);
}

int32_t election_handle_transfer(void *self, rh_req req, const void *fields)
{
    struct election_plugin *p = self;
    const struct wire_transfer *wire = fields;
    struct rh_json_reply reply;
    int32_t rc;

    if (!p->is_running && !p->is_standing_by)
        return wire_refuse_standby(p, req, "this node is still starting");
    rc = p->is_standing_by ? p->leader->transfer(p->rh.ctx, wire->to) : wire_transfer(p, wire->to);
    if (rc != RH_OK)
        return rc;
    if (p->is_standing_by)
        wire_handed_over(p);
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "begun", true);
    return rh_json_reply_send(&reply, &p->rh, req, 202);
}
