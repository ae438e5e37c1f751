/* Simulations of whole clusters of gossip cores: rounds, lost exchanges, partitions, stalls.
 * RH_TEST_SEED runs one seed. */
#include "map_test.h"

#include <inttypes.h>

#include <ringhost/sdk/rng.h>

#include "plugins/gossip/failure.h"
#include "plugins/gossip/sampler.h"

#define NODES_MAX 50u
#define FANOUT    3u
#define BEAT_MS   1500
#define SEEDS     100u

struct node {
    struct state_map map;
    struct failure peers[NODES_MAX];
    struct failure_clock clock;
    uint64_t version;
    int64_t asleep_until_ms;
    bool is_dead;
};

struct cluster {
    struct node nodes[NODES_MAX];
    uint32_t count;
    uint32_t side[NODES_MAX]; /* of a partition */
    uint32_t loss_percent;
    struct rh_rng rng;
    int64_t now_ms;
    uint64_t dead_reports;
    uint64_t suspect_reports;
    uint32_t bytes_max; /* largest delta seen */
};

static struct cluster cluster; /* large */

static void id_of(uint32_t index, char id[STATE_ID_MAX + 1])
{
    (void)snprintf(id, STATE_ID_MAX + 1, "n%u", (unsigned)index);
}

static uint32_t index_of(const char *id)
{
    return (uint32_t)strtoul(id + 1, NULL, 10);
}

static void write_self(struct cluster *c, uint32_t index)
{
    struct gossip_state s;
    char id[STATE_ID_MAX + 1];

    id_of(index, id);
    s = state_of(id, 1, ++c->nodes[index].version);
    assert_int_equal(state_map_set_self(&c->nodes[index].map, &s), RH_OK);
}

static void start(struct cluster *c, uint64_t seed, uint32_t count)
{
    memset(c, 0, sizeof(*c));
    rh_rng_seed(&c->rng, seed);
    c->count = count;
    for (uint32_t i = 0; i < count; i++) {
        char id[STATE_ID_MAX + 1];

        id_of(i, id);
        state_map_init(&c->nodes[i].map, id, seed);
        write_self(c, i);
    }
}

static void stop(struct cluster *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        state_map_release(&c->nodes[i].map);
}

static void take(struct node *n, const struct gossip_state *state)
{
    const bool was_known = state_map_get(&n->map, state->node_id) != NULL;
    const int32_t what = state_map_merge(&n->map, state);

    assert_in_range(what, STATE_OLD, STATE_NEWER);
    if (what != STATE_OLD && was_known)
        (void)failure_seen(&n->peers[index_of(state->node_id)]);
}

/* What one message carries from a to b: what b lacks by its digest, and the beats. */
static void tell(struct cluster *c, uint32_t from, uint32_t to)
{
    struct node *a = &c->nodes[from];
    struct node *b = &c->nodes[to];
    static struct state_digest digest[NODES_MAX];
    const struct gossip_state *delta[NODES_MAX];
    uint32_t count = state_map_digest(&b->map, digest, NODES_MAX);
    uint32_t bytes = 0;

    count = state_map_delta(&a->map, digest, count, false, STATE_DELTA_BYTES_MAX, delta, NODES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        bytes += state_size(delta[i]);
        take(b, delta[i]);
    }
    if (bytes > c->bytes_max)
        c->bytes_max = bytes;
    count = state_map_digest(&a->map, digest, NODES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (state_map_merge_beat(&b->map, &digest[i]) == STATE_BEAT)
            (void)failure_seen(&b->peers[index_of(digest[i].node_id)]);
    }
    (void)failure_seen(&b->peers[from]);
}

static bool is_lost(struct cluster *c, uint32_t from, uint32_t to)
{
    const struct node *b = &c->nodes[to];

    return c->side[from] != c->side[to] || b->is_dead || b->asleep_until_ms > c->now_ms ||
           rh_rng_below(&c->rng, 100) < c->loss_percent;
}

static void run_node(struct cluster *c, uint32_t index)
{
    struct node *n = &c->nodes[index];
    uint32_t others[NODES_MAX];
    uint32_t count = 0;

    if (n->is_dead || n->asleep_until_ms > c->now_ms)
        return;
    state_map_beat(&n->map);
    const bool may_judge = failure_round(&n->clock, c->now_ms, BEAT_MS, BEAT_MS);
    for (uint32_t i = 0; i < c->count; i++) {
        if (i == index)
            continue;
        others[count++] = i;
        if (may_judge && failure_missed(&n->peers[i], c->count)) {
            c->suspect_reports += n->peers[i].state == FAILURE_SUSPECT;
            c->dead_reports += n->peers[i].state == FAILURE_DEAD;
        }
    }
    count = sampler_pick(&c->rng, others, count, FANOUT);
    for (uint32_t i = 0; i < count; i++) {
        if (is_lost(c, index, others[i]))
            continue;
        tell(c, index, others[i]);
        if (!is_lost(c, others[i], index))
            tell(c, others[i], index);
    }
}

