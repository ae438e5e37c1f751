/* Tests of the statistics against published values and at the edges. */
#include "fixture.h"

#include <math.h>

#include "plugins/gauntlet/stats.h"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.9g is not within %.3g of %.9g", value, tolerance, expected);
}

static void elo_and_error_match_the_published_example(void **state)
{
    const struct stats_elo elo = stats_elo(136, 96, 111);

    (void)state;
    assert_near(elo.elo, 40.70, 0.005);
    assert_near(elo.error, 30.43, 0.005);
}

static void los_matches_the_published_example(void **state)
{
    const double los = stats_los(136, 96, 111);

    (void)state;
    assert_near(los, 0.9960, 0.00005);
}

static void wilson_matches_the_published_example(void **state)
{
    const struct stats_interval interval = stats_wilson(30, 20, 0);

    (void)state;
    assert_near(interval.low, 0.461814, 0.0000005);
    assert_near(interval.high, 0.723916, 0.0000005);
}

static void wilson_of_14_wins_in_20_is_48_1_to_85_5_percent(void **state)
{
    const struct stats_interval interval = stats_wilson(14, 6, 0);

    (void)state;
    assert_near(interval.low, 0.481, 0.0005);
    assert_near(interval.high, 0.855, 0.0005);
}

static void wilson_stays_within_0_and_1_and_touches_them_only_when_all_is_won_or_lost(void **state)
{
    (void)state;
    for (int64_t games = 1; games <= 200; games++) {
        const struct stats_interval all = stats_wilson(games, 0, 0);
        const struct stats_interval none = stats_wilson(0, games, 0);

        assert_true(all.high == 1.0);
        assert_true(none.low == 0.0);
        for (int64_t wins = 0; wins <= games; wins++) {
            const struct stats_interval some = stats_wilson(wins, games - wins, 0);

            assert_true(some.low >= 0.0);
            assert_true(some.high <= 1.0);
            assert_true(some.low < some.high);
        }
    }
}

static void pairs_give_the_mean_of_their_games_and_an_error_of_their_own(void **state)
{
    const uint32_t pairs[STATS_PAIR_OUTCOMES] = {20, 220, 480, 240, 40};
    const struct stats_elo elo = stats_elo_of_pairs(pairs);
    const double mean = (220 * 0.25 + 480 * 0.5 + 240 * 0.75 + 40) / 1000.0;
    double variance = 0.0;
    struct stats_elo nelo;

    (void)state;
    for (uint32_t i = 0; i < STATS_PAIR_OUTCOMES; i++)
        variance += pairs[i] / 1000.0 * (i / 4.0 - mean) * (i / 4.0 - mean);
    nelo = stats_nelo_of_pairs(pairs);

    assert_near(elo.elo, stats_elo_of_score(mean), 1e-12);
    assert_near(elo.low, stats_elo_of_score(mean - STATS_Z95 * sqrt(variance / 1000.0)), 1e-9);
    assert_near(nelo.elo, (mean - 0.5) / sqrt(2.0 * variance) * 800.0 / log(10.0), 1e-9);
    assert_near(nelo.error, STATS_Z95 / sqrt(2.0 * 1000.0) * 800.0 / log(10.0), 1e-9);
    assert_near(stats_los_of_pairs(pairs),
                0.5 * erfc(-(mean - 0.5) / sqrt(2.0 * variance / 1000.0)), 1e-12);
}

/* Independent games in pairs: both ways to count them agree. */
static void pairs_of_independent_games_say_what_the_games_say(void **state)
{
    const uint32_t pairs[STATS_PAIR_OUTCOMES] = {900, 2400, 3400, 2400, 900}; /* p = .3, .4, .3 */
    const struct stats_elo by_pair = stats_nelo_of_pairs(pairs);
    const struct stats_elo by_game = stats_nelo(6000, 6000, 8000);

    (void)state;
    assert_near(by_pair.elo, 0.0, 1e-9);
    assert_near(by_pair.error, by_game.error, 1e-9);
    assert_near(stats_elo_of_pairs(pairs).error, stats_elo(6000, 6000, 8000).error, 1e-9);
}

