/* The writer's connection: its statements, the namespace rows it keeps in memory and writes once a
 * group. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/state_impl.h"

static const char *const writer_sql[W_COUNT] = {
    [W_BEGIN] = "BEGIN IMMEDIATE",
    [W_COMMIT] = "COMMIT",
    [W_ROLLBACK] = "ROLLBACK",
    [W_SAVE] = "SAVEPOINT batch",
    [W_UNDO] = "ROLLBACK TO batch",
    [W_RELEASE] = "RELEASE batch",
    [W_OLD] = "SELECT rev, length(value) FROM kv WHERE ns=?1 AND key=?2",
    /* old_size tells the writer what is replaced: a statement less than to ask before. */
    [W_PUT] = "INSERT INTO kv(ns, key, rev, value) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(ns, key)"
              " DO UPDATE SET rev=?3, value=?4 WHERE old_size(length(kv.value))",
    [W_DELETE] = "DELETE FROM kv WHERE ns=?1 AND key=?2",
    [W_EDGE] =
        "SELECT key FROM kv WHERE ns=?1 AND key>=?2 AND key<?3 ORDER BY key LIMIT 1 OFFSET ?4",
    [W_SUM] = "SELECT count(*), ifnull(sum(length(key) + length(value)), 0) FROM kv"
              " WHERE ns=?1 AND key>=?2 AND key<?3",
    [W_RANGE] = "DELETE FROM kv WHERE ns=?1 AND key>=?2 AND key<?3",
    [W_NAMESPACE] =
        "INSERT INTO namespace(id, name, owner, schema, revision, keys, bytes, run_refused)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(id) DO UPDATE SET schema=?4,"
        " revision=?5, keys=?6, bytes=?7, run_refused=?8",
    [W_EVENT] = "INSERT INTO event(cursor, name, revision, n, type, source, payload, node, at_ms)"
                " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [W_TRIM] = "DELETE FROM event WHERE cursor<?1",
    [W_APPLIED] = "UPDATE applied SET idx=?1, term=?2, home=?3 WHERE one=1",
};

/* SQLite calls this after each commit that wrote, on the thread that committed. */
static int on_wal(void *arg, sqlite3 *db, const char *name, int frames)
{
    struct state_writer *writer = arg;
    (void)db;
    (void)name;
    writer->wal_frames = (uint64_t)frames;
    writer->syncs++;
    return SQLITE_OK;
}

/* SQL function old_size(bytes), always true: W_PUT meets a value of that size. */
static void old_size(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct state_writer *writer = sqlite3_user_data(context);
    assert(count == 1);
    writer->has_old = 1;
    writer->old_n = (uint64_t)sqlite3_value_int64(values[0]);
    sqlite3_result_int(context, 1);
}

static void copy_text(char *dst, size_t size, struct rh_str text)
{
    size_t n = text.n < size ? text.n : size - 1;
    if (n > 0)
        memcpy(dst, text.p, n);
    dst[n] = 0;
}

static int load_rows(struct state_writer *writer)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(writer->db,
                                "SELECT id, name, owner, schema, revision, keys, bytes, run_refused"
                                " FROM namespace ORDER BY id",
                                -1, &stmt, NULL);
    writer->row_count = 0;
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW &&
           writer->row_count < STATE_NAMESPACES_MAX) {
        struct state_row *row = &writer->rows[writer->row_count++];
        memset(row, 0, sizeof(*row));
        row->id = sqlite3_column_int64(stmt, 0);
        copy_text(row->name, sizeof(row->name), state_db_column(stmt, 1));
        copy_text(row->owner, sizeof(row->owner), state_db_column(stmt, 2));
        row->name_n = strlen(row->name);
        row->now.schema = (uint32_t)sqlite3_column_int64(stmt, 3);
        row->now.revision = (uint64_t)sqlite3_column_int64(stmt, 4);
        row->now.keys = (uint64_t)sqlite3_column_int64(stmt, 5);
        row->now.bytes = (uint64_t)sqlite3_column_int64(stmt, 6);
        row->now.run_refused = (uint64_t)sqlite3_column_int64(stmt, 7);
        row->kept = row->now;
    }
    writer->row_count_kept = writer->row_count;
    int end = sqlite3_finalize(stmt);
    return rc != SQLITE_OK ? rc : end;
}

static int load_applied(struct state_writer *writer)
{
    sqlite3_stmt *stmt = NULL;
    int rc =
        sqlite3_prepare_v2(writer->db,
                           "SELECT idx, term, home, (SELECT ifnull(max(cursor), 0) + 1 FROM event),"
                           " (SELECT min(cursor) FROM event) FROM applied",
                           -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        struct state_applied *applied = &writer->now;
        applied->index = (uint64_t)sqlite3_column_int64(stmt, 0);
        applied->term = (uint64_t)sqlite3_column_int64(stmt, 1);
        copy_text(applied->home, sizeof(applied->home), state_db_column(stmt, 2));
        applied->event_next = (uint64_t)sqlite3_column_int64(stmt, 3);
        applied->event_oldest = sqlite3_column_type(stmt, 4) == SQLITE_NULL
                                    ? applied->event_next
                                    : (uint64_t)sqlite3_column_int64(stmt, 4);
        writer->kept = writer->now;
    }
    return sqlite3_finalize(stmt);
}

