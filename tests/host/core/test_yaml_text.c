/* Places in text: every break of YAML ends a line, and only clean UTF-8 passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/yaml_text.h"

static void lines_end_at_every_break_of_yaml(void **state)
{
    (void)state;
    struct rh_str text = rh_str_from("a\nb\r\nc\rd\xc2\x85"
                                     "e\xe2\x80\xa8"
                                     "f");
    static const char *const lines[] = {"a", "b", "c", "d", "e", "f"};
    for (uint32_t i = 0; i < 6; i++) {
        assert_true(rh_str_eq_c(yaml_text_line(text, i + 1), lines[i]));
    }
    assert_null(yaml_text_line(text, 7).p);
    assert_null(yaml_text_line(text, 0).p);
}

static void a_code_point_is_one_column(void **state)
{
    (void)state;
    struct yaml_place place = {0, 0};

    const char *wrong = yaml_text_check(rh_str_from("x\n\xe2\x82\xac\xf0\x9f\x98\x80\x02"), &place);

    assert_string_equal(wrong, "a control character is not allowed");
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 3);
}

static void overlong_surrogate_and_too_large_points_are_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "\xc0\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xff", "\xe2\x82"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_int_equal(yaml_text_point(rh_str_from(broken[i])), 0);
    }
    assert_int_equal(yaml_text_point(rh_str_from("\xf4\x8f\xbf\xbf")), 4);
}

static void a_byte_order_mark_passes(void **state)
{
    (void)state;
    struct yaml_place place;
    assert_null(yaml_text_check(rh_str_from("\xef\xbb\xbf"
                                            "a: 1\n"),
                                &place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_at_every_break_of_yaml),
        cmocka_unit_test(a_code_point_is_one_column),
        cmocka_unit_test(overlong_surrogate_and_too_large_points_are_refused),
        cmocka_unit_test(a_byte_order_mark_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
