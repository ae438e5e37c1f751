/* The server over real sockets: keep-alive, pipelining in order, streams, HEAD, leaving. Limits are
 * test_http_conn.c's. */
#include "rig.h"

#include <stdio.h>
#include <unistd.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static void a_connection_is_kept_alive(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, GET("/one"));
    RIG_UNTIL(rig, peer_has(peer, "/one"));
    peer_send(peer, GET("/two"));
    RIG_UNTIL(rig, peer_has(peer, "/two"));

    struct http_server_stats stats;
    http_server_stats(rig->server, &stats);
    assert_int_equal(stats.accepted, 1);
    assert_int_equal(stats.requests, 2);
    assert_int_equal(peer_count(peer, "HTTP/1.1 200 OK\r\n"), 2);
    assert_true(peer_has(peer, "x-node-id: n1\r\n"));
    assert_int_equal(rig->requests[0].is_loopback, 1);
    rig_free(rig);
}

static void fifty_pipelined_requests_are_answered_in_order(void **state)
{
    struct rig *rig = rig_new();
    struct rh_buf text;
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    rh_buf_init(&text, 65536);
    for (int i = 0; i < 50; i++)
        assert_int_equal(rh_buf_printf(&text, "GET /r%02d HTTP/1.1\r\nHost: x\r\n\r\n", i), RH_OK);
    peer_send_bytes(peer, text.p, text.n);
    RIG_UNTIL(rig, rig->request_count == 50);

    /* The answers come in the order 49, 48 ... 0. */
    for (int i = 49; i >= 0; i--)
        assert_int_equal(rig_reply(rig, rig->requests[i].exchange, 200, rig->requests[i].target),
                         RH_OK);
    RIG_UNTIL(rig, peer_has(peer, "/r49"));

    const char *at = peer_text(peer);
    for (int i = 0; i < 50; i++) {
        char target[8];
        (void)snprintf(target, sizeof target, "/r%02d", i);
        at = strstr(at, target);
        assert_non_null(at);
    }
    rh_buf_release(&text);
    rig_free(rig);
}

static void answers_of_one_turn_leave_in_one_write(void **state)
{
    struct rig *rig = rig_new();
    struct http_server_stats stats;
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, GET("/a") GET("/b") GET("/c") GET("/d"));
    RIG_UNTIL(rig, peer_has(peer, "/d"));

    http_server_stats(rig->server, &stats);
    assert_int_equal(stats.requests, 4);
    assert_int_equal(stats.writes, 1);
    rig_free(rig);
}

static void more_than_64_pipelined_requests_wait_their_turn(void **state)
{
    struct rig *rig = rig_new();
    struct rh_buf text;
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    rh_buf_init(&text, 65536);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rh_buf_printf(&text, "GET /r%02d HTTP/1.1\r\nHost: x\r\n\r\n", i), RH_OK);

    peer_send_bytes(peer, text.p, text.n);
    RIG_UNTIL(rig, rig->request_count >= 64);
    assert_int_equal(rig->request_count, 64);
    for (uint32_t i = 0; i < 100; i++) {
        RIG_UNTIL(rig, rig->request_count > i);
        assert_true(rig->request_count <= i + 64);
        assert_int_equal(rig_reply(rig, rig->requests[i].exchange, 200, rig->requests[i].target),
                         RH_OK);
    }
    RIG_UNTIL(rig, peer_has(peer, "/r99"));

    assert_int_equal(peer_count(peer, "HTTP/1.1 200 OK"), 100);
    rh_buf_release(&text);
    rig_free(rig);
}

static void head_is_get_without_the_body(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, "HEAD /head HTTP/1.1\r\nHost: x\r\n\r\n" GET("/end"));
    RIG_UNTIL(rig, peer_has(peer, "/end"));

    assert_string_equal(rig->requests[0].method, "GET");
    assert_true(peer_has(peer, "content-length: 5\r\n"));
    assert_false(peer_has(peer, "/head"));
    rig_free(rig);
}

static void connection_close_ends_the_connection_after_the_answer(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, "GET /bye HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(peer_has(peer, "connection: close\r\n"));
    assert_true(peer_has(peer, "/bye"));
    rig_free(rig);
}

static void http_1_0_is_closed_unless_it_asks_otherwise(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, "GET /kept HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    RIG_UNTIL(rig, peer_has(peer, "/kept"));
    assert_true(peer_has(peer, "connection: keep-alive\r\n"));
    peer_send(peer, "GET /last HTTP/1.0\r\n\r\n");
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(peer_has(peer, "/last"));
    rig_free(rig);
}

