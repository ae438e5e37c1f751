/* The leader's side: heartbeats, the lease, the confirmation of its home claim, and handing over to
 * whom it should be. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "election_state.h"
#include "rank.h"

static bool is_home(const struct election *e, const char *node_id)
{
    return e->home.epoch > 0 && strcmp(e->home.node_id, node_id) == 0;
}

static struct heartbeat make_heartbeat(const struct election *e, bool is_resigning,
                                       const char *successor)
{
    struct heartbeat h = {
        .term = e->ballot.term,
        .lease_ms = lease_length_ms(e->cfg.beat_ms),
        .is_resigning = is_resigning,
    };

    memcpy(h.leader, e->cfg.self, sizeof(h.leader));
    (void)snprintf(h.successor, sizeof(h.successor), "%s", successor ? successor : "");
    return h;
}

static void send_to(struct election *e, uint32_t voter, const struct heartbeat *h, int64_t now_ms)
{
    struct election_action *action = election_push(e, ELECTION_SEND_HEARTBEAT);

    action->voter = voter;
    action->u.beat.heartbeat = *h;
    action->u.beat.sent = (struct heartbeat_sent){
        .term = e->ballot.term,
        .sent_ms = now_ms,
        .home_epoch = is_home(e, e->cfg.self) ? e->home.epoch : 0,
    };
    e->voters[voter].sent_ms = now_ms;
}

static void send_round(struct election *e, const struct heartbeat *h, int64_t now_ms)
{
    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        if (i != e->self_index) {
            e->voters[i].has_answered = false;
            send_to(e, i, h, now_ms);
        }
    }
    election_push(e, ELECTION_SEND_OTHERS)->u.beat.heartbeat = *h;
}

static void renew_lease(struct election *e, int64_t now_ms)
{
    int64_t sent[ELECTION_VOTERS_MAX];
    uint32_t count = 0;
    int64_t expires;
    struct election_action *report;

    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        if (i != e->self_index)
            sent[count++] = e->voters[i].acked_sent_ms;
    }
    expires = lease_expires_ms(sent, count, election_need(e), now_ms, e->cfg.beat_ms);
    if (expires == LEASE_NEVER || expires <= now_ms || (e->is_leased && expires <= e->lease_ms))
        return;
    e->is_leased = true;
    e->lease_ms = expires;
    report = election_push(e, ELECTION_LEADING);
    report->expires_ms = expires;
    report->have = election_have(e, now_ms);
}

static void confirm_home(struct election *e)
{
    uint32_t have = 1;

    if (!is_home(e, e->cfg.self) || e->confirmed_home_epoch >= e->home.epoch || !e->is_leased)
        return;
    for (uint32_t i = 0; i < e->cfg.voter_count; i++)
        have += i != e->self_index && e->voters[i].acked_home_epoch >= e->home.epoch;
    if (have < election_need(e))
        return;
    e->confirmed_home_epoch = e->home.epoch;
    election_push(e, ELECTION_HOME_CONFIRMED)->home_epoch = e->home.epoch;
}

static void beat(struct election *e, int64_t now_ms)
{
    const struct heartbeat h = make_heartbeat(e, false, NULL);

    e->round_ms = now_ms;
    send_round(e, &h, now_ms);
    if (election_need(e) == 1)
        renew_lease(e, now_ms);
    confirm_home(e);
}

/* Leading begins with a heartbeat, not with the votes: only who acknowledges it refuses others for
 * a timeout. */
void election_lead(struct election *e, int64_t now_ms)
{
    election_move(e, ELECTION_LEADER);
    e->won_ms = now_ms;
    e->is_leased = false;
    e->lease_ms = now_ms;
    e->confirmed_home_epoch = 0;
    memcpy(e->leader, e->cfg.self, sizeof(e->leader));
    e->leader_term = e->ballot.term;
    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        e->voters[i].acked_sent_ms = LEASE_NEVER;
        e->voters[i].acked_home_epoch = 0;
        e->voters[i].can_lead = false;
    }
    beat(e, now_ms);
}

static void lose(struct election *e, int64_t delay_ms, int64_t now_ms)
{
    e->sticky_until_ms = now_ms; /* no lease of ours is left to protect */
    e->released_term = e->ballot.term;
    election_orphan(e, delay_ms, now_ms);
}

void election_resign(struct election *e, const char *successor, int64_t hold_ms, int64_t now_ms)
{
    const bool was_leader = e->state == ELECTION_LEADER;

    if (e->hold_until_ms < now_ms + hold_ms)
        e->hold_until_ms = now_ms + hold_ms;
    if (e->state == ELECTION_PRECANDIDATE || e->state == ELECTION_CANDIDATE || was_leader) {
        (void)snprintf(e->reason, sizeof(e->reason),
                       successor ? "handing over to %s" : "%s stood down",
                       successor ? successor : e->cfg.self);
    }
    if (was_leader) {
        const struct heartbeat h = make_heartbeat(e, true, successor);

        send_round(e, &h, now_ms);
        e->handed_over_ms = now_ms;
        lose(e, hold_ms + election_place_delay(e), now_ms);
    } else if (e->state != ELECTION_FOLLOWER) {
        election_orphan(e, hold_ms + election_place_delay(e), now_ms);
    }
}

