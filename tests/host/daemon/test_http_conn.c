/* What a connection refuses, and when it gives up on a client. */
#include "rig.h"

#include <stdio.h>

static struct rig *serve(const struct http_server_limits *limits)
{
    struct rig *rig = rig_new();
    rig->is_echo = true;
    rig_serve(rig, limits);
    return rig;
}

/* Sends text and expects the connection to end with this status line and error code. */
static void expect_refusal(const char *text, const char *status, const char *code)
{
    struct rig *rig = serve(NULL);
    struct peer *peer = rig_connect(rig);
    char error[96];
    (void)snprintf(error, sizeof error, "{\"error\":{\"code\":\"%s\",\"message\":\"", code);

    peer_send(peer, text);
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(peer_has(peer, status));
    assert_true(peer_has(peer, error));
    assert_true(peer_has(peer, "x-node-id: n1\r\n"));
    assert_true(peer_has(peer, "connection: close\r\n"));
    assert_int_equal(rig->request_count, 0);
    rig_free(rig);
}

static void malformed_requests_are_400(void **state)
{
    static const char *const texts[] = {
        "NONSENSE\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/x.y\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nbad header: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_refusal(texts[i], "HTTP/1.1 400 Bad Request\r\n", "malformed");
}

static void too_large_parts_have_their_own_status(void **state)
{
    struct rh_buf text;
    (void)state;
    rh_buf_init(&text, 65536);

    (void)rh_buf_append_c(&text, "GET /");
    for (int i = 0; i < 8192; i++)
        (void)rh_buf_append_byte(&text, 'a');
    (void)rh_buf_append_c(&text, " HTTP/1.1\r\nHost: x\r\n\r\n");
    expect_refusal(text.p, "HTTP/1.1 414 URI Too Long\r\n", "target_too_long");

    rh_buf_reset(&text);
    (void)rh_buf_append_c(&text, "GET / HTTP/1.1\r\nHost: x\r\nBig: ");
    for (int i = 0; i < 16384; i++)
        (void)rh_buf_append_byte(&text, 'a');
    (void)rh_buf_append_c(&text, "\r\n\r\n");
    expect_refusal(text.p, "HTTP/1.1 431 Request Header Fields Too Large\r\n", "header_too_large");

    rh_buf_reset(&text);
    (void)rh_buf_append_c(&text, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 64; i++)
        (void)rh_buf_printf(&text, "H%d: v\r\n", i);
    (void)rh_buf_append_c(&text, "\r\n");
    expect_refusal(text.p, "HTTP/1.1 431 ", "too_many_headers");
    assert_int_equal(text.rc, RH_OK);
    rh_buf_release(&text);
}

static void a_body_above_the_limit_is_413_before_it_is_read(void **state)
{
    (void)state;
    expect_refusal("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n",
                   "HTTP/1.1 413 Content Too Large\r\n", "too_large");
    expect_refusal("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n",
                   "HTTP/1.1 413 ", "too_large");
}

static void an_unknown_expectation_is_417_and_an_unknown_version_505(void **state)
{
    (void)state;
    expect_refusal("GET / HTTP/1.1\r\nHost: x\r\nExpect: gifts\r\n\r\n", "HTTP/1.1 417 ",
                   "expectation_failed");
    expect_refusal("GET / HTTP/2.0\r\nHost: x\r\n\r\n", "HTTP/1.1 505 ", "version_not_supported");
}

static void a_refusal_comes_after_the_answers_before_it(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nNONSENSE\r\n\r\n");
    RIG_UNTIL(rig, rig->request_count == 1);
    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, "first"), RH_OK);
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(strstr(peer_text(peer), "first") < strstr(peer_text(peer), "HTTP/1.1 400"));
    rig_free(rig);
}

static void a_slow_head_is_408(void **state)
{
    struct http_server_limits limits = {.header_ms = 40};
    struct rig *rig = serve(&limits);
    (void)state;
    struct peer *peer = rig_connect(rig);

    peer_send(peer, "GET / HTTP/1.1\r\nHos");
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(peer_has(peer, "HTTP/1.1 408 Request Timeout\r\n"));
    assert_true(peer_has(peer, "\"request_timeout\""));
    rig_free(rig);
}

