/* Putting another node's copy of replica.db in the place of ours: whole or not at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <sqlite3.h>

#include <ringhost/errors.h>

#include "tests/host/core/fault_vfs.h"
#include "tests/host/core/log_box.h"

/* One with a snapshot of three entries in slot 0, and one that shall get it. */
struct pair {
    struct log_box *from;
    struct log_box *to;
};

static void pair_begin(struct pair *pair, const char *vfs_to)
{
    pair->from = log_box_new(NULL);
    pair->to = log_box_new(vfs_to);
    pair->from->term = 2;
    log_box_put(pair->from, "a", "1");
    log_box_put(pair->from, "b", "2");
    log_box_put(pair->from, "a", "3");
    assert_int_equal(log_box_snapshot(pair->from, 0), RH_OK);
    assert_int_equal(pair->from->snapshot_rc, RH_OK);
}

static int setup(void **fixture)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    if (!pair)
        return -1;
    pair_begin(pair, NULL);
    *fixture = pair;
    return 0;
}

static int teardown(void **fixture)
{
    struct pair *pair = *fixture;
    log_box_free(pair->from);
    log_box_free(pair->to);
    free(pair);
    return 0;
}

static void has_the_new_state(struct log_box *log)
{
    assert_int_equal(log_box_index(log), 3);
    assert_true(box_holds(&log->box, log->box.rep, "a", "3"));
    assert_true(box_holds(&log->box, log->box.rep, "b", "2"));
    assert_int_equal(box_version(&log->box, log->box.rep, "a"), 3);
    assert_int_equal(box_version(&log->box, log->box.rep, "mine"), 0);
}

static void an_installed_snapshot_is_the_state_at_its_place(void **fixture)
{
    struct pair *pair = *fixture;
    struct log_box *to = pair->to;
    log_box_put(to, "mine", "old");
    log_box_carry(to, pair->from, 1000);

    assert_int_equal(log_box_install(to, 3, 2), RH_OK);

    assert_int_equal(to->installs, 1);
    assert_int_equal(to->install_rc, RH_OK);
    has_the_new_state(to);
    assert_int_equal(state_checkpointed(to->box.state), 3);
    assert_int_equal(box_file_bytes(&to->box, "replica.db.received"), -1);
    log_box_reopen(to);
    has_the_new_state(to);
}

static void entries_go_on_behind_it(void **fixture)
{
    struct pair *pair = *fixture;
    struct log_box *to = pair->to;
    log_box_carry(to, pair->from, STATE_PIECE_BYTES_MAX);
    assert_int_equal(log_box_install(to, 3, 2), RH_OK);
    log_box_propose(pair->from, "c", "4");

    assert_int_equal(log_box_apply(to, pair->from, 2), RH_EINVAL); /* index 3 is in it */
    assert_int_equal(log_box_apply(to, pair->from, 3), RH_OK);
    box_run(&to->box);

    assert_int_equal(log_box_index(to), 4);
    assert_int_equal(box_version(&to->box, to->box.rep, "c"), 4);
    assert_int_equal(box_usage(&to->box, to->box.rep).keys, 3);
}

static void pieces_come_in_order_or_are_refused(void **fixture)
{
    struct pair *pair = *fixture;
    struct state *state = pair->to->box.state;
    struct rh_str piece;
    assert_int_equal(state_snapshot_read(pair->from->box.state, 0, 0, 4096, &piece), RH_OK);

    assert_int_equal(state_receive(state, 4096, piece), RH_ECONFLICT); /* nothing is there yet */
    assert_int_equal(state_receive(state, 0, piece), RH_OK);
    assert_int_equal(state_receive(state, 8192, piece), RH_ECONFLICT);
    assert_int_equal(state_receive(state, 1, piece), RH_ECONFLICT);
    assert_int_equal(state_receive(state, 4096, (struct rh_str){piece.p, 0}), RH_EINVAL);
    assert_int_equal(state_receive(state, 0, piece), RH_OK); /* begins anew */
    assert_int_equal(state_receive(state, 4096, piece), RH_OK);
}

static void nothing_received_is_nothing_to_install(void **fixture)
{
    struct pair *pair = *fixture;

    assert_int_equal(log_box_install(pair->to, 3, 2), RH_ENOTFOUND);

    assert_int_equal(pair->to->installs, 0);
}

