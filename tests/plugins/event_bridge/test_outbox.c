/* Tests of the accounts of an outbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/outbox.h"

static void rows_are_numbered_one_after_the_other(void **state)
{
    struct outbox outbox;

    (void)state;
    outbox_init(&outbox, 10, 1000, 7);

    assert_int_equal(outbox_add(&outbox, 100), 7);
    assert_int_equal(outbox_add(&outbox, 100), 8);
    outbox_remove(&outbox, 100);
    assert_int_equal(outbox_add(&outbox, 100), 9);

    assert_int_equal(outbox.rows, 2);
    assert_int_equal(outbox.bytes, 200);
}

static void a_full_outbox_keeps_what_it_has_and_counts_what_it_drops(void **state)
{
    struct outbox outbox;

    (void)state;
    outbox_init(&outbox, 2, 1000, 1);
    assert_int_equal(outbox_add(&outbox, 1), 1);
    assert_int_equal(outbox_add(&outbox, 1), 2);

    assert_int_equal(outbox_add(&outbox, 1), 0);
    assert_int_equal(outbox_add(&outbox, 1), 0);

    assert_true(outbox.is_full);
    assert_int_equal(outbox.dropped, 2);
    assert_int_equal(outbox.rows, 2);
}

static void bytes_have_a_limit_of_their_own(void **state)
{
    struct outbox outbox;

    (void)state;
    outbox_init(&outbox, 100, 1000, 1);

    assert_int_equal(outbox_add(&outbox, 1000), 1);
    assert_int_equal(outbox_add(&outbox, 1), 0);
    outbox_remove(&outbox, 1000);

    assert_int_equal(outbox_add(&outbox, 1), 2);
    assert_false(outbox.is_full);
}

static void what_is_found_on_disk_is_counted_and_never_renumbered(void **state)
{
    struct outbox outbox;

    (void)state;
    outbox_init(&outbox, 10, 1000, 3);

    outbox_found(&outbox, 8, 50);
    outbox_found(&outbox, 5, 20);

    assert_int_equal(outbox.rows, 2);
    assert_int_equal(outbox.bytes, 70);
    assert_int_equal(outbox_add(&outbox, 1), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_numbered_one_after_the_other),
        cmocka_unit_test(a_full_outbox_keeps_what_it_has_and_counts_what_it_drops),
        cmocka_unit_test(bytes_have_a_limit_of_their_own),
        cmocka_unit_test(what_is_found_on_disk_is_counted_and_never_renumbered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
