/* Tests of facts: what is refused by which word, and bytes that come back. */
#include "fixture.h"

static void bytes_come_back_as_they_went(void **state)
{
    const struct fact fact = fixture_game("g", "a", "b", 0.5, 1700000000123);
    struct fact back;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, FACT_BODY_MAX);
    fact_encode(&fact, &buf);
    assert_int_equal(fact_decode(rh_buf_str(&buf), &back), RH_OK);

    assert_true(rh_str_eq_c(back.board_type, "hex8"));
    assert_true(rh_str_eq_c(back.players[1], "b"));
    assert_int_equal(back.places[1], 1);
    assert_int_equal(back.played_at_ms, 1700000000123);
    assert_int_equal(fact_decode((struct rh_str){buf.p, buf.n - 1}, &back), RH_EINVAL);
    rh_buf_release(&buf);
}

static void each_fault_has_its_word(void **state)
{
    const struct fact good = fixture_game("g", "a", "b", 1.0, 5);
    struct fact bad;

    (void)state;
    assert_int_equal(fact_check(&good), FACT_OK);
    bad = good;
    bad.id.n = 0;
    assert_string_equal(fact_problem_word(fact_check(&bad)), "bad_game_id");
    bad = good;
    bad.board_type.n = 0;
    assert_string_equal(fact_problem_word(fact_check(&bad)), "bad_board_type");
    bad = good;
    bad.player_count = 1;
    assert_string_equal(fact_problem_word(fact_check(&bad)), "bad_player_count");
    bad = good;
    bad.players[1] = RH_STR_LIT("draw");
    assert_string_equal(fact_problem_word(fact_check(&bad)), "bad_player");
    bad.players[1] = RH_STR_LIT("=x");
    assert_string_equal(fact_problem_word(fact_check(&bad)), "bad_player");
    bad.players[1] = RH_STR_LIT("a");
    assert_string_equal(fact_problem_word(fact_check(&bad)), "duplicate_player");
    bad = good;
    bad.places[0] = 2;
    assert_string_equal(fact_problem_word(fact_check(&bad)), "bad_outcome");
    bad = good;
    bad.played_at_ms = 0;
    assert_string_equal(fact_problem_word(fact_check(&bad)), "bad_played_at");
}

static void config_key_names_board_and_number_of_players(void **state)
{
    const struct fact fact = fixture_game("g", "a", "b", 1.0, 5);
    char key[FACT_CONFIG_KEY_SIZE];

    (void)state;
    fact_config_key(&fact, key);

    assert_string_equal(key, "hex8_2p");
}

static void halves_are_points_of_pairs(void **state)
{
    const char *const order[] = {"a", "b", "=c"};
    const struct fact fact = fixture_order("g", order, 3, 5);

    (void)state;
    assert_int_equal(fact_halves(&fact, 0, 1), 2);
    assert_int_equal(fact_halves(&fact, 1, 2), 1);
    assert_int_equal(fact_halves(&fact, 2, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_back_as_they_went),
        cmocka_unit_test(each_fault_has_its_word),
        cmocka_unit_test(config_key_names_board_and_number_of_players),
        cmocka_unit_test(halves_are_points_of_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
