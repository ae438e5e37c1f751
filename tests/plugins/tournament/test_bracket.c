/* Tests of brackets: any order of results gives the same one; corrections route anew. */
#include "core_test.h"

/* Matches whose outcomes make up a state: 2 bits each. */
#define STATE_MATCHES_MAX 16u

/* All states of one board, by depth-first search over every legal next result. */
struct search {
    struct board board;
    uint32_t matches[STATE_MATCHES_MAX]; /* indexes of those with two seats */
    uint32_t count;
    uint8_t *seen; /* a bit for each state */
    uint32_t *stack;
    uint32_t depth;
    uint32_t states;
    uint32_t ends;
};

static uint32_t pack(const struct search *search)
{
    uint32_t state = 0;

    for (uint32_t i = 0; i < search->count; i++)
        state |= (uint32_t)search->board.outcomes[search->matches[i]] << (2 * i);
    return state;
}

static void unpack(struct search *search, uint32_t state)
{
    memset(search->board.outcomes, 0, search->board.plan.count);
    for (uint32_t i = 0; i < search->count; i++)
        search->board.outcomes[search->matches[i]] = (uint8_t)(state >> (2 * i) & 3u);
    bracket_resolve(&search->board.plan, search->board.outcomes, search->board.meetings);
}

static void visit(struct search *search, uint32_t state)
{
    if (search->seen[state / 8] & (1u << state % 8))
        return;
    search->seen[state / 8] |= (uint8_t)(1u << state % 8);
    search->states++;
    search->stack[search->depth++] = state;
}

/* One more result, given as it comes in, must leave what a fold over all results gives. */
static void step(struct search *search, uint32_t state, uint32_t index, uint8_t outcome,
                 struct meeting *fresh)
{
    struct board *board = &search->board;

    unpack(search, state);
    assert_int_equal(bracket_change(&board->plan, board->outcomes, board->meetings, index, outcome,
                                    board->undone),
                     0);
    bracket_resolve(&board->plan, board->outcomes, fresh);
    assert_memory_equal(fresh, board->meetings, board->plan.count * sizeof(*fresh));
    visit(search, pack(search));
}

static void expand(struct search *search, uint32_t state, struct meeting *fresh)
{
    const uint8_t last =
        search->board.plan.options.format == FORMAT_ROUND_ROBIN ? OUTCOME_DRAW : OUTCOME_SECOND;
    uint32_t ready[STATE_MATCHES_MAX];
    uint32_t count;

    unpack(search, state);
    count = board_ready(&search->board, ready);
    search->ends += count == 0;
    assert_int_equal(count == 0, bracket_is_over(&search->board.plan, search->board.meetings));
    for (uint32_t i = 0; i < count; i++) {
        for (uint8_t outcome = OUTCOME_FIRST; outcome <= last; outcome++)
            step(search, state, ready[i], outcome, fresh);
    }
}

static void search_all(const struct plan_options *options, uint32_t *states, uint32_t *ends)
{
    struct search search = {.count = 0};
    struct meeting *fresh;

    board_init(&search.board, options);
    for (uint32_t i = 0; i < search.board.plan.count; i++) {
        if (plan_seats(&search.board.plan.matches[i]) == 2)
            search.matches[search.count++] = i;
    }
    assert_true(search.count <= 11);
    search.seen = calloc(1, ((size_t)1 << (2 * search.count)) / 8 + 1);
    search.stack = calloc((size_t)1 << (2 * search.count), sizeof(*search.stack));
    fresh = calloc(search.board.plan.count, sizeof(*fresh));
    visit(&search, 0);
    while (search.depth)
        expand(&search, search.stack[--search.depth], fresh);
    *states = search.states;
    *ends = search.ends;
    free(fresh);
    free(search.stack);
    free(search.seen);
    board_release(&search.board);
}

/* A way through the states is an order of results; each leads to the same state however reached. */
static void every_order_of_results_gives_the_same_elimination(void **state)
{
    uint32_t states;
    uint32_t ends;

    (void)state;
    for (uint32_t n = 2; n <= 6; n++) {
        struct plan_options options = single_of(n);

        options.has_third_place = true;
        search_all(&options, &states, &ends);
        assert_int_equal(ends, 1u << (n - 1 + (n > 3)));
        options = double_of(n);
        search_all(&options, &states, &ends);
        /* Half of the ends of 2n - 2 matches go on for one match with two ends. */
        assert_int_equal(ends, (1u << (2 * n - 2)) * 3 / 2);
    }
}

