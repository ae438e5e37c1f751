/* Tests of round robins, for all small numbers of players. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/ssh_tournament/pairs.h"

#define PLAYERS_MAX 12u

static void everybody_meets_everybody_once_a_cycle(void **state)
{
    (void)state;
    for (uint32_t players = 2; players <= PLAYERS_MAX; players++) {
        uint8_t met[PLAYERS_MAX][PLAYERS_MAX] = {{0}};
        const uint32_t count = pairs_count(players, 1);

        assert_int_equal(count, players * (players - 1) / 2);
        for (uint32_t i = 0; i < count; i++) {
            const struct pair pair = pairs_at(players, i);

            assert_true(pair.first < players);
            assert_true(pair.second < players);
            assert_int_not_equal(pair.first, pair.second);
            met[pair.first][pair.second]++;
            met[pair.second][pair.first]++;
        }
        for (uint32_t a = 0; a < players; a++)
            for (uint32_t b = 0; b < players; b++)
                assert_int_equal(met[a][b], a != b);
    }
}

static void the_next_cycle_swaps_sides(void **state)
{
    (void)state;
    for (uint32_t players = 2; players <= PLAYERS_MAX; players++) {
        const uint32_t count = pairs_count(players, 1);

        for (uint32_t i = 0; i < count; i++) {
            const struct pair once = pairs_at(players, i);
            const struct pair again = pairs_at(players, count + i);

            assert_int_equal(once.first, again.second);
            assert_int_equal(once.second, again.first);
        }
    }
}

static void nobody_plays_twice_in_a_round(void **state)
{
    (void)state;
    for (uint32_t players = 2; players <= PLAYERS_MAX; players++) {
        const uint32_t boards = players / 2;

        for (uint32_t from = 0; from < pairs_count(players, 1); from += boards) {
            uint32_t seen = 0;

            for (uint32_t i = from; i < from + boards; i++) {
                const struct pair pair = pairs_at(players, i);

                assert_int_equal(seen & (1u << pair.first | 1u << pair.second), 0);
                seen |= 1u << pair.first | 1u << pair.second;
            }
        }
    }
}

static void first_moves_are_spread_evenly(void **state)
{
    (void)state;
    for (uint32_t players = 2; players <= PLAYERS_MAX; players++) {
        uint32_t firsts[PLAYERS_MAX] = {0};

        for (uint32_t i = 0; i < pairs_count(players, 1); i++)
            firsts[pairs_at(players, i).first]++;
        for (uint32_t a = 0; a < players; a++) {
            assert_true(firsts[a] + 1 >= players / 2 - (players % 2 == 0));
            assert_true(firsts[a] <= players / 2 + 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_meets_everybody_once_a_cycle),
        cmocka_unit_test(the_next_cycle_swaps_sides),
        cmocka_unit_test(nobody_plays_twice_in_a_round),
        cmocka_unit_test(first_moves_are_spread_evenly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
