/* Tridiagonal form first, its eigenvalues by QR steps then; vectors are rows, so that a rotation of
 * two of them walks through memory in order. */
#include "eigen.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* Steps for one eigenvalue; two or three are usual. */
#define STEPS_PER_VALUE_MAX 60u

/* Beside a largest entry of 1 this is nothing, and its square is still a number. */
#define ENTRY_MIN 1e-140

/* The largest entry, or a negative number when one is not finite. */
static double scale_of(uint32_t n, const double *matrix)
{
    double scale = 0.0;

    for (size_t row = 0; row < n; row++) {
        for (size_t column = 0; column <= row; column++) {
            const double size = fabs(matrix[row * n + column]);

            if (!(size <= DBL_MAX))
                return -1.0;
            scale = size > scale ? size : scale;
        }
    }
    return scale;
}

static void multiply_all(uint32_t n, double *matrix, double factor)
{
    for (size_t i = 0; i < (size_t)n * n; i++)
        matrix[i] *= factor;
}

/* Makes the reflection that clears column k below its subdiagonal, leaves its vector there and
 * returns its factor (2 / v'v; 0 = nothing to clear); *below becomes the subdiagonal entry. */
static double make_reflection(uint32_t n, double *matrix, size_t k, double *below)
{
    double *first = &matrix[(k + 1) * n + k];
    double rest = 0.0;
    double length;

    for (size_t i = k + 2; i < n; i++)
        rest += matrix[i * n + k] * matrix[i * n + k];
    *below = *first;
    if (rest == 0.0)
        return 0.0;
    length = sqrt(rest + *first * *first);
    *below = *first > 0.0 ? -length : length;
    *first -= *below;
    return 2.0 / (rest + *first * *first);
}

/* The matrix behind column k becomes H A H; lower triangle only. work has room for n. */
static void reflect_rest(uint32_t n, double *matrix, size_t k, double factor, double *work)
{
    double along = 0.0;

    for (size_t i = k + 1; i < n; i++) {
        double sum = 0.0;

        for (size_t j = k + 1; j <= i; j++)
            sum += matrix[i * n + j] * matrix[j * n + k];
        for (size_t j = i + 1; j < n; j++)
            sum += matrix[j * n + i] * matrix[j * n + k];
        work[i] = factor * sum;
        along += work[i] * matrix[i * n + k];
    }
    for (size_t i = k + 1; i < n; i++)
        work[i] -= 0.5 * factor * along * matrix[i * n + k];
    for (size_t i = k + 1; i < n; i++) {
        for (size_t j = k + 1; j <= i; j++)
            matrix[i * n + j] -= matrix[i * n + k] * work[j] + work[i] * matrix[j * n + k];
    }
}