static void run_rounds(struct cluster *c, uint32_t rounds)
{
    while (rounds-- > 0) {
        uint32_t order[NODES_MAX];

        for (uint32_t i = 0; i < c->count; i++)
            order[i] = i;
        rh_rng_shuffle(&c->rng, order, c->count, sizeof(order[0]));
        for (uint32_t i = 0; i < c->count; i++)
            run_node(c, order[i]);
        c->now_ms += BEAT_MS;
    }
}

static bool is_converged(const struct cluster *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        for (uint32_t j = 0; j < c->count; j++) {
            char id[STATE_ID_MAX + 1];
            const struct gossip_state *s;

            id_of(j, id);
            s = state_map_get(&c->nodes[i].map, id);
            if (!s || s->version != c->nodes[j].version)
                return false;
        }
    }
    return true;
}

static uint32_t rounds_to_converge(struct cluster *c, uint32_t most)
{
    uint32_t rounds = 0;

    while (!is_converged(c) && rounds < most) {
        run_rounds(c, 1);
        rounds++;
    }
    return rounds;
}

static void every_seed_converges_after_loss_and_partitions(void **state)
{
    const char *only = getenv("RH_TEST_SEED");
    const uint64_t first = only ? strtoull(only, NULL, 0) : 1;
    const uint64_t last = only ? first : SEEDS;
    uint32_t slowest = 0;

    (void)state;
    for (uint64_t seed = first; seed <= last; seed++) {
        uint32_t rounds;

        start(&cluster, seed, 3 + (uint32_t)(seed * 7 % 48));
        cluster.loss_percent = 30;
        for (uint32_t step = 0; step < 10; step++) {
            for (uint32_t i = 0; i < cluster.count; i++)
                cluster.side[i] = (uint32_t)rh_rng_below(&cluster.rng, 2);
            write_self(&cluster, (uint32_t)rh_rng_below(&cluster.rng, cluster.count));
            run_rounds(&cluster, 1);
        }
        memset(cluster.side, 0, sizeof(cluster.side));
        cluster.loss_percent = 0;
        rounds = rounds_to_converge(&cluster, 10);
        if (rounds > slowest)
            slowest = rounds;
        if (!is_converged(&cluster))
            fail_msg("RH_TEST_SEED=%" PRIu64 " did not converge in 10 rounds", seed);
        assert_true(cluster.bytes_max <= STATE_DELTA_BYTES_MAX);
        stop(&cluster);
    }
    print_message("%" PRIu64 " seeds; equal after at most %u rounds\n", last - first + 1,
                  (unsigned)slowest);
}

static void healthy_clusters_of_any_size_suspect_nobody(void **state)
{
    const uint32_t sizes[] = {2, 4, 5, 8, 9, 16, 17, 30, 50};

    (void)state;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        start(&cluster, 11 + i, sizes[i]);
        run_rounds(&cluster, 300);
        if (cluster.suspect_reports || cluster.dead_reports)
            fail_msg("%u nodes: %" PRIu64 " suspected", (unsigned)sizes[i],
                     cluster.suspect_reports);
        stop(&cluster);
    }
}

static void a_dead_node_is_found_by_everyone(void **state)
{
    (void)state;
    start(&cluster, 12, 50);
    run_rounds(&cluster, 20);

    cluster.nodes[7].is_dead = true;
    run_rounds(&cluster, 12);

    for (uint32_t i = 0; i < cluster.count; i++) {
        for (uint32_t j = 0; j < cluster.count; j++) {
            if (i != j && i != 7)
                assert_int_equal(cluster.nodes[i].peers[j].state,
                                 j == 7 ? FAILURE_DEAD : FAILURE_ALIVE);
        }
    }
    stop(&cluster);
}

static void a_stalled_node_condemns_nobody(void **state)
{
    (void)state;
    start(&cluster, 13, 9);
    run_rounds(&cluster, 10);

    cluster.nodes[4].asleep_until_ms = cluster.now_ms + 20 * BEAT_MS;
    run_rounds(&cluster, 40);

    assert_int_equal(cluster.dead_reports, 8); /* the stalled one, by each of the others */
    for (uint32_t i = 0; i < cluster.count; i++) {
        for (uint32_t j = 0; j < cluster.count; j++)
            assert_true(i == j || cluster.nodes[i].peers[j].state == FAILURE_ALIVE);
    }
    stop(&cluster);
}

static void nothing_pruned_rises_again(void **state)
{
    (void)state;
    start(&cluster, 14, 12);
    run_rounds(&cluster, 10);
    cluster.nodes[3].is_dead = true;
    for (uint32_t i = 0; i < 6; i++) /* the other half still remembers */
        assert_int_equal(state_map_prune(&cluster.nodes[i].map, "n3"), i == 3 ? RH_EINVAL : RH_OK);

    run_rounds(&cluster, 50);

    for (uint32_t i = 0; i < 6; i++)
        assert_true(i == 3 || state_map_get(&cluster.nodes[i].map, "n3") == NULL);
    stop(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_seed_converges_after_loss_and_partitions),
        cmocka_unit_test(healthy_clusters_of_any_size_suspect_nobody),
        cmocka_unit_test(a_dead_node_is_found_by_everyone),
        cmocka_unit_test(a_stalled_node_condemns_nobody),
        cmocka_unit_test(nothing_pruned_rises_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