/* What was received is wrong in some way: refused with rc, and the old state goes on. */
static void is_refused(struct pair *pair, uint64_t index, uint64_t term, int32_t rc)
{
    struct log_box *to = pair->to;
    assert_int_equal(log_box_install(to, index, term), RH_OK);
    assert_int_equal(to->installs, 1);
    assert_int_equal(to->install_rc, rc);
    assert_true(strlen(to->install_why) > 0);
    assert_int_equal(to->box.failed_calls, 0);
    assert_true(box_holds(&to->box, to->box.rep, "mine", "old"));
    log_box_put(to, "mine", "still");
    assert_true(box_holds(&to->box, to->box.rep, "mine", "still"));
}

static void a_snapshot_of_another_place_is_refused(void **fixture)
{
    struct pair *pair = *fixture;
    log_box_put(pair->to, "mine", "old");
    log_box_carry(pair->to, pair->from, 4096);

    is_refused(pair, 3, 1, RH_EPROTOCOL);
}

static void a_snapshot_that_is_not_newer_is_refused(void **fixture)
{
    struct pair *pair = *fixture;
    for (int i = 0; i < 4; i++)
        log_box_put(pair->to, "mine", "old");
    log_box_carry(pair->to, pair->from, 4096);

    is_refused(pair, 3, 2, RH_ESTALE);
}

static void a_damaged_snapshot_is_refused(void **fixture)
{
    static char zeros[4096];
    struct pair *pair = *fixture;
    struct rh_str piece;
    log_box_put(pair->to, "mine", "old");
    for (uint64_t at = 0; at < pair->from->snapshot_bytes; at += 4096) {
        assert_int_equal(state_snapshot_read(pair->from->box.state, 0, at, 4096, &piece), RH_OK);
        if (at >= 8192)
            piece.p = zeros;
        assert_int_equal(state_receive(pair->to->box.state, at, piece), RH_OK);
    }

    is_refused(pair, 3, 2, RH_EPROTOCOL);
}

static void a_part_of_a_snapshot_is_refused(void **fixture)
{
    struct pair *pair = *fixture;
    struct rh_str piece;
    log_box_put(pair->to, "mine", "old");
    assert_int_equal(state_snapshot_read(pair->from->box.state, 0, 0, 12288, &piece), RH_OK);
    assert_int_equal(state_receive(pair->to->box.state, 0, piece), RH_OK);

    is_refused(pair, 3, 2, RH_EPROTOCOL);
}

static void something_else_than_a_database_is_refused(void **fixture)
{
    struct pair *pair = *fixture;
    log_box_put(pair->to, "mine", "old");
    assert_int_equal(state_receive(pair->to->box.state, 0, box_str("no database at all")), RH_OK);

    is_refused(pair, 3, 2, RH_EPROTOCOL);
}

/* A database of ours, but for one statement that was run on it. */
static void receive_altered(struct log_box *to, const char *sql)
{
    char path[400];
    static char bytes[STATE_PIECE_BYTES_MAX];
    struct log_box *other = log_box_new(NULL);
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof(path), "%s/replica.db", other->box.fake.directory); /* fits */
    box_close(&other->box);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof(bytes), file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(state_receive(to->box.state, 0, (struct rh_str){bytes, n}), RH_OK);
    log_box_free(other);
}

static void a_newer_layout_is_unsupported(void **fixture)
{
    struct pair *pair = *fixture;
    log_box_put(pair->to, "mine", "old");
    receive_altered(pair->to, "UPDATE applied SET idx=3, term=2; PRAGMA user_version=99;");

    is_refused(pair, 3, 2, RH_EUNSUPPORTED);
}

static void triggers_and_views_do_not_come_in(void **fixture)
{
    struct pair *pair = *fixture;
    log_box_put(pair->to, "mine", "old");
    receive_altered(pair->to, "UPDATE applied SET idx=3, term=2;"
                              "CREATE TRIGGER t AFTER INSERT ON kv BEGIN DELETE FROM kv; END");

    is_refused(pair, 3, 2, RH_EPROTOCOL);
}

static void entries_taken_before_are_applied_before(void **fixture)
{
    struct pair *pair = *fixture;
    struct log_box *to = pair->to;
    log_box_carry(to, pair->from, 4096);
    assert_int_equal(log_box_apply(to, pair->from, 0), RH_OK);
    assert_int_equal(log_box_apply(to, pair->from, 1), RH_OK);

    assert_int_equal(log_box_install(to, 3, 2), RH_OK);

    assert_int_equal(to->install_rc, RH_OK);
    has_the_new_state(to);
}

static void on_installed(void *user, int32_t rc, const char *why)
{
    struct log_box *log = user;
    (void)why;
    log->installs++;
    log->install_rc = rc;
}

