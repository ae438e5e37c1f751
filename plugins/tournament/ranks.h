/* Places in an elimination, shared by those who go out in the same round. */
#ifndef RH_PLUGINS_TOURNAMENT_RANKS_H
#define RH_PLUGINS_TOURNAMENT_RANKS_H

#include "bracket.h"

struct place {
    uint16_t player; /* seed */
    uint16_t rank;   /* from 1; 0 = still in */
    uint32_t wins;   /* matches played; walkovers are none */
    uint32_t losses;
};

/* Fills places[players]: those still in first, then by rank, then by seed. Not for a round robin.
 * [any] */
void ranks_make(const struct plan *plan, const struct meeting *meetings, struct place *places);

#endif
