/* Reading from the snapshot: one read transaction held open, every statement reset before the call
 * ends. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/state_impl.h"

static const char *const reader_sql[R_COUNT] = {
    [R_BEGIN] = "BEGIN",
    [R_END] = "COMMIT",
    [R_TOUCH] = "SELECT idx FROM applied",
    [R_GET] = "SELECT rev, value FROM kv WHERE ns=?1 AND key=?2",
    [R_FORWARD] = "SELECT key, rev, value FROM kv WHERE ns=?1 AND key>=?2 AND key<?3 ORDER BY key",
    [R_REVERSE] =
        "SELECT key, rev, value FROM kv WHERE ns=?1 AND key>=?2 AND key<?3 ORDER BY key DESC",
    [R_NAMESPACE] = "SELECT id, revision, keys, bytes, schema, owner FROM namespace WHERE name=?1",
    [R_USED] = "SELECT 1 FROM namespace WHERE revision>0 LIMIT 1",
    [R_EVENTS] = ("SELECT cursor, name, revision, n, type, source, payload, node, at_ms FROM event"
                  " WHERE cursor>?1 ORDER BY cursor LIMIT ?2"),
};

int32_t state_reader_open(struct state_reader *reader, const char *path, const char *vfs, char *why)
{
    reader->path = path;
    int32_t rc = state_db_open_reader(path, vfs, &reader->db, why);
    if (rc == RH_OK)
        rc = state_db_prepare(reader->db, path, reader_sql, R_COUNT, reader->stmts, why);
    return rc == RH_OK ? state_reader_advance(reader, why) : rc;
}

void state_reader_close(struct state_reader *reader)
{
    state_db_finalize(reader->stmts, R_COUNT);
    int rc = sqlite3_close(reader->db);
    assert(rc == SQLITE_OK);
    reader->db = NULL;
}

int32_t state_reader_advance(struct state_reader *reader, char *why)
{
    int rc = SQLITE_OK;
    if (!sqlite3_get_autocommit(reader->db))
        rc = state_db_run(reader->stmts[R_END]);
    if (rc == SQLITE_OK)
        rc = state_db_run(reader->stmts[R_BEGIN]);
    if (rc == SQLITE_OK)
        rc = state_db_run(reader->stmts[R_TOUCH]); /* the first read is what takes the snapshot */
    return rc == SQLITE_OK ? RH_OK : state_db_error(reader->db, reader->path, "snapshot", why);
}

int32_t state_reader_namespace(struct state_reader *reader, const char *name, int64_t *id,
                               struct state_counts *counts, char owner[STATE_PLUGIN_MAX + 1])
{
    sqlite3_stmt *stmt = reader->stmts[R_NAMESPACE];
    if (sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC) != SQLITE_OK)
        return RH_ENOMEM;
    *id = 0;
    *counts = (struct state_counts){0};
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *id = sqlite3_column_int64(stmt, 0);
        counts->revision = (uint64_t)sqlite3_column_int64(stmt, 1);
        counts->keys = (uint64_t)sqlite3_column_int64(stmt, 2);
        counts->bytes = (uint64_t)sqlite3_column_int64(stmt, 3);
        counts->schema = (uint32_t)sqlite3_column_int64(stmt, 4);
        struct rh_str text = state_db_column(stmt, 5);
        if (owner && text.n <= STATE_PLUGIN_MAX) {
            memcpy(owner, text.p, text.n);
            owner[text.n] = 0;
        }
    }
    (void)sqlite3_reset(stmt); /* repeats the error of step */
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? RH_OK : RH_EIO;
}

/* Row id of a namespace, kept once known; 0 = nothing has been written to it. */
static int32_t ns_row(struct state_ns *ns, int64_t *id)
{
    struct state_counts counts;
    int32_t rc = RH_OK;
    if (ns->row_id == 0)
        rc = state_reader_namespace(&ns->store->reader, ns->name, &ns->row_id, &counts, NULL);
    *id = ns->row_id;
    return rc;
}

static void note_size(struct state *state, const struct state_ns *ns)
{
    if (ns->data.cap > STATE_BUF_KEPT_BYTES)
        state->has_big_buf = 1;
}

int32_t state_get(struct state *state, struct state_ns *ns, struct rh_str key, struct rh_value *out)
{
    struct rh_value value = {.size = sizeof(value)};
    int64_t id = 0;
    if (key.n == 0 || key.n > RH_KEY_MAX)
        return RH_EINVAL;
    rh_buf_reset(&ns->data);
    int32_t rc = ns_row(ns, &id);
    if (rc != RH_OK)
        return rc;
    if (id == 0) {
        *out = value;
        return RH_OK;
    }
    sqlite3_stmt *stmt = ns->store->reader.stmts[R_GET];
    (void)sqlite3_bind_int64(stmt, 1, id); /* numbers bind to any reset statement */
    if (state_db_bind_bytes(stmt, 2, key) != SQLITE_OK)
        return RH_ENOMEM;
    int got = sqlite3_step(stmt);
    if (got == SQLITE_ROW) {
        value.found = 1;
        value.version = (uint64_t)sqlite3_column_int64(stmt, 0);
        rc = rh_buf_append_str(&ns->data, state_db_column(stmt, 1));
        value.data = rh_buf_str(&ns->data);
    } else if (got != SQLITE_DONE) {
        rc = RH_EIO;
    }
    (void)sqlite3_reset(stmt); /* repeats the error of step */
    note_size(state, ns);
    if (rc == RH_OK)
        *out = value;
    return rc;
}

