/* Facts about replica.db, moving its content aside, and entries for which there is no room; the
 * agreement on batches is state_propose.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/core/state_impl.h"

uint32_t state_replica_used(struct state *state)
{
    sqlite3_stmt *stmt = state->stores[STATE_REPLICA].reader.stmts[R_USED];
    uint32_t is_used = sqlite3_step(stmt) == SQLITE_ROW;
    (void)sqlite3_reset(stmt); /* an unreadable database is not known to be used */
    return is_used;
}

struct rh_str state_home(struct state *state)
{
    const char *home = state->stores[STATE_REPLICA].applied.home;
    return (struct rh_str){home, strlen(home)};
}

void state_applied(struct state *state, uint64_t *index, uint64_t *term)
{
    *index = state->stores[STATE_REPLICA].applied.index;
    *term = state->stores[STATE_REPLICA].applied.term;
}

uint64_t state_checkpointed(struct state *state)
{
    return state->stores[STATE_REPLICA].checkpointed;
}

/* --- on the writer --- */

static int copy_write(sqlite3 *db, const char *target)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 1, target, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = state_db_run(stmt);
    int end = sqlite3_finalize(stmt);
    return rc != SQLITE_OK ? rc : end;
}

/* VACUUM INTO need not flush what it writes. */
static int copy_sync(const char *target, const char *vfs)
{
    sqlite3 *db = NULL;
    sqlite3_file *file = NULL;
    int rc = sqlite3_open_v2(target, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs);
    if (rc == SQLITE_OK)
        rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc == SQLITE_OK)
        rc = file && file->pMethods ? file->pMethods->xSync(file, SQLITE_SYNC_FULL)
                                    : SQLITE_CANTOPEN;
    (void)sqlite3_close(db); /* nothing is open in it */
    return rc;
}

static int empty(sqlite3 *db)
{
    return sqlite3_exec(db,
                        "BEGIN IMMEDIATE; DELETE FROM kv; DELETE FROM event; DELETE FROM namespace;"
                        "UPDATE applied SET idx=0, term=0, home=''; COMMIT",
                        NULL, NULL, NULL);
}

void state_supersede_run(struct state_job *job)
{
    struct state_writer *writer = job->writer;
    int rc = copy_write(writer->db, job->target);
    if (rc != SQLITE_OK) {
        job->rc = state_db_error(writer->db, job->target, NULL, job->why);
        return;
    }
    if (copy_sync(job->target, job->vfs) != SQLITE_OK) {
        (void)snprintf(job->why, sizeof(job->why), "%.200s: cannot be flushed", job->target);
        job->rc = RH_EIO;
        return;
    }
    if (empty(writer->db) != SQLITE_OK) {
        job->rc = state_db_error(writer->db, writer->path, "cannot be emptied", job->why);
        if (!sqlite3_get_autocommit(writer->db))
            (void)state_db_run(writer->stmts[W_ROLLBACK]); /* judged by the next line */
        job->is_final = job->rc == RH_EIO || !sqlite3_get_autocommit(writer->db);
        return;
    }
    job->rc = state_writer_load(writer, job->why);
    job->is_final = job->rc != RH_OK;
}

/* --- on the loop --- */

int32_t state_replica_changed(struct state_store *store)
{
    struct state *state = store->state;
    struct state_job *job = &store->job;
    int32_t rc = state_reader_advance(&store->reader, job->why);
    if (rc != RH_OK)
        return rc;
    store->applied = job->applied;
    store->checkpointed = job->applied.index;
    store->wal_frames = job->wal_frames;
    for (uint32_t i = 0; i < state->namespace_count; i++) {
        if (state->namespaces[i]->store == store)
            state->namespaces[i]->row_id = 0;
    }
    return RH_OK;
}

void state_supersede_done(struct state_store *store)
{
    struct state *state = store->state;
    struct state_job *job = &store->job;
    if (job->rc == RH_OK)
        job->rc = state_replica_changed(store);
    if (job->rc == RH_OK) {
        state->index_queued = 0;
    } else if (job->is_final) {
        state_fail(state, job->rc, job->why);
    }
    if (job->cb)
        job->cb(job->user, job->rc, job->why);
}

int32_t state_replica_supersede(struct state *state, int64_t wall_ms,
                                void (*cb)(void *user, int32_t rc, const char *why), void *user)
{
    struct state_store *store = &state->stores[STATE_REPLICA];
    struct state_job *job = &store->job;
    if (state->stats.is_stopped)
        return state->stats.failed_rc;
    if (store->busy != STATE_JOB_NONE || job->items.first || store->urgent.first ||
        store->normal.first || state->unproposed.first || state->proposed.first)
        return RH_EAGAIN;
    int n =
        snprintf(job->target, sizeof(job->target), "%s.superseded-%" PRId64, store->path, wall_ms);
    if (n < 0 || (size_t)n >= sizeof(job->target))
        return RH_EINVAL;
    job->cb = cb;
    job->user = user;
    return state_job_submit(store, STATE_JOB_SUPERSEDE);
}

/* --- entries that stand still --- */

void state_stall_done(struct state_store *store)
{
    struct state *state = store->state;
    struct state_job *job = &store->job;
    for (struct state_item *item = job->items.first; item; item = item->next) {
        if (!item->is_preset)
            item->rc = RH_OK; /* the outcome went with the transaction */
    }
    uint32_t is_new = store->stall_rc != job->rc;
    store->stall_rc = job->rc;
    store->stall_waits = 1;
    if (is_new && state->on_stalled)
        state->on_stalled(state->user, job->rc, job->why);
}

void state_stall_over(struct state_store *store)
{
    struct state *state = store->state;
    if (store->stall_rc == RH_OK)
        return;
    store->stall_rc = RH_OK;
    if (state->on_stalled)
        state->on_stalled(state->user, RH_OK, "");
}

void state_retry(struct state *state)
{
    for (uint32_t i = 0; i < STATE_STORES; i++) {
        struct state_store *store = &state->stores[i];
        store->stall_waits = 0;
        state_store_start(store);
    }
}
