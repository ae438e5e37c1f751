/* Tests of the table of pings made for others. */
#include "swim_test.h"

static void who_waits_is_told_once(void **state)
{
    struct proxies p = {0};
    uint64_t handle = 0;

    (void)state;
    assert_int_equal(proxy_add(&p, 5, 77, 1000), RH_OK);

    assert_false(proxy_take(&p, 4, &handle));
    assert_false(proxy_take(&p, 0, &handle));
    assert_true(proxy_take(&p, 5, &handle));
    assert_int_equal(handle, 77);
    assert_false(proxy_take(&p, 5, &handle));
    assert_int_equal(p.count, 0);
}

static void those_whose_time_is_up_come_one_by_one(void **state)
{
    struct proxies p = {0};
    uint64_t handle = 0;
    uint64_t sum = 0;

    (void)state;
    for (uint64_t i = 1; i <= 3; i++)
        assert_int_equal(proxy_add(&p, i, i, (int64_t)(1000 * i)), RH_OK);

    assert_int_equal(proxy_next_ms(&p), 1000);
    assert_false(proxy_take_due(&p, 999, &handle));
    while (proxy_take_due(&p, 2000, &handle))
        sum += handle;
    assert_int_equal(sum, 1 + 2);
    assert_int_equal(proxy_next_ms(&p), 3000);
}

static void who_has_gone_is_forgotten(void **state)
{
    struct proxies p = {0};
    uint64_t handle;

    (void)state;
    (void)proxy_add(&p, 1, 9, 1000);
    (void)proxy_add(&p, 2, 9, 1000);

    proxy_drop(&p, 9);

    assert_false(proxy_take(&p, 1, &handle));
    assert_int_equal(p.count, 0);
    assert_int_equal(proxy_next_ms(&p), INT64_MAX);
}

static void there_is_a_limit(void **state)
{
    struct proxies p = {0};

    (void)state;
    for (uint64_t i = 1; i <= PROXIES_MAX; i++)
        assert_int_equal(proxy_add(&p, i, i, 1), RH_OK);

    assert_int_equal(proxy_add(&p, PROXIES_MAX + 1, 1, 1), RH_EAGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_is_told_once),
        cmocka_unit_test(those_whose_time_is_up_come_one_by_one),
        cmocka_unit_test(who_has_gone_is_forgotten),
        cmocka_unit_test(there_is_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
