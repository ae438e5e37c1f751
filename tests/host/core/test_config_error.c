/* How problems are printed: order, caret, caps, and each only once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/config_error.h"

static void expect_printed(const struct config_errors *errors, const char *printed)
{
    struct rh_buf buf;
    rh_buf_init(&buf, 1u << 20);
    assert_int_equal(config_errors_print(errors, &buf), RH_OK);
    assert_string_equal(buf.n > 0 ? buf.p : "", printed);
    rh_buf_release(&buf);
}

static void problems_come_in_the_order_of_files_and_lines(void **state)
{
    (void)state;
    struct config_errors errors;
    const struct config_file files[] = {{0, "b", "b", rh_str_from("one\ntwo\n")},
                                        {1, "a", "a", rh_str_from("x\n")}};
    const struct node late = {.file = "b", .line = 2, .column = 2};
    const struct node early = {.file = "b", .line = 1, .column = 3};
    const struct node other = {.file = "a", .line = 1, .column = 1, .key_line = 1, .key_column = 1};
    config_errors_init(&errors);
    config_errors_set_files(&errors, files, 2);

    config_errors_add(&errors, NULL, 0, "whole");
    config_errors_add(&errors, &other, 1, "third");
    config_errors_add(&errors, &late, 0, "second");
    config_errors_note(&errors, &early, 0, "first");

    assert_int_equal(errors.error_count, 3);
    assert_int_equal(errors.note_count, 1);
    expect_printed(&errors, "b:1:3: note: first\n    one\n      ^\n"
                            "b:2:2: error: second\n    two\n     ^\n"
                            "a:1:1: error: third\n    x\n    ^\n"
                            "error: whole\n");
    config_errors_release(&errors);
}

static void the_caret_stands_under_its_place(void **state)
{
    (void)state;
    struct config_errors errors;
    const struct config_file file = {0, "f", "f", rh_str_from("\t\xc3\xa4: x\n")};
    const struct node place = {.file = "f", .line = 1, .column = 5};
    config_errors_init(&errors);
    config_errors_set_files(&errors, &file, 1);

    config_errors_add(&errors, &place, 0, "m");

    expect_printed(&errors, "f:1:5: error: m\n    \t\xc3\xa4: x\n    \t   ^\n");
    config_errors_release(&errors);
}

static void the_same_problem_counts_once(void **state)
{
    (void)state;
    struct config_errors errors;
    const struct node place = {.file = "f", .line = 1, .column = 5};
    config_errors_init(&errors);

    config_errors_add(&errors, &place, 0, "m");
    config_errors_add(&errors, &place, 0, "m");
    config_errors_report(&errors, &place, 0, "n");

    assert_int_equal(errors.error_count, 2);
    config_errors_release(&errors);
}

static void above_the_cap_problems_are_counted(void **state)
{
    (void)state;
    struct config_errors errors;
    struct rh_buf buf;
    config_errors_init(&errors);
    rh_buf_init(&buf, 1u << 20);

    for (uint32_t i = 1; i <= CONFIG_ERRORS_MAX + 7; i++) {
        const struct node place = {.file = "f", .line = i, .column = 1};
        config_errors_addf(&errors, &place, 0, "number %u", i);
    }
    (void)config_errors_print(&errors, &buf);

    assert_int_equal(errors.error_count, CONFIG_ERRORS_MAX + 7);
    assert_non_null(strstr(buf.p, "f:100:1: error: number 100\nerror: 7 more\n"));
    assert_null(strstr(buf.p, "number 101"));
    rh_buf_release(&buf);
    config_errors_release(&errors);
}

static void a_place_without_line_prints_its_source_only(void **state)
{
    (void)state;
    struct config_errors errors;
    const struct node place = {.file = "environment X"};
    config_errors_init(&errors);

    config_errors_add(&errors, &place, 0, "m");

    expect_printed(&errors, "environment X: error: m\n");
    config_errors_release(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_come_in_the_order_of_files_and_lines),
        cmocka_unit_test(the_caret_stands_under_its_place),
        cmocka_unit_test(the_same_problem_counts_once),
        cmocka_unit_test(above_the_cap_problems_are_counted),
        cmocka_unit_test(a_place_without_line_prints_its_source_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
