/* Tests of Glicko-2's arithmetic against the published example. */
#include "fixture.h"

#include "plugins/elo_sync/glicko.h"

static const struct glicko_options options = {
    .start = 1500.0, .deviation = 350.0, .volatility = 0.06, .tau = 0.5, .period_ms = 1000};

static void glickmans_example_comes_out(void **state)
{
    const struct glicko_player player = {1500.0, 200.0, 0.06};
    const struct glicko_game games[3] = {
        {1400.0, 30.0, 1.0, 1.0}, {1550.0, 100.0, 0.0, 1.0}, {1700.0, 300.0, 0.0, 1.0}};

    (void)state;
    const struct glicko_player after = glicko_rate(&player, games, 3, &options);

    assert_near(after.rating, 1464.06, 0.01);
    assert_near(after.deviation, 151.52, 0.005);
    assert_near(after.volatility, 0.05999, 0.00001);
}

static void a_surprise_raises_the_volatility(void **state)
{
    const struct glicko_player player = {1500.0, 50.0, 0.06};
    const struct glicko_game games[3] = {
        {2200.0, 30.0, 1.0, 1.0}, {2200.0, 30.0, 1.0, 1.0}, {2200.0, 30.0, 1.0, 1.0}};

    (void)state;
    const struct glicko_player after = glicko_rate(&player, games, 3, &options);

    assert_true(after.volatility > 0.06);
    assert_true(after.rating > 1500.0);
}

static void rest_lets_the_deviation_grow_up_to_that_of_a_newcomer(void **state)
{
    const struct glicko_player player = {1600.0, 50.0, 0.06};

    (void)state;
    const struct glicko_player once = glicko_rest(&player, 1, &options);
    const struct glicko_player twice = glicko_rest(&once, 1, &options);
    const struct glicko_player both = glicko_rest(&player, 2, &options);
    const struct glicko_player age = glicko_rest(&player, 1000000000, &options);

    assert_near(once.deviation, 173.7178 * sqrt(50.0 / 173.7178 * 50.0 / 173.7178 + 0.0036), 1e-9);
    assert_near(twice.deviation, both.deviation, 1e-9);
    assert_true(age.deviation == 350.0);
    assert_true(age.rating == 1600.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glickmans_example_comes_out),
        cmocka_unit_test(a_surprise_raises_the_volatility),
        cmocka_unit_test(rest_lets_the_deviation_grow_up_to_that_of_a_newcomer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
