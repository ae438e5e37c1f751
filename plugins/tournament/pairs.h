/* What every two players of a round robin made against each other. */
#ifndef RH_PLUGINS_TOURNAMENT_PAIRS_H
#define RH_PLUGINS_TOURNAMENT_PAIRS_H

#include "plan.h"

/* Two players' match that is over. Halves of a point. */
struct encounter {
    uint16_t first; /* seeds, from 1 */
    uint16_t second;
    uint32_t first_halves;
    uint32_t second_halves;
    uint32_t units; /* games, or 1 for a match: the most points one could make */
    uint32_t first_wins;
    uint32_t second_wins;
};

/* About 96 KiB. */
struct pairs {
    uint32_t halves[PLAN_PLAYERS_MAX][PLAN_PLAYERS_MAX]; /* [by][against], seeds - 1 */
    uint16_t met[PLAN_PLAYERS_MAX][PLAN_PLAYERS_MAX];
};

/* [any] */
void pairs_fill(struct pairs *pairs, const struct encounter *encounters, uint32_t count);

/* Points in halves of players[i] against the others of the list, into halves[count]. false, and
 * nothing is written, unless any two of them have met, and all equally often. [any] */
bool pairs_direct(const struct pairs *pairs, const uint16_t *players, uint32_t count,
                  int64_t *halves);

#endif
