/* Numbers of jobs that run at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/slots.h"

static void lowest_free_number_is_taken(void **state)
{
    struct slots slots;
    uint32_t a = 99;
    uint32_t b = 99;

    (void)state;
    slots_init(&slots, 3);
    assert_true(slots_take(&slots, &a));
    assert_true(slots_take(&slots, &b));
    slots_give(&slots, a);
    assert_true(slots_take(&slots, &a));

    assert_int_equal(a, 0);
    assert_int_equal(b, 1);
    assert_int_equal(slots_free(&slots), 1);
}

static void full_slots_give_nothing(void **state)
{
    struct slots slots;
    uint32_t index = 99;

    (void)state;
    slots_init(&slots, 1);
    assert_true(slots_take(&slots, &index));

    assert_false(slots_take(&slots, &index));
    assert_int_equal(slots_free(&slots), 0);
}

static void all_numbers_can_be_taken_and_given_back(void **state)
{
    struct slots slots;
    uint32_t index = 0;

    (void)state;
    slots_init(&slots, SLOTS_MAX);
    for (uint32_t i = 0; i < SLOTS_MAX; i++) {
        assert_true(slots_take(&slots, &index));
        assert_int_equal(index, i);
    }
    assert_false(slots_take(&slots, &index));
    for (uint32_t i = 0; i < SLOTS_MAX; i++)
        slots_give(&slots, i);

    assert_int_equal(slots_free(&slots), SLOTS_MAX);
}

static void number_in_use_cannot_be_taken_again(void **state)
{
    struct slots slots;

    (void)state;
    slots_init(&slots, 4);

    assert_true(slots_take_at(&slots, 2));
    assert_false(slots_take_at(&slots, 2));
    assert_false(slots_take_at(&slots, SLOTS_MAX));
}

static void jobs_of_a_larger_configuration_count_until_they_end(void **state)
{
    struct slots slots;
    uint32_t index = 99;

    (void)state;
    slots_init(&slots, 1);
    assert_true(slots_take_at(&slots, 7));

    assert_int_equal(slots_free(&slots), 0);
    assert_false(slots_take(&slots, &index));
    slots_give(&slots, 7);
    assert_true(slots_take(&slots, &index));
    assert_int_equal(index, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lowest_free_number_is_taken),
        cmocka_unit_test(full_slots_give_nothing),
        cmocka_unit_test(all_numbers_can_be_taken_and_given_back),
        cmocka_unit_test(number_in_use_cannot_be_taken_again),
        cmocka_unit_test(jobs_of_a_larger_configuration_count_until_they_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
