/* Sequential probability ratio test of two strengths on the results of games or of pairs of games;
 * it knows nothing of gauntlets. */
#include "sprt.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* What an outcome that was never seen counts. */
#define UNSEEN 1e-3

/* Each halves an interval of less than 2^10 down to the last bit of a double, with room. */
#define HALVINGS_MAX 120

/* The fixed point of the normalised model is reached in a few steps. */
#define STEPS_MAX 50
#define STEP_END  1e-12

/* One outcome: its value (points per game, in [0, 1]) and its probability. */
struct point {
    double value;
    double p;
};

static double mean_of(const struct point *points, uint32_t count)
{
    double mean = 0.0;

    for (uint32_t i = 0; i < count; i++)
        mean += points[i].p * points[i].value;
    return mean;
}

static double variance_of(const struct point *points, uint32_t count)
{
    const double mean = mean_of(points, count);
    double variance = 0.0;

    for (uint32_t i = 0; i < count; i++)
        variance += points[i].p * (points[i].value - mean) * (points[i].value - mean);
    return variance;
}

/* How often something was seen, and the distribution that was. */
static double observe(const uint32_t *counts, uint32_t count, struct point *out)
{
    double total = 0.0;

    for (uint32_t i = 0; i < count; i++)
        total += counts[i] ? (double)counts[i] : UNSEEN;
    for (uint32_t i = 0; i < count; i++) {
        out[i].value = (double)i / (double)(count - 1);
        out[i].p = (counts[i] ? (double)counts[i] : UNSEEN) / total;
    }
    return total;
}

/* The x for which sum p v / (1 + x v) is 0, between the poles that the least and the greatest value
 * make; the sum falls all the way between them, so halving finds it. false: all values lie on one
 * side of 0. */
static bool solve(const struct point *points, uint32_t count, double *x)
{
    double least = points[0].value;
    double greatest = points[0].value;
    double low;
    double high;

    for (uint32_t i = 1; i < count; i++) {
        least = fmin(least, points[i].value);
        greatest = fmax(greatest, points[i].value);
    }
    if (least >= 0.0 || greatest <= 0.0)
        return false;
    low = -1.0 / greatest;
    high = -1.0 / least;
    for (int i = 0; i < HALVINGS_MAX; i++) {
        double sum = 0.0;

        *x = low + (high - low) / 2.0;
        for (uint32_t k = 0; k < count; k++)
            sum += points[k].p * points[k].value / (1.0 + *x * points[k].value);
        if (sum > 0.0)
            low = *x;
        else
            high = *x;
    }
    return true;
}

/* The likeliest distribution with this mean, given what was seen. */
static bool likeliest_of_mean(const struct point *seen, uint32_t count, double mean,
                              struct point *out)
{
    struct point shifted[SPRT_PENTANOMIAL] = {{0}};
    double x = 0.0;

    for (uint32_t i = 0; i < count; i++)
        shifted[i] = (struct point){seen[i].value - mean, seen[i].p};
    if (!solve(shifted, count, &x))
        return false;
    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct point){seen[i].value, seen[i].p / (1.0 + x * shifted[i].value)};
    return true;
}

/* The likeliest distribution whose mean lies t deviations above one half. Where it is reached, the
 * derivative of that condition by each probability is a value of the same problem with mean 0,
 * which depends on mean and deviation: so it is solved again with those of the last solution until
 * that changes nothing. */
static bool likeliest_of_t(const struct point *seen, uint32_t count, double t, struct point *out)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct point){seen[i].value, 1.0 / (double)count};
    for (int step = 0; step < STEPS_MAX; step++) {
        const double mean = mean_of(out, count);
        const double deviation = sqrt(variance_of(out, count));
        struct point slopes[SPRT_PENTANOMIAL] = {{0}};
        double change = 0.0;
        double x = 0.0;

        for (uint32_t i = 0; i < count; i++) {
            const double off = (mean - seen[i].value) / deviation;

            slopes[i].value = seen[i].value - 0.5 - t * deviation * (1.0 + off * off) / 2.0;
            slopes[i].p = seen[i].p;
        }
        if (!solve(slopes, count, &x))
            return false;
        for (uint32_t i = 0; i < count; i++) {
            const double p = seen[i].p / (1.0 + x * slopes[i].value);

            change = fmax(change, fabs(p - out[i].p));
            out[i].p = p;
        }
        if (change < STEP_END)
            break;
    }
    return true;
}

static bool likeliest(enum sprt_model model, double elo, const struct point *seen, uint32_t count,
                      struct point *out)
{
    if (model == SPRT_LOGISTIC)
        return likeliest_of_mean(seen, count, 1.0 / (1.0 + pow(10.0, -elo / 400.0)), out);
    /* A pair's mean of two games deviates less than a game by the root of two. */
    return likeliest_of_t(
        seen, count, elo * log(10.0) / 800.0 * (count == SPRT_PENTANOMIAL ? sqrt(2.0) : 1.0), out);
}

double sprt_llr(const struct sprt *sprt, const uint32_t *counts, uint32_t count)
{
    struct point seen[SPRT_PENTANOMIAL];
    struct point h0[SPRT_PENTANOMIAL];
    struct point h1[SPRT_PENTANOMIAL];
    uint64_t games = 0;
    double total;
    double llr = 0.0;

    assert(count == SPRT_TRINOMIAL || count == SPRT_PENTANOMIAL);
    for (uint32_t i = 0; i < count; i++)
        games += counts[i];
    if (games == 0)
        return 0.0;
    total = observe(counts, count, seen);
    if (!likeliest(sprt->model, sprt->elo0, seen, count, h0) ||
        !likeliest(sprt->model, sprt->elo1, seen, count, h1))
        return 0.0;
    for (uint32_t i = 0; i < count; i++)
        llr += seen[i].p * log(h1[i].p / h0[i].p);
    return total * llr;
}

double sprt_lower(const struct sprt *sprt)
{
    return log(sprt->beta / (1.0 - sprt->alpha));
}

double sprt_upper(const struct sprt *sprt)
{
    return log((1.0 - sprt->beta) / sprt->alpha);
}

enum sprt_decision sprt_decide(const struct sprt *sprt, double llr)
{
    if (llr >= sprt_upper(sprt))
        return SPRT_H1;
    return llr <= sprt_lower(sprt) ? SPRT_H0 : SPRT_GOES_ON;
}

const char *sprt_decision_name(enum sprt_decision decision)
{
    static const char *const names[] = {
        [SPRT_GOES_ON] = "running", [SPRT_H0] = "h0", [SPRT_H1] = "h1"};

    assert((size_t)decision < sizeof(names) / sizeof(names[0]));
    return names[decision];
}

const char *sprt_model_name(enum sprt_model model)
{
    static const char *const names[SPRT_MODELS] = {
        [SPRT_LOGISTIC] = "logistic", [SPRT_NORMALIZED] = "normalized"};

    assert(model < SPRT_MODELS);
    return names[model];
}
