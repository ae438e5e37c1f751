/* An SQLite VFS over a simulated disk: every byte goes there, time is virtual and sleep takes none.
 * Journals and write-ahead logs sync their folder as SQLite's own VFS for Unix does, which the
 * traits it reports (sector size, POWERSAFE_OVERWRITE) come from, too. No memory-mapped files. One
 * thread. */
#ifndef RH_HOST_SIM_SIM_VFS_H
#define RH_HOST_SIM_SIM_VFS_H

#include <sqlite3.h>
#include <stdint.h>

#include "host/sim/sim_disk.h"

#define SIM_VFS_SECTOR_BYTES 4096
#define SIM_VFS_PATH_MAX     512

struct sim_vfs;

/* The Unix time that SQLite's date functions see, in milliseconds. */
struct sim_vfs_clock {
    int64_t (*wall_ms)(void *user);
    void *user;
};

/* Register a VFS; its files are the disk's, under the folder `root`: "ROOT/x" is the file "x", and
 * other paths are not there. disk and root must outlive it. */
struct sim_vfs *sim_vfs_new(struct sim_disk *disk, const char *root, struct sim_vfs_clock clock);
/* Unregister it. All connections are closed. NULL is allowed. */
void sim_vfs_free(struct sim_vfs *vfs);
/* For sqlite3_open_v2. Lives as long as vfs. */
const char *sim_vfs_name(const struct sim_vfs *vfs);
/* SQLite has one random generator for the process (salts of the WAL, names of temporary files):
 * seed it anew from this disk, so that what follows is the same in each run. */
void sim_vfs_seed_sqlite(struct sim_vfs *vfs);

/* The name of a file below root, NULL if the path leads elsewhere. */
const char *sim_vfs_below(const char *root, const char *path);

#endif
