/* What must hold of elections in a simulated cluster, seen from the wire, the stores and the hosts'
 * views, never from what the plugin says about itself. What holds of any leadership is in
 * tests/sim/leadership. PROTOCOLS: election. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/str.h>

#define LEASE_BEATS_TENTHS 16  /* a lease lasts 1.6 beats */
#define HEAL_LEASES        3   /* a leader is there so many leases after all was healed */
#define RATE_PERCENT       111 /* clocks run up to 10 % slow: 1 / 0.9 */
#define EXCHANGES_MAX      (1u << 24)
#define NEVER              INT64_MIN

/* A vote request or heartbeat that is known by its exchange. */
struct asked {
    uint64_t term;
    int64_t sent_ms; /* by the sender's clock */
    uint32_t about;  /* the candidate, or the leader */
    bool is_pre;
    bool is_heartbeat;
};

/* What is known of a node. */
struct seen {
    uint32_t life;
    bool leads; /* by its own word, as of its last event */
    uint64_t term;
    int64_t expires_ms;
    int64_t *acked_ms; /* of each node: sending of the newest heartbeat of `acked_term` it took */
    uint64_t acked_term;
};

struct election {
    uint32_t count, voters, need;
    struct seen *nodes;
    struct rh_map64 asked;  /* exchange -> struct asked */
    struct rh_map64 grants; /* term * count + voter -> candidate + 1 */
    int64_t healed_us;
    bool has_healed, has_leader_since;
};

/* Small numbers as map values, which are pointers. */
static void put_number(struct rh_map64 *map, uint64_t key, uint32_t value)
{
    int32_t rc = rh_map64_put(map, key, (void *)(uintptr_t)value, NULL);

    assert(rc == RH_OK);
    (void)rc;
}

static uint32_t get_number(const struct rh_map64 *map, uint64_t key)
{
    return (uint32_t)(uintptr_t)rh_map64_get(map, key);
}

static void *create(struct rh_sim *sim)
{
    struct election *e = calloc(1, sizeof(*e));

    if (!e)
        return NULL;
    e->count = rh_sim_node_count(sim);
    e->nodes = calloc(e->count, sizeof(*e->nodes));
    assert(e->nodes);
    for (uint32_t i = 0; i < e->count; i++) {
        struct rh_sim_node node;

        rh_sim_node(sim, i, &node);
        e->voters += node.is_voter;
        e->nodes[i].acked_ms = calloc(e->count, sizeof(int64_t));
        assert(e->nodes[i].acked_ms);
    }
    e->need = e->voters / 2 + 1;
    rh_map64_init(&e->asked, 1, EXCHANGES_MAX);
    rh_map64_init(&e->grants, 1, EXCHANGES_MAX);
    return e;
}

static void destroy(void *self)
{
    struct election *e = self;
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&e->asked, &cursor, NULL, &value))
        free(value);
    rh_map64_release(&e->asked);
    rh_map64_release(&e->grants);
    for (uint32_t i = 0; i < e->count; i++)
        free(e->nodes[i].acked_ms);
    free(e->nodes);
    free(e);
}

/* --- votes --- */

struct wire_vote {
    struct rh_str candidate, leader;
    int64_t term;
    int32_t pre, granted, ok;
};
static const struct rh_field vote_fields[] = {
    RH_STR(struct wire_vote, candidate, 0, "who asks"),
    RH_STR(struct wire_vote, leader, 0, "who leads"),
    RH_INT(struct wire_vote, term, 0, 0, INT64_C(9007199254740991), "term"),
    RH_BOOL(struct wire_vote, pre, false, "it changes nothing"),
    RH_BOOL(struct wire_vote, granted, false, "yes"),
    RH_BOOL(struct wire_vote, ok, false, "yes, to a heartbeat"),
};
static const struct rh_fields vote_table = RH_FIELDS(struct wire_vote, vote_fields);

struct ballot {
    uint64_t term;
    struct rh_str vote;
};
static const struct rh_field ballot_fields[] = {
    RH_UINT64(struct ballot, term, 0, "newest term"),
    RH_STR(struct ballot, vote, 0, "whom it was given to"),
};
static const struct rh_fields ballot_table = RH_FIELDS(struct ballot, ballot_fields);

