/* Tests of pair counts and head-to-head. */
#include "fixture.h"

#include "plugins/elo_sync/tally.h"

static void pairs_are_counted_whichever_played_first(void **state)
{
    struct board *board = fixture_board();
    struct tally pairs;

    (void)state;
    (void)fixture_put(board, fixture_game("1", "b", "a", 1.0, 1)); /* the board has it */
    (void)fixture_put(board, fixture_game("2", "a", "b", 0.5, 2));
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(tally_of_board(board, 1, 10, &pairs), RH_OK);

    assert_int_equal(pairs.player_count, 2);
    assert_string_equal(pairs.names[0], "a");
    assert_int_equal(pairs.pair_count, 1);
    assert_int_equal(pairs.pairs[0].weight, 2 * TALLY_GAME);
    assert_int_equal(pairs.pairs[0].score_a, TALLY_GAME / 2);
    tally_release(&pairs);
    board_free(board);
}

static void pairs_of_a_game_of_four_count_a_third(void **state)
{
    const char *const order[] = {"a", "b", "c", "d"};
    struct board *board = fixture_board();
    struct tally pairs;

    (void)state;
    (void)fixture_put(board, fixture_order("1", order, 4, 1)); /* the board has it */
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(tally_of_board(board, 1, 10, &pairs), RH_OK);

    assert_int_equal(pairs.pair_count, 6);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(pairs.pairs[i].weight, TALLY_GAME / 3);
        assert_int_equal(pairs.pairs[i].score_a, TALLY_GAME / 3);
    }
    tally_release(&pairs);
    board_free(board);
}

static void who_has_too_few_games_is_left_out_and_too_many_players_are_refused(void **state)
{
    struct board *board = fixture_board();
    struct tally pairs;

    (void)state;
    (void)fixture_put(board, fixture_game("1", "a", "b", 1.0, 1)); /* the board has it */
    (void)fixture_put(board, fixture_game("2", "a", "b", 1.0, 2));
    (void)fixture_put(board, fixture_game("3", "a", "c", 1.0, 3));
    assert_int_equal(board_settle(board), RH_OK);

    assert_int_equal(tally_of_board(board, 1, 2, &pairs), RH_EFULL);
    assert_int_equal(tally_of_board(board, 2, 2, &pairs), RH_OK);
    assert_int_equal(pairs.player_count, 2);
    assert_int_equal(pairs.pairs[0].weight, 2 * TALLY_GAME);
    tally_release(&pairs);
    board_free(board);
}

static void head_to_head_is_from_the_first_ones_view(void **state)
{
    const char *const order[] = {"b", "c", "a"};
    struct board *board = fixture_board();

    (void)state;
    (void)fixture_put(board, fixture_game("1", "a", "b", 1.0, 1)); /* the board has it */
    (void)fixture_put(board, fixture_game("2", "b", "a", 0.5, 2));
    (void)fixture_put(board, fixture_order("3", order, 3, 3));
    (void)fixture_put(board, fixture_game("4", "c", "b", 1.0, 4));
    assert_int_equal(board_settle(board), RH_OK);

    const struct tally_match match = tally_head_to_head(board, RH_STR_LIT("a"), RH_STR_LIT("b"));
    assert_int_equal(match.games, 3);
    assert_int_equal(match.wins, 1);
    assert_int_equal(match.draws, 1);
    assert_int_equal(match.losses, 1);
    assert_int_equal(tally_head_to_head(board, RH_STR_LIT("a"), RH_STR_LIT("x")).games, 0);
    board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_counted_whichever_played_first),
        cmocka_unit_test(pairs_of_a_game_of_four_count_a_third),
        cmocka_unit_test(who_has_too_few_games_is_left_out_and_too_many_players_are_refused),
        cmocka_unit_test(head_to_head_is_from_the_first_ones_view),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
