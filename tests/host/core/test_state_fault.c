/* Tests of a disk that fails: nothing acknowledged early, what is final and what can be tried
 * again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <ringhost/errors.h>

#include "tests/host/core/fault_vfs.h"
#include "tests/host/core/log_box.h"

struct shelf {
    struct state_box box;
    struct fault_vfs *vfs;
};

static int setup(void **fixture)
{
    struct shelf *shelf = malloc(sizeof(*shelf));
    if (!shelf)
        return -1;
    box_init(&shelf->box);
    shelf->vfs = fault_vfs_new();
    shelf->box.fake.driver.sqlite_vfs = "fault";
    *fixture = shelf;
    return box_open(&shelf->box) == RH_OK ? 0 : -1;
}

static int teardown(void **fixture)
{
    struct shelf *shelf = *fixture;
    fault_vfs_set(shelf->vfs, FAULT_NONE, 0, 0, 0);
    box_release(&shelf->box);
    fault_vfs_free(shelf->vfs);
    free(shelf);
    return 0;
}

static void a_full_disk_fails_the_group_and_can_be_tried_again(void **fixture)
{
    struct shelf *shelf = *fixture;
    struct state_box *box = &shelf->box;
    struct state_ns *other = box_namespace(box, "other", 0);
    struct box_done done[5] = {0};
    assert_int_equal(box_put(box, box->ns, "k", "before", NULL), RH_OK);
    box_run(box);

    fault_vfs_set(shelf->vfs, FAULT_WRITE, 1, SQLITE_FULL, 1);
    assert_int_equal(box_put(box, box->ns, "k", "full", &done[0]), RH_OK);
    assert_int_equal(box_put(box, other, "k", "full", &done[1]), RH_OK);
    state_flush(box->state);
    assert_int_equal(box_put(box, box->ns, "k", "behind", &done[2]), RH_OK);
    fake_driver_run(&box->fake);
    assert_int_equal(done[0].rc, RH_ENOSPACE);
    assert_int_equal(done[1].rc, RH_ENOSPACE);
    assert_int_equal(done[2].rc, RH_ENOSPACE);
    assert_true(box_holds(box, box->ns, "k", "before"));
    assert_int_equal(box->failed_calls, 0);
    assert_int_equal(box_stats(box).failed_rc, RH_ENOSPACE);
    assert_non_null(strstr(box_stats(box).failed_why, "local.db"));
    fault_vfs_set(shelf->vfs, FAULT_NONE, 0, 0, 0);
    state_resume(box->state, box->ns);
    assert_int_equal(box_put(box, box->ns, "k", "after", &done[3]), RH_OK);
    assert_int_equal(box_put(box, other, "k", "not resumed", &done[4]), RH_OK);
    box_run(box);

    assert_int_equal(done[3].rc, RH_OK);
    assert_int_equal(done[3].revision, 2);
    assert_int_equal(done[4].rc, RH_ENOSPACE);
    assert_int_equal(box_stats(box).failed_rc, RH_OK);
    box_close(box);
    assert_int_equal(box_open(box), RH_OK);
    assert_true(box_holds(box, box->ns, "k", "after"));
}

static void a_failed_fsync_is_final(void **fixture)
{
    struct shelf *shelf = *fixture;
    struct state_box *box = &shelf->box;
    struct box_done done[3] = {0};
    assert_int_equal(box_put(box, box->ns, "k", "before", NULL), RH_OK);
    box_run(box);

    fault_vfs_set(shelf->vfs, FAULT_SYNC, 1, SQLITE_IOERR_FSYNC, 0);
    assert_int_equal(box_put(box, box->ns, "k", "lost", &done[0]), RH_OK);
    state_flush(box->state);
    assert_int_equal(box_put(box, box->ns, "l", "behind", &done[1]), RH_OK);
    fake_driver_run(&box->fake);
    assert_int_equal(box_put(box, box->rep, "k", "other file", &done[2]), RH_EIO);
    state_resume(box->state, box->ns);
    assert_int_equal(box_put(box, box->ns, "k", "again", &done[2]), RH_EIO);
    box_run(box);

    assert_int_equal(fault_vfs_hits(shelf->vfs), 1);
    assert_int_equal(done[0].rc, RH_EIO);
    assert_int_equal(done[0].calls, 1);
    assert_int_equal(done[1].rc, RH_EIO);
    assert_int_equal(done[2].calls, 0);
    assert_int_equal(box->failed_calls, 1);
    assert_int_equal(box->failed_rc, RH_EIO);
    assert_non_null(strstr(box->failed_why, "local.db"));
    assert_int_equal(box_stats(box).is_stopped, 1);
    assert_true(box_holds(box, box->ns, "k", "before")); /* reading goes on */
}

