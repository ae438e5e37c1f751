/* Tests of the keys of the namespace: order, ranges, and back. */
#include "core_test.h"

#include "plugins/tournament/keys.h"

static void a_key_leads_back_to_its_id_and_number(void **state)
{
    struct rh_key key;
    char id[TEXT_ID_SIZE];
    uint32_t number = 0;

    (void)state;
    tournament_key(&key, KEY_STATUS, RH_STR_LIT("t1"));
    assert_int_equal(tournament_key_id(rh_key_view(&key), id), RH_OK);
    assert_string_equal(id, "t1");
    tournament_key_numbered(&key, KEY_RESULT, RH_STR_LIT("t1"), 70000);
    assert_int_equal(tournament_key_number(rh_key_view(&key), &number), RH_OK);
    assert_int_equal(number, 70000);
}

static void other_keys_are_refused(void **state)
{
    struct rh_key key;
    char id[TEXT_ID_SIZE];
    uint32_t number = 77;

    (void)state;
    tournament_key(&key, KEY_STATUS, RH_STR_LIT("t1"));
    assert_int_equal(tournament_key_number(rh_key_view(&key), &number), RH_EINVAL);
    tournament_key_numbered(&key, KEY_MATCH, RH_STR_LIT("t1"), 1);
    assert_int_equal(tournament_key_id(rh_key_view(&key), id), RH_EINVAL);
}

static void a_range_holds_the_numbers_of_one_id_alone(void **state)
{
    struct rh_key from;
    struct rh_key to;
    struct rh_key key;

    (void)state;
    tournament_key_range(&from, &to, KEY_MATCH, RH_STR_LIT("t1"));
    tournament_key_numbered(&key, KEY_MATCH, RH_STR_LIT("t1"), UINT32_MAX);
    assert_true(rh_str_cmp(rh_key_view(&from), rh_key_view(&key)) <= 0);
    assert_true(rh_str_cmp(rh_key_view(&key), rh_key_view(&to)) < 0);
    tournament_key_numbered(&key, KEY_MATCH, RH_STR_LIT("t10"), 0);
    assert_true(rh_str_cmp(rh_key_view(&key), rh_key_view(&to)) >= 0);
    tournament_key_numbered(&key, KEY_MATCH, RH_STR_LIT("t0"), UINT32_MAX);
    assert_true(rh_str_cmp(rh_key_view(&key), rh_key_view(&from)) < 0);
}

static void numbers_are_in_order(void **state)
{
    struct rh_key small;
    struct rh_key large;

    (void)state;
    tournament_key_numbered(&small, KEY_RESULT, RH_STR_LIT("t1"), 255);
    tournament_key_numbered(&large, KEY_RESULT, RH_STR_LIT("t1"), 256);
    assert_true(rh_str_cmp(rh_key_view(&small), rh_key_view(&large)) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_leads_back_to_its_id_and_number),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(a_range_holds_the_numbers_of_one_id_alone),
        cmocka_unit_test(numbers_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
