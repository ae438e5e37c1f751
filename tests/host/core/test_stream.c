/* Streamed answers: pieces, back-pressure, ends, and a head that waits for commits. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

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

/* --- heads that wait --- */

static int32_t commit_and_stream(struct probe *probe, rh_req req)
{
    const struct rh_http_v1 *http = probe->rh.http;

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", true, 0), RH_OK);
    assert_int_equal(http->begin(probe->rh.ctx, req, 201, "text/plain", probe_on_drain, probe),
                     RH_OK);
    assert_int_equal(http->watch(probe->rh.ctx, req, probe_on_gone, probe), RH_OK);
    return http->write(probe->rh.ctx, req, RH_STR_LIT("one "));
}

static void a_head_waits_for_the_earlier_commits_and_its_pieces_with_it(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;

    probe->handle = commit_and_stream;
    request = world_send(world, 0, "GET", "/probe/stream", NULL, NULL);
    assert_int_equal(probe->req_count, 1);
    assert_int_equal(rh_testhost_status(world->hosts[0], request), 0);
    assert_int_equal(write_text(probe, probe_last(probe), "two"), RH_OK);
    world_run(world, WORLD_SHORT_MS);

    assert_int_equal(rh_testhost_status(world->hosts[0], request), 201);
    assert_string_equal(rh_testhost_streamed(world->hosts[0], request), "one two");
    assert_int_equal(write_text(probe, probe_last(probe), " three"), RH_OK);
    assert_int_equal(probe->rh.http->end(probe->rh.ctx, probe_last(probe)), RH_OK);
    assert_int_equal(world_wait(world, 0, request), 201);
    assert_string_equal(rh_testhost_streamed(world->hosts[0], request), "one two three");
}

static void a_stream_may_end_before_its_head_has_left(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;

    probe->handle = commit_and_stream;
    request = world_send(world, 0, "GET", "/probe/stream", NULL, NULL);
    assert_int_equal(probe->rh.http->end(probe->rh.ctx, probe_last(probe)), RH_OK);
    assert_int_equal(write_text(probe, probe_last(probe), "late"), RH_ENOTFOUND);
    assert_int_equal(world_wait(world, 0, request), 201);

    assert_string_equal(rh_testhost_streamed(world->hosts[0], request), "one ");
    assert_int_equal(world_ctx(world, 0, "probe")->in_flight, 0);
}

static void a_failed_commit_takes_the_place_of_the_stream(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;

    assert_int_equal(probe_put(probe, PROBE_LOCAL_NS, "k", "v", false, 0), RH_OK);
    probe->handle = commit_and_stream; /* its key is not new */
    request = world_send(world, 0, "GET", "/probe/stream", NULL, NULL);
    assert_int_equal(world_wait(world, 0, request), 409);

    world_assert_says(world, "\"code\":\"conflict\"");
    assert_true(rh_str_starts_with(rh_str_from(world->reply.body), RH_STR_LIT("{\"error\"")));
    assert_int_equal(probe->gone.count, 1);
    assert_int_equal(write_text(probe, probe_last(probe), "x"), RH_ENOTFOUND);
}

static void what_waits_for_a_head_has_a_limit_and_drains(void **state)
{
    static const char piece[700 * 1024] = {0};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_str data = {piece, sizeof piece};

    probe->handle = commit_and_stream;
    (void)world_send(world, 0, "GET", "/probe/stream", NULL, NULL);
    assert_int_equal(probe->rh.http->write(probe->rh.ctx, probe_last(probe), data), RH_OK);
    assert_int_equal(probe->rh.http->write(probe->rh.ctx, probe_last(probe), data), RH_EAGAIN);
    world_run(world, WORLD_SHORT_MS);

    assert_int_equal(probe->drains.count, 1);
    assert_int_equal(probe->rh.http->write(probe->rh.ctx, probe_last(probe), data), RH_OK);
}

static void a_reader_that_leaves_before_the_head_is_told_of(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;

    probe->handle = commit_and_stream;
    request = world_send(world, 0, "GET", "/probe/stream", NULL, NULL);
    rh_testhost_hang_up(world->hosts[0], request);
    assert_int_equal(probe->gone.count, 1);
    world_run(world, WORLD_SHORT_MS);

    assert_int_equal(world_ctx(world, 0, "probe")->in_flight, 0);
    assert_null(world_ctx(world, 0, "probe")->held_first);
}

static void an_activation_that_ends_cuts_a_stream_whose_head_waits(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    uint64_t request;

    probe->handle = commit_and_stream;
    request = world_send(world, 0, "GET", "/probe/stream", NULL, NULL);
    activation_end(world_ctx(world, 0, "probe"), "a test wants it");
    assert_int_equal(world_wait(world, 0, request), 201);

    assert_string_equal(rh_testhost_streamed(world->hosts[0], request), "one ");
    assert_int_equal(world_ctx(world, 0, "probe")->in_flight, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_stream_brings_its_pieces_in_order_and_ends),
        CASE(a_stream_is_neither_begun_twice_nor_replied_to),
        CASE(a_full_stream_refuses_and_says_when_there_is_room),
        CASE(a_piece_larger_than_the_limit_is_taken_when_nothing_waits),
        CASE(a_reader_that_leaves_a_full_stream_is_told_of_once),
        CASE(a_stream_ends_with_its_activation),
        cmocka_unit_test(a_stream_that_cannot_begin_leaves_the_request_to_be_answered),
        CASE(a_head_waits_for_the_earlier_commits_and_its_pieces_with_it),
        CASE(a_stream_may_end_before_its_head_has_left),
        CASE(a_failed_commit_takes_the_place_of_the_stream),
        CASE(what_waits_for_a_head_has_a_limit_and_drains),
        CASE(a_reader_that_leaves_before_the_head_is_told_of),
        CASE(an_activation_that_ends_cuts_a_stream_whose_head_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
