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

/* --- streams --- */

static rh_req begin_stream(struct world *world, uint64_t *request)
{
    struct probe *probe = world_probe(world, 0);
    rh_req req = world_park(world, "/probe/stream", request);

    assert_int_equal(
        probe->rh.http->begin(probe->rh.ctx, req, 200, "text/plain", probe_on_drain, world), RH_OK);
    return req;
}

static int32_t write_text(struct probe *probe, rh_req req, const char *text)
{
    return probe->rh.http->write(probe->rh.ctx, req, rh_str_from(text));
}

static void a_stream_brings_its_pieces_in_order_and_ends(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = begin_stream(world, &request);

    assert_int_equal(write_text(probe, req, "one "), RH_OK);
    world_run(world, 30000); /* no deadline once begun */
    assert_int_equal(write_text(probe, req, "two"), RH_OK);
    assert_string_equal(rh_testhost_streamed(world->hosts[0], request), "one two");
    assert_false(world_answered(world, 0, request));
    assert_int_equal(probe->rh.http->end(probe->rh.ctx, req), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_int_equal(write_text(probe, req, "three"), RH_ENOTFOUND);
    assert_int_equal(probe->rh.http->end(probe->rh.ctx, req), RH_ENOTFOUND);
    assert_int_equal(world_ctx(world, 0, "probe")->in_flight, 0);
}

static void a_stream_is_neither_begun_twice_nor_replied_to(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req plain = world_park(world, "/probe/read", &request);
    rh_req req = begin_stream(world, &request);

    assert_int_equal(probe->rh.http->begin(probe->rh.ctx, req, 200, "text/plain", NULL, NULL),
                     RH_ENOTFOUND);
    assert_int_equal(probe_reply(probe, req, 200, "{}"), RH_ENOTFOUND);
    assert_int_equal(write_text(probe, plain, "x"), RH_ENOTFOUND);
    assert_int_equal(probe->rh.http->end(probe->rh.ctx, plain), RH_ENOTFOUND);
}

static void a_full_stream_refuses_and_says_when_there_is_room(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = begin_stream(world, &request);

    world_tap(world, 0);
    world->stream_pending = 1024 * 1024;
    assert_int_equal(write_text(probe, req, "x"), RH_EAGAIN);
    assert_int_equal(write_text(probe, req, "x"), RH_EAGAIN);
    assert_string_equal(rh_testhost_streamed(world->hosts[0], request), "");
    world_run(world, 1000);
    assert_int_equal(probe->drains.count, 0);
    world->stream_pending = 1000;
    world_run(world, 100);
    assert_int_equal(probe->drains.count, 1);
    assert_ptr_equal(probe_note(&probe->drains, 0)->user, world);
    assert_int_equal(write_text(probe, req, "x"), RH_OK);
    world_run(world, 1000);
    assert_int_equal(probe->drains.count, 1);
}

static void a_piece_larger_than_the_limit_is_taken_when_nothing_waits(void **state)
{
    static char piece[1024 * 1024 + 100];
    struct world *world = *state;
    uint64_t request;
    rh_req req = begin_stream(world, &request);

    memset(piece, 'x', sizeof piece - 1);
    assert_int_equal(write_text(world_probe(world, 0), req, piece), RH_OK);
    assert_int_equal(strlen(rh_testhost_streamed(world->hosts[0], request)), sizeof piece - 1);
}

static void a_reader_that_leaves_a_full_stream_is_told_of_once(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = begin_stream(world, &request);

    world_tap(world, 0);
    assert_int_equal(probe->rh.http->watch(probe->rh.ctx, req, probe_on_gone, NULL), RH_OK);
    world->stream_pending = 1024 * 1024;
    assert_int_equal(write_text(probe, req, "x"), RH_EAGAIN);
    rh_testhost_hang_up(world->hosts[0], request);
    world->stream_pending = 0;
    world_run(world, 1000);
    assert_int_equal(probe->gone.count, 1);
    assert_int_equal(probe->drains.count, 0);
    assert_int_equal(write_text(probe, req, "x"), RH_ENOTFOUND);
}

static void a_stream_ends_with_its_activation(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;
    rh_req req = begin_stream(world, &request);

    assert_int_equal(write_text(probe, req, "part"), RH_OK);
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    assert_int_equal(world_wait(world, 0, request), 200);
    assert_string_equal(world->reply.body, "part");
    assert_int_equal(write_text(probe, req, "more"), RH_ENOTFOUND);
}

static int32_t try_to_stream(struct probe *probe, rh_req req)
{
    return probe->rh.http->begin(probe->rh.ctx, req, 200, "text/plain", NULL, NULL);
}

static void a_stream_that_cannot_begin_leaves_the_request_to_be_answered(void **state)
{
    struct world *world = world_new(2, NULL);
    struct probe *probe = world_probe(world, 0);

    (void)state;
    world_probe(world, 1)->handle = try_to_stream; /* the simulated net has no streams of peers */
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/stream", NULL, NULL), RH_OK);
    world_run(world, 100);
    assert_int_equal(probe->replies.count, 1);
    assert_int_equal(probe_note(&probe->replies, 0)->status, 404);
    assert_int_equal(world_ctx(world, 1, "probe")->in_flight, 0);
    world_free(world);
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
        CASE(a_stream_brings_its_pieces_in_order_and_ends),
        CASE(a_stream_is_neither_begun_twice_nor_replied_to),
        CASE(a_full_stream_refuses_and_says_when_there_is_room),
        CASE(a_piece_larger_than_the_limit_is_taken_when_nothing_waits),
        CASE(a_reader_that_leaves_a_full_stream_is_told_of_once),
        CASE(a_stream_ends_with_its_activation),
        cmocka_unit_test(a_stream_that_cannot_begin_leaves_the_request_to_be_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
