/* Keeps every integer reachable: a lower bound for the probability that a sample of an integer
 * differs from the mean's. One integer at a time; it knows no strategy.
 *
 * CMA-ES with Margin: Hamano, Saito, Nomura, Shirakawa, GECCO 2022, arXiv 2205.13482, section 4. */
#ifndef RH_PLUGINS_CMAES_MARGIN_H
#define RH_PLUGINS_CMAES_MARGIN_H

/* One integer, in units of its value. */
struct margin {
    double lower;     /* -INFINITY = none */
    double upper;     /* INFINITY = none */
    double deviation; /* of the strategy, > 0 */
    double mean;
    double factor; /* a sample is mean + factor * (its distance from the mean) */
};

/* Moves mean and widens factor so that, of a sample, each side of the mean's integer has at least
 * half of alpha; at the end of the range the one side has alpha. The integer of the mean stays.
 * 0 < alpha < 1/3. [any] */
void margin_keep(struct margin *m, double alpha);

#endif
