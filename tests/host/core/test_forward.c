/* Tests of host/core/forward.c: LEADER routes called on nodes that do not lead. With tokens:
 * test_forward_scopes. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static const char *const json_type[] = {"Content-Type", "application/json", NULL};

/* n1 and n3 follow n2. */
static int set_up_three(void **state)
{
    struct world *world = world_new(3, NULL);

    world_lead(world, 1, 1);
    *state = world;
    return 0;
}

static int32_t reply_read(struct probe *probe, rh_req req)
{
    return probe_reply(probe, req, 200, "{\"read\":1}");
}

static uint32_t seen_by(struct world *world, uint32_t at)
{
    return world_shared(world, at)->req_count;
}

static void a_request_is_answered_by_the_leader(void **state)
{
    struct world *world = *state;

    world_shared(world, 1)->handle = reply_read;
    assert_int_equal(world_ask(world, 0, "POST", "/shared/put?x=1", "{\"name\":\"a\"}", json_type),
                     200);
    assert_string_equal(world->reply.body, "{\"read\":1}");
    assert_string_equal(world->reply.node_id, "n2");
    assert_string_equal(world_shared(world, 1)->name, "a");
    assert_int_equal(seen_by(world, 0), 0);
}

static void the_leader_sees_the_query_the_deadline_and_who_forwarded(void **state)
{
    static const char *const headers[] = {"X-Rh-Deadline-Ms", "3000", "X-Request-Id", "r-9", NULL};
    struct world *world = *state;
    struct probe *shared = world_shared(world, 1);
    struct rh_request seen;

    (void)world_send(world, 0, "GET", "/shared/any?x=1&y=2", NULL, headers);
    world_run(world, 10);
    assert_int_equal(shared->rh.http->request(shared->rh.ctx, probe_last(shared), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.query, "x=1&y=2"));
    assert_true(rh_str_eq_c(seen.via, "n1"));
    assert_true(rh_str_eq_c(seen.request_id, "r-9"));
    assert_in_range(seen.deadline_ms - rh_testnet_now_ms(world->net), 2900, 3000);
}

static void the_leaders_errors_come_back_as_they_are(void **state)
{
    struct world *world = *state;

    world_shared(world, 1)->handler_rc = RH_EBUSY;
    assert_int_equal(world_ask(world, 0, "GET", "/shared/read", NULL, NULL), 429);
    assert_int_equal(world->reply.retry_after_s, 1);
    world_assert_says(world, "\"code\":\"busy\"");
}

static int32_t reply_in_plain_text(struct probe *probe, rh_req req)
{
    return probe->rh.http->reply_typed(probe->rh.ctx, req, 200, "text/plain; charset=utf-8",
                                       RH_STR_LIT("1 2\n"));
}

static void the_leaders_content_type_comes_back_as_it_is(void **state)
{
    struct world *world = *state;

    world_shared(world, 1)->handle = reply_in_plain_text;
    assert_int_equal(world_ask(world, 0, "GET", "/shared/read", NULL, NULL), 200);
    assert_string_equal(world->reply.content_type, "text/plain; charset=utf-8");
    assert_string_equal(world->reply.body, "1 2\n");
}

static void a_bad_body_is_refused_before_it_travels(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, 0, "POST", "/shared/put", "{}", json_type), 400);
    assert_string_equal(world->reply.node_id, "n1");
}

static void without_a_leader_the_reason_and_a_time_are_given(void **state)
{
    struct world *world = *state;

    world_lead(world, WORLD_NODES_MAX, 1);
    assert_int_equal(world_ask(world, 0, "GET", "/shared/read", NULL, NULL), 503);
    assert_int_equal(world->reply.retry_after_s, 1);
    world_assert_says(world,
                      "\"code\":\"not_leader\",\"message\":\"no leader: the votes are split\"");
}

