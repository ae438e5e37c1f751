/* Each database that a checker opens has an image here, brought up to date when a read begins.
 * SQLite sees it as a file in rollback mode, and learns from the change counter in it what is new.
 */
#include "host/sim/sim_view.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/str.h>

#include "host/sim/sim_image.h"
#include "host/sim/sim_vfs.h"
#include "host/sim/sim_vfs_impl.h"

/* A database. Lives as long as the view. */
struct view_name {
    struct sim_image image;
    uint64_t generation; /* of the disk, that the image shows; 0 = none */
    uint32_t moves;      /* of the view, likewise */
    uint32_t readers;    /* connections that read */
    char *wal;           /* inside name */
    char name[];
};

struct view_file {
    sqlite3_file base;
    const struct sim_view *view;
    struct view_name *name;
    bool reads;
};

struct sim_view {
    sqlite3_vfs base;
    const char *root;
    const struct sim_disk *disk;
    uint32_t moves;
    struct rh_map names; /* name -> struct view_name */
    char name[48];
};

static struct view_file *own_of(sqlite3_file *base)
{
    return (struct view_file *)(void *)base;
}

/* Bring the image up to the disk. */
static void refresh(const struct sim_view *view, struct view_name *name)
{
    uint64_t generation = sim_disk_generation(view->disk) + 1;
    struct rh_str db = {0};
    struct rh_str wal = {0};

    if (name->moves == view->moves && name->generation == generation)
        return;
    (void)sim_disk_durable(view->disk, rh_str_from(name->name), &db); /* or empty */
    (void)sim_disk_durable(view->disk, rh_str_from(name->wal), &wal); /* likewise */
    sim_image_update(&name->image, db, wal, name->moves != view->moves);
    name->moves = view->moves;
    name->generation = generation;
}

static int view_unlock(sqlite3_file *base, int level)
{
    struct view_file *own = own_of(base);

    if (level == SQLITE_LOCK_NONE && own->reads) {
        own->name->readers--;
        own->reads = false;
    }
    return SQLITE_OK;
}

static int view_lock(sqlite3_file *base, int level)
{
    struct view_file *own = own_of(base);

    if (level > SQLITE_LOCK_SHARED)
        return SQLITE_BUSY;
    if (own->reads)
        return SQLITE_OK;
    if (own->name->readers == 0)
        refresh(own->view, own->name);
    own->name->readers++;
    own->reads = true;
    return SQLITE_OK;
}

static int view_close(sqlite3_file *base)
{
    return view_unlock(base, SQLITE_LOCK_NONE);
}

static int view_read(sqlite3_file *base, void *to, int n, sqlite3_int64 at)
{
    size_t got = sim_bytes_read(&own_of(base)->name->image.bytes, (size_t)at, to, (size_t)n);

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
    *out = (sqlite3_int64)own_of(base)->name->image.bytes.n;
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

static const sqlite3_io_methods methods = {
    .iVersion = 1,
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
};

static struct view_name *name_of(struct sim_view *view, const char *name)
{
    struct view_name *known = rh_map_get(&view->names, rh_str_from(name));
    size_t size = strlen(name) + 1;

    if (known)
        return known;
    known = calloc(1, sizeof *known + 2 * size + strlen("-wal"));
    if (!known)
        abort();
    memcpy(known->name, name, size);
    known->wal = known->name + size;
    (void)snprintf(known->wal, size + strlen("-wal"), "%s-wal", name); /* fits */
    if (rh_map_put(&view->names, rh_str_from(name), known, NULL) != RH_OK) {
        free(known);
        return NULL;
    }
    return known;
}

static int view_open(sqlite3_vfs *base, const char *path, sqlite3_file *out, int flags,
                     int *out_flags)
{
    struct sim_view *view = base->pAppData;
    const char *name = path ? sim_vfs_below(view->root, path) : NULL;
    struct view_name *shared = NULL;
    struct rh_str content = {0};

    out->pMethods = NULL;
    if (name && sim_disk_durable(view->disk, rh_str_from(name), &content) && content.n > 0)
        shared = name_of(view, name);
    if (!shared)
        return SQLITE_CANTOPEN;
    *(struct view_file *)(void *)out =
        (struct view_file){.base.pMethods = &methods, .view = view, .name = shared};
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
    (void)base;
    (void)path;
    (void)flags;
    *out = 0; /* SQLite asks for journals only: there are none */
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

struct sim_view *sim_view_new(const struct sim_disk *disk, const char *root)
{
    struct sim_view *view = calloc(1, sizeof *view);

    if (!view)
        abort();
    view->disk = disk;
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
        assert(((struct view_name *)value)->readers == 0);
        sim_image_release(&((struct view_name *)value)->image);
        free(value);
    }
    rh_map_release(&view->names);
    free(view);
}

void sim_view_move(struct sim_view *view, const struct sim_disk *disk)
{
    view->disk = disk;
    view->moves++;
}

const char *sim_view_name(const struct sim_view *view)
{
    return view->name;
}
