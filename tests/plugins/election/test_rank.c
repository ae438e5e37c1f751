/* Tests of the order of candidates. */
#include "core_test.h"

#include "plugins/election/rank.h"

static void home_comes_before_priority_and_priority_before_id(void **state)
{
    const struct rank home = {"a", 0, true};
    const struct rank strong = {"b", 9, false};
    const struct rank late = {"d", 0, false};
    const struct rank early = {"c", 0, false};

    (void)state;

    assert_true(rank_above(&home, &strong));
    assert_true(rank_above(&strong, &late));
    assert_true(rank_above(&late, &early));
    assert_false(rank_above(&early, &late));
    assert_false(rank_above(&late, &home));
}

static void places_do_not_overlap_inside_the_window(void **state)
{
    (void)state;

    assert_int_equal(rank_delay_ms(0, 3, 900, 0), 0);
    assert_int_equal(rank_delay_ms(0, 3, 900, 300), 300);
    assert_int_equal(rank_delay_ms(1, 3, 900, 0), 300);
    assert_int_equal(rank_delay_ms(2, 3, 900, 300), 900);
    assert_int_equal(rank_delay_ms(2, 3, 0, 12345), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(home_comes_before_priority_and_priority_before_id),
        cmocka_unit_test(places_do_not_overlap_inside_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
