/* Simulations of clusters of SWIM cores: what must hold under faults, from many seeds. RH_TEST_SEED
 * runs one seed. */
#include "cluster.h"

#define SEEDS       60u
#define INTERVAL_MS 1000
#define HEAL_MS     (40 * CLUSTER_BEAT_MS)

static struct cluster cluster;

static uint64_t first_seed(void)
{
    const char *text = getenv("RH_TEST_SEED");

    return text ? strtoull(text, NULL, 0) : 1;
}

static uint64_t last_seed(uint64_t seeds)
{
    return getenv("RH_TEST_SEED") ? first_seed() : seeds;
}

static void run_until_agreed(struct cluster *c, uint64_t seed, int64_t max_ms)
{
    int64_t ms = 0;

    while (!cluster_agrees(c) && ms < max_ms) {
        cluster_run(c, INTERVAL_MS);
        ms += INTERVAL_MS;
    }
    if (!cluster_agrees(c))
        fail_msg("RH_TEST_SEED=%" PRIu64 ": no agreement after %" PRId64 " ms", seed, max_ms);
}

static void clusters_find_themselves(void **state)
{
    (void)state;

    for (uint64_t seed = first_seed(); seed <= last_seed(10); seed++) {
        cluster_start(&cluster, seed, 2 + (uint32_t)seed * 5, SWIM_UNKNOWN, false);
        run_until_agreed(&cluster, seed, 60 * INTERVAL_MS);
        assert_int_equal(cluster.false_deaths, 0);
        cluster_stop(&cluster);
    }
}

static void without_faults_nobody_is_accused(void **state)
{
    static const uint32_t sizes[] = {2, 3, 5, 9, 17, 50};

    (void)state;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        cluster_start(&cluster, i + 1, sizes[i], SWIM_ALIVE, false);
        cluster_run(&cluster, 300 * INTERVAL_MS);
        assert_int_equal(cluster.false_suspicions, 0);
        assert_int_equal(cluster.false_deaths, 0);
        assert_true(cluster_agrees(&cluster));
        cluster_stop(&cluster);
    }
}

/* First probe: everyone has every turn once in two rounds; then the probe itself, the longest
 * suspicion, and the news. */
static int64_t completeness_ms(uint32_t count)
{
    const struct timing *timing = &cluster.nodes[0].core.cfg.timing;

    return (2 * (int64_t)count - 1) * INTERVAL_MS + 2 * INTERVAL_MS +
           timing_suspicion_max_ms(timing, count) +
           (int64_t)timing_transmissions(count) * INTERVAL_MS;
}

static void each_dead_node_is_found_by_everyone_in_time(void **state)
{
    (void)state;

    for (uint64_t seed = first_seed(); seed <= last_seed(SEEDS); seed++) {
        const uint32_t count = 2 + (uint32_t)(seed % 11);
        const uint32_t dead = (uint32_t)(seed * 7 % count);

        cluster_start(&cluster, seed, count, SWIM_ALIVE, false);
        cluster.loss_permille = seed % 2 ? 20 : 0;
        cluster_run(&cluster, 20 * INTERVAL_MS);
        cluster_crash(&cluster, dead);
        cluster_run(&cluster, completeness_ms(count));
        for (uint32_t i = 0; i < count; i++) {
            if (i != dead && cluster.nodes[i].sees[dead] != SWIM_DEAD)
                fail_msg("RH_TEST_SEED=%" PRIu64 ": n%u of %u does not see it", seed, (unsigned)i,
                         (unsigned)count);
        }
        assert_int_equal(cluster.false_deaths, 0);
        cluster_stop(&cluster);
    }
}

static void one_stalled_node_condemns_nobody(void **state)
{
    (void)state;

    for (uint64_t seed = first_seed(); seed <= last_seed(SEEDS); seed++) {
        const uint32_t count = 3 + (uint32_t)(seed % 10);

        cluster_start(&cluster, seed, count, SWIM_ALIVE, false);
        cluster_run(&cluster, 5 * INTERVAL_MS);
        for (int i = 0; i < 6; i++) {
            cluster_stall(&cluster, 1, (int64_t)rh_rng_below(&cluster.rng, 40000));
            cluster_run(&cluster, 10 + (int64_t)rh_rng_below(&cluster.rng, 45000));
        }
        if (cluster.false_deaths)
            fail_msg("RH_TEST_SEED=%" PRIu64 ": %" PRIu64 " condemned", seed, cluster.false_deaths);
        run_until_agreed(&cluster, seed, HEAL_MS);
        cluster_stop(&cluster);
    }
}

