/* Tests of reading outcomes: who won, what is an error, and what is not believed. */
#include "fixture.h"

static struct game_result read_game(uint32_t index, const struct rh_gtp_game *game)
{
    const struct gauntlet_spec spec = fixture_spec(2, 20);
    struct game_result out = {0};

    outcome_of_match(&spec, index, game, &out);
    return out;
}

static uint8_t outcome_with_winner(uint32_t index, const char *winner)
{
    const struct gauntlet_spec spec = fixture_spec(2, 20);
    const struct rh_gtp_game game = fixture_game(&spec, index, winner);

    return read_game(index, &game).outcome;
}

static void the_winner_counts_for_the_model_with_either_colour(void **state)
{
    (void)state;
    assert_int_equal(outcome_with_winner(0, "m"), OUTCOME_WIN);
    assert_int_equal(outcome_with_winner(1, "m"), OUTCOME_WIN);
    assert_int_equal(outcome_with_winner(0, "a"), OUTCOME_LOSS);
    assert_int_equal(outcome_with_winner(1, "a"), OUTCOME_LOSS);
    assert_int_equal(outcome_with_winner(2, "b"), OUTCOME_LOSS);
    assert_int_equal(outcome_with_winner(2, "draw"), OUTCOME_DRAW);
}

static void a_played_game_keeps_its_facts(void **state)
{
    const struct gauntlet_spec spec = fixture_spec(2, 20);
    const struct rh_gtp_game game = fixture_game(&spec, 3, "m");
    const struct game_result out = read_game(3, &game);

    (void)state;
    assert_int_equal(out.moves, 55);
    assert_int_equal(out.engine_seed, 1880445815);
    assert_int_equal(out.duration_ms, 812);
    assert_string_equal(out.score, "B+3.5");
    assert_string_equal(out.reason, "score");
    assert_string_equal(out.error, "");
}

static void a_crashed_game_is_an_error_and_not_a_draw(void **state)
{
    const struct gauntlet_spec spec = fixture_spec(2, 20);
    struct rh_gtp_game game = fixture_game(&spec, 0, "");
    struct game_result out;

    (void)state;
    game.error_kind = RH_STR_LIT("crash");
    game.error_player = RH_STR_LIT("a");
    game.error_message = RH_STR_LIT("the engine ended");
    out = read_game(0, &game);
    assert_int_equal(out.outcome, OUTCOME_ERROR);
    assert_string_equal(out.error_kind, "crash");
    assert_string_equal(out.error_player, "a");
    assert_string_equal(out.error, "the engine ended");
    assert_int_equal(out.moves, 55);
}

static void an_error_counts_even_with_a_winner_beside_it(void **state)
{
    const struct gauntlet_spec spec = fixture_spec(2, 20);
    struct rh_gtp_game game = fixture_game(&spec, 0, "m");

    (void)state;
    game.error_kind = RH_STR_LIT("timeout");
    assert_int_equal(read_game(0, &game).outcome, OUTCOME_ERROR);
}

static void a_winner_who_did_not_play_is_not_believed(void **state)
{
    const char *const winners[] = {"b", "", "somebody", "Draw"};

    (void)state;
    for (size_t i = 0; i < sizeof(winners) / sizeof(winners[0]); i++)
        assert_int_equal(outcome_with_winner(0, winners[i]), OUTCOME_ERROR);
}

static void assert_bad_result(struct game_result out)
{
    assert_int_equal(out.outcome, OUTCOME_ERROR);
    assert_string_equal(out.error_kind, "bad_result");
    assert_string_not_equal(out.error, "");
    assert_string_equal(out.score, "");
}

static void a_result_of_another_game_or_with_wrong_sides_is_not_believed(void **state)
{
    const struct gauntlet_spec spec = fixture_spec(2, 20);
    const struct rh_gtp_game other = fixture_game(&spec, 2, "m");
    struct rh_gtp_game swapped = fixture_game(&spec, 0, "m");

    (void)state;
    swapped.black = spec.baselines[0];
    swapped.white = spec.model;
    assert_bad_result(read_game(0, &other));
    assert_bad_result(read_game(0, &swapped));
}

static void a_result_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    assert_bad_result(read_game(0, NULL));
}

static void an_error_is_never_without_a_text(void **state)
{
    struct game_result out = {0};

    (void)state;
    outcome_error(&out, "dead", (struct rh_str){NULL, 0});
    assert_int_equal(out.outcome, OUTCOME_ERROR);
    assert_string_equal(out.error_kind, "dead");
    assert_string_not_equal(out.error, "");
}

static struct game_result read_item(enum rh_work_end end, const char *error)
{
    const struct gauntlet_spec spec = fixture_spec(1, 20);
    const struct rh_gtp_game game = fixture_game(&spec, 5, "a");
    const struct rh_work_item item = {.index = 5,
                                      .end = end,
                                      .attempt = 2,
                                      .work_id = RH_STR_LIT("w7"),
                                      .node_id = RH_STR_LIT("n3"),
                                      .error = rh_str_from(error)};
    struct game_result out;

    outcome_of_item(&spec, &item, &game, &out);
    return out;
}

static void a_done_item_gives_its_result_with_node_and_attempt(void **state)
{
    const struct game_result out = read_item(RH_WORK_DONE, "");

    (void)state;
    assert_int_equal(out.outcome, OUTCOME_LOSS);
    assert_string_equal(out.node_id, "n3");
    assert_string_equal(out.work_id, "w7");
    assert_int_equal(out.attempt, 2);
}

static void a_dead_item_is_an_error_with_its_text(void **state)
{
    const struct game_result out = read_item(RH_WORK_DEAD, "it crashed");

    (void)state;
    assert_int_equal(out.outcome, OUTCOME_ERROR);
    assert_string_equal(out.error_kind, "dead");
    assert_string_equal(out.error, "it crashed");
    assert_string_equal(out.node_id, "n3");
}

static void an_item_that_was_cancelled_is_an_error(void **state)
{
    const struct game_result out = read_item(RH_WORK_CANCELLED, "");

    (void)state;
    assert_int_equal(out.outcome, OUTCOME_ERROR);
    assert_string_equal(out.error_kind, "cancelled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_winner_counts_for_the_model_with_either_colour),
        cmocka_unit_test(a_played_game_keeps_its_facts),
        cmocka_unit_test(a_crashed_game_is_an_error_and_not_a_draw),
        cmocka_unit_test(an_error_counts_even_with_a_winner_beside_it),
        cmocka_unit_test(a_winner_who_did_not_play_is_not_believed),
        cmocka_unit_test(a_result_of_another_game_or_with_wrong_sides_is_not_believed),
        cmocka_unit_test(a_result_that_cannot_be_read_is_an_error),
        cmocka_unit_test(an_error_is_never_without_a_text),
        cmocka_unit_test(a_done_item_gives_its_result_with_node_and_attempt),
        cmocka_unit_test(a_dead_item_is_an_error_with_its_text),
        cmocka_unit_test(an_item_that_was_cancelled_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
