/* What the protocol achieves in large clusters, printed as FIGURE lines; docs/simulator-figures.md
 * compares them with what is published. RH_TEST_SEED runs another seed. */
#include "cluster.h"

#define LARGE   1000u
#define CRASHES 10u
/* As in the paper on Lifeguard: 128 nodes, some of which are slow with their messages while their
 * timers run in time. */
#define SLOW_NODES 128u
#define SLOW_COUNT 8u
#define SLOW_US    1000000

static struct cluster cluster;

static uint64_t test_seed(void)
{
    const char *text = getenv("RH_TEST_SEED");
    const uint64_t seed = text ? strtoull(text, NULL, 0) : 1;

    print_message("RH_TEST_SEED=%" PRIu64 "\n", seed);
    return seed;
}

static void figure(const char *what, double value)
{
    print_message("FIGURE swim.%s %.3f\n", what, value);
}

static double seconds(int64_t us)
{
    return (double)us / 1e6;
}

/* Crashes nodes and returns when each one did. */
static void crash_some(int64_t crashed_us[CRASHES])
{
    for (uint32_t i = 0; i < CRASHES; i++) {
        cluster_run(&cluster, 1 + (int64_t)rh_rng_below(&cluster.rng, 1000));
        crashed_us[i] = cluster.now_us;
        cluster_crash(&cluster, i * 97 + 3);
    }
}

static void a_thousand_nodes_find_the_dead_in_time(void **state)
{
    int64_t crashed_us[CRASHES];
    double suspected = 0, declared = 0, spread = 0, worst = 0;

    (void)state;
    cluster_start(&cluster, test_seed(), LARGE, SWIM_ALIVE, false);
    cluster_run(&cluster, 5000);
    cluster_watch(&cluster);
    crash_some(crashed_us);

    cluster_run(&cluster, 45000);

    for (uint32_t i = 0; i < CRASHES; i++) {
        const uint32_t dead = i * 97 + 3;
        const double total = seconds(cluster.all_dead_us[dead] - crashed_us[i]);

        suspected += seconds(cluster.suspected_us[dead] - crashed_us[i]) / CRASHES;
        declared += seconds(cluster.dead_us[dead] - crashed_us[i]) / CRASHES;
        spread += seconds(cluster.all_dead_us[dead] - cluster.dead_us[dead]) / CRASHES;
        worst = total > worst ? total : worst;
    }
    figure("n1000.first_suspicion_s", suspected);
    figure("n1000.first_death_s", declared);
    figure("n1000.first_to_last_death_s", spread);
    figure("n1000.worst_until_known_everywhere_s", worst);
    assert_true(cluster_agrees(&cluster));
    assert_int_equal(cluster.false_deaths, 0);
    assert_true(suspected < 3.0);
    cluster_stop(&cluster);
}

static double messages_per_node_and_second(uint32_t count)
{
    double rate;

    cluster_start(&cluster, test_seed(), count, SWIM_ALIVE, false);
    cluster_run(&cluster, 5000);
    cluster_watch(&cluster);
    cluster_run(&cluster, 10000);
    rate = (double)cluster.messages / count / 10.0;
    assert_int_equal(cluster.false_suspicions, 0);
    cluster_stop(&cluster);
    return rate;
}

static void messages_per_node_do_not_grow_with_the_cluster(void **state)
{
    static const uint32_t sizes[] = {10, 100, LARGE};
    char name[64];

    (void)state;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const double rate = messages_per_node_and_second(sizes[i]);

        (void)snprintf(name, sizeof(name), "n%u.messages_per_node_s", (unsigned)sizes[i]);
        figure(name, rate);
        assert_true(rate > 1.9);
        assert_true(rate < 2.1); /* one ping and one answer in each interval */
    }
}

