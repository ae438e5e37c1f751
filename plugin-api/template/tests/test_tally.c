/* Tests of tally.c: the core alone, without a host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>

#include "tally.h"

static int setup(void **state)
{
    static struct tally tally;

    tally_init(&tally, 1);
    *state = &tally;
    return 0;
}

static int teardown(void **state)
{
    tally_release(*state);
    return 0;
}

static void a_name_that_was_never_counted_counts_zero(void **state)
{
    assert_int_equal(tally_get(*state, RH_STR_LIT("ada")), 0);
}

static void counts_add_up_for_each_name_alone(void **state)
{
    int64_t count = 0;

    assert_int_equal(tally_add(*state, RH_STR_LIT("ada"), 2, &count), RH_OK);
    assert_int_equal(tally_add(*state, RH_STR_LIT("bob"), 1, &count), RH_OK);
    assert_int_equal(tally_add(*state, RH_STR_LIT("ada"), 3, &count), RH_OK);

    assert_int_equal(count, 5);
    assert_int_equal(tally_get(*state, RH_STR_LIT("ada")), 5);
    assert_int_equal(tally_get(*state, RH_STR_LIT("bob")), 1);
}

static void a_stored_count_is_counted_on(void **state)
{
    int64_t count = 0;

    assert_int_equal(tally_set(*state, RH_STR_LIT("ada"), 41), RH_OK);
    assert_int_equal(tally_add(*state, RH_STR_LIT("ada"), 1, &count), RH_OK);

    assert_int_equal(count, 42);
}

static void counting_less_than_once_is_refused(void **state)
{
    int64_t count = 7;

    assert_int_equal(tally_add(*state, RH_STR_LIT("ada"), 0, &count), RH_EINVAL);
    assert_int_equal(tally_add(*state, RH_STR_LIT("ada"), -1, &count), RH_EINVAL);

    assert_int_equal(count, 7);
    assert_int_equal(tally_get(*state, RH_STR_LIT("ada")), 0);
}

static void a_full_count_stays_as_it_was(void **state)
{
    int64_t count = 7;

    assert_int_equal(tally_set(*state, RH_STR_LIT("ada"), TALLY_COUNT_MAX), RH_OK);
    assert_int_equal(tally_add(*state, RH_STR_LIT("ada"), 1, &count), RH_EFULL);

    assert_int_equal(count, 7);
    assert_int_equal(tally_get(*state, RH_STR_LIT("ada")), TALLY_COUNT_MAX);
}

static void a_stored_count_outside_the_range_is_refused(void **state)
{
    assert_int_equal(tally_set(*state, RH_STR_LIT("ada"), -1), RH_EINVAL);
    assert_int_equal(tally_set(*state, RH_STR_LIT("ada"), TALLY_COUNT_MAX + 1), RH_EINVAL);
}

static void no_more_names_than_the_limit_are_counted(void **state)
{
    int64_t count = 0;
    char name[16];

    for (uint32_t i = 0; i < TALLY_NAMES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "n%u", i); /* fits */
        assert_int_equal(tally_add(*state, rh_str_from(name), 1, &count), RH_OK);
    }

    assert_int_equal(tally_add(*state, RH_STR_LIT("one more"), 1, &count), RH_EFULL);
    assert_int_equal(tally_add(*state, RH_STR_LIT("n0"), 1, &count), RH_OK);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(a_name_that_was_never_counted_counts_zero),
        CLAIM(counts_add_up_for_each_name_alone),
        CLAIM(a_stored_count_is_counted_on),
        CLAIM(counting_less_than_once_is_refused),
        CLAIM(a_full_count_stays_as_it_was),
        CLAIM(a_stored_count_outside_the_range_is_refused),
        CLAIM(no_more_names_than_the_limit_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
