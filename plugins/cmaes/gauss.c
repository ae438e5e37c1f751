/* Draws a point in the region of the ratio of uniforms; two quadratics spare most logarithms. */
#include "gauss.h"

#include <assert.h>
#include <math.h>

/* sqrt(8 / e): twice the half width of the region. */
#define REGION_WIDTH 1.7155277699214135
/* 4 e^(1/4) and 4 e^(-1.35), of the quick tests. */
#define QUICK_TAKE   5.136101666750965
#define QUICK_REFUSE 1.0369610425836003

#define SQRT_2       1.4142135623730951

/* Nothing that fits a double is further out. */
#define QUANTILE_MAX 40.0

double gauss_next(struct rh_rng *rng)
{
    for (;;) {
        const double u = 1.0 - rh_rng_double(rng); /* in (0, 1] */
        const double v = rh_rng_double(rng);
        const double x = REGION_WIDTH * (v - 0.5) / u;
        const double square = x * x;

        if (square <= 5.0 - QUICK_TAKE * u)
            return x;
        if (square >= QUICK_REFUSE / u + 1.4)
            continue;
        if (square <= -4.0 * log(u))
            return x;
    }
}

double gauss_tail(double z)
{
    return 0.5 * erfc(z / SQRT_2);
}

double gauss_tail_quantile(double p)
{
    double low = 0.0;
    double high = QUANTILE_MAX;

    assert(p > 0.0);
    assert(p <= 0.5);
    for (;;) {
        const double middle = low + (high - low) / 2.0;

        if (middle <= low || middle >= high)
            return middle;
        if (gauss_tail(middle) > p)
            low = middle;
        else
            high = middle;
    }
}
