/* Tests of the eigen solver against LAPACK, and of what eigenvectors are. */
#include "fixture.h"

#include <lapacke.h>

#include "plugins/cmaes/eigen.h"
#include "plugins/cmaes/gauss.h"

#define N_MAX 100

struct matrices {
    double input[N_MAX * N_MAX];
    double work[N_MAX * N_MAX];
    double vectors[N_MAX * N_MAX];
    double values[N_MAX];
    double scratch[3 * N_MAX];
};

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct matrices));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void solve(struct matrices *m, uint32_t n)
{
    memcpy(m->work, m->input, sizeof(m->work));
    assert_int_equal(eigen_symmetric(n, m->work, m->values, m->vectors, m->scratch), RH_OK);
}

static double largest(const struct matrices *m, uint32_t n)
{
    return fmax(fabs(m->values[0]), fabs(m->values[n - 1]));
}

/* Orthonormal, A v = lambda v, ascending, and the sign as agreed. */
static void assert_eigen(const struct matrices *m, uint32_t n)
{
    const double tolerance = 1e-14 * n * (1.0 + largest(m, n));

    for (uint32_t k = 0; k < n; k++) {
        const double *v = &m->vectors[k * n];
        uint32_t peak = 0;

        assert_true(k == 0 || m->values[k - 1] <= m->values[k]);
        for (uint32_t i = 0; i < n; i++) {
            double product = -m->values[k] * v[i];

            for (uint32_t j = 0; j < n; j++)
                product += m->input[i * n + j] * v[j];
            assert_near(product, 0.0, tolerance);
            peak = fabs(v[i]) > fabs(v[peak]) ? i : peak;
        }
        assert_true(v[peak] > 0.0);
        for (uint32_t l = 0; l <= k; l++) {
            double dot = 0.0;

            for (uint32_t i = 0; i < n; i++)
                dot += v[i] * m->vectors[l * n + i];
            assert_near(dot, l == k ? 1.0 : 0.0, 1e-14 * n);
        }
    }
}

static void assert_as_lapack(struct matrices *m, uint32_t n)
{
    double values[N_MAX];

    memcpy(m->work, m->input, sizeof(m->work));
    assert_int_equal(LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'L', (int)n, m->work, (int)n, values), 0);
    for (uint32_t k = 0; k < n; k++) {
        const double gap = fmin(k > 0 ? values[k] - values[k - 1] : INFINITY,
                                k + 1 < n ? values[k + 1] - values[k] : INFINITY);
        double dot = 0.0;

        assert_near(m->values[k], values[k], 1e-14 * n * (1.0 + largest(m, n)));
        if (gap < 1e-6 * largest(m, n))
            continue; /* the vectors of a double value are any of its plane */
        for (uint32_t i = 0; i < n; i++)
            dot += m->vectors[k * n + i] * m->work[i * n + k];
        assert_near(fabs(dot), 1.0, 1e-8);
    }
}

static void draw_symmetric(struct matrices *m, uint32_t n, struct rh_rng *rng)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j <= i; j++) {
            m->input[i * n + j] = gauss_next(rng);
            m->input[j * n + i] = m->input[i * n + j];
        }
    }
}

static void random_matrices_have_the_values_and_vectors_of_lapack(void **state)
{
    struct matrices *m = *state;
    struct rh_rng rng;

    rh_rng_seed(&rng, 5);
    for (uint32_t n = 1; n <= N_MAX; n += n < 20 ? 1 : 20) {
        draw_symmetric(m, n, &rng);
        solve(m, n);
        assert_eigen(m, n);
        assert_as_lapack(m, n);
    }
}

/* Condition 1e14, as just before a run ends for it: S S' with columns of very different length. */
static void badly_conditioned_matrices_have_the_values_of_lapack(void **state)
{
    struct matrices *m = *state;
    struct rh_rng rng;

    rh_rng_seed(&rng, 6);
    for (uint32_t n = 2; n <= 40; n += 19) {
        double root[40 * 40];

        for (uint32_t i = 0; i < n * n; i++)
            root[i] = gauss_next(&rng) * pow(10.0, -7.0 * (i % n) / (n - 1));
        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t j = 0; j < n; j++) {
                m->input[i * n + j] = 0.0;
                for (uint32_t k = 0; k < n; k++)
                    m->input[i * n + j] += root[i * n + k] * root[j * n + k];
            }
        }
        solve(m, n);
        assert_eigen(m, n);
        assert_as_lapack(m, n);
    }
}

static void special_matrices_are_solved(void **state)
{
    struct matrices *m = *state;

    for (uint32_t n = 1; n <= 30; n++) { /* zero */
        memset(m->input, 0, sizeof(m->input));
        solve(m, n);
        assert_eigen(m, n);
        for (uint32_t i = 0; i < n; i++) /* identity: all values equal */
            m->input[i * n + i] = 1.0;
        solve(m, n);
        assert_eigen(m, n);
        for (uint32_t i = 0; i < n * n; i++) /* all ones: rank one */
            m->input[i] = 1.0;
        solve(m, n);
        assert_eigen(m, n);
        assert_near(m->values[n - 1], n, 1e-13 * n);
        memset(m->input, 0, sizeof(m->input)); /* graded diagonal, descending */
        for (uint32_t i = 0; i < n; i++)
            m->input[i * n + i] = pow(10.0, -(double)i);
        solve(m, n);
        assert_eigen(m, n);
        assert_true(m->values[0] == pow(10.0, -(double)(n - 1)));
    }
}

static void tiny_and_huge_matrices_are_solved(void **state)
{
    static const double factors[] = {1e-300, 1e-150, 1e150, 1e300};
    struct matrices *m = *state;
    struct rh_rng rng;

    rh_rng_seed(&rng, 7);
    for (size_t f = 0; f < 4; f++) {
        double expected[10];

        draw_symmetric(m, 10, &rng);
        solve(m, 10);
        memcpy(expected, m->values, sizeof(expected));
        for (uint32_t i = 0; i < 100; i++)
            m->input[i] *= factors[f];
        solve(m, 10);
        for (uint32_t k = 0; k < 10; k++)
            assert_near(m->values[k] / factors[f], expected[k], 1e-12);
    }
}

static void the_same_matrix_gives_the_same_bits(void **state)
{
    struct matrices *m = *state;
    double values[20];
    double vectors[400];
    struct rh_rng rng;

    rh_rng_seed(&rng, 8);
    draw_symmetric(m, 20, &rng);
    solve(m, 20);
    memcpy(values, m->values, sizeof(values));
    memcpy(vectors, m->vectors, sizeof(vectors));
    for (uint32_t i = 0; i < 20; i++) { /* the upper triangle is not read */
        for (uint32_t j = i + 1; j < 20; j++)
            m->input[i * 20 + j] = 77.0;
    }
    solve(m, 20);

    assert_memory_equal(values, m->values, sizeof(values));
    assert_memory_equal(vectors, m->vectors, sizeof(vectors));
}

static void entries_that_are_not_finite_are_refused(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    struct matrices *m = *state;

    for (size_t i = 0; i < 3; i++) {
        m->work[2] = bad[i];
        assert_int_equal(eigen_symmetric(2, m->work, m->values, m->vectors, m->scratch), RH_EINVAL);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(random_matrices_have_the_values_and_vectors_of_lapack),
        TEST(badly_conditioned_matrices_have_the_values_of_lapack),
        TEST(special_matrices_are_solved),
        TEST(tiny_and_huge_matrices_are_solved),
        TEST(the_same_matrix_gives_the_same_bits),
        TEST(entries_that_are_not_finite_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
