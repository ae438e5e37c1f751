/* Putting a copy of replica.db from another node in the place of ours; making one is
 * state_snapshot.c.
 *
 * The received file is not renamed over replica.db: SQLite has that open, with a WAL beside it that
 * would then belong to another database. It is checked and copied into the database, in one
 * transaction: a crash before its end leaves all of the old state, one after it all of the new, the
 * applied row included. docs/adr/0013. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "host/core/state_impl.h"

int32_t state_install_open(struct state *state, const char *directory, char *why)
{
    struct state_install *install = &state->install;
    int n = snprintf(install->path, sizeof(install->path), "%s/replica.db.received", directory);
    if (n < 0 || (size_t)n >= sizeof(install->path)) {
        (void)snprintf(why, STATE_WHY_MAX, "replica.db.received: path too long"); /* fits */
        return RH_EINVAL;
    }
    if (state_file_remove(state->driver.sqlite_vfs, install->path) == SQLITE_OK)
        return RH_OK;
    (void)snprintf(why, STATE_WHY_MAX, "%.200s: cannot be removed", install->path);
    return RH_EIO;
}

/* What was received is of no use any more; a file that stays is removed at the next start. */
static void received_drop(struct state *state)
{
    state_file_close(&state->install.file);
    state->install.length = 0;
    (void)state_file_remove(state->driver.sqlite_vfs, state->install.path);
}

/* --- on the writer --- */

/* The first row's number of a query without parameters. */
static int number_of(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int64(stmt, 0);
    int end = sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? SQLITE_OK : end != SQLITE_OK ? end : SQLITE_CORRUPT;
}

static int32_t refuse(struct state_job *job, int32_t rc, const char *words)
{
    job->rc = rc;
    (void)snprintf(job->why, sizeof(job->why), "the received state %s", words);
    return rc;
}

/* An error while reading the received file: of its content, or of the disk. */
static int32_t unreadable(struct state_job *job, int sqlite_rc)
{
    int32_t rc = state_file_error(sqlite_rc);
    int is_content = (sqlite_rc & 0xff) == SQLITE_CORRUPT || (sqlite_rc & 0xff) == SQLITE_NOTADB ||
                     (sqlite_rc & 0xff) == SQLITE_ERROR;
    return refuse(job, is_content ? RH_EPROTOCOL : rc,
                  is_content ? "is damaged" : sqlite3_errstr(sqlite_rc));
}

/* Ours, whole, and of the place it should be of. */
static int32_t check_content(struct state_job *job, sqlite3 *db)
{
    static const char is_whole[] = "SELECT integrity_check='ok' FROM pragma_integrity_check(1)";
    static const char is_only_tables[] =
        "SELECT count(*)=0 FROM sqlite_master WHERE type NOT IN ('table', 'index')";
    int64_t id = 0;
    int64_t layout = 0;
    int64_t whole = 0;
    int64_t plain = 0;
    int rc = number_of(db, "PRAGMA application_id", &id);
    if (rc == SQLITE_OK)
        rc = number_of(db, "PRAGMA user_version", &layout);
    if (rc == SQLITE_OK && id == STATE_APPLICATION_ID && layout > (int64_t)STATE_LAYOUT)
        return refuse(job, RH_EUNSUPPORTED, "is of a newer version");
    if (rc == SQLITE_OK && (id != STATE_APPLICATION_ID || layout != (int64_t)STATE_LAYOUT))
        return refuse(job, RH_EPROTOCOL, "is no state");
    if (rc == SQLITE_OK)
        rc = number_of(db, is_only_tables, &plain);
    if (rc == SQLITE_OK)
        rc = number_of(db, is_whole, &whole);
    if (rc != SQLITE_OK)
        return unreadable(job, rc);
    return whole && plain ? RH_OK : refuse(job, RH_EPROTOCOL, "is damaged");
}

static int32_t check_place(struct state_job *job, sqlite3 *db)
{
    int64_t index = 0;
    int64_t term = 0;
    int rc = number_of(db, "SELECT idx FROM applied", &index);
    if (rc == SQLITE_OK)
        rc = number_of(db, "SELECT term FROM applied", &term);
    if (rc != SQLITE_OK)
        return unreadable(job, rc);
    if (index == (int64_t)job->install->index && term == (int64_t)job->install->term)
        return RH_OK;
    return refuse(job, RH_EPROTOCOL, "is of another place in the log");
}

