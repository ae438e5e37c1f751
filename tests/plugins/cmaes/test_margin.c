/* Tests of the margin: what it leaves alone, and the probabilities that it keeps. */
#include "fixture.h"

#include "plugins/cmaes/gauss.h"
#include "plugins/cmaes/margin.h"

#define ALPHA 0.01

static double p_below(const struct margin *m, double threshold)
{
    const double z = (m->mean - threshold) / (m->factor * m->deviation);

    return z >= 0.0 ? gauss_tail(z) : 1.0 - gauss_tail(-z);
}

static void a_wide_distribution_is_left_alone(void **state)
{
    struct margin m = {-INFINITY, INFINITY, 0.5, 3.2, 1.0};

    (void)state;
    margin_keep(&m, ALPHA);

    assert_true(m.mean == 3.2);
    assert_true(m.factor == 1.0);
}

static void a_narrow_one_is_widened_to_half_of_alpha_on_each_side(void **state)
{
    struct margin m = {-INFINITY, INFINITY, 1e-6, 3.0, 1.0};

    (void)state;
    margin_keep(&m, ALPHA);

    assert_near(p_below(&m, 2.5), ALPHA / 2.0, 1e-9);
    assert_near(1.0 - p_below(&m, 3.5), ALPHA / 2.0, 1e-9);
    assert_near(m.mean, 3.0, 1e-12);
}

static void every_case_keeps_its_integer_and_its_neighbours(void **state)
{
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 9);
    for (uint32_t i = 0; i < 2000; i++) {
        struct margin m = {-2.0, 7.0, 0.0, 0.0, 1.0};
        double value;

        m.deviation = pow(10.0, 1.0 - 9.0 * rh_rng_double(&rng));
        m.mean = -2.4 + 9.8 * rh_rng_double(&rng);
        m.factor = pow(10.0, 2.0 * rh_rng_double(&rng));
        value = floor(m.mean + 0.5);
        margin_keep(&m, ALPHA);
        assert_true(m.mean >= value - 0.5 - 1e-9);
        assert_true(m.mean <= value + 0.5 + 1e-9);
        if (value > -2.0)
            assert_true(p_below(&m, value - 0.5) >= ALPHA / 2.0 - 1e-9);
        if (value < 7.0)
            assert_true(1.0 - p_below(&m, value + 0.5) >= ALPHA / 2.0 - 1e-9);
    }
}

static void at_the_end_of_the_range_the_mean_comes_near_the_threshold(void **state)
{
    struct margin low = {0.0, 1.0, 1e-3, -0.4, 1.0};
    struct margin high = {0.0, 1.0, 1e-3, 1.4, 1.0};

    (void)state;
    margin_keep(&low, ALPHA);
    margin_keep(&high, ALPHA);

    assert_near(1.0 - p_below(&low, 0.5), ALPHA, 1e-9);
    assert_near(p_below(&high, 0.5), ALPHA, 1e-9);
    assert_true(low.factor == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wide_distribution_is_left_alone),
        cmocka_unit_test(a_narrow_one_is_widened_to_half_of_alpha_on_each_side),
        cmocka_unit_test(every_case_keeps_its_integer_and_its_neighbours),
        cmocka_unit_test(at_the_end_of_the_range_the_mean_comes_near_the_threshold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
