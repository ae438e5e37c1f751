/* Tests of reading results of items: who won, what is an error, and what is not believed. */
#include "fixture.h"

#include "plugins/tournament/result.h"

static const struct rh_str none = {NULL, 0};

static struct game_record read(const struct tournament *t, enum rh_work_end end,
                               const struct rh_gtp_game *game)
{
    const struct rh_work_item item = {.index = 0,
                                      .end = end,
                                      .attempt = 2,
                                      .work_id = RH_STR_LIT("w7"),
                                      .node_id = RH_STR_LIT("n2"),
                                      .error = RH_STR_LIT("killed")};
    struct game_record out;

    result_of_item(t, &item, game, none, none, none, &out);
    return out;
}

static struct rh_gtp_game game_won_by(const char *winner)
{
    return (struct rh_gtp_game){.index = 0,
                                .black = RH_STR_LIT("p1"),
                                .white = RH_STR_LIT("p2"),
                                .winner = rh_str_from(winner),
                                .result = RH_STR_LIT("B+3.5"),
                                .reason = RH_STR_LIT("score"),
                                .moves = 55};
}

static void the_winner_is_known_by_name(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    struct rh_gtp_game game = game_won_by("p1");

    (void)state;
    assert_int_equal(read(t, RH_WORK_DONE, &game).outcome, GAME_FIRST);
    game.winner = RH_STR_LIT("p2");
    assert_int_equal(read(t, RH_WORK_DONE, &game).outcome, GAME_SECOND);
    game.winner = RH_STR_LIT("draw");
    assert_int_equal(read(t, RH_WORK_DONE, &game).outcome, GAME_DRAW);
    assert_string_equal(read(t, RH_WORK_DONE, &game).score, "B+3.5");
    assert_string_equal(read(t, RH_WORK_DONE, &game).work_id, "w7");
    assert_int_equal(read(t, RH_WORK_DONE, &game).attempt, 2);
    tournament_free(t);
}

static void what_is_not_of_this_game_is_an_error(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    struct rh_gtp_game bad[5];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        bad[i] = game_won_by("p1");
    bad[0].index = 1;
    bad[1].black = RH_STR_LIT("p2");
    bad[2].white = RH_STR_LIT("p3");
    bad[3].winner = RH_STR_LIT("p3");
    bad[4].winner = none;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct game_record got = read(t, RH_WORK_DONE, &bad[i]);

        assert_int_equal(got.outcome, GAME_NONE);
        assert_string_equal(got.error_kind, "bad_result");
        assert_false(got.is_last);
    }
    assert_string_equal(read(t, RH_WORK_DONE, NULL).error_kind, "bad_result");
    tournament_free(t);
}

static void a_crash_keeps_its_kind_and_its_player(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    struct rh_gtp_game game = game_won_by("");
    struct game_record got;

    (void)state;
    game.error_kind = RH_STR_LIT("crash");
    game.error_player = RH_STR_LIT("p2");
    got = read(t, RH_WORK_DONE, &game);
    assert_int_equal(got.outcome, GAME_NONE);
    assert_string_equal(got.error_kind, "crash");
    assert_string_equal(got.error_player, "p2");
    assert_string_equal(got.error, "no reason was given");
    tournament_free(t);
}

static void dead_and_cancelled_items_are_errors_for_good(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct rh_gtp_game game = game_won_by("p1");
    const struct game_record dead = read(t, RH_WORK_DEAD, &game);
    const struct game_record cancelled = read(t, RH_WORK_CANCELLED, NULL);

    (void)state;
    assert_int_equal(dead.outcome, GAME_NONE);
    assert_true(dead.is_last);
    assert_string_equal(dead.error_kind, "dead");
    assert_string_equal(dead.error, "killed");
    assert_true(cancelled.is_last);
    assert_string_equal(cancelled.error_kind, "cancelled");
    tournament_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_winner_is_known_by_name),
        cmocka_unit_test(what_is_not_of_this_game_is_an_error),
        cmocka_unit_test(a_crash_keeps_its_kind_and_its_player),
        cmocka_unit_test(dead_and_cancelled_items_are_errors_for_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
