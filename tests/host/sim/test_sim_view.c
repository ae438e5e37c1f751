/* What is durable on a disk, seen through SQLite while the node goes on writing. */
#include <stdio.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>
#include <ringhost/sdk/rng.h>

#include "host/sim/sim_view.h"
#include "tests/host/sim/disk_box.h"

static const char setup[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                            "CREATE TABLE t(x); INSERT INTO t VALUES(1);";
static const char sum[] = "SELECT sum(x) FROM t";

static sqlite3 *open_view(const struct sim_view *view)
{
    sqlite3 *db = NULL;

    assert_int_equal(
        sqlite3_open_v2(DISK_BOX_ROOT "/t.db", &db, SQLITE_OPEN_READONLY, sim_view_name(view)),
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
    struct sim_view *view = sim_view_new(box.disk, DISK_BOX_ROOT);
    sqlite3 *look = open_view(view);

    (void)state;
    assert_int_equal(disk_box_number(look, sum), 1);

    run(db, "INSERT INTO t VALUES(10)");
    assert_int_equal(disk_box_number(look, sum), 11);
    run(db, "PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO t VALUES(100)");
    assert_int_equal(disk_box_number(look, sum), 111);
    assert_int_equal(sqlite3_close(db), SQLITE_OK); /* removes the WAL */

    assert_int_equal(disk_box_number(look, sum), 111);
    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    sim_view_free(view);
    disk_box_free(&box);
}

static void what_was_not_synced_is_not_shown(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_view *view = sim_view_new(box.disk, DISK_BOX_ROOT);
    sqlite3 *look = open_view(view);

    (void)state;

    run(db, "PRAGMA synchronous=NORMAL; INSERT INTO t VALUES(10)");
    assert_int_equal(disk_box_number(look, sum), 1);
    run(db, "PRAGMA synchronous=FULL; INSERT INTO t VALUES(100)");

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
    struct sim_view *view = sim_view_new(box.disk, DISK_BOX_ROOT);
    sqlite3 *look = open_view(view);
    uint64_t job;

    (void)state;

    sim_disk_job_enter(box.disk);
    run(db, "INSERT INTO t VALUES(10)");
    job = sim_disk_job_leave(box.disk);
    assert_int_equal(disk_box_number(look, sum), 1);
    sim_disk_job_end(box.disk, job);

    assert_int_equal(disk_box_number(look, sum), 11);
    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    sim_view_free(view);
    disk_box_free(&box);
}

/* A digest of the table, which also shows whether pages are where they belong. */
static int64_t digest(sqlite3 *db)
{
    return disk_box_number(db, "SELECT ifnull(sum(id * 31 + length(x) * 7 + n), 0) FROM d"
                               " WHERE n IN (SELECT n FROM d INDEXED BY d_n)");
}

/* What SQLite itself finds after a power cut that takes all it can. */
static int64_t digest_by_crash(struct disk_box *box)
{
    struct disk_box copy = *box;
    int64_t found;
    sqlite3 *db;

    copy.disk = sim_disk_crash(box->disk, SIM_CRASH_WORST);
    copy.vfs = disk_box_vfs(copy.disk);
    db = disk_box_open(&copy, "");
    found = digest(db);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&copy);
    return found;
}

/* One step of the node. */
static sqlite3 *step(struct disk_box *box, struct rh_rng *rng, sqlite3 *db, struct sim_view *view)
{
    static const char *const words[] = {
        "INSERT INTO d(x, n) VALUES(randomblob(abs(random()) % 6000), abs(random()) % 1000)",
        "INSERT INTO d(x, n) VALUES(randomblob(100), abs(random()) % 1000)",
        "UPDATE d SET n = n + 1 WHERE id % 3 = 0",
        "DELETE FROM d WHERE id % 7 = 0",
        "BEGIN; INSERT INTO d(x, n) SELECT x, n FROM d LIMIT 5; ROLLBACK",
        "PRAGMA synchronous=NORMAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA wal_checkpoint(PASSIVE)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "VACUUM",
    };
    uint64_t which = rh_rng_below(rng, sizeof words / sizeof words[0] + 2);

    if (which < sizeof words / sizeof words[0]) {
        run(db, words[which]);
        return db;
    }
    if (which % 2 == 0) {
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
    } else {
        disk_box_crash(box, SIM_CRASH_POWER, db);
        sim_view_move(view, box->disk);
    }
    return disk_box_open(box, "PRAGMA synchronous=FULL");
}

static void a_view_shows_what_sqlite_would_find_after_the_worst_crash(void **state)
{
    (void)state;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct disk_box box = disk_box_new(seed);
        struct rh_rng rng;
        struct sim_view *view;
        sqlite3 *look;
        sqlite3 *db;

        rh_rng_seed(&rng, seed);
        db = disk_box_open(&box, "PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL;"
                                 "CREATE TABLE d(id INTEGER PRIMARY KEY, x BLOB, n INTEGER);"
                                 "CREATE INDEX d_n ON d(n);");
        view = sim_view_new(box.disk, DISK_BOX_ROOT);
        look = open_view(view);
        for (uint32_t i = 0; i < 60; i++) {
            db = step(&box, &rng, db, view);
            if (digest(look) != digest_by_crash(&box))
                fail_msg("seed %llu step %u", (unsigned long long)seed, i);
        }
        assert_true(disk_box_is_sound(look));
        assert_int_equal(sqlite3_close(look), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        sim_view_free(view);
        disk_box_free(&box);
    }
}

static void a_read_under_way_keeps_its_state(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_view *view = sim_view_new(box.disk, DISK_BOX_ROOT);
    sqlite3 *look = open_view(view);

    (void)state;
    run(look, "BEGIN");
    assert_int_equal(disk_box_number(look, sum), 1);

    run(db, "INSERT INTO t VALUES(10)");

    assert_int_equal(disk_box_number(look, sum), 1);
    run(look, "COMMIT");
    assert_int_equal(disk_box_number(look, sum), 11);
    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    sim_view_free(view);
    disk_box_free(&box);
}

static void looking_changes_nothing_and_cannot(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_view *view = sim_view_new(box.disk, DISK_BOX_ROOT);
    struct sim_disk_counts before = sim_disk_counts(box.disk);
    sqlite3 *look = open_view(view);
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
    struct sim_view *view = sim_view_new(disk, DISK_BOX_ROOT);
    struct sim_file *file = sim_disk_open(disk, "t.db", true);
    sqlite3 *look = NULL;

    (void)state;
    assert_int_equal(sim_disk_write(disk, file, 0, "x", 1), RH_OK);

    assert_int_equal(
        sqlite3_open_v2(DISK_BOX_ROOT "/t.db", &look, SQLITE_OPEN_READONLY, sim_view_name(view)),
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
        cmocka_unit_test(a_view_shows_what_sqlite_would_find_after_the_worst_crash),
        cmocka_unit_test(a_read_under_way_keeps_its_state),
        cmocka_unit_test(looking_changes_nothing_and_cannot),
        cmocka_unit_test(what_is_not_durable_yet_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
