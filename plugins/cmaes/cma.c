/* Sampling and the four updates: mean, step size, paths, covariance. */
#include "cma.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eigen.h"
#include "gauss.h"

/* The step size grows at most by e per generation, as pycma has it. */
#define SIGMA_LOG_MAX 1.0

static double *zeros(size_t count)
{
    return calloc(count, sizeof(double));
}

void cma_free(struct cma *c)
{
    if (!c)
        return;
    free(c->mean);
    free(c->path_sigma);
    free(c->path_c);
    free(c->covariance);
    free(c->axes);
    free(c->lengths);
    free(c->steps);
    free(c->norms);
    free(c->scratch);
    free(c);
}

static bool is_complete(const struct cma *c)
{
    return c->mean && c->path_sigma && c->path_c && c->covariance && c->axes && c->lengths &&
           c->steps && c->norms && c->scratch;
}

int32_t cma_new(uint32_t dimension, uint32_t population, const double *mean, double sigma,
                struct cma **out)
{
    const size_t n = dimension;
    struct cma *c = calloc(1, sizeof(*c));

    assert(sigma > 0.0);
    if (!c)
        return RH_ENOMEM;
    strategy_init(&c->strategy, dimension, population);
    c->sigma = sigma;
    c->mean = zeros(n);
    c->path_sigma = zeros(n);
    c->path_c = zeros(n);
    c->covariance = zeros(n * n);
    c->axes = zeros(n * n);
    c->lengths = zeros(n);
    c->steps = zeros(population * n);
    c->norms = zeros(population);
    c->scratch = zeros(n * n + 4 * n);
    if (!is_complete(c)) {
        cma_free(c);
        return RH_ENOMEM;
    }
    memcpy(c->mean, mean, n * sizeof(*mean));
    for (size_t i = 0; i < n; i++) {
        c->covariance[i * n + i] = 1.0;
        c->axes[i * n + i] = 1.0;
        c->lengths[i] = 1.0;
    }
    *out = c;
    return RH_OK;
}

int32_t cma_decompose(struct cma *c)
{
    const uint32_t n = c->strategy.dimension;
    int32_t rc;

    memcpy(c->scratch, c->covariance, (size_t)n * n * sizeof(*c->scratch));
    rc = eigen_symmetric(n, c->scratch, c->lengths, c->axes, c->scratch + (size_t)n * n);
    for (uint32_t k = 0; k < n && rc == RH_OK; k++) {
        if (!(c->lengths[k] > 0.0))
            rc = RH_EINVAL;
        else
            c->lengths[k] = sqrt(c->lengths[k]);
    }
    return rc;
}

void cma_sample(struct cma *c, struct rh_rng *rng)
{
    const uint32_t n = c->strategy.dimension;

    memset(c->steps, 0, (size_t)c->strategy.population * n * sizeof(*c->steps));
    for (uint32_t i = 0; i < c->strategy.population; i++) {
        double *step = &c->steps[(size_t)i * n];

        c->norms[i] = 0.0;
        for (uint32_t k = 0; k < n; k++) {
            const double z = gauss_next(rng);
            const double *axis = &c->axes[(size_t)k * n];

            c->norms[i] += z * z;
            for (uint32_t j = 0; j < n; j++)
                step[j] += c->lengths[k] * z * axis[j];
        }
    }
}

const double *cma_step(const struct cma *c, uint32_t index)
{
    assert(index < c->strategy.population);
    return &c->steps[(size_t)index * c->strategy.dimension];
}

void cma_point(const struct cma *c, uint32_t index, double *x)
{
    const double *step = cma_step(c, index);

    for (uint32_t j = 0; j < c->strategy.dimension; j++)
        x[j] = c->mean[j] + c->sigma * step[j];
}

/* The weighted mean of the parents' steps into mean_step; with few ranked ones the weights of these
 * are scaled up. */
static void recombine(const struct cma *c, const uint32_t *order, uint32_t ranked_count,
                      double *mean_step)
{
    const uint32_t n = c->strategy.dimension;
    const uint32_t parents =
        ranked_count < c->strategy.parents ? ranked_count : c->strategy.parents;
    double sum = 0.0;

    memset(mean_step, 0, n * sizeof(*mean_step));
    for (uint32_t i = 0; i < parents; i++) {
        const double *step = cma_step(c, order[i]);

        sum += c->strategy.weights[i];
        for (uint32_t j = 0; j < n; j++)
            mean_step[j] += c->strategy.weights[i] * step[j];
    }
    if (parents == c->strategy.parents)
        return;
    for (uint32_t j = 0; j < n; j++)
        mean_step[j] /= sum;
}

