/* Tests of host/core/services_state.c: ownership, outcomes, and what a failed commit does to the
 * plugin. */
#include "tests/host/core/probe_world.h"

#include <ringhost/sdk/str.h>

static int32_t get(struct probe *probe, const char *name_space, const char *key,
                   struct rh_value *out)
{
    *out = (struct rh_value){.size = (uint32_t)sizeof *out};
    return probe->rh.state->get(probe->rh.ctx, name_space, rh_str_from(key), out);
}

static void a_commit_is_read_back_once_its_callback_came(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_value value;

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v1", false, 0), RH_OK);
    assert_int_equal(get(probe, PROBE_LOCAL_NS, "k", &value), RH_OK);
    assert_int_equal(value.found, 0);
    assert_int_equal(probe->commits.count, 0);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->commits.count, 1);
    assert_int_equal(probe_note(&probe->commits, 0)->rc, RH_OK);
    assert_int_equal(get(probe, PROBE_LOCAL_NS, "k", &value), RH_OK);
    assert_true(rh_str_eq_c(value.data, "v1"));
    assert_int_equal(value.version, probe_note(&probe->commits, 0)->revision);
}

static void a_namespace_belongs_to_one_plugin(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_scan scan = {.size = (uint32_t)sizeof scan, .name_space = PROBE_SHARED_NS};
    struct rh_rows rows = {.size = (uint32_t)sizeof rows};
    struct rh_usage usage = {.size = (uint32_t)sizeof usage};
    struct rh_value value;

    assert_int_equal(get(probe, PROBE_SHARED_NS, "k", &value), RH_EINVAL);
    assert_int_equal(get(probe, "_host", "k", &value), RH_EINVAL);
    assert_int_equal(get(probe, "none", "k", &value), RH_EINVAL);
    assert_int_equal(probe->rh.state->scan(probe->rh.ctx, &scan, &rows), RH_EINVAL);
    assert_int_equal(probe->rh.state->usage(probe->rh.ctx, PROBE_SHARED_NS, &usage), RH_EINVAL);
    assert_int_equal(probe_put(probe, PROBE_SHARED_NS, "k", "v", false, 0), RH_EINVAL);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->commits.count, 0);
}

static int32_t get_of_others(struct probe *probe, rh_req req)
{
    struct rh_value value;

    (void)req;
    return get(probe, PROBE_SHARED_NS, "k", &value);
}

static void a_foreign_namespace_is_named_in_the_refusal(void **state)
{
    struct world *world = *state;

    world_probe(world, 0)->handle = get_of_others;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 400);
    world_assert_says(world, "\\\"probe_shared\\\" is not a namespace of plugin probe");
}

static void callbacks_come_in_the_order_of_submission(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, i % 2), RH_OK);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->commits.count, 5);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(probe_note(&probe->commits, i)->revision,
                         probe_note(&probe->commits, i + 1)->revision + 1);
}

static void a_conflict_fails_its_batch_alone(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "1", true, 0), RH_OK);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "2", true, 0), RH_OK);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "l", "3", true, 0), RH_OK);
    world_run(world, 2000);
    assert_int_equal(probe_note(&probe->commits, 2)->rc, RH_OK);
    assert_int_equal(probe_note(&probe->commits, 1)->rc, RH_ECONFLICT);
    assert_int_equal(probe_note(&probe->commits, 0)->rc, RH_OK);
    assert_int_equal(probe->activations, 1);
}

static void a_full_namespace_fails_what_follows_and_reactivates_the_plugin(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_ctx *ctx = world_ctx(world, 0, "probe");
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    state_quota(ctx->namespaces[0].ns, 8);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "larger than it may be", false, 0),
                     RH_OK);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "l", "x", false, 0), RH_OK);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 507);
    world_assert_says(world, "\"code\":\"full\"");
    world_run(world, 5000);
    assert_int_equal(probe->commits.count, 2);
    assert_int_equal(probe_note(&probe->commits, 1)->rc, RH_EFULL);
    assert_true(probe_note(&probe->commits, 0)->rc < 0);
    assert_int_equal(probe->deactivations, 1);
    assert_int_equal(probe->activations, 2);
    state_quota(ctx->namespaces[0].ns, 1 << 20);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "m", "y", false, 0), RH_OK);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe_note(&probe->commits, 0)->rc, RH_OK);
}

