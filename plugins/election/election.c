/* The follower's side of the election core, and what all states share; candidate.c and leading.c
 * are the others. */
#include "election.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/edges.h>

#include "election_state.h"
#include "rank.h"

static const struct rh_edge edges[] = {
    {ELECTION_FOLLOWER, ELECTION_PRECANDIDATE}, {ELECTION_FOLLOWER, ELECTION_CANDIDATE},
    {ELECTION_PRECANDIDATE, ELECTION_FOLLOWER}, {ELECTION_PRECANDIDATE, ELECTION_CANDIDATE},
    {ELECTION_CANDIDATE, ELECTION_FOLLOWER},    {ELECTION_CANDIDATE, ELECTION_LEADER},
    {ELECTION_LEADER, ELECTION_FOLLOWER},
};

static void set_id(char dst[NODE_ID_MAX + 1], const char *id)
{
    (void)snprintf(dst, NODE_ID_MAX + 1, "%s", id); /* ids were checked at the border */
}

struct election_action *election_push(struct election *e, uint32_t kind)
{
    uint32_t place;

    assert(e->action_count < ELECTION_ACTIONS_MAX);
    place = (e->action_first + e->action_count) % ELECTION_ACTIONS_MAX;
    e->action_count++;
    memset(&e->actions[place], 0, sizeof(e->actions[place]));
    e->actions[place].kind = kind;
    e->actions[place].term = e->ballot.term;
    e->actions[place].need = election_need(e);
    return &e->actions[place];
}

bool election_next_action(struct election *e, struct election_action *out)
{
    if (e->action_count == 0)
        return false;
    *out = e->actions[e->action_first];
    e->action_first = (e->action_first + 1) % ELECTION_ACTIONS_MAX;
    e->action_count--;
    return true;
}

void election_move(struct election *e, uint8_t state)
{
    if (e->state != state)
        rh_state_move(&e->state, edges, sizeof(edges) / sizeof(edges[0]), state);
}

bool election_votes(const struct election *e)
{
    return e->self_index < ELECTION_VOTERS_MAX;
}

uint32_t election_need(const struct election *e)
{
    return e->cfg.voter_count / 2 + 1;
}

uint32_t election_voter_index(const struct election *e, const char *node_id)
{
    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        if (strcmp(e->cfg.voters[i], node_id) == 0)
            return i;
    }
    return ELECTION_VOTERS_MAX;
}

void election_persist(struct election *e)
{
    if (election_votes(e))
        election_push(e, ELECTION_PERSIST)->u.ballot = e->ballot;
}

int64_t election_jitter(struct election *e, int64_t window_ms)
{
    return (int64_t)rh_rng_below(&e->rng, (uint64_t)window_ms + 1);
}

static struct rank rank_of(const struct election *e, uint32_t voter)
{
    const char *id = e->cfg.voters[voter];
    const bool is_home = e->home.epoch > 0 && strcmp(e->home.node_id, id) == 0;

    return (struct rank){id, e->voters[voter].priority, is_home};
}

int64_t election_place_delay(struct election *e)
{
    uint32_t place = 0;
    struct rank own;

    if (!election_votes(e))
        return 0;
    own = rank_of(e, e->self_index);
    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        const struct rank other = rank_of(e, i);

        place += i != e->self_index && rank_above(&other, &own);
    }
    return rank_delay_ms(place, e->cfg.voter_count, e->cfg.beat_ms, rh_rng_u64(&e->rng));
}

bool election_voter_is_alive(const struct election *e, uint32_t voter, int64_t now_ms)
{
    const int64_t answered = e->voters[voter].answered_ms;

    return answered != LEASE_NEVER && now_ms - answered < lease_length_ms(e->cfg.beat_ms);
}

bool election_voter_can_lead(const struct election *e, uint32_t voter)
{
    return e->voters[voter].can_lead;
}

uint32_t election_have(const struct election *e, int64_t now_ms)
{
    uint32_t have = 0;

    for (uint32_t i = 0; i < e->cfg.voter_count; i++)
        have += i == e->self_index || election_voter_is_alive(e, i, now_ms);
    return have;
}

