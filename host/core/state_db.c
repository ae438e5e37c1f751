/* SQLite connections: opening, pragmas, layout and the words for errors; no state of the service.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/core/state_impl.h"

static const char state_db_layout[] =
    "CREATE TABLE namespace(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, owner TEXT NOT NULL,"
    " schema INTEGER NOT NULL, revision INTEGER NOT NULL, keys INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, run_refused INTEGER NOT NULL);"
    "CREATE TABLE kv(ns INTEGER NOT NULL, key BLOB NOT NULL, rev INTEGER NOT NULL,"
    " value BLOB NOT NULL, PRIMARY KEY(ns, key)) WITHOUT ROWID;"
    "CREATE TABLE event(cursor INTEGER PRIMARY KEY, name TEXT NOT NULL, revision INTEGER NOT NULL,"
    " n INTEGER NOT NULL, type TEXT NOT NULL, source TEXT NOT NULL, payload BLOB NOT NULL,"
    " node TEXT NOT NULL, at_ms INTEGER NOT NULL);"
    "CREATE TABLE applied(one INTEGER PRIMARY KEY CHECK(one = 1), idx INTEGER NOT NULL,"
    " term INTEGER NOT NULL, home TEXT NOT NULL);"
    "INSERT INTO applied VALUES(1, 0, 0, '');";

int32_t state_db_error(sqlite3 *db, const char *path, const char *what, char *why)
{
    int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
    int extended = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
    int system = db ? sqlite3_system_errno(db) : 0;
    int32_t rc = RH_EIO;
    if (code == SQLITE_FULL)
        rc = RH_ENOSPACE;
    else if (code == SQLITE_IOERR && system == ENOSPC && extended != SQLITE_IOERR_FSYNC)
        rc = RH_ENOSPACE;
    else if (code == SQLITE_NOMEM)
        rc = RH_ENOMEM;
    char reason[128] = "";
    if (system != 0 && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_FULL))
        (void)snprintf(reason, sizeof(reason), " (%s)", strerror(system));
    /* The words may be cut; they are for people. */
    (void)snprintf(why, STATE_WHY_MAX, "%s: %s%s%s%s", path, what ? what : "", what ? ": " : "",
                   db ? sqlite3_errmsg(db) : "out of memory", reason);
    return rc;
}

static int32_t fail_words(const char *path, const char *words, char *why)
{
    (void)snprintf(why, STATE_WHY_MAX, "%s: %s", path, words);
    return RH_EIO;
}

static int db_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int64(stmt, 0);
    return sqlite3_finalize(stmt);
}

/* Whether the file is empty (*is_new), ours, or something that must not be touched. */
static int32_t db_identify(sqlite3 *db, const char *path, uint32_t *is_new, char *why)
{
    int64_t id = 0;
    int64_t layout = 0;
    int64_t tables = 0;
    if (db_number(db, "PRAGMA application_id", &id) != SQLITE_OK ||
        db_number(db, "PRAGMA user_version", &layout) != SQLITE_OK ||
        db_number(db, "SELECT count(*) FROM sqlite_master", &tables) != SQLITE_OK)
        return state_db_error(db, path, NULL, why);
    *is_new = id == 0 && layout == 0 && tables == 0;
    if (*is_new)
        return RH_OK;
    if (id != STATE_APPLICATION_ID)
        return fail_words(path, "a database, but not of ringhost", why);
    if (layout > (int64_t)STATE_LAYOUT) {
        (void)snprintf(why, STATE_WHY_MAX,
                       "%s: layout %lld is newer than %u, which this program knows", path,
                       (long long)layout, STATE_LAYOUT);
        return RH_EIO;
    }
    return layout == (int64_t)STATE_LAYOUT ? RH_OK : fail_words(path, "unknown layout", why);
}

static int32_t db_create(sqlite3 *db, const char *path, char *why)
{
    char sql[128];
    int n = snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%u;",
                     STATE_APPLICATION_ID, STATE_LAYOUT);
    assert(n > 0 && (size_t)n < sizeof(sql));
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, state_db_layout, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return state_db_error(db, path, "cannot be laid out", why);
    return RH_OK;
}

static int32_t db_connect(const char *path, const char *vfs, sqlite3 **out, char *why)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    *out = NULL;
    int rc = sqlite3_open_v2(path, out, flags, vfs);
    if (rc != SQLITE_OK)
        return state_db_error(*out, path, "cannot be opened", why);
    (void)sqlite3_extended_result_codes(*out, 1); /* fails only on a NULL handle */
    if (sqlite3_db_readonly(*out, "main") != 0)
        return fail_words(path, "not writable", why);
    (void)sqlite3_busy_timeout(*out, 5000); /* an administrator's sqlite3 program, for a moment */
    return RH_OK;
}

