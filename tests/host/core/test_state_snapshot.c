/* Copies of replica.db: what they show, that nothing waits for them, limits and left-overs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <sqlite3.h>

#include <ringhost/errors.h>

#include "tests/host/core/fault_vfs.h"
#include "tests/host/core/log_box.h"

#define BIG_ROWS 3000u

static int setup(void **fixture)
{
    *fixture = log_box_new(NULL);
    return 0;
}

static int teardown(void **fixture)
{
    log_box_free(*fixture);
    return 0;
}

/* Rows of 4 KiB each, so that a copy takes several steps. */
static void fill(struct log_box *log, uint32_t from, uint32_t count)
{
    static char value[4000];
    memset(value, 'x', sizeof(value) - 1);
    for (uint32_t i = 0; i < count; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "k%06u", from + i); /* fits */
        log_box_propose(log, key, value);
        assert_int_equal(log_box_apply(log, log, log->count - 1), RH_OK);
    }
    box_run(&log->box);
}

static void on_made(void *user, uint32_t slot, int32_t rc, uint64_t index, uint64_t term,
                    uint64_t length)
{
    struct log_box *log = user;
    (void)slot;
    (void)term;
    log->snapshots++;
    log->snapshot_rc = rc;
    log->snapshot_index = index;
    log->snapshot_bytes = length;
}

static void a_snapshot_names_its_place_and_has_its_bytes(void **fixture)
{
    struct log_box *log = *fixture;
    struct rh_str piece;
    log->term = 4;
    log_box_put(log, "k", "v");
    log_box_put(log, "l", "w");

    assert_int_equal(log_box_snapshot(log, 0), RH_OK);

    assert_int_equal(log->snapshots, 1);
    assert_int_equal(log->snapshot_rc, RH_OK);
    assert_int_equal(log->snapshot_index, 2);
    assert_int_equal(log->snapshot_term, 4);
    assert_int_equal(log->snapshot_bytes, box_file_bytes(&log->box, "replica.db.copy0"));
    assert_int_equal(state_snapshot_read(log->box.state, 0, 0, 16, &piece), RH_OK);
    assert_memory_equal(piece.p, "SQLite format 3", 16);
}

static void groups_go_on_between_the_steps_and_are_in_the_copy(void **fixture)
{
    struct log_box *log = *fixture;
    struct log_box *other;
    uint32_t groups_before;
    uint32_t steps = 0;
    fill(log, 0, BIG_ROWS);
    groups_before = (uint32_t)box_stats(&log->box).groups;

    assert_int_equal(state_snapshot_make(log->box.state, 0, on_made, log), RH_OK);
    state_flush(log->box.state);
    while (log->snapshots == 0) {
        char key[16];
        (void)snprintf(key, sizeof(key), "k%06u", steps); /* fits */
        log_box_propose(log, key, "changed meanwhile");
        assert_int_equal(log_box_apply(log, log, log->count - 1), RH_OK);
        state_flush(log->box.state);
        assert_int_equal(fake_driver_step(&log->box.fake), 1);
        steps++;
        assert_true(steps < 1000);
    }
    box_run(&log->box);

    assert_true(box_stats(&log->box).groups > groups_before + 1);
    assert_true(log->snapshot_index > BIG_ROWS);
    other = log_box_new(NULL);
    log_box_carry(other, log, 100000);
    assert_int_equal(log_box_install(other, log->snapshot_index, 1), RH_OK);
    assert_int_equal(other->install_rc, RH_OK);
    assert_true(box_holds(&other->box, other->box.rep, "k000000", "changed meanwhile"));
    assert_int_equal(box_usage(&other->box, other->box.rep).keys, BIG_ROWS);
    log_box_free(other);
}

