/* Tests of the wiring: the loop beside the real queue. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_loop_job_reaper(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);

static struct loop_node *start(const char *config)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_loop_job_reaper(), config},
    };

    return loop_node_new(plugins, 2, "/work/stats");
}

/* 12 items that n1 has claimed and renews, one of them begun. */
static void claim_twelve(struct loop_node *n)
{
    for (int i = 0; i < 12; i++)
        assert_int_equal(loop_post(n, "/work/add",
                                   "{\"work_type\":\"x\",\"timeout_s\":86400,\"max_attempts\":2}"),
                         201);
    assert_int_equal(loop_post(n, "/work/claim", "{\"node_id\":\"n9\",\"max_items\":12}"), 200);
}

static int set_up(void **state)
{
    *state = start("{\"stale_after\":\"60s\",\"loop_job_reaper\":\"1h\"}");
    return 0;
}

static int set_up_dry(void **state)
{
    *state = start("{\"stale_after\":\"60s\",\"loop_job_reaper\":\"1h\",\"dry_run\":true}");
    return 0;
}

static int set_up_alone(void **state)
{
    const struct rh_testhost_plugin plugin = {rh_plugin_entry_v1_loop_job_reaper(), NULL};

    *state = loop_node_new(&plugin, 1, "/loops");
    rh_testnet_run((*(struct loop_node **)state)->net, 1000); /* it leads */
    return 0;
}

static void stale_attempts_end_ten_a_run(void **state)
{
    struct loop_node *n = *state;

    claim_twelve(n);
    loop_run(n, "job_reaper");
    loop_says(n, "\"last_actions\":[]");
    rh_testnet_run(n->net, 61000);

    loop_run(n, "job_reaper");

    loop_says(n, "\"action\":\"reap\",\"subject\":\"w1\",\"why\":\"stale: held for 61 s by n9\"");
    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "leased"), 2);
    assert_int_equal(loop_number(n, "pending"), 10);
    loop_run(n, "job_reaper");
    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "leased"), 0);
    assert_int_equal(loop_number(n, "attempts_reaped"), 12);
}

static void a_dry_run_shows_what_would_be_done(void **state)
{
    struct loop_node *n = *state;

    claim_twelve(n);
    loop_run(n, "job_reaper");
    rh_testnet_run(n->net, 61000);

    loop_run(n, "job_reaper");

    loop_says(n, "\"dry_run\":true");
    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "leased"), 12);
    assert_int_equal(rh_testhost_logged(n->host, "loop_action"), 10);
}

static void a_node_without_a_queue_is_an_error_of_the_run(void **state)
{
    struct loop_node *n = *state;

    loop_run(n, "job_reaper");

    loop_says(n, "\"failures\":1");
    loop_says(n, "/work/pending answered 404 no_route");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(stale_attempts_end_ten_a_run),
        cmocka_unit_test_setup_teardown(a_dry_run_shows_what_would_be_done, set_up_dry,
                                        loop_node_free),
        cmocka_unit_test_setup_teardown(a_node_without_a_queue_is_an_error_of_the_run, set_up_alone,
                                        loop_node_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
