/* Claims about colours, seeds, totals and times. */
#include "match_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void even_games_give_black_to_the_first_player(void **state)
{
    (void)state;

    for (int64_t index = 0; index < 100; index++) {
        struct plan_game game = plan_game_at(7, index);
        assert_int_equal(game.index, index);
        assert_int_equal(game.black, index % 2);
        assert_int_equal(plan_player_to_move(&game, 0), game.black);
        assert_int_equal(plan_player_to_move(&game, 1), 1 - game.black);
    }
}

static void seeds_of_games_differ_and_stay_in_range(void **state)
{
    int64_t seen[200];
    (void)state;

    for (int64_t index = 0; index < 200; index++) {
        seen[index] = plan_game_at(7, index).seed;
        assert_in_range(seen[index], 1, PLAN_SEED_MAX);
        for (int64_t other = 0; other < index; other++)
            assert_int_not_equal(seen[index], seen[other]);
    }
}

static void seed_depends_on_match_seed_and_index_only(void **state)
{
    (void)state;

    assert_int_equal(plan_game_at(7, 3).seed, plan_game_at(7, 3).seed);
    assert_int_not_equal(plan_game_at(7, 3).seed, plan_game_at(8, 3).seed);
    assert_int_equal(plan_game_at(7, 0).seed, 1880445815); /* results stay comparable for ever */
}

static void totals_never_count_an_error_as_a_result(void **state)
{
    struct plan_totals totals = {0, 0, 0, 0};
    struct plan_outcome won = {.winner = PLAN_FIRST_WON};
    struct plan_outcome lost = {.winner = PLAN_SECOND_WON};
    struct plan_outcome drawn = {.winner = PLAN_DRAW};
    struct plan_outcome failed = {.winner = PLAN_NO_RESULT, .error = PLAN_ERROR_CRASH};
    (void)state;

    plan_count(&totals, &won);
    plan_count(&totals, &lost);
    plan_count(&totals, &lost);
    plan_count(&totals, &drawn);
    plan_count(&totals, &failed);

    assert_int_equal(totals.wins, 1);
    assert_int_equal(totals.losses, 2);
    assert_int_equal(totals.draws, 1);
    assert_int_equal(totals.errors, 1);
}

static void told_seconds_stay_below_both_limits(void **state)
{
    (void)state;

    assert_int_equal(plan_told_seconds(10000, 600000, 9), 9);
    assert_int_equal(plan_told_seconds(10000, 600000, 19), 2); /* 600 s over 180 own moves */
    assert_int_equal(plan_told_seconds(0, 600000, 9), 13);
    assert_int_equal(plan_told_seconds(10000, 0, 9), 9);
    assert_int_equal(plan_told_seconds(1000, 0, 9), 0);
    assert_int_equal(plan_told_seconds(0, 0, 9), 0);
}

static void every_seed_word_is_replaced(void **state)
{
    char out[32];
    (void)state;

    assert_true(plan_expand("a{seed}b{seed}", 42, out, sizeof(out)));
    assert_string_equal(out, "a42b42");
    assert_true(plan_expand("{Seed}{", 42, out, sizeof(out)));
    assert_string_equal(out, "{Seed}{");
    assert_true(plan_expand("", 42, out, sizeof(out)));
    assert_string_equal(out, "");
}

static void expansion_that_does_not_fit_is_refused(void **state)
{
    char out[6];
    (void)state;

    assert_true(plan_expand("abc{seed}", 42, out, sizeof(out)));
    assert_false(plan_expand("abcd{seed}", 42, out, sizeof(out)));
    assert_false(plan_expand("abcdef", 42, out, sizeof(out)));
    assert_false(plan_expand("{seed}", 2147483647, out, sizeof(out)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(even_games_give_black_to_the_first_player),
        cmocka_unit_test(seeds_of_games_differ_and_stay_in_range),
        cmocka_unit_test(seed_depends_on_match_seed_and_index_only),
        cmocka_unit_test(totals_never_count_an_error_as_a_result),
        cmocka_unit_test(told_seconds_stay_below_both_limits),
        cmocka_unit_test(every_seed_word_is_replaced),
        cmocka_unit_test(expansion_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
