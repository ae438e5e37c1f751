/* Numbers, durations and percentages as scenarios have them. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/run/scenario.h"
#include "host/sim/run/scenario_text.h"

static void durations_have_a_unit_and_may_be_broken(void **state)
{
    static const struct {
        const char *text;
        int64_t us; /* -1 = refused */
    } rows[] = {
        {"1us", 1},         {"1500ms", 1500000}, {"0.5s", 500000},
        {"60s", 60000000},  {"10m", 600000000},  {"2h", 7200000000},
        {"0s", 0},          {"5", -1},           {"s", -1},
        {"5 s", -1},        {"-5s", -1},         {"1.s", -1},
        {"1.2345678s", -1}, {"5parsecs", -1},    {"99999999999999h", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t us = -1;

        assert_int_equal(text_parse_duration(rh_str_from(rows[i].text), &us), rows[i].us >= 0);
        assert_int_equal(us, rows[i].us);
    }
}

static void percentages_are_kept_in_millionths(void **state)
{
    int64_t ppm = -1;

    (void)state;

    assert_true(text_parse_percent(RH_STR_LIT("2.5%"), &ppm));
    assert_int_equal(ppm, 25000);
    assert_true(text_parse_percent(RH_STR_LIT("100%"), &ppm));
    assert_int_equal(ppm, 1000000);
    assert_false(text_parse_percent(RH_STR_LIT("2.5"), &ppm));
    assert_false(text_parse_percent(RH_STR_LIT("%"), &ppm));
}

static void words_end_at_blanks_and_comments_at_the_line(void **state)
{
    char why[SCENARIO_WHY_MAX];
    struct scenario_text text = {
        .file = "f", .line = RH_STR_LIT("  one two#2 # three"), .number = 3, .why = why};

    (void)state;

    assert_true(rh_str_eq_c(text_word(&text), "one"));
    assert_true(rh_str_eq_c(text_word(&text), "two#2"));
    assert_int_equal(text_word(&text).n, 0);
    assert_int_equal(text_end(&text), RH_OK);
}

static void an_error_names_file_line_and_column(void **state)
{
    char why[SCENARIO_WHY_MAX];
    struct scenario_text text = {
        .file = "a.sim", .line = RH_STR_LIT("  beat 5parsecs"), .number = 7, .why = why};
    int64_t us;

    (void)state;
    (void)text_word(&text);

    assert_int_equal(text_duration(&text, "beat", false, &us), RH_EINVAL);

    assert_string_equal(why,
                        "a.sim:7:8: error: beat: \"5parsecs\" is not a duration (us ms s m h)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_a_unit_and_may_be_broken),
        cmocka_unit_test(percentages_are_kept_in_millionths),
        cmocka_unit_test(words_end_at_blanks_and_comments_at_the_line),
        cmocka_unit_test(an_error_names_file_line_and_column),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