/* A grant that anyone has heard of must be on the voter's disk, or a later term. */
static void check_stored(struct rh_sim *sim, uint32_t voter, uint32_t candidate, uint64_t term)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct rh_sim_node node;
    struct ballot ballot;
    void *memory = NULL;
    int32_t rc = rh_sim_disk_get(sim, voter, "election", RH_STR_LIT("ballot"), &value);

    rh_sim_node(sim, candidate, &node);
    if (rc != RH_OK || !value.found ||
        rh_sim_decode(sim, &ballot_table, value.data, &ballot, &memory) != RH_OK) {
        rh_sim_fail(sim, "vote_is_durable", voter,
                    "it voted for %s in term %" PRIu64 ", and no ballot is stored (%d)",
                    node.node_id, term, (int)rc);
        return;
    }
    if (ballot.term < term || (ballot.term == term && !rh_str_eq_c(ballot.vote, node.node_id)))
        rh_sim_fail(sim, "vote_is_durable", voter,
                    "it voted for %s in term %" PRIu64 ", but its ballot says \"%.*s\" in %" PRIu64,
                    node.node_id, term, RH_STR_ARG(ballot.vote), ballot.term);
    rh_sim_release(sim, memory);
}

static void grant(struct election *e, struct rh_sim *sim, uint32_t voter, uint32_t candidate,
                  uint64_t term)
{
    uint64_t key = term * e->count + voter;
    uint32_t before = get_number(&e->grants, key);

    if (before > 0 && before != candidate + 1) {
        struct rh_sim_node first, second;

        rh_sim_node(sim, before - 1, &first);
        rh_sim_node(sim, candidate, &second);
        rh_sim_fail(sim, "one_grant_per_term", voter,
                    "in term %" PRIu64 " it voted for %s and for %s", term, first.node_id,
                    second.node_id);
    }
    put_number(&e->grants, key, candidate + 1);
    check_stored(sim, voter, candidate, term);
}

static uint32_t count_grants(const struct election *e, uint32_t candidate, uint64_t term)
{
    uint32_t count = 0;

    for (uint32_t voter = 0; voter < e->voters; voter++)
        count += get_number(&e->grants, term * e->count + voter) == candidate + 1;
    return count;
}

/* --- the wire --- */

static void on_request(struct election *e, struct rh_sim *sim, const struct rh_sim_message *message,
                       bool is_heartbeat)
{
    struct rh_sim_node sender;
    struct wire_vote vote;
    struct asked *asked;
    void *memory = NULL;

    if (message->kind != RH_SIM_REQUEST_SENT || message->from >= e->count ||
        rh_sim_decode(sim, &vote_table, message->body, &vote, &memory) != RH_OK)
        return;
    asked = calloc(1, sizeof(*asked));
    assert(asked);
    rh_sim_node(sim, message->from, &sender);
    *asked = (struct asked){
        .term = (uint64_t)vote.term,
        .sent_ms = sender.now_ms,
        .about = rh_sim_find(sim, is_heartbeat ? vote.leader : vote.candidate),
        .is_pre = vote.pre,
        .is_heartbeat = is_heartbeat,
    };
    rh_sim_release(sim, memory);
    memory = NULL;
    if (rh_map64_put(&e->asked, message->exchange, asked, &memory) != RH_OK)
        abort();
    free(memory);
    if (!is_heartbeat && !asked->is_pre && asked->about == message->from)
        grant(e, sim, message->from, message->from, asked->term); /* it stands: its own vote */
}

/* The leader hears that a voter has taken a heartbeat. */
static void on_ack(struct election *e, const struct rh_sim_message *message,
                   const struct asked *asked)
{
    struct seen *leader = &e->nodes[message->to];

    if (asked->term > leader->acked_term) {
        leader->acked_term = asked->term;
        for (uint32_t i = 0; i < e->count; i++)
            leader->acked_ms[i] = NEVER;
    }
    if (asked->term == leader->acked_term && leader->acked_ms[message->from] < asked->sent_ms)
        leader->acked_ms[message->from] = asked->sent_ms;
}

static void on_reply(struct election *e, struct rh_sim *sim, const struct rh_sim_message *message)
{
    const struct asked *asked = rh_map64_get(&e->asked, message->exchange);
    struct wire_vote reply;
    void *memory = NULL;

    if (!asked || message->status != 200 ||
        rh_sim_decode(sim, &vote_table, message->body, &reply, &memory) != RH_OK)
        return;
    rh_sim_release(sim, memory);
    if (asked->is_heartbeat && reply.ok && message->kind == RH_SIM_REPLY_DELIVERED)
        on_ack(e, message, asked);
    if (!asked->is_heartbeat && reply.granted && !asked->is_pre &&
        message->kind == RH_SIM_REPLY_SENT && asked->about < e->count)
        grant(e, sim, message->from, asked->about, asked->term);
}

