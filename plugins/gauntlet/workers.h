/* Whether the games of some worker differ from those of all: a broken machine decides games by its
 * defects. Pearson's test of homogeneity, one worker against the rest, and the binomial test of its
 * errors, with Bonferroni's correction for their number; nothing follows from it by itself. */
#ifndef RH_PLUGINS_GAUNTLET_WORKERS_H
#define RH_PLUGINS_GAUNTLET_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "tally.h"

/* A difference that chance explains in fewer than so many of a hundred gauntlets is an outlier. */
#define WORKERS_LEVEL 0.01

/* The approximation needs so many games expected in each cell, of the worker and of the rest. */
#define WORKERS_EXPECTED_MIN 5.0

struct worker_test {
    bool is_judged; /* by its results: there were games enough on both sides */
    bool is_outlier;
    double chi2;
    uint32_t freedom; /* degrees; 0 = all games ended alike */
    double p;         /* that chance makes so great a difference in wins, losses and draws */
    double p_errors;  /* that chance gives so many of all errors to this worker */
};

/* One worker's games against those of all (its own included); pending ones do not count. `workers`:
 * how many are tested. An outlier is one whose p or p_errors is below WORKERS_LEVEL / (2 workers).
 * [any] */
struct worker_test workers_test(const struct tally *worker, const struct tally *all,
                                uint32_t workers);

/* Probability that a chi-squared variable of 1 or 2 degrees of freedom is x or more. Asserts that
 * x >= 0 and the degrees. [any] */
double workers_chi2_tail(double x, uint32_t freedom);

/* Probability of k or more among n, each with probability p in [0, 1]. Exact. [any] */
double workers_binomial_tail(uint32_t k, uint32_t n, double p);

#endif
