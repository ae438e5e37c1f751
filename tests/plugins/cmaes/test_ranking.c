/* Tests of the order of a generation and of when it is over. */
#include "fixture.h"

static void the_smallest_comes_first_and_equal_ones_by_index(void **state)
{
    static const struct report reports[] = {{REPORT_FITNESS, 2.0}, {REPORT_FITNESS, 1.0},
                                            {REPORT_FITNESS, 2.0}, {REPORT_FITNESS, -1.0},
                                            {REPORT_FITNESS, 1.0}, {REPORT_FITNESS, 2.0}};
    static const uint32_t expected[] = {3, 1, 4, 0, 2, 5};
    uint32_t order[6];
    uint32_t scratch[6];

    (void)state;
    assert_int_equal(ranking_make(reports, 6, order, scratch), 6);
    assert_memory_equal(order, expected, sizeof(order));
}

static void missing_and_failed_ones_come_last(void **state)
{
    static const struct report reports[] = {
        {REPORT_NONE, -9.0}, {REPORT_FITNESS, 5.0}, {REPORT_ERROR, -9.0}, {REPORT_FITNESS, 4.0}};
    static const uint32_t expected[] = {3, 1, 0, 2};
    uint32_t order[4];
    uint32_t scratch[4];

    (void)state;
    assert_int_equal(ranking_make(reports, 4, order, scratch), 2);
    assert_memory_equal(order, expected, sizeof(order));
}

static void a_quorum_is_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(ranking_quorum(10, 0.9), 9);
    assert_int_equal(ranking_quorum(12, 0.9), 11);
    assert_int_equal(ranking_quorum(20, 0.9), 18);
    assert_int_equal(ranking_quorum(7, 1.0), 7);
    assert_int_equal(ranking_quorum(4, 0.001), 1);
}

static void a_generation_closes_when_all_are_back_or_at_its_deadline_with_a_quorum(void **state)
{
    struct report reports[10] = {{REPORT_NONE, 0.0}};

    (void)state;
    for (uint32_t i = 0; i < 8; i++)
        reports[i].kind = REPORT_FITNESS;
    assert_false(ranking_is_closed(reports, 10, 0.9, 1000, 2000));
    reports[8].kind = REPORT_ERROR;
    assert_false(ranking_is_closed(reports, 10, 0.9, 1000, 999));
    assert_true(ranking_is_closed(reports, 10, 0.9, 1000, 1000));
    assert_false(ranking_is_closed(reports, 10, 0.9, 0, 1000));
    reports[9].kind = REPORT_FITNESS;
    assert_true(ranking_is_closed(reports, 10, 0.9, 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_comes_first_and_equal_ones_by_index),
        cmocka_unit_test(missing_and_failed_ones_come_last),
        cmocka_unit_test(a_quorum_is_rounded_up),
        cmocka_unit_test(a_generation_closes_when_all_are_back_or_at_its_deadline_with_a_quorum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