static void nothing_is_taken_while_it_is_under_way(void **fixture)
{
    struct pair *pair = *fixture;
    struct log_box *to = pair->to;
    struct box_done done = {0};
    log_box_carry(to, pair->from, 4096);
    assert_int_equal(box_put(&to->box, to->box.rep, "mine", "never agreed", &done), RH_OK);
    state_flush(to->box.state);

    assert_int_equal(state_install(to->box.state, 3, 2, on_installed, to), RH_OK);
    assert_int_equal(log_box_apply(to, pair->from, 0), RH_EAGAIN);
    assert_int_equal(state_receive(to->box.state, 0, box_str("x")), RH_EAGAIN);
    assert_int_equal(log_box_snapshot(to, 0), RH_EAGAIN);

    assert_int_equal(done.calls, 1);
    assert_int_equal(done.rc, RH_EUNKNOWN); /* nobody answers the proposal any more */
    has_the_new_state(to);
}

/* Whatever write or flush fails, the state is the old or the new, whole, also after a restart. */
static void sweep(int kind, int sqlite_rc, int is_lasting)
{
    struct fault_vfs *vfs = fault_vfs_new();
    uint32_t hits = 1;
    uint32_t n;
    for (n = 1; hits > 0 && n < 300; n++) {
        struct pair pair;
        pair_begin(&pair, "fault");
        log_box_put(pair.to, "mine", "old");
        log_box_carry(pair.to, pair.from, 4096);

        fault_vfs_set(vfs, kind, n, sqlite_rc, is_lasting);
        assert_int_equal(log_box_install(pair.to, 3, 2), RH_OK);
        hits = fault_vfs_hits(vfs);
        fault_vfs_set(vfs, FAULT_NONE, 0, 0, 0);

        assert_int_equal(pair.to->installs, 1);
        int32_t rc = pair.to->install_rc;
        log_box_reopen(pair.to);
        if (rc == RH_OK || log_box_index(pair.to) == 3)
            has_the_new_state(pair.to);
        else
            assert_true(box_holds(&pair.to->box, pair.to->box.rep, "mine", "old"));
        log_box_free(pair.from);
        log_box_free(pair.to);
    }
    assert_int_equal(hits, 0);
    assert_true(n > 3);
    fault_vfs_free(vfs);
}

static void any_failing_write_leaves_old_or_new(void **state)
{
    (void)state;
    sweep(FAULT_WRITE, SQLITE_IOERR_WRITE, 1);
}

static void any_full_disk_leaves_old_or_new(void **state)
{
    (void)state;
    sweep(FAULT_WRITE, SQLITE_FULL, 0);
}

static void any_failing_flush_leaves_old_or_new(void **state)
{
    (void)state;
    sweep(FAULT_SYNC, SQLITE_IOERR_FSYNC, 1);
}

static void after_a_full_disk_it_can_be_tried_again(void **state)
{
    struct fault_vfs *vfs = fault_vfs_new();
    struct pair pair;
    (void)state;
    pair_begin(&pair, "fault");
    log_box_put(pair.to, "mine", "old");
    log_box_carry(pair.to, pair.from, 4096);
    fault_vfs_set(vfs, FAULT_WRITE, 2, SQLITE_FULL, 1);

    assert_int_equal(log_box_install(pair.to, 3, 2), RH_OK);
    fault_vfs_set(vfs, FAULT_NONE, 0, 0, 0);

    assert_int_equal(pair.to->install_rc, RH_ENOSPACE);
    assert_int_equal(pair.to->box.failed_calls, 0);
    log_box_carry(pair.to, pair.from, 4096);
    assert_int_equal(log_box_install(pair.to, 3, 2), RH_OK);
    assert_int_equal(pair.to->install_rc, RH_OK);
    has_the_new_state(pair.to);
    log_box_free(pair.from);
    log_box_free(pair.to);
    fault_vfs_free(vfs);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(an_installed_snapshot_is_the_state_at_its_place),
        EACH(entries_go_on_behind_it),
        EACH(pieces_come_in_order_or_are_refused),
        EACH(nothing_received_is_nothing_to_install),
        EACH(a_snapshot_of_another_place_is_refused),
        EACH(a_snapshot_that_is_not_newer_is_refused),
        EACH(a_damaged_snapshot_is_refused),
        EACH(a_part_of_a_snapshot_is_refused),
        EACH(something_else_than_a_database_is_refused),
        EACH(a_newer_layout_is_unsupported),
        EACH(triggers_and_views_do_not_come_in),
        EACH(entries_taken_before_are_applied_before),
        EACH(nothing_is_taken_while_it_is_under_way),
        cmocka_unit_test(any_failing_write_leaves_old_or_new),
        cmocka_unit_test(any_full_disk_leaves_old_or_new),
        cmocka_unit_test(any_failing_flush_leaves_old_or_new),
        cmocka_unit_test(after_a_full_disk_it_can_be_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
