/* Counts a minute over the last quarter of an hour, gaps included. */
#include "work_queue_test.h"

#include "rate.h"

#define MINUTE_MS INT64_C(60000)

/* Hundredths, to compare whole numbers. */
static int64_t hundredths(const struct rate *rate, int64_t now_ms)
{
    return (int64_t)(rate_per_minute(rate, now_ms) * 100 + 0.5);
}

static void nothing_yet_is_zero(void **state)
{
    const struct rate rate = {0};

    (void)state;
    assert_int_equal(hundredths(&rate, 5 * MINUTE_MS), 0);
}

static void the_first_minutes_are_not_diluted_by_those_before(void **state)
{
    struct rate rate = {0};

    (void)state;
    for (int i = 0; i < 60; i++)
        rate_count(&rate, 100 * MINUTE_MS + i * 2000);

    assert_int_equal(hundredths(&rate, 101 * MINUTE_MS + 59000), 3000);
}

static void what_is_older_than_the_window_is_forgotten(void **state)
{
    struct rate rate = {0};

    (void)state;
    for (int i = 0; i < 150; i++)
        rate_count(&rate, 100 * MINUTE_MS);
    assert_int_equal(hundredths(&rate, 114 * MINUTE_MS), 1000);

    assert_int_equal(hundredths(&rate, 115 * MINUTE_MS), 0);
    rate_count(&rate, 200 * MINUTE_MS);
    assert_int_equal(hundredths(&rate, 200 * MINUTE_MS), 7);
}

static void a_steady_rate_is_told_as_it_is(void **state)
{
    struct rate rate = {0};

    (void)state;
    for (int64_t ms = 0; ms < 60 * MINUTE_MS; ms += 5000)
        rate_count(&rate, ms);

    assert_int_equal(hundredths(&rate, 60 * MINUTE_MS - 1), 1200);
}

static void a_clock_that_went_back_changes_nothing(void **state)
{
    struct rate rate = {0};

    (void)state;
    for (int i = 0; i < 30; i++)
        rate_count(&rate, 100 * MINUTE_MS);

    assert_int_equal(hundredths(&rate, 99 * MINUTE_MS), 3000);
    assert_int_equal(hundredths(&rate, 0), 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_yet_is_zero),
        cmocka_unit_test(the_first_minutes_are_not_diluted_by_those_before),
        cmocka_unit_test(what_is_older_than_the_window_is_forgotten),
        cmocka_unit_test(a_steady_rate_is_told_as_it_is),
        cmocka_unit_test(a_clock_that_went_back_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
