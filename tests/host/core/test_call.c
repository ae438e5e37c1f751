/* Tests of host/core/call.c: calls end once, and say why. To this node: test_call_self. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static int set_up_two(void **state)
{
    *state = world_new(2, NULL);
    return 0;
}

static int32_t reply_name(struct probe *probe, rh_req req)
{
    return probe_reply(probe, req, 200, "{\"from\":\"n2\"}");
}

static const struct probe_note *only_reply(const struct probe *probe)
{
    assert_int_equal(probe->replies.count, 1);
    return probe_note(&probe->replies, 0);
}

static void a_call_to_a_peer_brings_its_answer_once(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct probe_note *note;

    world_probe(world, 1)->handle = reply_name;
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe->replies.count, 0);
    world_run(world, 20000);
    note = only_reply(probe);
    assert_int_equal(note->rc, RH_OK);
    assert_int_equal(note->status, 200);
    assert_string_equal(note->body, "{\"from\":\"n2\"}");
    assert_string_equal(note->node_id, "n2");
    assert_int_equal(world_ctx(world, 0, "probe")->call_count, 0);
}

static void an_error_answer_gives_code_and_message(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world_probe(world, 1)->handler_rc = RH_EFULL;
    assert_int_equal(probe_call(probe, "addr:n2:8770", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 1000);
    assert_int_equal(only_reply(probe)->rc, RH_OK);
    assert_int_equal(only_reply(probe)->status, 507);
    assert_string_equal(only_reply(probe)->code, "full");
    assert_string_equal(only_reply(probe)->text, "a limit on stored items is reached");
}

static void a_peer_sees_who_calls_and_a_url_does_not(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe *other = world_probe(world, 1);
    struct rh_request seen;

    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(other->rh.http->request(other->rh.ctx, probe_last(other), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.node_id, "n1"));
    assert_int_equal(probe_call(probe, "http://n2:8770/probe/open?x=1", "GET", NULL, NULL, NULL),
                     RH_OK);
    world_run(world, 10);
    assert_int_equal(other->rh.http->request(other->rh.ctx, probe_last(other), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.node_id, ""));
    assert_true(rh_str_eq_c(seen.query, "x=1"));
}

static void a_node_that_is_down_is_unreachable(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    rh_testhost_crash(world->hosts[1]);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 1000);
    assert_int_equal(only_reply(probe)->rc, RH_EUNREACHABLE);
    assert_int_equal(only_reply(probe)->status, 0);
    assert_string_equal(only_reply(probe)->text, "connection refused");
}

static void a_node_that_dies_over_a_call_leaves_it_unknown(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(world_probe(world, 1)->req_count, 1);
    rh_testhost_crash(world->hosts[1]);
    world_run(world, 1000);
    assert_int_equal(only_reply(probe)->rc, RH_EUNKNOWN);
}

static void an_unknown_node_and_a_missing_leader_end_on_a_later_turn(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(probe_call(probe, "n9", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(probe, "leader", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(probe, "http:///x", "GET", NULL, NULL, NULL), RH_OK);
    assert_int_equal(probe->replies.count, 0);
    world_run(world, 10);
    assert_int_equal(probe->replies.count, 3);
    assert_int_equal(probe_note(&probe->replies, 2)->rc, RH_EUNREACHABLE);
    assert_string_equal(probe_note(&probe->replies, 2)->text, "the node's address is not known");
    assert_int_equal(probe_note(&probe->replies, 1)->rc, RH_ENOTLEADER);
    assert_string_equal(probe_note(&probe->replies, 1)->text, "no leader is known");
    assert_int_equal(probe_note(&probe->replies, 0)->rc, RH_EUNREACHABLE);
}

static void a_call_to_the_leader_goes_to_who_leads(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world_probe(world, 1)->handle = reply_name;
    world_lead(world, 1, 1);
    assert_int_equal(probe_call(probe, "leader", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_string_equal(only_reply(probe)->node_id, "n2");
    world_lead(world, 0, 2);
    assert_int_equal(probe_call(probe, "leader", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->req_count, 1);
}

static void an_act_of_an_epoch_that_is_over_is_refused_by_who_knows_a_newer_one(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_call call = {.size = (uint32_t)sizeof call,
                           .target = "n2",
                           .method = "GET",
                           .path = "/probe/read",
                           .epoch = 3};

    world_probe(world, 1)->handle = reply_name;
    world_believe(world, 1, 1, 3);
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(only_reply(probe)->status, 200);
    call.epoch = 5; /* an act is news of an epoch */
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL), RH_OK);
    world_run(world, 10);
    call.epoch = 4;
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL), RH_OK);
    world_run(world, 10);

    assert_int_equal(probe->replies.count, 3);
    assert_int_equal(probe_note(&probe->replies, 1)->status, 200);
    assert_int_equal(probe_note(&probe->replies, 0)->status, 412);
    assert_string_equal(probe_note(&probe->replies, 0)->code, "stale_epoch");
    assert_int_equal(world_probe(world, 1)->req_count, 2);
}

