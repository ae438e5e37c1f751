/* SQLite on what is durable; see disk_view.h. */
#include "host/sim/run/disk_view.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/str.h>

#include "host/sim/sim_storage.h"

#define DATA_BYTES_MAX (64u * 1024u * 1024u)
#define PATH_MAX_BYTES 512
#define FILES          2u

enum { SQL_NAMESPACE, SQL_GET, SQL_FORWARD, SQL_REVERSE, SQL_COUNT };

static const char *const file_names[FILES] = {"local.db", "replica.db"};
static const char *const sql[SQL_COUNT] = {
    [SQL_NAMESPACE] = "SELECT id FROM namespace WHERE name=?1",
    /* A row for a namespace that is there, without a key where that is not. */
    [SQL_GET] = "SELECT kv.key, kv.rev, kv.value FROM namespace LEFT JOIN kv"
                " ON kv.ns=namespace.id AND kv.key=?2 WHERE namespace.name=?1",
    [SQL_FORWARD] = "SELECT key, rev, value FROM kv WHERE ns=?1 AND key>=?2 AND"
                    " (length(?3)=0 OR key<?3) ORDER BY key LIMIT ?4",
    [SQL_REVERSE] = "SELECT key, rev, value FROM kv WHERE ns=?1 AND key>=?2 AND"
                    " (length(?3)=0 OR key<?3) ORDER BY key DESC LIMIT ?4",
};

struct disk_view {
    struct sim_storage *storage;
    sqlite3 *dbs[FILES];
    sqlite3_stmt *stmts[FILES][SQL_COUNT];
    struct rh_buf data;
    struct rh_row rows[RH_SCAN_ROWS_MAX];
};

struct disk_view *disk_view_new(struct sim_storage *storage)
{
    struct disk_view *view = calloc(1, sizeof *view);

    if (!view)
        abort(); /* as the whole simulation */
    view->storage = storage;
    rh_buf_init(&view->data, DATA_BYTES_MAX);
    return view;
}

static void close_file(struct disk_view *view, uint32_t at)
{
    for (uint32_t i = 0; i < SQL_COUNT; i++) {
        (void)sqlite3_finalize(view->stmts[at][i]); /* repeats the error of its last step */
        view->stmts[at][i] = NULL;
    }
    (void)sqlite3_close(view->dbs[at]); /* no statement is left */
    view->dbs[at] = NULL;
}

void disk_view_free(struct disk_view *view)
{
    if (!view)
        return;
    for (uint32_t i = 0; i < FILES; i++)
        close_file(view, i);
    rh_buf_release(&view->data);
    free(view);
}

/* A database that was not yet durable as a whole is opened anew at the next look. */
static int32_t open_file(struct disk_view *view, uint32_t at, const char *vfs)
{
    char path[PATH_MAX_BYTES];
    int rc = SQLITE_OK;

    if (view->dbs[at])
        return RH_OK;
    (void)snprintf(path, sizeof path, "%s/%s", view->storage->root, file_names[at]); /* fits */
    rc = sqlite3_open_v2(path, &view->dbs[at], SQLITE_OPEN_READONLY, vfs);
    for (uint32_t i = 0; i < SQL_COUNT && rc == SQLITE_OK; i++)
        rc = sqlite3_prepare_v2(view->dbs[at], sql[i], -1, &view->stmts[at][i], NULL);
    if (rc == SQLITE_OK)
        return RH_OK;
    close_file(view, at);
    return RH_EIO;
}

/* Which database has the namespace, and under which number. */
static int32_t find_namespace(struct disk_view *view, const char *name, uint32_t *file, int64_t *id)
{
    const char *vfs = sim_storage_look(view->storage);
    int32_t worst = RH_ENOTFOUND;

    for (uint32_t at = 0; at < FILES; at++) {
        sqlite3_stmt *stmt;
        int rc;

        if (open_file(view, at, vfs) != RH_OK)
            continue; /* it is not there yet */
        stmt = view->stmts[at][SQL_NAMESPACE];
        rc = sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
        if (rc == SQLITE_OK)
            rc = sqlite3_step(stmt);
        *id = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
        (void)sqlite3_reset(stmt); /* repeats the error of step */
        if (rc == SQLITE_ROW) {
            *file = at;
            return RH_OK;
        }
        if (rc != SQLITE_DONE)
            worst = RH_EIO;
    }
    return worst;
}

