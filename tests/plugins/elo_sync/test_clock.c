/* Tests of the hybrid clock. */
#include "fixture.h"

#include "plugins/elo_sync/clock.h"

static void stamps_grow_though_the_wall_clock_stands_or_steps_back(void **state)
{
    struct clock_hybrid clock = {0};

    (void)state;
    const uint64_t a = clock_stamp(&clock, 1000);
    const uint64_t b = clock_stamp(&clock, 1000);
    const uint64_t c = clock_stamp(&clock, 10);

    assert_true(a < b);
    assert_true(b < c);
    assert_int_equal(clock_ms(c), 1000);
}

static void a_stamp_comes_after_those_that_were_heard(void **state)
{
    struct clock_hybrid fast = {0};
    struct clock_hybrid slow = {0};

    (void)state;
    const uint64_t ahead = clock_stamp(&fast, 200000);
    assert_true(clock_hear(&slow, ahead, 1000));

    assert_true(clock_stamp(&slow, 1000) > ahead);
}

static void more_than_five_minutes_ahead_is_refused_and_changes_nothing(void **state)
{
    struct clock_hybrid wild = {0};
    struct clock_hybrid ours = {0};

    (void)state;
    const uint64_t stamp = clock_stamp(&wild, 1000 + CLOCK_AHEAD_MAX_MS + 1);
    assert_false(clock_hear(&ours, stamp, 1000));

    assert_int_equal(clock_ms(clock_stamp(&ours, 1000)), 1000);
    assert_true(clock_is_ahead(CLOCK_AHEAD_MAX_MS + 1, 0));
    assert_false(clock_is_ahead(CLOCK_AHEAD_MAX_MS, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_grow_though_the_wall_clock_stands_or_steps_back),
        cmocka_unit_test(a_stamp_comes_after_those_that_were_heard),
        cmocka_unit_test(more_than_five_minutes_ahead_is_refused_and_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
