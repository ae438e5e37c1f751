/* Builds a round robin from Berger tables (FIDE Handbook C.05, Annex 1). */
#ifndef RH_PLUGINS_TOURNAMENT_BERGER_H
#define RH_PLUGINS_TOURNAMENT_BERGER_H

#include "plan.h"

struct berger_pair {
    uint32_t first; /* moves first in the first game; players from 1 */
    uint32_t second;
};

/* Pair `board` of `round`, both from 0, of an even number of players. Of an odd number, give one
 * more: who meets him has a bye. [any] */
struct berger_pair berger_pair(uint32_t players, uint32_t round, uint32_t board);

/* Matches of the plan, byes not counted. [any] */
uint32_t berger_matches(const struct plan_options *options);
/* Fills an empty plan, round by round; a second cycle repeats the first with sides swapped. [any]
 */
void berger_build(struct plan *plan);

#endif
