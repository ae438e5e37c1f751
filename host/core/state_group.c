/* The pipeline of a database: queue, group, transaction on the writer, snapshot, events, callbacks.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/state_impl.h"

void state_fail(struct state *state, int32_t rc, const char *why)
{
    if (state->stats.is_stopped)
        return;
    state->stats.is_stopped = 1;
    state->stats.failed_rc = rc;
    (void)snprintf(state->why, sizeof(state->why), "%s", why); /* same size */
    if (state->on_failed)
        state->on_failed(state->user, rc, state->why);
}

void state_break(struct state_item *item)
{
    struct state_ns *ns = item->ns;
    if (!ns || item->rc == RH_OK || item->rc == RH_ECONFLICT || item->run != ns->run)
        return;
    if (ns->broken_rc == RH_OK)
        ns->broken_rc = item->rc;
}

int32_t state_item_refusal(const struct state *state, const struct state_item *item)
{
    if (state->stats.is_stopped)
        return state->stats.failed_rc;
    if (!item->ns)
        return RH_OK;
    return item->run != item->ns->run ? item->ns->stale_rc : item->ns->broken_rc;
}

struct state_list *state_store_list(struct state_store *store, const struct state_item *item)
{
    /* A provider's order is one order; at rank 0 and in local.db a namespace is wholly in one list.
     */
    int is_urgent = item->ns && (item->ns->flags & RH_NS_URGENT) != 0 && item->id == 0;
    return is_urgent ? &store->urgent : &store->normal;
}

/* --- on the writer --- */

static int group_apply(struct state_writer *writer, struct state_job *job)
{
    int rc = state_db_run(writer->stmts[W_BEGIN]);
    state_merge_begin(writer, &job->items);
    for (struct state_item *item = job->items.first; rc == SQLITE_OK && item; item = item->next) {
        if (!item->is_preset)
            rc = state_apply(writer, item);
    }
    if (rc == SQLITE_OK)
        rc = state_writer_flush_rows(writer);
    return rc == SQLITE_OK ? state_db_run(writer->stmts[W_COMMIT]) : rc;
}

static uint32_t group_has(const struct state_job *job, uint32_t from_provider)
{
    for (const struct state_item *item = job->items.first; item; item = item->next) {
        if (!item->is_preset && (!from_provider || item->index > 0))
            return 1;
    }
    return 0;
}

static void group_failed(struct state_writer *writer, struct state_job *job)
{
    job->rc = state_db_error(writer->db, writer->path, "commit", job->why);
    if (!sqlite3_get_autocommit(writer->db))
        (void)state_db_run(writer->stmts[W_ROLLBACK]); /* judged by the next line */
    uint32_t is_clean = sqlite3_get_autocommit(writer->db) != 0;
    uint32_t has_room_later = job->rc == RH_ENOSPACE || job->rc == RH_ENOMEM;
    /* What a provider's log holds cannot be skipped, so there is no going on behind it. */
    job->is_stalled = group_has(job, 1) && is_clean && has_room_later && job->may_stall;
    job->is_final = job->rc == RH_EIO || !is_clean || (group_has(job, 1) && !job->is_stalled);
    state_writer_forget(writer);
}

