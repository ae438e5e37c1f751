/* Tests of places in eliminations. */
#include "core_test.h"

#include "plugins/tournament/ranks.h"

/* Places as "player:rank ..." in order. */
static void assert_places(const struct board *board, const char *expected)
{
    struct place places[PLAN_PLAYERS_MAX];
    char text[1024] = "";
    size_t n = 0;

    ranks_make(&board->plan, board->meetings, places);
    for (uint32_t i = 0; i < board->plan.options.players; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u:%u", i ? " " : "", places[i].player,
                              places[i].rank);
    assert_string_equal(text, expected);
}

static void play_and_assert(const struct plan_options *options, const char *expected)
{
    struct board board;

    board_init(&board, options);
    board_play(&board, NULL);
    assert_places(&board, expected);
    board_release(&board);
}

static void favourites_of_a_double_elimination_of_eight(void **state)
{
    const struct plan_options options = double_of(8);

    (void)state;
    play_and_assert(&options, "1:1 2:2 3:3 4:4 5:5 6:5 7:7 8:7");
}

static void losers_of_one_round_share_their_rank(void **state)
{
    struct plan_options options = single_of(8);

    (void)state;
    play_and_assert(&options, "1:1 2:2 3:3 4:3 5:5 6:5 7:5 8:5");
    options.has_third_place = true;
    play_and_assert(&options, "1:1 2:2 3:3 4:4 5:5 6:5 7:5 8:5");
}

static void byes_take_no_place(void **state)
{
    struct plan_options options = single_of(6);

    (void)state;
    play_and_assert(&options, "1:1 2:2 3:3 4:3 5:5 6:5");
    options = single_of(3);
    options.has_third_place = true;
    play_and_assert(&options, "1:1 2:2 3:3");
    options = double_of(6);
    play_and_assert(&options, "1:1 2:2 3:3 4:4 5:5 6:5");
    options = double_of(2);
    play_and_assert(&options, "1:1 2:2");
}

static void who_is_still_in_has_no_rank(void **state)
{
    const struct plan_options options = double_of(4);
    struct board board;

    (void)state;
    board_init(&board, &options);
    board_decide(&board, board_find(&board, "W1.1"), OUTCOME_FIRST);
    board_decide(&board, board_find(&board, "W1.2"), OUTCOME_FIRST);
    assert_places(&board, "1:0 2:0 3:0 4:0");
    board_decide(&board, board_find(&board, "L1.1"), OUTCOME_FIRST);
    assert_places(&board, "1:0 2:0 4:0 3:4");
    board_release(&board);
}

static void nobody_has_lost_the_final_before_the_reset_is_over(void **state)
{
    const struct plan_options options = double_of(2);
    struct board board;

    (void)state;
    board_init(&board, &options);
    board_decide(&board, board_find(&board, "W1.1"), OUTCOME_FIRST);
    board_decide(&board, board_find(&board, "F1"), OUTCOME_SECOND);
    assert_places(&board, "1:0 2:0");
    board_decide(&board, board_find(&board, "F2"), OUTCOME_SECOND);
    assert_places(&board, "2:1 1:2");
    board_release(&board);
}

static void ranks_are_complete_and_leave_room_for_those_who_share(void **state)
{
    struct rh_rng rng = board_rng(5);

    (void)state;
    for (uint32_t n = 2; n <= 64; n++) {
        struct plan_options options = n % 2 ? double_of(n) : single_of(n);
        struct place places[PLAN_PLAYERS_MAX];
        struct board board;

        options.has_third_place = n % 4 == 0;
        board_init(&board, &options);
        board_play(&board, &rng);
        ranks_make(&board.plan, board.meetings, places);
        assert_int_equal(places[0].rank, 1);
        for (uint32_t i = 1; i < n; i++) {
            assert_true(places[i].rank == i + 1 || places[i].rank == places[i - 1].rank);
            assert_int_not_equal(places[i].rank, 1);
        }
        board_release(&board);
    }
}

static void wins_and_losses_are_of_matches_that_were_played(void **state)
{
    const struct plan_options options = single_of(3);
    struct place places[3];
    struct board board;

    (void)state;
    board_init(&board, &options);
    board_play(&board, NULL);
    ranks_make(&board.plan, board.meetings, places);
    assert_int_equal(places[0].wins, 1); /* and a bye */
    assert_int_equal(places[0].losses, 0);
    assert_int_equal(places[1].wins, 1);
    assert_int_equal(places[1].losses, 1);
    board_release(&board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(favourites_of_a_double_elimination_of_eight),
        cmocka_unit_test(losers_of_one_round_share_their_rank),
        cmocka_unit_test(byes_take_no_place),
        cmocka_unit_test(who_is_still_in_has_no_rank),
        cmocka_unit_test(nobody_has_lost_the_final_before_the_reset_is_over),
        cmocka_unit_test(ranks_are_complete_and_leave_room_for_those_who_share),
        cmocka_unit_test(wins_and_losses_are_of_matches_that_were_played),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
