/* What one connection makes of answers, breaks and names. */
#include "rig_call.h"

#define OK_TEXT "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* One call to a raw server which answers `text` and then closes, or not. */
static void expect_outcome(const char *text, bool is_closed, int32_t rc, const char *body)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcome;
    char authority[64];
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/x");
    call.body_max = 8;
    rig_call(rig, &call, &outcome);
    RIG_AWAIT(rig, 0, "\r\n\r\n");

    peer_send(rig->peers[0], text);
    if (is_closed)
        peer_close(rig->peers[0]);
    RIG_UNTIL(rig, outcome.count == 1);

    assert_int_equal(outcome.rc, rc);
    assert_string_equal(outcome.body, body);
    rig_free(rig);
}

static void answers_are_framed_in_three_ways(void **state)
{
    (void)state;
    expect_outcome("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", false, RH_OK, "body");
    expect_outcome("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
                   false, RH_OK, "body");
    expect_outcome("HTTP/1.1 200 OK\r\n\r\nbody", true, RH_OK, "body");
    expect_outcome("HTTP/1.1 204 No Content\r\n\r\n", false, RH_OK, "");
}

static void a_broken_answer_has_its_own_code(void **state)
{
    (void)state;
    expect_outcome("SSH-2.0-OpenSSH_9.2\r\n", false, RH_EPROTOCOL, "");
    expect_outcome("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", false,
                   RH_EPROTOCOL, "");
    expect_outcome("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", false, RH_ETOOLARGE, "");
    expect_outcome("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n", false,
                   RH_ETOOLARGE, "");
    expect_outcome("HTTP/1.1 200 OK\r\n\r\n123456789", false, RH_ETOOLARGE, "");
}

static void a_connection_closed_after_the_request_is_unknown(void **state)
{
    (void)state;
    expect_outcome("", true, RH_EUNKNOWN, "");
    expect_outcome("HTTP/1.1 200 OK\r\nContent-Le", true, RH_EUNKNOWN, "");
    expect_outcome("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo", true, RH_EUNKNOWN, "");
}

/* One answered call, so that a connection is kept; then a second is sent on it and it dies. */
static struct rig *rig_with_stale_connection(uint32_t is_idempotent, struct outcome *second)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome first;
    char authority[64];
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/first");
    rig_call(rig, &call, &first);
    RIG_AWAIT(rig, 0, "/first");
    peer_send(rig->peers[0], OK_TEXT);
    RIG_UNTIL(rig, first.count == 1);

    call.target = RH_STR_LIT("/second");
    call.idempotent = is_idempotent;
    rig_call(rig, &call, second);
    RIG_AWAIT(rig, 0, "/second");
    peer_close(rig->peers[0]);
    return rig;
}

static void an_idempotent_call_is_sent_again_when_a_kept_connection_dies(void **state)
{
    struct http_client_stats stats;
    struct outcome second;
    (void)state;
    struct rig *rig = rig_with_stale_connection(1, &second);

    RIG_AWAIT(rig, 1, "/second");
    peer_send(rig->peers[1], OK_TEXT);
    RIG_UNTIL(rig, second.count == 1);

    assert_int_equal(second.rc, RH_OK);
    http_client_stats(rig->client, &stats);
    assert_int_equal(stats.retries, 1);
    rig_free(rig);
}

static void it_is_sent_again_only_once(void **state)
{
    struct outcome second;
    (void)state;
    struct rig *rig = rig_with_stale_connection(1, &second);

    RIG_AWAIT(rig, 1, "/second");
    peer_close(rig->peers[1]);
    RIG_UNTIL(rig, second.count == 1);

    assert_int_equal(second.rc, RH_EUNKNOWN);
    assert_int_equal(rig->peer_count, 2);
    rig_free(rig);
}

