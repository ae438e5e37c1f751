/* Which calls share connections, which wait, and for whom. */
#include "rig_call.h"

#define OK_TEXT "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct http_client_stats stats_of(const struct rig *rig)
{
    struct http_client_stats stats;
    http_client_stats(rig->client, &stats);
    return stats;
}

static void calls_one_after_the_other_share_a_connection(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcome;
    char authority[64];
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct http_outbound call = rig_get(authority, http_server_port(rig->server), "/again");

    for (int i = 0; i < 10; i++) {
        rig_call(rig, &call, &outcome);
        RIG_UNTIL(rig, outcome.count == 1);
        assert_int_equal(outcome.rc, RH_OK);
    }

    assert_int_equal(stats_of(rig).connects, 1);
    assert_int_equal(stats_of(rig).reused, 9);
    assert_int_equal(stats_of(rig).connections, 1);
    rig_free(rig);
}

static void each_lane_has_its_own_connections_up_to_its_limit(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcomes[24];
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/x");

    for (int i = 0; i < 24; i++) {
        call.lane = i < 16 ? RH_LANE_NORMAL : i < 20 ? RH_LANE_CONTROL : RH_LANE_BULK;
        rig_call(rig, &call, &outcomes[i]);
    }

    assert_int_equal(stats_of(rig).connects, 8 + 2 + 2);
    assert_int_equal(stats_of(rig).pools, 3);
    rig_free(rig);
}

static void waiting_calls_go_on_when_a_connection_is_free(void **state)
{
    struct http_client_limits limits = {.conns_max = {1, 1, 1}};
    struct rig *rig = rig_with_client(&limits);
    struct outcome outcomes[3];
    char authority[64];
    (void)state;
    uint16_t port = rig_raw_listen(rig);
    struct http_outbound call = rig_get(authority, port, "/uno");
    rig_call(rig, &call, &outcomes[0]);
    call.target = RH_STR_LIT("/due");
    rig_call(rig, &call, &outcomes[1]);
    call.target = RH_STR_LIT("/tre");
    rig_call(rig, &call, &outcomes[2]);

    RIG_AWAIT(rig, 0, "/uno");
    assert_false(peer_has(rig->peers[0], "/due"));
    peer_send(rig->peers[0], OK_TEXT);
    RIG_AWAIT(rig, 0, "/due");
    peer_send(rig->peers[0], OK_TEXT);
    RIG_AWAIT(rig, 0, "/tre");
    peer_send(rig->peers[0], OK_TEXT);
    RIG_UNTIL(rig, outcomes[2].count == 1);

    assert_int_equal(rig->peer_count, 1);
    rig_free(rig);
}

static void one_order_key_is_one_at_a_time_and_in_order(void **state)
{
    struct rig *rig = rig_with_client(NULL);
    struct outcome outcomes[3];
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/first");
    call.order_key = 7;
    rig_call(rig, &call, &outcomes[0]);
    call.target = RH_STR_LIT("/second");
    rig_call(rig, &call, &outcomes[1]);
    call.order_key = 8;
    call.target = RH_STR_LIT("/other");
    rig_call(rig, &call, &outcomes[2]);

    RIG_UNTIL(rig, rig->peer_count == 2 && rig->peers[0]->in.n > 0 && rig->peers[1]->in.n > 0);
    uint32_t first = peer_has(rig->peers[0], "/first") ? 0 : 1;
    assert_true(peer_has(rig->peers[first], "/first"));
    assert_true(peer_has(rig->peers[1 - first], "/other"));
    assert_int_equal(stats_of(rig).connects, 2);
    peer_send(rig->peers[first], OK_TEXT);
    RIG_AWAIT(rig, first, "/second");
    peer_send(rig->peers[first], OK_TEXT);
    RIG_UNTIL(rig, outcomes[1].count == 1);

    assert_int_equal(outcomes[2].count, 0);
    rig_free(rig);
}

static void a_full_queue_refuses(void **state)
{
    struct http_client_limits limits = {.conns_max = {1, 1, 1}, .queue_max = 2};
    struct rig *rig = rig_with_client(&limits);
    struct outcome outcomes[4];
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/x");
    for (int i = 0; i < 3; i++)
        rig_call(rig, &call, &outcomes[i]);

    int32_t rc = http_client_call(rig->client, &call, on_outcome, &outcomes[3], NULL);

    assert_int_equal(rc, RH_EAGAIN);
    rig_free(rig);
}

static void a_queued_call_can_be_cancelled_and_time_out(void **state)
{
    struct http_client_limits limits = {.conns_max = {1, 1, 1}};
    struct rig *rig = rig_with_client(&limits);
    struct outcome outcomes[3];
    char authority[64];
    (void)state;
    struct http_outbound call = rig_get(authority, rig_raw_listen(rig), "/x");
    rig_call(rig, &call, &outcomes[0]);
    rig_call(rig, &call, &outcomes[1]);
    call.deadline_ms = (int64_t)(uv_hrtime() / 1000000) + 30;
    rig_call(rig, &call, &outcomes[2]);

    http_client_cancel(rig->client, outcomes[1].id);
    RIG_UNTIL(rig, outcomes[1].count == 1 && outcomes[2].count == 1);

    assert_int_equal(outcomes[1].rc, RH_ECANCELLED);
    assert_int_equal(outcomes[2].rc, RH_ETIMEOUT);
    assert_string_equal(outcomes[2].reason, "not sent in time");
    assert_int_equal(outcomes[0].count, 0);
    rig_free(rig);
}

static void an_unused_pool_is_freed_after_the_idle_time(void **state)
{
    struct http_client_limits limits = {.idle_ms = 30};
    struct rig *rig = rig_with_client(&limits);
    struct outcome outcome;
    char authority[64];
    (void)state;
    rig->is_echo = true;
    rig_serve(rig, NULL);
    struct http_outbound call = rig_get(authority, http_server_port(rig->server), "/x");

    rig_call(rig, &call, &outcome);
    RIG_UNTIL(rig, outcome.count == 1);
    assert_int_equal(stats_of(rig).pools, 1);
    RIG_UNTIL(rig, stats_of(rig).pools == 0);

    assert_int_equal(stats_of(rig).connections, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_one_after_the_other_share_a_connection),
        cmocka_unit_test(each_lane_has_its_own_connections_up_to_its_limit),
        cmocka_unit_test(waiting_calls_go_on_when_a_connection_is_free),
        cmocka_unit_test(one_order_key_is_one_at_a_time_and_in_order),
        cmocka_unit_test(a_full_queue_refuses),
        cmocka_unit_test(a_queued_call_can_be_cancelled_and_time_out),
        cmocka_unit_test(an_unused_pool_is_freed_after_the_idle_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
