/* Builds a round robin from Berger tables.
 *
 * The tables follow one rule. The last player stays, all others sit in a circle; his opponents are
 * 1, n/2 + 1, 2, n/2 + 2, ..., and he alternates between second and first side. The other boards
 * pair the neighbours of that opponent at equal distance; the one after him has the first side. */
#include "berger.h"

#include <assert.h>

static uint32_t even(uint32_t players)
{
    return players + players % 2;
}

struct berger_pair berger_pair(uint32_t players, uint32_t round, uint32_t board)
{
    const uint32_t circle = players - 1;
    const uint32_t opponent = round * (players / 2) % circle; /* from 0 */
    struct berger_pair pair;

    assert(players % 2 == 0);
    assert(board < players / 2);
    if (board == 0) {
        pair.first = round % 2 ? players : opponent + 1;
        pair.second = round % 2 ? opponent + 1 : players;
        return pair;
    }
    pair.first = (opponent + board) % circle + 1;
    pair.second = (opponent + circle - board) % circle + 1;
    return pair;
}

uint32_t berger_matches(const struct plan_options *options)
{
    return options->players * (options->players - 1) / (options->is_twice ? 1 : 2);
}

void berger_build(struct plan *plan)
{
    const uint32_t players = even(plan->options.players);
    const uint32_t rounds = players - 1;

    for (uint32_t round = 0; round < rounds * (plan->options.is_twice ? 2 : 1); round++) {
        uint32_t number = 0;

        for (uint32_t board = 0; board < players / 2; board++) {
            const struct berger_pair pair = berger_pair(players, round % rounds, board);
            const bool is_swapped = round >= rounds;
            const struct plan_side first = {
                .source = SOURCE_SEED, .of = (uint16_t)(is_swapped ? pair.second : pair.first)};
            const struct plan_side second = {
                .source = SOURCE_SEED, .of = (uint16_t)(is_swapped ? pair.first : pair.second)};

            if (pair.first <= plan->options.players && pair.second <= plan->options.players)
                (void)plan_add(plan, PART_ROUND_ROBIN, round + 1, ++number, first, second);
        }
    }
}
