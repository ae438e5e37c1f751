/* Tests of the factorisation against products worked out by hand. */
#include "fixture.h"

#include "plugins/elo_sync/cholesky.h"

static void a_matrix_of_three_is_factored_solved_and_inverted(void **state)
{
    /* L = [2 0 0; 6 1 0; -8 5 3], the textbook example. */
    double a[9] = {4, 12, -16, 12, 37, -43, -16, -43, 98};
    double b[3] = {4 + 24 - 48, 12 + 74 - 129, -16 - 86 + 294};        /* of x = 1, 2, 3 */
    const double diagonal[3] = {1777.0 / 36.0, 34.0 / 9.0, 1.0 / 9.0}; /* of the inverse */
    double scratch[9];
    double got[3];

    (void)state;
    assert_int_equal(cholesky_factor(a, 3), RH_OK);
    cholesky_solve(a, 3, b);
    cholesky_inverse_diagonal(a, 3, scratch, got);

    assert_near(a[0], 2, 1e-12);
    assert_near(a[3], 6, 1e-12);
    assert_near(a[4], 1, 1e-12);
    assert_near(a[6], -8, 1e-12);
    assert_near(a[7], 5, 1e-12);
    assert_near(a[8], 3, 1e-12);
    for (uint32_t i = 0; i < 3; i++)
        assert_near(b[i], i + 1.0, 1e-10);
    for (uint32_t i = 0; i < 3; i++)
        assert_near(got[i], diagonal[i], 1e-9);
}

static void what_is_not_positive_definite_is_refused(void **state)
{
    double a[4] = {1, 2, 2, 1};

    (void)state;
    assert_int_equal(cholesky_factor(a, 2), RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_matrix_of_three_is_factored_solved_and_inverted),
        cmocka_unit_test(what_is_not_positive_definite_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
