/* Tests of host/core/reply.c: replies that wait for commits, and the shape of errors. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static int32_t commit_and_reply(struct probe *probe, rh_req req)
{
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    return probe_reply(probe, req, 200, "{\"done\":true}");
}

static int32_t commit_lazily_and_reply(struct probe *probe, rh_req req)
{
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, RH_BATCH_LAZY), RH_OK);
    return probe_reply(probe, req, 200, "{\"done\":true}");
}

static int32_t reply_alone(struct probe *probe, rh_req req)
{
    return probe_reply(probe, req, 200, "{\"read\":true}");
}

static void a_reply_is_held_until_the_earlier_commits_are_done(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;

    probe->handle = commit_and_reply;
    request = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_false(world_answered(world, 0, request));
    assert_int_equal(probe->commits.count, 0);
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_string_equal(world->reply.body, "{\"done\":true}");
    assert_string_equal(world->reply.content_type, "application/json");
    assert_int_equal(probe->commits.count, 1);
}

static void a_reply_to_another_request_is_held_too(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t other;

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, 0), RH_OK);
    probe->handle = reply_alone;
    other = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_false(world_answered(world, 0, other));
    assert_int_equal(world_wait(world, 0, other), 200);
}

static void without_open_commits_a_reply_leaves_at_once(void **state)
{
    struct world *world = *state;
    uint64_t request;

    world_probe(world, 0)->handle = reply_alone;
    request = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_true(world_answered(world, 0, request));
}

static void a_lazy_commit_is_not_waited_for(void **state)
{
    struct world *world = *state;
    uint64_t request;

    world_probe(world, 0)->handle = commit_lazily_and_reply;
    request = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_true(world_answered(world, 0, request));
    assert_int_equal(world->reply.status, 200);
}

static void a_lazy_commit_between_others_holds_nothing_longer(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req;

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "a", "v", false, RH_BATCH_LAZY), RH_OK);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "b", "v", false, 0), RH_OK);
    req = world_park(world, "/probe/read", &request);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_OK);
    assert_false(world_answered(world, 0, request));
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_int_equal(probe->commits.count, 2);
}

static void an_early_reply_waits_for_no_commit_and_not_for_its_failure(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    assert_int_equal(probe->rh.http->reply_early(probe->rh.ctx, req, 200, RH_STR_LIT("")), RH_OK);
    assert_true(world_answered(world, 0, request));
    assert_int_equal(probe->commits.count, 0);

    assert_int_equal(world->reply.status, 200);
    assert_string_equal(world->reply.body, "{}");
    assert_int_equal(probe->rh.http->reply_early(probe->rh.ctx, req, 200, RH_STR_LIT("")),
                     RH_ENOTFOUND);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->commits.count, 2);
}

static void an_early_reply_needs_a_status_and_an_open_request(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe->rh.http->reply_early(probe->rh.ctx, req, 100, RH_STR_LIT("{}")),
                     RH_EINVAL);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, 0), RH_OK);
    assert_int_equal(probe_reply(probe, req, 201, "{}"), RH_OK);
    assert_int_equal(probe->rh.http->reply_early(probe->rh.ctx, req, 200, RH_STR_LIT("{}")),
                     RH_ENOTFOUND);
    assert_int_equal(world_wait(world, 0, request), 201);
}

static void a_reply_becomes_the_error_of_the_commit_that_failed(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->handle = commit_and_reply;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 200);
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 409);
    world_assert_says(world, "\"code\":\"conflict\"");
    assert_int_equal(probe_note(&probe->commits, 0)->rc, RH_ECONFLICT);
}

static void a_read_based_on_a_failed_commit_becomes_its_error(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t before;
    uint64_t between;
    uint64_t after;

    probe->handle = reply_alone;
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    before = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    between = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_int_equal(world_wait(world, 0, before), 200);
    assert_int_equal(world_wait(world, 0, between), 409);
    after = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_int_equal(world_wait(world, 0, after), 200);
}

static void a_held_5xx_stays_what_it_is_whatever_a_later_commit_comes_to(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_error error = {.size = (uint32_t)sizeof error, .rc = RH_EUNKNOWN};
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    assert_int_equal(probe->rh.http->reply_error(probe->rh.ctx, req, &error), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 503);

    world_assert_says(world, "\"code\":\"outcome_unknown\"");
    assert_int_equal(probe_note(&probe->commits, 0)->rc, RH_ECONFLICT);
}

static void a_held_reply_outlives_the_deadline_of_its_request(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/quick", &request);

    world_run(world, 499);
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, 0), RH_OK);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 200);
}

static void a_held_reply_of_a_caller_that_left_is_dropped(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;

    probe->handle = commit_and_reply;
    request = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    rh_testhost_hang_up(world->hosts[0], request);
    world_run(world, WORLD_SHORT_MS);
    assert_int_equal(probe->commits.count, 1);
    assert_int_equal(world_ctx(world, 0, "probe")->in_flight, 0);
    assert_null(world_ctx(world, 0, "probe")->held_first);
}

static void a_held_reply_is_answered_once_and_cannot_be_changed(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_request seen;
    uint64_t request;

    probe->handle = commit_and_reply;
    request = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_int_equal(probe_reply(probe, probe_last(probe), 500, "{}"), RH_ENOTFOUND);
    assert_int_equal(probe->rh.http->request(probe->rh.ctx, probe_last(probe), &seen),
                     RH_ENOTFOUND);
    assert_int_equal(probe->rh.http->watch(probe->rh.ctx, probe_last(probe), probe_on_gone, NULL),
                     RH_ENOTFOUND);
    assert_int_equal(world_wait(world, 0, request), 200);
}

static void an_error_reply_has_all_its_parts(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_error error = {.size = (uint32_t)sizeof error,
                                   .rc = RH_ECONFLICT,
                                   .status = 429,
                                   .retry_after_s = 7,
                                   .code = "stale_claim",
                                   .message = "it \"passed\"",
                                   .field = "item",
                                   .details = RH_STR_LIT("{\"holder\":\"n2\"}")};
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe->rh.http->reply_error(probe->rh.ctx, req, &error), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 429);
    assert_int_equal(world->reply.retry_after_s, 7);
    assert_string_equal(world->reply.body,
                        "{\"error\":{\"code\":\"stale_claim\",\"message\":\"it \\\"passed\\\"\","
                        "\"field\":\"item\",\"details\":{\"holder\":\"n2\"}}}");
}

static void an_error_reply_takes_what_is_left_out_from_its_code(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_error error = {.size = (uint32_t)sizeof error, .rc = RH_EFULL};
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe->rh.http->reply_error(probe->rh.ctx, req, &error), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 507);
    assert_string_equal(world->reply.body, "{\"error\":{\"code\":\"full\",\"message\":\"a limit on "
                                           "stored items is reached\"}}");
}

static void a_fail_text_that_is_no_utf8_still_gets_an_answer(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->handler_rc = RH_EINVAL;
    probe->handler_fail = "\xff\xfe";
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 400);
    world_assert_says(world, "{\"error\":{\"code\":");
}

static void too_many_requests_say_when_to_come_back(void **state)
{
    struct world *world = *state;

    world_probe(world, 0)->handler_rc = RH_EBUSY;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 429);
    assert_int_equal(world->reply.retry_after_s, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_reply_is_held_until_the_earlier_commits_are_done),
        CASE(a_reply_to_another_request_is_held_too),
        CASE(without_open_commits_a_reply_leaves_at_once),
        CASE(a_lazy_commit_is_not_waited_for),
        CASE(a_lazy_commit_between_others_holds_nothing_longer),
        CASE(an_early_reply_waits_for_no_commit_and_not_for_its_failure),
        CASE(an_early_reply_needs_a_status_and_an_open_request),
        CASE(a_reply_becomes_the_error_of_the_commit_that_failed),
        CASE(a_read_based_on_a_failed_commit_becomes_its_error),
        CASE(a_held_5xx_stays_what_it_is_whatever_a_later_commit_comes_to),
        CASE(a_held_reply_outlives_the_deadline_of_its_request),
        CASE(a_held_reply_of_a_caller_that_left_is_dropped),
        CASE(a_held_reply_is_answered_once_and_cannot_be_changed),
        CASE(an_error_reply_has_all_its_parts),
        CASE(an_error_reply_takes_what_is_left_out_from_its_code),
        CASE(a_fail_text_that_is_no_utf8_still_gets_an_answer),
        CASE(too_many_requests_say_when_to_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