/* Rows point into ns->data by offset until all have been copied. */
static int32_t scan_rows(struct state_ns *ns, sqlite3_stmt *stmt, uint32_t limit, uint32_t *count,
                         uint32_t *more)
{
    int got;
    while ((got = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct rh_str key = state_db_column(stmt, 0);
        struct rh_str data = state_db_column(stmt, 2);
        if (*count == limit || (*count > 0 && ns->data.n + key.n + data.n > STATE_SCAN_BYTES_MAX)) {
            *more = 1;
            return RH_OK;
        }
        struct rh_row *row = &ns->rows[(*count)++];
        row->key = (struct rh_str){NULL, key.n};
        row->data = (struct rh_str){NULL, data.n};
        row->version = (uint64_t)sqlite3_column_int64(stmt, 1);
        (void)rh_buf_append_str(&ns->data, key); /* the error is sticky */
        if (rh_buf_append_str(&ns->data, data) != RH_OK)
            return RH_ENOMEM;
    }
    return got == SQLITE_DONE ? RH_OK : RH_EIO;
}

static void rows_point(struct state_ns *ns, uint32_t count)
{
    const char *p = ns->data.p;
    for (uint32_t i = 0; i < count; i++) {
        ns->rows[i].key.p = p;
        p += ns->rows[i].key.n;
        ns->rows[i].data.p = p;
        p += ns->rows[i].data.n;
    }
}

static int32_t scan_begin(struct state_ns *ns, const struct rh_scan *scan, int64_t id,
                          sqlite3_stmt *stmt)
{
    if (!ns->rows)
        ns->rows = calloc(RH_SCAN_ROWS_MAX, sizeof(ns->rows[0]));
    if (!ns->rows)
        return RH_ENOMEM;
    (void)sqlite3_bind_int64(stmt, 1, id); /* numbers bind to any reset statement */
    if (state_db_bind_bytes(stmt, 2, scan->from) != SQLITE_OK ||
        state_db_bind_bytes(stmt, 3, scan->to.n > 0 ? scan->to : state_db_last_key()) != SQLITE_OK)
        return RH_ENOMEM;
    return RH_OK;
}

int32_t state_scan(struct state *state, struct state_ns *ns, const struct rh_scan *scan,
                   struct rh_rows *out)
{
    struct rh_rows rows = {.size = sizeof(rows), .row_stride = sizeof(struct rh_row)};
    int64_t id = 0;
    if (scan->limit > RH_SCAN_ROWS_MAX || (scan->flags & ~RH_SCAN_REVERSE) != 0)
        return RH_EINVAL;
    /* A key that ends with one byte more is where a forward scan goes on, so the ends may be that
     * long. */
    if (scan->from.n > RH_KEY_MAX + 1 || scan->to.n > RH_KEY_MAX + 1)
        return RH_EINVAL;
    rh_buf_reset(&ns->data);
    int32_t rc = ns_row(ns, &id);
    if (rc != RH_OK)
        return rc;
    if (id == 0) {
        *out = rows;
        return RH_OK;
    }
    sqlite3_stmt *stmt =
        ns->store->reader.stmts[scan->flags & RH_SCAN_REVERSE ? R_REVERSE : R_FORWARD];
    rc = scan_begin(ns, scan, id, stmt);
    if (rc == RH_OK)
        rc = scan_rows(ns, stmt, scan->limit > 0 ? scan->limit : RH_SCAN_ROWS_MAX, &rows.count,
                       &rows.more);
    (void)sqlite3_reset(stmt); /* repeats the error of step */
    note_size(state, ns);
    if (rc != RH_OK)
        return rc;
    rows_point(ns, rows.count);
    rows.rows = ns->rows;
    *out = rows;
    return RH_OK;
}

int32_t state_usage(struct state *state, struct state_ns *ns, struct rh_usage *out)
{
    struct state_counts counts;
    int64_t id = 0;
    (void)state; /* the face is the same for all reads */
    int32_t rc = state_reader_namespace(&ns->store->reader, ns->name, &id, &counts, NULL);
    if (rc != RH_OK)
        return rc;
    *out = (struct rh_usage){.size = sizeof(*out),
                             .revision = counts.revision,
                             .keys = counts.keys,
                             .bytes = counts.bytes};
    return RH_OK;
}
