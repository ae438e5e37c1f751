/* Tests of plugins/relay/inbox.c. */
#include "plugins/relay/inbox.h"

#include "relay_test.h"

static struct frame head(uint64_t id, uint64_t key, uint32_t total, struct rh_str data)
{
    return (struct frame){.kind = FRAME_REQUEST,
                          .id = id,
                          .key = key,
                          .total = total,
                          .timeout_ms = 1000,
                          .node = S("n1"),
                          .method = S("POST"),
                          .path = S("/x"),
                          .data = data};
}

static void pieces_become_a_request(void **state)
{
    struct frame first = head(1, 7, 5, S("he"));
    const struct frame rest = {.kind = FRAME_DATA, .id = 1, .offset = 2, .data = S("llo")};
    struct inbox inbox;
    struct inbox_request *r = NULL;

    (void)state;
    inbox_init(&inbox, 1);
    assert_int_equal(inbox_take(&inbox, S("h1"), &first, 100, &r), INBOX_MORE);
    assert_int_equal(inbox_take(&inbox, S("h2"), &rest, 100, &r), INBOX_MORE); /* not of it */
    assert_int_equal(inbox_take(&inbox, S("h1"), &rest, 100, &r), INBOX_RUN);

    assert_true(rh_str_eq(r->body, S("hello")));
    assert_true(rh_str_eq(r->from, S("n1")));
    assert_string_equal(r->method, "POST");
    assert_string_equal(r->path, "/x");
    assert_int_equal(r->deadline_ms, 1100);
    inbox_drop(&inbox, r);
    assert_int_equal(inbox.count, 0);
    assert_int_equal(inbox.bytes, 0);
    inbox_release(&inbox);
}

static void a_request_is_given_out_once_whichever_hub_brings_it(void **state)
{
    struct frame frame = head(1, 7, 0, S(""));
    struct inbox inbox;
    struct inbox_request *r;

    (void)state;
    inbox_init(&inbox, 1);
    assert_int_equal(inbox_take(&inbox, S("h1"), &frame, 0, &r), INBOX_RUN);
    inbox_drop(&inbox, r);

    frame.id = 99;
    assert_int_equal(inbox_take(&inbox, S("h2"), &frame, 0, &r), INBOX_DUPLICATE);
    assert_int_equal(r->id, 99);
    inbox_drop(&inbox, r);
    assert_int_equal(inbox.stats.duplicates, 1);
    inbox_release(&inbox);
}

static void a_piece_at_the_wrong_place_is_an_error(void **state)
{
    struct frame first = head(1, 7, 5, S("he"));
    const struct frame late = {.kind = FRAME_DATA, .id = 1, .offset = 3, .data = S("lo")};
    const struct frame long_one = {.kind = FRAME_DATA, .id = 1, .offset = 2, .data = S("llo!")};
    const struct frame reply = {.kind = FRAME_REPLY, .id = 1};
    struct inbox inbox;
    struct inbox_request *r;

    (void)state;
    inbox_init(&inbox, 1);
    assert_int_equal(inbox_take(&inbox, S("h1"), &first, 0, &r), INBOX_MORE);

    assert_int_equal(inbox_take(&inbox, S("h1"), &late, 0, &r), RH_EPROTOCOL);
    assert_int_equal(inbox_take(&inbox, S("h1"), &long_one, 0, &r), RH_EPROTOCOL);
    assert_int_equal(inbox_take(&inbox, S("h1"), &reply, 0, &r), RH_EPROTOCOL);
    inbox_release(&inbox);
}

static void what_is_not_whole_goes_with_its_hub_or_its_time(void **state)
{
    struct frame first = head(1, 7, 5, S("he"));
    struct frame second = head(2, 8, 5, S("he"));
    struct inbox inbox;
    struct inbox_request *r;

    (void)state;
    inbox_init(&inbox, 1);
    assert_int_equal(inbox_take(&inbox, S("h1"), &first, 0, &r), INBOX_MORE);
    assert_int_equal(inbox_take(&inbox, S("h2"), &second, 500, &r), INBOX_MORE);
    inbox_forget_hub(&inbox, S("h2"));
    assert_int_equal(inbox.count, 1);
    inbox_tick(&inbox, 999);
    assert_int_equal(inbox.count, 1);
    inbox_tick(&inbox, 1000);

    assert_int_equal(inbox.count, 0);
    inbox_release(&inbox);
}

static void a_full_inbox_refuses_and_a_refused_request_may_come_again(void **state)
{
    struct inbox inbox;
    struct inbox_request *r;
    struct frame frame;

    (void)state;
    inbox_init(&inbox, 1);
    for (uint64_t i = 0; i < INBOX_COUNT_MAX; i++) {
        frame = head(i, i, 1, S(""));
        assert_int_equal(inbox_take(&inbox, S("h1"), &frame, 0, &r), INBOX_MORE);
    }
    frame = head(9999, 9999, 0, S(""));
    assert_int_equal(inbox_take(&inbox, S("h1"), &frame, 0, &r), INBOX_NO_ROOM);
    inbox_drop(&inbox, r);
    inbox_tick(&inbox, 1000);

    assert_int_equal(inbox_take(&inbox, S("h1"), &frame, 1000, &r), INBOX_RUN);
    inbox_drop(&inbox, r);
    inbox_release(&inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_become_a_request),
        cmocka_unit_test(a_request_is_given_out_once_whichever_hub_brings_it),
        cmocka_unit_test(a_piece_at_the_wrong_place_is_an_error),
        cmocka_unit_test(what_is_not_whole_goes_with_its_hub_or_its_time),
        cmocka_unit_test(a_full_inbox_refuses_and_a_refused_request_may_come_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
