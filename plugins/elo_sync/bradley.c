/* Newton's method on the Bradley-Terry likelihood; see bradley.h. Strengths are natural logarithms
 * here and Elo outside. */
#include "bradley.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cholesky.h"

#define STEPS_MAX    200u
#define HALVINGS_MAX 60u
#define STEP_LEAST   1e-12 /* natural units */
#define STEP_MOST    3.0
#define NORMAL_95    1.959963984540054

struct fit {
    const struct tally *tally;
    double prior;
    double *theta;
    double *trial;
    double *slope;
    double *matrix;
    uint32_t n;
};

static double elo_unit(void)
{
    return 400.0 / log(10.0);
}

/* Log of 1/(1 + e^-x), without overflow. */
static double log_logistic(double x)
{
    return x > 0.0 ? -log1p(exp(-x)) : x - log1p(exp(x));
}

static double logistic(double x)
{
    return x > 0.0 ? 1.0 / (1.0 + exp(-x)) : exp(x) / (1.0 + exp(x));
}

static double likelihood(const struct fit *fit, const double *theta)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < fit->tally->pair_count; i++) {
        const struct tally_pair *pair = &fit->tally->pairs[i];
        const double diff = theta[pair->a] - theta[pair->b];
        const double score = (double)pair->score_a / TALLY_GAME;

        sum += score * log_logistic(diff);
        sum += ((double)pair->weight / TALLY_GAME - score) * log_logistic(-diff);
    }
    for (uint32_t i = 0; i < fit->n; i++)
        sum += fit->prior / 2.0 * (log_logistic(theta[i]) + log_logistic(-theta[i]));
    return sum;
}

/* Slope of the likelihood, and the information, which is minus its second derivative. Without a
 * prior only differences are known: ones everywhere then fix the sum at 0. */
static void derive(struct fit *fit)
{
    const uint32_t n = fit->n;
    const double fixed = fit->prior > 0.0 ? 0.0 : 1.0;

    memset(fit->slope, 0, n * sizeof(*fit->slope));
    for (size_t i = 0; i < (size_t)n * n; i++)
        fit->matrix[i] = fixed;
    for (uint32_t i = 0; i < fit->tally->pair_count; i++) {
        const struct tally_pair *pair = &fit->tally->pairs[i];
        const double games = (double)pair->weight / TALLY_GAME;
        const double win = logistic(fit->theta[pair->a] - fit->theta[pair->b]);
        const double surplus = (double)pair->score_a / TALLY_GAME - games * win;
        const double info = games * win * (1.0 - win);

        fit->slope[pair->a] += surplus;
        fit->slope[pair->b] -= surplus;
        fit->matrix[(size_t)pair->a * n + pair->a] += info;
        fit->matrix[(size_t)pair->b * n + pair->b] += info;
        fit->matrix[(size_t)pair->a * n + pair->b] -= info;
        fit->matrix[(size_t)pair->b * n + pair->a] -= info;
    }
    for (uint32_t i = 0; i < n; i++) {
        const double win = logistic(fit->theta[i]);

        fit->slope[i] += fit->prior * (0.5 - win);
        fit->matrix[(size_t)i * n + i] += fit->prior * win * (1.0 - win);
    }
}

/* One step, halved until it does not lose; *size is its largest part. */
static int32_t step(struct fit *fit, double *size)
{
    const double now = likelihood(fit, fit->theta);
    double scale = 1.0;
    double most = 0.0;

    derive(fit);
    if (cholesky_factor(fit->matrix, fit->n) != RH_OK)
        return RH_EINVAL;
    cholesky_solve(fit->matrix, fit->n, fit->slope);
    for (uint32_t i = 0; i < fit->n; i++)
        most = fmax(most, fabs(fit->slope[i]));
    if (most > STEP_MOST)
        scale = STEP_MOST / most;
    for (uint32_t halvings = 0; halvings < HALVINGS_MAX; halvings++) {
        for (uint32_t i = 0; i < fit->n; i++)
            fit->trial[i] = fit->theta[i] + scale * fit->slope[i];
        /* Near the top the likelihood is flat to rounding, and the full step is right. */
        if (most < 1e-6 || likelihood(fit, fit->trial) >= now)
            break;
        scale /= 2.0;
    }
    memcpy(fit->theta, fit->trial, fit->n * sizeof(*fit->theta));
    *size = most;
    return RH_OK;
}

static int32_t climb(struct fit *fit, uint32_t *steps)
{
    double size = 1.0;
    int32_t rc = RH_OK;

    for (*steps = 0; *steps < STEPS_MAX && size > STEP_LEAST && rc == RH_OK; (*steps)++)
        rc = step(fit, &size);
    return rc == RH_OK && size > 1e-9 ? RH_EINVAL : rc;
}

