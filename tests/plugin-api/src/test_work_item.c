/* Tests of the key of a work item. */
#include "sdk_test.h"

#include <ringhost/sdk/str.h>
#include <ringhost/sdk/work_item.h>

static void a_key_leads_back_to_its_index(void **state)
{
    const uint32_t indices[] = {0, 1, 19, 9999};
    char key[RH_WORK_KEY_SIZE];
    uint32_t index = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
        assert_int_equal(rh_work_key(key, RH_STR_LIT("g1"), indices[i]), RH_OK);
        assert_int_equal(rh_work_key_index(rh_str_from(key), RH_STR_LIT("g1"), &index), RH_OK);
        assert_int_equal(index, indices[i]);
    }
    assert_int_equal(rh_work_key(key, RH_STR_LIT("g1"), 19), RH_OK);
    assert_string_equal(key, "g1/19");
}

static void keys_of_others_are_refused(void **state)
{
    const char *const keys[] = {"",     "g1",    "g1/",   "g1/100000", "g1/-1", "g1/1x",
                                "g2/1", "g11/1", "g1/01", "g1/1/2",    "g1 1",  "g1/4294967297"};
    uint32_t index = 77;

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        assert_int_equal(rh_work_key_index(rh_str_from(keys[i]), RH_STR_LIT("g1"), &index),
                         RH_EINVAL);
    }
    assert_int_equal(index, 77);
}

static void an_id_that_is_too_long_gives_no_key(void **state)
{
    char id[RH_WORK_KEY_SIZE];
    char key[RH_WORK_KEY_SIZE] = "x";

    (void)state;
    memset(id, 'g', sizeof(id));
    assert_int_equal(rh_work_key(key, (struct rh_str){id, sizeof(id) - 1}, 1), RH_EINVAL);
    assert_string_equal(key, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_leads_back_to_its_index),
        cmocka_unit_test(keys_of_others_are_refused),
        cmocka_unit_test(an_id_that_is_too_long_gives_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