static void a_forwarded_request_is_never_forwarded_again(void **state)
{
    struct world *world = *state;

    world_believe(world, 0, 2, 1); /* n1 takes n3 for the leader, n3 knows better */
    assert_int_equal(world_ask(world, 0, "GET", "/shared/read", NULL, NULL), 421);
    assert_string_equal(world->reply.node_id, "n3");
    world_assert_says(world, "\"details\":{\"leader\":\"n2\",\"epoch\":1}");
    assert_int_equal(seen_by(world, 1), 0);
}

static void after_421_it_is_tried_once_more_at_a_higher_epoch(void **state)
{
    struct world *world = *state;
    uint64_t request;

    world_shared(world, 1)->handle = reply_read;
    world_believe(world, 0, 2, 1);
    request = world_send(world, 0, "GET", "/shared/read", NULL, NULL);
    world_believe(world, 1, 1, 2);
    world_believe(world, 0, 1, 2); /* learned while n3 is asked */
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_string_equal(world->reply.node_id, "n2");
    assert_int_equal(seen_by(world, 1), 1);
}

static void a_second_421_is_not_tried_again(void **state)
{
    struct world *world = *state;
    uint64_t request;

    world_believe(world, 0, 2, 1);
    request = world_send(world, 0, "GET", "/shared/read", NULL, NULL);
    world_believe(world, 0, 2, 2);
    world_run(world, 3); /* the second try is on its way */
    world_believe(world, 0, 1, 3);
    assert_int_equal(world_wait(world, 0, request), 421);
    assert_string_equal(world->reply.node_id, "n3");
    assert_int_equal(seen_by(world, 1), 0);
}

static void a_dead_leader_is_502_unreachable_without_a_new_one(void **state)
{
    struct world *world = *state;

    rh_testhost_crash(world->hosts[1]);
    assert_int_equal(world_ask(world, 0, "GET", "/shared/read", NULL, NULL), 502);
    world_assert_says(world, "\"code\":\"unreachable\"");
    world_assert_says(world, "connection refused");
}

static void nothing_sent_is_tried_once_more_at_the_new_leader(void **state)
{
    struct world *world = *state;
    uint64_t request;

    world_shared(world, 2)->handle = reply_read;
    rh_testhost_crash(world->hosts[1]);
    request = world_send(world, 0, "GET", "/shared/read", NULL, NULL);
    world_believe(world, 2, 2, 2);
    world_believe(world, 0, 2, 2);
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_string_equal(world->reply.node_id, "n3");
}

static void a_node_that_came_to_lead_meanwhile_answers_itself(void **state)
{
    struct world *world = *state;
    uint64_t request;

    world_shared(world, 0)->handle = reply_read;
    world_believe(world, 0, 2, 1);
    rh_testhost_crash(world->hosts[2]);
    request = world_send(world, 0, "GET", "/shared/read", NULL, NULL);
    world_believe(world, 0, 0, 2);
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_string_equal(world->reply.node_id, "n1");
    assert_int_equal(seen_by(world, 0), 1);
}

static void a_leader_that_dies_over_it_leaves_the_outcome_unknown(void **state)
{
    struct world *world = *state;
    uint64_t request = world_send(world, 0, "POST", "/shared/put", "{\"name\":\"a\"}", json_type);

    world_run(world, 10);
    assert_int_equal(seen_by(world, 1), 1);
    rh_testhost_crash(world->hosts[1]);
    world_believe(world, 2, 2, 2);
    world_believe(world, 0, 2, 2);
    assert_int_equal(world_wait(world, 0, request), 502);
    world_assert_says(world, "\"code\":\"outcome_unknown\"");
    assert_int_equal(seen_by(world, 2), 0);
}

static void a_leader_cut_off_is_504_before_the_callers_deadline(void **state)
{
    struct world *world = *state;
    uint64_t request;

    rh_testnet_cut(world->net, "n1", "n2", true);
    request = world_send(world, 0, "GET", "/shared/read", NULL, NULL);
    world_run(world, 9950);
    assert_true(world_answered(world, 0, request));
    assert_int_equal(world->reply.status, 504);
    world_assert_says(world, "the leader did not answer in time");
}

