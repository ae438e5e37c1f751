/* Tests of double elimination: published routes, two losses and out, the reset of the final. */
#include "core_test.h"

#include "plugins/tournament/double.h"

/* A side as text: "wW2.1", "lL1.1", "4", or "-" for nobody. */
static void side_text(const struct plan *plan, const struct plan_side *side, char *text)
{
    char id[PLAN_ID_SIZE];

    if (side->source == SOURCE_SEED) {
        (void)snprintf(text, PLAN_ID_SIZE + 1, "%u", side->of);
        return;
    }
    plan_id(&plan->matches[side->of], id);
    (void)snprintf(text, PLAN_ID_SIZE + 1, "%c%s", side->source == SOURCE_WINNER ? 'w' : 'l', id);
}

static void assert_route(const struct plan *plan, const char *id, const char *first,
                         const char *second)
{
    const uint32_t index = plan_find(plan, rh_str_from(id));
    char text[PLAN_ID_SIZE + 1];

    assert_true(index < plan->count);
    side_text(plan, &plan->matches[index].sides[0], text);
    assert_string_equal(text, first);
    side_text(plan, &plan->matches[index].sides[1], text);
    assert_string_equal(text, second);
}

static void routes_of_eight_are_the_published_ones(void **state)
{
    const struct plan_options options = double_of(8);
    struct plan plan;

    (void)state;
    assert_int_equal(plan_init(&plan, &options), RH_OK);
    assert_route(&plan, "W1.1", "1", "8");
    assert_route(&plan, "W1.2", "4", "5");
    assert_route(&plan, "W1.3", "2", "7");
    assert_route(&plan, "W1.4", "3", "6");
    assert_route(&plan, "L1.1", "lW1.1", "lW1.2");
    assert_route(&plan, "L1.2", "lW1.3", "lW1.4");
    assert_route(&plan, "L2.1", "lW2.2", "wL1.1");
    assert_route(&plan, "L2.2", "lW2.1", "wL1.2");
    assert_route(&plan, "L3.1", "wL2.1", "wL2.2");
    assert_route(&plan, "L4.1", "lW3.1", "wL3.1");
    assert_route(&plan, "F1", "wW3.1", "wL4.1");
    assert_int_equal(plan.matches[plan_find(&plan, RH_STR_LIT("F2"))].sides[0].source, SOURCE_SAME);
    plan_release(&plan);
}

static void round_two_of_sixteen_is_reversed_and_round_four_natural(void **state)
{
    const struct plan_options options = double_of(16);
    struct plan plan;

    (void)state;
    assert_int_equal(plan_init(&plan, &options), RH_OK);
    assert_route(&plan, "L2.1", "lW2.4", "wL1.1");
    assert_route(&plan, "L2.2", "lW2.3", "wL1.2");
    assert_route(&plan, "L2.3", "lW2.2", "wL1.3");
    assert_route(&plan, "L2.4", "lW2.1", "wL1.4");
    assert_route(&plan, "L4.1", "lW3.1", "wL3.1");
    assert_route(&plan, "L4.2", "lW3.2", "wL3.2");
    assert_route(&plan, "L6.1", "lW4.1", "wL5.1");
    plan_release(&plan);
}

static void favourites_of_eight_end_as_published(void **state)
{
    static const struct {
        const char *id;
        uint16_t winner;
    } expected[] = {{"W1.1", 1}, {"W1.2", 4}, {"W1.3", 2}, {"W1.4", 3}, {"W2.1", 1},
                    {"W2.2", 2}, {"W3.1", 1}, {"L1.1", 5}, {"L1.2", 6}, {"L2.1", 3},
                    {"L2.2", 4}, {"L3.1", 3}, {"L4.1", 2}, {"F1", 1}};
    const struct plan_options options = double_of(8);
    struct board board;

    (void)state;
    board_init(&board, &options);
    board_play(&board, NULL);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(board_at(&board, expected[i].id)->winner, expected[i].winner);
    assert_int_equal(board_at(&board, "L2.1")->loser, 5);
    assert_int_equal(board_at(&board, "L2.2")->loser, 6);
    assert_int_equal(board_at(&board, "F2")->state, MEETING_VOID);
    board_release(&board);
}

