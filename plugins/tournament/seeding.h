/* Where seeds stand in a bracket, so that the best meet as late as possible; not who they are. */
#ifndef RH_PLUGINS_TOURNAMENT_SEEDING_H
#define RH_PLUGINS_TOURNAMENT_SEEDING_H

#include <stdint.h>

/* The size of a bracket for so many players (at least 2): the next power of two. [any] */
uint32_t seeding_size(uint32_t players);

/* The seeds, from 1, from the top of a bracket to its bottom into order[size]: doubled from 1, 2 by
 * replacing each p by p and its counterpart, so 8 gives 1 8 4 5 2 7 3 6. size is a power of two, at
 * least 2. [any] */
void seeding_order(uint32_t size, uint16_t *order);

#endif
