/* Tests of round robins: the published tables, every pair once, sides in balance. */
#include "core_test.h"

#include "plugins/tournament/berger.h"

/* FIDE Handbook C.05, Annex 1: a line a round. */
static const struct {
    uint32_t players;
    const char *rounds[15];
} published[] = {
    {4, {"1-4 2-3", "4-3 1-2", "2-4 3-1"}},
    {6, {"1-6 2-5 3-4", "6-4 5-3 1-2", "2-6 3-1 4-5", "6-5 1-4 2-3", "3-6 4-2 5-1"}},
    {8,
     {"1-8 2-7 3-6 4-5", "8-5 6-4 7-3 1-2", "2-8 3-1 4-7 5-6", "8-6 7-5 1-4 2-3", "3-8 4-2 5-1 6-7",
      "8-7 1-6 2-5 3-4", "4-8 5-3 6-2 7-1"}},
    {10,
     {"1-10 2-9 3-8 4-7 5-6", "10-6 7-5 8-4 9-3 1-2", "2-10 3-1 4-9 5-8 6-7",
      "10-7 8-6 9-5 1-4 2-3", "3-10 4-2 5-1 6-9 7-8", "10-8 9-7 1-6 2-5 3-4",
      "4-10 5-3 6-2 7-1 8-9", "10-9 1-8 2-7 3-6 4-5", "5-10 6-4 7-3 8-2 9-1"}},
    {12,
     {"1-12 2-11 3-10 4-9 5-8 6-7", "12-7 8-6 9-5 10-4 11-3 1-2", "2-12 3-1 4-11 5-10 6-9 7-8",
      "12-8 9-7 10-6 11-5 1-4 2-3", "3-12 4-2 5-1 6-11 7-10 8-9", "12-9 10-8 11-7 1-6 2-5 3-4",
      "4-12 5-3 6-2 7-1 8-11 9-10", "12-10 11-9 1-8 2-7 3-6 4-5", "5-12 6-4 7-3 8-2 9-1 10-11",
      "12-11 1-10 2-9 3-8 4-7 5-6", "6-12 7-5 8-4 9-3 10-2 11-1"}},
    {14,
     {"1-14 2-13 3-12 4-11 5-10 6-9 7-8", "14-8 9-7 10-6 11-5 12-4 13-3 1-2",
      "2-14 3-1 4-13 5-12 6-11 7-10 8-9", "14-9 10-8 11-7 12-6 13-5 1-4 2-3",
      "3-14 4-2 5-1 6-13 7-12 8-11 9-10", "14-10 11-9 12-8 13-7 1-6 2-5 3-4",
      "4-14 5-3 6-2 7-1 8-13 9-12 10-11", "14-11 12-10 13-9 1-8 2-7 3-6 4-5",
      "5-14 6-4 7-3 8-2 9-1 10-13 11-12", "14-12 13-11 1-10 2-9 3-8 4-7 5-6",
      "6-14 7-5 8-4 9-3 10-2 11-1 12-13", "14-13 1-12 2-11 3-10 4-9 5-8 6-7",
      "7-14 8-6 9-5 10-4 11-3 12-2 13-1"}},
    {16,
     {"1-16 2-15 3-14 4-13 5-12 6-11 7-10 8-9", "16-9 10-8 11-7 12-6 13-5 14-4 15-3 1-2",
      "2-16 3-1 4-15 5-14 6-13 7-12 8-11 9-10", "16-10 11-9 12-8 13-7 14-6 15-5 1-4 2-3",
      "3-16 4-2 5-1 6-15 7-14 8-13 9-12 10-11", "16-11 12-10 13-9 14-8 15-7 1-6 2-5 3-4",
      "4-16 5-3 6-2 7-1 8-15 9-14 10-13 11-12", "16-12 13-11 14-10 15-9 1-8 2-7 3-6 4-5",
      "5-16 6-4 7-3 8-2 9-1 10-15 11-14 12-13", "16-13 14-12 15-11 1-10 2-9 3-8 4-7 5-6",
      "6-16 7-5 8-4 9-3 10-2 11-1 12-15 13-14", "16-14 15-13 1-12 2-11 3-10 4-9 5-8 6-7",
      "7-16 8-6 9-5 10-4 11-3 12-2 13-1 14-15", "16-15 1-14 2-13 3-12 4-11 5-10 6-9 7-8",
      "8-16 9-7 10-6 11-5 12-4 13-3 14-2 15-1"}},
};

