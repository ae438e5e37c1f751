/* Tests of telling a bad worker from bad luck. */
#include "fixture.h"

#include <math.h>

#include <ringhost/sdk/rng.h>

#include "plugins/gauntlet/workers.h"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.9g is not within %.3g of %.9g", value, tolerance, expected);
}

/* Critical values of any table of the distribution. */
static void tails_match_the_tables(void **state)
{
    (void)state;
    assert_near(workers_chi2_tail(3.841459, 1), 0.05, 1e-7);
    assert_near(workers_chi2_tail(6.634897, 1), 0.01, 1e-7);
    assert_near(workers_chi2_tail(5.991465, 2), 0.05, 1e-7);
    assert_near(workers_chi2_tail(13.815511, 2), 0.001, 1e-8);
    assert_true(workers_chi2_tail(0.0, 1) == 1.0);
}

static void binomial_tails_are_exact(void **state)
{
    (void)state;
    assert_near(workers_binomial_tail(3, 10, 0.5), 1.0 - 56.0 / 1024.0, 1e-12);
    assert_near(workers_binomial_tail(10, 10, 0.5), 1.0 / 1024.0, 1e-15);
    assert_true(workers_binomial_tail(0, 10, 0.3) == 1.0);
    assert_true(workers_binomial_tail(11, 10, 0.3) == 0.0);
    assert_true(workers_binomial_tail(1, 10, 0.0) == 0.0);
    assert_true(workers_binomial_tail(10, 10, 1.0) == 1.0);
}

/* The two-row table {30 20 10 / 40 70 30} of 200 games, each cell by hand. */
static void the_statistic_is_that_of_pearson(void **state)
{
    const struct tally worker = {.wins = 30, .losses = 20, .draws = 10};
    const struct tally all = {.wins = 70, .losses = 90, .draws = 40};
    const struct worker_test test = workers_test(&worker, &all, 1);

    (void)state;
    assert_true(test.is_judged);
    assert_int_equal(test.freedom, 2);
    assert_near(test.chi2, 81.0 / 21 + 49.0 / 27 + 4.0 / 12 + 81.0 / 49 + 49.0 / 63 + 4.0 / 28,
                1e-9);
}

static void a_worker_that_loses_everything_is_an_outlier(void **state)
{
    const struct tally worker = {.wins = 5, .losses = 55, .draws = 0};
    const struct tally all = {.wins = 155, .losses = 200, .draws = 5};
    struct worker_test test;

    (void)state;
    test = workers_test(&worker, &all, 5);
    assert_false(test.is_judged); /* too few draws for the approximation */
    assert_false(test.is_outlier);

    test = workers_test(&worker, &(struct tally){.wins = 155, .losses = 200}, 5);
    assert_true(test.is_judged);
    assert_true(test.is_outlier);
}

static void a_worker_with_all_the_errors_is_an_outlier_even_if_they_are_few(void **state)
{
    const struct tally worker = {.wins = 7, .losses = 7, .errors = 6};
    const struct tally all = {.wins = 97, .losses = 97, .errors = 6};

    (void)state;
    assert_true(workers_test(&worker, &all, 10).is_outlier);
    assert_false(
        workers_test(&(struct tally){.wins = 10, .losses = 9, .errors = 1}, &all, 10).is_outlier);
}

static void alone_or_without_games_nobody_is_judged(void **state)
{
    const struct tally all = {.wins = 50, .losses = 50};
    const struct tally none = {0};

    (void)state;
    assert_false(workers_test(&all, &all, 1).is_judged);
    assert_false(workers_test(&none, &all, 2).is_judged);
    assert_false(workers_test(&none, &none, 0).is_outlier);
}

/* Ten equal workers, 1,000 gauntlets: with the correction at most one in a hundred has an outlier.
 */
static void equal_workers_are_rarely_accused(void **state)
{
    struct rh_rng rng;
    uint32_t accused = 0;

    (void)state;
    rh_rng_seed(&rng, 5);
    for (int gauntlet = 0; gauntlet < 1000; gauntlet++) {
        struct tally workers[10] = {{0}};
        struct tally all = {0};
        bool is_accused = false;

        for (uint32_t game = 0; game < 1000; game++) {
            const uint64_t u = rh_rng_below(&rng, 100);

            tally_add(&workers[game % 10], u < 40   ? OUTCOME_WIN
                                           : u < 70 ? OUTCOME_LOSS
                                           : u < 98 ? OUTCOME_DRAW
                                                    : OUTCOME_ERROR);
        }
        for (int i = 0; i < 10; i++)
            tally_merge(&all, &workers[i]);
        for (int i = 0; i < 10; i++)
            is_accused = is_accused || workers_test(&workers[i], &all, 10).is_outlier;
        accused += is_accused;
    }
    assert_in_range(accused, 0, 20); /* 10 expected */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_match_the_tables),
        cmocka_unit_test(binomial_tails_are_exact),
        cmocka_unit_test(the_statistic_is_that_of_pearson),
        cmocka_unit_test(a_worker_that_loses_everything_is_an_outlier),
        cmocka_unit_test(a_worker_with_all_the_errors_is_an_outlier_even_if_they_are_few),
        cmocka_unit_test(alone_or_without_games_nobody_is_judged),
        cmocka_unit_test(equal_workers_are_rarely_accused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
