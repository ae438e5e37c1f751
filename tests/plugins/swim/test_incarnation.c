/* Tests of incarnations that outlive the process. */
#include "swim_test.h"

#include "plugins/swim/incarnation.h"

static void a_restart_begins_above_all_that_was_used(void **state)
{
    uint64_t reserved = 0;

    (void)state;

    for (int life = 0; life < 10; life++) {
        uint64_t current = incarnation_first(reserved);

        assert_true(current > reserved);
        reserved = incarnation_reserve(current);
        for (int i = 0; i < 5000; i++) {
            current++;
            if (incarnation_is_low(current, reserved))
                reserved = incarnation_reserve(current);
            assert_true(current < reserved);
        }
    }
}

static void writes_are_few(void **state)
{
    uint64_t current = incarnation_first(0);
    uint64_t reserved = incarnation_reserve(current);
    uint32_t writes = 0;

    (void)state;

    for (uint32_t i = 0; i < 10 * INCARNATION_BLOCK; i++) {
        current++;
        if (incarnation_is_low(current, reserved)) {
            reserved = incarnation_reserve(current);
            writes++;
        }
    }

    assert_in_range(writes, 10, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_begins_above_all_that_was_used),
        cmocka_unit_test(writes_are_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
