/* Tests of the direct encounter in tables with missing matches (FIDE C.07, 6.2). */
#include "standings_fixture.h"

/* 1, 2 and 3 have two points; 1 beat 2 and 3, who have not met: whatever that match brings, 1 is
 * alone on top, and between the other two nothing is known. */
static void who_is_alone_on_top_without_the_missing_match_is_first(void **state)
{
    static const char *const rows[] = {"x110.", "...11", "...11", "....0", "....."};
    const struct tiebreak_list direct = {{TIEBREAK_DIRECT}, 1};
    struct standing table[5];

    (void)state;
    make(rows, 5, &direct, table);
    assert_order(table, 5, "1:1 2:2 3:2 5:4 4:5");
    assert_int_equal(table[0].values[TIEBREAK_DIRECT], 8);
    assert_int_equal(table[1].values[TIEBREAK_DIRECT], 0);
}

/* 1, 2 and 3 have two points: 1 beat 2, and 3 has met neither. 1 might lose to 3, and 3 then be on
 * top: nothing is told apart, and nothing shown. */
static void who_might_still_be_caught_stays_tied(void **state)
{
    static const char *const rows[] = {"x1.1.", "...11", "...11", "....0", "....."};
    const struct tiebreak_list direct = {{TIEBREAK_DIRECT}, 1};
    struct standing table[5];

    (void)state;
    make(rows, 5, &direct, table);
    assert_order(table, 5, "1:1 2:1 3:1 5:4 4:5");
    for (uint32_t i = 0; i < 3; i++)
        assert_true(table[i].values[TIEBREAK_DIRECT] == STANDING_NONE);
}

/* Four are tied; 1 beat all others, 2 beat 3 and 4, who have not met: first, second, and two who
 * share the third place. */
static void the_second_place_is_told_in_the_same_way(void **state)
{
    static const char *const rows[] = {"x11100000", "..11.1000", "......111",
                                       "......111", ".........", ".........",
                                       ".........", ".........", "........."};
    const struct tiebreak_list direct = {{TIEBREAK_DIRECT}, 1};
    struct standing table[9];

    (void)state;
    make(rows, 9, &direct, table);
    for (uint16_t player = 1; player <= 4; player++)
        assert_int_equal(row_of(table, 9, player)->halves, 6);
    assert_int_equal(row_of(table, 9, 1)->rank, 1);
    assert_int_equal(row_of(table, 9, 2)->rank, 2);
    assert_int_equal(row_of(table, 9, 3)->rank, 3);
    assert_int_equal(row_of(table, 9, 4)->rank, 3);
    assert_int_equal(row_of(table, 9, 1)->values[TIEBREAK_DIRECT], 12);
    assert_int_equal(row_of(table, 9, 4)->values[TIEBREAK_DIRECT], 0);
}

/* Four players whose points are made equal by matches against others; some of theirs are missing.
 */
#define TIED  4u
#define OTHER 3u
#define ALL   (TIED + OTHER)
struct lottery {
    char cells[ALL][ALL + 1];
    int least[TIED]; /* halves among the four */
    uint32_t missing[TIED * (TIED - 1) / 2][2];
    uint32_t missing_count;
};

static void draw(struct rh_rng *rng, struct lottery *out)
{
    int most = 0;

    memset(out, 0, sizeof(*out));
    for (uint32_t i = 0; i < ALL; i++)
        memset(out->cells[i], '.', ALL);
    for (uint32_t i = 0; i < TIED; i++) {
        for (uint32_t k = i + 1; k < TIED; k++) {
            const char c = "110=."[rh_rng_below(rng, 5)];

            out->cells[i][k] = c;
            out->least[i] += c == '1' ? 2 : c == '=';
            out->least[k] += c == '0' ? 2 : c == '=';
            if (c != '.')
                continue;
            out->missing[out->missing_count][0] = i;
            out->missing[out->missing_count++][1] = k;
        }
    }
    for (uint32_t i = 0; i < TIED; i++)
        most = out->least[i] > most ? out->least[i] : most;
    for (uint32_t i = 0; i < TIED; i++) {
        for (uint32_t k = 0; k < OTHER; k++) {
            const int lack = most - out->least[i] - 2 * (int)k;

            out->cells[i][TIED + k] = lack >= 2 ? '1' : lack == 1 ? '=' : '0';
        }
    }
}

/* Whether the one is alone on top in every completion of the missing matches. */
static bool is_always_first(const struct lottery *lottery, uint32_t one)
{
    uint32_t total = 1;
    bool is_first = true;

    for (uint32_t m = 0; m < lottery->missing_count; m++)
        total *= 3;
    for (uint32_t n = 0; n < total; n++) {
        int points[TIED];
        uint32_t code = n;

        memcpy(points, lottery->least, sizeof(points));
        for (uint32_t m = 0; m < lottery->missing_count; m++, code /= 3) {
            points[lottery->missing[m][0]] += (int)(code % 3);
            points[lottery->missing[m][1]] += 2 - (int)(code % 3);
        }
        for (uint32_t k = 0; k < TIED; k++)
            is_first = is_first && (k == one || points[one] > points[k]);
    }
    return is_first;
}

/* Against the definition, over all that the missing matches could bring. */
static void the_first_place_is_that_of_all_completions(void **state)
{
    const struct tiebreak_list direct = {{TIEBREAK_DIRECT}, 1};
    struct lottery lottery;
    struct rh_rng rng;
    uint32_t told = 0;

    (void)state;
    rh_rng_seed(&rng, 20240801);
    for (int round = 0; round < 3000; round++) {
        const char *rows[ALL];
        struct standing table[ALL];
        uint32_t same = 0;

        draw(&rng, &lottery);
        for (uint32_t i = 0; i < ALL; i++)
            rows[i] = lottery.cells[i];
        make(rows, ALL, &direct, table);
        for (uint32_t i = 1; i <= ALL; i++)
            same += row_of(table, ALL, (uint16_t)i)->halves == row_of(table, ALL, 1)->halves;
        if (lottery.missing_count == 0 || same != TIED)
            continue; /* nothing is missing, or one of the others is among them */
        for (uint32_t i = 0; i < TIED; i++) {
            const struct standing *row = row_of(table, ALL, (uint16_t)(i + 1));
            uint32_t better = 0;
            uint32_t level = 0;

            for (uint32_t k = 0; k < TIED; k++) {
                const struct standing *other = row_of(table, ALL, (uint16_t)(k + 1));

                better += other->rank < row->rank;
                level += other->rank == row->rank;
            }
            if (is_always_first(&lottery, i) != (better == 0 && level == 1))
                fail_msg("round %d, player %u", round, i + 1);
            told += better == 0 && level == 1;
        }
    }
    assert_true(told > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_alone_on_top_without_the_missing_match_is_first),
        cmocka_unit_test(who_might_still_be_caught_stays_tied),
        cmocka_unit_test(the_second_place_is_told_in_the_same_way),
        cmocka_unit_test(the_first_place_is_that_of_all_completions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
