/* Tests of the order of seeds. */
#include "core_test.h"

#include "plugins/tournament/seeding.h"

static void eight_seeds_stand_as_published(void **state)
{
    static const uint16_t expected[] = {1, 8, 4, 5, 2, 7, 3, 6};
    uint16_t order[8];

    (void)state;
    seeding_order(8, order);
    assert_memory_equal(order, expected, sizeof(expected));
}

static void a_bracket_has_the_next_power_of_two(void **state)
{
    (void)state;
    assert_int_equal(seeding_size(2), 2);
    assert_int_equal(seeding_size(3), 4);
    assert_int_equal(seeding_size(64), 64);
    assert_int_equal(seeding_size(65), 128);
}

static void opponents_of_the_first_round_add_up_to_one_more_than_the_size(void **state)
{
    uint16_t order[128];

    (void)state;
    for (uint32_t size = 2; size <= 128; size *= 2) {
        seeding_order(size, order);
        for (uint32_t i = 0; i < size; i += 2) {
            assert_int_equal(order[i] + order[i + 1], size + 1);
            assert_true(order[i] < order[i + 1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_seeds_stand_as_published),
        cmocka_unit_test(a_bracket_has_the_next_power_of_two),
        cmocka_unit_test(opponents_of_the_first_round_add_up_to_one_more_than_the_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
