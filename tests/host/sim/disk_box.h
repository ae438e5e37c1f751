/* A simulated disk with SQLite on it, for tests. */
#ifndef RH_TESTS_HOST_SIM_DISK_BOX_H
#define RH_TESTS_HOST_SIM_DISK_BOX_H

#include <sqlite3.h>

#include "host/sim/sim_disk.h"
#include "host/sim/sim_vfs.h"

#define DISK_BOX_ROOT    "/n1"
#define DISK_BOX_WALL_MS INT64_C(1700000000000)

struct disk_box {
    struct sim_disk *disk;
    struct sim_vfs *vfs;
};

struct disk_box disk_box_new(uint64_t seed);
/* A VFS on disk, with SQLite's random numbers begun anew. */
struct sim_vfs *disk_box_vfs(struct sim_disk *disk);
/* No connection is open. */
void disk_box_free(struct disk_box *box);
/* The disk goes through a crash; db, which may be NULL, is the one connection that was open. */
void disk_box_crash(struct disk_box *box, enum sim_crash how, sqlite3 *db);
/* Open DISK_BOX_ROOT/t.db, asserting success, and run sql. */
sqlite3 *disk_box_open(struct disk_box *box, const char *sql);
/* The first column of the first row; asserts that there is one. */
int64_t disk_box_number(sqlite3 *db, const char *sql);
/* Whether PRAGMA integrity_check says ok; false also for any error. */
bool disk_box_is_sound(sqlite3 *db);

#define DISK_TEXT_MAX 8192u

/* Files without SQLite. Writers make the file if it is absent, and assert success. */
void disk_put(struct sim_disk *disk, const char *name, uint64_t at, const char *text);
void disk_fill(struct sim_disk *disk, const char *name, char byte, size_t n);
int32_t disk_sync(struct sim_disk *disk, const char *name);
/* What the program reads, as text; "-" if there is no such file. */
const char *disk_text(struct sim_disk *disk, const char *name, char out[DISK_TEXT_MAX + 1]);
/* What a crash leaves; disk is freed. */
struct sim_disk *disk_after(struct sim_disk *disk, enum sim_crash how);

#endif