static void round_text(uint32_t players, uint32_t round, char *text, size_t size)
{
    size_t n = 0;

    for (uint32_t board = 0; board < players / 2; board++) {
        const struct berger_pair pair = berger_pair(players, round, board);

        n += (size_t)snprintf(text + n, size - n, "%s%u-%u", board ? " " : "", pair.first,
                              pair.second);
    }
}

static void all_published_tables_come_out(void **state)
{
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        for (uint32_t round = 0; round < published[i].players - 1; round++) {
            round_text(published[i].players, round, text, sizeof(text));
            assert_string_equal(text, published[i].rounds[round]);
        }
    }
}

static void check_robin(uint32_t n, bool is_twice)
{
    struct plan_options options = robin_of(n);
    uint32_t met[PLAN_PLAYERS_MAX + 1][PLAN_PLAYERS_MAX + 1] = {{0}};
    struct board board;

    options.is_twice = is_twice;
    board_init(&board, &options);
    assert_int_equal(board.plan.count, n * (n - 1) / (is_twice ? 1 : 2));
    for (uint32_t i = 0; i < board.plan.count; i++)
        met[board.meetings[i].players[0]][board.meetings[i].players[1]]++;
    for (uint32_t a = 1; a <= n; a++) {
        int64_t balance = 0;

        for (uint32_t b = 1; b <= n; b++) {
            balance += (int64_t)met[a][b] - met[b][a];
            if (a != b)
                assert_int_equal(met[a][b] + met[b][a], is_twice ? 2 : 1);
            if (a != b && is_twice)
                assert_int_equal(met[a][b], 1);
        }
        assert_int_equal(met[a][a], 0);
        assert_in_range(balance + 1, 0, 2);
    }
    board_release(&board);
}

static void each_pair_meets_once_with_sides_in_balance(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= 64; n++)
        check_robin(n, false);
}

static void twice_means_once_with_each_side(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= 64; n++)
        check_robin(n, true);
}

static void nobody_plays_twice_in_a_round(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= 64; n++) {
        const struct plan_options options = robin_of(n);
        uint32_t last[PLAN_PLAYERS_MAX + 1] = {0};
        struct board board;

        board_init(&board, &options);
        for (uint32_t i = 0; i < board.plan.count; i++) {
            for (uint32_t side = 0; side < 2; side++) {
                const uint16_t player = board.meetings[i].players[side];

                assert_true(last[player] < board.plan.matches[i].round);
                last[player] = board.plan.matches[i].round;
            }
        }
        board_release(&board);
    }
}

static void who_would_meet_the_odd_one_has_a_bye(void **state)
{
    const struct plan_options options = robin_of(5);
    struct board board;

    (void)state;
    board_init(&board, &options);
    assert_int_equal(board.plan.count, 10);
    assert_int_equal(board_at(&board, "R1.1")->players[0], 2);
    assert_int_equal(board_at(&board, "R1.1")->players[1], 5);
    assert_int_equal(plan_find(&board.plan, RH_STR_LIT("R1.3")), board.plan.count);
    board_release(&board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_published_tables_come_out),
        cmocka_unit_test(each_pair_meets_once_with_sides_in_balance),
        cmocka_unit_test(twice_means_once_with_each_side),
        cmocka_unit_test(nobody_plays_twice_in_a_round),
        cmocka_unit_test(who_would_meet_the_odd_one_has_a_bye),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
