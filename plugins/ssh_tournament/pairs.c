/* The matches of a round robin, by number. Circle method (Kirkman, 1847): one player stays, the
 * others turn; of an odd number the one who stays is a bye. */
#include "pairs.h"

#include <assert.h>
#include <stdbool.h>

static uint32_t cycle_count(uint32_t players)
{
    return players * (players - 1) / 2;
}

uint32_t pairs_count(uint32_t players, uint32_t cycles)
{
    assert(players >= 2);
    return cycle_count(players) * cycles;
}

struct pair pairs_at(uint32_t players, uint32_t index)
{
    const uint32_t turning = players % 2 ? players : players - 1;
    const uint32_t per_round = players / 2;
    const uint32_t cycle = index / cycle_count(players);
    const uint32_t within = index % cycle_count(players);
    const uint32_t round = within / per_round;
    /* Board 0 is that of the player who stays; nobody stays in an odd number. */
    const uint32_t board = within % per_round + players % 2;
    struct pair pair = {round, turning};
    bool is_swapped = board ? board % 2 : round % 2;

    assert(players >= 2);
    if (board > 0)
        pair = (struct pair){(round + board) % turning, (round + turning - board) % turning};
    if (cycle % 2)
        is_swapped = !is_swapped;
    return is_swapped ? (struct pair){pair.second, pair.first} : pair;
}
