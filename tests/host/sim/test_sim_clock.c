/* Clocks of a node: rates, settings, reboots, and timers that never fire early. */
#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static struct rh_testhost *node(struct rh_testnet *net)
{
    const struct rh_testhost_setup setup = {0};
    struct rh_testhost *host;
    char why[RH_TESTHOST_WHY_MAX];

    assert_int_equal(sim_node_new(net, &setup, &host, why), RH_OK);
    return host;
}

static void a_clock_without_a_rate_shows_true_time(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    const struct rh_testhost *host = node(net);

    (void)state;
    rh_testnet_run(net, 12345);

    assert_int_equal(sim_clock_now_us(host), net->now_us);
    assert_int_equal(sim_clock_wall_ms(host), LIFE_WALL_MS + 12345);
    rh_testnet_free(net);
}

static void a_fast_clock_gains_from_now_on(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct rh_testhost *host = node(net);
    int64_t before_us = sim_clock_now_us(host);

    (void)state;
    sim_clock_rate(host, 100000);

    assert_int_equal(sim_clock_now_us(host), before_us);
    rh_testnet_run(net, 10000);
    assert_int_equal(sim_clock_now_us(host) - before_us, 11000000);
    sim_clock_rate(host, -100000);
    rh_testnet_run(net, 10000);
    assert_int_equal(sim_clock_now_us(host) - before_us, 20000000);
    rh_testnet_free(net);
}

static void a_timer_never_fires_before_its_time(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct rh_testhost *host = node(net);
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 3);

    for (int i = 0; i < 10000; i++) {
        int64_t wanted_us, true_us, early_us, at_us = net->now_us;

        sim_clock_rate(host, (int32_t)rh_rng_below(&rng, 200001) - 100000);
        wanted_us = sim_clock_now_us(host) + (int64_t)rh_rng_below(&rng, 100000000);
        true_us = sim_clock_true_us(host, wanted_us);
        net->now_us = true_us;
        assert_true(sim_clock_now_us(host) >= wanted_us);
        assert_true(sim_clock_now_us(host) <= wanted_us + 2);
        early_us = true_us - 3 > at_us ? true_us - 3 : at_us;
        net->now_us = early_us;
        assert_true(early_us == at_us || sim_clock_now_us(host) < wanted_us);
        net->now_us = at_us + 1000;
    }

    rh_testnet_free(net);
}

static void a_reboot_sets_back_only_the_monotonic_clock(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct rh_testhost *host = node(net);
    int64_t wall_ms;

    (void)state;
    rh_testnet_run(net, 5000);
    wall_ms = sim_clock_wall_ms(host);

    sim_clock_reboot(host, 7000);

    assert_int_equal(sim_clock_now_us(host), 7000);
    assert_in_range(sim_clock_wall_ms(host), wall_ms - 1, wall_ms + 1);
    rh_testnet_free(net);
}

static void a_node_with_a_slow_clock_runs_its_timers_late(void **state)
{
    struct life_cluster c;
    uint32_t leader;

    (void)state;
    life_cluster_start(&c, 3, 5);
    for (uint32_t i = 0; i < 3; i++)
        sim_clock_rate(c.hosts[i], -500000);

    leader = life_cluster_await(&c, 3);

    assert_true(leader < 3);
    assert_int_equal(sim_clock_now_us(c.hosts[0]), 1000000 + (c.net->now_us - 1000000) / 2);
    life_cluster_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_without_a_rate_shows_true_time),
        cmocka_unit_test(a_fast_clock_gains_from_now_on),
        cmocka_unit_test(a_timer_never_fires_before_its_time),
        cmocka_unit_test(a_reboot_sets_back_only_the_monotonic_clock),
        cmocka_unit_test(a_node_with_a_slow_clock_runs_its_timers_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