static void no_answer_ends_at_the_timeout(void **state)
{
    const struct rh_call call = {.size = (uint32_t)sizeof call,
                                 .target = "n2",
                                 .method = "GET",
                                 .path = "/probe/read",
                                 .timeout_ms = 300};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    rh_testnet_cut(world->net, "n1", "n2", true);
    core_refresh(world_core(world, 0));
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, probe, NULL),
                     RH_OK);
    world_run(world, 299);
    assert_int_equal(probe->replies.count, 0);
    world_run(world, 2);
    assert_int_equal(only_reply(probe)->rc, RH_ETIMEOUT);
    assert_ptr_equal(only_reply(probe)->user, probe);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 8001);
    assert_int_equal(probe->replies.count, 2);
}

static void an_endless_timeout_is_cut(void **state)
{
    const struct rh_call call = {.size = (uint32_t)sizeof call,
                                 .target = "n2",
                                 .method = "GET",
                                 .path = "/probe/read",
                                 .timeout_ms = INT64_MAX};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    rh_testnet_cut(world->net, "n1", "n2", true);
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL), RH_OK);
    world_run(world, INT64_C(24) * 3600 * 1000 + 1000);
    assert_int_equal(only_reply(probe)->rc, RH_ETIMEOUT);
}

static void a_cancelled_call_ends_once_with_that(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    rh_handle id;

    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, &id), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->rh.http->cancel(probe->rh.ctx, id), RH_OK);
    assert_int_equal(probe->replies.count, 0);
    world_run(world, 20000);
    assert_int_equal(only_reply(probe)->rc, RH_ECANCELLED);
    assert_int_equal(probe->rh.http->cancel(probe->rh.ctx, id), RH_ENOTFOUND);
}

static void a_call_of_another_plugin_cannot_be_cancelled(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe *shared = world_shared(world, 0);
    rh_handle id;

    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, &id), RH_OK);
    assert_int_equal(shared->rh.http->cancel(shared->rh.ctx, id), RH_ENOTFOUND);
}

static void calls_open_at_deactivation_end_cancelled(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(probe, "self", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(probe, "n9", "GET", "/probe/read", NULL, NULL), RH_OK);
    activation_end(world_ctx(world, 0, "probe"), "a test wants it");
    assert_int_equal(probe->replies.count, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(probe_note(&probe->replies, i)->rc, RH_ECANCELLED);
    world_run(world, 20000);
    assert_int_equal(probe->replies.count, 3);
}

/* Does what a careless plugin does: tries again at once. */
static void call_again(struct probe *probe, const struct rh_reply *reply)
{
    (void)reply;
    (void)probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL); /* refused in the end */
}

static void a_plugin_that_calls_again_at_once_still_stops(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world_probe(world, 1)->handle = reply_name;
    probe->on_reply = call_again;
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);
    calls_end_of_plugin(world_ctx(world, 0, "probe"));
    assert_int_equal(world_ctx(world, 0, "probe")->call_count, 0);
    assert_int_equal(rh_testhost_stop(world->hosts[0]), 0);
}

static void calls_in_flight_have_a_quota(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    rh_testnet_cut(world->net, "n1", "n2", true);
    for (uint32_t i = 0; i < 1024; i++)
        assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_EAGAIN);
    assert_int_equal(world_ctx(world, 0, "probe")->over_quota, 1);
    world_run(world, 8001);
    assert_int_equal(probe->replies.count, 1024);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
}

static void a_call_that_the_driver_refuses_has_no_callback(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world_tap(world, 0);
    world->call_rc = RH_EAGAIN;
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_EAGAIN);
    world_run(world, 20000);
    assert_int_equal(probe->replies.count, 0);
    assert_int_equal(world_ctx(world, 0, "probe")->call_count, 0);
}

static void a_senseless_call_is_refused(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_call call = {.size = (uint32_t)sizeof call, .target = "n2", .method = "GET"};

    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, NULL, NULL, NULL), RH_EINVAL);
    call.lane = RH_LANE_BULK + 1;
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL),
                     RH_EINVAL);
    assert_int_equal(probe_call(probe, NULL, "GET", "/", NULL, NULL), RH_EINVAL);
    assert_int_equal(probe_call(probe, "n2", NULL, "/", NULL, NULL), RH_EINVAL);
}

