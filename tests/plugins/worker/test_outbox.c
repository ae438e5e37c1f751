/* The order of reports and their tries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/outbox.h"

static int setup(void **state)
{
    static struct outbox outbox;

    assert_int_equal(outbox_init(&outbox), RH_OK);
    *state = &outbox;
    return 0;
}

static int teardown(void **state)
{
    outbox_release(*state);
    return 0;
}

static void add(struct outbox *outbox, uint64_t from, uint64_t to)
{
    for (uint64_t seq = from; seq <= to; seq++)
        assert_int_equal(outbox_add(outbox, seq), RH_OK);
}

static uint64_t next(struct outbox *outbox, int64_t now_ms)
{
    uint64_t seq = 0;

    return outbox_next(outbox, now_ms, &seq) ? seq : 0;
}

static void oldest_goes_first_and_only_a_few_at_once(void **state)
{
    struct outbox *outbox = *state;

    add(outbox, 1, 6);

    for (uint64_t seq = 1; seq <= OUTBOX_IN_FLIGHT_MAX; seq++)
        assert_int_equal(next(outbox, 0), seq);
    assert_int_equal(next(outbox, 0), 0);
    assert_true(outbox_due_ms(outbox) == INT64_MAX);
    outbox_settle(outbox, 2);
    assert_int_equal(next(outbox, 0), 5);
}

static void settled_report_is_not_sent_again(void **state)
{
    struct outbox *outbox = *state;

    add(outbox, 1, 1);
    assert_int_equal(next(outbox, 0), 1);
    outbox_settle(outbox, 1);

    assert_int_equal(next(outbox, 1000000), 0);
    assert_true(outbox_due_ms(outbox) == INT64_MAX);
    outbox_remove(outbox, 1);
    assert_int_equal(outbox->count, 0);
}

static void failed_report_waits_longer_each_time_and_for_ever(void **state)
{
    struct outbox *outbox = *state;
    int64_t now_ms = 0;
    int64_t last_ms = 0;

    add(outbox, 1, 1);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(next(outbox, now_ms), 1);
        outbox_again(outbox, 1, now_ms, 0, 0);
        assert_int_equal(next(outbox, now_ms), 0);
        int64_t wait_ms = outbox_due_ms(outbox) - now_ms;
        assert_true(wait_ms >= last_ms && wait_ms <= OUTBOX_CAP_MS);
        last_ms = wait_ms;
        now_ms += wait_ms;
    }

    assert_int_equal(last_ms, OUTBOX_CAP_MS / 2);
}

static void failed_report_does_not_hold_up_the_next(void **state)
{
    struct outbox *outbox = *state;

    add(outbox, 1, 2);
    assert_int_equal(next(outbox, 0), 1);
    outbox_again(outbox, 1, 0, 30, 0);

    assert_int_equal(next(outbox, 0), 2);
}

static void new_leader_makes_all_due_at_once(void **state)
{
    struct outbox *outbox = *state;

    add(outbox, 1, 2);
    for (uint32_t i = 0; i < 2; i++)
        outbox_again(outbox, next(outbox, 0), 0, 300, 0);
    assert_int_equal(next(outbox, 1000), 0);
    outbox_hurry(outbox, 1000);

    assert_int_equal(next(outbox, 1000), 1);
    assert_int_equal(next(outbox, 1000), 2);
}

static void removed_report_leaves_the_others_in_order(void **state)
{
    struct outbox *outbox = *state;

    add(outbox, 1, 5);
    assert_int_equal(next(outbox, 0), 1);
    outbox_remove(outbox, 1); /* also while it is under way */
    outbox_remove(outbox, 3);
    outbox_remove(outbox, 3);

    assert_int_equal(outbox->in_flight, 0);
    assert_int_equal(outbox->count, 3);
    assert_int_equal(next(outbox, 0), 2);
    assert_int_equal(next(outbox, 0), 4);
    assert_int_equal(next(outbox, 0), 5);
}

static void unknown_numbers_are_ignored(void **state)
{
    struct outbox *outbox = *state;

    add(outbox, 5, 5);
    outbox_again(outbox, 4, 0, 0, 0);
    outbox_settle(outbox, 6);
    outbox_remove(outbox, 4);

    assert_int_equal(outbox->count, 1);
    assert_int_equal(next(outbox, 0), 5);
}

static void outbox_has_a_limit(void **state)
{
    struct outbox *outbox = *state;

    add(outbox, 1, OUTBOX_MAX);

    assert_int_equal(outbox_add(outbox, OUTBOX_MAX + 1), RH_EFULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(oldest_goes_first_and_only_a_few_at_once),
        T(settled_report_is_not_sent_again),
        T(failed_report_waits_longer_each_time_and_for_ever),
        T(failed_report_does_not_hold_up_the_next),
        T(new_leader_makes_all_due_at_once),
        T(removed_report_leaves_the_others_in_order),
        T(unknown_numbers_are_ignored),
        T(outbox_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
