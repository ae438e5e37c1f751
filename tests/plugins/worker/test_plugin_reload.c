/* The worker beside the real work queue on one node, over reloads of its configuration. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

#define CONFIG "{\"slots\":2,\"commands\":{\"x\":{\"argv\":[\"job\"]}}}"
#define OTHER  "{\"slots\":3,\"commands\":{\"x\":{\"argv\":[\"job\"]}}}"

static uint32_t started;

static void on_process(void *user, struct rh_testhost_process *process)
{
    (void)user;
    started++;
    process->takes_ms = 1000;
    process->output = "{}\n";
}

static int set_up(void **state)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_worker(), CONFIG},
    };
    struct loop_node *n = loop_node_new(plugins, 2, "/work/stats");

    started = 0;
    rh_testhost_script(n->host, on_process, NULL);
    rh_testnet_run(n->net, 5000); /* a poll waits at the queue */
    *state = n;
    return 0;
}

static void assert_first_attempt_is_done(struct loop_node *n)
{
    assert_int_equal(started, 1);
    (void)loop_get(n, "/work/item?work_id=w1");
    loop_says(n, "\"status\":\"done\"");
    loop_says(n, "\"attempt\":1");
}

static void an_item_added_right_after_a_reload_runs_at_once(void **state)
{
    struct loop_node *n = *state;

    rh_testhost_reactivate(n->host, "worker");
    assert_int_equal(loop_post(n, "/work/add", "{\"work_type\":\"x\"}"), 201);
    rh_testnet_run(n->net, 5000);

    assert_first_attempt_is_done(n);
}

static void an_item_added_right_before_a_reload_counts_no_attempt_twice(void **state)
{
    struct loop_node *n = *state;

    rh_testnet_latency(n->net, 5, 5);
    assert_int_equal(loop_post(n, "/work/add", "{\"work_type\":\"x\"}"), 201);
    rh_testhost_reactivate(n->host, "worker");
    rh_testnet_run(n->net, 5000);

    assert_first_attempt_is_done(n);
}

static void another_configuration_swallows_no_item(void **state)
{
    struct loop_node *n = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_int_equal(rh_testhost_reconfigure(n->host, "worker", OTHER, why), RH_OK);
    assert_int_equal(loop_post(n, "/work/add", "{\"work_type\":\"x\"}"), 201);
    rh_testnet_run(n->net, 5000);

    assert_first_attempt_is_done(n);
}

/* Nothing is claimed anew here, so only what the former poll would still take can be taken. */
static void the_poll_of_an_activation_that_has_ended_waits_no_longer(void **state)
{
    struct loop_node *n = *state;

    assert_int_equal(loop_post(n, "/worker/drain", "{\"on\":true}"), 200);
    rh_testhost_reactivate(n->host, "worker");
    rh_testnet_run(n->net, 1000);
    assert_int_equal(loop_post(n, "/work/add", "{\"work_type\":\"x\"}"), 201);
    rh_testnet_run(n->net, 5000);

    assert_int_equal(started, 0);
    (void)loop_get(n, "/work/item?work_id=w1");
    loop_says(n, "\"status\":\"pending\"");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_item_added_right_after_a_reload_runs_at_once),
        CASE(an_item_added_right_before_a_reload_counts_no_attempt_twice),
        CASE(another_configuration_swallows_no_item),
        CASE(the_poll_of_an_activation_that_has_ended_waits_no_longer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
