/* Tests of single elimination: numbers of matches, byes, routes, the third place. */
#include "core_test.h"

#include "plugins/tournament/single.h"

static void six_players_leave_two_byes(void **state)
{
    const struct plan_options options = single_of(6);
    struct board board;

    (void)state;
    board_init(&board, &options);
    assert_int_equal(board_at(&board, "W1.1")->state, MEETING_WALKOVER);
    assert_int_equal(board_at(&board, "W1.1")->winner, 1);
    assert_int_equal(board_at(&board, "W1.2")->players[0], 4);
    assert_int_equal(board_at(&board, "W1.2")->players[1], 5);
    assert_int_equal(board_at(&board, "W1.3")->state, MEETING_WALKOVER);
    assert_int_equal(board_at(&board, "W1.3")->winner, 2);
    assert_int_equal(board_at(&board, "W1.4")->players[0], 3);
    assert_int_equal(board_at(&board, "W1.4")->players[1], 6);
    board_release(&board);
}

static void n_players_play_n_minus_1_matches(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= 64; n++) {
        struct plan_options options = single_of(n);
        struct board board;

        board_init(&board, &options);
        assert_int_equal(plan_played(&board.plan), n - 1);
        board_release(&board);
        options.has_third_place = true;
        board_init(&board, &options);
        assert_int_equal(plan_played(&board.plan), n - 1 + (n > 3));
        board_release(&board);
    }
}

/* A match with an odd number sends its winner to the first side. */
static void winners_go_to_half_their_number(void **state)
{
    const struct plan_options options = single_of(64);
    struct board board;

    (void)state;
    board_init(&board, &options);
    for (uint32_t i = 0; i < board.plan.count; i++) {
        const struct plan_match *match = &board.plan.matches[i];

        if (match->round == 1)
            continue;
        for (uint32_t side = 0; side < 2; side++) {
            const struct plan_match *from = &board.plan.matches[match->sides[side].of];

            assert_int_equal(match->sides[side].source, SOURCE_WINNER);
            assert_int_equal(from->round, match->round - 1);
            assert_int_equal((from->number + 1) / 2, match->number);
            assert_int_equal(from->number % 2, side == 0);
        }
    }
    board_release(&board);
}

static void the_best_two_meet_in_the_final_alone(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= 64; n++) {
        const struct plan_options options = single_of(n);
        struct board board;

        board_init(&board, &options);
        board_play(&board, NULL);
        for (uint32_t i = 0; i < board.plan.count; i++) {
            const struct meeting *meeting = &board.meetings[i];
            const bool is_theirs =
                meeting->players[0] + meeting->players[1] == 3 && meeting->state == MEETING_DECIDED;

            assert_int_equal(is_theirs, i == board.plan.count - 1);
        }
        assert_int_equal(bracket_champion(&board.plan, board.meetings), 1);
        board_release(&board);
    }
}

static void losers_of_the_semifinals_play_for_the_third_place(void **state)
{
    struct plan_options options = single_of(8);
    struct board board;

    (void)state;
    options.has_third_place = true;
    board_init(&board, &options);
    board_play(&board, NULL);
    assert_int_equal(board_at(&board, "T1")->players[0], 4);
    assert_int_equal(board_at(&board, "T1")->players[1], 3);
    assert_int_equal(bracket_champion(&board.plan, board.meetings), 1);
    board_release(&board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_players_leave_two_byes),
        cmocka_unit_test(n_players_play_n_minus_1_matches),
        cmocka_unit_test(winners_go_to_half_their_number),
        cmocka_unit_test(the_best_two_meet_in_the_final_alone),
        cmocka_unit_test(losers_of_the_semifinals_play_for_the_third_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
