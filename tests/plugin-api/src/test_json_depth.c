/* The depth of JSON values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/json_depth.h>
#include <ringhost/sdk/str.h>

static void want(const char *json, uint32_t depth)
{
    assert_int_equal(rh_json_depth(rh_str_from(json)), depth);
}

static void plain_values_have_no_depth(void **state)
{
    (void)state;

    want("", 0);
    want("7", 0);
    want("\"text\"", 0);
}

static void each_object_and_array_around_another_counts(void **state)
{
    (void)state;

    want("{}", 1);
    want("[[1],[2],[[3]]]", 3);
    want("{\"a\":{\"b\":[{}]},\"c\":1}", 4);
}

static void brackets_in_strings_do_not_count(void **state)
{
    (void)state;

    want("[\"[[[\"]", 1);
    want("{\"a\\\"[[\":\"\\\\\",\"b\":[]}", 2);
}

static void what_is_no_json_is_read_to_its_end_and_not_beyond(void **state)
{
    (void)state;

    want("]]][", 1);
    want("\"\\", 0);
    want("[\"[[", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_values_have_no_depth),
        cmocka_unit_test(each_object_and_array_around_another_counts),
        cmocka_unit_test(brackets_in_strings_do_not_count),
        cmocka_unit_test(what_is_no_json_is_read_to_its_end_and_not_beyond),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