static int bind(sqlite3_stmt *stmt, int at, struct rh_str bytes)
{
    return bytes.n == 0 ? sqlite3_bind_zeroblob(stmt, at, 0)
                        : sqlite3_bind_blob(stmt, at, bytes.p, (int)bytes.n, SQLITE_STATIC);
}

/* Where a column's bytes went in view->data, as an offset until the buffer has come to rest. */
static struct rh_str keep(struct disk_view *view, sqlite3_stmt *stmt, int column)
{
    size_t at = view->data.n;
    size_t n = (size_t)sqlite3_column_bytes(stmt, column);

    if (rh_buf_append(&view->data, sqlite3_column_blob(stmt, column), n) != RH_OK)
        abort(); /* as the whole simulation */
    return (struct rh_str){(const char *)at, n};
}

/* Read the rows of a bound statement: RH_OK or RH_EIO. */
static int32_t read_rows(struct disk_view *view, sqlite3_stmt *stmt, uint32_t limit,
                         uint32_t *count)
{
    int rc = SQLITE_DONE;

    rh_buf_reset(&view->data);
    *count = 0;
    while (*count < limit && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct rh_row *row = &view->rows[(*count)++];

        row->key = keep(view, stmt, 0);
        row->version = (uint64_t)sqlite3_column_int64(stmt, 1);
        row->data = keep(view, stmt, 2);
    }
    (void)sqlite3_reset(stmt); /* repeats the error of step */
    for (uint32_t i = 0; i < *count; i++) {
        view->rows[i].key.p = view->data.p + (size_t)view->rows[i].key.p;
        view->rows[i].data.p = view->data.p + (size_t)view->rows[i].data.p;
    }
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? RH_OK : RH_EIO;
}

int32_t disk_view_get(struct disk_view *view, const char *name_space, struct rh_str key,
                      struct rh_value *out)
{
    const char *vfs = sim_storage_look(view->storage);
    int32_t worst = RH_ENOTFOUND;

    for (uint32_t at = 0; at < FILES; at++) {
        sqlite3_stmt *stmt;
        uint32_t count;

        if (open_file(view, at, vfs) != RH_OK)
            continue; /* it is not there yet */
        stmt = view->stmts[at][SQL_GET];
        if (sqlite3_bind_text(stmt, 1, name_space, -1, SQLITE_STATIC) != SQLITE_OK ||
            bind(stmt, 2, key) != SQLITE_OK || read_rows(view, stmt, 1, &count) != RH_OK) {
            worst = RH_EIO;
            continue;
        }
        if (count == 0)
            continue;
        *out = (struct rh_value){.size = (uint32_t)sizeof *out, .found = view->rows[0].key.n > 0};
        if (out->found) {
            out->data = view->rows[0].data;
            out->version = view->rows[0].version;
        }
        return RH_OK;
    }
    return worst;
}

int32_t disk_view_scan(struct disk_view *view, const struct rh_scan *scan, struct rh_rows *out)
{
    uint32_t limit =
        scan->limit > 0 && scan->limit < RH_SCAN_ROWS_MAX ? scan->limit : RH_SCAN_ROWS_MAX;
    uint32_t file, count;
    int64_t id;
    int32_t rc = find_namespace(view, scan->name_space, &file, &id);
    sqlite3_stmt *stmt;

    if (rc != RH_OK)
        return rc;
    stmt = view->stmts[file][scan->flags & RH_SCAN_REVERSE ? SQL_REVERSE : SQL_FORWARD];
    if (sqlite3_bind_int64(stmt, 1, id) != SQLITE_OK || bind(stmt, 2, scan->from) != SQLITE_OK ||
        bind(stmt, 3, scan->to) != SQLITE_OK || sqlite3_bind_int64(stmt, 4, limit) != SQLITE_OK)
        return RH_EIO;
    rc = read_rows(view, stmt, limit, &count);
    *out = (struct rh_rows){.size = (uint32_t)sizeof *out,
                            .count = count,
                            .rows = view->rows,
                            .row_stride = (uint32_t)sizeof(struct rh_row),
                            .more = count == limit};
    return rc;
}
