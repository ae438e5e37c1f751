/* Files beside the databases, through SQLite's VFS: where that simulates, or fails on command, they
 * do too. Not the databases themselves (state_db.c). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/state_impl.h"

/* SQLite's own VFS takes less than 128 KiB a call, and says that the disk is full beyond. */
#define FILE_CALL_BYTES (64u * 1024u)

/* SQLite's end of a name is two NUL bytes; path has room for both. */
static int full_path(sqlite3_vfs *vfs, const char *path, char out[STATE_PATH_MAX])
{
    memset(out, 0, STATE_PATH_MAX);
    int rc = vfs->xFullPathname(vfs, path, (int)STATE_PATH_MAX - 1, out);
    return rc == SQLITE_OK_SYMLINK ? SQLITE_OK : rc;
}

int state_file_open(struct state_file *file, const char *vfs, const char *path)
{
    /* A journal by its kind: a VFS gives no meaning of its own to what is in one. */
    const int flags = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    assert(!file->file);
    file->vfs = sqlite3_vfs_find(vfs);
    if (!file->vfs)
        return SQLITE_CANTOPEN;
    int rc = full_path(file->vfs, path, file->path);
    if (rc != SQLITE_OK)
        return rc;
    file->file = calloc(1, (size_t)file->vfs->szOsFile);
    if (!file->file)
        return SQLITE_NOMEM;
    rc = file->vfs->xOpen(file->vfs, file->path, file->file, flags, NULL);
    if (rc != SQLITE_OK)
        state_file_close(file);
    return rc;
}

void state_file_close(struct state_file *file)
{
    if (file->file && file->file->pMethods)
        (void)file->file->pMethods->xClose(file->file); /* nothing is left to be written */
    free(file->file);
    file->file = NULL;
}

int state_file_length(struct state_file *file, uint64_t *out)
{
    sqlite3_int64 length = 0;
    int rc = file->file->pMethods->xFileSize(file->file, &length);
    if (rc == SQLITE_OK)
        *out = (uint64_t)length;
    return rc;
}

int state_file_read(struct state_file *file, uint64_t offset, void *out, uint32_t n)
{
    int rc = SQLITE_OK;
    for (uint32_t done = 0; rc == SQLITE_OK && done < n;) {
        uint32_t some = n - done < FILE_CALL_BYTES ? n - done : FILE_CALL_BYTES;
        uint64_t at = offset + done;
        rc = file->file->pMethods->xRead(file->file, (char *)out + done, (int)some,
                                         (sqlite3_int64)at);
        done += some;
    }
    return rc;
}

int state_file_write(struct state_file *file, uint64_t offset, struct rh_str data)
{
    int rc = SQLITE_OK;
    for (size_t done = 0; rc == SQLITE_OK && done < data.n;) {
        size_t some = data.n - done < FILE_CALL_BYTES ? data.n - done : FILE_CALL_BYTES;
        uint64_t at = offset + done;
        rc = file->file->pMethods->xWrite(file->file, data.p + done, (int)some, (sqlite3_int64)at);
        done += some;
    }
    return rc;
}

int state_file_remove(const char *vfs_name, const char *path)
{
    static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    int rc = vfs ? SQLITE_OK : SQLITE_CANTOPEN;
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof(ends) / sizeof(ends[0]); i++) {
        char name[STATE_PATH_MAX];
        char full[STATE_PATH_MAX];
        int n = snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        if (n < 0 || (size_t)n >= sizeof(name))
            return SQLITE_CANTOPEN;
        rc = full_path(vfs, name, full);
        if (rc == SQLITE_OK)
            rc = vfs->xDelete(vfs, full, 0);
        if (rc == SQLITE_IOERR_DELETE_NOENT)
            rc = SQLITE_OK;
    }
    return rc;
}

int32_t state_file_error(int sqlite_rc)
{
    switch (sqlite_rc & 0xff) {
    case SQLITE_OK:
        return RH_OK;
    case SQLITE_FULL:
        return RH_ENOSPACE;
    case SQLITE_NOMEM:
        return RH_ENOMEM;
    default:
        return RH_EIO;
    }
}
