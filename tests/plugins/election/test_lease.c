/* Tests of lease arithmetic. */
#include "core_test.h"

#include "plugins/election/lease.h"

static void the_lease_counts_from_the_sending_that_a_majority_knows(void **state)
{
    const int64_t sent[] = {100, 300, LEASE_NEVER, 200};

    (void)state;

    assert_int_equal(lease_expires_ms(sent, 4, 3, 999, 1000), 200 + 1600);
    assert_int_equal(lease_expires_ms(sent, 4, 2, 999, 1000), 300 + 1600);
    assert_int_equal(lease_expires_ms(sent, 4, 4, 999, 1000), 100 + 1600);
}

static void too_few_answers_are_no_lease(void **state)
{
    const int64_t sent[] = {100, LEASE_NEVER, LEASE_NEVER, LEASE_NEVER};

    (void)state;

    assert_true(lease_expires_ms(sent, 4, 3, 999, 1000) == LEASE_NEVER);
}

static void a_single_voter_needs_nobody(void **state)
{
    (void)state;

    assert_int_equal(lease_expires_ms(NULL, 0, 1, 50, 1000), 1650);
}

static void timeouts_that_a_lease_could_outlive_are_refused(void **state)
{
    (void)state;

    assert_true(lease_fits_timeout(15000, 30000));
    assert_false(lease_fits_timeout(15000, 24000));
    assert_true(lease_fits_timeout(1000, lease_timeout_min_ms(1000)));
    assert_false(lease_fits_timeout(1000, lease_timeout_min_ms(1000) - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lease_counts_from_the_sending_that_a_majority_knows),
        cmocka_unit_test(too_few_answers_are_no_lease),
        cmocka_unit_test(a_single_voter_needs_nobody),
        cmocka_unit_test(timeouts_that_a_lease_could_outlive_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
