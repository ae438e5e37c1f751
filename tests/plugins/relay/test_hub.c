/* Tests of plugins/relay/hub.c. */
#include "relay_test.h"

/* A hub that n4 is registered at. */
static void begin(struct hub *hub)
{
    hub_init(hub, &test_cfg, 1);
    assert_int_equal(hub_register(hub, S("n4"), 1, 0), RH_OK);
}

/* Takes a request and hands it out; its id. */
static uint64_t hand_out(struct hub *hub, uint64_t key)
{
    const struct hub_ask ask = ask_of(key, S("{}"));
    struct rh_buf buf;
    struct rh_str bytes;
    uint64_t id;

    rh_buf_init(&buf, 1u << 21);
    assert_int_equal(hub_take(hub, &ask, 0), HUB_REPLIED);
    assert_int_not_equal(poll_batch(hub, 1, hub_find(hub, S("n4"))->batch, 0, &buf), UINT64_MAX);
    bytes = rh_buf_str(&buf);
    id = next_frame(&bytes).id;
    rh_buf_release(&buf);
    return id;
}

static void a_reply_in_pieces_ends_the_request_it_is_for(void **state)
{
    struct hub hub;
    struct hub_message *m;
    struct frame first = {.kind = FRAME_REPLY, .status = 201, .total = 5, .data = S("he")};
    struct frame rest = {.kind = FRAME_DATA, .offset = 2, .data = S("llo")};

    (void)state;
    begin(&hub);
    first.id = rest.id = hand_out(&hub, 1);
    first.content_type = S("text/plain");
    assert_int_equal(hub_reply(&hub, S("n4"), &first), RH_OK);
    assert_int_equal(hub_reply(&hub, S("n4"), &first), RH_OK); /* sent again: nothing new */
    assert_null(hub_next_ended(&hub));
    assert_int_equal(hub_reply(&hub, S("n4"), &rest), RH_OK);

    m = hub_next_ended(&hub);
    assert_non_null(m);
    assert_int_equal(m->reason, HUB_REPLIED);
    assert_int_equal(m->status, 201);
    assert_string_equal(m->reply_type, "text/plain");
    assert_true(rh_str_eq(rh_buf_str(&m->reply), S("hello")));
    hub_drop(&hub, m);
    assert_int_equal(hub.bytes, 0);
    hub_release(&hub);
}

static void only_the_node_that_was_asked_answers_and_only_what_it_got(void **state)
{
    const struct hub_ask waiting = ask_of(2, S("{}"));
    struct frame reply = {.kind = FRAME_REPLY, .status = 200};
    struct frame gap = {.kind = FRAME_DATA, .offset = 9, .data = S("x")};
    struct hub hub;

    (void)state;
    begin(&hub);
    reply.id = gap.id = hand_out(&hub, 1);
    assert_int_equal(hub_reply(&hub, S("n5"), &reply), RH_OK);
    assert_null(hub_next_ended(&hub));
    assert_int_equal(hub_reply(&hub, S("n4"), &gap), RH_EPROTOCOL);
    assert_int_equal(hub_take(&hub, &waiting, 0), HUB_REPLIED);
    reply.id++;
    assert_int_equal(hub_reply(&hub, S("n4"), &reply), RH_OK); /* it cannot know that one */

    assert_null(hub_next_ended(&hub));
    hub_release(&hub);
}

static void a_request_counts_once(void **state)
{
    const struct hub_ask ask = ask_of(1, S("{}"));
    struct hub hub;

    (void)state;
    begin(&hub);
    assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);

    assert_int_equal(hub_take(&hub, &ask, 100), HUB_DUPLICATE);
    assert_int_equal(hub.stats.refused[HUB_DUPLICATE], 1);
    hub_release(&hub);
}

static void a_refused_request_may_come_again(void **state)
{
    const struct hub_ask ask = ask_of(1, S("{}"));
    struct hub hub;

    (void)state;
    hub_init(&hub, &test_cfg, 1);
    assert_int_equal(hub_take(&hub, &ask, 0), HUB_UNKNOWN_NODE);
    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_OK);

    assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);
    hub_release(&hub);
}

static void a_node_has_no_more_requests_than_the_limit(void **state)
{
    struct hub hub;
    struct hub_ask ask;

    (void)state;
    begin(&hub);
    for (uint64_t key = 0; key < HUB_QUEUE_MAX; key++) {
        ask = ask_of(key, S("{}"));
        assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);
    }
    ask = ask_of(9999, S("{}"));

    assert_int_equal(hub_take(&hub, &ask, 0), HUB_QUEUE_FULL);
    hub_release(&hub);
}

