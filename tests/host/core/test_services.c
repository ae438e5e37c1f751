/* Tests of host/core/services.c: rh.core/1, and which service a plugin gets. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static const char *const only_core[] = {RH_CORE_ID};

static void a_service_that_was_not_asked_for_is_not_given(void **state)
{
    struct world *world = *state;
    struct rh_ctx *ctx = world_ctx(world, 0, "probe");

    assert_non_null(services_get(ctx, RH_STATE_ID));
    assert_null(services_get(ctx, RH_CLUSTER_ID));
    assert_null(services_get(ctx, "rh.state/2"));
    assert_null(services_get(ctx, "rh.nothing/1"));
}

static void control_is_given_to_the_plugin_admin_alone(void **state)
{
    struct world *world = *state;

    assert_null(services_get(world_ctx(world, 0, "probe"), RH_CONTROL_ID));
    assert_null(world_probe(world, 0)->rh.control);
}

static void the_configuration_can_narrow_what_is_given(void **state)
{
    struct world *world = *state;
    struct rh_ctx *ctx = world_ctx(world, 0, "probe");

    world->hosts[0]->plugins[0].grants = only_core;
    world->hosts[0]->plugins[0].grant_count = 1;
    assert_non_null(services_get(ctx, RH_CORE_ID));
    assert_null(services_get(ctx, RH_STATE_ID));
    world->hosts[0]->plugins[0].grant_count = 0;
    assert_null(services_get(ctx, RH_CORE_ID));
}

static void a_required_service_that_is_not_granted_is_named(void **state)
{
    struct world *world = *state;
    struct core_plugin_setup setup = world->hosts[0]->plugins[0];
    const char *const all_but_state[] = {RH_CORE_ID, RH_HTTP_ID, RH_FIELDS_ID, RH_EVENTS_ID};

    assert_null(core_service_missing(&setup));

    setup.grants = all_but_state;
    setup.grant_count = 4;
    assert_string_equal(core_service_missing(&setup), RH_STATE_ID);
}

static int32_t start_timer(struct probe *probe, int64_t delay_ms, rh_handle *handle)
{
    return probe->rh.core->timer(probe->rh.ctx, delay_ms, probe_on_timer, handle, handle);
}

static void a_timer_fires_once_when_it_is_due(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    rh_handle handle;

    core_refresh(world_core(world, 0));
    assert_int_equal(start_timer(probe, 100, &handle), RH_OK);
    world_run(world, 99);
    assert_int_equal(probe->timers.count, 0);
    world_run(world, 1);
    assert_int_equal(probe->timers.count, 1);
    assert_ptr_equal(probe_note(&probe->timers, 0)->user, &handle);
    world_run(world, 1000);
    assert_int_equal(probe->timers.count, 1);
    assert_int_equal(probe->rh.core->timer_cancel(probe->rh.ctx, handle), RH_ENOTFOUND);
}

static void a_timer_of_no_delay_fires_on_a_later_turn(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(start_timer(probe, 0, NULL), RH_OK);
    assert_int_equal(probe->timers.count, 0);
    world_run(world, 0);
    assert_int_equal(probe->timers.count, 1);
}

static void a_cancelled_timer_never_fires(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe *shared = world_shared(world, 0);
    rh_handle handle;

    assert_int_equal(start_timer(probe, 100, &handle), RH_OK);
    assert_int_equal(shared->rh.core->timer_cancel(shared->rh.ctx, handle), RH_ENOTFOUND);
    assert_int_equal(probe->rh.core->timer_cancel(probe->rh.ctx, handle), RH_OK);
    assert_int_equal(probe->rh.core->timer_cancel(probe->rh.ctx, handle), RH_ENOTFOUND);
    world_run(world, 1000);
    assert_int_equal(probe->timers.count, 0);
}

static void timers_end_with_their_activation(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(start_timer(probe, 3000, NULL), RH_OK);
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    world_run(world, 6000);
    assert_int_equal(probe->activations, 2);
    assert_int_equal(probe->timers.count, 0);
    assert_int_equal(world_ctx(world, 0, "probe")->timer_count, 0);
}

static void timers_have_a_quota(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    for (uint32_t i = 0; i < 4096; i++)
        assert_int_equal(start_timer(probe, 100, NULL), RH_OK);
    assert_int_equal(start_timer(probe, 100, NULL), RH_EAGAIN);
    assert_int_equal(world_ctx(world, 0, "probe")->over_quota, 1);
    world_run(world, 1000);
    assert_int_equal(probe->timers.count, 4096);
    assert_int_equal(start_timer(probe, 100, NULL), RH_OK);
}

static void a_senseless_timer_is_refused_and_an_endless_one_taken(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(start_timer(probe, -1, NULL), RH_EINVAL);
    assert_int_equal(probe->rh.core->timer(probe->rh.ctx, 1, NULL, NULL, NULL), RH_EINVAL);
    assert_int_equal(start_timer(probe, INT64_MAX, NULL), RH_OK);
    world_run(world, 1000);
    assert_int_equal(probe->timers.count, 0);
}

static void start_another(struct probe *probe)
{
    if (probe->timers.count < 5)
        assert_int_equal(start_timer(probe, 0, NULL), RH_OK);
}

static void a_timer_may_start_the_next(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->on_timer = start_another;
    assert_int_equal(start_timer(probe, 0, NULL), RH_OK);
    world_run(world, 1);
    assert_int_equal(probe->timers.count, 5);
}

static void a_post_runs_on_a_later_turn_in_order(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    int first;
    int second;

    assert_int_equal(probe->rh.core->post(probe->rh.ctx, probe_on_post, &first), RH_OK);
    assert_int_equal(probe->rh.core->post(probe->rh.ctx, probe_on_post, &second), RH_OK);
    assert_int_equal(probe->rh.core->post(probe->rh.ctx, NULL, &second), RH_EINVAL);
    assert_int_equal(probe->posts.count, 0);
    world_run(world, 1);
    assert_int_equal(probe->posts.count, 2);
    assert_ptr_equal(probe_note(&probe->posts, 1)->user, &first);
    assert_ptr_equal(probe_note(&probe->posts, 0)->user, &second);
}

static void posts_have_a_quota(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    for (uint32_t i = 0; i < 4096; i++)
        assert_int_equal(probe->rh.core->post(probe->rh.ctx, probe_on_post, NULL), RH_OK);
    assert_int_equal(probe->rh.core->post(probe->rh.ctx, probe_on_post, NULL), RH_EAGAIN);
    world_run(world, 1);
    assert_int_equal(probe->posts.count, 4096);
    assert_int_equal(probe->rh.core->post(probe->rh.ctx, probe_on_post, NULL), RH_OK);
}

static void a_post_of_an_earlier_activation_is_dropped(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_ctx *ctx = world_ctx(world, 0, "probe");

    assert_int_equal(probe->rh.core->post(probe->rh.ctx, probe_on_post, NULL), RH_OK);
    ctx->activation++;
    world_run(world, 1);
    assert_int_equal(probe->posts.count, 0);
    assert_int_equal(atomic_load(&ctx->post_count), 0);
}

static void posts_under_way_end_with_the_node(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(probe->rh.core->post(probe->rh.ctx, probe_on_post, NULL), RH_OK);
    rh_testhost_crash(world->hosts[0]);
    assert_false(rh_testhost_is_up(world->hosts[0]));
}

static void self_says_who_we_are(void **state)
{
    struct world *world = world_new(2, NULL);
    struct probe *probe = world_probe(world, 1);
    struct rh_self self;

    (void)state;
    probe->rh.core->self(probe->rh.ctx, &self);
    assert_true(rh_str_eq_c(self.node_id, "n2"));
    assert_true(rh_str_eq_c(self.role, "coordinator"));
    assert_true(rh_str_eq_c(self.address, "n2:8770"));
    assert_int_equal(self.instance_id.n, 32);
    assert_int_equal(self.is_voter, 1);
    assert_int_equal(self.voters.count, 2);
    assert_int_equal(self.start_count, 1);
    assert_int_equal(self.beat_ms, 1500);
    world_free(world);
}

static void self_hands_the_inventory_on(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_self self;

    probe->rh.core->self(probe->rh.ctx, &self);
    assert_int_equal(self.inventory.n, 0);
    world->hosts[0]->setup.inventory_json = "{\"hosts\":{}}";

    probe->rh.core->self(probe->rh.ctx, &self);

    assert_true(rh_str_eq_c(self.inventory, "{\"hosts\":{}}"));
}

static void clocks_stand_still_within_a_turn_and_go_on_after_it(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    int64_t now_ms;
    int64_t wall_ms;

    (void)world_park(world, "/probe/read", &request);
    now_ms = probe->rh.core->now_ms(probe->rh.ctx);
    wall_ms = probe->rh.core->wall_ms(probe->rh.ctx);
    assert_int_equal(now_ms, rh_testnet_now_ms(world->net));
    world_run(world, 1234);
    (void)world_park(world, "/probe/read", &request);
    assert_int_equal(probe->rh.core->now_ms(probe->rh.ctx) - now_ms, 1234);
    assert_int_equal(probe->rh.core->wall_ms(probe->rh.ctx) - wall_ms, 1234);
}

static void a_log_line_names_the_plugin(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->rh.core->log(probe->rh.ctx, 99, "odd_thing", "count=3"); /* above error is error */
    assert_int_equal(rh_testhost_logged(world->hosts[0], " error n1 probe odd_thing count=3"), 1);
}

