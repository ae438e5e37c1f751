/* The failing VFS: each file is a small header in front of a file of the default VFS. */
#include "tests/host/core/fault_vfs.h"

#include <assert.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct fault_vfs {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    int kind;
    uint32_t left; /* calls until it fails; 0 = never */
    int sqlite_rc;
    int is_lasting;
    uint32_t hits;
};

struct fault_file {
    sqlite3_file base;
    struct fault_vfs *vfs;
};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return (sqlite3_file *)(void *)((struct fault_file *)(void *)file + 1);
}

static int fault_of(sqlite3_file *file, int kind)
{
    struct fault_vfs *vfs = ((struct fault_file *)(void *)file)->vfs;
    if (vfs->kind != kind || vfs->left == 0 || --vfs->left > 0)
        return SQLITE_OK;
    vfs->hits++;
    if (vfs->is_lasting)
        vfs->left = 1;
    return vfs->sqlite_rc;
}

static int f_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    int rc = fault_of(f, FAULT_WRITE);
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
    int rc = fault_of(f, FAULT_SYNC);
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int f_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int f_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int f_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int f_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int f_shm_unmap(sqlite3_file *f, int remove)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods methods = {.iVersion = 2,
                                           .xClose = f_close,
                                           .xRead = f_read,
                                           .xWrite = f_write,
                                           .xTruncate = f_truncate,
                                           .xSync = f_sync,
                                           .xFileSize = f_size,
                                           .xLock = f_lock,
                                           .xUnlock = f_unlock,
                                           .xCheckReservedLock = f_reserved,
                                           .xFileControl = f_control,
                                           .xSectorSize = f_sector,
                                           .xDeviceCharacteristics = f_traits,
                                           .xShmMap = f_shm_map,
                                           .xShmLock = f_shm_lock,
                                           .xShmBarrier = f_shm_barrier,
                                           .xShmUnmap = f_shm_unmap};

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    struct fault_vfs *fault = vfs->pAppData;
    struct fault_file *own = (void *)file;
    own->vfs = fault;
    own->base.pMethods = NULL;
    int rc = fault->real->xOpen(fault->real, name, real_of(file), flags, out);
    if (real_of(file)->pMethods)
        own->base.pMethods = &methods;
    return rc;
}

struct fault_vfs *fault_vfs_new(void)
{
    struct fault_vfs *fault = calloc(1, sizeof(*fault));
    assert(fault);
    fault->real = sqlite3_vfs_find(NULL);
    assert(fault->real);
    fault->vfs = *fault->real; /* names, time and randomness need no wrapping */
    fault->vfs.zName = "fault";
    fault->vfs.szOsFile = (int)sizeof(struct fault_file) + fault->real->szOsFile;
    fault->vfs.pNext = NULL;
    fault->vfs.pAppData = fault;
    fault->vfs.xOpen = v_open;
    int rc = sqlite3_vfs_register(&fault->vfs, 0);
    assert(rc == SQLITE_OK);
    return fault;
}

void fault_vfs_free(struct fault_vfs *vfs)
{
    int rc = sqlite3_vfs_unregister(&vfs->vfs);
    assert(rc == SQLITE_OK);
    free(vfs);
}

void fault_vfs_set(struct fault_vfs *vfs, int kind, uint32_t n, int sqlite_rc, int is_lasting)
{
    vfs->kind = kind;
    vfs->left = n;
    vfs->sqlite_rc = sqlite_rc;
    vfs->is_lasting = is_lasting;
    vfs->hits = 0;
}

uint32_t fault_vfs_hits(const struct fault_vfs *vfs)
{
    return vfs->hits;
}
