/* Tests of plugins/relay/hub_node.c. */
#include "relay_test.h"

#define LARGE (3u * 1024u * 1024u)

static void a_new_registration_replaces_an_old_one_and_never_the_other_way_round(void **state)
{
    struct hub hub;
    uint64_t superseded;

    (void)state;
    hub_init(&hub, &test_cfg, 1);
    assert_int_equal(hub_register(&hub, S("n4"), 5, 0), RH_OK);
    assert_int_equal(hub_register(&hub, S("n4"), 4, 0), RH_ESTALE);
    assert_int_equal(hub_register(&hub, S("n4"), 6, 0), RH_OK);

    assert_int_equal(hub_poll(&hub, S("n4"), 5, 0, 1, 100, 0, &superseded), RH_ESTALE);
    assert_int_equal(hub_poll(&hub, S("n4"), 7, 0, 1, 100, 0, &superseded), RH_ENOTFOUND);
    assert_int_equal(hub_poll(&hub, S("n5"), 7, 0, 1, 100, 0, &superseded), RH_ENOTFOUND);
    assert_int_equal(hub_poll(&hub, S("n4"), 6, 3, 1, 100, 0, &superseded), RH_ECONFLICT);
    assert_int_equal(hub_poll(&hub, S("n4"), 6, 0, 1, 100, 0, &superseded), RH_OK);
    hub_release(&hub);
}

static void a_poll_waits_until_there_is_something_or_its_time_is_over(void **state)
{
    const struct hub_ask ask = ask_of(1, S("{}"));
    struct hub hub;
    struct hub_node *node;
    uint64_t superseded;

    (void)state;
    hub_init(&hub, &test_cfg, 1);
    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_OK);
    assert_int_equal(hub_poll(&hub, S("n4"), 1, 0, 11, 500, 0, &superseded), RH_OK);
    assert_int_equal(hub_next_poll(&hub, 499, &node), 0);
    assert_int_equal(hub_next_ms(&hub), 500);
    assert_int_equal(hub_next_poll(&hub, 500, &node), 11);
    assert_int_equal(hub_poll(&hub, S("n4"), 1, 0, 12, 500, 500, &superseded), RH_OK);
    assert_int_equal(hub_take(&hub, &ask, 600), HUB_REPLIED);

    assert_int_equal(hub_next_poll(&hub, 600, &node), 12);
    hub_release(&hub);
}

static void a_newer_poll_supersedes_the_older(void **state)
{
    struct hub hub;
    uint64_t superseded;

    (void)state;
    hub_init(&hub, &test_cfg, 1);
    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_OK);
    assert_int_equal(hub_poll(&hub, S("n4"), 1, 0, 11, 500, 0, &superseded), RH_OK);
    assert_int_equal(superseded, 0);
    assert_int_equal(hub_poll(&hub, S("n4"), 1, 0, 12, 500, 0, &superseded), RH_OK);

    assert_int_equal(superseded, 11);
    hub_poll_gone(&hub, 12);
    assert_int_equal(hub_find(&hub, S("n4"))->poll, 0);
    hub_release(&hub);
}

static void a_batch_that_was_lost_is_the_same_again(void **state)
{
    const struct hub_ask ask = ask_of(1, S("{}"));
    const struct hub_ask later = ask_of(2, S("[]"));
    struct hub hub;
    struct rh_buf first;
    struct rh_buf again;
    struct rh_str bytes;

    (void)state;
    hub_init(&hub, &test_cfg, 1);
    rh_buf_init(&first, 1u << 21);
    rh_buf_init(&again, 1u << 21);
    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_OK);
    assert_int_equal(hub_take(&hub, &ask, 0), HUB_REPLIED);
    assert_int_equal(poll_batch(&hub, 1, 0, 0, &first), 1);
    assert_int_equal(hub_take(&hub, &later, 0), HUB_REPLIED);
    assert_int_equal(poll_batch(&hub, 1, 0, 0, &again), 1);
    assert_true(rh_str_eq(rh_buf_str(&first), rh_buf_str(&again)));

    assert_int_equal(poll_batch(&hub, 1, 1, 0, &again), 2);
    bytes = rh_buf_str(&again);
    assert_int_equal(next_frame(&bytes).key, 2);
    assert_int_equal(bytes.n, 0);
    assert_int_equal(poll_batch(&hub, 1, 2, 0, &again), UINT64_MAX);
    rh_buf_release(&first);
    rh_buf_release(&again);
    hub_release(&hub);
}

static void a_large_body_goes_in_windows_and_holds_up_no_small_one(void **state)
{
    char *body = calloc(1, LARGE);
    const struct hub_ask large = ask_of(1, (struct rh_str){body, LARGE});
    const struct hub_ask small = ask_of(2, S("x"));
    uint64_t got[3] = {0};
    uint64_t ack = 0;
    struct hub hub;
    struct rh_buf buf;

    (void)state;
    hub_init(&hub, &test_cfg, 0);
    rh_buf_init(&buf, 1u << 22);
    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_OK);
    assert_int_equal(hub_take(&hub, &large, 0), HUB_REPLIED);
    assert_int_equal(hub_take(&hub, &small, 0), HUB_REPLIED);
    for (uint64_t batch; (batch = poll_batch(&hub, 1, ack, 0, &buf)) != UINT64_MAX; ack = batch) {
        struct rh_str bytes = rh_buf_str(&buf);
        uint64_t n = 0;

        assert_int_equal(batch, ack + 1);
        while (bytes.n > 0) {
            const struct frame frame = next_frame(&bytes);

            assert_int_equal(frame.offset, got[frame.id]);
            assert_in_range(frame.data.n, 1, FRAME_DATA_MAX);
            got[frame.id] += frame.data.n;
            n += frame.data.n;
        }
        assert_in_range(n, 1, HUB_WINDOW_BYTES);
        assert_int_equal(got[2], 1);
    }

    assert_int_equal(got[1], LARGE);
    assert_int_equal(hub.stats.delivered, 2);
    rh_buf_release(&buf);
    hub_release(&hub);
    free(body);
}

