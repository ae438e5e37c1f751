/* Spans, instants, numbers, safe text. */
#include "ctl_test.h"

#include <math.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/words.h"

static void spans_have_at_most_two_units(void **state)
{
    static const struct {
        int64_t span_ms;
        const char *text;
    } rows[] = {{-5, "0 ms"},
                {999, "999 ms"},
                {1000, "1 s"},
                {59999, "59 s"},
                {61000, "1 min 1 s"},
                {8040000, "2 h 14 min"},
                {86399999, "23 h 59 min"},
                {273600000, "3 d 4 h"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rh_buf out;

        rh_buf_init(&out, TEST_TEXT_MAX);
        words_span(&out, rows[i].span_ms);
        assert_text(&out, rows[i].text);
    }
}

static void instants_are_told_from_now_and_as_utc(void **state)
{
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    words_ago(&out, 1000, 4000);
    (void)rh_buf_append_c(&out, ", ");
    words_ago(&out, 9000, 4000);
    (void)rh_buf_append_c(&out, ", ");
    words_ago(&out, 0, 4000);
    (void)rh_buf_append_c(&out, ", ");
    words_instant(&out, INT64_C(1709294400999));
    (void)rh_buf_append_c(&out, ", ");
    words_instant(&out, 0);

    assert_text(&out, "3 s ago, in 5 s, never, 2024-03-01T12:00:00Z, -");
}

static void numbers_are_rounded_half_away_and_have_a_point(void **state)
{
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    words_number(&out, 70.0, 1);
    (void)rh_buf_append_byte(&out, ' ');
    words_number(&out, 48.0749, 1);
    (void)rh_buf_append_byte(&out, ' ');
    words_number(&out, -0.04, 1);
    (void)rh_buf_append_byte(&out, ' ');
    words_number(&out, -147.19, 0);
    (void)rh_buf_append_byte(&out, ' ');
    words_number(&out, 2.005, 2);
    (void)rh_buf_append_byte(&out, ' ');
    words_number(&out, (double)NAN, 1);
    words_number(&out, -(double)INFINITY, 1);
    words_number(&out, 1e300, 1);

    assert_text(&out, "70.0 48.1 0.0 -147 2.01 ---");
}

static void broken_utf8_is_shown_as_question_marks(void **state)
{
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);

    /* Overlong slash, a surrogate, a cut sequence, a reversal of direction. */
    words_put_c(&out, "a\xC0\xAF"
                      "b\xED\xA0\x80"
                      "c\xE2\x82"
                      "d\xE2\x80\xAE");

    assert_text(&out, "a??b???c??d?");
}

static void widths_know_wide_and_combining_characters(void **state)
{
    (void)state;
    assert_int_equal(words_width(RH_STR_LIT("abc")), 3);
    assert_int_equal(words_width(RH_STR_LIT("e\xCC\x81")), 1);
    assert_int_equal(words_width(RH_STR_LIT("\xED\x95\x9C\xF0\x9F\x98\x80")), 4);
    assert_int_equal(words_width(RH_STR_LIT("\xFF")), 1);
}

static void lines_keep_their_ends_and_tabs(void **state)
{
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    words_put_lines(&out, RH_STR_LIT("\033[2Jred\tone\r\n\ntwo\177"));

    assert_text(&out, "?[2Jred\tone?\n\ntwo?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_keep_their_ends_and_tabs),
        cmocka_unit_test(spans_have_at_most_two_units),
        cmocka_unit_test(instants_are_told_from_now_and_as_utc),
        cmocka_unit_test(numbers_are_rounded_half_away_and_have_a_point),
        cmocka_unit_test(broken_utf8_is_shown_as_question_marks),
        cmocka_unit_test(widths_know_wide_and_combining_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