static int32_t call_with(struct probe *probe, const char *target, const char *name, uint32_t count)
{
    const struct rh_pair headers[RH_CALL_HEADERS_MAX + 1] = {
        {rh_str_from(name), RH_STR_LIT("mine")}};
    const struct rh_call call = {.size = (uint32_t)sizeof call,
                                 .target = target,
                                 .method = "GET",
                                 .headers = headers,
                                 .header_count = count,
                                 .header_stride = (uint32_t)sizeof headers[0]};

    return probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL);
}

static void a_call_to_a_url_has_the_headers_it_was_given(void **state)
{
    static const char url[] = "http://n2:8770/probe/open";
    struct world *world = *state;
    struct probe *other = world_probe(world, 1);
    struct rh_request seen;

    assert_int_equal(call_with(world_probe(world, 0), url, "X-Request-Id", 1), RH_OK);
    world_run(world, 10);

    assert_int_equal(other->rh.http->request(other->rh.ctx, probe_last(other), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.request_id, "mine"));
}

static void headers_of_the_host_and_headers_to_peers_are_refused(void **state)
{
    static const char *const own[] = {
        "Host", "content-length", "AUTHORIZATION", "x-rh-node", "Connection", "", "X-Rh-Cluster"};
    static const char url[] = "http://n2:8770/probe/open";
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        assert_int_equal(call_with(probe, url, own[i], 1), RH_EINVAL);
    assert_int_equal(call_with(probe, "n2", "X-Mine", 1), RH_EINVAL);
    assert_int_equal(call_with(probe, url, "X-Mine", RH_CALL_HEADERS_MAX + 1), RH_EINVAL);
    assert_int_equal(world_ctx(world, 0, "probe")->call_count, 0);
}

static void a_node_that_dies_over_its_own_calls_leaves_nothing_behind(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    char why[RH_TESTHOST_WHY_MAX];

    assert_int_equal(probe_call(probe, "n9", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(probe, "self", "GET", "/probe/read", NULL, NULL), RH_OK);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    rh_testhost_crash(world->hosts[0]);
    world_run(world, 20000);
    assert_int_equal(rh_testhost_start(world->hosts[0], why), RH_OK);
}

static void a_second_node_with_our_name_stops_itself(void **state)
{
    struct world *world = *state;
    struct peers *peers = &world_core(world, 1)->peers;
    struct peer *peer = peers_get(peers, RH_STR_LIT("n1"), true);

    assert_int_equal(peer_set(peers, peer, &peer->instance_id, RH_STR_LIT("the-first-n1")), RH_OK);
    (void)peers_report(peers, peer, RH_PEER_ALIVE, 1, 0);
    assert_int_equal(probe_call(world_probe(world, 0), "n2", "GET", "/probe/read", NULL, NULL),
                     RH_OK);
    world_run(world, 1000);
    assert_true(world->hosts[0]->is_finished);
    assert_int_equal(world->hosts[0]->exit_code, CORE_EXIT_CONFIG);
    assert_int_equal(rh_testhost_logged(world->hosts[0], "is in use by another living instance"),
                     1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up_two, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_call_to_a_peer_brings_its_answer_once),
        CASE(an_error_answer_gives_code_and_message),
        CASE(a_peer_sees_who_calls_and_a_url_does_not),
        CASE(a_node_that_is_down_is_unreachable),
        CASE(a_node_that_dies_over_a_call_leaves_it_unknown),
        CASE(an_unknown_node_and_a_missing_leader_end_on_a_later_turn),
        CASE(a_call_to_the_leader_goes_to_who_leads),
        CASE(an_act_of_an_epoch_that_is_over_is_refused_by_who_knows_a_newer_one),
        CASE(no_answer_ends_at_the_timeout),
        CASE(an_endless_timeout_is_cut),
        CASE(a_cancelled_call_ends_once_with_that),
        CASE(a_call_of_another_plugin_cannot_be_cancelled),
        CASE(calls_open_at_deactivation_end_cancelled),
        CASE(a_plugin_that_calls_again_at_once_still_stops),
        CASE(calls_in_flight_have_a_quota),
        CASE(a_call_that_the_driver_refuses_has_no_callback),
        CASE(a_senseless_call_is_refused),
        CASE(a_call_to_a_url_has_the_headers_it_was_given),
        CASE(headers_of_the_host_and_headers_to_peers_are_refused),
        CASE(a_node_that_dies_over_its_own_calls_leaves_nothing_behind),
        CASE(a_second_node_with_our_name_stops_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