static void a_checkpoint_in_between_does_no_harm(void **fixture)
{
    struct log_box *log = *fixture;
    struct log_box *other = log_box_new(NULL);
    fill(log, 0, BIG_ROWS);

    assert_int_equal(state_snapshot_make(log->box.state, 0, on_made, log), RH_OK);
    state_flush(log->box.state);
    for (uint32_t i = 0; log->snapshots == 0; i++) {
        fill(log, i * 100, 100);
        state_checkpoint(log->box.state);
        assert_true(i < 100);
    }

    assert_int_equal(log->snapshot_rc, RH_OK);
    log_box_carry(other, log, STATE_PIECE_BYTES_MAX);
    assert_int_equal(log_box_install(other, log->snapshot_index, 1), RH_OK);
    assert_int_equal(other->install_rc, RH_OK);
    log_box_free(other);
}

static void one_is_made_at_a_time_and_a_taken_slot_is_refused(void **fixture)
{
    struct log_box *log = *fixture;
    log_box_put(log, "k", "v");

    assert_int_equal(state_snapshot_make(log->box.state, 0, on_made, log), RH_OK);
    assert_int_equal(state_snapshot_make(log->box.state, 1, on_made, log), RH_EAGAIN);
    box_run(&log->box);
    assert_int_equal(state_snapshot_make(log->box.state, 0, on_made, log), RH_EAGAIN);
    assert_int_equal(state_snapshot_make(log->box.state, 1, on_made, log), RH_OK);
    box_run(&log->box);

    assert_int_equal(log->snapshots, 2);
    state_snapshot_drop(log->box.state, 0);
    assert_int_equal(box_file_bytes(&log->box, "replica.db.copy0"), -1);
    assert_int_equal(state_snapshot_make(log->box.state, 0, on_made, log), RH_OK);
    box_run(&log->box);
    assert_int_equal(log->snapshot_rc, RH_OK);
}

static void a_dropped_copy_ends_cancelled_and_leaves_no_file(void **fixture)
{
    struct log_box *log = *fixture;
    struct rh_str piece;
    fill(log, 0, BIG_ROWS);
    assert_int_equal(state_snapshot_make(log->box.state, 1, on_made, log), RH_OK);
    state_flush(log->box.state);
    assert_int_equal(fake_driver_step(&log->box.fake), 1);

    state_snapshot_drop(log->box.state, 1);
    box_run(&log->box);

    assert_int_equal(log->snapshots, 1);
    assert_int_equal(log->snapshot_rc, RH_ECANCELLED);
    assert_int_equal(box_file_bytes(&log->box, "replica.db.copy1"), -1);
    assert_int_equal(state_snapshot_read(log->box.state, 1, 0, 16, &piece), RH_ENOTFOUND);
}

static void the_loop_reads_and_writes_while_a_thread_copies(void **fixture)
{
    struct log_box *log = *fixture;
    struct log_box *other;
    uint32_t looks = 0;
    fill(log, 0, BIG_ROWS);
    log->box.fake.is_threaded = 1;
    assert_int_equal(state_snapshot_make(log->box.state, 0, on_made, log), RH_OK);
    state_flush(log->box.state);

    while (log->snapshots == 0) {
        fake_driver_begin(&log->box.fake);
        assert_true(box_version(&log->box, log->box.rep, "k000007") > 0);
        log_box_propose(log, "k000007", "x");
        assert_int_equal(log_box_apply(log, log, log->count - 1), RH_OK);
        assert_int_equal(fake_driver_step(&log->box.fake), 1);
        looks++;
        assert_true(looks < 1000);
    }
    box_run(&log->box);

    assert_true(looks > 4);
    other = log_box_new(NULL);
    log_box_carry(other, log, 65536);
    other->box.fake.is_threaded = 1;
    assert_int_equal(log_box_install(other, log->snapshot_index, 1), RH_OK);
    assert_int_equal(other->install_rc, RH_OK);
    assert_int_equal(box_usage(&other->box, other->box.rep).keys, BIG_ROWS);
    log_box_free(other);
}

