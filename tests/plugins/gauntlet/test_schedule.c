/* Tests of the schedule: numbers of games, balance of colours, seeds, keys. */
#include "fixture.h"

#include <ringhost/sdk/sort.h>

static void types_have_20_50_and_100_games(void **state)
{
    (void)state;
    assert_int_equal(schedule_games_of(RH_STR_LIT("quick")), 20);
    assert_int_equal(schedule_games_of(RH_STR_LIT("standard")), 50);
    assert_int_equal(schedule_games_of(RH_STR_LIT("thorough")), 100);
    assert_int_equal(schedule_games_of(RH_STR_LIT("long")), 0);
    assert_int_equal(schedule_games_of(RH_STR_LIT("")), 0);
}

/* The model's games as black and as white against each of `baselines` baselines. */
static void check_balance(uint32_t baselines, uint32_t games)
{
    uint32_t black[SCHEDULE_BASELINES_MAX] = {0};
    uint32_t white[SCHEDULE_BASELINES_MAX] = {0};

    for (uint32_t i = 0; i < baselines * games; i++) {
        const struct schedule_game game = schedule_game(1, baselines, i);

        assert_true(game.baseline < baselines);
        assert_int_equal(game.index, i);
        if (game.model_is_black)
            black[game.baseline]++;
        else
            white[game.baseline]++;
    }
    for (uint32_t i = 0; i < baselines; i++) {
        assert_int_equal(black[i], games / 2);
        assert_int_equal(white[i], games / 2);
    }
}

static void each_baseline_gets_every_game_and_half_of_them_with_each_colour(void **state)
{
    const uint32_t games[] = {2, 20, 50, 100};

    (void)state;
    for (uint32_t baselines = 1; baselines <= SCHEDULE_BASELINES_MAX; baselines++) {
        for (size_t i = 0; i < sizeof(games) / sizeof(games[0]); i++)
            check_balance(baselines, games[i]);
    }
}

static void a_pair_is_one_baseline_with_swapped_sides(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 300; i += 2) {
        const struct schedule_game first = schedule_game(9, 3, i);
        const struct schedule_game second = schedule_game(9, 3, i + 1);

        assert_int_equal(first.baseline, second.baseline);
        assert_int_equal(first.pair, second.pair);
        assert_true(first.model_is_black);
        assert_false(second.model_is_black);
    }
}

static void at_any_time_no_baseline_is_more_than_a_pair_ahead(void **state)
{
    uint32_t count[3] = {0};

    (void)state;
    for (uint32_t i = 0; i < 300; i++) {
        count[schedule_game(9, 3, i).baseline]++;
        assert_true(count[0] - count[2] <= 2);
        assert_true(count[0] >= count[1]);
        assert_true(count[1] >= count[2]);
    }
}

static int compare_seeds(const void *a, const void *b, void *ctx)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;

    (void)ctx;
    return (left > right) - (left < right);
}

static void seeds_of_one_gauntlet_are_all_distinct(void **state)
{
    static uint64_t seeds[SCHEDULE_GAMES_MAX];
    const uint64_t bases[] = {0, 1, UINT64_MAX, UINT64_C(0x9e3779b97f4a7c15)};

    (void)state;
    for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
        for (uint32_t i = 0; i < SCHEDULE_GAMES_MAX; i++)
            seeds[i] = schedule_game(bases[b], 1, i).seed;
        assert_int_equal(
            rh_sort(seeds, SCHEDULE_GAMES_MAX, sizeof(seeds[0]), compare_seeds, NULL, NULL), RH_OK);
        for (uint32_t i = 1; i < SCHEDULE_GAMES_MAX; i++)
            assert_true(seeds[i] != seeds[i - 1]);
    }
}

static void the_same_gauntlet_seed_gives_the_same_game_and_another_one_another(void **state)
{
    (void)state;
    assert_true(schedule_game(7, 2, 5).seed == schedule_game(7, 2, 5).seed);
    assert_true(schedule_game(7, 2, 5).seed != schedule_game(8, 2, 5).seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_have_20_50_and_100_games),
        cmocka_unit_test(each_baseline_gets_every_game_and_half_of_them_with_each_colour),
        cmocka_unit_test(a_pair_is_one_baseline_with_swapped_sides),
        cmocka_unit_test(at_any_time_no_baseline_is_more_than_a_pair_ahead),
        cmocka_unit_test(seeds_of_one_gauntlet_are_all_distinct),
        cmocka_unit_test(the_same_gauntlet_seed_gives_the_same_game_and_another_one_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