static void a_batch_that_is_too_large_is_refused_at_once(void **state)
{
    static char value[RH_BATCH_REPLICATED_BYTES_MAX + 2];
    struct world *world = *state;
    struct probe *shared = world_shared(world, 0);

    for (size_t i = 0; i + 1 < sizeof value; i++)
        value[i] = 'x';
    assert_int_equal(probe_put(shared, PROBE_SHARED_NS, "k", value, false, 0), RH_ETOOLARGE);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(shared->commits.count, 0);
    assert_int_equal(shared->activations, 1);
}

static void commits_of_an_ended_activation_are_cancelled_while_replies_wait_on(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_value value;
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, 0), RH_OK);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_OK);
    activation_end(world_ctx(world, 0, "probe"), "a test wants it");
    assert_int_equal(probe->commits.count, 1);
    assert_int_equal(probe_note(&probe->commits, 0)->rc, RH_ECANCELLED);
    assert_false(world_answered(world, 0, request));
    assert_int_equal(world_wait(world, 0, request), 200);
    activation_update(world_ctx(world, 0, "probe"));
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->commits.count, 1);
    assert_int_equal(probe->activations, 2);
    assert_int_equal(get(probe, PROBE_LOCAL_NS, "k", &value), RH_OK);
    assert_int_equal(value.found, 1);
}

/* Try everything that deactivate may not begin. */
static void begin_things(struct probe *probe)
{
    struct rh_value value;

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, 0), RH_ECANCELLED);
    assert_int_equal(get(probe, PROBE_LOCAL_NS, "k", &value), RH_ECANCELLED);
    assert_int_equal(probe_call(probe, "self", "GET", "/probe/read", NULL, NULL), RH_ECANCELLED);
    assert_int_equal(probe->rh.core->timer(probe->rh.ctx, 1, probe_on_timer, NULL, NULL),
                     RH_ECANCELLED);
    assert_int_equal(probe->rh.state->barrier(probe->rh.ctx, probe_on_barrier, NULL),
                     RH_ECANCELLED);
}

static void nothing_new_begins_while_an_activation_ends(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->on_deactivate = begin_things;
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    world_run(world, 2000);
    assert_int_equal(probe->deactivations, 1);
    assert_int_equal(probe->activations, 2);
    assert_int_equal(probe->commits.count + probe->timers.count + probe->replies.count, 0);
    probe->on_deactivate = NULL;
}

static void a_replicated_namespace_is_closed_without_leadership(void **state)
{
    struct world *world = world_new(2, NULL);
    struct probe *shared = world_shared(world, 0);
    struct rh_value value;

    (void)state;
    assert_int_equal(shared->activations, 0);
    assert_int_equal(get(shared, PROBE_SHARED_NS, "k", &value), RH_ELOADING);
    assert_int_equal(probe_put(shared, PROBE_SHARED_NS, "k", "v", false, 0), RH_ELOADING);
    world_lead(world, 0, 1);
    assert_int_equal(shared->activations, 1);
    assert_int_equal(get(shared, PROBE_SHARED_NS, "k", &value), RH_OK);
    world_free(world);
}

static void a_replicated_commit_that_never_began_is_not_applied(void **state)
{
    struct world *world = world_new(2, NULL);
    struct probe *shared = world_shared(world, 0);
    struct rh_value value;

    (void)state;
    world_lead(world, 0, 1);
    assert_int_equal(probe_put(shared, PROBE_SHARED_NS, "k", "v", false, 0), RH_OK);
    world_lead(world, WORLD_NODES_MAX, 1); /* before the claim of a home was stored */
    assert_int_equal(shared->commits.count, 1);
    assert_true(probe_note(&shared->commits, 0)->rc < 0);
    world_lead(world, 0, 2);
    assert_int_equal(shared->activations, 2);
    assert_int_equal(get(shared, PROBE_SHARED_NS, "k", &value), RH_OK);
    assert_int_equal(value.found, 0);
    world_free(world);
}