static void every_order_of_results_gives_the_same_round_robin(void **state)
{
    uint32_t states;
    uint32_t ends;

    (void)state;
    for (uint32_t n = 2; n <= 4; n++) {
        const struct plan_options options = robin_of(n);
        uint32_t expected = 1;

        search_all(&options, &states, &ends);
        for (uint32_t i = 0; i < n * (n - 1) / 2; i++)
            expected *= 3;
        assert_int_equal(ends, expected);
    }
}

/* Too many states to visit for 5 and 6; but where a result touches no other match, the order of
 * results cannot matter. */
static void a_result_of_a_round_robin_touches_its_own_match_alone(void **state)
{
    struct rh_rng rng = board_rng(17);

    (void)state;
    for (uint32_t n = 2; n <= 6; n++) {
        const struct plan_options options = robin_of(n);
        struct meeting *before;
        struct board board;

        board_init(&board, &options);
        before = calloc(board.plan.count, sizeof(*before));
        for (uint32_t run = 0; run < 3000; run++) {
            const uint32_t index = (uint32_t)rh_rng_below(&rng, board.plan.count);

            memcpy(before, board.meetings, board.plan.count * sizeof(*before));
            assert_int_equal(bracket_change(&board.plan, board.outcomes, board.meetings, index,
                                            (uint8_t)rh_rng_below(&rng, OUTCOME_COUNT),
                                            board.undone),
                             0);
            before[index] = board.meetings[index];
            assert_memory_equal(before, board.meetings, board.plan.count * sizeof(*before));
        }
        free(before);
        board_release(&board);
    }
}

static void random_orders_of_larger_ones_agree_with_a_fold(void **state)
{
    struct rh_rng rng = board_rng(7);

    (void)state;
    for (uint32_t n = 7; n <= 64; n++) {
        const struct plan_options options = n % 3 ? double_of(n) : single_of(n);
        struct meeting *fresh;
        struct board board;

        board_init(&board, &options);
        board_play(&board, &rng);
        fresh = calloc(board.plan.count, sizeof(*fresh));
        bracket_resolve(&board.plan, board.outcomes, fresh);
        assert_memory_equal(fresh, board.meetings, board.plan.count * sizeof(*fresh));
        assert_true(bracket_is_over(&board.plan, board.meetings));
        free(fresh);
        board_release(&board);
    }
}

static void a_correction_undoes_only_what_followed_from_it(void **state)
{
    const struct plan_options options = single_of(8);
    struct board board;

    (void)state;
    board_init(&board, &options);
    board_play(&board, NULL);
    assert_int_equal(bracket_change(&board.plan, board.outcomes, board.meetings,
                                    board_find(&board, "W1.1"), OUTCOME_SECOND, board.undone),
                     2);
    assert_int_equal(board.undone[board_find(&board, "W2.1")], 1);
    assert_int_equal(board.undone[board_find(&board, "W3.1")], 1);
    assert_int_equal(board.undone[board_find(&board, "W2.2")], 0);
    assert_int_equal(board_at(&board, "W2.1")->state, MEETING_READY);
    assert_int_equal(board_at(&board, "W2.1")->players[0], 8);
    assert_int_equal(board_at(&board, "W2.1")->players[1], 4);
    assert_int_equal(board_at(&board, "W3.1")->state, MEETING_WAITING);
    board_release(&board);
}

static void a_correction_of_the_score_alone_undoes_nothing(void **state)
{
    const struct plan_options options = double_of(8);
    struct board board;

    (void)state;
    board_init(&board, &options);
    board_play(&board, NULL);
    assert_int_equal(bracket_change(&board.plan, board.outcomes, board.meetings,
                                    board_find(&board, "W1.1"), OUTCOME_FIRST, board.undone),
                     0);
    board_release(&board);
}

