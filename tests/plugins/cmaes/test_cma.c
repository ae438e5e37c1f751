/* Tests of one run of the strategy: distribution of samples, invariances, few or no values. */
#include "fixture.h"

static struct cma *run_new(uint32_t n, double sigma)
{
    double mean[DIMENSION_MAX];
    struct cma *c = NULL;

    for (uint32_t i = 0; i < n; i++)
        mean[i] = 0.5;
    assert_int_equal(cma_new(n, strategy_default_population(n), mean, sigma, &c), RH_OK);
    return c;
}

/* One generation on f. */
static void step(struct cma *c, struct rh_rng *rng, double (*f)(const double *x, uint32_t n))
{
    const uint32_t n = c->strategy.dimension;
    struct report reports[POPULATION_MAX];
    uint32_t order[POPULATION_MAX];
    uint32_t scratch[POPULATION_MAX];
    double x[DIMENSION_MAX];

    cma_sample(c, rng);
    for (uint32_t i = 0; i < c->strategy.population; i++) {
        cma_point(c, i, x);
        reports[i] = (struct report){REPORT_FITNESS, f(x, n)};
    }
    (void)ranking_make(reports, c->strategy.population, order, scratch);
    assert_int_equal(cma_learn(c, order, c->strategy.population), RH_OK);
}

static void samples_have_the_covariance(void **state)
{
    struct cma *c = run_new(3, 2.0);
    static const double covariance[9] = {4.0, 1.0, 0.0, 1.0, 2.0, -0.5, 0.0, -0.5, 0.25};
    double sums[9] = {0};
    struct rh_rng rng;
    const uint32_t rounds = 20000;

    (void)state;
    rh_rng_seed(&rng, 4);
    memcpy(c->covariance, covariance, sizeof(covariance));
    assert_int_equal(cma_decompose(c), RH_OK);
    for (uint32_t round = 0; round < rounds; round++) {
        cma_sample(c, &rng);
        for (uint32_t i = 0; i < c->strategy.population; i++) {
            const double *y = cma_step(c, i);

            for (uint32_t k = 0; k < 9; k++)
                sums[k] += y[k / 3] * y[k % 3] / rounds / c->strategy.population;
        }
    }

    for (uint32_t k = 0; k < 9; k++)
        assert_near(sums[k], covariance[k], 0.06);
    cma_free(c);
}

static void a_step_has_the_length_that_is_noted_in_the_metric_of_the_covariance(void **state)
{
    struct cma *c = run_new(2, 1.0);
    static const double covariance[4] = {9.0, 0.0, 0.0, 1.0};
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 4);
    memcpy(c->covariance, covariance, sizeof(covariance));
    assert_int_equal(cma_decompose(c), RH_OK);
    cma_sample(c, &rng);

    for (uint32_t i = 0; i < c->strategy.population; i++) {
        const double *y = cma_step(c, i);

        assert_near(c->norms[i], y[0] * y[0] / 9.0 + y[1] * y[1], 1e-12);
    }
    cma_free(c);
}

static double logarithm_of_sphere(const double *x, uint32_t n)
{
    return log(fixture_sphere(x, n)) * 3.0 + 7.0;
}

static void only_the_order_counts(void **state)
{
    struct cma *a = run_new(6, 0.3);
    struct cma *b = run_new(6, 0.3);
    struct rh_rng rng_a;
    struct rh_rng rng_b;

    (void)state;
    rh_rng_seed(&rng_a, 4);
    rh_rng_seed(&rng_b, 4);
    for (uint32_t i = 0; i < 50; i++) {
        step(a, &rng_a, fixture_sphere);
        step(b, &rng_b, logarithm_of_sphere);
    }

    assert_memory_equal(a->mean, b->mean, 6 * sizeof(double));
    assert_true(a->sigma == b->sigma);
    cma_free(a);
    cma_free(b);
}

/* The covariance of the ellipsoid's run turns towards the inverse of its Hessian. */
static void the_covariance_learns_the_shape(void **state)
{
    struct cma *c = run_new(5, 0.3);
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 4);
    for (uint32_t i = 0; i < 150; i++)
        step(c, &rng, fixture_ellipsoid);

    assert_true(cma_axis_ratio(c) > 200.0);
    assert_true(cma_axis_ratio(c) < 5000.0);
    assert_true(cma_deviation(c, 0) > 100.0 * cma_deviation(c, 4));
    cma_free(c);
}

/* f = x0: sigma grows at the speed that the damping allows. */
static double slope(const double *x, uint32_t n)
{
    (void)n;
    return x[0];
}

static void the_step_size_grows_on_a_slope(void **state)
{
    struct cma *c = run_new(5, 0.3);
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 4);
    for (uint32_t i = 0; i < 60; i++)
        step(c, &rng, slope);

    assert_true(c->sigma > 300.0);
    assert_true(c->mean[0] < -300.0);
    cma_free(c);
}

/* Equal ranks are decided by index, which is chance: neither size nor shape drifts far. */
static double flat(const double *x, uint32_t n)
{
    (void)x;
    return (double)n;
}

static void nothing_drifts_without_selection(void **state)
{
    struct cma *c = run_new(5, 1.0);
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 4);
    for (uint32_t i = 0; i < 100; i++)
        step(c, &rng, flat);

    assert_true(c->sigma > 0.2 && c->sigma < 5.0);
    assert_true(cma_axis_ratio(c) < 30.0);
    cma_free(c);
}

/* With one value, that candidate is the only parent: the mean moves exactly to it. */
static void the_mean_moves_to_the_only_candidate_with_a_value(void **state)
{
    struct cma *c = run_new(4, 0.3);
    uint32_t order[8];
    double x[4];
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 4);
    cma_sample(c, &rng);
    cma_point(c, 3, x);
    for (uint32_t i = 0; i < 8; i++)
        order[i] = (i + 3) % 8;
    assert_int_equal(c->strategy.population, 8);
    assert_int_equal(cma_learn(c, order, 1), RH_OK);

    for (uint32_t j = 0; j < 4; j++)
        assert_near(c->mean[j], x[j], 1e-15);
    cma_free(c);
}

static void a_covariance_that_is_not_positive_definite_is_refused(void **state)
{
    struct cma *c = run_new(2, 0.3);
    static const double covariance[4] = {1.0, 2.0, 2.0, 1.0};

    (void)state;
    memcpy(c->covariance, covariance, sizeof(covariance));

    assert_int_equal(cma_decompose(c), RH_EINVAL);
    cma_free(c);
}

static void freeing_nothing_is_allowed(void **state)
{
    (void)state;
    cma_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_have_the_covariance),
        cmocka_unit_test(a_step_has_the_length_that_is_noted_in_the_metric_of_the_covariance),
        cmocka_unit_test(only_the_order_counts),
        cmocka_unit_test(the_covariance_learns_the_shape),
        cmocka_unit_test(the_step_size_grows_on_a_slope),
        cmocka_unit_test(nothing_drifts_without_selection),
        cmocka_unit_test(the_mean_moves_to_the_only_candidate_with_a_value),
        cmocka_unit_test(a_covariance_that_is_not_positive_definite_is_refused),
        cmocka_unit_test(freeing_nothing_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
