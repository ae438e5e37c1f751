/* Tests of replies that may leave and of those that wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugins/raft/queue.h"

static struct raft_message reply(uint64_t ticket, uint64_t term)
{
    return (struct raft_message){.kind = RAFT_MSG_REPLY(RAFT_MSG_APPEND),
                                 .ticket = ticket,
                                 .term = term,
                                 .status = RAFT_YES};
}

static void replies_leave_in_order_across_growth(void **state)
{
    struct raft_queue queue = {.ready_count = 0};
    struct raft_message out;

    (void)state;
    for (uint64_t i = 1; i <= 10; i++) {
        const struct raft_message m = reply(i, 1);

        assert_int_equal(raft_queue_send(&queue, &m), RH_OK);
    }
    for (uint64_t i = 1; i <= 5; i++)
        assert_true(raft_queue_next(&queue, &out));
    for (uint64_t i = 11; i <= 40; i++) {
        const struct raft_message m = reply(i, 1);

        assert_int_equal(raft_queue_send(&queue, &m), RH_OK);
    }

    for (uint64_t i = 6; i <= 40; i++) {
        assert_true(raft_queue_next(&queue, &out));
        assert_int_equal(out.ticket, i);
    }
    assert_false(raft_queue_next(&queue, &out));
    raft_queue_release(&queue);
}

static void a_reply_waits_for_state_and_entries(void **state)
{
    struct raft_queue queue = {.ready_count = 0};
    const struct raft_message m = reply(1, 3);
    struct raft_message out;

    (void)state;
    assert_int_equal(raft_queue_wait(&queue, &m, 5, 9), RH_OK);

    raft_queue_wake(&queue, 4, 9, 3);
    assert_false(raft_queue_next(&queue, &out));
    raft_queue_wake(&queue, 5, 8, 3);
    assert_false(raft_queue_next(&queue, &out));
    raft_queue_wake(&queue, 5, 9, 3);

    assert_true(raft_queue_next(&queue, &out));
    assert_int_equal(out.status, RAFT_YES);
    raft_queue_release(&queue);
}

static void what_a_past_term_promised_becomes_stale(void **state)
{
    struct raft_queue queue = {.ready_count = 0};
    const struct raft_message m = reply(1, 3);
    struct raft_message out;

    (void)state;
    assert_int_equal(raft_queue_wait(&queue, &m, 5, 9), RH_OK);

    raft_queue_wake(&queue, 6, 2, 4);

    assert_true(raft_queue_next(&queue, &out));
    assert_int_equal(out.status, RAFT_STALE);
    assert_int_equal(out.term, 4);
    raft_queue_release(&queue);
}

static void more_than_the_limit_is_lost(void **state)
{
    struct raft_queue queue = {.ready_count = 0};
    const struct raft_message m = reply(1, 3);

    (void)state;
    for (uint32_t i = 0; i < RAFT_MESSAGES_MAX; i++) {
        assert_int_equal(raft_queue_send(&queue, &m), RH_OK);
        assert_int_equal(raft_queue_wait(&queue, &m, 1, 1), RH_OK);
    }

    assert_int_equal(raft_queue_send(&queue, &m), RH_EFULL);
    assert_int_equal(raft_queue_wait(&queue, &m, 1, 1), RH_EFULL);
    raft_queue_release(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_leave_in_order_across_growth),
        cmocka_unit_test(a_reply_waits_for_state_and_entries),
        cmocka_unit_test(what_a_past_term_promised_becomes_stale),
        cmocka_unit_test(more_than_the_limit_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
