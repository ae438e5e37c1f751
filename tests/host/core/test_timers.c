/* Tests of host/core/timers.c. */
#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>

#include "host/core/timers.h"

struct clock_test {
    struct timers timers;
    struct timer timer[8];
    int fired[16];
    uint32_t count;
};

/* One timer's work. */
struct shot {
    struct clock_test *test;
    int number;
    int64_t again_at_ms; /* -1: not again */
    struct timer *stops; /* NULL: none */
};

static void fire(void *arg)
{
    struct shot *shot = arg;
    struct clock_test *test = shot->test;

    assert_true(test->count < 16);
    test->fired[test->count++] = shot->number;
    if (shot->again_at_ms >= 0)
        assert_int_equal(
            timers_start(&test->timers, &test->timer[shot->number], shot->again_at_ms, fire, shot),
            RH_OK);
    if (shot->stops)
        timers_stop(&test->timers, shot->stops);
}

static void start(struct clock_test *test, struct shot *shot, int64_t at_ms)
{
    assert_int_equal(timers_start(&test->timers, &test->timer[shot->number], at_ms, fire, shot),
                     RH_OK);
}

static void timers_fire_by_time_then_by_order_of_arming(void **state)
{
    struct clock_test test = {.count = 0};
    struct shot shots[4];
    const int expected[] = {3, 1, 2, 0};
    const int64_t at[] = {30, 20, 20, 10};

    (void)state;
    timers_init(&test.timers);
    for (int i = 0; i < 4; i++) {
        shots[i] = (struct shot){&test, i, -1, NULL};
        start(&test, &shots[i], at[i]);
    }
    timers_run(&test.timers, 30, 100);

    assert_int_equal(test.count, 4);
    assert_memory_equal(test.fired, expected, sizeof expected);
    timers_release(&test.timers);
}

static void timers_do_not_fire_early(void **state)
{
    struct clock_test test = {.count = 0};
    struct shot shot = {&test, 0, -1, NULL};

    (void)state;
    timers_init(&test.timers);
    start(&test, &shot, 100);
    assert_int_equal(timers_next(&test.timers), 100);
    timers_run(&test.timers, 99, 100);
    assert_int_equal(test.count, 0);
    timers_run(&test.timers, 100, 100);
    assert_int_equal(test.count, 1);
    assert_true(timers_next(&test.timers) == INT64_MAX);
    timers_release(&test.timers);
}

static void starting_again_moves_a_timer(void **state)
{
    struct clock_test test = {.count = 0};
    struct shot shot = {&test, 0, -1, NULL};

    (void)state;
    timers_init(&test.timers);
    start(&test, &shot, 10);
    start(&test, &shot, 50);
    timers_run(&test.timers, 49, 100);
    assert_int_equal(test.count, 0);
    timers_run(&test.timers, 50, 100);
    assert_int_equal(test.count, 1);
    timers_release(&test.timers);
}

static void stopped_timers_do_not_fire(void **state)
{
    struct clock_test test = {.count = 0};
    struct shot shot = {&test, 0, -1, NULL};

    (void)state;
    timers_init(&test.timers);
    timers_stop(&test.timers, &test.timer[0]); /* never armed */
    start(&test, &shot, 10);
    timers_stop(&test.timers, &test.timer[0]);
    timers_stop(&test.timers, &test.timer[0]);
    timers_run(&test.timers, 1000, 100);
    assert_int_equal(test.count, 0);
    timers_release(&test.timers);
}

static void a_timer_may_arm_itself_and_stop_another(void **state)
{
    struct clock_test test = {.count = 0};
    struct shot first = {&test, 0, 40, NULL};
    struct shot second = {&test, 1, -1, NULL};
    const int expected[] = {0, 0};

    (void)state;
    timers_init(&test.timers);
    first.stops = &test.timer[1];
    start(&test, &first, 10);
    start(&test, &second, 10);
    timers_run(&test.timers, 10, 100);
    assert_int_equal(test.count, 1);
    assert_int_equal(timers_next(&test.timers), 40);
    first.again_at_ms = -1;
    timers_run(&test.timers, 40, 100);
    assert_int_equal(test.count, 2);
    assert_memory_equal(test.fired, expected, sizeof expected);
    timers_release(&test.timers);
}

static void a_run_fires_no_more_than_asked(void **state)
{
    struct clock_test test = {.count = 0};
    struct shot shot = {&test, 0, 0, NULL}; /* always due again */

    (void)state;
    timers_init(&test.timers);
    start(&test, &shot, 0);
    timers_run(&test.timers, 10, 5);
    assert_int_equal(test.count, 5);
    timers_stop(&test.timers, &test.timer[0]);
    timers_release(&test.timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_by_time_then_by_order_of_arming),
        cmocka_unit_test(timers_do_not_fire_early),
        cmocka_unit_test(starting_again_moves_a_timer),
        cmocka_unit_test(stopped_timers_do_not_fire),
        cmocka_unit_test(a_timer_may_arm_itself_and_stop_another),
        cmocka_unit_test(a_run_fires_no_more_than_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
