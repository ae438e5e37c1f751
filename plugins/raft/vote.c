/* Standing and voting: pre-vote, one durable vote per term, and no vote while a leader may live
 * (thesis, sections 9.6 and 6.4.1 for the lease that rests on it). */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

/* Unanswered requests are repeated after so many heartbeats. */
#define RESEND_HEARTBEATS 2
/* So long a node without any entry waits for answers of all voters before it wants to be elected.
 */
#define HEAR_ALL_HEARTBEATS 4

/* A node whose removal is not agreed on may still be needed for that agreement (section 4.2.2). */
bool raft_can_stand(const struct raft *raft)
{
    const uint32_t count = raft->history_count;

    if (raft->role == RAFT_FAILED || raft->is_forbidden || raft->was_told_removed ||
        raft->base.lineage == 0 || raft->incoming.state == RAFT_INCOMING_INSTALLS)
        return false;
    if (raft_votes(raft))
        return true;
    return count > 1 && raft_newest(raft)->index > raft->commit &&
           raft_members_is_voter(&raft->history[count - 2], raft->cfg.self);
}

void raft_stand(struct raft *raft, bool is_pre, int64_t now_ms)
{
    assert(raft_can_stand(raft));
    if (!is_pre) {
        raft_move(raft, RAFT_CANDIDATE);
        raft_enter_term(raft, raft->hard.term + 1);
        memcpy(raft->hard.vote, raft->cfg.self, sizeof(raft->hard.vote));
        raft_mark_hard(raft);
        raft->vote_gen = raft->gen;
    } else {
        raft_move(raft, RAFT_PRE_CANDIDATE);
        raft->is_forced = false;
        raft->vote_gen = 0;
        raft->stood_ms = now_ms;
    }
    for (uint32_t i = 0; i < raft->peer_count; i++) {
        raft->peers[i].vote = RAFT_VOTE_NONE;
        raft->peers[i].is_vote_due = raft->peers[i].is_voter;
    }
    raft_draw_deadline(raft, now_ms);
    raft->resend_ms = now_ms + RESEND_HEARTBEATS * raft->cfg.heartbeat_ms;
    raft_count_votes(raft, now_ms);
}

void raft_candidate_tick(struct raft *raft, int64_t now_ms)
{
    if (now_ms >= raft->deadline_ms) {
        if (raft_can_stand(raft))
            raft_stand(raft, true, now_ms);
        else
            raft_follow(raft, "", now_ms);
        return;
    }
    if (now_ms < raft->resend_ms)
        return;
    raft->resend_ms = now_ms + RESEND_HEARTBEATS * raft->cfg.heartbeat_ms;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        if (raft->peers[i].vote == RAFT_VOTE_NONE)
            raft->peers[i].is_vote_due = raft->peers[i].is_voter;
    raft_count_votes(raft, now_ms); /* it may have waited for those who are silent */
}

/* The first election of a group on empty nodes. If one of them has data of another time, those
 * without should wait for it rather than begin without it. */
static bool must_hear_all(const struct raft *raft, int64_t now_ms)
{
    uint32_t silent = 0;

    if (raft->log.last_index > 0 || raft->base.lineage != RAFT_LINEAGE_FIRST)
        return false;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        silent += raft->peers[i].is_voter && raft->peers[i].vote == RAFT_VOTE_NONE;
    return silent > 0 && now_ms < raft->stood_ms + HEAR_ALL_HEARTBEATS * raft->cfg.heartbeat_ms;
}

/* Its own vote counts once it is on disk; a promise needs no disk. */
void raft_count_votes(struct raft *raft, int64_t now_ms)
{
    const uint32_t need = raft_members_voter_count(raft_newest(raft)) / 2 + 1;
    uint32_t have = raft_votes(raft) && raft->gen_durable >= raft->vote_gen;

    if (raft->role != RAFT_PRE_CANDIDATE && raft->role != RAFT_CANDIDATE)
        return;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        have += raft->peers[i].is_voter && raft->peers[i].vote == RAFT_VOTE_YES;
    if (have < need || (raft->role == RAFT_PRE_CANDIDATE && must_hear_all(raft, now_ms)))
        return;
    if (raft->role == RAFT_PRE_CANDIDATE)
        raft_stand(raft, false, now_ms);
    else
        raft_lead(raft, now_ms);
}

/* A leader may live: this node is it, or has heard one within the shortest election timeout. */
static bool is_sticky(const struct raft *raft, int64_t now_ms)
{
    if (raft->role == RAFT_LEADER)
        return true;
    return raft->heard_ms != RAFT_NEVER && now_ms < raft->heard_ms + raft_timeout_min_ms(raft);
}

