/* Tests of the choice of peers. */
#include "map_test.h"

#include "plugins/gossip/sampler.h"

static void everyone_is_chosen_equally_often_and_once_a_time(void **state)
{
    uint32_t chosen[10] = {0};
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 4);

    for (uint32_t round = 0; round < 10000; round++) {
        uint32_t items[10];

        for (uint32_t i = 0; i < 10; i++)
            items[i] = i;
        assert_int_equal(sampler_pick(&rng, items, 10, 3), 3);
        assert_true(items[0] != items[1] && items[1] != items[2] && items[0] != items[2]);
        for (uint32_t i = 0; i < 3; i++)
            chosen[items[i]]++;
    }

    for (uint32_t i = 0; i < 10; i++)
        assert_in_range(chosen[i], 2800, 3200);
}

static void there_may_be_fewer_than_wanted(void **state)
{
    uint32_t items[2] = {5, 6};
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 4);

    assert_int_equal(sampler_pick(&rng, items, 2, 3), 2);
    assert_int_equal(items[0] + items[1], 11);
    assert_int_equal(sampler_pick(&rng, NULL, 0, 3), 0);
}

static void a_list_names_whole_ids(void **state)
{
    const struct rh_str list = RH_STR_LIT("n1,n22");

    (void)state;
    assert_true(sampler_is_named(list, RH_STR_LIT("n1")));
    assert_true(sampler_is_named(list, RH_STR_LIT("n22")));
    assert_false(sampler_is_named(list, RH_STR_LIT("n2")));
    assert_false(sampler_is_named(list, RH_STR_LIT("")));
    assert_false(sampler_is_named((struct rh_str){0}, RH_STR_LIT("n1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everyone_is_chosen_equally_often_and_once_a_time),
        cmocka_unit_test(there_may_be_fewer_than_wanted),
        cmocka_unit_test(a_list_names_whole_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
