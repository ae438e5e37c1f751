/* Builds a double elimination: who loses once goes on in the losers' bracket, who loses twice is
 * out. */
#ifndef RH_PLUGINS_TOURNAMENT_DOUBLE_H
#define RH_PLUGINS_TOURNAMENT_DOUBLE_H

#include "plan.h"

/* Matches of the plan, byes and the reset counted. [any] */
uint32_t double_matches(const struct plan_options *options);
/* Fills an empty plan and settles its drop-in orders.
 *
 * With 2^k places the losers' bracket has 2 (k - 1) rounds. Losers of the first winners' round pair
 * in round 1; losers of round r >= 2 enter round 2 (r - 1), on the first side, against the winners
 * of the round before. The grand final is between the winners of both brackets; its reset is
 * played only if the first side loses it. [any] */
void double_build(struct plan *plan);

#endif
