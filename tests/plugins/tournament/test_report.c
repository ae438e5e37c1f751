/* Tests of what a referee's words come to. */
#include "fixture.h"

#include "plugins/tournament/report.h"

static void assert_problem(const struct tournament *t, const struct report_words *words,
                           enum report_problem problem, const char *field)
{
    struct match_record record;
    const char *got = "";

    assert_int_equal(report_read(t, 0, words, &record, &got), problem);
    assert_string_equal(got, field);
    assert_true(report_problem_text(problem)[0] != '\0');
}

static void one_game_is_won_by_one_to_nothing(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct report_words words = {.winner = RH_STR_LIT("p2")};
    struct match_record record;
    const char *field = NULL;

    (void)state;
    assert_int_equal(report_read(t, 0, &words, &record, &field), REPORT_FINE);
    assert_int_equal(record.outcome, OUTCOME_SECOND);
    assert_int_equal(record.by, BY_REPORT);
    assert_true(record.has_scores);
    assert_int_equal(record.halves[1], 2);
    tournament_free(t);
}

static void scores_tell_the_winner(void **state)
{
    struct spec spec = fixture_spec(FORMAT_SINGLE, 2);
    const struct report_words words = {.has_scores = true, .scores = {2.5, 1.5}};
    struct match_record record;
    const char *field = NULL;
    struct tournament *t;

    (void)state;
    spec.series.games = 5;
    t = fixture_of(&spec);
    assert_int_equal(report_read(t, 0, &words, &record, &field), REPORT_FINE);
    assert_int_equal(record.outcome, OUTCOME_FIRST);
    assert_int_equal(record.halves[0], 5);
    tournament_free(t);
}

static void words_that_do_not_fit_are_named(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct {
        struct report_words words;
        enum report_problem problem;
        const char *field;
    } bad[] = {
        {{.is_draw = false}, REPORT_EMPTY, "winner"},
        {{.winner = RH_STR_LIT("x")}, REPORT_UNKNOWN_NAME, "winner"},
        {{.winner = RH_STR_LIT("p1"), .is_draw = true}, REPORT_CONTRADICTION, "winner"},
        {{.winner = RH_STR_LIT("p1"), .has_scores = true, .scores = {0, 1}},
         REPORT_CONTRADICTION,
         "winner"},
        {{.is_draw = true, .has_scores = true, .scores = {0, 1}}, REPORT_CONTRADICTION, "draw"},
        {{.has_scores = true, .scores = {0.25, 1}}, REPORT_BAD_SCORE, "scores"},
        {{.has_scores = true, .scores = {-1, 1}}, REPORT_BAD_SCORE, "scores"},
        {{.has_scores = true, .scores = {1e9, 1}}, REPORT_BAD_SCORE, "scores"},
        {{.is_draw = true}, REPORT_NO_DRAW, "draw"},
        {{.forfeit = RH_STR_LIT("x")}, REPORT_UNKNOWN_NAME, "forfeit"},
        {{.forfeit = RH_STR_LIT("p1"), .winner = RH_STR_LIT("p1")},
         REPORT_CONTRADICTION,
         "forfeit"},
        {{.forfeit = RH_STR_LIT("p1"), .is_draw = true}, REPORT_CONTRADICTION, "forfeit"},
        {{.both_forfeit = true, .winner = RH_STR_LIT("p1")}, REPORT_CONTRADICTION, "both_forfeit"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_problem(t, &bad[i].words, bad[i].problem, bad[i].field);
    tournament_free(t);
}

static void a_forfeit_gives_all_points_to_the_other_side(void **state)
{
    struct spec spec = fixture_spec(FORMAT_ROUND_ROBIN, 2);
    const struct report_words one = {.forfeit = RH_STR_LIT("p1"), .winner = RH_STR_LIT("p2")};
    const struct report_words both = {.both_forfeit = true};
    struct match_record record;
    const char *field = NULL;
    struct tournament *t;

    (void)state;
    spec.series.games = 4;
    t = fixture_of(&spec);
    assert_int_equal(report_read(t, 0, &one, &record, &field), REPORT_FINE);
    assert_int_equal(record.outcome, OUTCOME_SECOND);
    assert_int_equal(record.by, BY_FORFEIT);
    assert_int_equal(record.halves[0], 0);
    assert_int_equal(record.halves[1], 8);
    assert_int_equal(report_read(t, 0, &both, &record, &field), REPORT_FINE);
    assert_int_equal(record.outcome, OUTCOME_NEITHER);
    assert_int_equal(record.halves[1], 0);
    tournament_free(t);
}

static void points_for_games_need_all_games(void **state)
{
    struct spec spec = fixture_spec(FORMAT_ROUND_ROBIN, 2);
    const struct report_words winner = {.winner = RH_STR_LIT("p1")};
    const struct report_words few = {.has_scores = true, .scores = {1, 0}};
    struct tournament *t;

    (void)state;
    spec.series.games = 2;
    t = fixture_of(&spec);
    assert_problem(t, &winner, REPORT_NEEDS_SCORES, "scores");
    assert_problem(t, &few, REPORT_GAMES, "scores");
    tournament_free(t);
}

static void scores_are_two_numbers_in_brackets(void **state)
{
    const char *const bad[] = {"",          "1",    "[1]",   "[1,2,3]",
                               "[\"1\",2]", "[1,]", "[,1]",  "{\"a\":1}",
                               "[[1],2]",   "null", "[1 2]", "[true,false]"};
    double scores[2] = {7, 7};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(report_scores(rh_str_from(bad[i]), scores));
    assert_true(scores[0] == 7.0);
    assert_true(report_scores(RH_STR_LIT(" [ 2 ,\n 0.5 ] "), scores));
    assert_true(scores[0] == 2.0);
    assert_true(scores[1] == 0.5);
}

static void two_reports_are_the_same_when_what_both_say_agrees(void **state)
{
    const struct match_record won = {.outcome = OUTCOME_FIRST};
    const struct match_record two_one = {
        .outcome = OUTCOME_FIRST, .has_scores = true, .halves = {4, 2}};
    const struct match_record two_nil = {
        .outcome = OUTCOME_FIRST, .has_scores = true, .halves = {4, 0}};
    const struct match_record forfeited = {.outcome = OUTCOME_FIRST, .forfeit = FORFEIT_SECOND};

    (void)state;
    assert_true(report_is_same(&won, &two_one));
    assert_true(report_is_same(&two_one, &two_one));
    assert_false(report_is_same(&two_one, &two_nil));
    assert_false(report_is_same(&won, &forfeited));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_game_is_won_by_one_to_nothing),
        cmocka_unit_test(scores_tell_the_winner),
        cmocka_unit_test(words_that_do_not_fit_are_named),
        cmocka_unit_test(a_forfeit_gives_all_points_to_the_other_side),
        cmocka_unit_test(points_for_games_need_all_games),
        cmocka_unit_test(scores_are_two_numbers_in_brackets),
        cmocka_unit_test(two_reports_are_the_same_when_what_both_say_agrees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
