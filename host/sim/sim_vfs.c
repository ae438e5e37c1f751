/* Names, opening and the small services of the VFS; the files' own methods are sim_vfs_file.c. */
#include "host/sim/sim_vfs.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

#include "host/sim/sim_vfs_impl.h"

/* Milliseconds from noon of November 24, 4714 BC, where SQLite counts from, to 1970. */
#define JULIAN_UNIX_MS INT64_C(210866760000000)

struct sim_vfs {
    sqlite3_vfs base;
    struct sim_disk *disk;
    const char *root;
    struct sim_vfs_clock clock;
    int last_errno;
    char name[48];
};

const char *sim_vfs_below(const char *root, const char *path)
{
    size_t n = strlen(root);

    return strncmp(path, root, n) == 0 && path[n] == '/' && path[n + 1] != '\0' ? path + n + 1
                                                                                : NULL;
}

static struct sim_vfs *vfs_of(sqlite3_vfs *base)
{
    return base->pAppData;
}

static int refuse(struct sim_vfs *vfs, int rc, int number)
{
    vfs->last_errno = number;
    return rc;
}

static int vfs_open(sqlite3_vfs *base, const char *path, sqlite3_file *out, int flags,
                    int *out_flags)
{
    const int journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    struct sim_vfs *vfs = vfs_of(base);
    const char *name = path ? sim_vfs_below(vfs->root, path) : NULL;
    bool makes = (flags & SQLITE_OPEN_CREATE) != 0;
    struct sim_file *file;
    bool is_new;

    out->pMethods = NULL;
    if (path && !name)
        return refuse(vfs, SQLITE_CANTOPEN, ENOENT);
    is_new = !name || !sim_disk_find(vfs->disk, name);
    if (!is_new && (flags & SQLITE_OPEN_EXCLUSIVE) != 0)
        return refuse(vfs, SQLITE_CANTOPEN, EEXIST);
    file = sim_disk_open(vfs->disk, name, makes);
    if (!file)
        return refuse(vfs, SQLITE_CANTOPEN, makes ? ENOSPC : ENOENT);
    sim_vfs_file_open((struct sim_vfs_file *)(void *)out, vfs->disk, file, &vfs->last_errno);
    ((struct sim_vfs_file *)(void *)out)->syncs_names = is_new && name && (flags & journals) != 0;
    if (name && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0)
        (void)sim_disk_remove(vfs->disk, name); /* is there; the open file lives on without it */
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *base, const char *path, int syncs_names)
{
    struct sim_vfs *vfs = vfs_of(base);
    const char *name = sim_vfs_below(vfs->root, path);

    if (!name || sim_disk_remove(vfs->disk, name) != RH_OK)
        return refuse(vfs, SQLITE_IOERR_DELETE_NOENT, ENOENT);
    if (syncs_names && sim_disk_sync_names(vfs->disk) != RH_OK)
        return refuse(vfs, SQLITE_IOERR_DIR_FSYNC, EIO);
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *base, const char *path, int flags, int *out)
{
    struct sim_vfs *vfs = vfs_of(base);
    const char *name = sim_vfs_below(vfs->root, path);
    const struct sim_file *file = name ? sim_disk_find(vfs->disk, name) : NULL;

    /* An empty journal is none: SQLite's VFS for Unix says so, too. */
    *out = file && (flags != SQLITE_ACCESS_EXISTS || sim_disk_size(file) > 0);
    return SQLITE_OK;
}

int sim_vfs_full_path(sqlite3_vfs *base, const char *path, int size, char *out)
{
    int n = snprintf(out, (size_t)size, "%s", path); /* all of ours are absolute */

    (void)base;
    return n >= 0 && n < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_random(sqlite3_vfs *base, int n, char *out)
{
    struct sim_vfs *vfs = vfs_of(base);

    for (int i = 0; i < n; i++)
        out[i] = (char)(sim_disk_random(vfs->disk) & 0xff);
    return n;
}

int sim_vfs_sleep(sqlite3_vfs *base, int microseconds)
{
    (void)base;
    return microseconds; /* nobody else runs meanwhile, so there is nothing to wait for */
}

static int vfs_time_ms(sqlite3_vfs *base, sqlite3_int64 *out)
{
    const struct sim_vfs *vfs = vfs_of(base);

    *out = JULIAN_UNIX_MS + vfs->clock.wall_ms(vfs->clock.user);
    return SQLITE_OK;
}

static int vfs_time(sqlite3_vfs *base, double *out)
{
    sqlite3_int64 ms = 0;
    int rc = vfs_time_ms(base, &ms);

    *out = (double)ms / 86400000.0;
    return rc;
}

static int vfs_last_error(sqlite3_vfs *base, int size, char *out)
{
    const struct sim_vfs *vfs = vfs_of(base);

    if (size > 0)
        (void)snprintf(out, (size_t)size, "%s", strerror(vfs->last_errno)); /* words may be cut */
    return vfs->last_errno;
}

struct sim_vfs *sim_vfs_new(struct sim_disk *disk, const char *root, struct sim_vfs_clock clock)
{
    struct sim_vfs *vfs = calloc(1, sizeof *vfs);

    if (!vfs)
        abort();
    /* As host/core/state.c asks, which comes too late once a VFS is registered. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    vfs->disk = disk;
    vfs->root = root;
    vfs->clock = clock;
    (void)snprintf(vfs->name, sizeof vfs->name, "ringhost-sim-%p", (void *)vfs); /* fits */
    vfs->base = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct sim_vfs_file),
        .mxPathname = SIM_VFS_PATH_MAX,
        .zName = vfs->name,
        .pAppData = vfs,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = sim_vfs_full_path,
        .xRandomness = vfs_random,
        .xSleep = sim_vfs_sleep,
        .xCurrentTime = vfs_time,
        .xCurrentTimeInt64 = vfs_time_ms,
        .xGetLastError = vfs_last_error,
    };
    if (sqlite3_vfs_register(&vfs->base, 0) != SQLITE_OK)
        abort(); /* fails only when SQLite cannot begin */
    return vfs;
}

void sim_vfs_free(struct sim_vfs *vfs)
{
    if (!vfs)
        return;
    if (sqlite3_vfs_unregister(&vfs->base) != SQLITE_OK)
        abort(); /* likewise */
    free(vfs);
}

const char *sim_vfs_name(const struct sim_vfs *vfs)
{
    return vfs->name;
}

/* SQLite seeds its generator from the default VFS, at the first number after a reset. */
void sim_vfs_seed_sqlite(struct sim_vfs *vfs)
{
    sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
    unsigned char byte;

    if (sqlite3_vfs_register(&vfs->base, 1) != SQLITE_OK)
        abort(); /* likewise */
    sqlite3_randomness(0, NULL);
    sqlite3_randomness(1, &byte);
    if (sqlite3_vfs_register(usual, 1) != SQLITE_OK)
        abort(); /* likewise */
}