static void without_variance_normalised_elo_has_no_finite_error(void **state)
{
    (void)state;
    assert_true(isinf(stats_nelo(10, 0, 0).error));
    assert_true(stats_nelo(10, 0, 0).elo > 0.0);
    assert_true(stats_nelo(0, 0, 10).elo == 0.0);
    assert_true(stats_nelo(0, 10, 0).elo < 0.0);
}

static void swapping_sides_mirrors_every_figure(void **state)
{
    const struct stats_elo elo = stats_elo(30, 12, 8);
    const struct stats_elo mirrored = stats_elo(12, 30, 8);
    const struct stats_interval wilson = stats_wilson(30, 12, 8);
    const struct stats_interval wilson_mirrored = stats_wilson(12, 30, 8);

    (void)state;
    assert_near(mirrored.elo, -elo.elo, 1e-9);
    assert_near(mirrored.error, elo.error, 1e-9);
    assert_near(mirrored.low, -elo.high, 1e-9);
    assert_near(wilson_mirrored.low, 1.0 - wilson.high, 1e-12);
    assert_near(stats_los(12, 30, 8), 1.0 - stats_los(30, 12, 8), 1e-12);
}

static void two_draws_weigh_as_much_as_a_win_and_a_loss(void **state)
{
    (void)state;
    assert_near(stats_score(3, 1, 2), stats_score(4, 2, 0), 1e-15);
}

static void an_even_score_is_no_difference(void **state)
{
    (void)state;
    assert_near(stats_elo(10, 10, 5).elo, 0.0, 1e-9);
    assert_near(stats_los(10, 10, 5), 0.5, 1e-12);
    assert_near(stats_los(0, 0, 7), 0.5, 1e-12);
}

static void whoever_wins_every_game_has_no_finite_rating(void **state)
{
    const struct stats_elo won = stats_elo(20, 0, 0);
    const struct stats_elo lost = stats_elo(0, 20, 0);

    (void)state;
    assert_true(isinf(won.elo) && won.elo > 0);
    assert_true(isinf(lost.elo) && lost.elo < 0);
    assert_true(isinf(won.error));
    assert_true(stats_los(20, 0, 0) == 1.0);
    assert_true(stats_los(0, 20, 0) == 0.0);
}

static void a_margin_that_reaches_a_full_score_is_infinite_on_that_side_alone(void **state)
{
    const struct stats_elo elo = stats_elo(19, 1, 0);

    (void)state;
    assert_true(isfinite(elo.elo));
    assert_true(isfinite(elo.low));
    assert_true(isinf(elo.high));
    assert_true(isinf(elo.error));
}

static void elo_of_a_score_follows_the_logistic_curve(void **state)
{
    (void)state;
    assert_near(stats_elo_of_score(10.0 / 11.0), 400.0, 1e-9);
    assert_near(stats_elo_of_score(0.75), 190.848501888, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elo_and_error_match_the_published_example),
        cmocka_unit_test(los_matches_the_published_example),
        cmocka_unit_test(wilson_matches_the_published_example),
        cmocka_unit_test(wilson_of_14_wins_in_20_is_48_1_to_85_5_percent),
        cmocka_unit_test(wilson_stays_within_0_and_1_and_touches_them_only_when_all_is_won_or_lost),
        cmocka_unit_test(without_variance_normalised_elo_has_no_finite_error),
        cmocka_unit_test(pairs_of_independent_games_say_what_the_games_say),
        cmocka_unit_test(pairs_give_the_mean_of_their_games_and_an_error_of_their_own),
        cmocka_unit_test(swapping_sides_mirrors_every_figure),
        cmocka_unit_test(two_draws_weigh_as_much_as_a_win_and_a_loss),
        cmocka_unit_test(an_even_score_is_no_difference),
        cmocka_unit_test(whoever_wins_every_game_has_no_finite_rating),
        cmocka_unit_test(a_margin_that_reaches_a_full_score_is_infinite_on_that_side_alone),
        cmocka_unit_test(elo_of_a_score_follows_the_logistic_curve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
