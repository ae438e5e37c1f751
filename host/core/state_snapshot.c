/* Copies of replica.db for other nodes: made in steps between groups, read in pieces. Installing
 * one is state_install.c.
 *
 * sqlite3_backup runs on the writer's own connection. It copies some pages a step; what groups
 * write meanwhile SQLite puts into the copy as well, so the copy shows the state after the last
 * group before its last step, and no step is long. The file is not flushed: it means nothing after
 * a crash. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/state_impl.h"

int32_t state_snapshot_open(struct state *state, const char *directory, char *why)
{
    static_assert(STATE_SNAPSHOTS_MAX < 10, "one digit in the name");
    for (uint32_t i = 0; i < STATE_SNAPSHOTS_MAX; i++) {
        char *path = state->snapshots[i].path;
        int n = snprintf(path, STATE_PATH_MAX, "%s/replica.db.copy%u", directory, i);
        if (n < 0 || (uint32_t)n >= STATE_PATH_MAX) {
            (void)snprintf(why, STATE_WHY_MAX, "replica.db.copy: path too long"); /* fits */
            return RH_EINVAL;
        }
        if (state_file_remove(state->driver.sqlite_vfs, path) != SQLITE_OK) {
            (void)snprintf(why, STATE_WHY_MAX, "%.200s: cannot be removed", path);
            return RH_EIO;
        }
    }
    return RH_OK;
}

/* A file that stays for a while is removed at the next start, or by the next copy. */
static void file_drop(struct state *state, uint32_t slot)
{
    (void)state_file_remove(state->driver.sqlite_vfs, state->snapshots[slot].path);
}

/* --- on the writer --- */

static void copy_close(struct state_copy *copy)
{
    if (copy->backup)
        (void)sqlite3_backup_finish(copy->backup); /* repeats the error of its last step */
    copy->backup = NULL;
    (void)sqlite3_close(copy->db); /* no statement is left open */
    copy->db = NULL;
}

static int copy_begin(struct state_job *job)
{
    static const char pragmas[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                                  "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-4096;";
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    struct state_copy *copy = job->copy;
    int rc = state_file_remove(job->vfs, copy->path);
    if (rc == SQLITE_OK)
        rc = sqlite3_open_v2(copy->path, &copy->db, flags, job->vfs);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy->db, pragmas, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    copy->backup = sqlite3_backup_init(copy->db, "main", job->writer->db, "main");
    return copy->backup ? SQLITE_OK : sqlite3_errcode(copy->db);
}

/* The copied header says that there is a WAL; there is none, and whoever reads it needs none. */
static int copy_end(struct state_copy *copy)
{
    int rc = sqlite3_backup_finish(copy->backup);
    copy->backup = NULL;
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    copy->is_done = rc == SQLITE_OK;
    return rc;
}

void state_copy_run(struct state_job *job)
{
    struct state_copy *copy = job->copy;
    int rc = copy->db ? SQLITE_OK : copy_begin(job);
    if (rc == SQLITE_OK)
        rc = sqlite3_backup_step(copy->backup, (int)STATE_COPY_PAGES);
    if (rc == SQLITE_DONE)
        rc = copy_end(copy);
    if (rc != SQLITE_OK) {
        (void)snprintf(job->why, sizeof(job->why), "%.160s: %s", copy->path, sqlite3_errstr(rc));
        job->rc = state_file_error(rc);
    }
    if (job->rc != RH_OK || copy->is_done)
        copy_close(copy);
}

/* --- on the loop --- */

uint32_t state_copy_waits(const struct state_store *store)
{
    return store->is_replica && store->state->copy.path && !store->state->is_closing;
}

uint32_t state_copy_is_due(const struct state_store *store)
{
    return state_copy_waits(store) && !store->copied_last;
}

/* The copy is over; its slot is taken only on success. */
static void copy_settle(struct state *state, int32_t rc)
{
    struct state_copy copy = state->copy;
    struct state_snapshot *snapshot = &state->snapshots[copy.slot];
    struct state_applied *applied = &state->stores[STATE_REPLICA].job.applied;
    uint64_t length = 0;
    state->copy = (struct state_copy){0};
    if (rc == RH_OK)
        rc = state_file_error(
            state_file_open(&snapshot->file, state->driver.sqlite_vfs, snapshot->path));
    if (rc == RH_OK)
        rc = state_file_error(state_file_length(&snapshot->file, &length));
    if (rc == RH_OK) {
        snapshot->length = length;
    } else {
        state_file_close(&snapshot->file);
        file_drop(state, copy.slot);
    }
    copy.cb(copy.user, copy.slot, rc, rc == RH_OK ? applied->index : 0,
            rc == RH_OK ? applied->term : 0, length);
}

void state_copy_done(struct state_store *store)
{
    struct state *state = store->state;
    struct state_copy *copy = &state->copy;
    store->copied_last = 1;
    if (store->job.rc == RH_OK && !copy->is_done && !copy->is_dropped)
        return;
    int32_t rc = copy->is_dropped ? RH_ECANCELLED : store->job.rc;
    copy_close(copy);
    copy_settle(state, rc);
}

int32_t state_snapshot_make(struct state *state, uint32_t slot, state_snapshot_fn cb, void *user)
{
    struct state_store *store = &state->stores[STATE_REPLICA];
    assert(slot < STATE_SNAPSHOTS_MAX);
    if (state->stats.is_stopped)
        return state->stats.failed_rc;
    if (state->is_closing)
        return RH_ECANCELLED;
    if (state->copy.path || state->install.is_wanted || state->snapshots[slot].length > 0)
        return RH_EAGAIN;
    state->copy = (struct state_copy){
        .path = state->snapshots[slot].path, .slot = slot, .cb = cb, .user = user};
    store->copied_last = 0;
    state->driver.ops->wake(state->driver.ctx); /* it begins with the next flush */
    return RH_OK;
}

int32_t state_snapshot_read(struct state *state, uint32_t slot, uint64_t offset, uint32_t max,
                            struct rh_str *out)
{
    assert(slot < STATE_SNAPSHOTS_MAX);
    struct state_snapshot *snapshot = &state->snapshots[slot];
    if (snapshot->length == 0)
        return RH_ENOTFOUND;
    if (offset > snapshot->length || max == 0 || max > STATE_PIECE_BYTES_MAX)
        return RH_EINVAL;
    uint64_t left = snapshot->length - offset;
    uint32_t n = left < max ? (uint32_t)left : max;
    if (!state->piece)
        state->piece = malloc(STATE_PIECE_BYTES_MAX);
    if (!state->piece)
        return RH_ENOMEM;
    int rc = n > 0 ? state_file_read(&snapshot->file, offset, state->piece, n) : SQLITE_OK;
    if (rc != SQLITE_OK)
        return state_file_error(rc);
    *out = (struct rh_str){state->piece, n};
    return RH_OK;
}

void state_snapshot_drop(struct state *state, uint32_t slot)
{
    assert(slot < STATE_SNAPSHOTS_MAX);
    struct state_snapshot *snapshot = &state->snapshots[slot];
    if (state->copy.path == snapshot->path)
        state->copy.is_dropped = 1;
    if (snapshot->length == 0)
        return;
    state_file_close(&snapshot->file);
    snapshot->length = 0;
    file_drop(state, slot);
}

void state_snapshot_close(struct state *state)
{
    if (state->copy.path) {
        copy_close(&state->copy);
        copy_settle(state, RH_ECANCELLED);
    }
    for (uint32_t i = 0; i < STATE_SNAPSHOTS_MAX; i++)
        state_snapshot_drop(state, i);
    free(state->piece);
    state->piece = NULL;
}