uint32_t election_best_other(const struct election *e, int64_t now_ms)
{
    uint32_t best = ELECTION_VOTERS_MAX;

    for (uint32_t i = 0; i < e->cfg.voter_count; i++) {
        const struct rank rank = rank_of(e, i);
        struct rank best_rank;

        if (i == e->self_index || !e->voters[i].can_lead || !election_voter_is_alive(e, i, now_ms))
            continue;
        if (best < ELECTION_VOTERS_MAX)
            best_rank = rank_of(e, best);
        if (best == ELECTION_VOTERS_MAX || rank_above(&rank, &best_rank))
            best = i;
    }
    return best;
}

void election_heard_from(struct election *e, uint32_t voter, int64_t priority, int64_t now_ms)
{
    struct election_voter *v = &e->voters[voter];

    if (!election_voter_is_alive(e, voter, now_ms))
        v->alive_since_ms = now_ms;
    v->answered_ms = now_ms;
    v->priority = priority;
}

void election_init(struct election *e, const struct election_config *cfg,
                   const struct ballot *ballot, uint64_t seed, int64_t now_ms)
{
    assert(cfg->voter_count <= ELECTION_VOTERS_MAX);
    assert(lease_fits_timeout(cfg->beat_ms, cfg->timeout_ms));
    memset(e, 0, sizeof(*e));
    e->cfg = *cfg;
    e->ballot = *ballot;
    rh_rng_seed(&e->rng, seed);
    for (uint32_t i = 0; i < cfg->voter_count; i++) {
        e->voters[i].answered_ms = LEASE_NEVER;
        e->voters[i].acked_sent_ms = LEASE_NEVER;
    }
    e->self_index = election_voter_index(e, cfg->self);
    e->handed_over_ms = now_ms - ELECTION_HANDOVER_BEATS * cfg->beat_ms;
    e->forcing_until_ms = LEASE_NEVER;
    e->heard_ms = now_ms;
    e->hold_until_ms = now_ms;
    e->sticky_until_ms = now_ms;
    if (election_votes(e))
        e->voters[e->self_index].priority = cfg->priority;
    if (ballot->term > 0) {
        e->sticky_until_ms = now_ms + cfg->timeout_ms;
        e->sticky_term = ballot->term;
    }
    (void)snprintf(e->reason, sizeof(e->reason), "no leader has been heard of since the start");
    election_orphan(e, e->sticky_until_ms - now_ms + election_place_delay(e), now_ms);
}

void election_orphan(struct election *e, int64_t delay_ms, int64_t now_ms)
{
    struct election_action *report;

    election_move(e, ELECTION_FOLLOWER);
    e->leader[0] = '\0';
    e->is_leased = false;
    e->stand_at_ms = now_ms + delay_ms;
    report = election_push(e, ELECTION_LEADERLESS);
    report->have = election_have(e, now_ms);
    memcpy(report->u.reason, e->reason, sizeof(e->reason));
}

void election_raise_floor(struct election *e, uint64_t term)
{
    if (term > e->floor_term)
        e->floor_term = term;
}

/* Ask the leader again to hand over, until its time is over; a tick may come late. */
static void forcing_tick(struct election *e, int64_t now_ms)
{
    if (e->forcing_until_ms == LEASE_NEVER)
        return;
    if (now_ms >= e->forcing_until_ms)
        e->forcing_until_ms = LEASE_NEVER;
    else if (now_ms >= e->round_ms + e->cfg.beat_ms / ELECTION_REPEATS_PER_BEAT)
        election_ask_to_hand_over(e, now_ms);
}

static void follower_tick(struct election *e, int64_t now_ms)
{
    if (e->leader[0]) {
        forcing_tick(e, now_ms);
        if (now_ms < e->heard_ms + e->cfg.timeout_ms)
            return;
        (void)snprintf(e->reason, sizeof(e->reason), "no heartbeat from %s for %" PRId64 " ms",
                       e->leader, now_ms - e->heard_ms);
        election_orphan(e, election_place_delay(e), now_ms);
    }
    if (election_votes(e) && now_ms >= e->stand_at_ms && now_ms >= e->hold_until_ms)
        election_stand(e, true, now_ms);
}

void election_tick(struct election *e, int64_t now_ms)
{
    if (e->state == ELECTION_LEADER)
        election_leader_tick(e, now_ms);
    else if (e->state == ELECTION_FOLLOWER)
        follower_tick(e, now_ms);
    else
        election_candidate_tick(e, now_ms);
}

