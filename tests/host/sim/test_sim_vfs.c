/* SQLite on the simulated disk: what crashes, full disks and errors leave of a database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

#include "tests/host/sim/disk_box.h"

#define CRASHES 1500u

/* The change to WAL goes through a rollback journal: that its removal is durable takes EXTRA, or
 * the journal may come back and undo what was committed to the WAL since. */
static const char to_wal[] = "PRAGMA page_size=4096; PRAGMA synchronous=EXTRA;"
                             "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=8;";
static const char schema[] = "CREATE TABLE IF NOT EXISTS a(id INTEGER PRIMARY KEY, x BLOB);"
                             "CREATE TABLE IF NOT EXISTS b(id INTEGER PRIMARY KEY, n INTEGER);"
                             "CREATE INDEX IF NOT EXISTS b_n ON b(n);";

static sqlite3 *open_laid_out(struct disk_box *box)
{
    sqlite3 *db = disk_box_open(box, to_wal);

    assert_int_equal(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

/* What many seeds made of databases. */
struct tally {
    uint32_t crashes, lost, unsound, begun_kept;
};

/* Transaction number i: a row in each of two tables, the older ones trimmed now and then. */
static int put(sqlite3 *db, int64_t i)
{
    char sql[512];

    (void)snprintf(
        sql, sizeof sql,
        "BEGIN; INSERT INTO a VALUES(%lld, randomblob(%lld));"
        "INSERT INTO b VALUES(%lld, %lld); DELETE FROM a WHERE id %% 5 = 0 AND id < %lld;"
        "COMMIT",
        (long long)i, (long long)(i * 37 % 9000), (long long)i, (long long)(i * 7919 % 101),
        (long long)i - 20);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Whether the last transactions of both tables agree, and which it is. */
static bool last(sqlite3 *db, int64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    bool agrees = false;

    if (sqlite3_prepare_v2(
            db,
            "SELECT ifnull((SELECT max(id) FROM a), 0), ifnull((SELECT max(id) FROM b),"
            " 0), (SELECT count(*) FROM b)",
            -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        *out = sqlite3_column_int64(stmt, 1);
        agrees = sqlite3_column_int64(stmt, 0) == *out && sqlite3_column_int64(stmt, 2) == *out;
    }
    (void)sqlite3_finalize(stmt); /* repeats the error */
    return agrees;
}

/* What is under way when the power goes. */
enum moment { DURING_SETUP, DURING_COMMIT, DURING_CHECKPOINT, MOMENTS };

/* One life of the database: open, look, commit, and the power goes. *committed is what must be
 * there. False: it was not sound. */
static bool live_and_crash(struct disk_box *box, struct rh_rng *rng, const char *pragma,
                           int64_t *committed, struct tally *tally)
{
    enum moment moment = (enum moment)rh_rng_below(rng, MOMENTS);
    int64_t count = (int64_t)rh_rng_below(rng, 25);
    sqlite3 *db = disk_box_open(box, "");
    int64_t found = 0;

    if (moment == DURING_SETUP)
        sim_disk_job_enter(box->disk);
    if (sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK || !disk_box_is_sound(db) ||
        !last(db, &found) || found > *committed + 1) {
        (void)sqlite3_close(db); /* this seed is over */
        return false;
    }
    tally->lost += found < *committed;
    tally->begun_kept += found > *committed;
    *committed = found;
    for (int64_t i = 0; moment != DURING_SETUP && i < count; i++)
        assert_int_equal(put(db, ++*committed), SQLITE_OK);
    if (moment != DURING_SETUP)
        sim_disk_job_enter(box->disk);
    if (moment == DURING_COMMIT)
        assert_int_equal(put(db, *committed + 1), SQLITE_OK);
    if (moment == DURING_CHECKPOINT)
        assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL),
                         SQLITE_OK);
    (void)sim_disk_job_leave(box->disk); /* the crash ends it */
    disk_box_crash(box, SIM_CRASH_POWER, db);
    tally->crashes++;
    return true;
}

static void run_and_crash(uint64_t seed, const char *synchronous, struct tally *tally)
{
    struct disk_box box = disk_box_new(seed);
    struct rh_rng rng;
    int64_t committed = 0;
    char pragma[256];
    bool is_sound = true;

    rh_rng_seed(&rng, seed);
    (void)snprintf(pragma, sizeof pragma, "%s PRAGMA synchronous=%s;", to_wal, synchronous);
    for (uint32_t round = 0; is_sound && round < 4; round++)
        is_sound = live_and_crash(&box, &rng, pragma, &committed, tally);
    if (!is_sound && tally->unsound++ == 0)
        print_message("first unsound seed: %llu\n", (unsigned long long)seed);
    disk_box_free(&box);
}

static struct tally run_many(const char *synchronous)
{
    struct tally tally = {0};

    for (uint64_t seed = 1; tally.crashes + tally.unsound < CRASHES; seed++)
        run_and_crash(seed, synchronous, &tally);
    print_message("synchronous=%s, seeds from 1: crashes %u, lost commits %u, unsound %u, "
                  "unacknowledged kept %u\n",
                  synchronous, tally.crashes, tally.lost, tally.unsound, tally.begun_kept);
    return tally;
}

static void full_sync_never_loses_a_commit(void **state)
{
    struct tally tally;

    (void)state;

    tally = run_many("FULL");

    assert_int_equal(tally.lost, 0);
    assert_int_equal(tally.unsound, 0);
    assert_true(tally.begun_kept > 0);
}

static void normal_sync_loses_the_tail_but_stays_sound(void **state)
{
    struct tally tally;

    (void)state;

    tally = run_many("NORMAL");

    assert_true(tally.lost > 0);
    assert_int_equal(tally.unsound, 0);
}

static void no_sync_makes_databases_unsound(void **state)
{
    struct tally tally;

    (void)state;

    tally = run_many("OFF");

    assert_true(tally.lost > 0);
    assert_true(tally.unsound > 0);
}

static void the_end_of_the_process_loses_nothing_even_without_sync(void **state)
{
    (void)state;

    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct disk_box box = disk_box_new(seed);
        sqlite3 *db = open_laid_out(&box);
        int64_t found = 0;

        assert_int_equal(sqlite3_exec(db, "PRAGMA synchronous=OFF", NULL, NULL, NULL), SQLITE_OK);
        for (int64_t i = 1; i <= 20; i++)
            assert_int_equal(put(db, i), SQLITE_OK);
        disk_box_crash(&box, SIM_CRASH_KILL, db);
        db = disk_box_open(&box, "");
        assert_true(last(db, &found));
        assert_int_equal(found, 20);
        assert_true(disk_box_is_sound(db));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        disk_box_free(&box);
    }
}

/* All bytes of a disk. */
static uint64_t hash_of(struct sim_disk *disk)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    uint32_t cursor = 0;
    struct rh_str name;

    while (sim_disk_next(disk, &cursor, &name)) {
        struct rh_str content = {0};

        (void)sim_disk_durable(disk, name, &content); /* after a power cut all of it is */
        for (size_t i = 0; i < name.n + content.n; i++) {
            hash ^= (unsigned char)(i < name.n ? name.p[i] : content.p[i - name.n]);
            hash *= 1099511628211u;
        }
    }
    return hash;
}

