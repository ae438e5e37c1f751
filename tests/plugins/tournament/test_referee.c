/* Tests of reports and corrections. */
#include "fixture.h"

#include "plugins/tournament/referee.h"

static const struct match_record first_wins = {
    .outcome = OUTCOME_FIRST, .by = BY_REPORT, .has_scores = true, .halves = {2, 0}};
static const struct match_record second_wins = {
    .outcome = OUTCOME_SECOND, .by = BY_REPORT, .has_scores = true, .halves = {0, 2}};

static void a_report_decides_once(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const uint32_t match = fixture_match(t, "W1.1");

    (void)state;
    assert_int_equal(referee_report(t, match, &first_wins, NOW_MS), REFEREE_DONE);
    assert_int_equal(referee_report(t, match, &first_wins, NOW_MS + 5), REFEREE_SAME);
    assert_int_equal(referee_report(t, match, &second_wins, NOW_MS), REFEREE_CONTRADICTS);
    assert_true(t->matches[match].record.decided_at_ms == NOW_MS);
    tournament_free(t);
}

static void only_matches_with_two_players_are_reported(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 3);

    (void)state;
    assert_int_equal(referee_can_report(t, fixture_match(t, "W1.1")), REFEREE_NO_MATCH);
    assert_int_equal(referee_can_report(t, fixture_match(t, "W1.2")), REFEREE_DONE);
    assert_int_equal(referee_can_report(t, fixture_match(t, "W2.1")), REFEREE_NOT_READY);
    tournament_free(t);
}

static void a_correction_without_consequences_is_done_at_once(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    uint8_t affected[PLAN_MATCHES_MAX];
    const uint32_t match = fixture_match(t, "W1.1");

    (void)state;
    fixture_win(t, "W1.1", GAME_FIRST);
    assert_int_equal(referee_correct(t, match, &second_wins, false, NOW_MS, affected),
                     REFEREE_DONE);
    assert_int_equal(t->meetings[fixture_match(t, "W2.1")].players[0], 4);
    assert_int_equal(referee_correct(t, match, &second_wins, false, NOW_MS, affected),
                     REFEREE_SAME);
    tournament_free(t);
}

static void what_would_be_undone_is_named_and_nothing_changes(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_DOUBLE, 4);
    uint8_t affected[PLAN_MATCHES_MAX];

    (void)state;
    fixture_win(t, "W1.1", GAME_FIRST);
    fixture_win(t, "W1.2", GAME_FIRST);
    fixture_win(t, "L1.1", GAME_FIRST);
    assert_int_equal(
        referee_correct(t, fixture_match(t, "W1.1"), &second_wins, false, NOW_MS, affected),
        REFEREE_UNDOES);
    assert_int_equal(affected[fixture_match(t, "L1.1")], 1);
    assert_int_equal(affected[fixture_match(t, "W2.1")], 0);
    assert_int_equal(t->matches[fixture_match(t, "W1.1")].record.outcome, OUTCOME_FIRST);
    assert_int_equal(t->meetings[fixture_match(t, "L1.1")].state, MEETING_DECIDED);
    tournament_free(t);
}

static void what_is_undone_is_played_anew_by_others(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_DOUBLE, 4);
    uint8_t affected[PLAN_MATCHES_MAX];
    const uint32_t lower = fixture_match(t, "L1.1");
    const uint32_t upper = fixture_match(t, "W2.1");

    (void)state;
    fixture_win(t, "W1.1", GAME_FIRST);
    fixture_win(t, "W1.2", GAME_FIRST);
    fixture_win(t, "L1.1", GAME_FIRST);
    assert_int_equal(
        referee_correct(t, fixture_match(t, "W1.1"), &second_wins, true, NOW_MS, affected),
        REFEREE_DONE);
    assert_int_equal(progress_advance(t, NOW_MS), RH_OK);
    assert_int_equal(t->meetings[lower].state, MEETING_READY);
    assert_int_equal(t->meetings[lower].players[0], 1);
    assert_int_equal(t->matches[lower].record.generation, 1);
    assert_int_equal(t->matches[upper].record.generation, 1);
    assert_false(tournament_is_wanted(t, upper * t->per_match));
    assert_true(tournament_is_wanted(t, t->current[upper * t->per_match]));
    tournament_free(t);
}

static void finished_games_of_an_open_match_count_as_undone_too(void **state)
{
    struct spec spec = fixture_spec(FORMAT_SINGLE, 4);
    const struct game_record won = {.outcome = GAME_FIRST};
    uint8_t affected[PLAN_MATCHES_MAX];
    struct tournament *t;

    (void)state;
    spec.series.games = 3;
    t = fixture_of(&spec);
    for (uint32_t game = 0; game < 2; game++) {
        fixture_end_game(t, "W1.1", game, &won);
        fixture_end_game(t, "W1.2", game, &won);
    }
    fixture_end_game(t, "W2.1", 0, &won);
    assert_int_equal(
        referee_correct(t, fixture_match(t, "W1.1"), &second_wins, false, NOW_MS, affected),
        REFEREE_UNDOES);
    assert_int_equal(affected[fixture_match(t, "W2.1")], 1);
    tournament_free(t);
}

static void a_replay_frees_what_is_stuck_and_nothing_else_that_is_open(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const struct game_record dead = fixture_error("dead", "", true);
    uint8_t affected[PLAN_MATCHES_MAX];
    const uint32_t stuck = fixture_match(t, "W1.1");

    (void)state;
    fixture_end_game(t, "W1.1", 0, &dead);
    assert_true(t->matches[stuck].record.is_stuck);
    assert_int_equal(referee_correct(t, fixture_match(t, "W1.2"), NULL, true, NOW_MS, affected),
                     REFEREE_NOT_DECIDED);
    assert_int_equal(referee_correct(t, stuck, NULL, false, NOW_MS, affected), REFEREE_DONE);
    assert_int_equal(progress_advance(t, NOW_MS), RH_OK);
    assert_false(t->matches[stuck].record.is_stuck);
    assert_true(tournament_is_wanted(t, t->current[stuck * t->per_match]));
    tournament_free(t);
}

static void a_replay_of_a_decided_match_opens_it(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_ROUND_ROBIN, 3);
    uint8_t affected[PLAN_MATCHES_MAX];
    const uint32_t match = fixture_match(t, "R1.1");

    (void)state;
    fixture_win(t, "R1.1", GAME_FIRST);
    assert_int_equal(referee_correct(t, match, NULL, false, NOW_MS, affected), REFEREE_DONE);
    assert_int_equal(t->meetings[match].state, MEETING_READY);
    assert_int_equal(t->outcomes[match], OUTCOME_NONE);
    tournament_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_decides_once),
        cmocka_unit_test(only_matches_with_two_players_are_reported),
        cmocka_unit_test(a_correction_without_consequences_is_done_at_once),
        cmocka_unit_test(what_would_be_undone_is_named_and_nothing_changes),
        cmocka_unit_test(what_is_undone_is_played_anew_by_others),
        cmocka_unit_test(finished_games_of_an_open_match_count_as_undone_too),
        cmocka_unit_test(a_replay_frees_what_is_stuck_and_nothing_else_that_is_open),
        cmocka_unit_test(a_replay_of_a_decided_match_opens_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