/* diagonal[n], below[n - 1] of the tridiagonal form, and in vectors the rows of its basis. */
static void tridiagonalise(uint32_t n, double *matrix, double *diagonal, double *below,
                           double *factors, double *vectors)
{
    for (size_t k = 0; k + 1 < n; k++) {
        factors[k] = make_reflection(n, matrix, k, &below[k]);
        if (factors[k] != 0.0)
            reflect_rest(n, matrix, k, factors[k], diagonal); /* as work: filled below */
    }
    for (size_t k = 0; k < n; k++)
        diagonal[k] = matrix[k * n + k];
    for (size_t i = 0; i < (size_t)n * n; i++)
        vectors[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    for (size_t step = 1; step < n; step++) {
        const size_t k = n - 1 - step;

        if (factors[k] == 0.0)
            continue;
        for (size_t row = k + 1; row < n; row++) {
            double sum = 0.0;

            for (size_t i = k + 1; i < n; i++)
                sum += vectors[row * n + i] * matrix[i * n + k];
            for (size_t i = k + 1; i < n; i++)
                vectors[row * n + i] -= factors[k] * sum * matrix[i * n + k];
        }
    }
}

static void rotate_rows(uint32_t n, double *vectors, size_t k, double c, double s)
{
    double *a = &vectors[k * n];
    double *b = a + n;

    for (size_t i = 0; i < n; i++) {
        const double kept = a[i];

        a[i] = c * kept + s * b[i];
        b[i] = c * b[i] - s * kept;
    }
}

/* Where the last eigenvalue of the block lies, about. */
static double shift_of(const double *diagonal, const double *below, size_t last)
{
    const double half = (diagonal[last - 1] - diagonal[last]) / 2.0;
    const double square = below[last - 1] * below[last - 1];
    const double root = sqrt(half * half + square);

    return diagonal[last] - square / (half + (half < 0.0 ? -root : root));
}

/* One implicit QR step on the rows first to last, none of whose off-diagonal entries is zero. */
static void step(uint32_t n, double *diagonal, double *below, double *vectors, size_t first,
                 size_t last)
{
    double x = diagonal[first] - shift_of(diagonal, below, last);
    double z = below[first];

    for (size_t k = first; k < last; k++) {
        const double r = sqrt(x * x + z * z);
        const double c = r > 0.0 ? x / r : 1.0;
        const double s = r > 0.0 ? z / r : 0.0;
        const double above = diagonal[k];
        const double next = diagonal[k + 1];
        const double off = below[k];

        if (k > first)
            below[k - 1] = r;
        diagonal[k] = c * c * above + 2.0 * c * s * off + s * s * next;
        diagonal[k + 1] = s * s * above - 2.0 * c * s * off + c * c * next;
        below[k] = (c * c - s * s) * off + c * s * (next - above);
        if (k + 1 < last) {
            x = below[k];
            z = s * below[k + 1];
            below[k + 1] *= c;
        }
        rotate_rows(n, vectors, k, c, s);
    }
}

static bool is_negligible(const double *diagonal, const double *below, size_t k)
{
    return fabs(below[k]) <= DBL_EPSILON * (fabs(diagonal[k]) + fabs(diagonal[k + 1])) ||
           fabs(below[k]) <= ENTRY_MIN;
}

static int32_t diagonalise(uint32_t n, double *diagonal, double *below, double *vectors)
{
    size_t last = n - 1;
    uint32_t steps = 0;

    while (last > 0) {
        size_t first = last;

        while (first > 0 && !is_negligible(diagonal, below, first - 1))
            first--;
        if (first > 0)
            below[first - 1] = 0.0;
        if (first == last) {
            last--;
            steps = 0;
            continue;
        }
        if (++steps > STEPS_PER_VALUE_MAX)
            return RH_EINVAL;
        step(n, diagonal, below, vectors, first, last);
    }
    return RH_OK;
}

static void swap(double *a, double *b)
{
    const double kept = *a;

    *a = *b;
    *b = kept;
}

static void sort(uint32_t n, double *values, double *vectors)
{
    for (size_t k = 0; k + 1 < n; k++) {
        size_t least = k;

        for (size_t i = k + 1; i < n; i++)
            least = values[i] < values[least] ? i : least;
        if (least == k)
            continue;
        swap(&values[k], &values[least]);
        for (size_t i = 0; i < n; i++)
            swap(&vectors[k * n + i], &vectors[least * n + i]);
    }
}

static void fix_sign(uint32_t n, double *vector)
{
    size_t largest = 0;

    for (size_t i = 1; i < n; i++)
        largest = fabs(vector[i]) > fabs(vector[largest]) ? i : largest;
    if (vector[largest] >= 0.0)
        return;
    for (size_t i = 0; i < n; i++)
        vector[i] = -vector[i];
}

int32_t eigen_symmetric(uint32_t n, double *matrix, double *values, double *vectors,
                        double *scratch)
{
    double scale = scale_of(n, matrix);
    int32_t rc;

    assert(n >= 1);
    if (scale < 0.0)
        return RH_EINVAL;
    if (scale < DBL_MIN)
        scale = 1.0; /* nothing but zeros, or as good as that */
    multiply_all(n, matrix, 1.0 / scale);
    tridiagonalise(n, matrix, values, scratch, scratch + n, vectors);
    rc = diagonalise(n, values, scratch, vectors);
    if (rc != RH_OK)
        return rc;
    for (size_t k = 0; k < n; k++)
        values[k] *= scale;
    sort(n, values, vectors);
    for (size_t k = 0; k < n; k++)
        fix_sign(n, &vectors[k * n]);
    return RH_OK;
}
