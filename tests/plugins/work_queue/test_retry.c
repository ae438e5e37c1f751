/* Back-off: doubling, the cap, the jitter. */
#include "work_queue_test.h"

#include <ringhost/sdk/rng.h>

#include "retry.h"

/* The longest delay is found with the random number that equals it. */
static int64_t ceiling(int64_t base, int64_t cap, uint32_t attempt)
{
    int64_t best = 0;
    struct rh_rng rng;

    rh_rng_seed(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        int64_t delay = retry_delay_ms(base, cap, attempt, rh_rng_u64(&rng));
        best = delay > best ? delay : best;
    }
    return best;
}

static void the_interval_doubles_up_to_the_cap(void **state)
{
    (void)state;
    assert_int_equal(ceiling(10, 70, 1), 10);
    assert_int_equal(ceiling(10, 70, 2), 20);
    assert_int_equal(ceiling(10, 70, 3), 40);
    assert_int_equal(ceiling(10, 70, 4), 70);
    assert_int_equal(ceiling(10, 70, 4000000000u), 70);
}

static void the_delay_is_spread_over_the_whole_interval(void **state)
{
    int64_t sum = 0;
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 2);
    for (int i = 0; i < 10000; i++)
        sum += retry_delay_ms(1000, 1000, 1, rh_rng_u64(&rng));

    assert_in_range(sum / 10000, 480, 520);
}

static void no_base_means_no_delay_and_nothing_overflows(void **state)
{
    (void)state;
    assert_int_equal(retry_delay_ms(0, 1000, 5, UINT64_MAX), 0);
    assert_int_equal(retry_delay_ms(10, 0, 5, UINT64_MAX), 0);
    assert_true(retry_delay_ms(INT64_MAX, INT64_MAX, 70, UINT64_MAX) >= 0);
    assert_true(retry_delay_ms(1, INT64_MAX, 4000000000u, 12345) == 12345);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_doubles_up_to_the_cap),
        cmocka_unit_test(the_delay_is_spread_over_the_whole_interval),
        cmocka_unit_test(no_base_means_no_delay_and_nothing_overflows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