/* The whole copy is one write transaction of the writer's connection. */
static void copy_in(struct state_job *job, sqlite3 *from)
{
    struct state_writer *writer = job->writer;
    int rc = sqlite3_exec(writer->db, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
    sqlite3_backup *backup =
        rc == SQLITE_OK ? sqlite3_backup_init(writer->db, "main", from, "main") : NULL;
    writer->is_normal = 0;
    if (backup) {
        (void)sqlite3_backup_step(backup, -1); /* finish repeats its error */
        rc = sqlite3_backup_finish(backup);
    } else if (rc == SQLITE_OK) {
        rc = sqlite3_errcode(writer->db);
    }
    if (rc == SQLITE_OK)
        return;
    job->rc = state_db_error(writer->db, writer->path, "install", job->why);
    job->is_final = job->rc == RH_EIO;
}

/* Copying does not pass the hook that counts the WAL's frames: a checkpoint tells. */
static void count_frames(struct state_writer *writer)
{
    int frames = 0;
    int copied = 0;
    if (sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied) ==
            SQLITE_OK &&
        frames >= 0)
        writer->wal_frames = (uint64_t)frames;
}

void state_install_run(struct state_job *job)
{
    sqlite3 *from = NULL;
    int rc = sqlite3_open_v2(job->install->path, &from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             job->vfs);
    if (rc == SQLITE_OK)
        (void)sqlite3_extended_result_codes(from, 1); /* fails only on a NULL handle */
    if (rc != SQLITE_OK)
        (void)unreadable(job, rc); /* the result is in the job */
    else if (job->writer->kept.index >= job->install->index)
        (void)refuse(job, RH_ESTALE, "is older than what is here"); /* likewise */
    else if (check_content(job, from) == RH_OK && check_place(job, from) == RH_OK)
        copy_in(job, from);
    (void)sqlite3_close(from); /* no statement is left open */
    if (job->rc != RH_OK)
        return;
    count_frames(job->writer);
    job->rc = state_writer_load(job->writer, job->why);
    job->is_final = job->rc != RH_OK;
}

/* --- on the loop --- */

uint32_t state_install_is_due(const struct state_store *store)
{
    const struct state *state = store->state;
    return store->is_replica && state->install.is_wanted && !state->copy.path;
}

/* The callback may begin the next. */
static void install_settle(struct state *state, int32_t rc, const char *why)
{
    struct state_install *install = &state->install;
    install->is_wanted = 0;
    received_drop(state);
    install->cb(install->user, rc, why);
}

int32_t state_install_start(struct state_store *store)
{
    struct state *state = store->state;
    if (!state->stats.is_stopped)
        return state_job_submit(store, STATE_JOB_INSTALL);
    install_settle(state, state->stats.failed_rc, state->why);
    return RH_OK;
}

void state_install_done(struct state_store *store)
{
    struct state *state = store->state;
    struct state_job *job = &store->job;
    if (job->rc == RH_OK) {
        job->rc = state_replica_changed(store);
        job->is_final = job->rc != RH_OK;
    }
    if (job->rc == RH_OK) {
        state->index_queued = store->applied.index;
        store->wal_frames_tried = 0;
        store->want_checkpoint = 1; /* the WAL holds all of it */
    } else if (job->is_final) {
        state_fail(state, job->rc, job->why);
    }
    install_settle(state, job->rc, job->why);
}

int32_t state_receive(struct state *state, uint64_t offset, struct rh_str data)
{
    struct state_install *install = &state->install;
    if (install->is_wanted)
        return RH_EAGAIN;
    if (data.n == 0 || data.n > STATE_PIECE_BYTES_MAX)
        return RH_EINVAL;
    if (offset != 0 && (offset != install->length || !install->file.file))
        return RH_ECONFLICT;
    int rc = SQLITE_OK;
    if (offset == 0) {
        received_drop(state);
        rc = state_file_open(&install->file, state->driver.sqlite_vfs, install->path);
    }
    if (rc == SQLITE_OK)
        rc = state_file_write(&install->file, offset, data);
    if (rc == SQLITE_OK) {
        install->length += data.n;
        return RH_OK;
    }
    received_drop(state);
    return state_file_error(rc);
}

int32_t state_install(struct state *state, uint64_t index, uint64_t term,
                      void (*cb)(void *user, int32_t rc, const char *why), void *user)
{
    struct state_install *install = &state->install;
    if (state->stats.is_stopped)
        return state->stats.failed_rc;
    if (state->is_closing)
        return RH_ECANCELLED;
    if (install->is_wanted || state->copy.path)
        return RH_EAGAIN;
    if (install->length == 0)
        return RH_ENOTFOUND;
    state_file_close(&install->file);
    install->is_wanted = 1;
    install->index = index;
    install->term = term;
    install->cb = cb;
    install->user = user;
    state_propose_lost(state);
    state->driver.ops->wake(state->driver.ctx); /* it begins with the next flush */
    return RH_OK;
}

void state_install_close(struct state *state)
{
    if (state->install.is_wanted)
        install_settle(state, RH_ECANCELLED, "the node stops");
    received_drop(state);
}
