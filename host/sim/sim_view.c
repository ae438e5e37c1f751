/* A file of the view is a name: each access asks the disk what is durable under it just then. What
 * SQLite keeps in shared memory about the WAL is made void whenever the disk has changed. */
#include "host/sim/sim_view.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/str.h>

#include "host/sim/sim_vfs.h"
#include "host/sim/sim_vfs_impl.h"

/* What connections have in common under a name. Lives as long as the view. */
struct view_name {
    struct sim_sharing sharing;
    char name[];
};

struct view_file {
    sqlite3_file base;
    const struct sim_view *view;
    const struct view_name *name;
    struct sim_share share;
};

struct sim_view {
    sqlite3_vfs base;
    const char *root;
    const struct sim_disk *disk;
    uint64_t generation;
    struct rh_map names; /* name -> struct view_name */
    char name[48];
};

static struct view_file *own_of(sqlite3_file *base)
{
    return (struct view_file *)(void *)base;
}

static struct rh_str content_of(const struct view_file *own)
{
    struct rh_str content = {0};

    (void)sim_disk_durable(own->view->disk, rh_str_from(own->name->name), &content); /* or empty */
    return content;
}

static int view_close(sqlite3_file *base)
{
    struct view_file *own = own_of(base);

    sim_share_shm_unmap(&own->share);
    sim_share_unlock(&own->share, SQLITE_LOCK_NONE);
    return SQLITE_OK;
}

static int view_read(sqlite3_file *base, void *to, int n, sqlite3_int64 at)
{
    struct rh_str content = content_of(own_of(base));
    size_t from = (size_t)at;
    size_t there = from < content.n ? content.n - from : 0;
    size_t got = there < (size_t)n ? there : (size_t)n;

    if (got > 0)
        memcpy(to, content.p + from, got);
    if (got == (size_t)n)
        return SQLITE_OK;
    memset((char *)to + got, 0, (size_t)n - got);
    return SQLITE_IOERR_SHORT_READ;
}

static int view_write(sqlite3_file *base, const void *from, int n, sqlite3_int64 at)
{
    (void)base;
    (void)from;
    (void)n;
    (void)at;
    return SQLITE_READONLY;
}

static int view_truncate(sqlite3_file *base, sqlite3_int64 bytes)
{
    (void)base;
    (void)bytes;
    return SQLITE_READONLY;
}

static int view_sync(sqlite3_file *base, int flags)
{
    (void)base;
    (void)flags;
    return SQLITE_OK; /* all of it is */
}

static int view_size(sqlite3_file *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)content_of(own_of(base)).n;
    return SQLITE_OK;
}

/* Without an exclusive lock SQLite does not checkpoint when the last connection is closed. */
static int view_lock(sqlite3_file *base, int level)
{
    if (level > SQLITE_LOCK_SHARED)
        return SQLITE_BUSY;
    return sim_share_lock(&own_of(base)->share, level);
}

static int view_unlock(sqlite3_file *base, int level)
{
    sim_share_unlock(&own_of(base)->share, level);
    return SQLITE_OK;
}

static int view_is_reserved(sqlite3_file *base, int *out)
{
    (void)base;
    *out = 0;
    return SQLITE_OK;
}

