/* Tests of host/core/call_self.c: calls to this very node, without a socket. */
#include "tests/host/core/probe_world.h"

#include <ringhost/sdk/str.h>

static int32_t reply_here(struct probe *probe, rh_req req)
{
    return probe_reply(probe, req, 203, "{\"here\":1}");
}

static int32_t commit_and_reply(struct probe *probe, rh_req req)
{
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    return probe_reply(probe, req, 200, "{}");
}

static const struct probe_note *only_reply(const struct probe *probe)
{
    assert_int_equal(probe->replies.count, 1);
    return probe_note(&probe->replies, 0);
}

static void an_answer_comes_on_a_later_turn_and_without_a_socket(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world_tap(world, 0);
    world->call_rc = RH_EIO; /* whoever uses the network notices */
    probe->handle = reply_here;
    assert_int_equal(probe_call(probe, "self", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe->req_count, 0);
    world_run(world, 10);
    assert_int_equal(only_reply(probe)->status, 203);
    assert_string_equal(only_reply(probe)->body, "{\"here\":1}");
    assert_string_equal(only_reply(probe)->node_id, "n1");
}

static void our_own_node_id_is_self_too(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world_tap(world, 0);
    world->call_rc = RH_EIO;
    probe->handle = reply_here;
    assert_int_equal(probe_call(probe, "n1", "POST", "/probe/act", "{\"name\":\"a\"}", NULL),
                     RH_OK);
    world_run(world, 10);
    assert_int_equal(only_reply(probe)->status, 203);
    assert_string_equal(probe->name, "a");
}

static void a_plugin_may_use_every_route_of_its_node(void **state)
{
    struct world *world = world_new(1, "reader read read-token-0123456789\n");
    struct probe *probe = world_probe(world, 0);
    struct rh_request seen;

    (void)state;
    assert_int_equal(probe_call(probe, "self", "POST", "/probe/vote", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->req_count, 1);
    assert_int_equal(probe->rh.http->request(probe->rh.ctx, probe_last(probe), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.caller, "plugin"));
    assert_true(rh_str_eq_c(seen.node_id, "n1"));
    world_free(world);
}

static void an_unknown_path_and_a_bad_body_come_back_as_errors(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(probe_call(probe, "self", "GET", "/nothing", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(probe, "self", "POST", "/probe/act", "{}", NULL), RH_OK);
    assert_int_equal(probe_call(probe, "self", "GET", NULL, NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->replies.count, 3);
    assert_int_equal(probe_note(&probe->replies, 2)->status, 404);
    assert_string_equal(probe_note(&probe->replies, 2)->code, "no_route");
    assert_int_equal(probe_note(&probe->replies, 1)->status, 400);
    assert_int_equal(probe_note(&probe->replies, 0)->status, 404);
}

static void a_reply_to_self_is_held_like_any_other(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe *shared = world_shared(world, 0);

    probe->handle = commit_and_reply;
    assert_int_equal(probe_call(shared, "self", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(shared, "self", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(shared->replies.count, 2);
    assert_int_equal(probe->commits.count, 2);
    assert_int_equal(probe_note(&shared->replies, 1)->status, 200);
    assert_int_equal(probe_note(&shared->replies, 0)->status, 409);
}

static void the_timeout_of_the_call_is_the_deadline_of_the_request(void **state)
{
    const struct rh_call call = {.size = (uint32_t)sizeof call,
                                 .target = "self",
                                 .method = "GET",
                                 .path = "/probe/read",
                                 .timeout_ms = 200};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL), RH_OK);
    world_run(world, 210);
    assert_int_equal(only_reply(probe)->status, 504);
}

static void a_cancelled_call_to_self_ends_once(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    rh_handle id;

    probe->handle = reply_here;
    assert_int_equal(probe_call(probe, "self", "GET", "/probe/read", NULL, &id), RH_OK);
    assert_int_equal(probe->rh.http->cancel(probe->rh.ctx, id), RH_OK);
    world_run(world, 1000);
    assert_int_equal(only_reply(probe)->rc, RH_ECANCELLED);
}

static void the_route_behind_a_cancelled_call_is_told(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    rh_handle id;

    assert_int_equal(probe_call(probe, "self", "GET", "/probe/read", NULL, &id), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->rh.http->watch(probe->rh.ctx, probe_last(probe), probe_on_gone, NULL),
                     RH_OK);

    assert_int_equal(probe->rh.http->cancel(probe->rh.ctx, id), RH_OK);
    assert_int_equal(probe->gone.count, 0); /* not inside the call */
    world_run(world, 10);

    assert_int_equal(probe->gone.count, 1);
    assert_int_equal(only_reply(probe)->rc, RH_ECANCELLED);
    assert_int_equal(probe_reply(probe, probe_last(probe), 200, "{}"), RH_ENOTFOUND);
}

static void the_route_behind_a_call_of_an_activation_that_has_ended_is_told(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe *shared = world_shared(world, 0);

    assert_int_equal(probe_call(shared, "self", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->rh.http->watch(probe->rh.ctx, probe_last(probe), probe_on_gone, NULL),
                     RH_OK);

    activation_restart(world_ctx(world, 0, "shared"), "a test wants it");
    assert_int_equal(probe->gone.count, 0); /* not inside the end */
    world_run(world, 10);

    assert_int_equal(probe->gone.count, 1);
    assert_int_equal(only_reply(shared)->rc, RH_ECANCELLED);
    assert_int_equal(probe_reply(probe, probe_last(probe), 200, "{}"), RH_ENOTFOUND);
}

static void an_answer_from_ourselves_proves_nothing_about_our_name(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->handle = reply_here;
    assert_int_equal(probe_call(probe, "self", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_true(only_reply(probe)->status < 400);
    assert_int_equal(world_core(world, 0)->peer_requests, 0);
}

static void a_stream_is_no_answer_to_self(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(probe_call(probe, "self", "GET", "/probe/stream", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(
        probe->rh.http->begin(probe->rh.ctx, probe_last(probe), 200, "text/plain", NULL, NULL),
        RH_EUNSUPPORTED);
    assert_int_equal(probe_reply(probe, probe_last(probe), 200, "{}"), RH_OK);
    world_run(world, 10);
    assert_int_equal(only_reply(probe)->status, 200);
}

static void an_act_of_an_epoch_that_is_over_is_refused_here_too(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_call call = {.size = (uint32_t)sizeof call,
                           .target = "self",
                           .method = "GET",
                           .path = "/probe/read",
                           .epoch = 7};

    world_lead(world, 0, 7);
    probe->handle = reply_here;
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(only_reply(probe)->status, 203);
    call.epoch = 6;
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL), RH_OK);
    world_run(world, 10);

    assert_int_equal(probe->replies.count, 2);
    assert_int_equal(probe_note(&probe->replies, 0)->status, 412);
    assert_int_equal(probe->req_count, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_answer_comes_on_a_later_turn_and_without_a_socket),
        CASE(our_own_node_id_is_self_too),
        cmocka_unit_test(a_plugin_may_use_every_route_of_its_node),
        CASE(an_unknown_path_and_a_bad_body_come_back_as_errors),
        CASE(a_reply_to_self_is_held_like_any_other),
        CASE(the_timeout_of_the_call_is_the_deadline_of_the_request),
        CASE(a_cancelled_call_to_self_ends_once),
        CASE(the_route_behind_a_cancelled_call_is_told),
        CASE(the_route_behind_a_call_of_an_activation_that_has_ended_is_told),
        CASE(an_answer_from_ourselves_proves_nothing_about_our_name),
        CASE(a_stream_is_no_answer_to_self),
        CASE(an_act_of_an_epoch_that_is_over_is_refused_here_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
