/* Tests of what is taken from an output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/output.h"

static void object(const char *output, const char *expected)
{
    const struct rh_str found = output_object(rh_str_from(output));

    assert_int_equal(found.n, strlen(expected));
    assert_memory_equal(found.p, expected, found.n);
}

static void the_last_line_that_looks_like_an_object_is_found(void **state)
{
    (void)state;
    object("{\"a\":1}", "{\"a\":1}");
    object("x\n{\"a\":1}\n {\"b\":2} \r\nbye\n\n", "{\"b\":2}");
    object("{\n}\n", "");
    object("no object", "");
    object("", "");
    object("{}\n{", "{}");
}

static void a_tail_begins_with_a_whole_character(void **state)
{
    const struct rh_str text = RH_STR_LIT("ab\xc3\xbc"
                                          "cd");

    (void)state;
    assert_true(rh_str_eq_c(output_tail(text, 100), "ab\xc3\xbc"
                                                    "cd"));
    assert_true(rh_str_eq_c(output_tail(text, 4), "\xc3\xbc"
                                                  "cd"));
    assert_true(rh_str_eq_c(output_tail(text, 3), "cd"));
    assert_true(rh_str_eq_c(output_tail(text, 0), ""));
    assert_true(rh_str_eq_c(output_tail(RH_STR_LIT(""), 5), ""));
}

static void whole(const char *text, size_t expected)
{
    assert_int_equal(output_whole(rh_str_from(text)).n, expected);
}

static void a_page_ends_with_a_whole_character(void **state)
{
    (void)state;
    whole("", 0);
    whole("abc", 3);
    whole("a\xc3\xbc", 3);
    whole("a\xc3", 1);
    whole("a\xe2\x82\xac", 4);
    whole("a\xe2\x82", 1);
    whole("a\xe2", 1);
    whole("a\xf0\x9f\x98\x80", 5);
    whole("a\xf0\x9f\x98", 1);
    whole("\xf0\x9f\x98", 0);
}

static void bytes_that_are_no_character_stay(void **state)
{
    (void)state;
    whole("a\x80\x80\x80\x80", 5);
    whole("\x80", 1);
    whole("a\xff", 2);
    whole("a\xc3z", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_line_that_looks_like_an_object_is_found),
        cmocka_unit_test(a_tail_begins_with_a_whole_character),
        cmocka_unit_test(a_page_ends_with_a_whole_character),
        cmocka_unit_test(bytes_that_are_no_character_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