static void under_a_new_registration_only_what_cannot_have_run_is_sent(void **state)
{
    char *body = calloc(1, LARGE);
    const struct hub_ask large = ask_of(1, (struct rh_str){body, LARGE});
    const struct hub_ask small = ask_of(2, S("x"));
    struct hub hub;
    struct rh_buf buf;
    struct rh_str bytes;
    struct frame frame;

    (void)state;
    hub_init(&hub, &test_cfg, 0);
    rh_buf_init(&buf, 1u << 22);
    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_OK);
    assert_int_equal(hub_take(&hub, &large, 0), HUB_REPLIED);
    assert_int_equal(hub_take(&hub, &small, 0), HUB_REPLIED);
    assert_int_equal(poll_batch(&hub, 1, 0, 0, &buf), 1); /* all of the small, part of the large */
    assert_int_equal(hub_register(&hub, S("n4"), 2, 0), RH_OK);

    expect_ended(&hub, 2, HUB_NODE_CHANGED);
    assert_null(hub_next_ended(&hub));
    assert_int_equal(poll_batch(&hub, 2, 0, 0, &buf), 1);
    bytes = rh_buf_str(&buf);
    frame = next_frame(&bytes);
    assert_int_equal(frame.kind, FRAME_REQUEST);
    assert_int_equal(frame.key, 1);
    assert_int_equal(frame.total, LARGE);
    rh_buf_release(&buf);
    hub_release(&hub);
    free(body);
}

static void a_node_that_does_not_poll_is_forgotten(void **state)
{
    const struct hub_ask ask = ask_of(1, S("{}"));
    struct hub hub;

    (void)state;
    hub_init(&hub, &test_cfg, 1);
    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_OK);
    assert_int_equal(hub_take(&hub, &ask, 55000), HUB_REPLIED);
    hub_tick(&hub, 59999);
    assert_non_null(hub_find(&hub, S("n4")));
    hub_tick(&hub, 60000);

    assert_null(hub_find(&hub, S("n4")));
    expect_ended(&hub, 1, HUB_UNKNOWN_NODE);
    hub_release(&hub);
}

static void a_node_that_leaves_answers_what_it_got_and_gets_nothing_more(void **state)
{
    const struct hub_ask first = ask_of(1, S("{}"));
    const struct hub_ask second = ask_of(2, S("{}"));
    const struct hub_ask third = ask_of(3, S("{}"));
    struct frame reply = {.kind = FRAME_REPLY, .status = 200};
    struct hub hub;
    struct rh_buf buf;

    (void)state;
    hub_init(&hub, &test_cfg, 0);
    rh_buf_init(&buf, 1u << 21);
    assert_int_equal(hub_register(&hub, S("n4"), 3, 0), RH_OK);
    assert_int_equal(hub_take(&hub, &first, 0), HUB_REPLIED);
    assert_int_equal(poll_batch(&hub, 3, 0, 0, &buf), 1);
    assert_int_equal(hub_take(&hub, &second, 0), HUB_REPLIED);
    hub_leave(&hub, S("n4"), 2);
    assert_non_null(hub_find(&hub, S("n4")));
    hub_leave(&hub, S("n4"), 3);

    assert_null(hub_find(&hub, S("n4")));
    expect_ended(&hub, 2, HUB_UNKNOWN_NODE);
    assert_int_equal(hub_take(&hub, &third, 0), HUB_UNKNOWN_NODE);
    reply.id = 1;
    assert_int_equal(hub_reply(&hub, S("n4"), &reply), RH_OK);
    expect_ended(&hub, 1, HUB_REPLIED);
    assert_int_equal(hub_register(&hub, S("n4"), 4, 0), RH_OK);
    assert_int_equal(hub_take(&hub, &third, 0), HUB_REPLIED);
    rh_buf_release(&buf);
    hub_release(&hub);
}

static void there_are_no_more_nodes_than_the_limit(void **state)
{
    struct hub hub;
    char name[16];

    (void)state;
    hub_init(&hub, &test_cfg, 1);
    for (unsigned i = 0; i < HUB_NODES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "w%u", i);
        assert_int_equal(hub_register(&hub, rh_str_from(name), 1, 0), RH_OK);
    }

    assert_int_equal(hub_register(&hub, S("n4"), 1, 0), RH_EFULL);
    hub_release(&hub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_registration_replaces_an_old_one_and_never_the_other_way_round),
        cmocka_unit_test(a_poll_waits_until_there_is_something_or_its_time_is_over),
        cmocka_unit_test(a_newer_poll_supersedes_the_older),
        cmocka_unit_test(a_batch_that_was_lost_is_the_same_again),
        cmocka_unit_test(a_large_body_goes_in_windows_and_holds_up_no_small_one),
        cmocka_unit_test(under_a_new_registration_only_what_cannot_have_run_is_sent),
        cmocka_unit_test(a_node_that_does_not_poll_is_forgotten),
        cmocka_unit_test(a_node_that_leaves_answers_what_it_got_and_gets_nothing_more),
        cmocka_unit_test(there_are_no_more_nodes_than_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
