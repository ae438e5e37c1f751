/* One database of one connection on one disk, and plain files. */
#include "tests/host/sim/disk_box.h"

#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>

static int64_t wall_ms(void *user)
{
    (void)user;
    return DISK_BOX_WALL_MS;
}

struct sim_vfs *disk_box_vfs(struct sim_disk *disk)
{
    struct sim_vfs *vfs =
        sim_vfs_new(disk, DISK_BOX_ROOT, (struct sim_vfs_clock){.wall_ms = wall_ms});

    sim_vfs_seed_sqlite(vfs);
    return vfs;
}

struct disk_box disk_box_new(uint64_t seed)
{
    struct sim_disk *disk = sim_disk_new(seed);

    return (struct disk_box){disk, disk_box_vfs(disk)};
}

void disk_box_free(struct disk_box *box)
{
    sim_vfs_free(box->vfs);
    sim_disk_free(box->disk);
}

void disk_box_crash(struct disk_box *box, enum sim_crash how, sqlite3 *db)
{
    struct sim_disk *left = sim_disk_crash(box->disk, how);

    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(box);
    *box = (struct disk_box){left, disk_box_vfs(left)};
}

sqlite3 *disk_box_open(struct disk_box *box, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open_v2(DISK_BOX_ROOT "/t.db", &db,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                     sim_vfs_name(box->vfs)),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

int64_t disk_box_number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    number = sqlite3_column_int64(stmt, 0);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return number;
}

bool disk_box_is_sound(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    bool is_sound =
        sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW &&
        strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;

    (void)sqlite3_finalize(stmt); /* repeats the error */
    return is_sound;
}

void disk_put(struct sim_disk *disk, const char *name, uint64_t at, const char *text)
{
    struct sim_file *file = sim_disk_open(disk, name, true);

    assert_non_null(file);
    assert_int_equal(sim_disk_write(disk, file, at, text, strlen(text)), RH_OK);
    sim_disk_close(disk, file);
}

void disk_fill(struct sim_disk *disk, const char *name, char byte, size_t n)
{
    struct sim_file *file = sim_disk_open(disk, name, true);
    char block[DISK_TEXT_MAX];

    assert_true(n <= sizeof block);
    memset(block, byte, n);
    assert_int_equal(sim_disk_write(disk, file, 0, block, n), RH_OK);
    sim_disk_close(disk, file);
}

int32_t disk_sync(struct sim_disk *disk, const char *name)
{
    struct sim_file *file = sim_disk_open(disk, name, false);
    int32_t rc;

    assert_non_null(file);
    rc = sim_disk_sync(disk, file);
    sim_disk_close(disk, file);
    return rc;
}

const char *disk_text(struct sim_disk *disk, const char *name, char out[DISK_TEXT_MAX + 1])
{
    struct sim_file *file = sim_disk_open(disk, name, false);
    size_t got = 0;

    (void)snprintf(out, DISK_TEXT_MAX + 1, "-"); /* fits */
    if (!file)
        return out;
    assert_int_equal(sim_disk_read(disk, file, 0, out, DISK_TEXT_MAX, &got), RH_OK);
    out[got] = '\0';
    sim_disk_close(disk, file);
    return out;
}

struct sim_disk *disk_after(struct sim_disk *disk, enum sim_crash how)
{
    struct sim_disk *left = sim_disk_crash(disk, how);

    sim_disk_free(disk);
    return left;
}
