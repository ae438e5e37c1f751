/* The matches of a round robin, by number: everybody meets everybody, sides swapped from one cycle
 * to the next. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_PAIRS_H
#define RH_PLUGINS_SSH_TOURNAMENT_PAIRS_H

#include <stdint.h>

struct pair {
    uint32_t first; /* moves first; players from 0 */
    uint32_t second;
};

/* Matches of `cycles` cycles of at least two players. [any] */
uint32_t pairs_count(uint32_t players, uint32_t cycles);
/* Match `index`, in the order of the rounds of the circle method: within a round nobody plays
 * twice. [any] */
struct pair pairs_at(uint32_t players, uint32_t index);

#endif