static int32_t db_setup(sqlite3 *db, const char *path, char *why)
{
    static const char pragmas[] = "PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
                                  "PRAGMA journal_size_limit=16777216; PRAGMA trusted_schema=OFF;";
    uint32_t is_new = 0;
    int32_t rc = db_identify(db, path, &is_new, why);
    if (rc != RH_OK)
        return rc;
    /* EXTRA: the change to WAL goes through a rollback journal, and if its removal were not
     * durable, a power loss could bring it back to undo all that was committed since. */
    if (sqlite3_exec(db,
                     "PRAGMA page_size=4096; PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL;",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        return state_db_error(db, path, NULL, why);
    if (is_new)
        rc = db_create(db, path, why);
    /* What a crash left in the WAL goes to the database now, while nobody reads. */
    if (rc == RH_OK &&
        sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
        rc = state_db_error(db, path, "checkpoint", why);
    if (rc == RH_OK && sqlite3_wal_autocheckpoint(db, 0) != SQLITE_OK)
        rc = state_db_error(db, path, NULL, why);
    return rc;
}

int32_t state_db_open(const char *path, const char *vfs, sqlite3 **out, char *why)
{
    sqlite3 *db = NULL;
    int32_t rc = db_connect(path, vfs, &db, why);
    if (rc == RH_OK)
        rc = db_setup(db, path, why);
    if (rc != RH_OK) {
        (void)sqlite3_close(db); /* no statement is left open */
        return rc;
    }
    *out = db;
    return RH_OK;
}

int32_t state_db_open_reader(const char *path, const char *vfs, sqlite3 **out, char *why)
{
    sqlite3 *db = NULL;
    int32_t rc = db_connect(path, vfs, &db, why);
    if (rc == RH_OK && sqlite3_exec(db, "PRAGMA query_only=ON; PRAGMA cache_size=-16384;", NULL,
                                    NULL, NULL) != SQLITE_OK)
        rc = state_db_error(db, path, NULL, why);
    if (rc == RH_OK && sqlite3_wal_autocheckpoint(db, 0) != SQLITE_OK)
        rc = state_db_error(db, path, NULL, why);
    if (rc != RH_OK) {
        (void)sqlite3_close(db); /* no statement is left open */
        return rc;
    }
    *out = db;
    return RH_OK;
}

int32_t state_db_lock(const char *path, const char *vfs, sqlite3 **out, char *why)
{
    sqlite3 *db = NULL;
    int32_t rc = db_connect(path, vfs, &db, why);
    if (rc == RH_OK) {
        (void)sqlite3_busy_timeout(db, 0); /* whoever has it keeps it for long */
        int got = sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
        if ((got & 0xff) == SQLITE_BUSY)
            rc = fail_words(path, "in use by another process", why);
        else if (got != SQLITE_OK)
            rc = state_db_error(db, path, NULL, why);
    }
    if (rc != RH_OK) {
        (void)sqlite3_close(db); /* no statement is left open */
        return rc;
    }
    *out = db;
    return RH_OK;
}

int32_t state_db_prepare(sqlite3 *db, const char *path, const char *const *sql, uint32_t count,
                         sqlite3_stmt **out, char *why)
{
    for (uint32_t i = 0; i < count; i++) {
        if (sqlite3_prepare_v3(db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &out[i], NULL) !=
            SQLITE_OK)
            return state_db_error(db, path, sql[i], why);
    }
    return RH_OK;
}

void state_db_finalize(sqlite3_stmt **stmts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)sqlite3_finalize(stmts[i]); /* repeats the last step's error, which was seen */
        stmts[i] = NULL;
    }
}

int state_db_run(sqlite3_stmt *stmt)
{
    int rc;
    do {
        rc = sqlite3_step(stmt);
    } while (rc == SQLITE_ROW);
    (void)sqlite3_reset(stmt); /* repeats the error of step */
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int state_db_bind_bytes(sqlite3_stmt *stmt, int at, struct rh_str bytes)
{
    /* SQLite takes a NULL pointer for NULL; the empty blob needs an address. */
    return sqlite3_bind_blob64(stmt, at, bytes.n > 0 ? bytes.p : "", bytes.n, SQLITE_STATIC);
}

struct rh_str state_db_column(sqlite3_stmt *stmt, int at)
{
    const void *p = sqlite3_column_blob(stmt, at);
    return (struct rh_str){p, p ? (size_t)sqlite3_column_bytes(stmt, at) : 0};
}

struct rh_str state_db_last_key(void)
{
#define FF8   "\xff\xff\xff\xff\xff\xff\xff\xff"
#define FF64  FF8 FF8 FF8 FF8 FF8 FF8 FF8 FF8
#define FF512 FF64 FF64 FF64 FF64 FF64 FF64 FF64 FF64
    static const char last[] = FF512 "\xff";
    static_assert(sizeof(last) - 1 == RH_KEY_MAX + 1, "one byte longer than any key");
    return (struct rh_str){last, sizeof(last) - 1};
}
