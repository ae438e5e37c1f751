/* The curve in one line: heights, scales, columns. */
#include "ctl_test.h"

#include "host/ctl/sparkline.h"

static void assert_curve(const double *values, uint32_t count, uint32_t columns,
                         const char *expected)
{
    struct rh_buf out;

    rh_buf_init(&out, TEST_TEXT_MAX);
    sparkline_put(&out, values, count, columns);
    assert_text(&out, expected);
}

static void powers_of_ten_fall_in_equal_steps(void **state)
{
    static const double values[] = {1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0};

    (void)state;
    assert_curve(values, 8, 8, "█▇▆▅▄▃▂▁");
}

static void values_that_are_not_all_positive_are_proportional(void **state)
{
    static const double values[] = {7.0, 3.5, 0.0, -7.0};

    (void)state;
    assert_curve(values, 4, 10, "█▆▅▁");
}

static void many_values_share_columns_and_the_last_is_shown(void **state)
{
    double values[100];

    (void)state;
    for (uint32_t i = 0; i < 100; i++)
        values[i] = -(double)i;
    assert_curve(values, 100, 4, "█▆▃▁");
}

static void equal_values_lie_flat_and_none_are_nothing(void **state)
{
    static const double values[] = {3.0, 3.0};

    (void)state;
    assert_curve(values, 2, 5, "▁▁");
    assert_curve(values, 0, 5, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_of_ten_fall_in_equal_steps),
        cmocka_unit_test(values_that_are_not_all_positive_are_proportional),
        cmocka_unit_test(many_values_share_columns_and_the_last_is_shown),
        cmocka_unit_test(equal_values_lie_flat_and_none_are_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
