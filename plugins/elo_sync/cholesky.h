/* Symmetric positive definite systems by Cholesky's factorisation; rows one after the other. Every
 * sum runs in one fixed order. Golub and Van Loan, "Matrix Computations", 4.2. */
#ifndef RH_PLUGINS_ELO_SYNC_CHOLESKY_H
#define RH_PLUGINS_ELO_SYNC_CHOLESKY_H

#include <stddef.h>
#include <stdint.h>

/* Replaces the lower half of a (n * n) by L with a = L L^T; the upper half is left alone. RH_OK, or
 * RH_EINVAL when a is not positive definite. [any] */
int32_t cholesky_factor(double *a, uint32_t n);

/* Solves L L^T x = b in place. [any] */
void cholesky_solve(const double *l, uint32_t n, double *b);

/* The diagonal of the inverse of a: sums of squares of columns of the inverse of l. scratch has
 * n * n places. */
void cholesky_inverse_diagonal(const double *l, uint32_t n, double *scratch, double *out);

#endif
