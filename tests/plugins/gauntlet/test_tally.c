/* Tests of the tallies: counts add up, nodes are told apart and limited. */
#include "fixture.h"

static void every_outcome_counts_once_and_the_counts_add_up(void **state)
{
    struct tally tally = {0};

    (void)state;
    for (uint8_t outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        for (uint8_t i = 0; i <= outcome; i++)
            tally_add(&tally, outcome);
    }
    assert_int_equal(tally.pending, 1);
    assert_int_equal(tally.wins, 2);
    assert_int_equal(tally.losses, 3);
    assert_int_equal(tally.draws, 4);
    assert_int_equal(tally.errors, 5);
    assert_int_equal(tally_decided(&tally), 9);
    assert_int_equal(tally_over(&tally), 14);
    assert_int_equal(tally_scheduled(&tally), 15);
}

static void merged_tallies_hold_the_games_of_both(void **state)
{
    struct tally a = {1, 2, 3, 4, 5};
    const struct tally b = {10, 20, 30, 40, 50};

    (void)state;
    tally_merge(&a, &b);
    assert_int_equal(a.wins, 11);
    assert_int_equal(a.losses, 22);
    assert_int_equal(a.draws, 33);
    assert_int_equal(a.errors, 44);
    assert_int_equal(a.pending, 55);
}

static void nodes_are_counted_in_the_order_of_their_ids(void **state)
{
    static struct tally_nodes nodes;
    const char *const played[] = {"n3", "n1", "n2", "n1", "n3", "n1"};

    (void)state;
    for (size_t i = 0; i < sizeof(played) / sizeof(played[0]); i++)
        tally_nodes_add(&nodes, rh_str_from(played[i]));
    assert_int_equal(nodes.count, 3);
    assert_true(rh_str_eq_c(nodes.nodes[0].node_id, "n1"));
    assert_true(rh_str_eq_c(nodes.nodes[1].node_id, "n2"));
    assert_true(rh_str_eq_c(nodes.nodes[2].node_id, "n3"));
    assert_int_equal(nodes.nodes[0].games, 3);
    assert_int_equal(nodes.nodes[1].games, 1);
    assert_int_equal(nodes.nodes[2].games, 2);
}

static void a_game_of_nobody_is_counted_for_nobody(void **state)
{
    static struct tally_nodes nodes;

    (void)state;
    tally_nodes_add(&nodes, RH_STR_LIT(""));
    assert_int_equal(nodes.count, 0);
    assert_int_equal(nodes.others, 0);
}

static void nodes_beyond_the_limit_are_counted_together(void **state)
{
    static struct tally_nodes nodes;
    static char ids[TALLY_NODES_MAX + 3][8];

    (void)state;
    for (uint32_t i = 0; i < TALLY_NODES_MAX + 3; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "n%04u", i);
        tally_nodes_add(&nodes, rh_str_from(ids[i]));
    }
    tally_nodes_add(&nodes, rh_str_from(ids[0]));
    assert_int_equal(nodes.count, TALLY_NODES_MAX);
    assert_int_equal(nodes.others, 3);
    assert_int_equal(nodes.nodes[0].games, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_counts_once_and_the_counts_add_up),
        cmocka_unit_test(merged_tallies_hold_the_games_of_both),
        cmocka_unit_test(nodes_are_counted_in_the_order_of_their_ids),
        cmocka_unit_test(a_game_of_nobody_is_counted_for_nobody),
        cmocka_unit_test(nodes_beyond_the_limit_are_counted_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