static void a_slow_body_is_408(void **state)
{
    struct http_server_limits limits = {.header_ms = 20, .body_ms = 20, .body_rate_min = 1000};
    struct rig *rig = serve(&limits);
    (void)state;
    struct peer *peer = rig_connect(rig);

    peer_send(peer, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome");
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(peer_has(peer, "HTTP/1.1 408 "));
    assert_int_equal(rig->request_count, 0);
    rig_free(rig);
}

static void an_idle_connection_is_closed_without_a_word(void **state)
{
    struct http_server_limits limits = {.idle_ms = 40};
    struct rig *rig = serve(&limits);
    (void)state;
    struct peer *peer = rig_connect(rig);

    RIG_UNTIL(rig, peer->is_ended);

    assert_int_equal(peer->in.n, 0);
    rig_free(rig);
}

static void waiting_for_the_application_is_not_idle(void **state)
{
    struct http_server_limits limits = {.idle_ms = 20, .header_ms = 20};
    struct rig *rig = rig_new();
    (void)state;
    rig_serve(rig, &limits);
    struct peer *waiting = rig_connect(rig);
    peer_send(waiting, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    RIG_UNTIL(rig, rig->request_count == 1);

    /* A second connection, made later, is closed as idle while the first still waits. */
    struct peer *idle = rig_connect(rig);
    RIG_UNTIL(rig, idle->is_ended);
    assert_false(waiting->is_ended);
    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, "there"), RH_OK);
    RIG_UNTIL(rig, peer_has(waiting, "there"));

    rig_free(rig);
}

static void a_client_that_leaves_is_reported_once_for_each_request(void **state)
{
    struct rig *rig = rig_new();
    (void)state;
    rig_serve(rig, NULL);
    struct peer *peer = rig_connect(rig);
    peer_send(peer, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    RIG_UNTIL(rig, rig->request_count == 2);

    peer_close(peer);
    RIG_UNTIL(rig, rig->gone_count == 2);

    assert_int_equal(rig->last_gone, rig->requests[1].exchange);
    assert_int_equal(rig_reply(rig, rig->requests[0].exchange, 200, "late"), RH_ENOTFOUND);
    rig_free(rig);
}

static void idle_connections_up_to_the_limit_live_and_the_next_is_refused(void **state)
{
    struct http_server_limits limits = {.connections_max = 300};
    struct rig *rig = serve(&limits);
    struct http_server_stats stats;
    struct peer *peers[300];
    (void)state;
    for (int i = 0; i < 300; i++)
        peers[i] = rig_connect(rig);
    http_server_stats(rig->server, &stats);
    if (stats.connections < 300)
        RIG_UNTIL(rig, (http_server_stats(rig->server, &stats), stats.connections == 300));

    struct peer *extra = rig_connect(rig);
    RIG_UNTIL(rig, extra->is_ended);
    assert_true(peer_has(extra, "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_true(peer_has(extra, "\"too_many_connections\""));
    peer_send(peers[0], "GET /first HTTP/1.1\r\nHost: x\r\n\r\n");
    RIG_UNTIL(rig, peer_has(peers[0], "/first"));
    peer_send(peers[299], "GET /last HTTP/1.1\r\nHost: x\r\n\r\n");
    RIG_UNTIL(rig, peer_has(peers[299], "/last"));
    http_server_stats(rig->server, &stats);
    assert_int_equal(stats.refused, 1);

    peer_close(peers[7]);
    RIG_UNTIL(rig, (http_server_stats(rig->server, &stats), stats.connections == 299));
    struct peer *next = rig_connect(rig);
    peer_send(next, "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    RIG_UNTIL(rig, peer_has(next, "/next"));
    rig_free(rig);
}

static uint64_t ten_for_small(void *user, struct rh_str method, struct rh_str target)
{
    (void)user;
    assert_true(rh_str_eq_c(method, "POST"));
    return rh_str_eq_c(target, "/small") ? 10 : 1000;
}

static void the_body_limit_is_asked_for_each_request(void **state)
{
    struct rig *rig = serve(NULL);
    (void)state;
    http_server_set_body_max(rig->server, ten_for_small);
    struct peer *peer = rig_connect(rig);

    peer_send(peer, "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world");
    RIG_UNTIL(rig, peer_has(peer, "/large"));
    peer_send(peer, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world");
    RIG_UNTIL(rig, peer->is_ended);

    assert_true(peer_has(peer, "HTTP/1.1 413 "));
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_requests_are_400),
        cmocka_unit_test(too_large_parts_have_their_own_status),
        cmocka_unit_test(a_body_above_the_limit_is_413_before_it_is_read),
        cmocka_unit_test(an_unknown_expectation_is_417_and_an_unknown_version_505),
        cmocka_unit_test(a_refusal_comes_after_the_answers_before_it),
        cmocka_unit_test(a_slow_head_is_408),
        cmocka_unit_test(a_slow_body_is_408),
        cmocka_unit_test(an_idle_connection_is_closed_without_a_word),
        cmocka_unit_test(waiting_for_the_application_is_not_idle),
        cmocka_unit_test(a_client_that_leaves_is_reported_once_for_each_request),
        cmocka_unit_test(idle_connections_up_to_the_limit_live_and_the_next_is_refused),
        cmocka_unit_test(the_body_limit_is_asked_for_each_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
