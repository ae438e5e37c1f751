/* Tests of command lines of drivers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/loop_auto_scaling/driver.h"

static const struct driver_values values = {RH_STR_INIT("gpu-3"), RH_STR_INIT("gpu"),
                                            RH_STR_INIT("i-9")};

static void placeholders_are_replaced_wherever_they_stand(void **state)
{
    struct rh_str words[] = {RH_STR_LIT("/opt/cloud"), RH_STR_LIT("--name={node_id}/{pool}"),
                             RH_STR_LIT("{machine}"), RH_STR_LIT("a{{b}"), RH_STR_LIT("")};
    const struct rh_str_list list = {words, 5, 0};
    struct rh_str argv[DRIVER_WORDS_MAX];
    struct rh_buf memory;

    (void)state;

    assert_int_equal(driver_argv(&list, &values, argv, &memory), RH_OK);

    assert_true(rh_str_eq_c(argv[0], "/opt/cloud"));
    assert_true(rh_str_eq_c(argv[1], "--name=gpu-3/gpu"));
    assert_true(rh_str_eq_c(argv[2], "i-9"));
    assert_true(rh_str_eq_c(argv[3], "a{b}"));
    assert_int_equal(argv[4].n, 0);
    rh_buf_release(&memory);
}

static void what_makes_no_sense_is_refused(void **state)
{
    struct rh_str unknown[] = {RH_STR_LIT("a"), RH_STR_LIT("{node}")};
    struct rh_str open[] = {RH_STR_LIT("a{")};
    const struct rh_str_list lists[] = {{unknown, 2, 0}, {open, 1, 0}, {NULL, 0, 0}};
    struct rh_str argv[DRIVER_WORDS_MAX];
    struct rh_buf memory;

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        assert_int_equal(driver_argv(&lists[i], &values, argv, &memory), RH_EINVAL);
        rh_buf_release(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(placeholders_are_replaced_wherever_they_stand),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