static void on_message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    bool is_heartbeat = rh_str_eq_c(message->path, "/election/heartbeat");

    if (!is_heartbeat && !rh_str_eq_c(message->path, "/election/vote"))
        return;
    if (message->kind == RH_SIM_REQUEST_SENT || message->kind == RH_SIM_REQUEST_DELIVERED)
        on_request(self, sim, message, is_heartbeat);
    else
        on_reply(self, sim, message);
}

/* --- leaders --- */

/* A lease is backed by heartbeats that a majority took; it cannot be renewed in a minority. */
static void check_lease(const struct election *e, struct rh_sim *sim, uint32_t node)
{
    const struct seen *seen = &e->nodes[node];
    int64_t end_ms = seen->expires_ms - rh_sim_beat_ms(sim) * LEASE_BEATS_TENTHS / 10;
    uint32_t have = 1;

    if (e->need == 1)
        return;
    for (uint32_t i = 0; i < e->voters; i++)
        have += i != node && seen->acked_term == seen->term && seen->acked_ms[i] >= end_ms;
    if (have < e->need)
        rh_sim_fail(sim, "no_leader_in_minority", node,
                    "term %" PRIu64 ": %u of %u voters took a heartbeat that its lease could "
                    "begin with, %u are needed",
                    seen->term, have, e->voters, e->need);
}

static void check_new_leader(const struct election *e, struct rh_sim *sim, uint32_t node)
{
    const uint64_t term = e->nodes[node].term;
    const uint32_t votes = count_grants(e, node, term);

    if (votes < e->need)
        rh_sim_fail(sim, "leader_has_majority", node,
                    "it leads in term %" PRIu64 " with %u of %u votes, %u are needed", term, votes,
                    e->voters, e->need);
}

static void check_heal(struct election *e, struct rh_sim *sim)
{
    int64_t lease_us = rh_sim_beat_ms(sim) * LEASE_BEATS_TENTHS * 100;

    if (!e->has_healed || e->has_leader_since)
        return;
    if (rh_sim_now_us(sim) - e->healed_us > HEAL_LEASES * lease_us * RATE_PERCENT / 100)
        rh_sim_fail(sim, "leader_soon_after_heal", RH_SIM_OUTSIDE,
                    "nobody leads %u leases after all was healed", HEAL_LEASES);
}

static void on_event(void *self, struct rh_sim *sim, uint32_t node)
{
    struct election *e = self;
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    struct rh_sim_node now;
    struct seen *seen;

    check_heal(e, sim);
    if (node == RH_SIM_OUTSIDE || rh_sim_leader(sim, node, &leader) != RH_OK)
        return;
    seen = &e->nodes[node];
    if (!leader.is_self) {
        seen->leads = false;
        return;
    }
    rh_sim_node(sim, node, &now);
    bool is_new = !seen->leads || seen->term != leader.epoch || seen->life != now.life;
    bool is_renewed = is_new || seen->expires_ms != leader.expires_ms;

    seen->life = now.life;
    seen->leads = true;
    seen->term = leader.epoch;
    seen->expires_ms = leader.expires_ms;
    e->has_leader_since |= e->has_healed;
    if (is_new)
        check_new_leader(e, sim, node);
    if (is_renewed)
        check_lease(e, sim, node);
}

/* --- convergence --- */

static void on_heal(void *self, struct rh_sim *sim)
{
    struct election *e = self;

    e->has_healed = true;
    e->healed_us = rh_sim_now_us(sim);
}

/* One voter leads, and all voters say so. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct election *e = self;
    uint64_t term = 0;
    uint32_t leaders = 0;

    for (uint32_t i = 0; i < e->voters; i++) {
        struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

        if (rh_sim_leader(sim, i, &leader) != RH_OK || leader.node_id.n == 0)
            return 0;
        if (i > 0 && leader.epoch != term)
            return 0;
        term = leader.epoch;
        leaders += leader.is_self;
    }
    return leaders == 1;
}

static const char *const plugins[] = {"election"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "election",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = OPERATORS_TICK_MS,
    .tick = operators_tick,
    .create = create,
    .destroy = destroy,
    .event = on_event,
    .message = on_message,
    .heal = on_heal,
    .healed = healed,
};

RH_SIM_INVARIANTS(invariants)
