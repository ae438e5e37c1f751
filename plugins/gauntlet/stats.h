/* What a score is worth: Wilson interval, Elo with error bars, likelihood of superiority; no
 * opinion on what follows. */
#ifndef RH_PLUGINS_GAUNTLET_STATS_H
#define RH_PLUGINS_GAUNTLET_STATS_H

#include <stdint.h>

/* Two-sided 95 % quantile of the normal distribution. */
#define STATS_Z95 1.959963984540054

/* A pair of games with swapped sides brings 0, 1/2, 1, 3/2 or 2 points. */
#define STATS_PAIR_OUTCOMES 5u

struct stats_interval {
    double low;
    double high;
};

/* Any of them may be infinite: a side that has every point has no finite rating. */
struct stats_elo {
    double elo;
    double error; /* half the width of the 95 % interval */
    double low;
    double high;
};

/* The share of points won, a draw being half a point, in [0, 1]. Asserts at least one game and no
 * negative count. [any] */
double stats_score(int64_t wins, int64_t losses, int64_t draws);

/* Wilson's 95 % interval of the same share, within [0, 1] (E. B. Wilson, JASA 22, 1927). With draws
 * it is wider than needed, since a draw varies less than a win or a loss. Same asserts. [any] */
struct stats_interval stats_wilson(int64_t wins, int64_t losses, int64_t draws);

/* Elo difference -400 log10(1/s - 1) of an expected score; infinite at and beyond 0 and 1. [any] */
double stats_elo_of_score(double score);

/* Elo difference and its 95 % error from the variance of the score per game. Same asserts. [any] */
struct stats_elo stats_elo(int64_t wins, int64_t losses, int64_t draws);

/* The same from pairs of games, counted by their points: the two games of a pair have the opening
 * in common, so the error is smaller (or greater) than that of as many games alone. Asserts at
 * least one pair. [any] */
struct stats_elo stats_elo_of_pairs(const uint32_t pairs[STATS_PAIR_OUTCOMES]);

/* Normalised Elo: the score above one half in standard deviations of a game, times 800 / ln 10 (M.
 * Van den Bergh, "Normalized Elo"). Without any variance its error is infinite. [any] */
struct stats_elo stats_nelo(int64_t wins, int64_t losses, int64_t draws);
struct stats_elo stats_nelo_of_pairs(const uint32_t pairs[STATS_PAIR_OUTCOMES]);

/* Probability in [0, 1] that the side is the stronger one, by the normal approximation with the
 * same variance; without any variance 0, 0.5 or 1. Same asserts. [any] */
double stats_los(int64_t wins, int64_t losses, int64_t draws);
double stats_los_of_pairs(const uint32_t pairs[STATS_PAIR_OUTCOMES]);

#endif