static int32_t put_and_reply(struct probe *shared, rh_req req)
{
    assert_int_equal(probe_put(shared, PROBE_SHARED_NS, "k", "v", false, 0), RH_OK);
    return probe_reply(shared, req, 200, "{}");
}

static void a_reply_held_over_lost_leadership_becomes_not_leader(void **state)
{
    struct world *world = world_new(2, NULL);
    uint64_t request;

    (void)state;
    world_lead(world, 0, 1);
    world_shared(world, 0)->handle = put_and_reply;
    request = world_send(world, 0, "GET", "/shared/read", NULL, NULL);
    world_lead(world, WORLD_NODES_MAX, 1);
    assert_int_equal(world_wait(world, 0, request), 503);
    world_assert_says(world, "\"code\":\"not_leader\"");
    assert_int_equal(world->reply.retry_after_s, 1);
    world_free(world);
}

static void an_unknown_outcome_is_503_and_says_so(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, 0), RH_OK);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_OK);
    reply_fail_held(world_ctx(world, 0, "probe"), 1, RH_EUNKNOWN);
    assert_int_equal(world_wait(world, 0, request), 503);
    world_assert_says(world, "\"code\":\"outcome_unknown\"");
}

static int32_t wait_for_barrier(struct probe *probe)
{
    assert_int_equal(probe->rh.state->barrier(probe->rh.ctx, probe_on_barrier, NULL), RH_OK);
    return RH_OK;
}

static int32_t activation_is_pending(struct probe *probe)
{
    (void)wait_for_barrier(probe);
    return RH_PENDING;
}

static void a_barrier_ends_once_and_not_before_the_call_returned(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    (void)wait_for_barrier(probe);
    assert_int_equal(probe->barriers.count, 0);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->barriers.count, 1);
    assert_int_equal(probe_note(&probe->barriers, 0)->rc, RH_OK);
    assert_int_equal(probe->rh.state->barrier(probe->rh.ctx, NULL, NULL), RH_EINVAL);
}

static void a_barrier_may_be_awaited_within_activate(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->on_activate = activation_is_pending;
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->barriers.count, 1);
    assert_int_equal(probe_note(&probe->barriers, 0)->rc, RH_OK);
}

static void a_barrier_of_an_ended_activation_is_cancelled(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    (void)wait_for_barrier(probe);
    activation_end(world_ctx(world, 0, "probe"), "a test wants it");
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->barriers.count, 1);
    assert_int_equal(probe_note(&probe->barriers, 0)->rc, RH_ECANCELLED);
}

static void barriers_have_a_quota(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    for (uint32_t i = 0; i < PLUGIN_BARRIERS_MAX; i++)
        (void)wait_for_barrier(probe);
    assert_int_equal(probe->rh.state->barrier(probe->rh.ctx, probe_on_barrier, NULL), RH_EAGAIN);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->barriers.count, PLUGIN_BARRIERS_MAX);
    (void)wait_for_barrier(probe);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_commit_is_read_back_once_its_callback_came),
        CASE(a_namespace_belongs_to_one_plugin),
        CASE(a_foreign_namespace_is_named_in_the_refusal),
        CASE(callbacks_come_in_the_order_of_submission),
        CASE(a_conflict_fails_its_batch_alone),
        CASE(a_full_namespace_fails_what_follows_and_reactivates_the_plugin),
        CASE(a_batch_that_is_too_large_is_refused_at_once),
        CASE(commits_of_an_ended_activation_are_cancelled_while_replies_wait_on),
        CASE(nothing_new_begins_while_an_activation_ends),
        cmocka_unit_test(a_replicated_namespace_is_closed_without_leadership),
        cmocka_unit_test(a_replicated_commit_that_never_began_is_not_applied),
        cmocka_unit_test(a_reply_held_over_lost_leadership_becomes_not_leader),
        CASE(an_unknown_outcome_is_503_and_says_so),
        CASE(a_barrier_ends_once_and_not_before_the_call_returned),
        CASE(a_barrier_may_be_awaited_within_activate),
        CASE(a_barrier_of_an_ended_activation_is_cancelled),
        CASE(barriers_have_a_quota),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
