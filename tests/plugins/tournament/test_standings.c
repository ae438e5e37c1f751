/* Tests of the table of a round robin: points, tie-breaks by hand, shared ranks. */
#include "standings_fixture.h"

static const struct tiebreak_list all = {
    {TIEBREAK_DIRECT, TIEBREAK_SONNEBORN, TIEBREAK_WINS, TIEBREAK_KOYA, TIEBREAK_SEED}, 5};

static void points_come_first(void **state)
{
    static const char *const rows[] = {"x00", "0x0", "00x"};
    struct standing table[3];

    (void)state;
    make(rows, 3, &all, table);
    assert_order(table, 3, "3:1 2:2 1:3");
    assert_int_equal(table[0].halves, 4);
    assert_int_equal(table[0].wins, 2);
    assert_int_equal(table[0].most, 2);
}

/* 1 and 2 have 2 points each of 3; 2 beat 1. */
static void two_who_are_tied_are_told_apart_by_their_own_match(void **state)
{
    static const char *const rows[] = {"x011", "..10", "...1", "...."};
    struct standing table[4];

    (void)state;
    make(rows, 4, &all, table);
    assert_int_equal(table[0].halves, 4);
    assert_int_equal(table[1].halves, 4);
    assert_order(table, 4, "2:1 1:2 3:3 4:4");
    assert_int_equal(table[0].values[TIEBREAK_DIRECT], 4);
    assert_int_equal(table[1].values[TIEBREAK_DIRECT], 0);
}

/* Among themselves 1, 2 and 3 made 1.5, 1 and 0.5; nobody else is looked at. */
static void a_larger_group_is_ordered_by_its_mini_tournament(void **state)
{
    static const char *const rows[] = {"x1=0", "..10", "...1", "...."};
    struct standing table[4];
    struct tiebreak_list direct = {{TIEBREAK_DIRECT}, 1};

    (void)state;
    make(rows, 4, &direct, table);
    assert_int_equal(row_of(table, 4, 1)->halves, 3);
    assert_int_equal(row_of(table, 4, 2)->halves, 2);
    assert_int_equal(row_of(table, 4, 3)->halves, 3);
    assert_int_equal(row_of(table, 4, 4)->halves, 4);
    assert_order(table, 4, "4:1 1:2 3:2 2:4");
}

/* 1, 2, 3 and 4 have 3 points each. Among the four 1 and 4 made 2, 2 and 3 made 1: that leaves two
 * pairs, and between them 4 beat 1, and 3 beat 2. */
static void the_direct_encounter_is_applied_again_to_those_still_tied(void **state)
{
    static const char *const rows[] = {"x11001", "..0111", "...011", "....01", ".....0", "......"};
    const struct tiebreak_list direct = {{TIEBREAK_DIRECT, TIEBREAK_SEED}, 2};
    struct standing table[6];

    (void)state;
    make(rows, 6, &direct, table);
    assert_order(table, 6, "4:1 1:2 3:3 2:4 5:5 6:6");
    assert_int_equal(table[0].values[TIEBREAK_DIRECT], 8);
    assert_int_equal(table[2].values[TIEBREAK_DIRECT], 4);
}

/* Sums by hand. Points: 1 3.5, 2 2.5, 3 2, 4 1.5, 5 0.5. */
static void sonneborn_berger_adds_points_of_the_beaten_and_half_of_the_drawn(void **state)
{
    static const char *const rows[] = {"x1=11", "..11=", "...11", "....1", "....."};
    struct standing table[5];

    (void)state;
    make(rows, 5, &all, table);
    /* 1: beat 2 (2.5), 4 (1), 5 (0.5), drew 3 (2.5): 4 + 1.25 = 5.25 */
    assert_int_equal(row_of(table, 5, 1)->values[TIEBREAK_SONNEBORN], 21);
    /* 2: beat 3 (2.5), 4 (1), drew 5 (0.5): 3.75 */
    assert_int_equal(row_of(table, 5, 2)->values[TIEBREAK_SONNEBORN], 15);
    /* 3: drew 1 (3.5), beat 4 (1), 5 (0.5): 3.25 */
    assert_int_equal(row_of(table, 5, 3)->values[TIEBREAK_SONNEBORN], 13);
    /* 4: beat 5 (0.5) */
    assert_int_equal(row_of(table, 5, 4)->values[TIEBREAK_SONNEBORN], 2);
    /* 5: drew 2 (2.5): 1.25 */
    assert_int_equal(row_of(table, 5, 5)->values[TIEBREAK_SONNEBORN], 5);
}

/* Half of 4 points is 2: reached by 1, 2 and 3. */
static void koya_counts_points_against_those_with_at_least_half(void **state)
{
    static const char *const rows[] = {"x1=11", "..11=", "...11", "....1", "....."};
    struct standing table[5];

    (void)state;
    make(rows, 5, &all, table);
    assert_int_equal(row_of(table, 5, 1)->values[TIEBREAK_KOYA], 3);
    assert_int_equal(row_of(table, 5, 2)->values[TIEBREAK_KOYA], 2);
    assert_int_equal(row_of(table, 5, 3)->values[TIEBREAK_KOYA], 1);
    assert_int_equal(row_of(table, 5, 4)->values[TIEBREAK_KOYA], 0);
    assert_int_equal(row_of(table, 5, 5)->values[TIEBREAK_KOYA], 1);
}

