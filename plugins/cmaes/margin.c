/* The corrections of the paper's equations 12 to 18. */
#include "margin.h"

#include <assert.h>
#include <math.h>

#include "gauss.h"

/* Probabilities are kept off 0 and 1/2, where a quantile would be infinite or 0. */
#define PROBABILITY_EDGE 1e-10

static double more_of(double a, double b)
{
    return a > b ? a : b;
}

static double quantile(double p)
{
    if (p < PROBABILITY_EDGE)
        p = PROBABILITY_EDGE;
    if (p > 0.5 - PROBABILITY_EDGE)
        p = 0.5 - PROBABILITY_EDGE;
    return gauss_tail_quantile(p);
}

/* Only one side is left: the mean comes near enough to its threshold. */
static void keep_at_end(struct margin *m, double threshold, double alpha)
{
    const double reach = quantile(alpha) * m->factor * m->deviation;

    if (fabs(m->mean - threshold) <= reach)
        return;
    m->mean = m->mean < threshold ? threshold - reach : threshold + reach;
}

static void keep_between(struct margin *m, double low, double high, double alpha)
{
    const double spread = m->factor * m->deviation;
    const double p_low = gauss_tail((m->mean - low) / spread);
    const double p_high = gauss_tail((high - m->mean) / spread);
    const double half = alpha / 2.0;
    double q_low = more_of(p_low, half);
    double q_high = more_of(p_high, half);
    const double sum = q_low + q_high + (1.0 - p_low - p_high);
    const double share = (1.0 - sum) / (sum - 3.0 * half);

    if (p_low >= half && p_high >= half)
        return;
    q_low = quantile(q_low + share * (q_low - half));
    q_high = quantile(q_high + share * (q_high - half));
    m->factor = (high - low) / (q_low + q_high) / m->deviation;
    m->mean = (low * q_high + high * q_low) / (q_low + q_high);
}

void margin_keep(struct margin *m, double alpha)
{
    const double lower = ceil(m->lower);
    const double upper = floor(m->upper);
    const double rounded = floor(m->mean + 0.5);
    const double value = rounded < lower ? lower : rounded > upper ? upper : rounded;

    assert(alpha > 0.0);
    assert(alpha < 1.0 / 3.0);
    assert(m->deviation > 0.0);
    assert(lower < upper);
    if (value <= lower)
        keep_at_end(m, value + 0.5, alpha);
    else if (value >= upper)
        keep_at_end(m, value - 0.5, alpha);
    else
        keep_between(m, value - 0.5, value + 0.5, alpha);
}
