/* Tests of Elo's rule against published values. */
#include "fixture.h"

static void rate_two(double a, double b, double score, double out[2])
{
    const struct fact fact = fixture_game("g", "a", "b", score, 1);
    double ratings[FACT_PLAYERS_MAX] = {a, b};
    double info[FACT_PLAYERS_MAX];

    elo_rate(&fact, &fixture_options, ratings, info);
    out[0] = ratings[0];
    out[1] = ratings[1];
}

static void a_win_among_equals_moves_16_points(void **state)
{
    double after[2];

    (void)state;
    rate_two(1500.0, 1500.0, 1.0, after);

    assert_true(after[0] == 1516.0);
    assert_true(after[1] == 1484.0);
}

static void a_draw_of_1600_against_1400_costs_what_is_published(void **state)
{
    double after[2];

    (void)state;
    rate_two(1600.0, 1400.0, 0.5, after);

    assert_near(after[0], 1591.688098, 5e-7);
    assert_near(after[1], 1408.311902, 5e-7);
}

static void ten_to_one_is_400_points(void **state)
{
    (void)state;
    assert_near(elo_expected(1900.0, 1500.0), 10.0 / 11.0, 1e-15);
    assert_near(elo_expected(1500.0, 1900.0), 1.0 / 11.0, 1e-15);
}

static void points_are_only_passed_on(void **state)
{
    const char *const order[] = {"a", "b", "=c", "d"};
    const struct fact fact = fixture_order("g", order, 4, 1);
    double ratings[FACT_PLAYERS_MAX] = {1700.0, 1450.0, 1500.0, 1380.0};
    double info[FACT_PLAYERS_MAX];

    (void)state;
    elo_rate(&fact, &fixture_options, ratings, info);

    assert_near(ratings[0] + ratings[1] + ratings[2] + ratings[3], 6030.0, 1e-9);
}

static void four_equals_gain_by_pairs_at_a_third_each(void **state)
{
    const char *const order[] = {"a", "b", "c", "d"};
    const struct fact fact = fixture_order("g", order, 4, 1);
    double ratings[FACT_PLAYERS_MAX] = {1500.0, 1500.0, 1500.0, 1500.0};
    double info[FACT_PLAYERS_MAX];

    (void)state;
    elo_rate(&fact, &fixture_options, ratings, info);

    /* (3 - 1.5), (2 - 1.5), ... points above expectation, times 32 / 3. */
    assert_near(ratings[0], 1516.0, 1e-12);
    assert_near(ratings[1], 1500.0 + 16.0 / 3.0, 1e-12);
    assert_near(ratings[2], 1500.0 - 16.0 / 3.0, 1e-12);
    assert_near(ratings[3], 1484.0, 1e-12);
}

static void error_of_100_even_games_is_that_of_the_binomial(void **state)
{
    const double slope = log(10.0) / 400.0; /* of the log odds, per point */

    (void)state;
    /* 100 games at 1/2: the log odds have a standard error of 1/sqrt(100/4) = 0.2. */
    assert_near(elo_error_95(25.0), 1.959963984540054 * 0.2 / slope, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_win_among_equals_moves_16_points),
        cmocka_unit_test(a_draw_of_1600_against_1400_costs_what_is_published),
        cmocka_unit_test(ten_to_one_is_400_points),
        cmocka_unit_test(points_are_only_passed_on),
        cmocka_unit_test(four_equals_gain_by_pairs_at_a_third_each),
        cmocka_unit_test(error_of_100_even_games_is_that_of_the_binomial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
