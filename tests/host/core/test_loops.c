/* The schedule of loops: interval, jitter, back-off, who runs them, and when not. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void a_loop_runs_at_its_interval(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOOP);

    rh_testnet_run(n.net, 10000);

    assert_in_range(n.script.loop_count, 11, 12);
    for (uint32_t i = 1; i < n.script.loop_count; i++)
        assert_int_equal(n.script.loop_at_ms[i] - n.script.loop_at_ms[i - 1], 1000);
    life_node_end(&n);
}

static void jitter_stays_within_its_bound_and_varies(void **state)
{
    bool varies = false;
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.jitter_ms = 300;
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);

    rh_testnet_run(n.net, 60000);

    for (uint32_t i = 1; i < n.script.loop_count && i < LIFE_TIMES_MAX; i++) {
        int64_t took = n.script.loop_at_ms[i] - n.script.loop_at_ms[i - 1];

        assert_in_range(took, 1000, 1300);
        varies = varies || took != n.script.loop_at_ms[1] - n.script.loop_at_ms[0];
    }
    assert_true(varies);
    life_node_end(&n);
}

static void jitter_is_a_share_of_the_interval(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.jitter_ms = 500;
    n.script.loop_interval = "100ms";
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);

    rh_testnet_run(n.net, 6000);

    for (uint32_t i = 1; i < n.script.loop_count && i < LIFE_TIMES_MAX; i++)
        assert_in_range(n.script.loop_at_ms[i] - n.script.loop_at_ms[i - 1], 100, 150);
    life_node_end(&n);
}

static void the_configuration_sets_the_interval(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.loop_interval = "3s";
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);

    rh_testnet_run(n.net, 10000);

    assert_int_equal(n.script.loop_at_ms[1] - n.script.loop_at_ms[0], 3000);
    life_node_end(&n);
}

static void an_interval_of_0_switches_a_loop_off(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.loop_interval = "0s";
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);

    rh_testnet_run(n.net, 10000);

    assert_int_equal(n.script.loop_count, 0);
    life_node_end(&n);
}

static void the_switch_of_a_plugin_stops_its_loop(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.loop_is_off = true;
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);

    rh_testnet_run(n.net, 10000);

    assert_int_equal(n.script.loop_count, 0);
    life_node_end(&n);
}

static void a_loop_runs_at_once_when_asked_and_then_at_its_interval(void **state)
{
    struct life_node n;
    int64_t asked_ms;

    (void)state;
    life_node_init(&n);
    n.script.loop_interval = "30s";
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);
    rh_testnet_run(n.net, 5000);
    asked_ms = rh_testnet_now_ms(n.net);

    assert_int_equal(life_node_post(&n, "/loops/run", "{\"loop\":\"tick\"}"), 202);

    rh_testnet_run(n.net, 31000);
    assert_int_equal(n.script.loop_count, 2);
    assert_in_range(n.script.loop_at_ms[0], asked_ms, asked_ms + 10);
    assert_int_equal(n.script.loop_at_ms[1] - n.script.loop_at_ms[0], 30000);
    life_node_end(&n);
}

static void a_loop_that_cannot_run_now_says_why(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.loop_rc = RH_PENDING;
    n.script.done_ms = -1;
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);
    rh_testnet_run(n.net, 1500);

    assert_int_equal(life_node_post(&n, "/loops/run", "{\"loop\":\"tick\"}"), 409);
    life_node_says(&n, "it is running");
    assert_int_equal(life_node_post(&n, "/loops/run", "{\"loop\":\"tock\"}"), 404);

    life_node_end(&n);
}

static void a_loop_that_is_off_is_not_run_on_demand(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.loop_is_off = true;
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);

    assert_int_equal(life_node_post(&n, "/loops/run", "{\"loop\":\"tick\"}"), 409);

    life_node_says(&n, "it is switched off");
    life_node_end(&n);
}

static void what_a_run_did_is_shown_until_it_is_said_again(void **state)
{
    struct life_node n;
    const struct rh_core_v1 *core;

    (void)state;
    life_node_start(&n, LIFE_LOOP);
    core = n.script.rh->core;

    assert_int_equal(core->note(n.script.rh->ctx, "tick", RH_STR_LIT("[{\"a\":1}]")), RH_OK);
    assert_int_equal(core->note(n.script.rh->ctx, "tick", RH_STR_LIT("[{\"a\":2}]")), RH_OK);
    assert_int_equal(core->note(n.script.rh->ctx, "tick", RH_STR_LIT("[")), RH_EINVAL);
    assert_int_equal(core->note(n.script.rh->ctx, "tick", RH_STR_LIT("{}")), RH_EINVAL);
    assert_int_equal(core->note(n.script.rh->ctx, "tock", RH_STR_LIT("[]")), RH_EINVAL);

    assert_int_equal(life_node_get(&n, "/loops"), 200);
    life_node_says(&n, "\"last_actions\":[{\"a\":2}]");
    life_node_end(&n);
}

static void a_failing_loop_backs_off_by_two_up_to_sixteen_intervals(void **state)
{
    static const int64_t expected[] = {2000, 4000, 8000, 16000, 16000, 16000};
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.loop_rc = RH_EIO;
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);

    rh_testnet_run(n.net, 70000);

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(n.script.loop_at_ms[i + 1] - n.script.loop_at_ms[i], expected[i]);
    life_node_end(&n);
}

static void one_success_ends_the_back_off(void **state)
{
    struct life_node n;
    uint32_t before;

    (void)state;
    life_node_init(&n);
    n.script.loop_rc = RH_EIO;
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);
    rh_testnet_run(n.net, 20000);
    n.script.loop_rc = RH_OK;
    rh_testnet_run(n.net, 17000);
    before = n.script.loop_count;

    rh_testnet_run(n.net, 10000);

    assert_int_equal(n.script.loop_count - before, 10);
    life_node_end(&n);
}

static void the_interval_of_a_pending_run_begins_at_its_end(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.loop_rc = RH_PENDING;
    n.script.done_ms = 500;
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);

    rh_testnet_run(n.net, 10000);

    for (uint32_t i = 1; i < n.script.loop_count; i++)
        assert_int_equal(n.script.loop_at_ms[i] - n.script.loop_at_ms[i - 1], 1500);
    assert_true(n.script.loop_count > 5);
    life_node_end(&n);
}

static void a_loop_stops_with_its_activation_and_starts_with_the_next(void **state)
{
    struct life_node n;
    uint32_t before;

    (void)state;
    life_node_start(&n, LIFE_LOOP);
    n.script.activate_rc = RH_EIO;
    n.script.rh->core->reactivate(n.script.rh->ctx, "the test says so");
    rh_testnet_run(n.net, 100);
    before = n.script.loop_count;

    rh_testnet_run(n.net, 5000);
    assert_int_equal(n.script.loop_count, before);
    n.script.activate_rc = RH_OK;
    rh_testnet_run(n.net, 20000);

    assert_true(n.script.loop_count > before + 5);
    life_node_end(&n);
}

static void no_loop_runs_when_loops_are_switched_off(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOOP);
    assert_int_equal(rh_testhost_stop(n.host), 0);
    n.host->setup.loops_enabled = 0;
    n.script.loop_count = 0;

    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 20000);

    assert_int_equal(n.script.loop_count, 0);
    assert_int_equal(life_node_get(&n, "/loops"), 200);
    life_node_says(&n, "\"enabled\":false");
    life_node_end(&n);
}

/* Two plugins: "chair" leads when the test says so, "life" has a loop for the leader. */
struct led {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct life_script chair, life;
    struct life_plugin plugins[2];
};

