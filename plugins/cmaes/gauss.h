/* Normal random numbers whose bits are the same on every machine; the generator itself is the
 * SDK's.
 *
 * Ratio of uniforms: Kinderman and Monahan, "Computer generation of random variables using the
 * ratio of uniform deviates", ACM TOMS 3(3), 1977; Knuth, TAOCP vol. 2, section 3.4.1, algorithm R.
 * A number is a quotient of two uniforms; the logarithm only decides whether it is taken. */
#ifndef RH_PLUGINS_CMAES_GAUSS_H
#define RH_PLUGINS_CMAES_GAUSS_H

#include <ringhost/sdk/rng.h>

/* One draw of mean 0 and variance 1. [any] */
double gauss_next(struct rh_rng *rng);

/* How far out a normal variable is exceeded with probability p: the z of P(Z > z) = p, for
 * 0 < p <= 1/2. Bisection of erfc, to the last bits. [any] */
double gauss_tail_quantile(double p);

/* P(Z > z). [any] */
double gauss_tail(double z);

#endif
