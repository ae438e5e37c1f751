/* Tests of the WAL's bound while a reader always holds a snapshot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "tests/host/core/log_box.h"

#define EACH(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A value that differs from write to write, as SQLite need not write equal bytes. */
static void write_some(struct state_box *box, struct state_ns *ns, uint32_t count, uint32_t round)
{
    char value[1024];
    for (uint32_t i = 0; i < count; i++) {
        char key[32];
        struct rh_op op = box_op(RH_OP_PUT, "", NULL, 0);
        memset(value, (int)('a' + (round + i) % 26), sizeof(value));
        int n = snprintf(value, 32, "%u/%u", round, i);
        assert_true(n > 0);
        n = snprintf(key, sizeof(key), "k%08u", (round * 7919u + i * 104729u) % 20000u);
        op.key = (struct rh_str){key, (size_t)n};
        op.value = (struct rh_str){value, sizeof(value)};
        assert_int_equal(box_commit(box, ns, &op, 1, NULL), RH_OK);
    }
}

static void the_wal_stays_bounded_under_continuous_writes(void **fixture)
{
    struct state_box *box = *fixture;
    int64_t largest = 0;
    int64_t start = now_ms();

    for (uint32_t round = 0; round < 200; round++) {
        write_some(box, box->ns, 200, round);
        box_run(box);
        int64_t bytes = box_file_bytes(box, "local.db-wal");
        largest = bytes > largest ? bytes : largest;
    }

    struct state_stats stats = box_stats(box);
    print_message(
        "40000 writes of 1 KiB in 200 groups: %lld ms, %llu checkpoints, WAL at most %lld bytes\n",
        (long long)(now_ms() - start), (unsigned long long)stats.checkpoints, (long long)largest);
    assert_true(stats.checkpoints > 5);
    assert_int_equal(stats.checkpoints_incomplete, 0);
    assert_true(largest > 0);
    assert_true(largest < 24 * 1024 * 1024);
}

static void a_wal_that_outgrew_its_size_is_cut_again(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op all = box_op(RH_OP_DELETE_RANGE, "", "", 0);
    for (uint32_t round = 0; round < 10; round++)
        write_some(box, box->ns, 4000, round);
    box_run(box);
    assert_int_equal(box_commit(box, box->ns, &all, 1, NULL), RH_OK);
    box_run(box);

    for (uint32_t round = 0; round < 4; round++) {
        write_some(box, box->ns, 100, round);
        box_run(box);
    }

    assert_true(box_file_bytes(box, "local.db-wal") <= 16 * 1024 * 1024);
    assert_true(box_stats(box).wal_bytes_local < 16 * 1024 * 1024);
}

static void the_snapshot_is_right_after_a_checkpoint(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};

    assert_int_equal(box_put(box, box->rep, "k", "1", NULL), RH_OK);
    box_run(box);
    state_checkpoint(box->state);
    box_run(box);
    assert_int_equal(box_stats(box).checkpoints, 1);
    assert_true(box_holds(box, box->rep, "k", "1"));
    assert_int_equal(box_put(box, box->rep, "k", "2", &done), RH_OK);
    state_flush(box->state);
    assert_true(box_holds(box, box->rep, "k", "1"));
    fake_driver_run(&box->fake);

    assert_true(box_holds(box, box->rep, "k", "2"));
    assert_true(box_stats(box).wal_bytes_replica < 10 * 4120); /* began anew */
}

static void small_batches_are_cheap(void **fixture)
{
    struct state_box *box = *fixture;
    int64_t start = now_ms();

    for (int round = 0; round < 25; round++) {
        for (int i = 0; i < 2000; i++) {
            char key[32];
            (void)snprintf(key, sizeof(key), "item/%08d", round * 2000 + i); /* fits */
            assert_int_equal(box_put(box, box->ns, key, "{\"state\":\"queued\",\"board\":9}", NULL),
                             RH_OK);
        }
        box_run(box);
    }

    print_message("50000 batches of one put in 25 groups: %lld ms\n",
                  (long long)(now_ms() - start));
    assert_int_equal(box_stats(box).commits, 50000);
    assert_int_equal(box_stats(box).syncs, 25);
}

static void a_group_of_one_costs_one_flush(void **fixture)
{
    struct state_box *box = *fixture;
    int64_t start = now_ms();

    for (uint32_t i = 0; i < 500; i++) {
        write_some(box, box->ns, 1, i);
        box_run(box);
    }

    print_message("500 groups of one batch: %lld ms\n", (long long)(now_ms() - start));
    assert_int_equal(box_stats(box).syncs, 500);
}

static void with_a_log_only_a_checkpoint_moves_the_durable_index(void **state)
{
    struct log_box *log = log_box_new(NULL);
    (void)state;
    log_box_put(log, "k", "v");
    assert_int_equal(state_checkpointed(log->box.state), 0);
    assert_int_equal(log->box.applied_index, 1);

    state_checkpoint(log->box.state);
    box_run(&log->box);

    assert_int_equal(state_checkpointed(log->box.state), 1);
    assert_int_equal(log->box.checkpointed_calls, 1);
    assert_int_equal(log->box.checkpointed_index, 1);
    log_box_free(log);
}

static void the_log_is_bounded_although_one_page_takes_all_writes(void **state)
{
    struct log_box *log = log_box_new(NULL);
    static char value[2000];
    uint32_t most_behind = 0;
    (void)state;
    memset(value, 'v', sizeof(value) - 1);

    for (uint32_t i = 0; i < 8000; i++) {
        log_box_propose(log, "k", value);
        assert_int_equal(log_box_apply(log, log, i), RH_OK);
        if (i % 500 == 499) /* 500 entries, 1 MB, of which one is written */
            box_run(&log->box);
        uint32_t behind = (uint32_t)(i + 1 - state_checkpointed(log->box.state));
        most_behind = behind > most_behind ? behind : most_behind;
    }

    assert_true(log->box.checkpointed_calls >= 1);
    assert_true(most_behind < 5000); /* 8 MiB of entries, and a group */
    log_box_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_wal_stays_bounded_under_continuous_writes),
        EACH(a_wal_that_outgrew_its_size_is_cut_again),
        EACH(the_snapshot_is_right_after_a_checkpoint),
        EACH(small_batches_are_cheap),
        EACH(a_group_of_one_costs_one_flush),
        cmocka_unit_test(with_a_log_only_a_checkpoint_moves_the_durable_index),
        cmocka_unit_test(the_log_is_bounded_although_one_page_takes_all_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
