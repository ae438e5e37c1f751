/* Tests of what players made against each other. */
#include "core_test.h"

#include "plugins/tournament/pairs.h"

static struct pairs pairs;

static void points_among_some_players_leave_the_others_out(void **state)
{
    static const struct encounter encounters[] = {
        {1, 2, 2, 0, 1, 1, 0}, {1, 3, 1, 1, 1, 0, 0}, {2, 3, 2, 0, 1, 1, 0}, {4, 1, 2, 0, 1, 1, 0}};
    static const uint16_t players[] = {1, 2, 3};
    int64_t quarters[3];
    int64_t most[3];

    (void)state;
    pairs_fill(&pairs, encounters, 4);
    assert_true(pairs_direct(&pairs, players, 3, quarters, most));
    assert_int_equal(quarters[0], 6);
    assert_int_equal(quarters[1], 4);
    assert_int_equal(quarters[2], 2);
    assert_memory_equal(quarters, most, sizeof(most));
}

static void what_is_missing_could_be_won(void **state)
{
    static const struct encounter encounters[] = {{1, 2, 6, 0, 3, 3, 0}, {2, 3, 4, 2, 3, 2, 1}};
    static const uint16_t players[] = {1, 2, 3};
    int64_t quarters[3];
    int64_t most[3];

    (void)state;
    pairs_fill(&pairs, encounters, 2);
    assert_false(pairs_direct(&pairs, players, 3, quarters, most));
    assert_int_equal(quarters[0], 12);
    assert_int_equal(most[0], 24);
    assert_int_equal(quarters[1], 8);
    assert_int_equal(most[1], 8);
    assert_int_equal(quarters[2], 4);
    assert_int_equal(most[2], 16);
}

/* C.07, 6.1.2: as if they had met once. */
static void of_two_who_met_twice_the_mean_counts(void **state)
{
    static const struct encounter encounters[] = {
        {1, 2, 2, 0, 1, 1, 0}, {2, 1, 1, 1, 1, 0, 0}, {1, 3, 2, 0, 1, 1, 0}, {2, 3, 2, 0, 1, 1, 0}};
    static const uint16_t players[] = {1, 2, 3};
    int64_t quarters[3];
    int64_t most[3];

    (void)state;
    pairs_fill(&pairs, encounters, 4);
    assert_true(pairs_direct(&pairs, players, 3, quarters, most));
    assert_int_equal(quarters[0], 7);
    assert_int_equal(quarters[1], 5);
    assert_int_equal(quarters[2], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_among_some_players_leave_the_others_out),
        cmocka_unit_test(what_is_missing_could_be_won),
        cmocka_unit_test(of_two_who_met_twice_the_mean_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
