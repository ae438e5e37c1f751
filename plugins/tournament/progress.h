/* What follows from results: matches are decided, games tried again, sides forfeit, and the next
 * matches have their players. */
#ifndef RH_PLUGINS_TOURNAMENT_PROGRESS_H
#define RH_PLUGINS_TOURNAMENT_PROGRESS_H

#include "tournament.h"

/* Draws every conclusion from the results of items: marks matches that changed as dirty. Call it
 * after anything that changed, and after loading, where it finds nothing new. RH_ENOMEM, RH_EFULL:
 * part of it is done. [any]
 *
 * A game that ended in an error is tried again until max_attempts of it are used up; then the side
 * at fault forfeits the match, or, when nobody is known to be, the match is stuck with the reason
 * in its note. A missing engine is a fault of the machine, not of a side. A drawn match of an
 * elimination whose extra games are used up goes to the lower seed number. */
int32_t progress_advance(struct tournament *t, int64_t wall_ms);

/* Records an outcome of a match whose players are known, and resolves what follows. Nothing later
 * may hang on another outcome of it. [any] */
void progress_decide(struct tournament *t, uint32_t match, const struct match_record *record);

#endif
