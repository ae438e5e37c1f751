/* Time and messages: what a tick does, and which message goes where; see raft.h. */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

/* A late leader must not act on a lease that is over. */
static void check_lease(struct raft *raft, int64_t now_ms)
{
    if (raft->role == RAFT_LEADER && now_ms >= raft_quit_ms(raft, now_ms))
        raft_follow(raft, "", now_ms);
}

/* After a stall heartbeats may be waiting behind this tick: they get one heartbeat's time to be
 * seen before the node stands. */
static void follower_tick(struct raft *raft, int64_t now_ms)
{
    if (now_ms < raft->deadline_ms)
        return;
    if (!raft->was_late && now_ms >= raft->deadline_ms + raft->cfg.heartbeat_ms) {
        raft->deadline_ms = now_ms + raft->cfg.heartbeat_ms;
        raft->was_late = true;
        return;
    }
    raft->leader[0] = '\0';
    if (raft_can_stand(raft))
        raft_stand(raft, true, now_ms);
    else
        raft_draw_deadline(raft, now_ms);
}

void raft_tick(struct raft *raft, int64_t now_ms)
{
    check_lease(raft, now_ms);
    if (raft->role == RAFT_LEADER)
        raft_leader_tick(raft, now_ms);
    else if (raft->role == RAFT_FOLLOWER)
        follower_tick(raft, now_ms);
    else if (raft->role != RAFT_FAILED)
        raft_candidate_tick(raft, now_ms);
}

/* Another lineage: an empty node joins it when it is called by its members; whoever has data says
 * no, so that two histories never mix. True: go on with the message. */
static bool check_lineage(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const struct raft_base fresh = {.lineage = m->lineage};
    struct raft_message reply;

    if (m->lineage == raft->base.lineage) {
        if (strcmp(m->peer, raft->other_data_from) == 0)
            raft->other_data_from[0] = '\0'; /* it has joined */
        return true;
    }
    if (!RAFT_MSG_IS_REPLY(m->kind) && m->lineage != 0 && raft_is_virgin(raft)) {
        raft_follow(raft, "", now_ms);
        raft_drop_incoming(raft);
        raft_restart_at(raft, &fresh);
        raft->other_data_from[0] = '\0';
        return true;
    }
    memcpy(raft->other_data_from, m->peer, sizeof(raft->other_data_from));
    raft->other_lineage = m->lineage;
    if (m->kind == RAFT_MSG_REPLY(RAFT_MSG_VOTE) && raft->role == RAFT_PRE_CANDIDATE &&
        raft->log.last_index == 0)
        raft_follow(raft, "", now_ms); /* the data should not be left behind */
    if (!RAFT_MSG_IS_REPLY(m->kind)) {
        reply = raft_reply_to(raft, m, RAFT_OTHER_DATA);
        raft_send_after(raft, &reply, 0);
    }
    return false;
}

static bool is_from_leader(uint32_t kind)
{
    return kind == RAFT_MSG_APPEND || kind == RAFT_MSG_BEAT || kind == RAFT_MSG_SNAPSHOT ||
           kind == RAFT_MSG_TIMEOUT;
}

/* True: go on with the message, which is of this node's term (or about votes). */
static bool check_term(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const bool is_promise = m->kind == RAFT_MSG_REPLY(RAFT_MSG_VOTE) &&
                            (m->flags & RAFT_FLAG_PRE) && m->status == RAFT_YES;
    struct raft_message reply;

    if (m->term < raft->hard.term) {
        if (!RAFT_MSG_IS_REPLY(m->kind)) {
            reply = raft_reply_to(raft, m, RAFT_STALE);
            raft_send_after(raft, &reply, 0);
        }
        return false;
    }
    if (m->term > raft->hard.term && m->kind != RAFT_MSG_VOTE && !is_promise) {
        raft_enter_term(raft, m->term);
        raft_follow(raft, is_from_leader(m->kind) ? m->peer : "", now_ms);
        return !RAFT_MSG_IS_REPLY(m->kind);
    }
    return true;
}

/* Whoever is led hears it. Two leaders of one term cannot be; a message that says so is refused. */
static bool hear_leader(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    if (!is_from_leader(m->kind))
        return true;
    if (raft->role == RAFT_LEADER || (raft->leader[0] && strcmp(raft->leader, m->peer) != 0))
        return false;
    if (raft->role != RAFT_FOLLOWER || !raft->leader[0])
        raft_follow(raft, m->peer, now_ms);
    raft->heard_ms = now_ms;
    raft->was_told_removed = false;
    raft_draw_deadline(raft, now_ms);
    return true;
}

static int32_t dispatch(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    switch (m->kind) {
    case RAFT_MSG_VOTE:
        raft_on_vote(raft, m, now_ms);
        return RH_OK;
    case RAFT_MSG_REPLY(RAFT_MSG_VOTE):
        raft_on_vote_reply(raft, m, now_ms);
        return RH_OK;
    case RAFT_MSG_APPEND:
        return raft_on_append(raft, m, now_ms);
    case RAFT_MSG_REPLY(RAFT_MSG_APPEND):
        raft_on_append_reply(raft, m, now_ms);
        return RH_OK;
    case RAFT_MSG_BEAT:
        raft_on_beat(raft, m, now_ms);
        return RH_OK;
    case RAFT_MSG_REPLY(RAFT_MSG_BEAT):
        raft_on_beat_reply(raft, m, now_ms);
        return RH_OK;
    case RAFT_MSG_SNAPSHOT:
        raft_on_snapshot(raft, m, now_ms);
        return RH_OK;
    case RAFT_MSG_REPLY(RAFT_MSG_SNAPSHOT):
        raft_on_snapshot_reply(raft, m, now_ms);
        return RH_OK;
    case RAFT_MSG_TIMEOUT:
        raft_on_timeout(raft, m, now_ms);
        return RH_OK;
    case RAFT_MSG_REPLY(RAFT_MSG_TIMEOUT):
        return RH_OK;
    default:
        return RH_EINVAL;
    }
}

int32_t raft_step(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    assert(raft->is_started);
    if (m->kind == 0 || m->kind > RAFT_MSG_REPLY(RAFT_MSG_TIMEOUT) ||
        (m->term == 0 && !RAFT_MSG_IS_REPLY(m->kind)) || strcmp(m->peer, raft->cfg.self) == 0)
        return RH_EINVAL;
    if (raft->role == RAFT_FAILED)
        return RH_EIO;
    check_lease(raft, now_ms);
    if (!check_lineage(raft, m, now_ms) || !check_term(raft, m, now_ms))
        return RH_OK;
    if (!hear_leader(raft, m, now_ms))
        return RH_EINVAL;
    return dispatch(raft, m, now_ms);
}