static void the_reset_exists_only_if_the_second_side_wins_the_first_final(void **state)
{
    const struct plan_options options = double_of(4);
    struct board board;

    (void)state;
    board_init(&board, &options);
    while (board_at(&board, "F1")->state != MEETING_READY) {
        uint32_t ready[16];

        assert_true(board_ready(&board, ready) > 0);
        board_decide(&board, ready[0], favourite(&board.meetings[ready[0]]));
    }
    assert_int_equal(board_at(&board, "F2")->state, MEETING_WAITING);
    board_decide(&board, board_find(&board, "F1"), OUTCOME_SECOND);
    assert_int_equal(board_at(&board, "F2")->state, MEETING_READY);
    assert_int_equal(board_at(&board, "F2")->players[0], 1);
    assert_int_equal(board_at(&board, "F2")->players[1], 2);
    assert_int_equal(bracket_champion(&board.plan, board.meetings), PLAYER_UNKNOWN);
    board_decide(&board, board_find(&board, "F2"), OUTCOME_SECOND);
    assert_int_equal(bracket_champion(&board.plan, board.meetings), 2);
    board_release(&board);
}

static void without_the_reset_one_final_decides(void **state)
{
    struct plan_options options = double_of(5);
    struct board board;

    (void)state;
    options.has_reset = false;
    board_init(&board, &options);
    assert_int_equal(plan_find(&board.plan, RH_STR_LIT("F2")), board.plan.count);
    board_play(&board, NULL);
    assert_int_equal(bracket_champion(&board.plan, board.meetings), 1);
    board_release(&board);
}

static void check_losses(const struct board *board, uint32_t n)
{
    const uint16_t champion = bracket_champion(&board->plan, board->meetings);
    uint32_t losses[PLAN_PLAYERS_MAX + 1] = {0};
    uint32_t played = 0;

    for (uint32_t i = 0; i < board->plan.count; i++) {
        const struct meeting *meeting = &board->meetings[i];

        if (meeting->state != MEETING_DECIDED)
            continue;
        played++;
        losses[meeting->loser]++;
    }
    assert_in_range(champion, 1, n);
    assert_true(losses[champion] <= 1);
    assert_int_equal(played, 2 * n - 2 + losses[champion]);
    for (uint32_t player = 1; player <= n; player++) {
        if (player != champion)
            assert_int_equal(losses[player], 2);
    }
}

static void everyone_but_the_champion_loses_exactly_twice(void **state)
{
    struct rh_rng rng = board_rng(20260101);

    (void)state;
    for (uint32_t n = 2; n <= 64; n++) {
        for (uint32_t run = 0; run < 20; run++) {
            const struct plan_options options = double_of(n);
            struct board board;

            board_init(&board, &options);
            assert_int_equal(plan_played(&board.plan), 2 * n - 2);
            board_play(&board, run ? &rng : NULL);
            check_losses(&board, n);
            board_release(&board);
        }
    }
}

/* Seeds 1 and 2 meet in the winners' final at the earliest. */
static void the_best_two_meet_late(void **state)
{
    (void)state;
    for (uint32_t n = 3; n <= 64; n++) {
        const struct plan_options options = double_of(n);
        uint32_t rounds = 0;
        struct board board;

        board_init(&board, &options);
        board_play(&board, NULL);
        while ((1u << rounds) < n)
            rounds++;
        for (uint32_t i = 0; i < board.plan.count; i++) {
            const struct meeting *meeting = &board.meetings[i];
            const struct plan_match *match = &board.plan.matches[i];

            if (meeting->state == MEETING_DECIDED && meeting->players[0] + meeting->players[1] == 3)
                assert_true(match->part == PART_FINAL ||
                            (match->part == PART_WINNERS && match->round == rounds));
        }
        assert_int_equal(bracket_champion(&board.plan, board.meetings), 1);
        board_release(&board);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_of_eight_are_the_published_ones),
        cmocka_unit_test(round_two_of_sixteen_is_reversed_and_round_four_natural),
        cmocka_unit_test(favourites_of_eight_end_as_published),
        cmocka_unit_test(the_reset_exists_only_if_the_second_side_wins_the_first_final),
        cmocka_unit_test(without_the_reset_one_final_decides),
        cmocka_unit_test(everyone_but_the_champion_loses_exactly_twice),
        cmocka_unit_test(the_best_two_meet_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
