/* Tests of the sequential test against published values, at the edges, and by simulation. */
#include "fixture.h"

#include <math.h>

#include <ringhost/sdk/rng.h>

#include "plugins/gauntlet/sprt.h"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.9g is not within %.3g of %.9g", value, tolerance, expected);
}

struct published {
    enum sprt_model model;
    double elo0, elo1;
    uint32_t counts[SPRT_PENTANOMIAL];
    uint32_t count;
    double llr;
};

/* The unit tests of fastchess, alpha = beta = 0.05; outcomes from the lowest. */
static const struct published published[] = {
    {SPRT_NORMALIZED, 0.0, 2.0, {36027, 68692, 36433}, 3, 0.9233},
    {SPRT_LOGISTIC, 0.5, 2.5, {21184, 40708, 21404}, 3, -1.5719},
    {SPRT_NORMALIZED, 0.0, 2.0, {365, 16618, 36229, 16974, 390}, 5, 2.2504},
    {SPRT_LOGISTIC, 0.5, 2.5, {223, 9863, 21279, 10037, 246}, 5, -3.0741},
};

static struct sprt sprt_of(enum sprt_model model, double elo0, double elo1)
{
    return (struct sprt){model, elo0, elo1, 0.05, 0.05};
}

static void ratios_match_the_published_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        const struct published *row = &published[i];
        const struct sprt sprt = sprt_of(row->model, row->elo0, row->elo1);

        assert_near(sprt_llr(&sprt, row->counts, row->count), row->llr, 0.00005);
    }
}

static void bounds_are_those_of_wald(void **state)
{
    const struct sprt sprt = sprt_of(SPRT_LOGISTIC, 0.0, 5.0);

    (void)state;
    assert_near(sprt_upper(&sprt), 2.944438979, 1e-9); /* ln 19 */
    assert_near(sprt_lower(&sprt), -2.944438979, 1e-9);
    assert_int_equal(sprt_decide(&sprt, 2.9445), SPRT_H1);
    assert_int_equal(sprt_decide(&sprt, 2.9444), SPRT_GOES_ON);
    assert_int_equal(sprt_decide(&sprt, -2.9444), SPRT_GOES_ON);
    assert_int_equal(sprt_decide(&sprt, -2.9445), SPRT_H0);
}

static void nothing_seen_says_nothing(void **state)
{
    const uint32_t none[SPRT_PENTANOMIAL] = {0};
    const struct sprt sprt = sprt_of(SPRT_NORMALIZED, 0.0, 5.0);

    (void)state;
    assert_true(sprt_llr(&sprt, none, SPRT_TRINOMIAL) == 0.0);
    assert_true(sprt_llr(&sprt, none, SPRT_PENTANOMIAL) == 0.0);
}

static void lopsided_and_huge_counts_stay_finite_and_on_the_right_side(void **state)
{
    static const uint32_t sizes[] = {1, 2, 10, 1000, 1000000, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (uint32_t model = 0; model < SPRT_MODELS; model++) {
            const struct sprt sprt = sprt_of((enum sprt_model)model, 0.0, 10.0);
            const uint32_t won[] = {0, 0, sizes[i]};
            const uint32_t lost[] = {sizes[i], 0, 0};
            const uint32_t pairs_won[] = {0, 0, 0, 0, sizes[i]};
            const uint32_t pairs_even[] = {0, 0, sizes[i], 0, 0};

            assert_true(isfinite(sprt_llr(&sprt, won, 3)));
            assert_true(sprt_llr(&sprt, won, 3) > 0.0);
            assert_true(sprt_llr(&sprt, lost, 3) < 0.0);
            assert_true(sprt_llr(&sprt, pairs_won, 5) > 0.0);
            assert_true(isfinite(sprt_llr(&sprt, pairs_even, 5)));
            assert_true(sprt_llr(&sprt, pairs_even, 5) < 0.0);
        }
    }
}

static void swapping_sides_and_hypotheses_mirrors_the_ratio(void **state)
{
    const uint32_t counts[] = {12, 40, 31, 55, 9};
    const uint32_t mirrored[] = {9, 55, 31, 40, 12};

    (void)state;
    for (uint32_t model = 0; model < SPRT_MODELS; model++) {
        const struct sprt sprt = sprt_of((enum sprt_model)model, -3.0, 7.0);
        const struct sprt other = sprt_of((enum sprt_model)model, -7.0, 3.0);

        assert_near(sprt_llr(&sprt, counts, 5), -sprt_llr(&other, mirrored, 5), 1e-6);
    }
}

/* How often H1 is accepted in games of this strength, of 400 tests. */
static uint32_t accepted_of(const struct sprt *sprt, double win, double draw, uint64_t seed)
{
    struct rh_rng rng;
    uint32_t accepted = 0;

    rh_rng_seed(&rng, seed);
    for (int test = 0; test < 400; test++) {
        uint32_t counts[SPRT_TRINOMIAL] = {0};
        enum sprt_decision decision = SPRT_GOES_ON;

        for (int game = 1; decision == SPRT_GOES_ON && game <= 20000; game++) {
            const double u = (double)rh_rng_below(&rng, 1000000) / 1e6;

            counts[u < win ? 2 : u < win + draw ? 1 : 0]++;
            if (game % 20 == 0)
                decision = sprt_decide(sprt, sprt_llr(sprt, counts, SPRT_TRINOMIAL));
        }
        accepted += decision == SPRT_H1;
    }
    return accepted;
}

/* alpha and beta are 5 %; 20 of 400 are expected, and fewer since it overshoots. */
static void both_errors_stay_within_what_was_asked(void **state)
{
    const struct sprt sprt = sprt_of(SPRT_LOGISTIC, 0.0, 40.0);

    (void)state;
    assert_in_range(accepted_of(&sprt, 0.25, 0.5, 1), 0, 34); /* strength elo0 */
    /* Score 1 / (1 + 10^-0.1) = 0.557312: elo1. */
    assert_in_range(accepted_of(&sprt, 0.307312, 0.5, 2), 366, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratios_match_the_published_ones),
        cmocka_unit_test(bounds_are_those_of_wald),
        cmocka_unit_test(nothing_seen_says_nothing),
        cmocka_unit_test(lopsided_and_huge_counts_stay_finite_and_on_the_right_side),
        cmocka_unit_test(swapping_sides_and_hypotheses_mirrors_the_ratio),
        cmocka_unit_test(both_errors_stay_within_what_was_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