/* Someone stands who has been removed by an entry that is agreed on and that it has not seen. */
static bool is_removed(const struct raft *raft, const struct raft_message *m)
{
    const struct raft_members *agreed = raft_members_at(raft, raft->commit);

    return agreed && agreed->index > m->members_index && !raft_members_find(agreed, m->peer);
}

static uint32_t judge(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const bool is_forced = (m->flags & RAFT_FLAG_FORCED) && m->term == raft->hard.term + 1 &&
                           raft->role != RAFT_LEADER;

    if (is_removed(raft, m))
        return RAFT_REMOVED;
    if (is_sticky(raft, now_ms) && !is_forced)
        return RAFT_LIVE;
    if (!raft_log_is_covered_by(&raft->log, m->index, m->index_term))
        return RAFT_NO;
    return RAFT_YES;
}

/* The vote of m->term is free, or was given to the one who asks. */
static bool vote_is_free(const struct raft *raft, const struct raft_message *m)
{
    return m->term > raft->hard.term || !raft->hard.vote[0] ||
           strcmp(raft->hard.vote, m->peer) == 0;
}

void raft_on_vote(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const bool is_pre = m->flags & RAFT_FLAG_PRE;
    uint32_t status = judge(raft, m, now_ms);
    struct raft_message reply;

    if (is_pre) {
        if (status == RAFT_YES && m->term <= raft->hard.term)
            status = RAFT_STALE;
        reply = raft_reply_to(raft, m, status);
        if (status == RAFT_YES)
            reply.term = m->term;
        raft_send_after(raft, &reply, 0);
        return;
    }
    if (m->term > raft->hard.term && status != RAFT_LIVE && status != RAFT_REMOVED) {
        raft_enter_term(raft, m->term);
        raft_follow(raft, "", now_ms);
    }
    if (status == RAFT_YES && !vote_is_free(raft, m))
        status = RAFT_NO;
    if (status == RAFT_YES && !raft->hard.vote[0]) {
        assert(raft->hard.term == m->term);
        memcpy(raft->hard.vote, m->peer, sizeof(raft->hard.vote));
        raft_mark_hard(raft);
        raft_draw_deadline(raft, now_ms);
    }
    reply = raft_reply_to(raft, m, status);
    raft_send_after(raft, &reply, 0);
}

void raft_on_vote_reply(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const bool is_pre = m->flags & RAFT_FLAG_PRE;
    const uint64_t asked = is_pre ? raft->hard.term + 1 : raft->hard.term;

    if (m->status == RAFT_REMOVED) {
        if (raft->role == RAFT_PRE_CANDIDATE || raft->role == RAFT_CANDIDATE) {
            raft->was_told_removed = true;
            raft_follow(raft, "", now_ms);
        }
        return;
    }
    if (raft->role != (is_pre ? RAFT_PRE_CANDIDATE : RAFT_CANDIDATE) ||
        (m->status == RAFT_YES && m->term != asked))
        return;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        if (strcmp(raft->peers[i].id, m->peer) == 0 && raft->peers[i].vote != RAFT_VOTE_YES)
            raft->peers[i].vote = m->status == RAFT_YES ? RAFT_VOTE_YES : RAFT_VOTE_NO;
    raft_count_votes(raft, now_ms);
}

/* Real requests leave once term and own vote are on disk: else a crash could let this node ask for
 * the same term again with a shorter log. */
bool raft_next_vote(struct raft *raft, struct raft_message *out)
{
    const bool is_pre = raft->role == RAFT_PRE_CANDIDATE;

    if ((raft->role != RAFT_CANDIDATE && !is_pre) || raft->gen_durable < raft->vote_gen)
        return false;
    for (uint32_t i = 0; i < raft->peer_count; i++) {
        struct raft_peer *peer = &raft->peers[i];

        if (!peer->is_vote_due)
            continue;
        peer->is_vote_due = false;
        *out = (struct raft_message){
            .kind = RAFT_MSG_VOTE,
            .flags = is_pre            ? RAFT_FLAG_PRE
                     : raft->is_forced ? RAFT_FLAG_FORCED
                                       : 0,
            .lineage = raft->base.lineage,
            .term = is_pre ? raft->hard.term + 1 : raft->hard.term,
            .index = raft->log.last_index,
            .index_term = raft_log_term(&raft->log, raft->log.last_index),
            .members_index = raft_newest(raft)->index,
            .seq = ++raft->seq,
        };
        memcpy(out->peer, peer->id, sizeof(out->peer));
        return true;
    }
    return false;
}
