/* Tests of the filter by event type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/filter.h"

#define PATTERNS_MAX 4

static bool takes(const char *patterns[PATTERNS_MAX], const char *type)
{
    struct rh_str items[PATTERNS_MAX];
    struct rh_str_list list = {items, 0, 0};

    while (list.count < PATTERNS_MAX && patterns[list.count]) {
        items[list.count] = rh_str_from(patterns[list.count]);
        list.count++;
    }
    return filter_takes(&list, rh_str_from(type));
}

static void no_pattern_lets_all_through(void **state)
{
    const char *none[PATTERNS_MAX] = {NULL};

    (void)state;
    assert_true(takes(none, "WORK_COMPLETED"));
}

static void only_what_fits_a_pattern_passes(void **state)
{
    const char *some[PATTERNS_MAX] = {"WORK_*", "ELO_UPDATED"};

    (void)state;
    assert_true(takes(some, "WORK_FAILED"));
    assert_true(takes(some, "ELO_UPDATED"));
    assert_false(takes(some, "ELO_UPDATED2"));
    assert_false(takes(some, "HOST_ONLINE"));
}

static void an_exception_takes_types_out_again(void **state)
{
    const char *some[PATTERNS_MAX] = {"WORK_*", "!WORK_FAILED"};

    (void)state;
    assert_true(takes(some, "WORK_COMPLETED"));
    assert_false(takes(some, "WORK_FAILED"));
}

static void a_list_that_begins_with_an_exception_takes_the_rest(void **state)
{
    const char *some[PATTERNS_MAX] = {"!NODE_*"};

    (void)state;
    assert_true(takes(some, "WORK_FAILED"));
    assert_false(takes(some, "NODE_IDLE"));
}

static void the_last_pattern_that_fits_decides(void **state)
{
    const char *some[PATTERNS_MAX] = {"!WORK_*", "WORK_FAILED"};

    (void)state;
    assert_true(takes(some, "WORK_FAILED"));
    assert_false(takes(some, "WORK_COMPLETED"));
}

static void a_pattern_that_fits_no_type_is_told(void **state)
{
    static const char *const possible[] = {"*",     "?*",  "A*",  "!TRAINING_*", "HOST_OFFLINE",
                                           "*_END", "A?C", "???", "*9",          "!?*_?"};
    static const char *const impossible[] = {"",   "!",  "trainingX", "!training*", "_A*",  "1AB",
                                             "AB", "?A", "A-*",       "!!ABC",      "A BC", "[A]*"};

    (void)state;
    for (size_t i = 0; i < sizeof(possible) / sizeof(possible[0]); i++)
        assert_true(filter_is_possible(rh_str_from(possible[i])));
    for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
        assert_false(filter_is_possible(rh_str_from(impossible[i])));
    assert_true(filter_is_possible(
        RH_STR_LIT("A234567890123456789012345678901234567890123456789012345678901234*")));
    assert_false(filter_is_possible(
        RH_STR_LIT("A2345678901234567890123456789012345678901234567890123456789012345*")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_that_fits_no_type_is_told),
        cmocka_unit_test(no_pattern_lets_all_through),
        cmocka_unit_test(only_what_fits_a_pattern_passes),
        cmocka_unit_test(an_exception_takes_types_out_again),
        cmocka_unit_test(a_list_that_begins_with_an_exception_takes_the_rest),
        cmocka_unit_test(the_last_pattern_that_fits_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
