/* The outcome of a game, as people and programs write it, becomes places. Not the fact itself. */
#ifndef RH_PLUGINS_ELO_SYNC_OUTCOME_H
#define RH_PLUGINS_ELO_SYNC_OUTCOME_H

#include <stdbool.h>

#include "fact.h"

/* Each fills fact->places for the players that are there already, or returns FACT_BAD_OUTCOME and
 * leaves them alone. The number of players must have been checked. [any] */

/* A player's name: that one won and the others share the place behind. "draw": all are level. In
 * games of two also "1-0", "0-1" and "1/2-1/2", as seen by the first player. */
enum fact_problem outcome_of_word(struct fact *fact, struct rh_str word);

/* Points of the first of two players: 1, 0.5 or 0. */
enum fact_problem outcome_of_score(struct fact *fact, double score);

/* All players from the first to the last; one whose name follows a '=' shares the place of the one
 * before. */
enum fact_problem outcome_of_order(struct fact *fact, const struct rh_str *order, uint32_t count);

/* The places as outcome_of_word or, where that cannot say them, outcome_of_order reads them:
 * *word is a name or "draw" and true, or false and order[player_count] with shared[i] telling
 * whether order[i] shares the place of order[i - 1]. Borrowed from the fact. [any] */
bool outcome_is_word(const struct fact *fact, struct rh_str *word);
void outcome_order(const struct fact *fact, struct rh_str order[FACT_PLAYERS_MAX],
                   bool shared[FACT_PLAYERS_MAX]);

#endif
