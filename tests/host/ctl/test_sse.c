/* The parser of event streams. */
#include "ctl_test.h"

#include <ringhost/sdk/str.h>

#include "host/ctl/sse.h"

/* Feeds text in pieces of `piece` bytes; writes "type=data;" for each event. */
static void feed(struct sse *sse, const char *text, size_t piece, struct rh_buf *out)
{
    const size_t size = strlen(text);

    for (size_t at = 0; at < size; at += piece) {
        struct rh_str bytes = {text + at, size - at < piece ? size - at : piece};
        struct sse_event event;

        while (sse_next(sse, &bytes, &event) == 1)
            (void)rh_buf_printf(out, "%.*s=%.*s;", RH_STR_ARG(event.type), RH_STR_ARG(event.data));
        assert_int_equal(bytes.n, 0);
    }
}

/* Whatever the pieces, the events are the same. */
static void assert_events(const char *text, const char *expected, const char *last_id)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        struct sse sse;
        struct rh_buf out;

        rh_buf_init(&out, TEST_TEXT_MAX);
        sse_init(&sse);
        feed(&sse, text, piece, &out);
        assert_string_equal(sse.last_id, last_id);
        assert_text(&out, expected);
        sse_release(&sse);
    }
}

static void events_have_type_data_and_id(void **state)
{
    (void)state;
    assert_events("id: 7\nevent: a\ndata: {\"x\":1}\n\ndata:two\ndata: lines\n\n",
                  "a={\"x\":1};message=two\nlines;", "7");
}

static void comments_and_unknown_fields_say_nothing(void **state)
{
    (void)state;
    assert_events(": alive\n\nfoo: bar\nnoise\n\ndata: x\n\n", "message=x;", "");
}

static void lines_end_with_cr_lf_or_both(void **state)
{
    (void)state;
    assert_events("data: a\r\n\r\ndata: b\r\rdata: c\n\n", "message=a;message=b;message=c;", "");
}

static void an_event_without_data_only_moves_the_id(void **state)
{
    (void)state;
    assert_events("event: x\nid: 9\n\ndata: y\n\n", "message=y;", "9");
}

static void empty_data_is_an_event(void **state)
{
    (void)state;
    assert_events("event: x\ndata\n\n", "x=;", "");
}

static void a_byte_order_mark_is_skipped(void **state)
{
    (void)state;
    assert_events("\xEF\xBB\xBF"
                  "data: a\n\n",
                  "message=a;", "");
}

static void a_half_event_counts_for_nothing_after_a_restart(void **state)
{
    struct sse sse;
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    sse_init(&sse);
    feed(&sse, "retry: 120\nid: 1\ndata: a\n\nid: 2\ndata: ha", 100, &out);

    sse_restart(&sse);
    feed(&sse, "data: b\n\n", 100, &out);

    assert_string_equal(sse.last_id, "1");
    assert_int_equal(sse.retry_ms, 120);
    assert_text(&out, "message=a;message=b;");
    sse_release(&sse);
}

static void a_line_without_end_is_refused_at_its_limit(void **state)
{
    struct rh_str bytes;
    struct sse_event event;
    struct sse sse;
    char piece[4096];
    int32_t rc = RH_OK;

    (void)state;
    memset(piece, 'x', sizeof(piece));
    sse_init(&sse);
    for (size_t n = 0; n <= SSE_LINE_MAX && rc == RH_OK; n += sizeof(piece)) {
        bytes = (struct rh_str){piece, sizeof(piece)};
        rc = sse_next(&sse, &bytes, &event);
    }

    assert_int_equal(rc, RH_ETOOLARGE);
    sse_release(&sse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_have_type_data_and_id),
        cmocka_unit_test(comments_and_unknown_fields_say_nothing),
        cmocka_unit_test(lines_end_with_cr_lf_or_both),
        cmocka_unit_test(an_event_without_data_only_moves_the_id),
        cmocka_unit_test(empty_data_is_an_event),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
        cmocka_unit_test(a_half_event_counts_for_nothing_after_a_restart),
        cmocka_unit_test(a_line_without_end_is_refused_at_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
