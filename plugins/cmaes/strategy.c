/* The defaults of the tutorial, in its order. */
#include "strategy.h"

#include <assert.h>
#include <math.h>

#define COVARIANCE_ALPHA 2.0

uint32_t strategy_default_population(uint32_t dimension)
{
    assert(dimension >= 1);
    return 4 + (uint32_t)floor(3.0 * log((double)dimension));
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* (sum w)^2 / sum w^2 of the weights from..to-1; 0 when they are none. */
static double effective_mass(const double *weights, uint32_t from, uint32_t to)
{
    double sum = 0.0;
    double squares = 0.0;

    for (uint32_t i = from; i < to; i++) {
        sum += weights[i];
        squares += weights[i] * weights[i];
    }
    return squares > 0.0 ? sum * sum / squares : 0.0;
}

static void init_rates(struct strategy *s)
{
    const double n = s->dimension;
    const double mu = s->mu_eff;

    s->c_sigma = (mu + 2.0) / (n + mu + 5.0);
    s->d_sigma = 1.0 + s->c_sigma;
    if (mu > n + 2.0)
        s->d_sigma += 2.0 * (sqrt((mu - 1.0) / (n + 1.0)) - 1.0);
    s->c_c = (4.0 + mu / n) / (n + 4.0 + 2.0 * mu / n);
    s->c_1 = COVARIANCE_ALPHA / ((n + 1.3) * (n + 1.3) + mu);
    s->c_mu = least(1.0 - s->c_1, COVARIANCE_ALPHA * (0.25 + mu + 1.0 / mu - 2.0) /
                                      ((n + 2.0) * (n + 2.0) + COVARIANCE_ALPHA * mu / 2.0));
    s->chi_n = sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
}

/* Positive weights sum to 1; negative ones to the least of three bounds, which keep the covariance
 * positive definite. */
static void scale_weights(struct strategy *s, double mu_eff_negative)
{
    const double n = s->dimension;
    double positive = 0.0;
    double negative = 0.0;
    double bound = 0.0;

    for (uint32_t i = 0; i < s->population; i++) {
        if (s->weights[i] >= 0.0)
            positive += s->weights[i];
        else
            negative -= s->weights[i];
    }
    if (s->c_mu > 0.0) { /* 0 only when one parent makes the population */
        bound = least(1.0 + s->c_1 / s->c_mu, 1.0 + 2.0 * mu_eff_negative / (s->mu_eff + 2.0));
        bound = least(bound, (1.0 - s->c_1 - s->c_mu) / (n * s->c_mu));
    }
    s->weights_sum = 0.0;
    for (uint32_t i = 0; i < s->population; i++) {
        s->weights[i] *= s->weights[i] >= 0.0 ? 1.0 / positive : bound / negative;
        s->weights_sum += s->weights[i];
    }
}

void strategy_init(struct strategy *s, uint32_t dimension, uint32_t population)
{
    assert(dimension >= 1);
    assert(dimension <= DIMENSION_MAX);
    assert(population >= POPULATION_MIN);
    assert(population <= POPULATION_MAX);
    s->dimension = dimension;
    s->population = population;
    s->parents = population / 2;
    for (uint32_t i = 0; i < POPULATION_MAX; i++)
        s->weights[i] =
            i < population ? log(((double)population + 1.0) / 2.0) - log((double)i + 1.0) : 0.0;
    s->mu_eff = effective_mass(s->weights, 0, s->parents);
    init_rates(s);
    scale_weights(s, effective_mass(s->weights, s->parents, population));
}
