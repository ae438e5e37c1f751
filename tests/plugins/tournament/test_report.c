/* Tests of what a referee's words come to. */
#include "fixture.h"

#include "plugins/tournament/report.h"

static void assert_problem(const struct tournament *t, const struct report_words *words,
                           enum report_problem problem, const char *field)
{
    struct match_record record;
    struct report_fault fault;
    char text[REPORT_TEXT_SIZE] = "";

    assert_int_equal(report_read(t, 0, words, &record, &fault), problem);
    assert_string_equal(fault.field, field);
    report_explain(t, 0, words, problem, &fault, false, text);
    assert_true(text[0] != '\0');
}

static void one_game_is_won_by_one_to_nothing(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct report_words words = {.winner = RH_STR_LIT("p2")};
    struct match_record record;
    struct report_fault fault;

    (void)state;
    assert_int_equal(report_read(t, 0, &words, &record, &fault), REPORT_FINE);
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
    struct report_fault fault;
    struct tournament *t;

    (void)state;
    spec.series.games = 5;
    t = fixture_of(&spec);
    assert_int_equal(report_read(t, 0, &words, &record, &fault), REPORT_FINE);
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

static void assert_text(const struct tournament *t, const struct report_words *words,
                        bool is_correction, const char *expected)
{
    struct match_record record;
    struct report_fault fault;
    char text[REPORT_TEXT_SIZE] = "";
    const enum report_problem problem = report_read(t, 0, words, &record, &fault);

    report_explain(t, 0, words, problem, &fault, is_correction, text);
    assert_string_equal(text, expected);
}

static void texts_name_fields_players_and_sides(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct report_words empty = {.is_draw = false};
    const struct {
        struct report_words words;
        const char *text;
    } bad[] = {
        {{.winner = RH_STR_LIT("x")},
         "\"winner\": \"x\" is no player of match W1.1, which is \"p1\" against \"p2\""},
        {{.forfeit = RH_STR_LIT("y"), .winner = RH_STR_LIT("p1")},
         "\"forfeit\": \"y\" is no player of match W1.1, which is \"p1\" against \"p2\""},
        {{.winner = RH_STR_LIT("p1"), .is_draw = true},
         "\"winner\" and \"draw\" contradict each other"},
        {{.winner = RH_STR_LIT("p1"), .has_scores = true, .scores = {0, 1}},
         "\"winner\" and \"scores\" contradict each other"},
        {{.is_draw = true, .has_scores = true, .scores = {0, 1}},
         "\"draw\" and \"scores\" contradict each other"},
        {{.forfeit = RH_STR_LIT("p1"), .winner = RH_STR_LIT("p1")},
         "\"forfeit\" and \"winner\" contradict each other"},
        {{.forfeit = RH_STR_LIT("p1"), .both_forfeit = true},
         "\"both_forfeit\" and \"forfeit\" contradict each other"},
        {{.both_forfeit = true, .has_scores = true},
         "\"both_forfeit\" and \"scores\" contradict each other"},
        {{.has_scores = true, .scores = {0.25, 1}},
         "\"scores\" must be two multiples of 0.5, from 0 to 1000000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_text(t, &bad[i].words, false, bad[i].text);
    assert_text(t, &empty, false,
                "give \"winner\", \"draw\", \"scores\", \"forfeit\" or \"both_forfeit\"");
    assert_text(t, &empty, true,
                "give \"winner\", \"draw\", \"scores\", \"forfeit\" or \"both_forfeit\", or "
                "\"replay\"; \"undo\" may stand beside each");
    tournament_free(t);
}

static void a_forfeit_gives_all_points_to_the_other_side(void **state)
{
    struct spec spec = fixture_spec(FORMAT_ROUND_ROBIN, 2);
    const struct report_words one = {.forfeit = RH_STR_LIT("p1"), .winner = RH_STR_LIT("p2")};
    const struct report_words both = {.both_forfeit = true};
    struct match_record record;
    struct report_fault fault;
    struct tournament *t;

    (void)state;
    spec.series.games = 4;
    t = fixture_of(&spec);
    assert_int_equal(report_read(t, 0, &one, &record, &fault), REPORT_FINE);
    assert_int_equal(record.outcome, OUTCOME_SECOND);
    assert_int_equal(record.by, BY_FORFEIT);
    assert_int_equal(record.halves[0], 0);
    assert_int_equal(record.halves[1], 8);
    assert_int_equal(report_read(t, 0, &both, &record, &fault), REPORT_FINE);
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
        cmocka_unit_test(texts_name_fields_players_and_sides),
        cmocka_unit_test(a_forfeit_gives_all_points_to_the_other_side),
        cmocka_unit_test(points_for_games_need_all_games),
        cmocka_unit_test(scores_are_two_numbers_in_brackets),
        cmocka_unit_test(two_reports_are_the_same_when_what_both_say_agrees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
