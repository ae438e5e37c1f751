/* Inputs of work items as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sdk/work_input.h>

#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void name_digest_and_mode_are_read(void **state)
{
    struct rh_work_input input;

    (void)state;

    assert_int_equal(rh_work_input_parse(rh_str_from("model.bin=" HEX), &input), RH_OK);
    assert_string_equal(input.name, "model.bin");
    assert_int_equal(input.digest[0], 0xba);
    assert_int_equal(input.mode, 0444);
    assert_int_equal(rh_work_input_parse(rh_str_from("engine=" HEX ":0555"), &input), RH_OK);
    assert_int_equal(input.mode, 0555);
    assert_int_equal(rh_work_input_parse(rh_str_from("engine=" HEX ":500"), &input), RH_OK);
    assert_int_equal(input.mode, 0500);
}

static void a_name_may_have_one_folder(void **state)
{
    struct rh_work_input input;

    (void)state;

    assert_int_equal(rh_work_input_parse(rh_str_from("v1/engine=" HEX ":0555"), &input), RH_OK);
    assert_string_equal(input.name, "v1/engine");
    assert_int_equal(input.mode, 0555);
}

static void anything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "model",
        "=" HEX,
        "../x=" HEX,
        ".x=" HEX,
        "a/b/c=" HEX,
        "/b=" HEX,
        "a/=" HEX,
        "a/../b=" HEX,
        "a/.b=" HEX,
        "x=",
        "x=12",
        "x=" HEX "0",
        "x=" HEX ":",
        "x=" HEX ":644",
        "x=" HEX ":0",
        "x=" HEX ":8",
        "x=" HEX ":4444",
        "x=" HEX ":00444",
        "x=" HEX " ",
        "x y=" HEX,
    };
    struct rh_work_input input = {.mode = 7};

    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(rh_work_input_parse(rh_str_from(bad[i]), &input), RH_EINVAL);
    assert_int_equal(input.mode, 7);
}

static void names_are_plain_and_short(void **state)
{
    char longest[RH_WORK_FILE_NAME_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(longest); i++)
        longest[i] = 'a';

    assert_true(rh_work_file_name_is_good((struct rh_str){longest, RH_WORK_FILE_NAME_MAX}));
    assert_false(rh_work_file_name_is_good((struct rh_str){longest, sizeof(longest) - 1}));
    assert_false(rh_work_file_name_is_good(rh_str_from("")));
    assert_false(rh_work_file_name_is_good(rh_str_from(".hidden")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_digest_and_mode_are_read),
        cmocka_unit_test(a_name_may_have_one_folder),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(names_are_plain_and_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
