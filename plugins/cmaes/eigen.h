/* Eigenvalues and eigenvectors of a symmetric matrix; knows nothing of what it is for.
 *
 * Householder tridiagonalisation and implicit QR steps with Wilkinson's shift: Golub and Van Loan,
 * "Matrix Computations", 4th edition, sections 8.3.1 to 8.3.3. Only + - * / and square roots, so
 * the same matrix has the same bits everywhere. */
#ifndef RH_PLUGINS_CMAES_EIGEN_H
#define RH_PLUGINS_CMAES_EIGEN_H

#include <ringhost/errors.h>
#include <stdint.h>

/* matrix has n rows of n, n >= 1, and is symmetric (only its lower triangle is read); it is
 * destroyed. values[n] ascend. vectors has n rows of n: row k is the unit vector of values[k], its
 * largest component (the first of equal ones) positive. scratch has room for 3 * n. [any]
 * Errors of values are some 1e-16 of the largest one. RH_EINVAL when an entry is not finite, or no
 * convergence (not seen); outputs are then not to be used. */
int32_t eigen_symmetric(uint32_t n, double *matrix, double *values, double *vectors,
                        double *scratch);

#endif
