/* Asking for votes and giving them: pre-vote, then one vote per term. Raft, sections 5.2 and
 * (pre-vote) Ongaro's thesis 9.6. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "election_state.h"

static void refuse(struct vote_reply *reply, const char *reason)
{
    reply->granted = false;
    (void)snprintf(reply->reason, sizeof(reply->reason), "%s", reason);
}

/* An operator wants the candidate to lead. The leader gives way, and gives up its lease first, so
 * that the vote which follows is like any other. A request of an earlier term was meant for an
 * earlier leader. */
static void on_forced(struct election *e, const struct vote_request *request,
                      struct vote_reply *reply, int64_t now_ms)
{
    if (e->state != ELECTION_LEADER) {
        refuse(reply, "not_leader");
        return;
    }
    if (request->term == e->ballot.term) {
        refuse(reply, "stale_term");
        return;
    }
    election_resign(e, request->candidate, e->cfg.timeout_ms, now_ms);
    refuse(reply, "handing_over");
}

void election_on_vote(struct election *e, const struct vote_request *request,
                      struct vote_reply *reply, int64_t now_ms)
{
    const uint32_t candidate = election_voter_index(e, request->candidate);

    election_check_lease(e, now_ms);
    *reply = (struct vote_reply){.term = e->ballot.term, .priority = e->cfg.priority};
    if (!election_votes(e) || candidate == ELECTION_VOTERS_MAX || candidate == e->self_index) {
        refuse(reply, "not_a_voter");
        return;
    }
    e->voters[candidate].priority = request->priority;
    if (request->term < e->ballot.term) {
        refuse(reply, "stale_term");
        return;
    }
    if (request->is_forced) {
        on_forced(e, request, reply, now_ms);
        return;
    }
    if (election_is_sticky(e, request, now_ms)) {
        refuse(reply, "has_leader");
        return;
    }
    if (request->is_pre) {
        reply->granted = ballot_can_grant(&e->ballot, request->term, request->candidate);
        if (!reply->granted)
            refuse(reply, "voted");
        return;
    }
    if (!ballot_can_grant(&e->ballot, request->term, request->candidate)) {
        refuse(reply, "voted");
        return;
    }
    reply->granted = true;
    reply->term = request->term;
    if (!ballot_grant(&e->ballot, request->term, request->candidate))
        return; /* asked again: its heartbeat may have come meanwhile */
    election_persist(e);
    election_raise_floor(e, request->term);
    if (e->released_term < request->released_term)
        e->released_term = request->released_term;
    e->sticky_until_ms = now_ms; /* what it protected is over, or the vote had been refused */
    (void)snprintf(e->reason, sizeof(e->reason), "%s is being elected", request->candidate);
    election_orphan(e, e->cfg.beat_ms + election_jitter(e, e->cfg.beat_ms), now_ms);
}

static void ask(struct election *e, int64_t now_ms)
{
    const bool is_pre = e->state == ELECTION_PRECANDIDATE;

    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        struct election_action *action;

        if (i == e->self_index || e->voters[i].has_answered)
            continue;
        action = election_push(e, ELECTION_SEND_VOTE);
        action->voter = i;
        action->u.vote = (struct vote_request){
            .term = is_pre ? e->floor_term + 1 : e->ballot.term,
            .released_term = e->released_term,
            .priority = e->cfg.priority,
            .is_pre = is_pre,
        };
        memcpy(action->u.vote.candidate, e->cfg.self, sizeof(e->cfg.self));
    }
    e->round_ms = now_ms;
}

static uint32_t granted_count(const struct election *e)
{
    uint32_t count = 1; /* our own */

    for (uint32_t i = 0; i < e->cfg.voter_count; i++)
        count += i != e->self_index && e->voters[i].has_granted;
    return count;
}

static void count_votes(struct election *e, int64_t now_ms)
{
    if (granted_count(e) < election_need(e))
        return;
    if (e->state == ELECTION_PRECANDIDATE)
        election_stand(e, false, now_ms);
    else if (e->is_durable)
        election_lead(e, now_ms);
}

/* Our own vote counts only when it is on disk, and nobody is asked before. */
void election_stand(struct election *e, bool is_pre, int64_t now_ms)
{
    assert(election_votes(e));
    election_raise_floor(e, e->ballot.term);
    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        e->voters[i].has_answered = false;
        e->voters[i].has_granted = false;
    }
    e->stand_at_ms = now_ms; /* the beginning of the attempt */
    e->is_durable = false;
    e->round_ms = now_ms;
    if (is_pre) {
        election_move(e, ELECTION_PRECANDIDATE);
        ask(e, now_ms);
        count_votes(e, now_ms);
        return;
    }
    election_move(e, ELECTION_CANDIDATE);
    e->floor_term++;
    (void)ballot_grant(&e->ballot, e->floor_term,
                       e->cfg.self); /* a new term always changes the ballot */
    election_persist(e);
}

void election_on_persisted(struct election *e, uint64_t term, int64_t now_ms)
{
    if (e->state != ELECTION_CANDIDATE || e->is_durable || term != e->ballot.term)
        return;
    e->is_durable = true;
    ask(e, now_ms);
    count_votes(e, now_ms);
}

void election_on_vote_reply(struct election *e, uint32_t voter, const struct vote_request *asked,
                            const struct vote_reply *reply, int64_t now_ms)
{
    const uint64_t term = asked->is_pre ? e->floor_term + 1 : e->ballot.term;

    assert(voter < e->cfg.voter_count);
    election_heard_from(e, voter, reply->priority, now_ms);
    /* An answer to an earlier attempt says nothing about this one. */
    if (e->state != (asked->is_pre ? ELECTION_PRECANDIDATE : ELECTION_CANDIDATE) ||
        asked->term != term)
        return;
    e->voters[voter].has_answered = true;
    if (!reply->granted && reply->term >= asked->term + (asked->is_pre ? 0 : 1)) {
        election_raise_floor(e, reply->term);
        if (!asked->is_pre && ballot_advance(&e->ballot, reply->term))
            election_persist(e);
        (void)snprintf(e->reason, sizeof(e->reason), "%s knows the later term %" PRIu64,
                       e->cfg.voters[voter], reply->term);
        election_orphan(e, election_jitter(e, e->cfg.beat_ms / 2), now_ms);
        return;
    }
    e->voters[voter].has_granted = reply->granted;
    count_votes(e, now_ms);
}

void election_candidate_tick(struct election *e, int64_t now_ms)
{
    if (now_ms >= e->stand_at_ms + e->cfg.beat_ms) {
        (void)snprintf(e->reason, sizeof(e->reason),
                       "no quorum: %" PRIu32 " of %" PRIu32 " voters support %s, %" PRIu32
                       " needed, %" PRIu32 " answer",
                       granted_count(e), e->cfg.voter_count, e->cfg.self, election_need(e),
                       election_have(e, now_ms));
        election_orphan(e, election_jitter(e, e->cfg.beat_ms), now_ms);
        return;
    }
    if (now_ms < e->round_ms + e->cfg.beat_ms / ELECTION_REPEATS_PER_BEAT)
        return;
    if (e->state == ELECTION_PRECANDIDATE || e->is_durable)
        ask(e, now_ms);
    else
        e->round_ms = now_ms;
}