static void news_reaches_a_thousand_nodes(void **state)
{
    uint32_t known = 0;
    int64_t start_us;

    (void)state;
    cluster_start(&cluster, test_seed(), LARGE, SWIM_ALIVE, false);
    cluster_run(&cluster, 5000);
    start_us = cluster.now_us;
    swim_leave(&cluster.nodes[7].core, cluster.now_us / 1000);
    cluster_settle(&cluster, 7);

    while (known < LARGE - 1 && cluster.now_us - start_us < 60000000) {
        cluster_run(&cluster, 100);
        known = 0;
        for (uint32_t i = 0; i < LARGE; i++)
            known += i != 7 && cluster.nodes[i].sees[7] == SWIM_LEFT;
    }

    figure("n1000.goodbye_known_everywhere_s", seconds(cluster.now_us - start_us));
    assert_int_equal(known, LARGE - 1);
    cluster_stop(&cluster);
}

static void one_percent_of_stalled_nodes_condemns_nobody(void **state)
{
    (void)state;
    cluster_start(&cluster, test_seed(), LARGE, SWIM_ALIVE, false);
    cluster_run(&cluster, 5000);
    cluster_watch(&cluster);

    for (int i = 0; i < 2; i++) {
        for (uint32_t j = 0; j < LARGE / 100; j++)
            cluster_stall(&cluster, j * 97, 2000 + (int64_t)rh_rng_below(&cluster.rng, 14000));
        cluster_run(&cluster, 17000);
    }
    cluster_run(&cluster, 15000);

    figure("n1000.stalled.false_deaths", (double)cluster.false_deaths);
    figure("n1000.stalled.false_suspicions", (double)cluster.false_suspicions);
    assert_int_equal(cluster.false_deaths, 0);
    cluster_stop(&cluster);
}

/* Two minutes in which some nodes are slow three quarters of the time. */
static uint64_t run_slow(bool is_plain, double *found_s)
{
    uint64_t false_deaths;

    cluster_start(&cluster, test_seed(), SLOW_NODES, SWIM_ALIVE, is_plain);
    cluster_run(&cluster, 5000);
    cluster_watch(&cluster);
    for (int i = 0; i < 6; i++) {
        for (uint32_t j = 0; j < SLOW_COUNT; j++) {
            struct node *n = &cluster.nodes[j * 13];

            cluster.was_stalled[j * 13] = true;
            n->slow_us = rh_rng_below(&cluster.rng, 4) ? SLOW_US : 0;
        }
        cluster_run(&cluster, 20000);
    }
    for (uint32_t j = 0; j < SLOW_COUNT; j++)
        cluster.nodes[j * 13].slow_us = 0;
    cluster_run(&cluster, 30000);
    figure(is_plain ? "n128.slow.plain.false_deaths" : "n128.slow.lifeguard.false_deaths",
           (double)cluster.false_deaths);
    figure(is_plain ? "n128.slow.plain.false_suspicions" : "n128.slow.lifeguard.false_suspicions",
           (double)cluster.false_suspicions);
    false_deaths = cluster.false_deaths;
    cluster_crash(&cluster, 5);
    *found_s = -seconds(cluster.now_us);
    cluster_watch(&cluster);
    cluster_run(&cluster, 90000);
    *found_s += seconds(cluster.dead_us[5]);
    figure(is_plain ? "n128.plain.first_death_s" : "n128.lifeguard.first_death_s", *found_s);
    assert_int_not_equal(cluster.dead_us[5], CLUSTER_NEVER_US);
    cluster_stop(&cluster);
    return false_deaths;
}

static void lifeguard_condemns_fifty_times_fewer_than_plain_swim(void **state)
{
    double plain_s, lifeguard_s;
    uint64_t plain, lifeguard;

    (void)state;

    plain = run_slow(true, &plain_s);
    lifeguard = run_slow(false, &lifeguard_s);

    assert_true(plain > 50);
    assert_true(50 * lifeguard <= plain);
    assert_true(lifeguard_s < 2 * plain_s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_nodes_find_the_dead_in_time),
        cmocka_unit_test(messages_per_node_do_not_grow_with_the_cluster),
        cmocka_unit_test(news_reaches_a_thousand_nodes),
        cmocka_unit_test(one_percent_of_stalled_nodes_condemns_nobody),
        cmocka_unit_test(lifeguard_condemns_fifty_times_fewer_than_plain_swim),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
