/* Elo's rule for one game of two or more players; pure arithmetic. */
#ifndef RH_PLUGINS_ELO_SYNC_ELO_H
#define RH_PLUGINS_ELO_SYNC_ELO_H

#include "fact.h"

struct elo_options {
    double k;     /* the most that one game can move a rating */
    double start; /* of a player without games */
};

/* What a player of rating `own` is expected to score against one of rating `other`, in (0, 1): 10:1
 * for a difference of 400. Elo, "The Rating of Chessplayers", 1978. [any] */
double elo_expected(double own, double other);

/* Ratings before the game become those after it. With n players every pair counts as a game of its
 * own at 1/(n - 1) of K; all of it is worked out from the ratings before the game. Sums run in the
 * order of fact->players. info[i]: what the game tells of player i's strength, as Fisher
 * information of its natural logarithm: the sum of E(1 - E)/(n - 1) over the other players. [any]
 */
void elo_rate(const struct fact *fact, const struct elo_options *options,
              double ratings[FACT_PLAYERS_MAX], double info[FACT_PLAYERS_MAX]);

/* Half width of the 95 % interval of a rating from the information of its games: 1.96 / sqrt(info)
 * natural units are so many Elo. The other players are taken as known, so it is the least there can
 * be. info > 0. [any] */
double elo_error_95(double info);

#endif