static int view_control(sqlite3_file *base, int op, void *arg)
{
    (void)base;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int view_sector(sqlite3_file *base)
{
    (void)base;
    return SIM_VFS_SECTOR_BYTES;
}

static int view_traits(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int view_shm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **out)
{
    return sim_share_shm_map(&own_of(base)->share, region, bytes, extend, out);
}

static int view_shm_lock(sqlite3_file *base, int first, int count, int flags)
{
    return sim_share_shm_lock(&own_of(base)->share, first, count, flags);
}

static void view_shm_barrier(sqlite3_file *base)
{
    (void)base; /* one thread */
}

static int view_shm_unmap(sqlite3_file *base, int removes)
{
    (void)removes;
    sim_share_shm_unmap(&own_of(base)->share);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = view_close,
    .xRead = view_read,
    .xWrite = view_write,
    .xTruncate = view_truncate,
    .xSync = view_sync,
    .xFileSize = view_size,
    .xLock = view_lock,
    .xUnlock = view_unlock,
    .xCheckReservedLock = view_is_reserved,
    .xFileControl = view_control,
    .xSectorSize = view_sector,
    .xDeviceCharacteristics = view_traits,
    .xShmMap = view_shm_map,
    .xShmLock = view_shm_lock,
    .xShmBarrier = view_shm_barrier,
    .xShmUnmap = view_shm_unmap,
};

static struct view_name *name_of(struct sim_view *view, const char *name)
{
    struct view_name *known = rh_map_get(&view->names, rh_str_from(name));
    size_t size = strlen(name) + 1;

    if (known)
        return known;
    known = calloc(1, sizeof *known + size);
    if (!known)
        abort();
    memcpy(known->name, name, size);
    if (rh_map_put(&view->names, rh_str_from(name), known, NULL) != RH_OK) {
        free(known);
        return NULL;
    }
    return known;
}

static bool is_there(const struct sim_view *view, const char *name)
{
    struct rh_str content;

    return sim_disk_durable(view->disk, rh_str_from(name), &content) && content.n > 0;
}

/* A WAL that is not there now may be at the next look: it opens as an empty file. */
static int view_open(sqlite3_vfs *base, const char *path, sqlite3_file *out, int flags,
                     int *out_flags)
{
    struct sim_view *view = base->pAppData;
    const char *name = path ? sim_vfs_below(view->root, path) : NULL;
    struct view_name *shared;

    out->pMethods = NULL;
    if (!name || ((flags & SQLITE_OPEN_WAL) == 0 && !is_there(view, name)))
        return SQLITE_CANTOPEN;
    shared = name_of(view, name);
    if (!shared)
        return SQLITE_CANTOPEN;
    *(struct view_file *)(void *)out = (struct view_file){
        .base.pMethods = &methods, .view = view, .name = shared, .share.of = &shared->sharing};
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

static int view_delete(sqlite3_vfs *base, const char *path, int syncs_names)
{
    (void)base;
    (void)path;
    (void)syncs_names;
    return SQLITE_IOERR_DELETE;
}

static int view_access(sqlite3_vfs *base, const char *path, int flags, int *out)
{
    const struct sim_view *view = base->pAppData;
    const char *name = sim_vfs_below(view->root, path);

    *out = flags != SQLITE_ACCESS_READWRITE && name && is_there(view, name);
    return SQLITE_OK;
}

static int view_random(sqlite3_vfs *base, int n, char *out)
{
    (void)base;
    memset(out, 0, (size_t)n); /* who only reads needs none */
    return n;
}

static int view_time(sqlite3_vfs *base, double *out)
{
    (void)base;
    *out = 0;
    return SQLITE_OK;
}

struct sim_view *sim_view_new(const char *root)
{
    struct sim_view *view = calloc(1, sizeof *view);

    if (!view)
        abort();
    view->root = root;
    rh_map_init(&view->names, 1, SIM_VIEW_FILES_MAX);
    (void)snprintf(view->name, sizeof view->name, "ringhost-view-%p", (void *)view); /* fits */
    view->base = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = (int)sizeof(struct view_file),
        .mxPathname = SIM_VFS_PATH_MAX,
        .zName = view->name,
        .pAppData = view,
        .xOpen = view_open,
        .xDelete = view_delete,
        .xAccess = view_access,
        .xFullPathname = sim_vfs_full_path,
        .xRandomness = view_random,
        .xSleep = sim_vfs_sleep,
        .xCurrentTime = view_time,
    };
    if (sqlite3_vfs_register(&view->base, 0) != SQLITE_OK)
        abort(); /* fails only when SQLite cannot begin */
    return view;
}

void sim_view_free(struct sim_view *view)
{
    uint32_t cursor = 0;
    void *value;

    if (!view)
        return;
    if (sqlite3_vfs_unregister(&view->base) != SQLITE_OK)
        abort(); /* likewise */
    while (rh_map_next(&view->names, &cursor, NULL, &value)) {
        sim_sharing_release(&((struct view_name *)value)->sharing);
        free(value);
    }
    rh_map_release(&view->names);
    free(view);
}

const char *sim_view_show(struct sim_view *view, const struct sim_disk *disk)
{
    uint32_t cursor = 0;
    void *value;

    if (view->disk == disk && view->generation == sim_disk_generation(disk))
        return view->name;
    view->disk = disk;
    view->generation = sim_disk_generation(disk);
    while (rh_map_next(&view->names, &cursor, NULL, &value))
        sim_sharing_forget(&((struct view_name *)value)->sharing);
    return view->name;
}
