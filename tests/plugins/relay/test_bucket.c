/* Tests of plugins/relay/bucket.c. */
#include "plugins/relay/bucket.h"

#include "relay_test.h"

static void a_burst_is_allowed_and_then_the_rate(void **state)
{
    struct bucket bucket = {.at_ms = 5000};

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(bucket_take(&bucket, 2, 3, 5000));

    assert_false(bucket_take(&bucket, 2, 3, 5000));
    assert_false(bucket_take(&bucket, 2, 3, 5499));
    assert_true(bucket_take(&bucket, 2, 3, 5500));
    assert_false(bucket_take(&bucket, 2, 3, 5500));
}

static void a_long_pause_fills_it_and_no_more(void **state)
{
    struct bucket bucket = {0};

    (void)state;
    while (bucket_take(&bucket, 1000, 2, 10))
        ;
    for (int i = 0; i < 2; i++)
        assert_true(bucket_take(&bucket, 1000, 2, INT64_MAX / 2));

    assert_false(bucket_take(&bucket, 1000, 2, INT64_MAX / 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_allowed_and_then_the_rate),
        cmocka_unit_test(a_long_pause_fills_it_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
