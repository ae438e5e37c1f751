/* Simulations of whole clusters of SWIM cores, and the figures that docs/simulator-figures.md
 * compares with what is published. RH_TEST_SEED runs another seed. */
#include "cluster.h"

#define LARGE 1000u

static struct cluster cluster;

static uint64_t seed_of(uint64_t fallback)
{
    const char *text = getenv("RH_TEST_SEED");
    const uint64_t seed = text ? strtoull(text, NULL, 0) : fallback;

    print_message("RH_TEST_SEED=%" PRIu64 "\n", seed);
    return seed;
}

static void figure(const char *name, double value)
{
    print_message("FIGURE swim.%s %.3f\n", name, value);
}

static void a_thousand_nodes_find_the_dead(void **state)
{
    const uint32_t crashes = 10;
    uint32_t dead[10];
    int64_t crashed_us[10];
    double suspected = 0, declared = 0, known = 0, worst = 0;

    (void)state;
    cluster_start(&cluster, seed_of(1), LARGE, SWIM_ALIVE, false);
    cluster_run(&cluster, 5000);
    cluster_watch(&cluster);
    for (uint32_t i = 0; i < crashes; i++) {
        dead[i] = i * 97 + 3;
        cluster_run(&cluster, 1 + (int64_t)rh_rng_below(&cluster.rng, 1000));
        crashed_us[i] = cluster.now_us;
        cluster_crash(&cluster, dead[i]);
    }
    cluster_run(&cluster, 60000);

    for (uint32_t i = 0; i < crashes; i++) {
        const uint32_t d = dead[i];

        if (cluster.dead_at[d] != LARGE - crashes) {
            for (uint32_t j = 0; j < LARGE; j++)
                if (cluster.nodes[j].is_up && cluster.nodes[j].sees[d] != SWIM_DEAD)
                    print_message("n%u sees n%u as %u\n", j, d, cluster.nodes[j].sees[d]);
        }
        suspected += (double)(cluster.suspected_us[d] - crashed_us[i]) / 1e6;
        declared += (double)(cluster.dead_us[d] - crashed_us[i]) / 1e6;
        known += (double)(cluster.all_dead_us[d] - cluster.dead_us[d]) / 1e6;
        if ((double)(cluster.all_dead_us[d] - crashed_us[i]) / 1e6 > worst)
            worst = (double)(cluster.all_dead_us[d] - crashed_us[i]) / 1e6;
    }
    figure("n1000.first_suspicion_s", suspected / crashes);
    figure("n1000.first_death_s", declared / crashes);
    figure("n1000.first_to_last_death_s", known / crashes);
    figure("n1000.worst_total_s", worst);
    figure("n1000.false_suspicions", (double)cluster.false_suspicions);
    figure("n1000.messages_per_node_s", (double)cluster.messages / (double)LARGE /
                                            ((double)(cluster.now_us - crashed_us[0]) / 1e6));
    assert_int_equal(cluster.false_deaths, 0);
    assert_true(cluster_agrees(&cluster));
    cluster_stop(&cluster);
}

static void stalls(bool is_plain, uint32_t percent, const char *name)
{
    char text[64];

    cluster_start(&cluster, seed_of(2), LARGE, SWIM_ALIVE, is_plain);
    cluster_run(&cluster, 5000);
    cluster_watch(&cluster);
    for (int i = 0; i < 4; i++) {
        for (uint32_t j = 0; j < LARGE * percent / 100; j++)
            cluster_stall(&cluster, j * 97 % LARGE, 16000);
        cluster_run(&cluster, 16000 + 1000);
    }
    cluster_run(&cluster, 30000);
    (void)snprintf(text, sizeof(text), "%s.false_deaths", name);
    figure(text, (double)cluster.false_deaths);
    (void)snprintf(text, sizeof(text), "%s.false_suspicions", name);
    figure(text, (double)cluster.false_suspicions);
    (void)snprintf(text, sizeof(text), "%s.stalled_deaths", name);
    figure(text, (double)cluster.stalled_deaths);
    cluster_stop(&cluster);
}

static void a_stalled_percent_condemns_nobody(void **state)
{
    (void)state;
    stalls(true, 1, "plain");
    stalls(false, 1, "lifeguard");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_nodes_find_the_dead),
        cmocka_unit_test(a_stalled_percent_condemns_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