/* 1 drew all, 2 and 3 won and lost: the one who beat nobody is behind. */
static void more_wins_are_better_when_they_are_asked_first(void **state)
{
    static const char *const rows[] = {"x===", "..10", "...=", "...."};
    const struct tiebreak_list wins = {{TIEBREAK_WINS, TIEBREAK_SEED}, 2};
    struct standing table[4];

    (void)state;
    make(rows, 4, &wins, table);
    assert_order(table, 4, "4:1 2:2 1:3 3:4");
}

static void those_whom_nothing_tells_apart_share_their_rank(void **state)
{
    static const char *const rows[] = {"x10", "..1", "..."};
    const struct tiebreak_list fair = {
        {TIEBREAK_DIRECT, TIEBREAK_SONNEBORN, TIEBREAK_WINS, TIEBREAK_KOYA}, 4};
    struct standing table[3];

    (void)state;
    make(rows, 3, &fair, table);
    assert_order(table, 3, "1:1 2:1 3:1");
    make(rows, 3, &all, table);
    assert_order(table, 3, "1:1 2:2 3:3");
}

static void the_order_of_the_list_is_the_order_of_the_tie_breaks(void **state)
{
    static const char *const rows[] = {"x011", "..10", "...1", "...."};
    const struct tiebreak_list seed_first = {{TIEBREAK_SEED, TIEBREAK_DIRECT}, 2};
    struct standing table[4];

    (void)state;
    make(rows, 4, &seed_first, table);
    assert_order(table, 4, "1:1 2:2 3:3 4:4");
}

static void the_direct_encounter_waits_until_all_have_met(void **state)
{
    static const char *const rows[] = {"x.1.", "...1", "....", "...."};
    struct standing table[4];

    (void)state;
    make(rows, 4, &all, table);
    assert_true(row_of(table, 4, 1)->values[TIEBREAK_DIRECT] == STANDING_NONE);
    assert_order(table, 4, "1:1 2:2 3:3 4:4");
}

static void matches_of_several_games_count_by_their_games(void **state)
{
    static const struct encounter encounters[] = {
        {1, 2, 3, 1, 2, 1, 0}, {2, 3, 4, 0, 2, 2, 0}, {3, 1, 2, 2, 2, 1, 1}};
    struct standing table[3];

    (void)state;
    standings_make(encounters, 3, 3, &all, table);
    assert_order(table, 3, "1:1 2:2 3:3");
    assert_int_equal(table[0].halves, 5);
    assert_int_equal(table[0].most, 4);
    assert_int_equal(table[0].wins, 2);
    /* 1.5 times 2.5 points of player 2 and 1 times 1 point of player 3. */
    assert_int_equal(table[0].values[TIEBREAK_SONNEBORN], 3 * 5 + 2 * 2);
}

/* Results of two games of each pair, a dot where one is missing: players 1 and 2, 1 and 3, ... */
static uint32_t read_double(const char *const *pairs, uint32_t n, struct encounter *out)
{
    uint32_t count = 0;
    uint32_t pair = 0;

    for (uint16_t i = 1; i <= n; i++) {
        for (uint16_t k = (uint16_t)(i + 1); k <= n; k++, pair++) {
            for (uint32_t game = 0; game < 2; game++) {
                const char c = pairs[pair][game];
                const uint32_t won = c == '1' ? 2 : c == '=' ? 1 : 0;

                if (c != '.')
                    out[count++] = (struct encounter){i, k, won, 2 - won, 1, won == 2, won == 0};
            }
        }
    }
    return count;
}

/* Candidates tournament of 2016: 1 Caruana, 2 Karjakin, 3 Anand, 4 Giri, 5 Svidler, 6 Aronian,
 * 7 Nakamura, 8 Topalov; direct encounter, then wins, then Sonneborn-Berger. */
static void make_candidates_2016(const char *last_round, struct standing *table)
{
    char pairs[28][3] = {
        "=.", "=1", "==", "==", "==", "=1", "==", "10", "==", "==", "==", "1=", "=1", "==",
        "1.", "=1", "=0", "1=", "==", "==", "==", "=.", "=1", "==", "==", "1.", "1=", "11"};
    const char *rows[28];
    static const uint32_t last[] = {0, 14, 21, 25};
    const struct tiebreak_list list = {{TIEBREAK_DIRECT, TIEBREAK_WINS, TIEBREAK_SONNEBORN}, 3};
    struct encounter encounters[56];

    for (uint32_t i = 0; i < 4; i++)
        pairs[last[i]][1] = last_round[i];
    for (uint32_t i = 0; i < 28; i++)
        rows[i] = pairs[i];
    standings_make(encounters, read_double(rows, 8, encounters), 8, &list, table);
}

