/* What is durable on a disk, seen through SQLite while the node goes on writing. */
#include <stdio.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>

#include "host/sim/sim_view.h"
#include "tests/host/sim/disk_box.h"

static const char setup[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                            "CREATE TABLE t(x); INSERT INTO t VALUES(1);";
static const char sum[] = "SELECT sum(x) FROM t";

static sqlite3 *open_view(struct sim_view *view, const struct sim_disk *disk)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open_v2(DISK_BOX_ROOT "/t.db", &db, SQLITE_OPEN_READONLY,
                                     sim_view_show(view, disk)),
                     SQLITE_OK);
    return db;
}

static void run(sqlite3 *db, const char *sql)
{
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void a_kept_connection_sees_each_durable_commit(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_view *view = sim_view_new(DISK_BOX_ROOT);
    sqlite3 *look = open_view(view, box.disk);

    (void)state;
    assert_int_equal(disk_box_number(look, sum), 1);

    run(db, "INSERT INTO t VALUES(10)");
    (void)sim_view_show(view, box.disk);
    assert_int_equal(disk_box_number(look, sum), 11);
    run(db, "PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO t VALUES(100)");
    (void)sim_view_show(view, box.disk);
    assert_int_equal(disk_box_number(look, sum), 111);
    assert_int_equal(sqlite3_close(db), SQLITE_OK); /* removes the WAL */
    (void)sim_view_show(view, box.disk);

    assert_int_equal(disk_box_number(look, sum), 111);
    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    sim_view_free(view);
    disk_box_free(&box);
}

static void what_was_not_synced_is_not_shown(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_view *view = sim_view_new(DISK_BOX_ROOT);
    sqlite3 *look = open_view(view, box.disk);

    (void)state;

    run(db, "PRAGMA synchronous=NORMAL; INSERT INTO t VALUES(10)");
    (void)sim_view_show(view, box.disk);
    assert_int_equal(disk_box_number(look, sum), 1);
    run(db, "PRAGMA synchronous=FULL; INSERT INTO t VALUES(100)");
    (void)sim_view_show(view, box.disk);

    assert_int_equal(disk_box_number(look, sum), 111);
    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    sim_view_free(view);
    disk_box_free(&box);
}

static void a_job_is_shown_when_it_has_ended(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_view *view = sim_view_new(DISK_BOX_ROOT);
    sqlite3 *look = open_view(view, box.disk);
    uint64_t job;

    (void)state;

    sim_disk_job_enter(box.disk);
    run(db, "INSERT INTO t VALUES(10)");
    job = sim_disk_job_leave(box.disk);
    (void)sim_view_show(view, box.disk);
    assert_int_equal(disk_box_number(look, sum), 1);
    sim_disk_job_end(box.disk, job);
    (void)sim_view_show(view, box.disk);

    assert_int_equal(disk_box_number(look, sum), 11);
    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    sim_view_free(view);
    disk_box_free(&box);
}

static void a_view_follows_the_node_through_its_crashes(void **state)
{
    struct sim_view *view = sim_view_new(DISK_BOX_ROOT);
    int64_t expected = 1;
    struct disk_box box;
    sqlite3 *look;
    sqlite3 *db;

    (void)state;
    box = disk_box_new(1);
    db = disk_box_open(&box, setup);
    look = open_view(view, box.disk);

    for (int64_t i = 0; i < 20; i++) {
        disk_box_crash(&box, SIM_CRASH_POWER, db);
        (void)sim_view_show(view, box.disk);
        assert_int_equal(disk_box_number(look, sum), expected);
        db = disk_box_open(&box, "PRAGMA synchronous=FULL");
        run(db, "INSERT INTO t VALUES(1)");
        (void)sim_view_show(view, box.disk);
        assert_int_equal(disk_box_number(look, sum), ++expected);
    }

    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    sim_view_free(view);
    disk_box_free(&box);
}

static void looking_changes_nothing_and_cannot(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_view *view = sim_view_new(DISK_BOX_ROOT);
    struct sim_disk_counts before = sim_disk_counts(box.disk);
    sqlite3 *look = open_view(view, box.disk);
    struct sim_disk_counts after;

    (void)state;

    assert_int_equal(sqlite3_exec(look, "INSERT INTO t VALUES(5)", NULL, NULL, NULL),
                     SQLITE_READONLY);
    assert_int_equal(disk_box_number(look, sum), 1);
    assert_int_equal(sqlite3_close(look), SQLITE_OK);

    after = sim_disk_counts(box.disk);
    assert_int_equal(after.reads, before.reads);
    assert_int_equal(after.writes, before.writes);
    assert_int_equal(after.syncs, before.syncs);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    sim_view_free(view);
    disk_box_free(&box);
}

static void what_is_not_durable_yet_cannot_be_opened(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_view *view = sim_view_new(DISK_BOX_ROOT);
    struct sim_file *file = sim_disk_open(disk, "t.db", true);
    sqlite3 *look = NULL;

    (void)state;
    assert_int_equal(sim_disk_write(disk, file, 0, "x", 1), RH_OK);

    assert_int_equal(sqlite3_open_v2(DISK_BOX_ROOT "/t.db", &look, SQLITE_OPEN_READONLY,
                                     sim_view_show(view, disk)),
                     SQLITE_CANTOPEN);

    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    sim_disk_close(disk, file);
    sim_view_free(view);
    sim_disk_free(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_connection_sees_each_durable_commit),
        cmocka_unit_test(what_was_not_synced_is_not_shown),
        cmocka_unit_test(a_job_is_shown_when_it_has_ended),
        cmocka_unit_test(a_view_follows_the_node_through_its_crashes),
        cmocka_unit_test(looking_changes_nothing_and_cannot),
        cmocka_unit_test(what_is_not_durable_yet_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
