/* An operator's wish that this voter lead; the leader's side of it is in candidate.c. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "election_state.h"

void election_ask_to_hand_over(struct election *e, int64_t now_ms)
{
    const uint32_t leader = election_voter_index(e, e->leader);
    struct election_action *action;

    assert(e->state == ELECTION_FOLLOWER);
    assert(leader < e->cfg.voter_count);
    action = election_push(e, ELECTION_SEND_VOTE);
    action->voter = leader;
    action->u.vote = (struct vote_request){
        .term = e->floor_term + 1,
        .released_term = e->released_term,
        .priority = e->cfg.priority,
        .is_pre = true,
        .is_forced = true,
    };
    memcpy(action->u.vote.candidate, e->cfg.self, sizeof(e->cfg.self));
    e->round_ms = now_ms;
}

/* The vote of this node is bound like those of the others: a leader that it acknowledged may count
 * on it until its lease is over. */
static bool may_be_led(const struct election *e, int64_t now_ms)
{
    return now_ms < e->sticky_until_ms && e->sticky_term > e->released_term;
}

uint32_t election_start(struct election *e, bool is_forced, int64_t now_ms)
{
    election_check_lease(e, now_ms);
    if (!election_votes(e))
        return ELECTION_START_NOT_A_VOTER;
    if (e->state == ELECTION_LEADER)
        return ELECTION_START_LEADS;
    if (may_be_led(e, now_ms) && !e->leader[0])
        return ELECTION_START_LEASED;
    if (may_be_led(e, now_ms) && !is_forced)
        return ELECTION_START_LED;
    e->hold_until_ms = now_ms;
    e->handed_over_ms = now_ms; /* it was chosen, so it stays */
    if (may_be_led(e, now_ms)) {
        e->forcing_until_ms = now_ms + e->cfg.beat_ms;
        election_ask_to_hand_over(e, now_ms);
        return ELECTION_START_ASKED;
    }
    if (e->state == ELECTION_FOLLOWER) {
        (void)snprintf(e->reason, sizeof(e->reason), "%s stands because an operator asked for it",
                       e->cfg.self); /* fits */
        election_orphan(e, 0, now_ms);
        election_stand(e, true, now_ms);
    }
    return ELECTION_START_STANDS;
}
