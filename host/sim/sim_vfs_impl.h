/* What the VFS files share: an open file, and services that need no disk; not for others. */
#ifndef RH_HOST_SIM_SIM_VFS_IMPL_H
#define RH_HOST_SIM_SIM_VFS_IMPL_H

#include <sqlite3.h>

#include "host/sim/sim_disk.h"
#include "host/sim/sim_share.h"

/* SQLite allocates it. */
struct sim_vfs_file {
    sqlite3_file base;
    struct sim_disk *disk;
    struct sim_file *file;
    struct sim_share share;
    int *last_errno;  /* the VFS's */
    bool syncs_names; /* with its next sync */
};

/* Begin to use file, which is taken over. */
void sim_vfs_file_open(struct sim_vfs_file *own, struct sim_disk *disk, struct sim_file *file,
                       int *last_errno);

int sim_vfs_full_path(sqlite3_vfs *base, const char *path, int size, char *out);
int sim_vfs_sleep(sqlite3_vfs *base, int microseconds);

#endif