/* After 13 rounds Karjakin and Caruana had 7.5 points each, and Karjakin one win more. */
static void candidates_2016_before_the_last_round(void **state)
{
    struct standing table[8];

    (void)state;
    make_candidates_2016("....", table);
    assert_int_equal(table[0].player, 2);
    assert_int_equal(table[0].halves, 15);
    assert_int_equal(table[1].player, 1);
    assert_int_equal(table[1].halves, 15);
    assert_int_equal(table[0].wins, table[1].wins + 1);
    assert_int_equal(table[2].player, 3);
    assert_int_equal(table[7].player, 8);
    assert_int_equal(table[7].halves, 8);
}

/* Karjakin beat Caruana, all others drew: four players had 7 points in the end. Among them Svidler
 * made 3.5, Aronian and Giri 3, Nakamura 2.5; of the two Aronian had more wins. */
static void candidates_2016_in_the_end(void **state)
{
    struct standing table[8];

    (void)state;
    make_candidates_2016("0===", table);
    assert_order(table, 8, "2:1 1:2 3:3 5:4 6:5 4:6 7:7 8:8");
    assert_int_equal(table[0].halves, 17);
    assert_int_equal(table[1].halves, 15);
    assert_int_equal(table[2].halves, 15);
    assert_int_equal(table[3].halves, 14);
    assert_int_equal(table[6].halves, 14);
    assert_int_equal(table[7].halves, 9);
}

/* The example of Sensei's Library for Sonneborn-Berger: A and B have 4 wins each, A has 11, B 9. */
static void sonneborn_berger_of_the_library(void **state)
{
    static const char *const pairs[] = {"10", "11", "10", "10", "11", "11"};
    const struct tiebreak_list list = {{TIEBREAK_SONNEBORN}, 1};
    struct encounter encounters[12];
    struct standing table[4];

    (void)state;
    standings_make(encounters, read_double(pairs, 4, encounters), 4, &list, table);
    assert_order(table, 4, "1:1 2:2 3:3 4:4");
    assert_int_equal(table[0].values[TIEBREAK_SONNEBORN], 4 * 11);
    assert_int_equal(table[1].values[TIEBREAK_SONNEBORN], 4 * 9);
    assert_int_equal(table[2].values[TIEBREAK_SONNEBORN], 4 * 6);
    assert_int_equal(table[3].values[TIEBREAK_SONNEBORN], 4 * 4);
}

static void names_lead_back_to_their_tie_breaks(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < TIEBREAK_COUNT; i++) {
        assert_int_equal(tiebreak_find(rh_str_from(tiebreak_name(i))), i);
        assert_non_null(strstr(TIEBREAK_NAMES, tiebreak_name(i)));
    }
    assert_int_equal(tiebreak_find(RH_STR_LIT("buchholz")), TIEBREAK_COUNT);
    assert_int_equal(tiebreak_unit(TIEBREAK_SONNEBORN), 4);
}

/* A permutation of the seeds permutes the table, and points add up. */
static void tables_of_random_tournaments_are_sound(void **state)
{
    static struct encounter encounters[64 * 63 / 2];
    static struct standing table[64];
    struct rh_rng rng = board_rng(13);

    (void)state;
    for (uint32_t n = 2; n <= 64; n++) {
        uint32_t count = 0;
        uint32_t halves = 0;

        for (uint16_t a = 1; a <= n; a++) {
            for (uint16_t b = (uint16_t)(a + 1); b <= n; b++) {
                const uint32_t won = (uint32_t)rh_rng_below(&rng, 3);

                encounters[count++] = (struct encounter){a, b, won, 2 - won, 1, won == 2, won == 0};
            }
        }
        standings_make(encounters, count, n, &all, table);
        for (uint32_t i = 0; i < n; i++) {
            halves += table[i].halves;
            assert_int_equal(table[i].rank, i + 1);
            assert_true(i == 0 || table[i].halves <= table[i - 1].halves);
        }
        assert_int_equal(halves, 2 * count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_come_first),
        cmocka_unit_test(two_who_are_tied_are_told_apart_by_their_own_match),
        cmocka_unit_test(a_larger_group_is_ordered_by_its_mini_tournament),
        cmocka_unit_test(the_direct_encounter_is_applied_again_to_those_still_tied),
        cmocka_unit_test(sonneborn_berger_adds_points_of_the_beaten_and_half_of_the_drawn),
        cmocka_unit_test(koya_counts_points_against_those_with_at_least_half),
        cmocka_unit_test(more_wins_are_better_when_they_are_asked_first),
        cmocka_unit_test(those_whom_nothing_tells_apart_share_their_rank),
        cmocka_unit_test(the_order_of_the_list_is_the_order_of_the_tie_breaks),
        cmocka_unit_test(the_direct_encounter_waits_until_all_have_met),
        cmocka_unit_test(matches_of_several_games_count_by_their_games),
        cmocka_unit_test(candidates_2016_before_the_last_round),
        cmocka_unit_test(candidates_2016_in_the_end),
        cmocka_unit_test(sonneborn_berger_of_the_library),
        cmocka_unit_test(names_lead_back_to_their_tie_breaks),
        cmocka_unit_test(tables_of_random_tournaments_are_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
