/* Strengths by the model of Bradley and Terry: the maximum of the likelihood of all games at once,
 * with error bars. It knows no order of games, so it cannot depend on one.
 *
 * P(a beats b) = 1 / (1 + 10^((b - a)/400)); a draw is half a win and half a loss. A maximum exists
 * when no group of players has won all its games against the rest (Ford, "Solution of a ranking
 * problem from binary comparisons", 1957). Where it does not, or when told so, a prior keeps
 * everyone finite: each player is given `prior` drawn games against a player in the middle.
 * Newton's method; the likelihood is concave. Hunter, "MM algorithms for generalized Bradley-Terry
 * models", 2004, section 6, has the information matrix. */
#ifndef RH_PLUGINS_ELO_SYNC_BRADLEY_H
#define RH_PLUGINS_ELO_SYNC_BRADLEY_H

#include "tally.h"

/* The work grows with the third power: docs/ratings.md has figures. */
#define BRADLEY_PLAYERS_MAX 1024u

/* The prior that is used where there is no maximum without one. */
#define BRADLEY_PRIOR_NEEDED 1.0

struct bradley_options {
    double prior;    /* drawn games; below 0: none if there is a maximum, else the one needed */
    double center;   /* what the ratings are shifted to: their mean, or the anchor's rating */
    uint32_t anchor; /* index of a player, or BRADLEY_NO_ANCHOR: the mean of all */
};
#define BRADLEY_NO_ANCHOR UINT32_MAX

struct bradley {
    double *ratings;
    double *errors; /* half widths of 95 % intervals, against the mean, or against the anchor */
    double prior;   /* that was used */
    uint32_t count;
    uint32_t steps; /* of Newton's method */
};

/* RH_OK; RH_EINVAL when the steps do not converge; RH_ENOMEM. No player gives no ratings. The
 * number of players is at most BRADLEY_PLAYERS_MAX. [any] */
int32_t bradley_fit(const struct tally *tally, const struct bradley_options *options,
                    struct bradley *out);
void bradley_release(struct bradley *fit);

/* Whether there is a maximum without a prior: every player is reached from every other one by games
 * that were not lost. false also when memory is out. [any] */
bool bradley_has_maximum(const struct tally *tally);

#endif