static void a_failed_checkpoint_is_final_too(void **fixture)
{
    struct shelf *shelf = *fixture;
    struct state_box *box = &shelf->box;
    struct box_done done = {0};
    assert_int_equal(box_put(box, box->rep, "k", "v", &done), RH_OK);
    box_run(box);

    state_checkpoint(box->state);
    fault_vfs_set(shelf->vfs, FAULT_WRITE, 1, SQLITE_IOERR_WRITE, 0);
    box_run(box);

    assert_int_equal(done.rc, RH_OK);
    assert_int_equal(box->failed_calls, 1);
    assert_int_equal(box_put(box, box->rep, "k", "w", NULL), RH_EIO);
    assert_true(box_holds(box, box->rep, "k", "v"));
}

static void an_agreed_batch_that_cannot_be_written_stops_everything(void **fixture)
{
    struct shelf *shelf = *fixture;
    struct state_box *box = &shelf->box;
    assert_int_equal(state_apply_committed(box->state, 5, 1, 0, (struct rh_str){NULL, 0}), RH_OK);

    fault_vfs_set(shelf->vfs, FAULT_WRITE, 1, SQLITE_FULL, 0);
    box_run(box);

    uint64_t index = 9;
    uint64_t term = 9;
    state_applied(box->state, &index, &term);
    assert_int_equal(index, 0);
    assert_int_equal(box->failed_calls, 1);
    assert_int_equal(box->failed_rc, RH_ENOSPACE);
    assert_int_equal(state_apply_committed(box->state, 6, 1, 0, (struct rh_str){NULL, 0}),
                     RH_ENOSPACE);
}

static void agreed_batches_wait_for_room_on_the_disk(void **state)
{
    struct fault_vfs *vfs = fault_vfs_new();
    struct log_box *log = log_box_new("fault");
    struct state_box *box = &log->box;
    (void)state;
    log_box_put(log, "k", "1");
    log_box_propose(log, "k", "2");
    log_box_propose(log, "l", "3");

    fault_vfs_set(vfs, FAULT_WRITE, 1, SQLITE_FULL, 1);
    assert_int_equal(log_box_apply(log, log, 1), RH_OK);
    box_run(box);
    assert_int_equal(log_box_apply(log, log, 2), RH_OK);
    box_run(box);
    state_retry(box->state);
    box_run(box);
    assert_int_equal(box->stalled_calls, 1);
    assert_int_equal(box->stalled_rc, RH_ENOSPACE);
    assert_int_equal(box->failed_calls, 0);
    assert_int_equal(box_stats(box).is_stalled, 1);
    assert_int_equal(box_put(box, box->ns, "local", "v", NULL), RH_OK);
    assert_int_equal(log_box_index(log), 1);
    fault_vfs_set(vfs, FAULT_NONE, 0, 0, 0);
    box_run(box);
    assert_int_equal(box_stats(box).failed_rc, RH_ENOSPACE); /* also with local.db writing */
    state_retry(box->state);
    box_run(box);

    assert_int_equal(box->stalled_calls, 2);
    assert_int_equal(box->stalled_rc, RH_OK);
    assert_int_equal(box_stats(box).is_stalled, 0);
    assert_int_equal(box_stats(box).failed_rc, RH_OK);
    assert_int_equal(log_box_index(log), 3);
    assert_true(box_holds(box, box->rep, "k", "2"));
    assert_true(box_holds(box, box->rep, "l", "3"));
    log_box_free(log);
    fault_vfs_free(vfs);
}