static void a_chunked_body_arrives_whole(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(
        peer,
        "POST /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    peer_send(peer, "6\r\n world\r\n0\r\nTrailer: t\r\n\r\n");
    RIG_UNTIL(rig, peer_has(peer, "/chunks"));

    assert_int_equal(rig->last_body.n, 11);
    assert_memory_equal(rig->last_body.p, "hello world", 11);
    rig_free(rig);
}

static void expect_100_continue_is_answered_before_the_body(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer,
              "POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    RIG_UNTIL(rig, peer_has(peer, "HTTP/1.1 100 Continue\r\n\r\n"));
    assert_int_equal(rig->request_count, 0);
    peer_send(peer, "body");
    RIG_UNTIL(rig, peer_has(peer, "200 OK"));

    assert_int_equal(rig->last_body.n, 4);
    rig_free(rig);
}

static void a_100_continue_waits_for_the_answers_before_it(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, GET("/first") "POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                                  "Content-Length: 4\r\n\r\n");
    RIG_UNTIL(rig, rig->request_count == 1);
    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, "first"), RH_OK);
    RIG_UNTIL(rig, peer_has(peer, "100 Continue"));

    assert_true(strstr(peer_text(peer), "first") < strstr(peer_text(peer), "100 Continue"));
    rig_free(rig);
}

static void a_stream_is_chunked_and_ends(void **state)
{
    struct rig *rig = rig_new();
    struct http_outreply head = {.status = 200, .content_type = "text/event-stream"};
    uint64_t pending = 0;
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, GET("/events"));
    RIG_UNTIL(rig, rig->request_count == 1);
    uint64_t exchange = rig->requests[0].exchange;

    assert_int_equal(http_server_stream_begin(rig->server, exchange, &head), RH_OK);
    assert_int_equal(
        http_server_stream_write(rig->server, exchange, RH_STR_LIT("data: 1\n\n"), &pending),
        RH_OK);
    assert_true(pending >= 9);
    RIG_UNTIL(rig, peer_has(peer, "9\r\ndata: 1\n\n\r\n"));
    assert_int_equal(http_server_reply(rig->server, exchange, &head), RH_EINVAL);
    assert_int_equal(http_server_stream_end(rig->server, exchange), RH_OK);
    RIG_UNTIL(rig, peer_has(peer, "0\r\n\r\n"));

    assert_true(peer_has(peer, "transfer-encoding: chunked\r\n"));
    assert_int_equal(http_server_stream_end(rig->server, exchange), RH_ENOTFOUND);
    rig_free(rig);
}

static void a_second_answer_finds_nothing(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, GET("/once"));
    RIG_UNTIL(rig, rig->request_count == 1);

    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, "a"), RH_OK);
    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, "b"), RH_ENOTFOUND);
    assert_int_equal(rig_reply(rig, 0, 200, "c"), RH_ENOTFOUND);
    assert_int_equal(rig_reply(rig, UINT64_MAX, 200, "d"), RH_ENOTFOUND);
    rig_free(rig);
}

static void after_stop_listening_live_exchanges_end_and_idle_ones_close(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig_serve(rig, NULL);
    struct peer *busy = rig_connect(rig);
    struct peer *idle = rig_connect(rig);
    peer_send(idle, GET("/idle"));
    RIG_UNTIL(rig, rig->request_count == 1);
    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, "early"), RH_OK);
    peer_send(busy, GET("/busy"));
    RIG_UNTIL(rig, rig->request_count == 2 && peer_has(idle, "early"));

    http_server_stop_listening(rig->server);
    RIG_UNTIL(rig, idle->is_ended);
    assert_false(busy->is_ended);
    assert_int_equal(rig_reply(rig, rig->requests[1].exchange, 200, "late"), RH_OK);
    RIG_UNTIL(rig, busy->is_ended);

    assert_true(peer_has(busy, "late"));
    assert_int_equal(http_server_port(rig->server), 0);
    assert_int_equal(rig->gone_count, 0);
    rig_free(rig);
}

static uint32_t rig_connections(const struct rig *rig)
{
    struct http_server_stats stats;
    http_server_stats(rig->server, &stats);
    return stats.connections;
}

static void note_settled(void *user)
{
    *(bool *)user = true;
}

