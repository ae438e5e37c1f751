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
    uint16_t met[PLAN_PLAYERS_MAX][PLAN_PLAYERS_MAX];    /* at most PAIRS_MET_MAX */
    uint32_t units;                                      /* of a match, the largest */
};

/* Two players meet at most so often. */
#define PAIRS_MET_MAX 2u

/* [any] */
void pairs_fill(struct pairs *pairs, const struct encounter *encounters, uint32_t count);

/* What players[i] made against the others of the list, in quarters of a point, into
 * quarters[count]: of each opponent the mean of their matches (C.07, 6.1.2), and nothing where they
 * have not met. most is the same if all that is missing were won. Whether any two of them have met.
 * [any] */
bool pairs_direct(const struct pairs *pairs, const uint16_t *players, uint32_t count,
                  int64_t *quarters, int64_t *most);

#endif
