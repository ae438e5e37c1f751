/* GET /raft/state: everything that an operator would ask of this node's part. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

static const char *const roles[] = {"follower", "pre_candidate", "candidate", "leader", "failed"};
static const char *const peer_states[] = {"probe", "replicate", "snapshot"};

static void put_members(struct rh_json_writer *w, const struct raft_plugin *p,
                        const struct raft_status *status)
{
    const struct raft_members *members = raft_members(p->core);
    const int64_t now_ms = raft_now(p);

    rh_json_key(w, "members");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < members->count; i++) {
        const struct raft_peer_status *peer = NULL;

        for (uint32_t j = 0; j < status->peer_count; j++)
            if (strcmp(status->peers[j].id, members->list[i].id) == 0)
                peer = &status->peers[j];
        rh_json_begin_object(w);
        rh_json_kv_strc(w, "id", members->list[i].id);
        rh_json_kv_bool(w, "voter", members->list[i].is_voter);
        if (peer) {
            rh_json_kv_int(w, "match", (int64_t)peer->match);
            rh_json_kv_int(w, "next", (int64_t)peer->next);
            rh_json_kv_strc(w, "state", peer_states[peer->state]);
            rh_json_kv_int(w, "inflight", peer->inflight);
            if (peer->heard_ms)
                rh_json_kv_int(w, "last_contact_ms", now_ms - peer->heard_ms);
            else
                rh_json_kv_null(w, "last_contact_ms");
            rh_json_kv_bool(w, "lost_data", peer->has_lost_data);
        }
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

static void put_place(struct rh_json_writer *w, const char *key, uint64_t index, uint64_t term)
{
    rh_json_key(w, key);
    rh_json_begin_object(w);
    rh_json_kv_int(w, "index", (int64_t)index);
    rh_json_kv_int(w, "term", (int64_t)term);
    rh_json_end_object(w);
}

static void put_running(struct rh_json_writer *w, struct raft_plugin *p)
{
    struct raft_status status;

    raft_status(p->core, raft_now(p), &status);
    rh_json_kv_strc(w, "state", p->is_standing_by ? "standby" : roles[status.role]);
    rh_json_kv_int(w, "term", (int64_t)status.term);
    if (status.leader[0])
        rh_json_kv_strc(w, "leader", status.leader);
    else
        rh_json_kv_null(w, "leader");
    rh_json_kv_strc(w, "vote", status.vote);
    rh_json_kv_u64(w, "lineage", status.lineage);
    rh_json_kv_int(w, "commit_index", (int64_t)status.commit);
    rh_json_kv_int(w, "last_applied", (int64_t)status.handed);
    rh_json_kv_int(w, "stable_index", (int64_t)status.stable_index);
    put_place(w, "last_log", status.last_index, status.last_term);
    put_place(w, "snapshot", status.base_index, status.base_term);
    if (status.role == RAFT_LEADER && status.expires_ms > 0)
        rh_json_kv_int(w, "lease_ms", status.expires_ms - raft_now(p));
    else
        rh_json_kv_null(w, "lease_ms");
    rh_json_kv_int(w, "votes_have", status.votes_have);
    rh_json_kv_int(w, "votes_need", status.votes_need);
    rh_json_kv_int(w, "uncommitted_bytes", (int64_t)status.uncommitted_bytes);
    rh_json_kv_bool(w, "transferring", status.is_transferring);
    rh_json_kv_int(w, "members_index", (int64_t)raft_members(p->core)->index);
    put_members(w, p, &status);
    rh_json_kv_strc(w, "error",
                    status.role == RAFT_FAILED       ? raft_failure(p->core)
                    : status.was_told_removed        ? "this node has been removed"
                    : p->is_stuck || p->is_unhealthy ? "the host cannot apply what is agreed on"
                    : status.other_data_from[0]      ? "other_data"
                    : status.lineage == 0            ? raft_waiting(p)
                                                     : "");
    if (status.other_data_from[0]) {
        rh_json_kv_strc(w, "other_data_from", status.other_data_from);
        rh_json_kv_u64(w, "other_lineage", status.other_lineage);
    }
}

/* No log is in force. */
static void put_idle(struct rh_json_writer *w, struct raft_plugin *p)
{
    uint64_t index = 0;
    uint64_t term = 0;

    (void)p->replication->applied(p->rh.ctx, &index, &term); /* always RH_OK */
    rh_json_kv_strc(w, "state",
                    p->mode == RAFT_MODE_REFUSED     ? "refused"
                    : p->mode == RAFT_MODE_ARCHIVING ? "archiving"
                                                     : "loading");
    rh_json_kv_strc(w, "error", p->mode == RAFT_MODE_REFUSED ? "other_data" : "");
    rh_json_kv_int(w, "last_applied", (int64_t)index);
}

int32_t raft_handle_state(void *self, rh_req req, const void *fields)
{
    struct raft_plugin *p = self;
    struct rh_json_reply reply;

    (void)fields;
    rh_json_reply_begin(&reply);
    rh_json_kv_strc(&reply.w, "node_id", p->self);
    rh_json_kv_int(&reply.w, "heartbeat_ms", p->heartbeat_ms);
    if (p->core) {
        put_running(&reply.w, p);
    } else {
        put_idle(&reply.w, p);
    }
    return rh_json_reply_send_early(&reply, &p->rh, req, 200);
}
