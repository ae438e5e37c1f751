/* See cholesky.h. */
#include "cholesky.h"

#include <math.h>
#include <string.h>

#include <ringhost/errors.h>

static double dot(const double *a, const double *b, uint32_t n)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

int32_t cholesky_factor(double *a, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        double *row = a + (size_t)i * n;

        for (uint32_t k = 0; k < i; k++) {
            const double *other = a + (size_t)k * n;

            row[k] = (row[k] - dot(row, other, k)) / other[k];
        }
        row[i] -= dot(row, row, i);
        if (!(row[i] > 0.0))
            return RH_EINVAL;
        row[i] = sqrt(row[i]);
    }
    return RH_OK;
}

void cholesky_solve(const double *l, uint32_t n, double *b)
{
    for (uint32_t i = 0; i < n; i++)
        b[i] = (b[i] - dot(l + (size_t)i * n, b, i)) / l[(size_t)i * n + i];
    for (uint32_t i = n; i-- > 0;) {
        double sum = b[i];

        for (uint32_t k = i + 1; k < n; k++)
            sum -= l[(size_t)k * n + i] * b[k];
        b[i] = sum / l[(size_t)i * n + i];
    }
}

void cholesky_invert(const double *l, uint32_t n, double *out)
{
    memset(out, 0, (size_t)n * n * sizeof(*out));
    for (uint32_t i = 0; i < n; i++) {
        /* The inverse is symmetric: its row is its column. */
        out[(size_t)i * n + i] = 1.0;
        cholesky_solve(l, n, out + (size_t)i * n);
    }
}