void election_check_lease(struct election *e, int64_t now_ms)
{
    if (e->state == ELECTION_LEADER)
        election_leader_tick(e, now_ms);
}

int64_t election_next_ms(const struct election *e)
{
    int64_t next;

    if (e->state == ELECTION_LEADER)
        return election_leader_next_ms(e);
    if (e->state != ELECTION_FOLLOWER)
        return e->round_ms + e->cfg.beat_ms / ELECTION_REPEATS_PER_BEAT;
    if (e->leader[0]) {
        const int64_t repeat = e->round_ms + e->cfg.beat_ms / ELECTION_REPEATS_PER_BEAT;

        next = e->heard_ms + e->cfg.timeout_ms;
        return e->forcing_until_ms != LEASE_NEVER && repeat < next ? repeat : next;
    }
    if (!election_votes(e))
        return INT64_MAX;
    next = e->stand_at_ms;
    return next > e->hold_until_ms ? next : e->hold_until_ms;
}

bool election_is_sticky(const struct election *e, const struct vote_request *request,
                        int64_t now_ms)
{
    if (e->state == ELECTION_LEADER)
        return true;
    if (now_ms >= e->sticky_until_ms || e->sticky_term <= request->released_term)
        return false;
    /* A leader that stands again has given up its lease; a request of its own term is only late. */
    return request->term <= e->sticky_term || strcmp(e->sticky_leader, request->candidate) != 0;
}

static void on_resignation(struct election *e, const struct heartbeat *h, int64_t now_ms)
{
    const bool is_successor = strcmp(h->successor, e->cfg.self) == 0;
    int64_t delay_ms = is_successor ? 0 : election_place_delay(e);

    e->released_term = h->term;
    e->sticky_until_ms = now_ms;
    if (is_successor)
        e->handed_over_ms = now_ms; /* or a mere priority would undo it after four beats */
    if (h->successor[0] && !is_successor)
        delay_ms += e->cfg.beat_ms; /* it goes first */
    (void)snprintf(e->reason, sizeof(e->reason), "%s has stood down", h->leader);
    election_orphan(e, delay_ms, now_ms);
    /* No pre-vote: the leader itself says that it is time. */
    if (is_successor && election_votes(e) && now_ms >= e->hold_until_ms)
        election_stand(e, false, now_ms);
}

static bool heartbeat_is_good(const struct election *e, const struct heartbeat *h)
{
    if (h->term < e->ballot.term || h->term <= e->released_term)
        return false;
    if (strcmp(h->leader, e->cfg.self) == 0)
        return false;
    /* The other provider knows who votes; who does not vote himself can believe it. */
    if (election_voter_index(e, h->leader) == ELECTION_VOTERS_MAX &&
        (!h->is_foreign || election_votes(e)))
        return false;
    if (h->term > e->ballot.term)
        return true;
    /* One leader per term; a second one would be a broken peer, and this node does not take part.
     */
    return e->state != ELECTION_LEADER && (!e->leader[0] || strcmp(e->leader, h->leader) == 0);
}

void election_on_heartbeat(struct election *e, const struct heartbeat *h,
                           struct heartbeat_reply *reply, int64_t now_ms)
{
    struct election_action *report;

    election_check_lease(e, now_ms);
    *reply = (struct heartbeat_reply){.term = e->ballot.term, .priority = e->cfg.priority};
    reply->can_lead = election_votes(e) && now_ms >= e->hold_until_ms;
    if (!heartbeat_is_good(e, h))
        return;
    if (ballot_advance(&e->ballot, h->term))
        election_persist(e);
    election_raise_floor(e, h->term);
    reply->ok = true;
    reply->term = h->term;
    if (h->is_resigning) {
        on_resignation(e, h, now_ms);
        return;
    }
    if (h->term != e->leader_term)
        e->forcing_until_ms = LEASE_NEVER; /* it was another leader who was asked */
    election_move(e, ELECTION_FOLLOWER);
    set_id(e->leader, h->leader);
    set_id(e->sticky_leader, h->leader);
    e->leader_term = h->term;
    e->sticky_term = h->term;
    e->heard_ms = now_ms;
    e->sticky_until_ms = now_ms + e->cfg.timeout_ms;
    report = election_push(e, ELECTION_FOLLOWING);
    report->expires_ms = e->sticky_until_ms;
    memcpy(report->u.leader, e->leader, sizeof(e->leader));
}
