/* Tests of outcomes in words, scores and orders. */
#include "fixture.h"

static struct fact of_three(void)
{
    return (struct fact){.id = RH_STR_LIT("g"),
                         .board_type = RH_STR_LIT("hex8"),
                         .players = {RH_STR_LIT("a"), RH_STR_LIT("b"), RH_STR_LIT("c")},
                         .player_count = 3,
                         .played_at_ms = 1};
}

static void words_of_two_are_understood(void **state)
{
    struct fact fact = fixture_game("g", "a", "b", 1.0, 1);

    (void)state;
    assert_int_equal(outcome_of_word(&fact, RH_STR_LIT("b")), FACT_OK);
    assert_int_equal(fact.places[0], 2);
    assert_int_equal(outcome_of_word(&fact, RH_STR_LIT("draw")), FACT_OK);
    assert_int_equal(fact.places[0], 1);
    assert_int_equal(fact.places[1], 1);
    assert_int_equal(outcome_of_word(&fact, RH_STR_LIT("0-1")), FACT_OK);
    assert_int_equal(fact.places[1], 1);
    assert_int_equal(fact.places[0], 2);
    assert_int_equal(outcome_of_word(&fact, RH_STR_LIT("1/2-1/2")), FACT_OK);
    assert_int_equal(outcome_of_word(&fact, RH_STR_LIT("x")), FACT_BAD_OUTCOME);
}

static void only_1_half_and_0_are_scores_and_only_of_two(void **state)
{
    struct fact fact = fixture_game("g", "a", "b", 1.0, 1);
    struct fact three = of_three();

    (void)state;
    assert_int_equal(outcome_of_score(&fact, 0.7), FACT_BAD_OUTCOME);
    assert_int_equal(outcome_of_score(&three, 1.0), FACT_BAD_OUTCOME);
    assert_int_equal(outcome_of_word(&three, RH_STR_LIT("1-0")), FACT_BAD_OUTCOME);
}

static void the_winner_of_three_leaves_the_others_level(void **state)
{
    struct fact fact = of_three();

    (void)state;
    assert_int_equal(outcome_of_word(&fact, RH_STR_LIT("b")), FACT_OK);

    assert_int_equal(fact.places[0], 2);
    assert_int_equal(fact.places[1], 1);
    assert_int_equal(fact.places[2], 2);
    assert_int_equal(fact_check(&fact), FACT_OK);
}

static void an_order_must_name_everyone_once(void **state)
{
    struct fact fact = of_three();
    const struct rh_str twice[3] = {RH_STR_LIT("a"), RH_STR_LIT("a"), RH_STR_LIT("b")};
    const struct rh_str level[3] = {RH_STR_LIT("c"), RH_STR_LIT("=a"), RH_STR_LIT("b")};

    (void)state;
    assert_int_equal(outcome_of_order(&fact, twice, 3), FACT_BAD_OUTCOME);
    assert_int_equal(outcome_of_order(&fact, level, 2), FACT_BAD_OUTCOME);
    assert_int_equal(outcome_of_order(&fact, level, 3), FACT_OK);
    assert_int_equal(fact.places[0], 1);
    assert_int_equal(fact.places[1], 3);
    assert_int_equal(fact.places[2], 1);
}

static void places_are_told_as_they_were_read(void **state)
{
    struct fact fact = of_three();
    struct rh_str order[FACT_PLAYERS_MAX];
    bool shared[FACT_PLAYERS_MAX];
    struct rh_str word;
    const struct rh_str level[3] = {RH_STR_LIT("c"), RH_STR_LIT("=a"), RH_STR_LIT("b")};

    (void)state;
    assert_int_equal(outcome_of_word(&fact, RH_STR_LIT("b")), FACT_OK);
    assert_true(outcome_is_word(&fact, &word));
    assert_true(rh_str_eq_c(word, "b"));
    assert_int_equal(outcome_of_order(&fact, level, 3), FACT_OK);
    assert_false(outcome_is_word(&fact, &word));
    outcome_order(&fact, order, shared);
    assert_true(rh_str_eq_c(order[0], "a"));
    assert_true(shared[1]);
    assert_true(rh_str_eq_c(order[2], "b"));
    assert_false(shared[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_two_are_understood),
        cmocka_unit_test(only_1_half_and_0_are_scores_and_only_of_two),
        cmocka_unit_test(the_winner_of_three_leaves_the_others_level),
        cmocka_unit_test(an_order_must_name_everyone_once),
        cmocka_unit_test(places_are_told_as_they_were_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
