/* Tests of plugins/relay/backlog.c. */
#include "plugins/relay/backlog.h"

#include "relay_test.h"

#define LARGE (3u * 1024u * 1024u)

static struct backlog_reply reply_of(uint64_t id, struct rh_str body)
{
    return (struct backlog_reply){.id = id,
                                  .status = 200,
                                  .node = S("n4"),
                                  .content_type = S("application/json"),
                                  .body = body,
                                  .deadline_ms = 1000};
}

static void a_lost_message_is_written_again_the_same(void **state)
{
    const struct backlog_reply reply = reply_of(1, S("{}"));
    struct backlog backlog = {0};
    struct rh_buf first;
    struct rh_buf again;
    struct rh_str bytes;
    struct frame frame;

    (void)state;
    rh_buf_init(&first, BACKLOG_MESSAGE_MAX);
    rh_buf_init(&again, BACKLOG_MESSAGE_MAX);
    assert_int_equal(backlog_add(&backlog, &reply), RH_OK);
    assert_true(backlog_write(&backlog, &first));
    backlog_confirm(&backlog, false);
    assert_true(backlog_write(&backlog, &again));

    assert_true(rh_str_eq(rh_buf_str(&first), rh_buf_str(&again)));
    bytes = rh_buf_str(&again);
    frame = next_frame(&bytes);
    assert_int_equal(frame.kind, FRAME_REPLY);
    assert_int_equal(frame.status, 200);
    assert_true(rh_str_eq(frame.data, S("{}")));
    backlog_confirm(&backlog, true);
    assert_int_equal(backlog.count, 0);
    rh_buf_release(&first);
    rh_buf_release(&again);
}

static void a_large_reply_goes_in_windows_and_holds_up_no_small_one(void **state)
{
    char *body = calloc(1, LARGE);
    const struct backlog_reply large = reply_of(1, (struct rh_str){body, LARGE});
    const struct backlog_reply small = reply_of(2, S("x"));
    struct backlog backlog = {0};
    struct rh_buf buf;
    uint64_t got[3] = {0};
    uint32_t messages = 0;

    (void)state;
    rh_buf_init(&buf, BACKLOG_MESSAGE_MAX);
    assert_int_equal(backlog_add(&backlog, &large), RH_OK);
    assert_int_equal(backlog_add(&backlog, &small), RH_OK);
    while (backlog_write(&backlog, &buf)) {
        struct rh_str bytes = rh_buf_str(&buf);
        uint64_t n = 0;

        while (bytes.n > 0) {
            const struct frame frame = next_frame(&bytes);

            assert_int_equal(frame.offset, got[frame.id]);
            assert_in_range(frame.data.n, 1, FRAME_DATA_MAX);
            got[frame.id] += frame.data.n;
            n += frame.data.n;
        }
        assert_in_range(n, 1, BACKLOG_WINDOW_BYTES);
        assert_int_equal(got[2], 1);
        backlog_confirm(&backlog, true);
        rh_buf_reset(&buf);
        messages++;
    }

    assert_int_equal(got[1], LARGE);
    assert_in_range(messages, 3, 4);
    assert_int_equal(backlog.bytes, 0);
    rh_buf_release(&buf);
    free(body);
}

static void replies_that_are_too_late_go(void **state)
{
    const struct backlog_reply reply = reply_of(1, S("{}"));
    struct backlog backlog = {0};

    (void)state;
    assert_int_equal(backlog_add(&backlog, &reply), RH_OK);
    backlog_tick(&backlog, 999);
    assert_int_equal(backlog.count, 1);
    backlog_tick(&backlog, 1000);

    assert_int_equal(backlog.count, 0);
    assert_null(backlog.first);
    assert_null(backlog.last);
}

static void it_holds_no_more_than_its_limit(void **state)
{
    const struct backlog_reply reply = reply_of(1, S("{}"));
    struct backlog backlog = {0};

    (void)state;
    for (uint32_t i = 0; i < BACKLOG_COUNT_MAX; i++)
        assert_int_equal(backlog_add(&backlog, &reply), RH_OK);
    assert_int_equal(backlog_add(&backlog, &reply), RH_EFULL);
    backlog_clear(&backlog);

    assert_int_equal(backlog.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_message_is_written_again_the_same),
        cmocka_unit_test(a_large_reply_goes_in_windows_and_holds_up_no_small_one),
        cmocka_unit_test(replies_that_are_too_late_go),
        cmocka_unit_test(it_holds_no_more_than_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