static void a_hub_holds_no_more_bytes_than_the_limit(void **state)
{
    char *body = calloc(1, FRAME_BODY_MAX);
    struct frame reply = {.kind = FRAME_REPLY, .status = 200, .total = 1};
    struct hub_ask ask;
    struct hub hub;

    (void)state;
    begin(&hub);
    reply.id = hand_out(&hub, 77);
    ask = ask_of(76, (struct rh_str){body, FRAME_BODY_MAX - 2});
    assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);
    for (uint64_t key = 0; key < 3; key++) {
        ask = ask_of(key, (struct rh_str){body, FRAME_BODY_MAX});
        assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);
    }
    assert_int_equal(hub.bytes, HUB_BYTES_MAX);
    ask = ask_of(99, S("x"));

    assert_int_equal(hub_take(&hub, &ask, 0), HUB_FULL);
    assert_int_equal(hub_reply(&hub, S("n4"), &reply), RH_OK);
    expect_ended(&hub, 77, HUB_REPLY_TOO_LARGE);
    hub_stop(&hub);
    hub_release(&hub);
    assert_int_equal(hub.bytes, 0);
    free(body);
}

static void a_caller_has_its_rate_and_others_theirs(void **state)
{
    struct hub_config cfg = test_cfg;
    struct hub hub;
    struct hub_ask ask;

    (void)state;
    cfg.burst = 2;
    cfg.rate = 1;
    hub_init(&hub, &cfg, 1);
    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_OK);
    for (uint64_t key = 0; key < 3; key++) {
        ask = ask_of(key, S(""));
        assert_int_equal(hub_take(&hub, &ask, 0), key < 2 ? HUB_REPLIED : HUB_RATE_LIMITED);
    }
    ask = ask_of(9, S(""));
    ask.from = S("n2");

    assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);
    hub_release(&hub);
}

static void late_requests_say_whether_they_may_have_run(void **state)
{
    const struct hub_ask ask = ask_of(2, S("{}"));
    struct hub hub;

    (void)state;
    begin(&hub);
    (void)hand_out(&hub, 1);
    assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);
    hub_tick(&hub, 7999);
    assert_null(hub_next_ended(&hub));
    assert_int_equal(hub_next_ms(&hub), 8000);
    hub_tick(&hub, 8000);

    expect_ended(&hub, 1, HUB_NO_REPLY);
    expect_ended(&hub, 2, HUB_NOT_DELIVERED);
    assert_int_equal(hub.bytes, 0);
    hub_release(&hub);
}

static void who_has_gone_is_not_delivered_to(void **state)
{
    const struct hub_ask ask = ask_of(2, S("{}"));
    struct hub hub;
    struct rh_buf buf;

    (void)state;
    begin(&hub);
    rh_buf_init(&buf, 4096);
    assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);
    hub_origin_gone(&hub, 2, 2); /* another kind */
    assert_null(hub_next_ended(&hub));
    hub_origin_gone(&hub, 1, 2);

    expect_ended(&hub, 2, HUB_NOT_DELIVERED);
    assert_int_equal(poll_batch(&hub, 1, 0, 0, &buf), UINT64_MAX);
    rh_buf_release(&buf);
    hub_release(&hub);
}

static void every_reason_has_a_status_and_a_word(void **state)
{
    (void)state;
    for (uint32_t reason = 1; reason < HUB_REASON_COUNT; reason++) {
        assert_in_range(hub_reason(reason)->status, 400, 599);
        assert_true(strlen(hub_reason(reason)->token) > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_in_pieces_ends_the_request_it_is_for),
        cmocka_unit_test(only_the_node_that_was_asked_answers_and_only_what_it_got),
        cmocka_unit_test(a_request_counts_once),
        cmocka_unit_test(a_refused_request_may_come_again),
        cmocka_unit_test(a_node_has_no_more_requests_than_the_limit),
        cmocka_unit_test(a_hub_holds_no_more_bytes_than_the_limit),
        cmocka_unit_test(a_caller_has_its_rate_and_others_theirs),
        cmocka_unit_test(late_requests_say_whether_they_may_have_run),
        cmocka_unit_test(who_has_gone_is_not_delivered_to),
        cmocka_unit_test(every_reason_has_a_status_and_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