int32_t state_writer_load(struct state_writer *writer, char *why)
{
    writer->applied_is_dirty = 0;
    if (load_rows(writer) != SQLITE_OK || load_applied(writer) != SQLITE_OK)
        return state_db_error(writer->db, writer->path, "cannot be read", why);
    return RH_OK;
}

int32_t state_writer_open(struct state_writer *writer, const char *path, const char *vfs, char *why)
{
    writer->path = path;
    writer->rows = calloc(STATE_NAMESPACES_MAX, sizeof(writer->rows[0]));
    writer->slots = calloc(STATE_MERGE_SLOTS, sizeof(writer->slots[0]));
    if (!writer->rows || !writer->slots)
        return state_db_error(NULL, path, NULL, why);
    int32_t rc = state_db_open(path, vfs, &writer->db, why);
    if (rc == RH_OK &&
        sqlite3_create_function_v2(writer->db, "old_size", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                   writer, old_size, NULL, NULL, NULL) != SQLITE_OK)
        rc = state_db_error(writer->db, path, NULL, why);
    if (rc == RH_OK)
        rc = state_db_prepare(writer->db, path, writer_sql, W_COUNT, writer->stmts, why);
    if (rc == RH_OK)
        rc = state_writer_load(writer, why);
    if (rc == RH_OK)
        (void)sqlite3_wal_hook(writer->db, on_wal,
                               writer); /* gives the former hook, there is none */
    return rc;
}

void state_writer_close(struct state_writer *writer, uint32_t is_failed)
{
    state_db_finalize(writer->stmts, W_COUNT);
    /* After a failed fsync nobody knows what is on disk: the next start reads the WAL and decides.
     */
    if (writer->db && is_failed)
        (void)sqlite3_db_config(writer->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int rc = sqlite3_close(writer->db);
    assert(rc == SQLITE_OK);
    writer->db = NULL;
    free(writer->rows);
    free(writer->slots);
    writer->rows = NULL;
    writer->slots = NULL;
}

void state_writer_keep(struct state_writer *writer)
{
    for (uint32_t i = 0; i < writer->row_count; i++) {
        writer->rows[i].kept = writer->rows[i].now;
        writer->rows[i].is_dirty = 0;
    }
    writer->row_count_kept = writer->row_count;
    writer->kept = writer->now;
    writer->applied_is_dirty = 0;
}

void state_writer_forget(struct state_writer *writer)
{
    writer->row_count = writer->row_count_kept;
    for (uint32_t i = 0; i < writer->row_count; i++) {
        writer->rows[i].now = writer->rows[i].kept;
        writer->rows[i].is_dirty = 0;
    }
    writer->now = writer->kept;
    writer->applied_is_dirty = 0;
}

static int flush_row(struct state_writer *writer, struct state_row *row)
{
    sqlite3_stmt *stmt = writer->stmts[W_NAMESPACE];
    (void)sqlite3_bind_int64(stmt, 1,
                             row->id); /* binding numbers cannot fail on a reset statement */
    (void)sqlite3_bind_int64(stmt, 4, row->now.schema);
    (void)sqlite3_bind_int64(stmt, 5, (int64_t)row->now.revision);
    (void)sqlite3_bind_int64(stmt, 6, (int64_t)row->now.keys);
    (void)sqlite3_bind_int64(stmt, 7, (int64_t)row->now.bytes);
    (void)sqlite3_bind_int64(stmt, 8, (int64_t)row->now.run_refused);
    int rc = sqlite3_bind_text(stmt, 2, row->name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 3, row->owner, -1, SQLITE_STATIC);
    return rc == SQLITE_OK ? state_db_run(stmt) : rc;
}

int state_writer_flush_rows(struct state_writer *writer)
{
    int rc = SQLITE_OK;
    for (uint32_t i = 0; rc == SQLITE_OK && i < writer->row_count; i++) {
        if (writer->rows[i].is_dirty)
            rc = flush_row(writer, &writer->rows[i]);
    }
    struct state_applied *now = &writer->now;
    if (rc == SQLITE_OK && writer->applied_is_dirty) {
        sqlite3_stmt *stmt = writer->stmts[W_APPLIED];
        (void)sqlite3_bind_int64(stmt, 1, (int64_t)now->index); /* cannot fail, see above */
        (void)sqlite3_bind_int64(stmt, 2, (int64_t)now->term);
        rc = sqlite3_bind_text(stmt, 3, now->home, -1, SQLITE_STATIC);
        if (rc == SQLITE_OK)
            rc = state_db_run(stmt);
    }
    if (rc == SQLITE_OK && now->event_next - now->event_oldest > STATE_EVENTS_KEPT) {
        now->event_oldest = now->event_next - STATE_EVENTS_KEPT;
        (void)sqlite3_bind_int64(writer->stmts[W_TRIM], 1, (int64_t)now->event_oldest);
        rc = state_db_run(writer->stmts[W_TRIM]);
    }
    return rc;
}

struct state_row *state_writer_row(struct state_writer *writer, struct rh_str name)
{
    for (uint32_t i = 0; i < writer->row_count; i++) {
        struct state_row *row = &writer->rows[i];
        if (row->name_n == name.n && memcmp(row->name, name.p, name.n) == 0)
            return row;
    }
    return NULL;
}