static void done_out_of_turn_changes_nothing(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->rh.core->done(probe->rh.ctx, RH_EIO);
    probe->rh.core->done(probe->rh.ctx, RH_OK);
    world_run(world, 1000);
    assert_int_equal(probe->activations, 1);
    assert_int_equal(world_ctx(world, 0, "probe")->phase, ACT_ACTIVE);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_service_that_was_not_asked_for_is_not_given),
        CASE(control_is_given_to_the_plugin_admin_alone),
        CASE(the_configuration_can_narrow_what_is_given),
        CASE(a_required_service_that_is_not_granted_is_named),
        CASE(a_timer_fires_once_when_it_is_due),
        CASE(a_timer_of_no_delay_fires_on_a_later_turn),
        CASE(a_cancelled_timer_never_fires),
        CASE(timers_end_with_their_activation),
        CASE(timers_have_a_quota),
        CASE(a_senseless_timer_is_refused_and_an_endless_one_taken),
        CASE(a_timer_may_start_the_next),
        CASE(a_post_runs_on_a_later_turn_in_order),
        CASE(posts_have_a_quota),
        CASE(a_post_of_an_earlier_activation_is_dropped),
        CASE(posts_under_way_end_with_the_node),
        cmocka_unit_test(self_says_who_we_are),
        CASE(self_hands_the_inventory_on),
        CASE(clocks_stand_still_within_a_turn_and_go_on_after_it),
        CASE(a_log_line_names_the_plugin),
        CASE(done_out_of_turn_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
