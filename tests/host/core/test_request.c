/* Tests of host/core/request.c: from arrival to handler and end. Refusals: test_request_check. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static void a_reply_made_later_reaches_the_caller(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    world_run(world, 3000);
    assert_false(world_answered(world, 0, request));
    assert_int_equal(probe_reply(probe, req, 201, "{\"a\":1}"), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 201);
    assert_string_equal(world->reply.body, "{\"a\":1}");
    assert_string_equal(world->reply.node_id, "n1");
}

static void a_request_is_answered_exactly_once(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe_reply(probe, req, 200, "{\"first\":1}"), RH_OK);
    assert_int_equal(probe_reply(probe, req, 500, "{\"second\":1}"), RH_ENOTFOUND);
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_string_equal(world->reply.body, "{\"first\":1}");
    assert_int_equal(world_ctx(world, 0, "probe")->replies_late, 1);
}

static void an_error_code_without_reply_is_answered_with_the_fail_text(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->handler_rc = RH_ENOTFOUND;
    probe->handler_fail = "no item \"w7\"";
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 404);
    world_assert_says(world, "\"code\":\"not_found\",\"message\":\"no item \\\"w7\\\"\"");
    probe->handler_fail = NULL;
    probe->handler_rc = RH_EFULL;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 507);
    world_assert_says(world, "\"code\":\"full\",\"message\":\"a limit on stored items");
}

static int32_t reply_and_fail(struct probe *probe, rh_req req)
{
    (void)probe_reply(probe, req, 202, "{}");
    return RH_EINTERNAL;
}

static void an_error_code_after_a_reply_changes_nothing(void **state)
{
    struct world *world = *state;

    world_probe(world, 0)->handle = reply_and_fail;
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 202);
    assert_string_equal(world->reply.body, "{}");
}

static int32_t conflict_after_commit(struct probe *probe, rh_req req)
{
    (void)req;
    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, 0), RH_OK);
    return rh_failf(&probe->rh, RH_EEXISTS, "it is there");
}

static void an_error_waits_for_earlier_commits_like_any_reply(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;

    probe->handle = conflict_after_commit;
    request = world_send(world, 0, "GET", "/probe/read", NULL, NULL);
    assert_int_equal(probe->commits.count, 0);
    assert_false(world_answered(world, 0, request));
    assert_int_equal(world_wait(world, 0, request), 409);
    assert_int_equal(probe->commits.count, 1);
    world_assert_says(world, "it is there");
}

static void no_answer_in_time_is_504_and_counted(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/quick", &request);

    world_run(world, 499);
    assert_false(world_answered(world, 0, request));
    world_run(world, 2);
    assert_int_equal(world_wait(world, 0, request), 504);
    world_assert_says(world, "no answer within 500 ms");
    assert_int_equal(world_ctx(world, 0, "probe")->replies_late, 1);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_ENOTFOUND);
    assert_int_equal(world_ctx(world, 0, "probe")->replies_late, 2);
}

static void the_default_time_is_ten_seconds(void **state)
{
    struct world *world = *state;
    uint64_t request;

    (void)world_park(world, "/probe/read", &request);
    world_run(world, 9990);
    assert_false(world_answered(world, 0, request));
    world_run(world, 20);
    assert_int_equal(world_wait(world, 0, request), 504);
}

static void a_callers_deadline_shortens_but_never_lengthens_the_time(void **state)
{
    static const char *const soon[] = {"X-Rh-Deadline-Ms", "200", NULL};
    static const char *const late[] = {"X-Rh-Deadline-Ms", "60000", NULL};
    static const char *const junk[] = {"X-Rh-Deadline-Ms", "soon", NULL};
    struct world *world = *state;
    uint64_t first = world_send(world, 0, "GET", "/probe/quick", NULL, soon);
    uint64_t second = world_send(world, 0, "GET", "/probe/quick", NULL, late);
    uint64_t third = world_send(world, 0, "GET", "/probe/quick", NULL, junk);

    world_run(world, 210);
    assert_true(world_answered(world, 0, first));
    assert_int_equal(world->reply.status, 504);
    assert_false(world_answered(world, 0, second));
    world_run(world, 300);
    assert_true(world_answered(world, 0, second));
    assert_true(world_answered(world, 0, third));
}

static void a_plugin_sees_who_asks_and_how(void **state)
{
    static const char *const headers[] = {"x-request-id", "r-17", NULL};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_request seen;

    (void)world_send(world, 0, "POST", "/probe/raw?x=1&y", "a body", headers);
    assert_int_equal(probe->rh.http->request(probe->rh.ctx, probe_last(probe), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.method, "POST"));
    assert_true(rh_str_eq_c(seen.path, "/probe/raw"));
    assert_true(rh_str_eq_c(seen.query, "x=1&y"));
    assert_true(rh_str_eq_c(seen.body, "a body"));
    assert_true(rh_str_eq_c(seen.request_id, "r-17"));
    assert_true(rh_str_eq_c(seen.address, "127.0.0.1:9"));
    assert_int_equal(seen.deadline_ms, world_core(world, 0)->now_ms + 10000);
}

static void the_request_id_is_echoed_or_made(void **state)
{
    static const char *const given[] = {"X-Request-Id", "r-18", NULL};
    char longest[200];
    const char *const long_one[] = {"X-Request-Id", longest, NULL};
    struct world *world = *state;

    memset(longest, 'x', sizeof longest);
    longest[129] = '\0';
    world_tap(world, 0);
    (void)world_ask(world, 0, "GET", "/nothing", NULL, given);
    assert_string_equal(world->request_id, "r-18");
    (void)world_ask(world, 0, "GET", "/nothing", NULL, NULL);
    assert_int_equal(strlen(world->request_id), 16);
    (void)world_ask(world, 0, "GET", "/nothing", NULL, long_one);
    assert_int_equal(strlen(world->request_id), 16);
}

static void the_watcher_hears_once_that_the_caller_went_away(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe->rh.http->watch(probe->rh.ctx, req, probe_on_gone, probe), RH_OK);
    rh_testhost_hang_up(world->hosts[0], request);
    world_run(world, 20000);
    assert_int_equal(probe->gone.count, 1);
    assert_ptr_equal(probe_note(&probe->gone, 0)->user, probe);
    assert_int_equal(probe_note(&probe->gone, 0)->revision, req);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_ENOTFOUND);
    assert_int_equal(world_ctx(world, 0, "probe")->in_flight, 0);
}

static void the_watcher_hears_of_the_deadline_and_not_of_its_own_reply(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/quick", &request);

    assert_int_equal(probe->rh.http->watch(probe->rh.ctx, req, probe_on_gone, NULL), RH_OK);
    world_run(world, 600);
    assert_int_equal(probe->gone.count, 1);
    req = world_park(world, "/probe/quick", &request);
    assert_int_equal(probe->rh.http->watch(probe->rh.ctx, req, probe_on_gone, NULL), RH_OK);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_OK);
    world_run(world, 600);
    assert_int_equal(probe->gone.count, 1);
}

static void requests_of_an_ended_activation_get_503(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    uint64_t always;
    rh_req req = world_park(world, "/probe/read", &request);
    rh_req kept = world_park(world, "/probe/always", &always);

    assert_int_equal(probe->rh.http->watch(probe->rh.ctx, req, probe_on_gone, NULL), RH_OK);
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    assert_int_equal(world_wait(world, 0, request), 503);
    assert_int_equal(world->reply.retry_after_s, 1);
    world_assert_says(world, "\"code\":\"loading\",\"message\":\"probe: a test wants it\"");
    assert_int_equal(probe->gone.count, 1);
    assert_int_equal(probe_reply(probe, kept, 200, "{}"), RH_OK);
    assert_int_equal(world_wait(world, 0, always), 200);
}

/* Answers everything else that is parked. */
static void reply_to_all(struct probe *probe, rh_req req)
{
    for (uint32_t i = 0; i < probe->req_count; i++)
        if (probe->reqs[i] != req)
            (void)probe_reply(probe, probe->reqs[i], 200, "{}"); /* some are answered */
}

