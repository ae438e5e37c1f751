/* Tests of plugins/relay/seen.c. */
#include "plugins/relay/seen.h"

#include "relay_test.h"

static void a_number_counts_once_for_each_caller(void **state)
{
    struct seen seen;

    (void)state;
    seen_init(&seen, 1);
    assert_int_equal(seen_add(&seen, S("n1"), 7, 0), RH_OK);

    assert_int_equal(seen_add(&seen, S("n1"), 7, 1000), RH_EEXISTS);
    assert_int_equal(seen_add(&seen, S("n2"), 7, 1000), RH_OK);
    assert_int_equal(seen_add(&seen, S("n1"), 8, 1000), RH_OK);
    assert_int_equal(seen_add(&seen, S("n1"), 7, SEEN_HOLD_MS - 1), RH_EEXISTS);
    seen_release(&seen);
}

static void it_forgets_after_its_time_and_holds_no_more_than_its_limit(void **state)
{
    struct seen seen;

    (void)state;
    seen_init(&seen, 1);
    for (uint64_t key = 0; key < SEEN_COUNT_MAX; key++)
        assert_int_equal(seen_add(&seen, S("n1"), key, 5), RH_OK);
    assert_int_equal(seen_add(&seen, S("n1"), SEEN_COUNT_MAX, 5), RH_EFULL);
    assert_int_equal(seen_add(&seen, S("n1"), 0, SEEN_HOLD_MS + 5), RH_OK);

    assert_int_equal(rh_map_count(&seen.rows), 1);
    seen_release(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_counts_once_for_each_caller),
        cmocka_unit_test(it_forgets_after_its_time_and_holds_no_more_than_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