static void group_run(struct state_job *job)
{
    struct state_writer *writer = job->writer;
    uint64_t syncs = writer->syncs;
    int rc = SQLITE_OK;
    if (writer->is_normal != job->want_normal) {
        rc = sqlite3_exec(
            writer->db, job->want_normal ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL",
            NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            writer->is_normal = job->want_normal;
    }
    if (rc == SQLITE_OK && group_has(job, 0))
        rc = group_apply(writer, job);
    if (rc == SQLITE_OK)
        state_writer_keep(writer);
    else
        group_failed(writer, job);
    job->syncs = writer->syncs - syncs;
}

static void job_run(void *arg)
{
    struct state_job *job = arg;
    if (job->kind == STATE_JOB_GROUP)
        group_run(job);
    else if (job->kind == STATE_JOB_CHECKPOINT)
        state_checkpoint_run(job);
    else if (job->kind == STATE_JOB_COPY)
        state_copy_run(job);
    else if (job->kind == STATE_JOB_INSTALL)
        state_install_run(job);
    else
        state_supersede_run(job);
    job->applied = job->writer->kept;
    job->wal_frames = job->writer->wal_frames;
}

/* --- on the loop --- */

static void note_result(struct state *state, int32_t rc, const char *why)
{
    if (state->stats.is_stopped || (rc == RH_OK && state->stores[STATE_REPLICA].stall_rc != RH_OK))
        return;
    state->stats.failed_rc = rc;
    (void)snprintf(state->why, sizeof(state->why), "%s", why); /* same size */
}

static void group_settle(struct state_store *store)
{
    struct state *state = store->state;
    struct state_job *job = &store->job;
    uint32_t was_live = group_has(job, 0);
    if (job->rc == RH_OK && job->syncs > 0) {
        int32_t rc = state_reader_advance(&store->reader, job->why);
        if (rc != RH_OK) { /* durable, but it cannot be shown */
            job->rc = RH_EUNKNOWN;
            state_fail(state, RH_EIO, job->why);
        }
    }
    for (struct state_item *item = job->items.first; item; item = item->next) {
        if (job->rc != RH_OK && !item->is_preset)
            item->rc = item->index > 0 ? RH_EUNKNOWN : job->rc;
        state->stats.commits += item->rc == RH_OK;
        state->stats.conflicts += item->rc == RH_ECONFLICT;
        state->stats.failed += item->rc != RH_OK && item->rc != RH_ECONFLICT;
        store->log_bytes += item->index > 0 ? item->size : 0;
        store->log_entries += item->index > 0;
        state_break(item);
    }
    state->stats.groups += was_live;
    state->stats.syncs += job->syncs;
    if (job->rc == RH_OK) {
        store->applied = job->applied;
        if (!job->want_normal)
            store->checkpointed = job->applied.index;
        store->wal_frames = job->wal_frames;
        if (store->wal_frames < store->wal_frames_tried)
            store->wal_frames_tried = 0;
        state_stall_over(store);
        if (was_live)
            note_result(state, RH_OK, "");
    } else if (job->is_final) {
        state_fail(state, job->rc, job->why);
    } else {
        note_result(state, job->rc, job->why);
    }
}

static void group_done(struct state_store *store)
{
    struct state *state = store->state;
    if (store->job.is_stalled) {
        note_result(state, store->job.rc, store->job.why);
        state_stall_done(store);
        return;
    }
    struct state_list items = store->job.items;
    uint32_t has_entries = store->job.rc == RH_OK && group_has(&store->job, 1);
    group_settle(store);
    store->job.items = (struct state_list){0};
    if (store->job.rc == RH_OK)
        state_events_deliver(store->state, &items, store->is_replica);
    for (struct state_item *item = state_list_pop(&items); item; item = state_list_pop(&items)) {
        if (item->cb)
            item->cb(item->user, item->rc, item->rc == RH_OK ? item->revision : 0);
        free(item);
    }
    if (has_entries && state->on_applied)
        state->on_applied(state->user, store->applied.index, store->applied.term);
}

static void job_done(void *arg)
{
    struct state_job *job = arg;
    struct state_store *store = RH_CONTAINER_OF(job, struct state_store, job);
    assert(store->busy == job->kind);
    store->copied_last = 0;
    if (job->kind == STATE_JOB_GROUP)
        group_done(store);
    else if (job->kind == STATE_JOB_CHECKPOINT)
        state_checkpoint_done(store);
    else if (job->kind == STATE_JOB_COPY)
        state_copy_done(store);
    else if (job->kind == STATE_JOB_INSTALL)
        state_install_done(store);
    else
        state_supersede_done(store);
    store->busy = STATE_JOB_NONE;
    if (!store->state->is_closing) {
        state_propose_flush(store->state);
        state_store_start(store);
    }
}

int32_t state_job_submit(struct state_store *store, uint32_t kind)
{
    struct state_job *job = &store->job;
    assert(store->busy == STATE_JOB_NONE);
    job->writer = &store->writer;
    job->kind = kind;
    job->want_normal = store->is_replica && store->state->has_log;
    job->may_stall = store->state->has_log && store->queue;
    job->vfs = store->state->driver.sqlite_vfs;
    job->copy = &store->state->copy;
    job->install = &store->state->install;
    job->rc = RH_OK;
    job->is_final = 0;
    job->is_stalled = 0;
    job->is_complete = 0;
    job->syncs = 0;
    job->why[0] = 0;
    store->busy = kind;
    if (!store->queue) { /* closing: the thread is gone, its work is done here */
        job_run(job);
        job_done(job);
        return RH_OK;
    }
    int32_t rc = store->state->driver.ops->queue_submit(store->queue, job_run, job_done, job);
    if (rc != RH_OK)
        store->busy = STATE_JOB_NONE;
    return rc;
}

static void group_take(struct state_store *store, struct state_list *from)
{
    struct state_list *items = &store->job.items;
    uint64_t cost = 0;
    for (const struct state_item *item = items->first; item; item = item->next)
        cost += item->cost;
    while (from->first && items->count < STATE_GROUP_BATCHES_MAX) {
        struct state_item *item = from->first;
        int is_over = cost + item->cost > STATE_GROUP_OPS_MAX ||
                      items->bytes + item->size > STATE_GROUP_BYTES_MAX;
        if (is_over && items->count > 0)
            return;
        state_list_unlink(from, NULL, item);
        int32_t rc = state_item_refusal(store->state, item);
        if (!item->is_preset && rc != RH_OK &&
            (item->index == 0 || store->state->stats.is_stopped)) {
            item->rc = item->index > 0 ? RH_EUNKNOWN : rc;
            item->is_preset = 1;
        }
        cost += item->cost;
        state_list_push(items, item);
    }
}

uint32_t state_store_is_lazy(const struct state_store *store)
{
    if (store->is_replica && store->state->has_log)
        return 0; /* not flushed one by one anyway */
    uint32_t count = store->urgent.count + store->normal.count;
    return count > 0 && count == store->urgent.lazy_count + store->normal.lazy_count;
}

static uint32_t is_held(const struct state_store *store)
{
    return store->state->holds_lazy && !store->state->is_closing && !store->lazy_is_due &&
           state_store_is_lazy(store);
}

void state_store_start(struct state_store *store)
{
    if (store->busy != STATE_JOB_NONE || (store->stall_waits && store->queue))
        return;
    int32_t rc = RH_OK;
    if (store->job.items.first) {
        rc =
            state_job_submit(store, STATE_JOB_GROUP); /* refused by the driver before, or stalled */
    } else if (state_checkpoint_is_due(store)) {
        rc = state_job_submit(store, STATE_JOB_CHECKPOINT);
    } else if (state_copy_is_due(store)) {
        rc = state_job_submit(store, STATE_JOB_COPY);
    } else if ((store->urgent.first || store->normal.first) && !is_held(store)) {
        store->lazy_is_due = 0;
        group_take(store, &store->urgent);
        group_take(store, &store->normal);
        rc = state_job_submit(store, STATE_JOB_GROUP);
    } else if (state_copy_waits(store)) {
        rc = state_job_submit(store, STATE_JOB_COPY);
    } else if (state_install_is_due(store)) {
        rc = state_install_start(store);
    }
    if (rc != RH_OK)
        store->state->driver.ops->wake(store->state->driver.ctx); /* try again next turn */
}
