/* The life of a call: results, deadlines, cancelling, refusals. Pools are test_http_pool.c's. */
#include "rig_call.h"

static void an_answer_comes_with_its_facts(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcome;
    char authority[64];
    (void)state;
    struct http_header headers[] = {{RH_STR_LIT("X-Test"), RH_STR_LIT("yes")}};
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/a?b=c");
    call.method = "POST";
    call.body = RH_STR_LIT("{}");
    call.content_type = "application/json";
    call.headers = headers;
    call.header_count = 1;

    rig_call(rig, &call, &outcome);
    RIG_AWAIT(rig, 0, "{}");
    assert_true(peer_has(rig->peers[0], "POST /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:"));
    assert_true(
        peer_has(rig->peers[0],
                 "content-type: application/json\r\ncontent-length: 2\r\nX-Test: yes\r\n\r\n{}"));
    peer_send(rig->peers[0], "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 7\r\n"
                             "X-Node-Id: n9\r\nContent-Type: text/plain\r\n"
                             "Content-Length: 4\r\n\r\nbody");
    RIG_UNTIL(rig, outcome.count == 1);

    assert_int_equal(outcome.rc, RH_OK);
    assert_int_equal(outcome.status, 503);
    assert_int_equal(outcome.retry_after_s, 7);
    assert_string_equal(outcome.body, "body");
    assert_string_equal(outcome.node_id, "n9");
    assert_string_equal(outcome.content_type, "text/plain");
    rig_free(rig);
}

static void our_server_answers_our_client(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcome;
    char authority[64];
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct http_outbound call = rig_get(authority, http_server_port(rig->server), "/echo");

    rig_call(rig, &call, &outcome);
    RIG_UNTIL(rig, outcome.count == 1);

    assert_int_equal(outcome.status, 200);
    assert_string_equal(outcome.body, "/echo");
    assert_string_equal(outcome.node_id, "n1");
    rig_free(rig);
}

static void a_deadline_ends_a_call_that_was_sent(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct http_client_stats stats;
    struct outcome outcome;
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/slow");
    call.deadline_ms = (int64_t)(uv_hrtime() / 1000000) + 50;

    rig_call(rig, &call, &outcome);
    RIG_UNTIL(rig, outcome.count == 1);

    assert_int_equal(outcome.rc, RH_ETIMEOUT);
    assert_true((int64_t)(uv_hrtime() / 1000000) >= call.deadline_ms);
    http_client_stats(rig->client, &stats);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(stats.timeouts, 1);
    rig_free(rig);
}

static void a_cancelled_call_ends_once_and_later(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcome;
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/x");
    rig_call(rig, &call, &outcome);
    RIG_AWAIT(rig, 0, "/x");

    http_client_cancel(rig->client, outcome.id);
    http_client_cancel(rig->client, outcome.id);
    assert_int_equal(outcome.count, 0);
    RIG_UNTIL(rig, outcome.count == 1 && rig->peers[0]->is_ended);

    assert_int_equal(outcome.rc, RH_ECANCELLED);
    http_client_cancel(rig->client, outcome.id);
    rig_free(rig);
}

static void a_port_where_nobody_listens_is_unreachable(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcome;
    char authority[64];
    (void)state;
    uint16_t port = rig_raw_listen(rig);
    uv_close((uv_handle_t *)&rig->listener, NULL);
    rig->is_raw_listening = false;
    (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
    struct http_outbound call = rig_get(authority, port, "/");

    rig_call(rig, &call, &outcome);
    RIG_UNTIL(rig, outcome.count == 1);

    assert_int_equal(outcome.rc, RH_EUNREACHABLE);
    assert_string_equal(outcome.reason, "connection refused");
    rig_free(rig);
}

static void calls_that_cannot_be_sent_are_refused(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcome = {0};
    char authority[64];
    (void)state;
    struct http_header evil = {RH_STR_LIT("X-A"), RH_STR_LIT("v\r\nX-B: w")};
    struct http_outbound good = rig_get(authority, 1, "/");
    struct http_outbound bad[8];
    for (int i = 0; i < 8; i++)
        bad[i] = good;
    bad[0].authority = RH_STR_LIT("127.0.0.1");
    bad[1].authority = RH_STR_LIT("::1:80");
    bad[2].authority = RH_STR_LIT("a:0");
    bad[3].target = RH_STR_LIT("no-slash");
    bad[4].target = RH_STR_LIT("/a b");
    bad[5].method = "GE T";
    bad[6].headers = &evil;
    bad[6].header_count = 1;
    bad[7].lane = 3;

    for (int i = 0; i < 8; i++)
        assert_int_equal(http_client_call(rig->client, &bad[i], on_outcome, &outcome, NULL),
                         RH_EINVAL);

    assert_int_equal(outcome.count, 0);
    rig_free(rig);
}

static void closing_the_client_ends_every_call(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcomes[20];
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/x");
    for (int i = 0; i < 20; i++)
        rig_call(rig, &call, &outcomes[i]);
    RIG_AWAIT(rig, 0, "/x");

    http_client_close(rig->client, NULL, NULL);
    rig->client = NULL;

    for (int i = 0; i < 20; i++) {
        assert_int_equal(outcomes[i].count, 1);
        assert_int_equal(outcomes[i].rc, RH_ECANCELLED);
    }
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_with_its_facts),
        cmocka_unit_test(our_server_answers_our_client),
        cmocka_unit_test(a_deadline_ends_a_call_that_was_sent),
        cmocka_unit_test(a_cancelled_call_ends_once_and_later),
        cmocka_unit_test(a_port_where_nobody_listens_is_unreachable),
        cmocka_unit_test(calls_that_cannot_be_sent_are_refused),
        cmocka_unit_test(closing_the_client_ends_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
