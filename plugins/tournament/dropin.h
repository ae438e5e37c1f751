/* In which order the losers of a round enter the losers' bracket of a double elimination. */
#ifndef RH_PLUGINS_TOURNAMENT_DROPIN_H
#define RH_PLUGINS_TOURNAMENT_DROPIN_H

#include <ringhost/types.h>
#include <stdint.h>

/* Drop-in rounds of the largest bracket, 128 players: rounds 2, 4, ... 12. */
#define DROPIN_ROUNDS_MAX 6u

/* DEFAULT: the first of the others, in this order, that leaves the fewest pairs of players who may
 * have met before. */
enum dropin_order {
    DROPIN_DEFAULT = 0,
    DROPIN_NATURAL,
    DROPIN_REVERSE,            /* 4 3 2 1 */
    DROPIN_HALF_SHIFT,         /* 3 4 1 2 */
    DROPIN_REVERSE_HALF_SHIFT, /* 2 1 4 3 in blocks of a half: each half reversed */
    DROPIN_PAIR_FLIP,          /* each pair swapped */
    DROPIN_ORDERS
};

/* Names as a request and a field table have them, one blank between. */
#define DROPIN_NAMES "default natural reverse half_shift reverse_half_shift pair_flip"

/* The name of an order; and the order of a name, DROPIN_ORDERS when there is none. [any] */
const char *dropin_name(uint8_t order);
uint8_t dropin_find(struct rh_str name);

/* Which of `count` losers (a power of two) comes at place `index`, both from 0. order is not
 * DEFAULT. [any] */
uint32_t dropin_place(uint8_t order, uint32_t count, uint32_t index);

/* Drop-in rounds of a bracket of this size (a power of two, 2 .. 128): 0 .. DROPIN_ROUNDS_MAX.
 * [any] */
uint32_t dropin_rounds(uint32_t size);

/* Replaces each DEFAULT among orders[DROPIN_ROUNDS_MAX] by what it stands for in a bracket of this
 * size (a power of two, at most 128). orders[i] is of losers' round 2 (i + 1); those of rounds that
 * the bracket does not have become NATURAL. [any] */
void dropin_settle(uint32_t size, uint8_t orders[DROPIN_ROUNDS_MAX]);

#endif