static void a_caller_that_leaves_ends_its_forwarded_request(void **state)
{
    struct world *world = *state;
    uint64_t request = world_send(world, 0, "GET", "/shared/read", NULL, NULL);

    world_run(world, 10);
    rh_testhost_hang_up(world->hosts[0], request);
    assert_int_equal(world_ctx(world, 0, "shared")->in_flight, 0);
    assert_int_equal(
        probe_reply(world_shared(world, 1), probe_last(world_shared(world, 1)), 200, "{}"), RH_OK);
    world_run(world, 20000);
    assert_int_equal(requests_open(world_core(world, 0)), 0);
}

static void a_driver_without_room_answers_overloaded(void **state)
{
    struct world *world = *state;

    world_tap(world, 0);
    world->call_rc = RH_EAGAIN;
    assert_int_equal(world_ask(world, 0, "GET", "/shared/read", NULL, NULL), 503);
    world_assert_says(world, "\"code\":\"overloaded\"");
}

static void a_target_too_long_to_forward_is_refused(void **state)
{
    struct world *world = *state;
    char target[9000] = "/shared/any?x=";

    memset(target + strlen(target), 'y', sizeof target - 100);
    assert_int_equal(world_ask(world, 0, "GET", target, NULL, NULL), 413);
    assert_int_equal(seen_by(world, 1), 0);
}

static void a_lease_that_ended_in_a_pause_of_the_machine_serves_nobody(void **state)
{
    struct world *world = *state;
    struct core *core = world_core(world, 0);
    uint32_t before;

    world_lead(world, 0, 3);
    assert_int_equal(leadership_leading(core, "test", 3, core->now_ms + 1000, 2, 2), RH_OK);
    before = world_shared(world, 0)->req_count;
    world_tap(world, 0);
    world->slip_us = 2000000; /* no timer has run since */

    (void)world_send(world, 0, "GET", "/shared/read", NULL, NULL);

    assert_int_equal(world_shared(world, 0)->req_count, before);
    assert_false(core->lead.is_self);
    assert_string_equal(core->lead.reason, "the lease ran out");
}

static void a_state_at_home_elsewhere_is_named(void **state)
{
    struct world *world = *state;
    const struct rh_home claim = {
        .size = (uint32_t)sizeof claim, .epoch = 1, .node_id = RH_STR_LIT("n3")};

    assert_int_equal(home_learn(world_core(world, 1), &claim, NULL, NULL), RH_PENDING);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(world_ask(world, 0, "GET", "/shared/read", NULL, NULL), 503);
    assert_string_equal(world->reply.node_id, "n2");
    assert_int_equal(world->reply.retry_after_s, 2);
    world_assert_says(world, "\"code\":\"state_elsewhere\"");
    world_assert_says(world, "\"details\":{\"home\":\"n3\",\"leader\":\"n2\"}");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up_three, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_request_is_answered_by_the_leader),
        CASE(the_leader_sees_the_query_the_deadline_and_who_forwarded),
        CASE(the_leaders_errors_come_back_as_they_are),
        CASE(the_leaders_content_type_comes_back_as_it_is),
        CASE(a_bad_body_is_refused_before_it_travels),
        CASE(without_a_leader_the_reason_and_a_time_are_given),
        CASE(a_forwarded_request_is_never_forwarded_again),
        CASE(after_421_it_is_tried_once_more_at_a_higher_epoch),
        CASE(a_second_421_is_not_tried_again),
        CASE(a_dead_leader_is_502_unreachable_without_a_new_one),
        CASE(nothing_sent_is_tried_once_more_at_the_new_leader),
        CASE(a_node_that_came_to_lead_meanwhile_answers_itself),
        CASE(a_leader_that_dies_over_it_leaves_the_outcome_unknown),
        CASE(a_leader_cut_off_is_504_before_the_callers_deadline),
        CASE(a_caller_that_leaves_ends_its_forwarded_request),
        CASE(a_driver_without_room_answers_overloaded),
        CASE(a_target_too_long_to_forward_is_refused),
        CASE(a_lease_that_ended_in_a_pause_of_the_machine_serves_nobody),
        CASE(a_state_at_home_elsewhere_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
