/* Tests of host/core/services_http.c: whose requests, streams and back-pressure. */
#include "tests/host/core/probe_world.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

static void another_plugins_request_is_not_found(void **state)
{
    struct world *world = *state;
    struct probe *shared = world_shared(world, 0);
    const struct rh_error error = {.size = (uint32_t)sizeof error, .rc = RH_EINVAL};
    struct rh_request seen;
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(shared->rh.http->request(shared->rh.ctx, req, &seen), RH_ENOTFOUND);
    assert_int_equal(probe_reply(shared, req, 200, "{}"), RH_ENOTFOUND);
    assert_int_equal(shared->rh.http->reply_error(shared->rh.ctx, req, &error), RH_ENOTFOUND);
    assert_int_equal(shared->rh.http->watch(shared->rh.ctx, req, probe_on_gone, NULL),
                     RH_ENOTFOUND);
    assert_false(world_answered(world, 0, request));
}

static void late_replies_and_late_errors_are_counted(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_error error = {.size = (uint32_t)sizeof error, .rc = RH_EINVAL};
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_OK);
    assert_int_equal(probe->rh.http->reply_error(probe->rh.ctx, req, &error), RH_ENOTFOUND);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_ENOTFOUND);
    assert_int_equal(world_ctx(world, 0, "probe")->replies_late, 2);
}

static void a_status_that_is_none_is_refused(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_error bad = {.size = (uint32_t)sizeof bad, .rc = RH_EINVAL, .status = 7};
    const struct rh_error fine = {.size = (uint32_t)sizeof fine, .rc = RH_OK};
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe_reply(probe, req, 199, "{}"), RH_EINVAL);
    assert_int_equal(probe_reply(probe, req, 600, "{}"), RH_EINVAL);
    assert_int_equal(probe->rh.http->reply_error(probe->rh.ctx, req, &bad), RH_EINVAL);
    assert_int_equal(probe->rh.http->reply_error(probe->rh.ctx, req, &fine), RH_EINVAL);
    assert_int_equal(probe->rh.http->begin(probe->rh.ctx, req, 0, "text/plain", NULL, NULL),
                     RH_EINVAL);
    assert_false(world_answered(world, 0, request));
    assert_int_equal(probe_reply(probe, req, 204, ""), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 204);
}

static void an_empty_body_is_an_empty_object(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe_reply(probe, req, 200, ""), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_string_equal(world->reply.body, "{}");
}

static void a_reply_may_have_another_type(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(
        probe->rh.http->reply_typed(probe->rh.ctx, req, 200, "text/html", RH_STR_LIT("<p>")),
        RH_OK);
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_string_equal(world->reply.content_type, "text/html");
    assert_string_equal(world->reply.body, "<p>");
}

static void an_error_struct_of_an_older_plugin_is_understood(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_error error = {
        .size = (uint32_t)offsetof(struct rh_error, code), .rc = RH_EFULL, .code = "beyond"};
    uint64_t request;
    rh_req req = world_park(world, "/probe/read", &request);

    assert_int_equal(probe->rh.http->reply_error(probe->rh.ctx, req, &error), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 507);
    world_assert_says(world, "\"code\":\"full\"");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(another_plugins_request_is_not_found),
        CASE(late_replies_and_late_errors_are_counted),
        CASE(a_status_that_is_none_is_refused),
        CASE(an_empty_body_is_an_empty_object),
        CASE(a_reply_may_have_another_type),
        CASE(an_error_struct_of_an_older_plugin_is_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
