/* Tests of Glicko-2 over periods: the same as its steps taken by hand. */
#include "fixture.h"

#include "plugins/elo_sync/glicko.h"

static const struct glicko_options options = {
    .start = 1500.0, .deviation = 350.0, .volatility = 0.06, .tau = 0.5, .period_ms = 1000};

static const struct glicko_player newcomer = {1500.0, 350.0, 0.06};

static struct glicko_player player_of(const struct board *board,
                                      const struct glicko_player *players, const char *name)
{
    const struct board_player *player = board_player(board, rh_str_from(name));

    assert_non_null(player);
    return players[player - board->players];
}

static void games_of_one_period_are_rated_together(void **state)
{
    const struct glicko_game games[2] = {{1500.0, 350.0, 1.0, 1.0}, {1500.0, 350.0, 0.5, 1.0}};
    struct board *board = fixture_board();
    struct glicko_player *players = NULL;

    (void)state;
    (void)fixture_put(board, fixture_game("1", "a", "b", 1.0, 5100)); /* the board has it */
    (void)fixture_put(board, fixture_game("2", "c", "a", 0.5, 5900));
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(glicko_of_board(board, &options, &players), RH_OK);

    const struct glicko_player expected = glicko_rate(&newcomer, games, 2, &options);
    const struct glicko_player a = player_of(board, players, "a");
    assert_true(a.rating == expected.rating);
    assert_true(a.deviation == expected.deviation);
    assert_true(a.volatility == expected.volatility);
    free(players);
    board_free(board);
}

static void who_rests_grows_uncertain_until_the_last_period_of_the_board(void **state)
{
    const struct glicko_game won = {1500.0, 350.0, 1.0, 1.0};
    struct board *board = fixture_board();
    struct glicko_player *players = NULL;

    (void)state;
    (void)fixture_put(board, fixture_game("1", "a", "b", 1.0, 5100)); /* the board has it */
    (void)fixture_put(board, fixture_game("2", "c", "d", 1.0, 9100));
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(glicko_of_board(board, &options, &players), RH_OK);

    const struct glicko_player then = glicko_rate(&newcomer, &won, 1, &options);
    const struct glicko_player expected = glicko_rest(&then, 4, &options);
    assert_true(player_of(board, players, "a").deviation == expected.deviation);
    assert_true(player_of(board, players, "c").deviation == then.deviation);
    free(players);
    board_free(board);
}

static void the_next_period_begins_where_the_last_one_ended(void **state)
{
    const struct glicko_game won = {1500.0, 350.0, 1.0, 1.0};
    const struct glicko_game lost = {1500.0, 350.0, 0.0, 1.0};
    struct board *board = fixture_board();
    struct glicko_player *players = NULL;

    (void)state;
    (void)fixture_put(board, fixture_game("1", "a", "b", 1.0, 5100)); /* the board has it */
    (void)fixture_put(board, fixture_game("2", "a", "b", 0.0, 6100));
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(glicko_of_board(board, &options, &players), RH_OK);

    const struct glicko_player a = glicko_rate(&newcomer, &won, 1, &options);
    const struct glicko_player b = glicko_rate(&newcomer, &lost, 1, &options);
    const struct glicko_game second = {b.rating, b.deviation, 0.0, 1.0};
    const struct glicko_player expected = glicko_rate(&a, &second, 1, &options);
    assert_true(player_of(board, players, "a").rating == expected.rating);
    free(players);
    board_free(board);
}

static void pairs_in_a_game_of_three_count_half(void **state)
{
    const char *const order[] = {"a", "b", "c"};
    const struct glicko_game games[2] = {{1500.0, 350.0, 1.0, 0.5}, {1500.0, 350.0, 1.0, 0.5}};
    struct board *board = fixture_board();
    struct glicko_player *players = NULL;

    (void)state;
    (void)fixture_put(board, fixture_order("1", order, 3, 5100)); /* the board has it */
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(glicko_of_board(board, &options, &players), RH_OK);

    const struct glicko_player expected = glicko_rate(&newcomer, games, 2, &options);
    assert_true(player_of(board, players, "a").rating == expected.rating);
    free(players);
    board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(games_of_one_period_are_rated_together),
        cmocka_unit_test(who_rests_grows_uncertain_until_the_last_period_of_the_board),
        cmocka_unit_test(the_next_period_begins_where_the_last_one_ended),
        cmocka_unit_test(pairs_in_a_game_of_three_count_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
