/* Tests of parameters: what is refused, and values at and beyond their bounds. */
#include "fixture.h"

#include <ringhost/sdk/str.h>

static struct parameter bounded(double lower, double upper, bool is_integer)
{
    struct parameter p = {
        .name = "p", .lower = lower, .upper = upper, .scale = 1.0, .is_integer = is_integer};

    p.initial = isfinite(lower) ? lower : isfinite(upper) ? upper : 0.0;
    return p;
}

static void assert_problem(struct parameter p, enum space_problem problem)
{
    uint32_t index = 7;

    assert_int_equal(space_check(&p, 1, &index), problem);
    assert_int_equal(index, problem == SPACE_OK ? 1 : 0);
    assert_int_equal(space_problem_text(problem)[0] == '\0', problem == SPACE_OK);
}

static void each_problem_is_named(void **state)
{
    struct parameter p = bounded(0.0, 1.0, false);
    struct parameter twice[2] = {bounded(0.0, 1.0, false), bounded(0.0, 1.0, false)};
    uint32_t index = 0;

    (void)state;
    assert_problem(p, SPACE_OK);
    p.name[0] = '{';
    assert_problem(p, SPACE_NAME);
    assert_problem(bounded(1.0, 1.0, false), SPACE_BOUNDS);
    assert_problem(bounded(2.0, 1.0, false), SPACE_BOUNDS);
    assert_problem(bounded(0.2, 0.8, true), SPACE_BOUNDS);
    assert_problem(bounded(0.2, 1.8, true), SPACE_BOUNDS);
    p = bounded(0.0, 1.0, false);
    p.initial = 1.5;
    assert_problem(p, SPACE_INITIAL);
    p = bounded(0.0, 1.0, false);
    p.scale = 0.0;
    assert_problem(p, SPACE_SCALE);
    assert_int_equal(space_check(twice, 2, &index), SPACE_NAME_USED);
    assert_int_equal(index, 1);
}

static void names_are_words(void **state)
{
    char name[PARAMETER_NAME_SIZE + 1];

    (void)state;
    assert_true(space_name_is_good(RH_STR_LIT("c_puct.root-1")));
    assert_false(space_name_is_good(RH_STR_LIT("")));
    assert_false(space_name_is_good(RH_STR_LIT("a b")));
    assert_false(space_name_is_good(RH_STR_LIT("a}")));
    memset(name, 'x', sizeof(name));
    assert_true(space_name_is_good((struct rh_str){name, PARAMETER_NAME_SIZE - 1}));
    assert_false(space_name_is_good((struct rh_str){name, PARAMETER_NAME_SIZE}));
}

static void values_are_reflected_at_both_bounds(void **state)
{
    const struct parameter p = bounded(1.0, 3.0, false);

    (void)state;
    assert_near(space_value(&p, 2.5), 2.5, 0.0);
    assert_near(space_value(&p, 3.5), 2.5, 1e-15);
    assert_near(space_value(&p, 0.5), 1.5, 1e-15);
    assert_near(space_value(&p, 5.5), 1.5, 1e-15);
    assert_near(space_value(&p, 7.5), 2.5, 1e-15);
    assert_near(space_value(&p, -1.5), 2.5, 1e-15);
}

static void values_are_reflected_at_a_single_bound(void **state)
{
    const struct parameter low = bounded(1.0, INFINITY, false);
    const struct parameter high = bounded(-INFINITY, 1.0, false);
    const struct parameter none = bounded(-INFINITY, INFINITY, false);

    (void)state;
    assert_near(space_value(&low, -4.0), 6.0, 0.0);
    assert_near(space_value(&low, 40.0), 40.0, 0.0);
    assert_near(space_value(&high, 4.0), -2.0, 0.0);
    assert_near(space_value(&none, -4e9), -4e9, 0.0);
    assert_false(space_is_bounded(&low));
    assert_false(space_is_bounded(&high));
}

static void values_never_leave_the_bounds_and_change_steadily(void **state)
{
    const struct parameter p = bounded(-0.1, 0.7, false);
    double before = space_value(&p, -20.0);

    (void)state;
    for (uint32_t i = 0; i <= 40000; i++) {
        const double value = space_value(&p, -20.0 + i * 1e-3);

        assert_true(value >= p.lower && value <= p.upper);
        assert_true(fabs(value - before) <= 1.001e-3);
        before = value;
    }
}

static void integers_are_rounded_and_end_at_their_bounds(void **state)
{
    const struct parameter p = bounded(-1.0, 4.0, true);

    (void)state;
    assert_true(space_value(&p, 1.49) == 1.0);
    assert_true(space_value(&p, 1.5) == 2.0);
    assert_true(space_value(&p, -0.51) == -1.0);
    assert_true(space_value(&p, 99.0) == 4.0);
    assert_true(space_value(&p, -99.0) == -1.0);
}

static void a_coordinate_counts_in_units_of_the_scale(void **state)
{
    struct parameter p = bounded(0.0, 100.0, false);

    (void)state;
    p.scale = 100.0;
    assert_near(space_value(&p, 0.25), 25.0, 0.0);
    assert_near(space_value(&p, 1.25), 75.0, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_problem_is_named),
        cmocka_unit_test(names_are_words),
        cmocka_unit_test(values_are_reflected_at_both_bounds),
        cmocka_unit_test(values_are_reflected_at_a_single_bound),
        cmocka_unit_test(values_never_leave_the_bounds_and_change_steadily),
        cmocka_unit_test(integers_are_rounded_and_end_at_their_bounds),
        cmocka_unit_test(a_coordinate_counts_in_units_of_the_scale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