static void led_start(struct led *l)
{
    struct rh_testhost_plugin rows[2];
    const struct rh_testhost_setup setup = {.plugins = rows, .plugin_count = 2};
    char why[RH_TESTHOST_WHY_MAX];

    memset(l, 0, sizeof *l);
    l->net = rh_testnet_new(1, LIFE_WALL_MS);
    life_describe(&l->plugins[0], "chair", NULL, LIFE_LEADS, &l->chair);
    life_describe(&l->plugins[1], "life", NULL, LIFE_LEAD_LOOP, &l->life);
    rows[0] = life_entry(&l->plugins[0]);
    rows[1] = life_entry(&l->plugins[1]);
    if (rh_testhost_new(l->net, &setup, &l->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testnet_run(l->net, 5000);
}

static void a_loop_for_the_leader_runs_only_while_this_node_leads(void **state)
{
    uint32_t before;
    struct led l;

    (void)state;
    led_start(&l);
    assert_int_equal(l.life.loop_count, 0);

    assert_int_equal(l.chair.leader->leading(l.chair.rh->ctx, 1, INT64_MAX, 1, 1), RH_OK);
    rh_testnet_run(l.net, 5000);
    assert_in_range(l.life.loop_count, 4, 6);
    assert_int_equal(l.chair.leader->leaderless(l.chair.rh->ctx, 1, "so", 0, 1), RH_OK);
    before = l.life.loop_count;
    rh_testnet_run(l.net, 5000);

    assert_int_equal(l.life.loop_count, before);
    rh_testnet_free(l.net);
}

static void renewed_leadership_does_not_double_a_loop(void **state)
{
    struct led l;

    (void)state;
    led_start(&l);

    for (uint64_t epoch = 1; epoch <= 20; epoch++) {
        assert_int_equal(l.chair.leader->leading(l.chair.rh->ctx, epoch, INT64_MAX, 1, 1), RH_OK);
        rh_testnet_run(l.net, 500);
    }

    assert_in_range(l.life.loop_count, 9, 11);
    rh_testnet_free(l.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_runs_at_its_interval),
        cmocka_unit_test(jitter_stays_within_its_bound_and_varies),
        cmocka_unit_test(jitter_is_a_share_of_the_interval),
        cmocka_unit_test(the_configuration_sets_the_interval),
        cmocka_unit_test(an_interval_of_0_switches_a_loop_off),
        cmocka_unit_test(a_failing_loop_backs_off_by_two_up_to_sixteen_intervals),
        cmocka_unit_test(one_success_ends_the_back_off),
        cmocka_unit_test(the_interval_of_a_pending_run_begins_at_its_end),
        cmocka_unit_test(a_loop_stops_with_its_activation_and_starts_with_the_next),
        cmocka_unit_test(no_loop_runs_when_loops_are_switched_off),
        cmocka_unit_test(the_switch_of_a_plugin_stops_its_loop),
        cmocka_unit_test(a_loop_runs_at_once_when_asked_and_then_at_its_interval),
        cmocka_unit_test(a_loop_that_cannot_run_now_says_why),
        cmocka_unit_test(a_loop_that_is_off_is_not_run_on_demand),
        cmocka_unit_test(what_a_run_did_is_shown_until_it_is_said_again),
        cmocka_unit_test(a_loop_for_the_leader_runs_only_while_this_node_leads),
        cmocka_unit_test(renewed_leadership_does_not_double_a_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
