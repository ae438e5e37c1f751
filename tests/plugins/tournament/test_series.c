/* Tests of matches of several games. */
#include "core_test.h"

#include "plugins/tournament/series.h"

/* Games as text: '1', '2' who won, '=' a draw, '.' not over. */
static struct series series_from(const struct series_rules *rules, const char *text)
{
    uint8_t games[64] = {0};
    uint32_t count = 0;

    for (; text[count]; count++) {
        games[count] = text[count] == '1'   ? GAME_FIRST
                       : text[count] == '2' ? GAME_SECOND
                       : text[count] == '=' ? GAME_DRAW
                                            : GAME_NONE;
    }
    return series_of(rules, games, count);
}

static void assert_series(const struct series_rules *rules, const char *text, uint32_t wanted,
                          uint8_t outcome)
{
    const struct series series = series_from(rules, text);

    if (series.wanted != wanted || series.outcome != outcome)
        fail_msg("\"%s\": %u wanted, outcome %u", text, series.wanted, series.outcome);
}

static void only_games_that_are_certain_to_be_needed_are_wanted(void **state)
{
    const struct series_rules rules = {.games = 3};

    (void)state;
    assert_series(&rules, "", 2, OUTCOME_NONE);
    assert_series(&rules, "1", 2, OUTCOME_NONE);
    assert_series(&rules, ".2", 2, OUTCOME_NONE);
    assert_series(&rules, "11", 2, OUTCOME_FIRST);
    assert_series(&rules, "12", 3, OUTCOME_NONE);
    assert_series(&rules, "122", 3, OUTCOME_SECOND);
    assert_series(&rules, "1=", 3, OUTCOME_NONE);
    assert_series(&rules, "1==", 3, OUTCOME_FIRST);
}

static void one_game_is_a_match(void **state)
{
    const struct series_rules rules = {.games = 1};

    (void)state;
    assert_series(&rules, "", 1, OUTCOME_NONE);
    assert_series(&rules, "2", 1, OUTCOME_SECOND);
    assert_series(&rules, "=", 1, OUTCOME_DRAW);
}

static void all_games_can_be_played_to_the_end(void **state)
{
    const struct series_rules rules = {.games = 5, .play_all = true};

    (void)state;
    assert_series(&rules, "", 5, OUTCOME_NONE);
    assert_series(&rules, "1111", 5, OUTCOME_NONE);
    assert_series(&rules, "11112", 5, OUTCOME_FIRST);
}

static void a_drawn_elimination_goes_on_game_by_game(void **state)
{
    const struct series_rules rules = {.games = 2, .must_end = true, .extra_max = 3};

    (void)state;
    assert_series(&rules, "12", 3, OUTCOME_NONE);
    assert_series(&rules, "12=", 4, OUTCOME_NONE);
    assert_series(&rules, "12=2", 4, OUTCOME_SECOND);
    assert_series(&rules, "12===", 5, OUTCOME_DRAW);
    assert_int_equal(series_games_max(&rules), 5);
}

static void points_are_halves(void **state)
{
    const struct series_rules rules = {.games = 4, .play_all = true};
    const struct series series = series_from(&rules, "1=1=");

    (void)state;
    assert_int_equal(series_halves(&series, 0), 6);
    assert_int_equal(series_halves(&series, 1), 2);
}

/* Whatever the other games would have been, they could not have changed an early outcome; and no
 * game was asked for that was not needed for any outcome. */
static void an_early_outcome_is_that_of_all_games(void **state)
{
    struct rh_rng rng = board_rng(3);

    (void)state;
    for (uint32_t run = 0; run < 20000; run++) {
        const uint32_t games = 1 + (uint32_t)rh_rng_below(&rng, 9);
        const struct series_rules early = {.games = games};
        const struct series_rules all = {.games = games, .play_all = true};
        uint8_t known[16];
        struct series series;

        for (uint32_t i = 0; i < games; i++)
            known[i] = (uint8_t)(GAME_FIRST + rh_rng_below(&rng, 3));
        series = series_of(&early, known, games);
        assert_int_equal(series.outcome, series_of(&all, known, games).outcome);
        assert_true(series.wanted <= games);
        if (series.wanted > 1 && series.wanted < games) {
            /* Before the last wanted game was over it was open. */
            const uint8_t last = known[series.wanted - 1];

            known[series.wanted - 1] = GAME_NONE;
            assert_int_equal(series_of(&early, known, games).outcome, OUTCOME_NONE);
            known[series.wanted - 1] = last;
        }
    }
}

/* The order in which games end does not matter: only what is known counts. */
static void games_behind_the_wanted_ones_are_not_looked_at(void **state)
{
    const struct series_rules rules = {.games = 3};

    (void)state;
    assert_series(&rules, "112", 2, OUTCOME_FIRST);
    assert_series(&rules, ".12", 2, OUTCOME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_games_that_are_certain_to_be_needed_are_wanted),
        cmocka_unit_test(one_game_is_a_match),
        cmocka_unit_test(all_games_can_be_played_to_the_end),
        cmocka_unit_test(a_drawn_elimination_goes_on_game_by_game),
        cmocka_unit_test(points_are_halves),
        cmocka_unit_test(an_early_outcome_is_that_of_all_games),
        cmocka_unit_test(games_behind_the_wanted_ones_are_not_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
