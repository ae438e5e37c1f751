/* Tests of what players made against each other. */
#include "core_test.h"

#include "plugins/tournament/pairs.h"

static struct pairs pairs;

static void points_among_some_players_leave_the_others_out(void **state)
{
    static const struct encounter encounters[] = {
        {1, 2, 2, 0, 1, 1, 0}, {1, 3, 1, 1, 1, 0, 0}, {2, 3, 2, 0, 1, 1, 0}, {4, 1, 2, 0, 1, 1, 0}};
    static const uint16_t players[] = {1, 2, 3};
    int64_t halves[3] = {0};

    (void)state;
    pairs_fill(&pairs, encounters, 4);
    assert_true(pairs_direct(&pairs, players, 3, halves));
    assert_int_equal(halves[0], 3);
    assert_int_equal(halves[1], 2);
    assert_int_equal(halves[2], 1);
}

static void nothing_is_said_of_players_who_have_not_all_met(void **state)
{
    static const struct encounter encounters[] = {{1, 2, 2, 0, 1, 1, 0}, {2, 3, 2, 0, 1, 1, 0}};
    static const uint16_t players[] = {1, 2, 3};
    int64_t halves[3] = {77, 77, 77};

    (void)state;
    pairs_fill(&pairs, encounters, 2);
    assert_false(pairs_direct(&pairs, players, 3, halves));
    assert_int_equal(halves[0], 77);
}

static void nor_of_players_who_met_unequally_often(void **state)
{
    static const struct encounter encounters[] = {
        {1, 2, 2, 0, 1, 1, 0}, {2, 1, 2, 0, 1, 1, 0}, {1, 3, 2, 0, 1, 1, 0}, {2, 3, 2, 0, 1, 1, 0}};
    static const uint16_t players[] = {1, 2, 3};
    int64_t halves[3];

    (void)state;
    pairs_fill(&pairs, encounters, 4);
    assert_false(pairs_direct(&pairs, players, 3, halves));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_among_some_players_leave_the_others_out),
        cmocka_unit_test(nothing_is_said_of_players_who_have_not_all_met),
        cmocka_unit_test(nor_of_players_who_met_unequally_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
