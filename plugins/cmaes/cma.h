/* One run of CMA-ES with active covariance update: samples a generation, learns from its order.
 * Bounds, integers, ends and restarts are others' business.
 *
 * Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv 1604.00772, figure 6. */
#ifndef RH_PLUGINS_CMAES_CMA_H
#define RH_PLUGINS_CMAES_CMA_H

#include <ringhost/errors.h>
#include <ringhost/sdk/rng.h>
#include <stdbool.h>

#include "strategy.h"

/* Arrays belong to the struct. What counts between generations is mean, sigma, both paths,
 * covariance and generation; axes and lengths follow from the covariance, steps from the random
 * numbers. */
struct cma {
    struct strategy strategy;
    uint64_t generation; /* that were learnt from */
    double sigma;
    double *mean;       /* n */
    double *path_sigma; /* n */
    double *path_c;     /* n */
    double *covariance; /* n * n, symmetric */
    double *axes;       /* n rows: unit eigenvectors */
    double *lengths;    /* n: square roots of the eigenvalues, ascending */
    double *steps;      /* population rows of n: (x - mean) / sigma of the open generation */
    double *norms;   /* population: squared lengths of the steps in the metric of the covariance */
    double *scratch; /* n * n + 4 * n */
};

/* A run that begins at mean[n] with sigma > 0. RH_ENOMEM. [any] */
int32_t cma_new(uint32_t dimension, uint32_t population, const double *mean, double sigma,
                struct cma **out);
void cma_free(struct cma *c);

/* Axes and lengths from the covariance; after it was changed from outside. RH_EINVAL when it is not
 * positive definite or not finite. [any] */
int32_t cma_decompose(struct cma *c);

/* Draws the steps of a generation. [any] */
void cma_sample(struct cma *c, struct rh_rng *rng);

/* Row of one candidate, and its point: mean + sigma * step into x[n]. [any] */
const double *cma_step(const struct cma *c, uint32_t index);
void cma_point(const struct cma *c, uint32_t index, double *x);

/* Learns from the order of the sampled candidates, best first: order[population]. Only the first
 * ranked_count >= 1 of them have a value; the others follow as the worst, and never as parents.
 * RH_EINVAL when numbers left their range (the run is over). [any] */
int32_t cma_learn(struct cma *c, const uint32_t *order, uint32_t ranked_count);

/* Square root of the ratio of the largest to the smallest eigenvalue. [any] */
double cma_axis_ratio(const struct cma *c);

/* Standard deviation of coordinate i: sigma * sqrt(C_ii). [any] */
double cma_deviation(const struct cma *c, uint32_t i);

#endif