static void loss_of_five_percent_kills_nobody(void **state)
{
    (void)state;
    cluster_start(&cluster, first_seed(), 50, SWIM_ALIVE, false);
    cluster.loss_permille = 50;

    cluster_run(&cluster, 300 * INTERVAL_MS);

    assert_int_equal(cluster.false_deaths, 0);
    cluster_stop(&cluster);
}

static void a_returned_node_is_alive_everywhere(void **state)
{
    (void)state;
    cluster_start(&cluster, first_seed(), 20, SWIM_ALIVE, false);
    cluster_crash(&cluster, 5);
    run_until_agreed(&cluster, first_seed(), 120 * INTERVAL_MS);

    cluster_boot(&cluster, 5, SWIM_UNKNOWN);
    cluster_watch(&cluster);
    run_until_agreed(&cluster, first_seed(), 20 * INTERVAL_MS);
    cluster_run(&cluster, 60 * INTERVAL_MS);

    assert_true(cluster_agrees(&cluster));
    assert_int_equal(cluster.false_deaths, 0);
    cluster_stop(&cluster);
}

static void nobody_stays_dead_after_a_mass_restart(void **state)
{
    (void)state;
    cluster_start(&cluster, first_seed(), 30, SWIM_ALIVE, false);
    for (uint32_t i = 0; i < 25; i++)
        cluster_crash(&cluster, i);
    run_until_agreed(&cluster, first_seed(), 300 * INTERVAL_MS);

    for (uint32_t i = 0; i < 25; i++)
        cluster_boot(&cluster, i, SWIM_UNKNOWN);

    run_until_agreed(&cluster, first_seed(), 60 * INTERVAL_MS);
    cluster_stop(&cluster);
}

static void lost_data_does_not_keep_a_node_dead(void **state)
{
    (void)state;
    cluster_start(&cluster, first_seed(), 10, SWIM_ALIVE, false);
    cluster_crash(&cluster, 3);
    run_until_agreed(&cluster, first_seed(), 120 * INTERVAL_MS);

    cluster.nodes[3].reserved_incarnation = 0; /* it begins below what is held against it */
    cluster_boot(&cluster, 3, SWIM_UNKNOWN);

    run_until_agreed(&cluster, first_seed(), 30 * INTERVAL_MS);
    cluster_stop(&cluster);
}

/* Whether each side holds all of the other dead. */
static bool is_split(const struct cluster *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        for (uint32_t j = 0; j < c->count; j++) {
            if (c->side[i] != c->side[j] && c->nodes[i].sees[j] != SWIM_DEAD)
                return false;
        }
    }
    return true;
}

static void a_healed_partition_rejoins_and_kills_nobody(void **state)
{
    (void)state;

    for (uint64_t seed = first_seed(); seed <= last_seed(6); seed++) {
        int64_t healed_us;

        cluster_start(&cluster, seed, 40, SWIM_ALIVE, false);
        for (uint32_t i = 0; i < 40; i++)
            cluster.side[i] = i % 3 == 0;
        for (int i = 0; !is_split(&cluster) && i < 100; i++)
            cluster_run(&cluster, 10 * INTERVAL_MS);
        assert_true(is_split(&cluster));
        cluster_run(&cluster, (int64_t)seed * 100 * INTERVAL_MS);

        cluster_watch(&cluster);
        memset(cluster.side, 0, 40 * sizeof(cluster.side[0]));
        healed_us = cluster.now_us;
        run_until_agreed(&cluster, seed, HEAL_MS);
        print_message("FIGURE swim.heal_n40_seed%" PRIu64 "_s %.1f\n", seed,
                      (double)(cluster.now_us - healed_us) / 1e6);
        assert_int_equal(cluster.false_deaths, 0); /* accusations from the other side are refuted */
        cluster_stop(&cluster);
    }
}

