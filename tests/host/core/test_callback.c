/* Tests of host/core/callback.c: who runs is known, timed and told of when slow. */
#include "tests/host/core/probe_world.h"

#include <string.h>

/* Takes 150 ms of the loop. */
static int32_t take_long(struct probe *probe, rh_req req)
{
    struct rh_testhost *host = probe->rh.ctx->core->driver.ctx;

    ((struct world *)host->script_user)->slip_us += 150000;
    return probe_reply(probe, req, 200, "{}");
}

/* Takes 100 ms, which is not yet slow. */
static int32_t take_a_while(struct probe *probe, rh_req req)
{
    struct rh_testhost *host = probe->rh.ctx->core->driver.ctx;

    ((struct world *)host->script_user)->slip_us += 100000;
    return probe_reply(probe, req, 200, "{}");
}

static void a_slow_callback_is_logged_counted_and_published(void **state)
{
    struct world *world = *state;
    uint64_t stream = rh_testhost_send(world->hosts[0], "GET", "/events", NULL);

    world_tap(world, 0);
    world_run(world, 10);
    world_probe(world, 0)->handle = take_long;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 200);
    world_run(world, 1000);
    assert_int_equal(world_ctx(world, 0, "probe")->slow_callbacks, 1);
    assert_int_equal(rh_testhost_logged(world->hosts[0], "took_ms=150"), 1);
    assert_non_null(strstr(rh_testhost_streamed(world->hosts[0], stream), "SLOW_CALLBACK"));
    assert_non_null(
        strstr(rh_testhost_streamed(world->hosts[0], stream), "\"callback\":\"handle_plain\""));
    rh_testhost_hang_up(world->hosts[0], stream);
}

static void a_callback_of_100_ms_is_not_slow(void **state)
{
    struct world *world = *state;

    world_tap(world, 0);
    world_probe(world, 0)->handle = take_a_while;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 200);
    assert_int_equal(world_ctx(world, 0, "probe")->slow_callbacks, 0);
}

static void the_time_of_callbacks_is_a_metric_of_the_plugin(void **state)
{
    struct world *world = *state;

    world_tap(world, 0);
    world_probe(world, 0)->handle = take_long;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 200);
    assert_int_equal(world_ask(world, 0, "GET", "/metrics", NULL, NULL), 200);
    world_assert_says(world, "callback_seconds_sum{plugin=\"probe\"} 0.15");
}

static void who_runs_is_known_only_while_it_runs(void **state)
{
    struct world *world = *state;
    struct rh_ctx *ctx = world_ctx(world, 0, "probe");

    plugin_enter(ctx, "test");
    assert_ptr_equal(world_core(world, 0)->current, ctx);
    plugin_leave(ctx, "test");
    assert_null(world_core(world, 0)->current);
}

static void an_interrupted_callback_goes_on_and_is_not_charged_for_the_other(void **state)
{
    struct world *world = *state;
    struct core *core = world_core(world, 0);
    struct rh_ctx *outer = world_ctx(world, 0, "probe");
    struct rh_ctx *inner = world_ctx(world, 0, "shared");
    struct callback_outer kept;

    world_tap(world, 0);
    plugin_enter(outer, "outer");
    plugin_suspend(core, &kept);
    plugin_enter(inner, "inner");
    world->slip_us += 150000;
    plugin_leave(inner, "inner");
    plugin_resume(core, &kept);

    assert_ptr_equal(core->current, outer);
    assert_string_equal(core->current_what, "outer");
    plugin_leave(outer, "outer");
    assert_int_equal(inner->slow_callbacks, 1);
    assert_int_equal(outer->slow_callbacks, 0);
}

static void words_of_an_earlier_failure_are_forgotten(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->handler_rc = RH_EINVAL;
    probe->handler_fail = "first words";
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 400);
    world_assert_says(world, "first words");
    probe->handler_fail = NULL;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 400);
    world_assert_says(world, "\"message\":\"invalid argument\"");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_slow_callback_is_logged_counted_and_published),
        CASE(a_callback_of_100_ms_is_not_slow),
        CASE(the_time_of_callbacks_is_a_metric_of_the_plugin),
        CASE(who_runs_is_known_only_while_it_runs),
        CASE(an_interrupted_callback_goes_on_and_is_not_charged_for_the_other),
        CASE(words_of_an_earlier_failure_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
