/* In which order losers enter the losers' bracket, and which order keeps rematches late.
 *
 * A loser of round r comes from a block of 2^r places of the bracket and may have met everyone of
 * that block. So a pairing is the better, the fewer players of the loser's block can stand on the
 * other side. Sides are kept as sets of places; the orders are tried round by round. */
#include "dropin.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <string.h>

#define PLACES_MAX  128u
#define MATCHES_MAX (PLACES_MAX / 4)

static const char *const names[DROPIN_ORDERS] = {
    "default", "natural", "reverse", "half_shift", "reverse_half_shift", "pair_flip"};

/* Places of the bracket, from 0. */
struct places {
    uint64_t words[PLACES_MAX / 64];
};

const char *dropin_name(uint8_t order)
{
    assert(order < DROPIN_ORDERS);
    return names[order];
}

uint8_t dropin_find(struct rh_str name)
{
    uint8_t order = 0;

    while (order < DROPIN_ORDERS && !rh_str_eq_c(name, names[order]))
        order++;
    return order;
}

uint32_t dropin_place(uint8_t order, uint32_t count, uint32_t index)
{
    const uint32_t half = count / 2;

    assert(index < count);
    if (count == 1)
        return 0;
    switch (order) {
    case DROPIN_REVERSE:
        return count - 1 - index;
    case DROPIN_HALF_SHIFT:
        return (index + half) % count;
    case DROPIN_REVERSE_HALF_SHIFT:
        return index < half ? half - 1 - index : count - 1 - (index - half);
    case DROPIN_PAIR_FLIP:
        return index ^ 1;
    default:
        assert(order == DROPIN_NATURAL);
        return index;
    }
}

uint32_t dropin_rounds(uint32_t size)
{
    uint32_t rounds = 0;

    for (uint32_t count = size / 4; count > 0; count /= 2)
        rounds++;
    return rounds;
}

static void add_block(struct places *places, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
        places->words[i / 64] |= UINT64_C(1) << (i % 64);
}

static uint32_t count_in_block(const struct places *places, uint32_t first, uint32_t count)
{
    uint32_t found = 0;

    for (uint32_t i = first; i < first + count; i++)
        found += (uint32_t)(places->words[i / 64] >> (i % 64)) & 1u;
    return found;
}

/* Pairs who may have met, if the losers of blocks of `block` places come in this order. */
static uint32_t rematches(const struct places *sides, uint32_t count, uint32_t block, uint8_t order)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += count_in_block(&sides[i], dropin_place(order, count, i) * block, block);
    return sum;
}

static uint8_t best_order(const struct places *sides, uint32_t count, uint32_t block)
{
    uint8_t best = DROPIN_NATURAL;

    for (uint8_t order = DROPIN_NATURAL; order < DROPIN_ORDERS; order++) {
        if (rematches(sides, count, block, order) < rematches(sides, count, block, best))
            best = order;
    }
    return best;
}

void dropin_settle(uint32_t size, uint8_t orders[DROPIN_ROUNDS_MAX])
{
    struct places sides[MATCHES_MAX];
    uint32_t count = size / 4; /* matches of the losers' round at hand */
    uint32_t block = 4;        /* places that a loser of the winners' round at hand comes from */

    assert(size <= PLACES_MAX);
    memset(sides, 0, sizeof(sides));
    for (uint32_t i = 0; i < count; i++)
        add_block(&sides[i], 4 * i, 4);
    for (uint32_t round = 0; round < DROPIN_ROUNDS_MAX; round++) {
        if (count == 0) {
            orders[round] = DROPIN_NATURAL;
            continue;
        }
        if (orders[round] == DROPIN_DEFAULT)
            orders[round] = best_order(sides, count, block);
        for (uint32_t i = 0; i < count; i++)
            add_block(&sides[i], dropin_place(orders[round], count, i) * block, block);
        for (uint32_t i = 0; i < count / 2; i++) {
            sides[i] = sides[2 * i];
            for (size_t k = 0; k < sizeof(sides[i].words) / sizeof(sides[i].words[0]); k++)
                sides[i].words[k] |= sides[2 * i + 1].words[k];
        }
        count /= 2;
        block *= 2;
    }
}
