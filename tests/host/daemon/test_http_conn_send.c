/* Answers larger than the kernel takes at once, clients that do not read, and ends without loss. */
#include "rig.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static char *big_body(size_t size)
{
    char *body = malloc(size + 1);
    assert_non_null(body);
    memset(body, 'x', size);
    body[size] = 0;
    return body;
}

static void a_large_answer_arrives_whole_and_the_next_after_it(void **state)
{
    struct rig *rig = rig_new();
    size_t size = (size_t)8 << 20;
    char *body = big_body(size);
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, GET("/large") GET("/small"));
    RIG_UNTIL(rig, rig->request_count == 2);

    assert_int_equal(rig_reply(rig, rig->requests[1].exchange, 200, "the small one"), RH_OK);
    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, body), RH_OK);
    RIG_UNTIL(rig, peer->in.n > size && peer_has(peer, "the small one"));

    assert_int_equal(peer_count(peer, "HTTP/1.1 200 OK"), 2);
    free(body);
    rig_free(rig);
}

static void a_last_answer_larger_than_the_socket_is_not_cut_by_the_close(void **state)
{
    struct rig *rig = rig_new();
    size_t size = (size_t)8 << 20;
    char *body = big_body(size);
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nunread bytes behind it");
    RIG_UNTIL(rig, rig->request_count == 1);

    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, body), RH_OK);
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(peer->in.n > size);
    free(body);
    rig_free(rig);
}

static void a_client_that_does_not_read_is_cut(void **state)
{
    struct http_server_limits limits = {.write_ms = 40};
    struct rig *rig = rig_new();
    struct http_server_stats stats;
    char *body = big_body((size_t)32 << 20);
    (void)state;
    rig_serve(rig, &limits);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, GET("/"));
    RIG_UNTIL(rig, rig->request_count == 1);
    assert_int_equal(uv_read_stop((uv_stream_t *)&peer->tcp), 0);

    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, body), RH_OK);
    RIG_UNTIL(rig, (http_server_stats(rig->server, &stats), stats.connections == 0));

    assert_int_equal(stats.timeouts, 1);
    free(body);
    rig_free(rig);
}

static void no_request_is_taken_while_too_much_is_unsent(void **state)
{
    struct rig *rig = rig_new();
    size_t size = (size_t)16 << 20;
    char *body = big_body(size);
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, GET("/large"));
    RIG_UNTIL(rig, rig->request_count == 1);
    assert_int_equal(uv_read_stop((uv_stream_t *)&peer->tcp), 0);
    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, body), RH_OK);
    (void)uv_run(&rig->loop, UV_RUN_NOWAIT);

    peer_send(peer, GET("/next"));
    for (int i = 0; i < 20; i++)
        (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
    assert_int_equal(rig->request_count, 1);
    peer_read(peer);
    RIG_UNTIL(rig, rig->request_count == 2);

    free(body);
    rig_free(rig);
}

static void a_stream_says_how_much_is_pending_and_its_end_is_noticed(void **state)
{
    struct rig *rig = rig_new();
    struct http_outreply head = {.status = 200, .content_type = "text/event-stream"};
    char *data = big_body((size_t)1 << 20);
    uint64_t pending = 0;
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, GET("/events"));
    RIG_UNTIL(rig, rig->request_count == 1);
    uint64_t exchange = rig->requests[0].exchange;
    assert_int_equal(uv_read_stop((uv_stream_t *)&peer->tcp), 0);
    assert_int_equal(http_server_stream_begin(rig->server, exchange, &head), RH_OK);

    for (int i = 0; i < 16; i++) {
        assert_int_equal(
            http_server_stream_write(rig->server, exchange, rh_str_from(data), &pending), RH_OK);
        (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
    }
    assert_true(pending > (uint64_t)2 << 20);
    peer_close(peer);
    RIG_UNTIL(rig, rig->gone_count == 1);

    assert_int_equal(rig->last_gone, exchange);
    assert_int_equal(http_server_stream_write(rig->server, exchange, rh_str_from(data), &pending),
                     RH_ENOTFOUND);
    free(data);
    rig_free(rig);
}

static void answers_made_before_the_client_shut_its_side_are_sent(void **state)
{
    struct rig *rig = rig_new();
    uv_shutdown_t shutdown_req;
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, GET("/last"));
    assert_int_equal(uv_shutdown(&shutdown_req, (uv_stream_t *)&peer->tcp, NULL), 0);
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(peer_has(peer, "/last"));
    assert_int_equal(rig->gone_count, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_answer_arrives_whole_and_the_next_after_it),
        cmocka_unit_test(a_last_answer_larger_than_the_socket_is_not_cut_by_the_close),
        cmocka_unit_test(a_client_that_does_not_read_is_cut),
        cmocka_unit_test(no_request_is_taken_while_too_much_is_unsent),
        cmocka_unit_test(a_stream_says_how_much_is_pending_and_its_end_is_noticed),
        cmocka_unit_test(answers_made_before_the_client_shut_its_side_are_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