static void a_conflict_is_the_same_after_waiting_for_room(void **state)
{
    struct fault_vfs *vfs = fault_vfs_new();
    struct log_box *log = log_box_new("fault");
    struct state_box *box = &log->box;
    struct box_done done = {0};
    struct rh_op ops[] = {box_op(RH_OP_CHECK, "k", NULL, 7), box_op(RH_OP_PUT, "k", "x", 0)};
    (void)state;
    log_box_put(log, "k", "1");
    assert_int_equal(box_commit(box, box->rep, ops, 2, &done), RH_OK);
    state_flush(box->state);
    log_box_propose(log, "l", "3");
    assert_int_equal(log_box_apply(log, log, 1), RH_OK);
    assert_int_equal(log_box_apply(log, log, 2), RH_OK);

    fault_vfs_set(vfs, FAULT_WRITE, 1, SQLITE_FULL, 1);
    box_run(box);
    assert_int_equal(done.calls, 0);
    fault_vfs_set(vfs, FAULT_NONE, 0, 0, 0);
    state_retry(box->state);
    box_run(box);

    assert_int_equal(done.calls, 1);
    assert_int_equal(done.rc, RH_ECONFLICT);
    assert_true(box_holds(box, box->rep, "l", "3"));
    assert_int_equal(log_box_index(log), 3);
    log_box_free(log);
    fault_vfs_free(vfs);
}

static void closing_does_not_wait_for_room(void **state)
{
    struct fault_vfs *vfs = fault_vfs_new();
    struct log_box *log = log_box_new("fault");
    struct box_done done = {0};
    (void)state;
    assert_int_equal(box_put(&log->box, log->box.rep, "k", "v", &done), RH_OK);
    state_flush(log->box.state);
    assert_int_equal(log_box_apply(log, log, 0), RH_OK);
    fault_vfs_set(vfs, FAULT_WRITE, 1, SQLITE_FULL, 1);
    box_run(&log->box);

    box_close(&log->box);

    assert_int_equal(done.calls, 1);
    assert_int_equal(done.rc, RH_EUNKNOWN);
    log_box_free(log);
    fault_vfs_free(vfs);
}

/* Fail the n-th write or flush for every n: what was acknowledged is there after reopening, what
 * was not may be. */
static void sweep(struct shelf *shelf, int kind, int sqlite_rc)
{
    struct state_box *box = &shelf->box;
    uint32_t hits = 1;
    for (uint32_t n = 1; hits > 0 && n < 200; n++) {
        struct box_done done[8] = {0};
        char value[16];
        char keys[8][8];
        (void)snprintf(value, sizeof(value), "%d/%u", kind, n); /* fits */
        fault_vfs_set(shelf->vfs, kind, n, sqlite_rc, 1);
        for (int i = 0; i < 8; i++) {
            (void)snprintf(keys[i], sizeof(keys[i]), "k%d", i); /* fits */
            int32_t rc = box_put(box, box->ns, keys[i], value, &done[i]);
            assert_true(rc == RH_OK || rc == RH_EIO);
            if (i % 3 == 2) {
                box_run(box);
                state_resume(box->state, box->ns);
            }
        }
        box_run(box);
        hits = fault_vfs_hits(shelf->vfs);
        fault_vfs_set(shelf->vfs, FAULT_NONE, 0, 0, 0);
        box_close(box);
        assert_int_equal(box_open(box), RH_OK);
        for (int i = 0; i < 8; i++) {
            if (done[i].calls == 1 && done[i].rc == RH_OK)
                assert_true(box_holds(box, box->ns, keys[i], value));
        }
    }
    assert_int_equal(hits, 0);
}

static void acknowledged_writes_survive_any_failing_write(void **fixture)
{
    sweep(*fixture, FAULT_WRITE, SQLITE_IOERR_WRITE);
}

static void acknowledged_writes_survive_any_full_disk(void **fixture)
{
    sweep(*fixture, FAULT_WRITE, SQLITE_FULL);
}

static void acknowledged_writes_survive_any_failing_flush(void **fixture)
{
    sweep(*fixture, FAULT_SYNC, SQLITE_IOERR_FSYNC);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_full_disk_fails_the_group_and_can_be_tried_again),
        EACH(a_failed_fsync_is_final),
        EACH(a_failed_checkpoint_is_final_too),
        EACH(an_agreed_batch_that_cannot_be_written_stops_everything),
        cmocka_unit_test(agreed_batches_wait_for_room_on_the_disk),
        cmocka_unit_test(a_conflict_is_the_same_after_waiting_for_room),
        cmocka_unit_test(closing_does_not_wait_for_room),
        EACH(acknowledged_writes_survive_any_failing_write),
        EACH(acknowledged_writes_survive_any_full_disk),
        EACH(acknowledged_writes_survive_any_failing_flush),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
