/* Who may be accused, and how long a suspicion lasts, judged by the words that nodes send.
 * PROTOCOLS: swim (accuracy). */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

#define NODES_OF_A_MASK 64u
/* A probe with its question to proxies, begun twice, and the next message, at the longest stretch.
 */
#define PROBE_INTERVALS 45
/* After so long without any disturbance no suspicion is left, and everybody's health is good. */
#define CALM_INTERVALS 200
/* Less than the shortest suspicion. */
#define AWAKE_INTERVALS 8
#define HEALTH_GOOD_MAX 2

void accusations_init(struct swim *s)
{
    assert(s->count <= NODES_OF_A_MASK);
    s->accused = calloc(s->count, sizeof(*s->accused));
    s->broke_us = calloc((size_t)s->count * s->count, sizeof(*s->broke_us));
    assert(s->accused);
    assert(s->broke_us);
}

void accusations_release(struct swim *s)
{
    free(s->accused);
    free(s->broke_us);
}

void wire_broke(struct swim *s, uint32_t from, uint32_t to, int64_t now_us)
{
    const uint32_t low = from < to ? from : to;

    s->broke_us[low * s->count + (from < to ? to : from)] = now_us;
}

/* Four ways, to a proxy, to the target and back, fit into the shortest time that is waited. */
void wire_carried(struct swim *s, struct rh_sim *sim, int64_t took_us)
{
    if (took_us > interval_us(sim) / 10)
        s->slow_us = rh_sim_now_us(sim);
}

/* Pairs of nodes whose wire has failed since then. */
static uint32_t broken_pairs(const struct swim *s, int64_t since_us)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->count * s->count; i++)
        count += s->broke_us[i] > since_us;
    return count;
}

static uint32_t unwell_nodes(const struct swim *s, int64_t since_us)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->count; i++)
        count += s->nodes[i].unwell_us > since_us;
    return count;
}

/* An answer between the two is on its way. Its connection may be broken, which the asker learns at
 * once and we only when the answer is late; without proxies it accuses at once, too. */
static bool is_in_flight(const struct swim *s, uint32_t by, uint32_t subject)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&s->flights, &cursor, NULL, &value)) {
        const struct flight *flight = value;

        if (flight->from == subject && flight->to == by)
            return true;
    }
    return false;
}

/* Nobody accuses a node that was well and whose messages came in time, however slow the accuser
 * itself was; nor, if all are well, one that only it does not reach. */
static void check_fair(struct swim *s, struct rh_sim *sim, uint32_t by, uint32_t subject)
{
    const int64_t now_us = rh_sim_now_us(sim);
    const int64_t window_us = PROBE_INTERVALS * interval_us(sim) * RATE_PERCENT / 100;
    /* What it found out before it stood still it tells only afterwards. */
    const bool has_slept = s->nodes[by].woke_us > now_us - window_us;
    const int64_t probe_us = (has_slept ? s->nodes[by].fell_us : now_us) - window_us;
    const int64_t calm_us = now_us - CALM_INTERVALS * interval_us(sim);
    struct rh_sim_node node;

    sweep_wire(s, sim);
    rh_sim_node(sim, subject, &node);
    if (node.is_unreachable || is_in_flight(s, by, subject))
        return;
    if (probe_us > 0 && s->nodes[subject].disturbed_us < probe_us)
        rh_sim_fail(sim, "accusations_are_fair", by,
                    "it suspects %s, which was well for %" PRId64 " ms", node.node_id,
                    (now_us - s->nodes[subject].disturbed_us) / 1000);
    if (calm_us > 0 && s->slow_us < calm_us && s->vouched_us < calm_us &&
        broken_pairs(s, calm_us) <= 1 && unwell_nodes(s, calm_us) == 0)
        rh_sim_fail(sim, "accusations_are_fair", by, "it suspects %s, which others reach",
                    node.node_id);
}

