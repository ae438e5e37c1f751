/* Tests of the time a suspect has. */
#include "swim_test.h"

static void confirmations_shorten_the_time_by_their_logarithm(void **state)
{
    struct suspicion s;

    (void)state;
    suspicion_begin(&s, 1000, 4000, 24000, 3, RH_STR_LIT("a"));

    assert_int_equal(suspicion_end_ms(&s), 25000);
    assert_true(suspicion_confirm(&s, RH_STR_LIT("b")));
    assert_int_equal(suspicion_end_ms(&s), 15000); /* log 2 / log 4 of 20 s */
    assert_true(suspicion_confirm(&s, RH_STR_LIT("c")));
    assert_in_range(suspicion_end_ms(&s), 9149, 9152); /* log 3 / log 4 */
    assert_true(suspicion_confirm(&s, RH_STR_LIT("d")));
    assert_int_equal(suspicion_end_ms(&s), 5000);
}

static void only_other_accusers_count_and_not_more_than_wanted(void **state)
{
    struct suspicion s;

    (void)state;
    suspicion_begin(&s, 0, 4000, 24000, 2, RH_STR_LIT("a"));

    assert_false(suspicion_confirm(&s, RH_STR_LIT("a")));
    assert_false(suspicion_confirm(&s, RH_STR_LIT("")));
    assert_true(suspicion_confirm(&s, RH_STR_LIT("b")));
    assert_false(suspicion_confirm(&s, RH_STR_LIT("b")));
    assert_true(suspicion_confirm(&s, RH_STR_LIT("c")));
    assert_false(suspicion_confirm(&s, RH_STR_LIT("d")));
    assert_int_equal(suspicion_end_ms(&s), 4000);
}

static void where_nobody_can_confirm_the_time_is_the_longest(void **state)
{
    struct suspicion s;

    (void)state;
    suspicion_begin(&s, 0, 4000, 24000, 0, RH_STR_LIT("a"));

    assert_false(suspicion_confirm(&s, RH_STR_LIT("b")));
    assert_int_equal(suspicion_end_ms(&s), 24000);
}

static void a_shortened_one_has_the_shortest_time(void **state)
{
    struct suspicion s;

    (void)state;
    suspicion_begin(&s, 100, 4000, 24000, 3, RH_STR_LIT("a"));

    suspicion_shorten(&s);

    assert_int_equal(suspicion_end_ms(&s), 4100);
    suspicion_restart(&s, 900);
    assert_int_equal(suspicion_end_ms(&s), 4900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confirmations_shorten_the_time_by_their_logarithm),
        cmocka_unit_test(only_other_accusers_count_and_not_more_than_wanted),
        cmocka_unit_test(where_nobody_can_confirm_the_time_is_the_longest),
        cmocka_unit_test(a_shortened_one_has_the_shortest_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
