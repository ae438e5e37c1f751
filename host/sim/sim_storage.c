/* Keeps disk, VFS and view together: a crash replaces the first two, the view stays. */
#include "host/sim/sim_storage.h"

void sim_storage_init(struct sim_storage *storage, uint64_t seed, const char *root,
                      struct sim_vfs_clock clock)
{
    *storage = (struct sim_storage){.disk = sim_disk_new(seed), .root = root, .clock = clock};
    storage->vfs = sim_vfs_new(storage->disk, root, clock);
}

void sim_storage_release(struct sim_storage *storage)
{
    sim_view_free(storage->view);
    sim_vfs_free(storage->vfs);
    sim_disk_free(storage->disk);
    *storage = (struct sim_storage){0};
}

const char *sim_storage_begin(struct sim_storage *storage)
{
    sim_vfs_seed_sqlite(storage->vfs);
    return sim_vfs_name(storage->vfs);
}

void sim_storage_replace(struct sim_storage *storage, struct sim_disk *left)
{
    sim_vfs_free(storage->vfs);
    sim_disk_free(storage->disk);
    storage->disk = left;
    storage->vfs = sim_vfs_new(left, storage->root, storage->clock);
    if (storage->view)
        sim_view_move(storage->view, left);
}

const char *sim_storage_look(struct sim_storage *storage)
{
    if (!storage->view)
        storage->view = sim_view_new(storage->disk, storage->root);
    return sim_view_name(storage->view);
}