/* A suspicion that only its first accuser upholds lasts as long as any may. */
static void check_lasted(const struct swim *s, struct rh_sim *sim, uint32_t from, uint32_t subject)
{
    const struct accused *a = &s->accused[subject];
    const uint64_t accusers = a->accusers | UINT64_C(1) << from;
    const int64_t least_us = suspicion_max_us(s, sim) * 100 / RATE_PERCENT - 10 * interval_us(sim);
    const int64_t lasted_us = rh_sim_now_us(sim) - a->since_us;
    struct rh_sim_node node;

    rh_sim_node(sim, subject, &node);
    if ((accusers & (accusers - 1)) == 0 && lasted_us < least_us)
        rh_sim_fail(sim, "suspicion_lasts", from,
                    "it gave up %s after %" PRId64 " ms, and nobody else suspected it",
                    node.node_id, lasted_us / 1000);
}

void note_suspect(struct swim *s, struct rh_sim *sim, uint32_t subject, uint64_t incarnation)
{
    struct accused *a = &s->accused[subject];

    if (incarnation > a->incarnation)
        *a = (struct accused){.incarnation = incarnation, .since_us = rh_sim_now_us(sim)};
}

void check_word(struct swim *s, struct rh_sim *sim, uint32_t from, const struct wire_update *word)
{
    const uint32_t subject = rh_sim_find(sim, word->node_id);
    const uint32_t by = rh_sim_find(sim, word->by);
    const uint64_t incarnation = (uint64_t)word->incarnation;
    struct accused *a;

    if (rh_str_eq_c(word->state, "vouched"))
        s->vouched_us = rh_sim_now_us(sim);
    if (subject >= s->count || incarnation < s->accused[subject].incarnation)
        return;
    a = &s->accused[subject];
    if (rh_str_eq_c(word->state, "suspect") && by < s->count) {
        if (incarnation > a->incarnation)
            *a = (struct accused){.incarnation = incarnation, .since_us = rh_sim_now_us(sim)};
        if (by == from && !(a->accusers >> by & 1))
            check_fair(s, sim, by, subject);
        a->accusers |= UINT64_C(1) << by;
    } else if (rh_str_eq_c(word->state, "dead")) {
        if (incarnation == a->incarnation && a->accusers != 0 && a->buriers == 0)
            check_lasted(s, sim, from, subject);
        if (incarnation > a->incarnation)
            *a = (struct accused){.incarnation = incarnation};
        a->buriers |= UINT64_C(1) << from;
    }
}

/* A suspicion that was under way when a node stood still begins anew: whoever was suspected may
 * have refuted it meanwhile. What others have said holds at once. */
void check_awake(const struct swim *s, struct rh_sim *sim, uint32_t by, uint32_t subject)
{
    const int64_t awake_us = rh_sim_now_us(sim) - s->nodes[by].woke_us;
    struct rh_sim_node node;

    rh_sim_node(sim, subject, &node);
    if (s->nodes[by].woke_us > 0 && awake_us < AWAKE_INTERVALS * interval_us(sim) &&
        (s->accused[subject].buriers & ~(UINT64_C(1) << by)) == 0)
        rh_sim_fail(sim, "who_wakes_up_condemns_nobody", by,
                    "it gave up %s %" PRId64 " ms after it had stood still", node.node_id,
                    awake_us / 1000);
}

/* If one node is gone, the others know by their proxies that it is not themselves who lag. Not
 * while hubs vouch for nodes: those are neither probed nor proxies, so whoever has only them
 * around learns little about itself. */
void check_health(const struct swim *s, struct rh_sim *sim, uint32_t node, int64_t health)
{
    const int64_t calm_us = rh_sim_now_us(sim) - CALM_INTERVALS * interval_us(sim);

    if (calm_us <= 0 || s->count < 4 || s->nodes[node].alone_us >= calm_us ||
        s->slow_us >= calm_us || broken_pairs(s, calm_us) > 0 || unwell_nodes(s, calm_us) > 1 ||
        s->nodes[node].unwell_us > calm_us)
        return;
    if (health > HEALTH_GOOD_MAX)
        rh_sim_fail(sim, "health_is_good", node, "%" PRId64 ", though all others but one are well",
                    health);
}