static uint64_t hash_after(uint64_t seed)
{
    struct disk_box box = disk_box_new(seed);
    sqlite3 *db = open_laid_out(&box);
    uint64_t hash;

    for (int64_t i = 1; i <= 30; i++)
        assert_int_equal(put(db, i), SQLITE_OK);
    disk_box_crash(&box, SIM_CRASH_POWER, db);
    hash = hash_of(box.disk);
    disk_box_free(&box);
    return hash;
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;

    for (uint64_t seed = 1; seed <= 20; seed++) {
        assert_int_equal(hash_after(seed), hash_after(seed));
        assert_int_not_equal(hash_after(seed), hash_after(seed + 1));
    }
}

static void a_full_disk_refuses_and_is_fine_when_there_is_room(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = open_laid_out(&box);
    int64_t found = 0;
    int rc = SQLITE_OK;

    (void)state;
    for (int64_t i = 1; i <= 10; i++)
        assert_int_equal(put(db, i), SQLITE_OK);
    sim_disk_fault(box.disk, SIM_FAULT_GROW, 1, true);

    for (int64_t i = 11; rc == SQLITE_OK && i < 100; i++)
        rc = put(db, i);
    assert_int_equal(rc, SQLITE_FULL);
    assert_true(sim_disk_counts(box.disk).bites[SIM_FAULT_GROW] > 0);
    (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL); /* SQLite may have done so itself */
    sim_disk_fault(box.disk, SIM_FAULT_GROW, 0, false);
    assert_true(last(db, &found));

    assert_int_equal(put(db, found + 1), SQLITE_OK);
    assert_true(disk_box_is_sound(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

static void an_io_error_fails_the_statement_and_not_the_database(void **state)
{
    static const struct {
        enum sim_fault fault;
        int rc;
    } rows[] = {{SIM_FAULT_WRITE, SQLITE_IOERR_WRITE}, {SIM_FAULT_SYNC, SQLITE_IOERR_FSYNC}};

    (void)state;

    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct disk_box box = disk_box_new(row);
        sqlite3 *db = open_laid_out(&box);
        int64_t found = 0;

        assert_int_equal(put(db, 1), SQLITE_OK);
        sim_disk_fault(box.disk, rows[row].fault, 1, false);

        assert_int_equal(put(db, 2), SQLITE_IOERR);
        assert_int_equal(sqlite3_extended_errcode(db), rows[row].rc);
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL); /* as above */
        assert_int_equal(put(db, 2), SQLITE_OK);

        assert_int_equal(sim_disk_counts(box.disk).bites[rows[row].fault], 1);
        assert_true(last(db, &found));
        assert_int_equal(found, 2);
        assert_true(disk_box_is_sound(db));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        disk_box_free(&box);
    }
}

static void an_unreadable_disk_fails_reads_until_it_is_lifted(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = open_laid_out(&box);
    int64_t found = 0;

    (void)state;
    assert_int_equal(put(db, 1), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    db = disk_box_open(&box, "");
    sim_disk_fault(box.disk, SIM_FAULT_READ, 1, true);

    assert_false(last(db, &found));
    assert_int_equal(sqlite3_extended_errcode(db), SQLITE_IOERR_READ);
    sim_disk_fault(box.disk, SIM_FAULT_READ, 0, false);

    assert_true(last(db, &found));
    assert_int_equal(found, 1);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

static void a_writer_keeps_others_out_and_readers_keep_their_snapshot(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = open_laid_out(&box);
    sqlite3 *other = disk_box_open(&box, "BEGIN");
    int64_t found = 0;

    (void)state;
    assert_int_equal(put(db, 1), SQLITE_OK);
    assert_true(last(other, &found)); /* its snapshot begins */
    assert_int_equal(put(db, 2), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);

    assert_true(last(other, &found));
    assert_int_equal(found, 1);
    assert_int_equal(sqlite3_exec(other, "COMMIT; BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_BUSY);
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);

    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE; COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

static void an_exclusive_transaction_is_a_lock_on_the_file(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, "BEGIN EXCLUSIVE");
    sqlite3 *other = disk_box_open(&box, "");

    (void)state;

    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_BUSY);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);

    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    disk_box_free(&box);
}

static void an_abandoned_disk_keeps_its_log_when_sqlite_closes(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *kept = open_laid_out(&box);
    int32_t before, after;

    (void)state;
    assert_int_equal(sqlite3_close(kept), SQLITE_OK);
    before = sim_disk_find(box.disk, "t.db-wal") != NULL;
    kept = open_laid_out(&box);
    sim_disk_abandon(box.disk);
    assert_int_equal(sqlite3_close(kept), SQLITE_OK);
    after = sim_disk_find(box.disk, "t.db-wal") != NULL;

    assert_false(before); /* it was put in place and removed */
    assert_true(after);
    disk_box_free(&box);
}

static void time_is_the_clock_that_was_given(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, "");

    (void)state;

    assert_int_equal(disk_box_number(db, "SELECT strftime('%s', 'now')"), DISK_BOX_WALL_MS / 1000);

    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

static void a_path_outside_the_root_is_not_there(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = NULL;

    (void)state;

    assert_int_equal(sqlite3_open_v2("/n10/t.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                     sim_vfs_name(box.vfs)),
                     SQLITE_CANTOPEN);

    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

static void a_copy_by_vacuum_into_lies_on_the_same_disk(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = open_laid_out(&box);
    sqlite3 *copy = NULL;
    int64_t found = 0;

    (void)state;
    for (int64_t i = 1; i <= 50; i++)
        assert_int_equal(put(db, i), SQLITE_OK);

    assert_int_equal(sqlite3_exec(db, "VACUUM INTO '/n1/copy.db'", NULL, NULL, NULL), SQLITE_OK);

    assert_int_equal(
        sqlite3_open_v2("/n1/copy.db", &copy, SQLITE_OPEN_READWRITE, sim_vfs_name(box.vfs)),
        SQLITE_OK);
    assert_true(last(copy, &found));
    assert_int_equal(found, 50);
    assert_true(disk_box_is_sound(copy));
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_sync_never_loses_a_commit),
        cmocka_unit_test(normal_sync_loses_the_tail_but_stays_sound),
        cmocka_unit_test(no_sync_makes_databases_unsound),
        cmocka_unit_test(the_end_of_the_process_loses_nothing_even_without_sync),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(a_full_disk_refuses_and_is_fine_when_there_is_room),
        cmocka_unit_test(an_io_error_fails_the_statement_and_not_the_database),
        cmocka_unit_test(an_unreadable_disk_fails_reads_until_it_is_lifted),
        cmocka_unit_test(a_writer_keeps_others_out_and_readers_keep_their_snapshot),
        cmocka_unit_test(an_exclusive_transaction_is_a_lock_on_the_file),
        cmocka_unit_test(an_abandoned_disk_keeps_its_log_when_sqlite_closes),
        cmocka_unit_test(time_is_the_clock_that_was_given),
        cmocka_unit_test(a_path_outside_the_root_is_not_there),
        cmocka_unit_test(a_copy_by_vacuum_into_lies_on_the_same_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
