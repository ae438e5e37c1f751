/* Builds a single elimination, and the winners' half of a double one. */
#ifndef RH_PLUGINS_TOURNAMENT_SINGLE_H
#define RH_PLUGINS_TOURNAMENT_SINGLE_H

#include "plan.h"

/* Matches of the plan, byes counted. [any] */
uint32_t single_matches(const struct plan_options *options);
/* Fills an empty plan. [any] */
void single_build(struct plan *plan);

/* Rounds of a bracket of that size. [any] */
uint32_t single_rounds(uint32_t size);
/* Appends the bracket alone: the winner of match k of a round goes to match (k + 1) / 2 of the next
 * one, to the first side if k is odd. Match k of round r is then at single_index. [any] */
void single_add_bracket(struct plan *plan, uint32_t size);
/* Where match `number` of `round`, both from 1, stands in that bracket. [any] */
uint32_t single_index(uint32_t size, uint32_t round, uint32_t number);

#endif