static void nodes_behind_nat_neither_flap_nor_live_for_ever(void **state)
{
    (void)state;

    for (uint64_t seed = first_seed(); seed <= last_seed(5); seed++) {
        cluster_start(&cluster, seed, 20, SWIM_ALIVE, false);
        for (uint32_t i = 0; i < 5; i++)
            cluster.nodes[i].is_behind_nat = true;
        cluster_run(&cluster, 180 * INTERVAL_MS);
        cluster_watch(&cluster);
        cluster_run(&cluster, 1200 * INTERVAL_MS);
        if (cluster.false_deaths || cluster.false_suspicions)
            fail_msg("RH_TEST_SEED=%" PRIu64 ": %" PRIu64 " deaths, %" PRIu64 " suspicions", seed,
                     cluster.false_deaths, cluster.false_suspicions);

        cluster_crash(&cluster, 2);
        cluster_run(&cluster, VOUCH_TTL_MS + completeness_ms(20));
        assert_true(cluster_agrees(&cluster));
        cluster_stop(&cluster);
    }
}

/* Faults at random: crashes, restarts, stalls, partitions, loss. */
static void disturb(struct cluster *c)
{
    const uint32_t who = (uint32_t)rh_rng_below(&c->rng, c->count);
    struct node *n = &c->nodes[who];

    switch (rh_rng_below(&c->rng, 6)) {
    case 0:
        if (n->is_up)
            cluster_crash(c, who);
        break;
    case 1:
        if (!n->is_up)
            cluster_boot(c, who, SWIM_UNKNOWN);
        break;
    case 2:
        cluster_stall(c, who, (int64_t)rh_rng_below(&c->rng, 30000));
        break;
    case 3:
        for (uint32_t i = 0; i < c->count; i++)
            c->side[i] = (uint32_t)rh_rng_below(&c->rng, 2);
        break;
    case 4:
        memset(c->side, 0, c->count * sizeof(c->side[0]));
        break;
    default:
        c->loss_permille = (uint32_t)rh_rng_below(&c->rng, 300);
        break;
    }
}

static void every_seed_agrees_after_any_faults(void **state)
{
    (void)state;

    for (uint64_t seed = first_seed(); seed <= last_seed(SEEDS); seed++) {
        cluster_start(&cluster, seed, 3 + (uint32_t)(seed % 14), SWIM_ALIVE, false);
        for (int i = 0; i < 30; i++) {
            disturb(&cluster);
            cluster_run(&cluster, (int64_t)rh_rng_below(&cluster.rng, 8000));
        }
        memset(cluster.side, 0, cluster.count * sizeof(cluster.side[0]));
        cluster.loss_permille = 0;
        for (uint32_t i = 0; i < cluster.count; i++) {
            if (!cluster.nodes[i].is_up && i % 2)
                cluster_boot(&cluster, i, SWIM_UNKNOWN);
        }
        run_until_agreed(&cluster, seed, HEAL_MS);
        assert_true(cluster.updates_max <= SWIM_UPDATES_MAX);
        cluster_stop(&cluster);
    }
    print_message("%" PRIu64 " seeds from %" PRIu64 "\n", last_seed(SEEDS) - first_seed() + 1,
                  first_seed());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clusters_find_themselves),
        cmocka_unit_test(without_faults_nobody_is_accused),
        cmocka_unit_test(each_dead_node_is_found_by_everyone_in_time),
        cmocka_unit_test(one_stalled_node_condemns_nobody),
        cmocka_unit_test(loss_of_five_percent_kills_nobody),
        cmocka_unit_test(a_returned_node_is_alive_everywhere),
        cmocka_unit_test(nobody_stays_dead_after_a_mass_restart),
        cmocka_unit_test(lost_data_does_not_keep_a_node_dead),
        cmocka_unit_test(a_healed_partition_rejoins_and_kills_nobody),
        cmocka_unit_test(nodes_behind_nat_neither_flap_nor_live_for_ever),
        cmocka_unit_test(every_seed_agrees_after_any_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
