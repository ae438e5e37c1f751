/* A worker that is to take nothing new, beside the real queue. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

static void on_process(void *user, struct rh_testhost_process *process)
{
    (void)user;
    process->takes_ms = 2000;
    process->output = "{}\n";
}

static int set_up(void **state)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_worker(), "{\"commands\":{\"x\":{\"argv\":[\"job\"]}}}"},
    };
    struct loop_node *n = loop_node_new(plugins, 2, "/work/stats");

    rh_testhost_script(n->host, on_process, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(loop_post(n, "/work/add", "{\"work_type\":\"x\"}"), 201);
    do
        rh_testnet_run(n->net, 100);
    while (!strstr(loop_get(n, "/worker/status"), "\"state\":\"running\""));
    *state = n;
    return 0;
}

static void what_runs_goes_on_and_nothing_new_is_claimed(void **state)
{
    struct loop_node *n = *state;

    assert_int_equal(loop_post(n, "/worker/drain", "{\"on\":true}"), 200);
    loop_says(n, "{\"drained\":true,\"jobs\":1}");
    rh_testnet_run(n->net, 40000);

    (void)loop_get(n, "/worker/status");
    loop_says(n, "\"state\":\"draining\"");
    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "done"), 1);
    assert_int_equal(loop_number(n, "leased"), 0);
    assert_int_equal(loop_number(n, "pending"), 2);
}

static void it_goes_on_when_told_and_after_a_restart(void **state)
{
    struct loop_node *n = *state;

    assert_int_equal(loop_post(n, "/worker/drain", "{\"on\":true}"), 200);
    rh_testnet_run(n->net, 10000);
    assert_int_equal(loop_post(n, "/worker/drain", "{\"on\":false}"), 200);
    rh_testnet_run(n->net, 500);
    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "leased"), 1);
    assert_int_equal(loop_post(n, "/worker/drain", "{\"on\":true}"), 200);

    loop_node_restart(n);
    rh_testnet_run(n->net, 20000);

    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "pending"), 0);
    assert_int_equal(loop_post(n, "/worker/drain", "{}"), 400);
}

/* Whatever the moment: what goes back is not begun, what is begun does not go back, and no grant
 * crosses the end of a poll. */
static void no_item_is_lost_whenever_the_drain_comes(void **state)
{
    struct loop_node *n = *state;

    rh_testnet_run(n->net, 30000);
    for (int after_ms = 0; after_ms < 12; after_ms++) {
        assert_int_equal(loop_post(n, "/worker/drain", "{\"on\":false}"), 200);
        rh_testnet_run(n->net, 5000);
        (void)rh_testhost_send(n->host, "POST", "/work/add", "{\"work_type\":\"x\"}");
        rh_testnet_run(n->net, after_ms);
        (void)rh_testhost_send(n->host, "POST", "/worker/drain", "{\"on\":true}");
        rh_testnet_run(n->net, 500);
        (void)loop_get(n, "/work/stats");

        assert_int_equal(loop_number(n, "leased"), rh_testhost_running(n->host, "worker"));
        assert_int_equal(loop_number(n, "pending") + loop_number(n, "leased"), 1);
        assert_int_equal(loop_post(n, "/worker/drain", "{\"on\":false}"), 200);
        rh_testnet_run(n->net, 8000);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_runs_goes_on_and_nothing_new_is_claimed),
        CASE(no_item_is_lost_whenever_the_drain_comes),
        CASE(it_goes_on_when_told_and_after_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