static void a_corrected_final_takes_its_reset_away(void **state)
{
    const struct plan_options options = double_of(4);
    struct board board;
    uint32_t final;

    (void)state;
    board_init(&board, &options);
    final = board_find(&board, "F1");
    while (board.meetings[final].state != MEETING_READY) {
        uint32_t ready[16];

        assert_true(board_ready(&board, ready) > 0);
        board_decide(&board, ready[0], favourite(&board.meetings[ready[0]]));
    }
    board_decide(&board, final, OUTCOME_SECOND);
    board_decide(&board, final + 1, OUTCOME_SECOND);
    assert_int_equal(bracket_change(&board.plan, board.outcomes, board.meetings, final,
                                    OUTCOME_FIRST, board.undone),
                     1);
    assert_int_equal(board.meetings[final + 1].state, MEETING_VOID);
    assert_int_equal(bracket_champion(&board.plan, board.meetings), 1);
    board_release(&board);
}

/* Corrections at random leave what the remaining results alone would have given. */
static void after_any_corrections_the_bracket_is_a_fold_of_what_is_left(void **state)
{
    struct rh_rng rng = board_rng(11);

    (void)state;
    for (uint32_t run = 0; run < 300; run++) {
        const struct plan_options options = double_of(2 + (uint32_t)rh_rng_below(&rng, 15));
        struct meeting *fresh;
        struct board board;

        board_init(&board, &options);
        fresh = calloc(board.plan.count, sizeof(*fresh));
        for (uint32_t k = 0; k < 60; k++) {
            const uint32_t index = (uint32_t)rh_rng_below(&rng, board.plan.count);
            const uint16_t state_now = board.meetings[index].state;

            if (state_now != MEETING_READY && state_now != MEETING_DECIDED)
                continue;
            (void)bracket_change(&board.plan, board.outcomes, board.meetings, index,
                                 (uint8_t)(OUTCOME_FIRST + rh_rng_below(&rng, 2)), board.undone);
            bracket_resolve(&board.plan, board.outcomes, fresh);
            assert_memory_equal(fresh, board.meetings, board.plan.count * sizeof(*fresh));
        }
        free(fresh);
        board_release(&board);
    }
}

static void who_meets_two_that_forfeited_goes_on_without_a_game(void **state)
{
    const struct plan_options options = single_of(4);
    struct board board;

    (void)state;
    board_init(&board, &options);
    board_decide(&board, board_find(&board, "W1.1"), OUTCOME_NEITHER);
    board_decide(&board, board_find(&board, "W1.2"), OUTCOME_FIRST);
    assert_int_equal(board_at(&board, "W2.1")->state, MEETING_WALKOVER);
    assert_int_equal(bracket_champion(&board.plan, board.meetings), 2);
    board_release(&board);
}

static void when_all_forfeit_nobody_wins(void **state)
{
    const struct plan_options options = single_of(4);
    struct board board;

    (void)state;
    board_init(&board, &options);
    board_decide(&board, board_find(&board, "W1.1"), OUTCOME_NEITHER);
    board_decide(&board, board_find(&board, "W1.2"), OUTCOME_NEITHER);
    assert_int_equal(board_at(&board, "W2.1")->state, MEETING_VOID);
    assert_int_equal(bracket_champion(&board.plan, board.meetings), PLAYER_NOBODY);
    board_release(&board);
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(meeting_state_name(MEETING_WAITING), "waiting");
    assert_string_equal(meeting_state_name(MEETING_VOID), "void");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_results_gives_the_same_elimination),
        cmocka_unit_test(every_order_of_results_gives_the_same_round_robin),
        cmocka_unit_test(a_result_of_a_round_robin_touches_its_own_match_alone),
        cmocka_unit_test(random_orders_of_larger_ones_agree_with_a_fold),
        cmocka_unit_test(a_correction_undoes_only_what_followed_from_it),
        cmocka_unit_test(a_correction_of_the_score_alone_undoes_nothing),
        cmocka_unit_test(a_corrected_final_takes_its_reset_away),
        cmocka_unit_test(after_any_corrections_the_bracket_is_a_fold_of_what_is_left),
        cmocka_unit_test(who_meets_two_that_forfeited_goes_on_without_a_game),
        cmocka_unit_test(when_all_forfeit_nobody_wins),
        cmocka_unit_test(states_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
