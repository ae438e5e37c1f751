/* What the checks of elections and the operators among them share. */
#ifndef RH_TESTS_PLUGINS_ELECTION_INVARIANTS_H
#define RH_TESTS_PLUGINS_ELECTION_INVARIANTS_H

#include <ringhost/sim.h>

/* True milliseconds between two wishes of operators. */
#define OPERATORS_TICK_MS 2000u

/* Now and then somebody lets a node stand, forces it, lets the leader step down or hand over. What
 * comes of it is refused or not, and breaks no invariant. */
void operators_tick(void *self, struct rh_sim *sim);

#endif
