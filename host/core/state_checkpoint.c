/* Keeping the WAL bounded: when a checkpoint runs and what it takes for the WAL to begin anew; it
 * moves no data itself.
 *
 * SQLite begins the WAL anew at the first write after a checkpoint that copied all of it, if no
 * reader needs the WAL. Our reader always holds a snapshot. So the checkpoint runs while the writer
 * is idle and the reader stands at the newest commit (then nothing keeps it from copying all), and
 * the reader takes its snapshot again afterwards, before the next group: as the database holds
 * everything by then, that snapshot needs no WAL. */
#include <stdio.h>

#include "host/core/state_impl.h"

/* A frame is a page and its header of 24 bytes. */
static uint64_t bytes_of(uint64_t frames)
{
    return frames * (STATE_PAGE_BYTES + 24);
}

uint32_t state_checkpoint_is_due(const struct state_store *store)
{
    if (store->state->stats.is_stopped || store->state->is_closing)
        return 0;
    uint64_t bytes = bytes_of(store->wal_frames);
    if (store->urgent.first && bytes < STATE_WAL_BYTES_MAX / 2)
        return 0; /* votes do not wait for it */
    if (store->want_checkpoint)
        return 1;
    /* Many entries may change few pages, and the provider's log is to stay bounded too. */
    if (store->log_bytes >= STATE_CHECKPOINT_BYTES || store->log_entries >= STATE_LOG_ENTRIES_MAX)
        return 1;
    return bytes_of(store->wal_frames - store->wal_frames_tried) >= STATE_CHECKPOINT_BYTES;
}

void state_checkpoint_run(struct state_job *job)
{
    struct state_writer *writer = job->writer;
    int frames = 0;
    int copied = 0;
    int rc =
        sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
    if (rc == SQLITE_OK) {
        job->is_complete = frames == copied;
        return;
    }
    if ((rc & 0xff) == SQLITE_BUSY)
        return; /* another process reads or copies: later */
    job->rc = state_db_error(writer->db, writer->path, "checkpoint", job->why);
    job->is_final = job->rc == RH_EIO;
}

void state_checkpoint_done(struct state_store *store)
{
    struct state_job *job = &store->job;
    struct state *state = store->state;
    store->want_checkpoint = 0;
    store->log_bytes = 0; /* an incomplete one is tried again after as many */
    store->log_entries = 0;
    store->wal_frames_tried = store->wal_frames;
    if (job->is_final) {
        state_fail(state, job->rc, job->why);
        return;
    }
    if (job->rc != RH_OK) { /* full disk: said, and tried again when the WAL has grown */
        state->stats.failed_rc = job->rc;
        (void)snprintf(state->why, sizeof(state->why), "%s", job->why); /* same size */
    }
    if (job->is_complete) {
        state->stats.checkpoints++;
        store->checkpointed = job->applied.index;
    } else {
        state->stats.checkpoints_incomplete++;
    }
    if (state_reader_advance(&store->reader, job->why) != RH_OK)
        state_fail(state, RH_EIO, job->why);
    else if (job->is_complete && store->is_replica && state->on_checkpointed)
        state->on_checkpointed(state->user, store->checkpointed);
}

void state_checkpoint(struct state *state)
{
    state->stores[STATE_REPLICA].want_checkpoint = 1;
}