static void any_other_call_is_not_sent_again(void **state)
{
    struct outcome second;
    (void)state;
    struct rig *rig = rig_with_stale_connection(0, &second);

    RIG_UNTIL(rig, second.count == 1);

    assert_int_equal(second.rc, RH_EUNKNOWN);
    assert_int_equal(rig->peer_count, 1);
    rig_free(rig);
}

static void a_connection_closed_while_idle_is_not_used_again(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct http_client_stats stats;
    struct outcome outcome;
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/x");
    rig_call(rig, &call, &outcome);
    RIG_AWAIT(rig, 0, "/x");
    peer_send(rig->peers[0], OK_TEXT);
    RIG_UNTIL(rig, outcome.count == 1);

    peer_close(rig->peers[0]);
    RIG_UNTIL(rig, (http_client_stats(rig->client, &stats), stats.connections == 0));
    rig_call(rig, &call, &outcome);
    RIG_AWAIT(rig, 1, "/x");
    peer_send(rig->peers[1], OK_TEXT);
    RIG_UNTIL(rig, outcome.count == 1);

    assert_int_equal(outcome.rc, RH_OK);
    rig_free(rig);
}

static void a_head_answer_has_no_body(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcome;
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/x");
    call.method = "HEAD";
    rig_call(rig, &call, &outcome);
    RIG_AWAIT(rig, 0, "HEAD /x");

    peer_send(rig->peers[0], "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n");
    RIG_UNTIL(rig, outcome.count == 1);

    assert_int_equal(outcome.rc, RH_OK);
    assert_string_equal(outcome.body, "");
    rig_free(rig);
}

static void a_name_is_resolved_and_an_unknown_one_is_unreachable(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome good;
    struct outcome bad;
    char authority[64];
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    uint16_t port = http_server_port(rig->server);
    struct http_outbound call = rig_get(authority, port, "/named");
    (void)snprintf(authority, sizeof authority, "localhost:%u", port);
    call.authority = rh_str_from(authority);
    rig_call(rig, &call, &good);
    call.authority = RH_STR_LIT("no-such-host.invalid:80");
    rig_call(rig, &call, &bad);

    RIG_UNTIL(rig, good.count == 1 && bad.count == 1);

    assert_string_equal(good.body, "/named");
    assert_int_equal(bad.rc, RH_EUNREACHABLE);
    rig_free(rig);
}

static void a_large_request_is_sent_whole(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct http_server_limits limits = {.body_bytes_max = (uint64_t)32 << 20};
    struct outcome outcome;
    char authority[64];
    (void)state;
    size_t size = (size_t)16 << 20;
    char *body = malloc(size);
    assert_non_null(body);
    memset(body, 'b', size);
    rig->is_echo = true;
    rig_serve(rig, &limits);
    struct http_outbound call = rig_get(authority, http_server_port(rig->server), "/large");
    call.method = "POST";
    call.lane = RH_LANE_BULK;
    call.body = (struct rh_str){body, size};

    rig_call(rig, &call, &outcome);
    free(body);
    RIG_UNTIL(rig, outcome.count == 1);

    assert_string_equal(outcome.body, "/large");
    assert_int_equal(rig->last_body.n, size);
    assert_int_equal(rig->last_body.p[size - 1], 'b');
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_framed_in_three_ways),
        cmocka_unit_test(a_broken_answer_has_its_own_code),
        cmocka_unit_test(a_connection_closed_after_the_request_is_unknown),
        cmocka_unit_test(an_idempotent_call_is_sent_again_when_a_kept_connection_dies),
        cmocka_unit_test(it_is_sent_again_only_once),
        cmocka_unit_test(any_other_call_is_not_sent_again),
        cmocka_unit_test(a_connection_closed_while_idle_is_not_used_again),
        cmocka_unit_test(a_head_answer_has_no_body),
        cmocka_unit_test(a_name_is_resolved_and_an_unknown_one_is_unreachable),
        cmocka_unit_test(a_large_request_is_sent_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
