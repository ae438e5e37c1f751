/* The disk of a node through all its lives, with SQLite's ways to it; it knows no node. */
#ifndef RH_HOST_SIM_SIM_STORAGE_H
#define RH_HOST_SIM_SIM_STORAGE_H

#include "host/sim/sim_disk.h"
#include "host/sim/sim_vfs.h"
#include "host/sim/sim_view.h"

struct sim_storage {
    struct sim_disk *disk;
    struct sim_vfs *vfs;
    struct sim_view *view; /* NULL until somebody looks */
    const char *root;      /* borrowed */
    struct sim_vfs_clock clock;
};

/* An empty disk, whose files SQLite finds below root. */
void sim_storage_init(struct sim_storage *storage, uint64_t seed, const char *root,
                      struct sim_vfs_clock clock);
/* All connections are closed. A zeroed one is allowed. */
void sim_storage_release(struct sim_storage *storage);
/* A program starts: SQLite's random numbers begin anew from this disk. Returns the VFS for it, good
 * until the disk is replaced. */
const char *sim_storage_begin(struct sim_storage *storage);
/* Take the disk that a crash has left; whoever used the old one has ended. */
void sim_storage_replace(struct sim_storage *storage, struct sim_disk *left);
/* The VFS that shows what is durable: see sim_view.h. Its connections may be kept through crashes,
 * and are closed before release. */
const char *sim_storage_look(struct sim_storage *storage);

#endif
