/* Tests of what is read from /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <ringhost/errors.h>

#include "plugins/loop_idle_detection/probe/cpu.h"

static int32_t parse(const char *text, struct cpu_times *out)
{
    return cpu_parse_stat(text, strlen(text), out);
}

static void ticks_of_all_processors_are_busy_or_not(void **state)
{
    struct cpu_times times;

    (void)state;

    assert_int_equal(parse("cpu  10 1 5 100 20 2 3 4 0 0\ncpu0 5 0 2 50 10 1 1 2 0 0\n"
                           "cpu1 5 1 3 50 10 1 2 2 0 0\nintr 1 2\n",
                           &times),
                     RH_OK);

    assert_int_equal(times.busy, 25);
    assert_int_equal(times.all, 145);
    assert_int_equal(times.count, 2);
}

static void what_is_no_stat_is_refused(void **state)
{
    static const char *const texts[] = {"", "cpu", "cpu 1 2 3", "cpu a b c d e f g h", "intr 1"};
    struct cpu_times times;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(parse(texts[i], &times), RH_EINVAL);
}

static void utilisation_is_that_between_two_readings(void **state)
{
    const struct cpu_times before = {100, 1000, 2};
    const struct cpu_times after = {130, 1200, 2};

    (void)state;

    assert_true(cpu_percent(&before, &after) == 15.0);
    assert_true(cpu_percent(&after, &after) < 0);
    assert_true(cpu_percent(&after, &before) < 0);
}

static void pressure_is_that_of_ten_seconds(void **state)
{
    static const char text[] =
        "some avg10=12.50 avg60=3.00 avg300=1.00 total=99\nfull avg10=0.00\n";
    double percent = -1;

    (void)state;

    assert_int_equal(cpu_parse_pressure(text, sizeof(text) - 1, &percent), RH_OK);
    assert_true(percent == 12.5);
    assert_int_equal(cpu_parse_pressure("full avg10=1.00", 15, &percent), RH_EINVAL);
    assert_int_equal(cpu_parse_pressure("", 0, &percent), RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_of_all_processors_are_busy_or_not),
        cmocka_unit_test(what_is_no_stat_is_refused),
        cmocka_unit_test(utilisation_is_that_between_two_readings),
        cmocka_unit_test(pressure_is_that_of_ten_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
