/* Tests of the choice of a host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/ssh_tournament/plan.h"

static void the_least_loaded_host_is_taken(void **state)
{
    const struct plan_host hosts[] = {{HEALTH_OPEN, 2, 4, 0}, {HEALTH_OPEN, 3, 8, 0}};

    (void)state;
    assert_int_equal(plan_pick(hosts, 2), 1);
}

static void equal_hosts_are_taken_in_order(void **state)
{
    const struct plan_host hosts[] = {{HEALTH_OPEN, 0, 1, 0}, {HEALTH_OPEN, 0, 8, 0}};

    (void)state;
    assert_int_equal(plan_pick(hosts, 2), 0);
}

static void a_match_goes_first_where_it_was_not(void **state)
{
    const struct plan_host hosts[] = {{HEALTH_OPEN, 0, 4, 1}, {HEALTH_OPEN, 3, 4, 0}};

    (void)state;
    assert_int_equal(plan_pick(hosts, 2), 1);
}

static void it_waits_for_a_busy_host_where_it_was_not(void **state)
{
    const struct plan_host hosts[] = {{HEALTH_OPEN, 0, 4, 1}, {HEALTH_OPEN, 4, 4, 0}};

    (void)state;
    assert_int_equal(plan_pick(hosts, 2), PLAN_WAIT);
}

static void it_goes_back_when_all_others_rest(void **state)
{
    const struct plan_host hosts[] = {
        {HEALTH_OPEN, 0, 4, 2}, {HEALTH_RESTING, 0, 4, 0}, {HEALTH_OPEN, 0, 4, 1}};

    (void)state;
    assert_int_equal(plan_pick(hosts, 3), 2);
}

static void a_host_that_may_be_back_is_probed_when_open_ones_are_full(void **state)
{
    struct plan_host hosts[] = {{HEALTH_OPEN, 0, 1, 0}, {HEALTH_PROBE, 0, 1, 0}};

    (void)state;
    assert_int_equal(plan_pick(hosts, 2), 0);
    hosts[0].running = 1;
    assert_int_equal(plan_pick(hosts, 2), 1);
}

static void nothing_goes_to_full_or_resting_hosts(void **state)
{
    const struct plan_host hosts[] = {{HEALTH_OPEN, 1, 1, 0}, {HEALTH_RESTING, 0, 1, 0}};

    (void)state;
    assert_int_equal(plan_pick(hosts, 2), PLAN_WAIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_loaded_host_is_taken),
        cmocka_unit_test(equal_hosts_are_taken_in_order),
        cmocka_unit_test(a_match_goes_first_where_it_was_not),
        cmocka_unit_test(it_waits_for_a_busy_host_where_it_was_not),
        cmocka_unit_test(it_goes_back_when_all_others_rest),
        cmocka_unit_test(a_host_that_may_be_back_is_probed_when_open_ones_are_full),
        cmocka_unit_test(nothing_goes_to_full_or_resting_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
