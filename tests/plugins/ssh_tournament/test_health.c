/* Tests of a host's rests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/ssh_tournament/health.h"

static const struct health_rule rule = {100, 350};

static void a_failure_is_followed_by_a_rest_and_one_probe(void **state)
{
    struct health health = {0};

    (void)state;
    assert_int_equal(health_state(&health, 0), HEALTH_OPEN);
    health_bad(&health, &rule, 0, 1000);
    assert_int_equal(health_state(&health, 1099), HEALTH_RESTING);
    assert_int_equal(health_state(&health, 1100), HEALTH_PROBE);

    health_begin(&health, 1100);

    assert_int_equal(health_state(&health, 1100), HEALTH_RESTING);
    health_good(&health);
    assert_int_equal(health_state(&health, 1100), HEALTH_OPEN);
}

static void rests_double_up_to_the_longest(void **state)
{
    struct health health = {0};
    int64_t now_ms = 0;
    static const int64_t rests[] = {100, 200, 350, 350};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        health_bad(&health, &rule, now_ms, now_ms);
        assert_int_equal(health.retry_ms - now_ms, rests[i]);
        now_ms = health.retry_ms;
        health_begin(&health, now_ms);
    }
    for (int i = 0; i < 100; i++)
        health_bad(&health, &rule, now_ms, now_ms);
    assert_int_equal(health.retry_ms - now_ms, 350);
}

static void attempts_that_were_under_way_do_not_lengthen_the_rest(void **state)
{
    struct health health = {0};

    (void)state;
    health_bad(&health, &rule, 900, 1000);
    health_bad(&health, &rule, 900, 1010);
    health_bad(&health, &rule, 950, 1020);

    assert_int_equal(health.failures, 1);
    assert_int_equal(health.retry_ms, 1100);
}

static void a_probe_that_tells_nothing_lets_another_begin(void **state)
{
    struct health health = {0};

    (void)state;
    health_bad(&health, &rule, 0, 0);
    health_begin(&health, 100);
    health_unknown(&health);

    assert_int_equal(health_state(&health, 100), HEALTH_PROBE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_followed_by_a_rest_and_one_probe),
        cmocka_unit_test(rests_double_up_to_the_longest),
        cmocka_unit_test(attempts_that_were_under_way_do_not_lengthen_the_rest),
        cmocka_unit_test(a_probe_that_tells_nothing_lets_another_begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