static void reading_is_bounded(void **fixture)
{
    struct log_box *log = *fixture;
    struct rh_str piece;
    log_box_put(log, "k", "v");
    assert_int_equal(state_snapshot_read(log->box.state, 0, 0, 16, &piece), RH_ENOTFOUND);
    assert_int_equal(log_box_snapshot(log, 0), RH_OK);

    assert_int_equal(state_snapshot_read(log->box.state, 0, 0, 0, &piece), RH_EINVAL);
    assert_int_equal(state_snapshot_read(log->box.state, 0, 0, STATE_PIECE_BYTES_MAX + 1, &piece),
                     RH_EINVAL);
    assert_int_equal(state_snapshot_read(log->box.state, 0, log->snapshot_bytes + 1, 1, &piece),
                     RH_EINVAL);
    assert_int_equal(state_snapshot_read(log->box.state, 0, log->snapshot_bytes - 5, 64, &piece),
                     RH_OK);
    assert_int_equal(piece.n, 5);
    assert_int_equal(state_snapshot_read(log->box.state, 0, log->snapshot_bytes, 64, &piece),
                     RH_OK);
    assert_int_equal(piece.n, 0);
}

static void closing_ends_what_is_being_made(void **fixture)
{
    struct log_box *log = *fixture;
    fill(log, 0, BIG_ROWS);
    assert_int_equal(state_snapshot_make(log->box.state, 0, on_made, log), RH_OK);
    state_flush(log->box.state);

    log_box_reopen(log);

    assert_int_equal(log->snapshots, 1);
    assert_int_equal(log->snapshot_rc, RH_ECANCELLED);
    assert_int_equal(box_file_bytes(&log->box, "replica.db.copy0"), -1);
}

static void left_overs_of_a_crash_are_removed_at_the_start(void **fixture)
{
    static const char *const files[] = {"replica.db.copy0", "replica.db.copy1-journal",
                                        "replica.db.received", "replica.db.received-wal"};
    struct log_box *log = *fixture;
    box_close(&log->box);
    for (size_t i = 0; i < 4; i++) {
        char path[400];
        (void)snprintf(path, sizeof(path), "%s/%s", log->box.fake.directory, files[i]); /* fits */
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fclose(file), 0);
    }

    assert_int_equal(box_open(&log->box), RH_OK);

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(box_file_bytes(&log->box, files[i]), -1);
}

static void a_full_disk_fails_the_copy_and_nothing_else(void **state)
{
    struct fault_vfs *vfs = fault_vfs_new();
    struct log_box *log = log_box_new("fault");
    (void)state;
    fill(log, 0, BIG_ROWS);

    fault_vfs_set(vfs, FAULT_WRITE, 20, SQLITE_FULL, 0);
    assert_int_equal(log_box_snapshot(log, 0), RH_OK);
    fault_vfs_set(vfs, FAULT_NONE, 0, 0, 0);

    assert_int_equal(log->snapshots, 1);
    assert_int_equal(log->snapshot_rc, RH_ENOSPACE);
    assert_int_equal(log->box.failed_calls, 0);
    assert_int_equal(box_file_bytes(&log->box, "replica.db.copy0"), -1);
    log_box_put(log, "k", "v");
    assert_int_equal(log_box_snapshot(log, 0), RH_OK);
    assert_int_equal(log->snapshot_rc, RH_OK);
    log_box_free(log);
    fault_vfs_free(vfs);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_snapshot_names_its_place_and_has_its_bytes),
        EACH(groups_go_on_between_the_steps_and_are_in_the_copy),
        EACH(a_checkpoint_in_between_does_no_harm),
        EACH(one_is_made_at_a_time_and_a_taken_slot_is_refused),
        EACH(a_dropped_copy_ends_cancelled_and_leaves_no_file),
        EACH(the_loop_reads_and_writes_while_a_thread_copies),
        EACH(reading_is_bounded),
        EACH(closing_ends_what_is_being_made),
        EACH(left_overs_of_a_crash_are_removed_at_the_start),
        cmocka_unit_test(a_full_disk_fails_the_copy_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
