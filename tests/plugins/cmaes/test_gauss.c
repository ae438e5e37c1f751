/* Tests of normal numbers: moments, tails, the same bits for the same seed. */
#include "fixture.h"

#include "plugins/cmaes/gauss.h"

#define DRAWS 400000

static void draws_have_the_moments_of_a_normal_variable(void **state)
{
    struct rh_rng rng;
    double sums[4] = {0};

    (void)state;
    rh_rng_seed(&rng, 1);
    for (uint32_t i = 0; i < DRAWS; i++) {
        const double x = gauss_next(&rng);
        double power = 1.0;

        for (uint32_t k = 0; k < 4; k++) {
            power *= x;
            sums[k] += power / DRAWS;
        }
    }

    assert_near(sums[0], 0.0, 0.008);
    assert_near(sums[1], 1.0, 0.012);
    assert_near(sums[2], 0.0, 0.03);
    assert_near(sums[3], 3.0, 0.08);
}

static void draws_beyond_each_threshold_are_as_frequent_as_the_tail_says(void **state)
{
    static const double thresholds[] = {0.0, 0.5, 1.0, 2.0, 3.0};
    uint32_t counts[5] = {0};
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 2);
    for (uint32_t i = 0; i < DRAWS; i++) {
        const double x = gauss_next(&rng);

        for (uint32_t k = 0; k < 5; k++)
            counts[k] += x > thresholds[k];
    }

    for (uint32_t k = 0; k < 5; k++) {
        const double p = gauss_tail(thresholds[k]);

        assert_near((double)counts[k] / DRAWS, p, 4.0 * sqrt(p / DRAWS));
    }
}

static void the_same_seed_gives_the_same_draws(void **state)
{
    struct rh_rng a;
    struct rh_rng b;

    (void)state;
    rh_rng_seed(&a, 3);
    rh_rng_seed(&b, 3);

    for (uint32_t i = 0; i < 1000; i++)
        assert_true(gauss_next(&a) == gauss_next(&b));
}

/* Tables of the normal distribution. */
static void quantiles_are_those_of_the_tables(void **state)
{
    (void)state;
    assert_near(gauss_tail_quantile(0.025), 1.959963984540054, 1e-14);
    assert_near(gauss_tail_quantile(0.05), 1.644853626951473, 1e-14);
    assert_near(gauss_tail_quantile(0.001), 3.090232306167814, 1e-14);
    assert_near(gauss_tail_quantile(1e-10), 6.361340902404056, 1e-13);
    assert_near(gauss_tail_quantile(0.5), 0.0, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_have_the_moments_of_a_normal_variable),
        cmocka_unit_test(draws_beyond_each_threshold_are_as_frequent_as_the_tail_says),
        cmocka_unit_test(the_same_seed_gives_the_same_draws),
        cmocka_unit_test(quantiles_are_those_of_the_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
