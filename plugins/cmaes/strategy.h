/* The constants of the strategy, which follow from dimension and population alone.
 *
 * Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv 1604.00772, table 1 and equations 49 to
 * 58, with the negative weights of active CMA. */
#ifndef RH_PLUGINS_CMAES_STRATEGY_H
#define RH_PLUGINS_CMAES_STRATEGY_H

#include <stdint.h>

#define DIMENSION_MAX  100u
#define POPULATION_MIN 4u
#define POPULATION_MAX 2048u

struct strategy {
    uint32_t dimension;
    uint32_t population; /* lambda */
    uint32_t parents;    /* mu: how many have positive weights */
    double mu_eff;
    double c_sigma; /* step-size path */
    double d_sigma; /* damping of the step size */
    double c_c;     /* path of the covariance */
    double c_1;     /* rank-one update */
    double c_mu;    /* rank-mu update */
    double chi_n;   /* expected length of a normal vector */
    double weights_sum;
    double weights[POPULATION_MAX]; /* best first; those of the parents sum to 1 */
};

/* 4 + floor(3 ln n), at least POPULATION_MIN. [any] */
uint32_t strategy_default_population(uint32_t dimension);

/* dimension in 1..DIMENSION_MAX, population in POPULATION_MIN..POPULATION_MAX. [any] */
void strategy_init(struct strategy *s, uint32_t dimension, uint32_t population);

#endif
