/* Tests of the limit on publications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/throttle.h"

static int take_all(struct throttle *throttle, int64_t rate, int64_t now_ms)
{
    int taken = 0;

    while (throttle_take(throttle, rate, now_ms))
        taken++;
    return taken;
}

static void a_second_is_worth_as_many_as_the_rate(void **state)
{
    struct throttle throttle = {0};

    (void)state;
    assert_int_equal(take_all(&throttle, 10, 5000), 10);
    assert_int_equal(take_all(&throttle, 10, 5000), 0);
}

static void tokens_come_back_with_time(void **state)
{
    struct throttle throttle = {0};

    (void)state;
    assert_int_equal(take_all(&throttle, 10, 5000), 10);
    assert_int_equal(take_all(&throttle, 10, 5099), 0);
    assert_int_equal(take_all(&throttle, 10, 5100), 1);
    assert_int_equal(take_all(&throttle, 10, 5600), 5);
}

static void a_long_pause_saves_no_more_than_a_second(void **state)
{
    struct throttle throttle = {0};

    (void)state;
    assert_int_equal(take_all(&throttle, 10, 5000), 10);
    assert_int_equal(take_all(&throttle, 10, INT64_MAX / 2), 10);
}

static void a_clock_that_stands_gives_nothing_back(void **state)
{
    struct throttle throttle = {0};

    (void)state;
    assert_int_equal(take_all(&throttle, 3, 5000), 3);
    assert_int_equal(take_all(&throttle, 3, 4000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_is_worth_as_many_as_the_rate),
        cmocka_unit_test(tokens_come_back_with_time),
        cmocka_unit_test(a_long_pause_saves_no_more_than_a_second),
        cmocka_unit_test(a_clock_that_stands_gives_nothing_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
