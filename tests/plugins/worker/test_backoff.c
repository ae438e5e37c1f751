/* Waits after failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/backoff.h"

static void first_wait_is_between_half_and_all_of_the_base(void **state)
{
    (void)state;

    assert_int_equal(backoff_ms(0, 5000, 0, 0), 250);
    assert_int_equal(backoff_ms(0, 5000, 0, 250), 500);
    assert_int_equal(backoff_ms(0, 5000, 0, 251), 250);
}

static void wait_doubles_up_to_the_cap(void **state)
{
    (void)state;

    assert_int_equal(backoff_ms(1, 5000, 0, 0), 500);
    assert_int_equal(backoff_ms(2, 5000, 0, 0), 1000);
    assert_int_equal(backoff_ms(4, 5000, 0, 0), 2500);
    assert_int_equal(backoff_ms(4000000000u, 5000, 0, 0), 2500);
}

static void every_wait_lies_in_its_bounds(void **state)
{
    (void)state;

    for (uint32_t failures = 0; failures < 12; failures++) {
        for (uint64_t random = 0; random < 20000; random += 7) {
            int64_t wait_ms = backoff_ms(failures, 5000, 0, random);

            assert_true(wait_ms >= 250 && wait_ms <= 5000);
        }
    }
}

static void retry_after_is_honoured_with_jitter(void **state)
{
    (void)state;

    assert_int_equal(backoff_ms(0, 5000, 7, 0), 7000);
    assert_int_equal(backoff_ms(0, 5000, 7, 499), 7499);
    assert_true(backoff_ms(0, 5000, 4000000, UINT64_MAX) <= BACKOFF_RETRY_MAX_S * 1000 + 500);
}

static void longer_wait_of_our_own_is_kept(void **state)
{
    (void)state;

    assert_int_equal(backoff_ms(10, 60000, 1, 0), 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_wait_is_between_half_and_all_of_the_base),
        cmocka_unit_test(wait_doubles_up_to_the_cap),
        cmocka_unit_test(every_wait_lies_in_its_bounds),
        cmocka_unit_test(retry_after_is_honoured_with_jitter),
        cmocka_unit_test(longer_wait_of_our_own_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
