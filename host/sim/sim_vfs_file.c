/* The methods of an open file of the VFS: to the disk, to the locks, and the codes for failures. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <ringhost/errors.h>

#include "host/sim/sim_vfs.h"
#include "host/sim/sim_vfs_impl.h"

static struct sim_vfs_file *own_of(sqlite3_file *base)
{
    return (struct sim_vfs_file *)(void *)base;
}

/* SQLite's code for what the disk said; io_error is that for RH_EIO. */
static int code_of(struct sim_vfs_file *own, int32_t rc, int io_error)
{
    if (rc == RH_OK)
        return SQLITE_OK;
    *own->last_errno = rc == RH_ENOSPACE ? ENOSPC : EIO;
    return rc == RH_ENOSPACE ? SQLITE_FULL : io_error;
}

static int file_close(sqlite3_file *base)
{
    struct sim_vfs_file *own = own_of(base);

    sim_share_shm_unmap(&own->share);
    sim_share_unlock(&own->share, SQLITE_LOCK_NONE);
    sim_disk_close(own->disk, own->file);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *to, int n, sqlite3_int64 at)
{
    struct sim_vfs_file *own = own_of(base);
    size_t got = 0;
    int32_t rc = sim_disk_read(own->disk, own->file, (uint64_t)at, to, (size_t)n, &got);

    if (rc != RH_OK)
        return code_of(own, rc, SQLITE_IOERR_READ);
    if (got == (size_t)n)
        return SQLITE_OK;
    memset((char *)to + got, 0, (size_t)n - got);
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *from, int n, sqlite3_int64 at)
{
    struct sim_vfs_file *own = own_of(base);

    return code_of(own, sim_disk_write(own->disk, own->file, (uint64_t)at, from, (size_t)n),
                   SQLITE_IOERR_WRITE);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 bytes)
{
    struct sim_vfs_file *own = own_of(base);

    return code_of(own, sim_disk_truncate(own->disk, own->file, (uint64_t)bytes),
                   SQLITE_IOERR_TRUNCATE);
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct sim_vfs_file *own = own_of(base);
    int rc = code_of(own, sim_disk_sync(own->disk, own->file), SQLITE_IOERR_FSYNC);

    (void)flags;
    if (rc == SQLITE_OK && own->syncs_names) {
        rc = code_of(own, sim_disk_sync_names(own->disk), SQLITE_IOERR_DIR_FSYNC);
        own->syncs_names = rc != SQLITE_OK;
    }
    return rc;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)sim_disk_size(own_of(base)->file);
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level)
{
    if (level == SQLITE_LOCK_EXCLUSIVE && sim_disk_is_abandoned(own_of(base)->disk))
        return SQLITE_BUSY;
    return sim_share_lock(&own_of(base)->share, level);
}

static int file_unlock(sqlite3_file *base, int level)
{
    sim_share_unlock(&own_of(base)->share, level);
    return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *base, int *out)
{
    *out = sim_share_is_reserved(&own_of(base)->share);
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
    (void)base;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *base)
{
    (void)base;
    return SIM_VFS_SECTOR_BYTES;
}

static int file_traits(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int file_shm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **out)
{
    return sim_share_shm_map(&own_of(base)->share, region, bytes, extend, out);
}

static int file_shm_lock(sqlite3_file *base, int first, int count, int flags)
{
    return sim_share_shm_lock(&own_of(base)->share, first, count, flags);
}

static void file_shm_barrier(sqlite3_file *base)
{
    (void)base; /* one thread */
}

static int file_shm_unmap(sqlite3_file *base, int removes)
{
    (void)removes; /* the last one to unmap frees it anyway */
    sim_share_shm_unmap(&own_of(base)->share);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

void sim_vfs_file_open(struct sim_vfs_file *own, struct sim_disk *disk, struct sim_file *file,
                       int *last_errno)
{
    *own = (struct sim_vfs_file){
        .base.pMethods = &methods,
        .disk = disk,
        .file = file,
        .share.of = sim_file_sharing(file),
        .last_errno = last_errno,
    };
}