static void a_first_request_that_comes_after_the_end_is_answered(void **state)
{
    struct rig *rig = rig_new();
    bool settled = false;
    (void)state;
    rig_serve(rig, NULL);
    struct peer *fresh = rig_connect(rig);
    RIG_UNTIL(rig, rig_connections(rig) == 1);

    http_server_stop_listening(rig->server);
    assert_int_equal(http_server_settle(rig->server, note_settled, &settled), RH_PENDING);
    peer_send(fresh, GET("/late"));
    RIG_UNTIL(rig, settled);

    RIG_UNTIL(rig, fresh->is_ended);
    assert_true(peer_has(fresh, "HTTP/1.1 503 "));
    assert_int_equal(rig->request_count, 0);
    rig_free(rig);
}

static void settling_ends_though_a_client_never_asks(void **state)
{
    struct rig *rig = rig_new();
    bool settled = false;
    (void)state;
    rig_serve(rig, NULL);
    (void)rig_connect(rig);
    RIG_UNTIL(rig, rig_connections(rig) == 1);

    http_server_stop_listening(rig->server);
    assert_int_equal(http_server_settle(rig->server, note_settled, &settled), RH_PENDING);

    RIG_UNTIL(rig, settled);
    rig_free(rig);
}

static void a_port_in_use_is_named(void **state)
{
    struct rig *rig = rig_new();
    struct http_server *second = NULL;
    struct rh_buf why;
    char expected[64];
    (void)state;
    rig_serve(rig, NULL);
    rh_buf_init(&why, 256);
    struct http_server_config cfg = {
        .loop = &rig->loop,
        .turn = &rig->turn,
        .events = {.on_request = rig_on_request, .on_gone = rig_on_gone, .user = rig},
    };
    assert_int_equal(http_server_new(&cfg, &second), RH_OK);

    int32_t rc = http_server_listen(second, "127.0.0.1", http_server_port(rig->server), &why);

    assert_int_equal(rc, RH_EEXISTS);
    (void)snprintf(expected, sizeof expected,
                   "cannot listen on 127.0.0.1:%u: address already in use",
                   http_server_port(rig->server));
    assert_string_equal(why.p, expected);
    rh_buf_release(&why);
    http_server_close(second, NULL, NULL);
    rig_free(rig);
}

static void an_inherited_socket_is_served(void **state)
{
    struct rig *rig = rig_new();
    struct http_server *second = NULL;
    struct rh_buf why;
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    int fd = dup(http_server_fd(rig->server));
    uint16_t port = http_server_port(rig->server);
    http_server_close(rig->server, NULL, NULL);
    rh_buf_init(&why, 256);
    struct http_server_config cfg = {
        .loop = &rig->loop,
        .turn = &rig->turn,
        .events = {.on_request = rig_on_request, .on_gone = rig_on_gone, .user = rig},
    };
    assert_int_equal(http_server_new(&cfg, &second), RH_OK);
    rig->server = second;

    assert_int_equal(http_server_listen_fd(second, fd, &why), RH_OK);
    assert_int_equal(http_server_port(second), port);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, GET("/inherited"));
    RIG_UNTIL(rig, peer_has(peer, "/inherited"));

    rh_buf_release(&why);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_kept_alive),
        cmocka_unit_test(fifty_pipelined_requests_are_answered_in_order),
        cmocka_unit_test(answers_of_one_turn_leave_in_one_write),
        cmocka_unit_test(more_than_64_pipelined_requests_wait_their_turn),
        cmocka_unit_test(head_is_get_without_the_body),
        cmocka_unit_test(connection_close_ends_the_connection_after_the_answer),
        cmocka_unit_test(http_1_0_is_closed_unless_it_asks_otherwise),
        cmocka_unit_test(a_chunked_body_arrives_whole),
        cmocka_unit_test(expect_100_continue_is_answered_before_the_body),
        cmocka_unit_test(a_100_continue_waits_for_the_answers_before_it),
        cmocka_unit_test(a_stream_is_chunked_and_ends),
        cmocka_unit_test(a_second_answer_finds_nothing),
        cmocka_unit_test(a_first_request_that_comes_after_the_end_is_answered),
        cmocka_unit_test(settling_ends_though_a_client_never_asks),
        cmocka_unit_test(after_stop_listening_live_exchanges_end_and_idle_ones_close),
        cmocka_unit_test(a_port_in_use_is_named),
        cmocka_unit_test(an_inherited_socket_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