/* path_sigma gains the mean step with the covariance taken out; returns its squared length. */
static double follow_sigma(struct cma *c, const double *mean_step)
{
    const struct strategy *s = &c->strategy;
    const uint32_t n = s->dimension;
    const double gain = sqrt(s->c_sigma * (2.0 - s->c_sigma) * s->mu_eff);
    double square = 0.0;

    for (uint32_t j = 0; j < n; j++)
        c->path_sigma[j] *= 1.0 - s->c_sigma;
    for (uint32_t k = 0; k < n; k++) {
        const double *axis = &c->axes[(size_t)k * n];
        double along = 0.0;

        for (uint32_t j = 0; j < n; j++)
            along += axis[j] * mean_step[j];
        along *= gain / c->lengths[k];
        for (uint32_t j = 0; j < n; j++)
            c->path_sigma[j] += along * axis[j];
    }
    for (uint32_t j = 0; j < n; j++)
        square += c->path_sigma[j] * c->path_sigma[j];
    return square;
}

/* path_c follows too, unless the step size is about to grow fast. */
static bool follow_c(struct cma *c, const double *mean_step, double path_sigma_length)
{
    const struct strategy *s = &c->strategy;
    const double n = s->dimension;
    const double faded = 1.0 - pow(1.0 - s->c_sigma, 2.0 * ((double)c->generation + 1.0));
    const bool is_calm = path_sigma_length / sqrt(faded) < (1.4 + 2.0 / (n + 1.0)) * s->chi_n;
    const double gain = is_calm ? sqrt(s->c_c * (2.0 - s->c_c) * s->mu_eff) : 0.0;

    for (uint32_t j = 0; j < s->dimension; j++)
        c->path_c[j] = (1.0 - s->c_c) * c->path_c[j] + gain * mean_step[j];
    return is_calm;
}

/* The weight of rank i: a negative one is scaled to the length that its step has. */
static double weight_of(const struct cma *c, const uint32_t *order, uint32_t ranked_count,
                        uint32_t i)
{
    const double weight = c->strategy.weights[i];

    if (weight >= 0.0)
        return i < ranked_count ? weight : 0.0;
    return weight * (double)c->strategy.dimension / (c->norms[order[i]] + DBL_MIN);
}

static void add_outer(struct cma *c, double factor, const double *v)
{
    const size_t n = c->strategy.dimension;

    for (size_t i = 0; i < n; i++) {
        const double scaled = factor * v[i];

        for (size_t j = 0; j <= i; j++)
            c->covariance[i * n + j] += scaled * v[j];
    }
}

static void adapt_covariance(struct cma *c, const uint32_t *order, uint32_t ranked_count,
                             bool is_calm)
{
    const struct strategy *s = &c->strategy;
    const size_t n = s->dimension;
    const double lost = is_calm ? 0.0 : s->c_c * (2.0 - s->c_c);
    const double keep = 1.0 + s->c_1 * lost - s->c_1 - s->c_mu * s->weights_sum;

    for (size_t i = 0; i < n * n; i++)
        c->covariance[i] *= keep;
    add_outer(c, s->c_1, c->path_c);
    for (uint32_t i = 0; i < s->population; i++)
        add_outer(c, s->c_mu * weight_of(c, order, ranked_count, i), cma_step(c, order[i]));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            c->covariance[j * n + i] = c->covariance[i * n + j];
    }
}

int32_t cma_learn(struct cma *c, const uint32_t *order, uint32_t ranked_count)
{
    const struct strategy *s = &c->strategy;
    double *mean_step = c->scratch;
    double length;
    double growth;
    bool is_calm;

    assert(ranked_count >= 1);
    assert(ranked_count <= s->population);
    recombine(c, order, ranked_count, mean_step);
    for (uint32_t j = 0; j < s->dimension; j++)
        c->mean[j] += c->sigma * mean_step[j];
    length = sqrt(follow_sigma(c, mean_step));
    is_calm = follow_c(c, mean_step, length);
    adapt_covariance(c, order, ranked_count, is_calm);
    growth = s->c_sigma / s->d_sigma * (length / s->chi_n - 1.0);
    c->sigma *= exp(growth < SIGMA_LOG_MAX ? growth : SIGMA_LOG_MAX);
    c->generation++;
    if (!(c->sigma > 0.0) || !(c->sigma <= DBL_MAX))
        return RH_EINVAL;
    return cma_decompose(c);
}

double cma_axis_ratio(const struct cma *c)
{
    return c->lengths[c->strategy.dimension - 1] / c->lengths[0];
}

double cma_deviation(const struct cma *c, uint32_t i)
{
    const size_t n = c->strategy.dimension;

    assert(i < n);
    return c->sigma * sqrt(c->covariance[i * n + i]);
}
