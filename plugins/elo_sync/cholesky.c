/* See cholesky.h. */
#include "cholesky.h"

#include <math.h>
#include <string.h>

#include <ringhost/errors.h>

/* Four sums that do not wait for each other, always folded in the same order. */
static double dot(const double *a, const double *b, uint32_t n)
{
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
    uint32_t i = 0;

    for (; i + 4 <= n; i += 4) {
        sums[0] += a[i] * b[i];
        sums[1] += a[i + 1] * b[i + 1];
        sums[2] += a[i + 2] * b[i + 2];
        sums[3] += a[i + 3] * b[i + 3];
    }
    for (; i < n; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
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
    /* By rows, which lie together in memory. */
    for (uint32_t i = n; i-- > 0;) {
        const double *row = l + (size_t)i * n;

        b[i] /= row[i];
        for (uint32_t k = 0; k < i; k++)
            b[k] -= row[k] * b[i];
    }
}

void cholesky_inverse_diagonal(const double *l, uint32_t n, double *scratch, double *out)
{
    memset(out, 0, n * sizeof(*out));
    memset(scratch, 0, (size_t)n * n * sizeof(*scratch));
    for (uint32_t i = 0; i < n; i++) {
        const double *row = l + (size_t)i * n;
        double *inverse = scratch + (size_t)i * n; /* row i of the inverse of l */

        for (uint32_t m = 0; m < i; m++) {
            const double *above = scratch + (size_t)m * n;
            const double factor = row[m] / row[i];

            for (uint32_t k = 0; k <= m; k++)
                inverse[k] -= factor * above[k];
        }
        inverse[i] = 1.0 / row[i];
        for (uint32_t k = 0; k <= i; k++)
            out[k] += inverse[k] * inverse[k];
    }
}
