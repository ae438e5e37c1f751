/* Assembly of the core: start, turns, drain and stop, that a stop always ends. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void a_stop_waits_for_requests_within_the_grace(void **state)
{
    struct rh_testhost_reply reply;
    struct life_node n;
    uint64_t open;

    (void)state;
    life_node_start(&n, LIFE_ROUTES);
    open = rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    rh_testnet_run(n.net, 100);

    core_stop(n.host->core, 4000, 0, 0);
    rh_testnet_run(n.net, 3900);
    assert_false(n.host->is_finished);
    rh_testnet_run(n.net, 200);

    assert_true(n.host->is_finished);
    assert_true(rh_testhost_answer(n.host, open, &reply));
    assert_int_equal(reply.status, 503);
    life_node_end(&n);
}

static void a_stop_without_requests_is_immediate(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES);

    core_stop(n.host->core, 60000, 0, 0);
    rh_testnet_run(n.net, 10);

    assert_true(n.host->is_finished);
    assert_int_equal(n.host->exit_code, 0);
    life_node_end(&n);
}

static void a_second_stop_ends_the_grace(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES);
    (void)rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    rh_testnet_run(n.net, 100);
    core_stop(n.host->core, 9000, 0, 0);
    rh_testnet_run(n.net, 100);

    core_stop(n.host->core, 0, 0, 0);
    rh_testnet_run(n.net, 10);

    assert_true(n.host->is_finished);
    life_node_end(&n);
}

static void new_requests_are_refused_while_draining_and_old_ones_finish(void **state)
{
    struct rh_testhost_reply reply;
    struct life_node n;
    uint64_t put;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);
    (void)rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    put = rh_testhost_send(n.host, "POST", "/life/put", "{\"key\":\"k\",\"value\":\"v\"}");
    assert_true(sim_step(n.net, n.net->now_us + 1)); /* both have arrived, */
    assert_true(sim_step(n.net, n.net->now_us + 1)); /* no commit is durable */

    core_stop(n.host->core, 5000, 0, 0);
    assert_int_equal(life_node_get(&n, "/life/get?key=k"), 503);
    life_node_says(&n, "\"code\":\"draining\"");
    rh_testnet_run(n.net, 1000);

    assert_true(rh_testhost_answer(n.host, put, &reply));
    assert_int_equal(reply.status, 200);
    life_node_end(&n);
}

static void a_restart_says_so_and_a_failure_while_draining_wins(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES);
    (void)rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    rh_testnet_run(n.net, 100);
    core_stop(n.host->core, 5000, 0, 1);
    rh_testnet_run(n.net, 100);

    core_fatal(n.host->core, CORE_EXIT_DATA, "the disk is %s", "gone");
    rh_testnet_run(n.net, 100);

    assert_true(n.host->is_finished);
    assert_int_equal(n.host->exit_code, CORE_EXIT_DATA);
    assert_false(n.host->again);
    assert_int_equal(rh_testhost_logged(n.host, "the disk is gone"), 1);
    life_node_end(&n);
}

static void restart_through_the_admin_route_runs_again(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);

    assert_int_equal(life_node_post(&n, "/admin/restart", NULL), 202);
    rh_testnet_run(n.net, 1000);

    assert_true(n.host->is_finished);
    assert_true(n.host->again);
    assert_int_equal(n.host->exit_code, 0);
    life_node_end(&n);
}

static void a_stop_ends_at_any_moment_of_a_nodes_life(void **state)
{
    (void)state;
    for (int steps = 0; steps < 60; steps++) {
        struct life_node n;

        life_node_init(&n);
        n.script.start_rc = n.script.activate_rc = RH_PENDING;
        n.script.done_ms = 1;
        assert_int_equal(life_node_begin(&n, LIFE_REPLICATED | LIFE_ROUTES | LIFE_LOOP), RH_OK);
        (void)rh_testhost_send(n.host, "POST", "/life/put", "{\"key\":\"k\",\"value\":\"v\"}");
        for (int i = 0; i < steps; i++)
            (void)sim_step(n.net, n.net->now_us + 10000); /* nothing may be due */

        assert_int_equal(rh_testhost_stop(n.host), 0);

        assert_int_equal(life_text_count(&n.trace, "life.destroy"), 1);
        assert_int_equal(n.script.activations, n.script.deactivations);
        life_node_end(&n);
    }
}

static void a_crash_at_any_moment_loses_nothing_acknowledged(void **state)
{
    (void)state;
    for (int steps = 1; steps < 60; steps++) {
        struct rh_testhost_reply reply;
        struct life_node n;
        uint64_t put;

        life_node_start(&n, LIFE_REPLICATED | LIFE_ROUTES);
        put = rh_testhost_send(n.host, "POST", "/life/put", "{\"key\":\"k\",\"value\":\"v\"}");
        for (int i = 0; i < steps; i++)
            (void)sim_step(n.net, n.net->now_us + 10000); /* nothing may be due */
        rh_testhost_crash(n.host);
        assert_true(rh_testhost_answer(n.host, put, &reply) || steps < 2);
        assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
        rh_testnet_run(n.net, 1000);

        if (reply.status == 200) {
            assert_int_equal(life_node_get(&n, "/life/get?key=k"), 200);
            life_node_says(&n, "\"value\":\"v\"");
        }

        life_node_end(&n);
    }
}

static void a_token_file_with_an_error_is_refused_with_its_line(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(rh_testhost_stop(n.host), 0);
    n.host->setup.token_text = RH_STR_LIT("# fine\nname nonsense short\n");

    assert_int_equal(rh_testhost_start(n.host, n.why), RH_EINVAL);

    assert_non_null(strstr(n.why, "tokens: line 2: "));
    life_node_end(&n);
}

static void a_data_directory_that_is_gone_is_refused_by_name(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(rh_testhost_stop(n.host), 0);
    n.host->setup.data_dir = "/nonexistent/data";

    assert_int_equal(rh_testhost_start(n.host, n.why), RH_EINVAL);

    assert_non_null(strstr(n.why, "/nonexistent/data"));
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_waits_for_requests_within_the_grace),
        cmocka_unit_test(a_stop_without_requests_is_immediate),
        cmocka_unit_test(a_second_stop_ends_the_grace),
        cmocka_unit_test(new_requests_are_refused_while_draining_and_old_ones_finish),
        cmocka_unit_test(a_restart_says_so_and_a_failure_while_draining_wins),
        cmocka_unit_test(restart_through_the_admin_route_runs_again),
        cmocka_unit_test(a_stop_ends_at_any_moment_of_a_nodes_life),
        cmocka_unit_test(a_crash_at_any_moment_loses_nothing_acknowledged),
        cmocka_unit_test(a_token_file_with_an_error_is_refused_with_its_line),
        cmocka_unit_test(a_data_directory_that_is_gone_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
