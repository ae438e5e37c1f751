/* Tests of host/core/services_metrics.c. */
#include "tests/host/core/probe_world.h"

static void metrics_show_the_plugin(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_metrics_v1 *metrics = probe->rh.metrics;
    rh_handle done;
    rh_handle depth;
    rh_handle seconds;
    rh_handle again;

    assert_int_equal(metrics->metric(probe->rh.ctx, RH_METRIC_COUNTER, "done_total", "kind=a",
                                     "Things done.", &done),
                     RH_OK);
    assert_int_equal(
        metrics->metric(probe->rh.ctx, RH_METRIC_GAUGE, "depth", NULL, "How deep.", &depth), RH_OK);
    assert_int_equal(metrics->metric(probe->rh.ctx, RH_METRIC_HISTOGRAM, "took_seconds", NULL,
                                     "How long.", &seconds),
                     RH_OK);
    assert_int_equal(metrics->metric(probe->rh.ctx, RH_METRIC_COUNTER, "done_total", "kind=a",
                                     "Things done.", &again),
                     RH_OK);
    assert_int_equal(done, again);
    metrics->add(probe->rh.ctx, done, 2);
    metrics->add(probe->rh.ctx, again, 1);
    metrics->set(probe->rh.ctx, depth, 7);
    metrics->observe(probe->rh.ctx, seconds, 0.25);
    assert_int_equal(world_ask(world, 0, "GET", "/metrics", NULL, NULL), 200);
    world_assert_says(world, "done_total{plugin=\"probe\",kind=\"a\"} 3\n");
    world_assert_says(world, "depth{plugin=\"probe\"} 7\n");
    world_assert_says(world, "took_seconds_count{plugin=\"probe\"} 1\n");
}

static void a_metric_with_a_wrong_name_is_refused(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    rh_handle id;

    assert_int_equal(probe->rh.metrics->metric(probe->rh.ctx, RH_METRIC_COUNTER, "Done-total", NULL,
                                               "Things done.", &id),
                     RH_EINVAL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(metrics_show_the_plugin),
        CASE(a_metric_with_a_wrong_name_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