/* The home goes first and soon; a mere priority waits until things are calm. */
static void hand_over_if_due(struct election *e, int64_t now_ms)
{
    const uint32_t best = election_best_other(e, now_ms);
    const int64_t stable_ms = ELECTION_STABLE_BEATS * e->cfg.beat_ms;
    struct rank own = {e->cfg.self, e->cfg.priority, is_home(e, e->cfg.self)};
    struct rank other;

    if (best == ELECTION_VOTERS_MAX || !e->is_leased)
        return;
    other = (struct rank){e->cfg.voters[best], e->voters[best].priority,
                          is_home(e, e->cfg.voters[best])};
    if (!rank_above(&other, &own))
        return;
    if (other.is_home) {
        if (now_ms - e->handed_over_ms < stable_ms || now_ms - e->won_ms < e->cfg.beat_ms)
            return;
    } else {
        if (now_ms - e->handed_over_ms < ELECTION_HANDOVER_BEATS * e->cfg.beat_ms)
            return;
        if (now_ms - e->won_ms < stable_ms || now_ms - e->voters[best].alive_since_ms < stable_ms)
            return;
    }
    election_resign(e, e->cfg.voters[best], e->cfg.timeout_ms, now_ms);
}

void election_leader_tick(struct election *e, int64_t now_ms)
{
    const int64_t end_ms = e->is_leased ? e->lease_ms : e->won_ms + e->cfg.timeout_ms;

    assert(e->state == ELECTION_LEADER);
    if (now_ms >= end_ms) {
        (void)snprintf(e->reason, sizeof(e->reason),
                       "no quorum: %u of %u voters answer %s, %u needed",
                       (unsigned)election_have(e, now_ms), (unsigned)e->cfg.voter_count,
                       e->cfg.self, (unsigned)election_need(e));
        lose(e, election_jitter(e, e->cfg.beat_ms), now_ms);
        return;
    }
    if (now_ms >= e->round_ms + e->cfg.beat_ms) {
        hand_over_if_due(e, now_ms);
        if (e->state == ELECTION_LEADER)
            beat(e, now_ms);
        return;
    }
    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        const struct election_voter *v = &e->voters[i];

        if (i != e->self_index && !v->has_answered &&
            now_ms >= v->sent_ms + e->cfg.beat_ms / ELECTION_REPEATS_PER_BEAT) {
            const struct heartbeat h = make_heartbeat(e, false, NULL);

            send_to(e, i, &h, now_ms);
        }
    }
}

int64_t election_leader_next_ms(const struct election *e)
{
    int64_t next = e->is_leased ? e->lease_ms : e->won_ms + e->cfg.timeout_ms;

    if (next > e->round_ms + e->cfg.beat_ms)
        next = e->round_ms + e->cfg.beat_ms;
    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        const int64_t repeat = e->voters[i].sent_ms + e->cfg.beat_ms / ELECTION_REPEATS_PER_BEAT;

        if (i != e->self_index && !e->voters[i].has_answered && next > repeat)
            next = repeat;
    }
    return next;
}

void election_on_heartbeat_reply(struct election *e, uint32_t voter,
                                 const struct heartbeat_sent *sent,
                                 const struct heartbeat_reply *reply, int64_t now_ms)
{
    struct election_voter *v = &e->voters[voter];

    assert(voter < e->cfg.voter_count);
    election_heard_from(e, voter, reply->priority, now_ms);
    election_check_lease(e, now_ms);
    if (e->state != ELECTION_LEADER || sent->term != e->ballot.term)
        return;
    if (!reply->ok) {
        /* Somebody stood in a later term while we led: give up ours and stand above it, so that it
         * can follow. */
        if (ballot_advance(&e->ballot, reply->term)) {
            (void)snprintf(e->reason, sizeof(e->reason), "%s knows a later term",
                           e->cfg.voters[voter]);
            election_raise_floor(e, reply->term);
            election_persist(e);
            e->sticky_until_ms = now_ms;
            e->released_term = sent->term;
            election_orphan(e, election_jitter(e, e->cfg.beat_ms / ELECTION_REPEATS_PER_BEAT),
                            now_ms);
        }
        return;
    }
    v->can_lead = reply->can_lead;
    if (sent->sent_ms >= e->round_ms)
        v->has_answered = true;
    if (v->acked_sent_ms < sent->sent_ms)
        v->acked_sent_ms = sent->sent_ms;
    if (v->acked_home_epoch < sent->home_epoch)
        v->acked_home_epoch = sent->home_epoch;
    renew_lease(e, now_ms);
    confirm_home(e);
}

void election_set_home(struct election *e, const struct election_home *home, int64_t now_ms)
{
    if (home->epoch == e->home.epoch && strcmp(home->node_id, e->home.node_id) == 0)
        return;
    e->home = *home;
    if (e->state == ELECTION_LEADER)
        beat(e, now_ms); /* the claim is waited for */
}

bool election_leads(const struct election *e, int64_t now_ms)
{
    return e->state == ELECTION_LEADER && e->is_leased && now_ms < e->lease_ms;
}
