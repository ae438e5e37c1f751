/* Tests of what counts as a success of the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugins/loop_elo_sync/verdict.h"

static void one_node_of_several_may_be_down(void **state)
{
    (void)state;
    assert_true(verdict_is_good(3, 1));
    assert_true(verdict_is_good(3, 2));
}

static void a_node_that_reaches_nobody_has_failed(void **state)
{
    (void)state;
    assert_false(verdict_is_good(3, 3));
    assert_false(verdict_is_good(1, 1));
}

static void a_node_alone_has_nothing_to_fail_at(void **state)
{
    (void)state;
    assert_true(verdict_is_good(0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_node_of_several_may_be_down),
        cmocka_unit_test(a_node_that_reaches_nobody_has_failed),
        cmocka_unit_test(a_node_alone_has_nothing_to_fail_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