/* Variance of every strength against the mean of all, or against the anchor, in `out`. */
static int32_t variances(struct fit *fit, uint32_t anchor, double *scratch, double *out)
{
    const uint32_t n = fit->n;
    double other = 0.0; /* variance of the mean, or of the anchor */

    derive(fit);
    if (cholesky_factor(fit->matrix, n) != RH_OK)
        return RH_EINVAL;
    cholesky_inverse_diagonal(fit->matrix, n, scratch, out);
    /* Covariances with the mean, or with the anchor. */
    for (uint32_t i = 0; i < n; i++)
        fit->slope[i] = anchor == BRADLEY_NO_ANCHOR ? 1.0 / (double)n : (i == anchor ? 1.0 : 0.0);
    cholesky_solve(fit->matrix, n, fit->slope);
    for (uint32_t i = 0; i < n && anchor == BRADLEY_NO_ANCHOR; i++)
        other += fit->slope[i] / (double)n;
    if (anchor != BRADLEY_NO_ANCHOR)
        other = out[anchor];
    for (uint32_t i = 0; i < n; i++)
        out[i] = i == anchor ? 0.0 : out[i] + other - 2.0 * fit->slope[i];
    return RH_OK;
}

/* Strengths and variances to what people read. */
static void present(const struct fit *fit, const struct bradley_options *options,
                    struct bradley *out)
{
    double zero = 0.0;

    for (uint32_t i = 0; i < fit->n; i++)
        zero += fit->theta[i] / (double)fit->n;
    if (options->anchor != BRADLEY_NO_ANCHOR)
        zero = fit->theta[options->anchor];
    for (uint32_t i = 0; i < fit->n; i++) {
        out->ratings[i] = options->center + elo_unit() * (fit->theta[i] - zero);
        out->errors[i] = NORMAL_95 * elo_unit() * sqrt(fmax(0.0, out->errors[i]));
    }
}

int32_t bradley_fit(const struct tally *tally, const struct bradley_options *options,
                    struct bradley *out)
{
    const uint32_t n = tally->player_count;
    double *memory = calloc((size_t)n * (2u * n + 5u) + 1, sizeof(*memory));
    struct fit fit = {.tally = tally, .n = n, .prior = options->prior};
    struct bradley result = {.count = n};
    int32_t rc;

    assert(n <= BRADLEY_PLAYERS_MAX);
    assert(options->anchor == BRADLEY_NO_ANCHOR || options->anchor < n);
    if (!memory)
        return RH_ENOMEM;
    if (fit.prior < 0.0)
        fit.prior = bradley_has_maximum(tally) ? 0.0 : BRADLEY_PRIOR_NEEDED;
    result.ratings = memory;
    result.errors = memory + n;
    result.prior = fit.prior;
    fit.theta = memory + 2u * (size_t)n;
    fit.trial = memory + 3u * (size_t)n;
    fit.slope = memory + 4u * (size_t)n;
    fit.matrix = memory + 5u * (size_t)n;
    rc = n ? climb(&fit, &result.steps) : RH_OK;
    if (rc == RH_OK && n)
        rc = variances(&fit, options->anchor, fit.matrix + (size_t)n * n, result.errors);
    if (rc != RH_OK) {
        free(memory);
        return rc;
    }
    present(&fit, options, &result);
    *out = result;
    return RH_OK;
}

void bradley_release(struct bradley *fit)
{
    free(fit->ratings);
    *fit = (struct bradley){0};
}

/* Marks whom `first` reaches: forward over games that one did not lose, or backward. */
static uint32_t reach(const struct tally *tally, bool is_forward, uint8_t *seen)
{
    uint32_t count = 1;
    bool is_more = true;

    memset(seen, 0, tally->player_count);
    seen[0] = 1;
    while (is_more) {
        is_more = false;
        for (uint32_t i = 0; i < tally->pair_count; i++) {
            const struct tally_pair *pair = &tally->pairs[i];
            const bool a_scored = pair->score_a > 0;
            const bool b_scored = pair->score_a < pair->weight;

            if (seen[pair->a] == seen[pair->b])
                continue;
            if (seen[pair->a] ? (is_forward ? a_scored : b_scored)
                              : (is_forward ? b_scored : a_scored)) {
                seen[pair->a] = 1;
                seen[pair->b] = 1;
                count++;
                is_more = true;
            }
        }
    }
    return count;
}

bool bradley_has_maximum(const struct tally *tally)
{
    uint8_t *seen = calloc(tally->player_count + 1, 1);
    const uint32_t n = tally->player_count;
    const bool has =
        seen && (n == 0 || (reach(tally, true, seen) == n && reach(tally, false, seen) == n));

    free(seen);
    return has;
}