static void a_watcher_may_answer_other_requests_while_all_are_ended(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t requests[4];
    uint32_t count_200 = 0;

    for (uint32_t i = 0; i < 4; i++) {
        rh_req req = world_park(world, "/probe/read", &requests[i]);

        assert_int_equal(probe->rh.http->watch(probe->rh.ctx, req, probe_on_gone, NULL), RH_OK);
    }
    probe->on_gone = reply_to_all;
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    for (uint32_t i = 0; i < 4; i++)
        count_200 += world_wait(world, 0, requests[i]) == 200;
    assert_int_equal(count_200, 3);
    assert_int_equal(probe->gone.count, 1);
}

static void a_draining_node_answers_503_but_serves_what_must_go_on(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t open;
    rh_req req = world_park(world, "/probe/read", &open);

    core_stop(world_core(world, 0), 5000, 0, 0);
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 503);
    world_assert_says(world, "\"code\":\"draining\"");
    assert_int_equal(world->reply.retry_after_s, 1);
    (void)world_send(world, 0, "GET", "/probe/always", NULL, NULL);
    (void)world_send(world, 0, "GET", "/probe/control", NULL, NULL);
    assert_int_equal(probe->req_count, 3);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_OK);
    assert_int_equal(world_wait(world, 0, open), 200);
}

static void the_body_limit_is_that_of_the_route(void **state)
{
    struct world *world = *state;
    struct core *core = world_core(world, 0);

    assert_int_equal(core_body_max(core, RH_STR_LIT("POST"), RH_STR_LIT("/probe/small?a=b")), 32);
    assert_int_equal(core_body_max(core, RH_STR_LIT("POST"), RH_STR_LIT("/probe/act")), 1048576);
    assert_int_equal(core_body_max(core, RH_STR_LIT("POST"), RH_STR_LIT("/nothing")), 1048576);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_reply_made_later_reaches_the_caller),
        CASE(a_request_is_answered_exactly_once),
        CASE(an_error_code_without_reply_is_answered_with_the_fail_text),
        CASE(an_error_code_after_a_reply_changes_nothing),
        CASE(an_error_waits_for_earlier_commits_like_any_reply),
        CASE(no_answer_in_time_is_504_and_counted),
        CASE(the_default_time_is_ten_seconds),
        CASE(a_callers_deadline_shortens_but_never_lengthens_the_time),
        CASE(a_plugin_sees_who_asks_and_how),
        CASE(the_request_id_is_echoed_or_made),
        CASE(the_watcher_hears_once_that_the_caller_went_away),
        CASE(the_watcher_hears_of_the_deadline_and_not_of_its_own_reply),
        CASE(requests_of_an_ended_activation_get_503),
        CASE(a_watcher_may_answer_other_requests_while_all_are_ended),
        CASE(a_draining_node_answers_503_but_serves_what_must_go_on),
        CASE(the_body_limit_is_that_of_the_route),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
