/* A claimed item from its record to its start, and processes of an earlier life found again. */
#include "wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

static_assert(sizeof(void *) >= sizeof(uint64_t), "ids travel as callback arguments");

void worker_work_key(uint64_t id, char key[PROCESS_KEY_SIZE])
{
    (void)snprintf(key, PROCESS_KEY_SIZE, "w%016" PRIx64, id); /* 17 characters */
}

static bool key_id(struct rh_str key, uint64_t *id)
{
    char text[PROCESS_KEY_SIZE];
    char again[PROCESS_KEY_SIZE];

    if (rh_str_copy(text, sizeof(text), key) != RH_OK || key.n < 2)
        return false;
    *id = strtoull(text + 1, NULL, 16);
    worker_work_key(*id, again);
    return strcmp(text, again) == 0;
}

struct work *worker_work_find(const struct worker *w, uint64_t id)
{
    return rh_map64_get(&w->works, id);
}

static void work_free(struct worker *w, struct work *work)
{
    worker_files_free(w, work);
    notes_release(&work->notes);
    free(work->payload);
    free(work);
}

void worker_work_forget(struct worker *w, struct work *work)
{
    slots_give(&w->slots, &work->job.share);
    (void)rh_map64_remove(&w->works, work->job.id); /* the work itself */
    work_free(w, work);
}

void worker_works_drop(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&w->works, &cursor, NULL, &value))
        work_free(w, value);
    rh_map64_release(&w->works);
}

void worker_work_kill(struct worker *w, struct work *work)
{
    char key[PROCESS_KEY_SIZE];

    worker_work_key(work->job.id, key);
    /* Ended already: its callback is on the way. */
    (void)w->rh.process->kill(w->rh.ctx, key);
}

void worker_work_fail(struct worker *w, struct work *work, struct rh_str text, bool is_retryable)
{
    struct rh_buf body;
    struct rh_json_writer j;

    rh_buf_init(&body, BODY_MAX);
    rh_json_init(&j, &body);
    worker_begin_report(w, &j, &work->job);
    rh_json_kv_str(&j, "error", text);
    rh_json_kv_bool(&j, "retryable", is_retryable);
    worker_notes_write(work, &j, NOTE_CHECKPOINT);
    rh_json_end_object(&j);
    (void)rh_json_finish(&j); /* out of memory shows in body.rc, and then below */
    w->counters.failed++;
    rh_log_warn(&w->rh, "job_failed", "work_id=%s attempt=%" PRId64 " error=\"%.*s\"",
                work->job.work_id, work->job.attempt, RH_STR_ARG(text));
    worker_problem(w, work->job.work_id, "%.*s", RH_STR_ARG(text));
    if (body.rc == RH_OK)
        worker_outbox_put(w, work, "/work/fail", rh_buf_str(&body));
    else
        w->rh.core->reactivate(w->rh.ctx, "no memory for a report");
    rh_buf_release(&body);
}

/* Through the outbox, so that one that does not get through is kept. */
void worker_work_release(struct worker *w, struct work *work)
{
    struct rh_buf body;
    struct rh_json_writer j;

    rh_buf_init(&body, BODY_MAX);
    rh_json_init(&j, &body);
    worker_begin_report(w, &j, &work->job);
    worker_notes_write(work, &j, NOTE_CHECKPOINT);
    rh_json_end_object(&j);
    (void)rh_json_finish(&j); /* out of memory shows in body.rc */
    if (body.rc == RH_OK)
        worker_outbox_put(w, work, "/work/release", rh_buf_str(&body));
    else
        w->rh.core->reactivate(w->rh.ctx, "no memory for a report");
    rh_buf_release(&body);
}

/* An input that stands where secrets of the command belong, or NULL. */
static const char *input_in_way(const struct worker *w, const struct work *work)
{
    const struct command *command = worker_command(w, rh_str_from(work->job.work_type));

    if (!command || command->secrets.count == 0 || !work->files)
        return NULL;
    for (uint32_t i = 0; i < work->files->input_count; i++)
        if (secrets_is_in_way(work->files->inputs[i].name))
            return work->files->inputs[i].name;
    return NULL;
}

static void begin(struct worker *w, struct work *work)
{
    const char *name = input_in_way(w, work);
    char text[RH_TEXT_MAX];

    if (name) {
        (void)snprintf(text, sizeof(text),
                       "input %s: on this node the folder " SECRETS_FOLDER
                       " of the job is for secrets of its command; choose another name",
                       name); /* fits */
        worker_work_fail(w, work, rh_str_from(text), true);
    } else if (work->files && work->files->input_count > 0) {
        worker_inputs_begin(w, work);
    } else {
        worker_work_launch(w, work);
    }
}

/* The record is durable: whatever happens now, the item is not forgotten. */
static void on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct worker *w = self;
    struct work *work = w->is_active ? worker_work_find(w, (uint64_t)(uintptr_t)user) : NULL;

    (void)revision;
    if (rc != RH_OK || !work)
        return; /* the lease runs out; a failed commit is followed by a new activation */
    if (work->is_given_back)
        worker_outbox_put(w, work, NULL, (struct rh_str){NULL, 0}); /* nobody is told again */
    else
        begin(w, work);
    worker_kick(w);
}

static int32_t work_fill(struct worker *w, struct work *work, const struct claimed_item *item)
{
    int64_t lease_ms = item->timeout_s > 0
                           ? item->timeout_s * 1000
                           : item->lease_expires_at - w->rh.core->wall_ms(w->rh.ctx);
    uint64_t id = w->rh.core->random(w->rh.ctx);
    int32_t rc;

    while (worker_work_find(w, id))
        id++;
    rc = job_init(&work->job, id, item->work_id, item->work_type, item->claim_token, lease_ms,
                  worker_now(w));
    if (rc == RH_OK)
        rc = rh_str_copy(work->job.config_key, sizeof(work->job.config_key), item->config_key);
    if (rc != RH_OK)
        return rc;
    rc = worker_files_new(&item->inputs, &item->outputs, &work->files);
    if (rc != RH_OK)
        return rc;
    if (item->checkpoint.n > 0 && item->checkpoint.n <= note_bytes_max(NOTE_CHECKPOINT))
        rc = notes_take(&work->notes, NOTE_CHECKPOINT, item->checkpoint, true);
    if (rc != RH_OK)
        return rc;
    work->job.attempt = item->attempt;
    work->job.max_runtime_ms = item->max_runtime_s * 1000;
    work->payload_bytes = item->payload.n;
    work->payload = malloc(item->payload.n + 1);
    if (!work->payload)
        return RH_ENOMEM;
    memcpy(work->payload, item->payload.p ? item->payload.p : "", item->payload.n);
    return RH_OK;
}

static uint32_t gpus_for(const struct command *command, const struct claimed_item *item)
{
    if (command->gpus > 0)
        return (uint32_t)command->gpus;
    return item->needs_gpu || item->min_vram_mb > 0 ? 1 : 0;
}

int32_t worker_work_accept(struct worker *w, const struct claimed_item *item)
{
    struct rh_batch_builder batch;
    const struct command *command = worker_command(w, item->work_type);
    struct work *work = NULL;
    int32_t rc;

    if (!command)
        return RH_EINVAL;
    work = calloc(1, sizeof(*work));
    if (!work)
        return RH_ENOMEM;
    rc = work_fill(w, work, item);
    if (rc == RH_OK &&
        !slots_take(&w->slots, (uint32_t)command->cpus, gpus_for(command, item), &work->job.share))
        rc = RH_EFULL;
    if (rc != RH_OK) {
        work_free(w, work);
        return rc;
    }
    rc = rh_map64_put(&w->works, work->job.id, work, NULL);
    if (rc != RH_OK) {
        slots_give(&w->slots, &work->job.share);
        work_free(w, work);
        return rc;
    }
    rh_batch_begin(&batch, WORKER_NAMESPACE);
    worker_store_put_job(w, &batch, work);
    rc = rh_batch_commit(&batch, &w->rh, on_recorded, (void *)(uintptr_t)work->job.id);
    if (rc != RH_OK)
        worker_work_forget(w, work);
    return rc;
}

/* Processes that no record speaks of: ended, and their folders collected. */
static void strangers_end(struct worker *w)
{
    struct rh_process_list list = {.size = (uint32_t)sizeof(list)};

    if (w->rh.process->list(w->rh.ctx, &list) != RH_OK)
        return;
    for (uint32_t i = 0; i < list.count; i++) {
        const char *at = (const char *)list.items + (size_t)i * list.stride;
        const struct rh_process_info *info = (const struct rh_process_info *)(const void *)at;
        char key[PROCESS_KEY_SIZE];
        uint64_t id = 0;

        if (!key_id(info->key, &id) || worker_work_find(w, id))
            continue;
        worker_work_key(id, key);
        (void)w->rh.process->kill(w->rh.ctx, key); /* ended already is fine */
        /* worker_work_exited finds no work, and so the folder goes. Somebody waits already: as
         * well. */
        (void)w->rh.process->adopt(w->rh.ctx, key, worker_work_exited, (void *)(uintptr_t)id);
        rh_log_warn(&w->rh, "process_without_item", "key=%s", key);
    }
}

void worker_works_note_unbegun(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    w->unbegun.count = 0;
    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        const struct work *work = value;
        const bool is_early = work->job.state == JOB_CLAIMED || work->job.state == JOB_PREPARING;

        if (is_early && !work->has_process && w->unbegun.count < SLOTS_MAX)
            w->unbegun.ids[w->unbegun.count++] = work->job.id;
    }
}

static bool is_unbegun(const struct worker *w, uint64_t id)
{
    for (uint32_t i = 0; i < w->unbegun.count; i++)
        if (w->unbegun.ids[i] == id)
            return true;
    return false;
}

/* A job of the store: its process goes on, or its outputs are there, or it ends. False: it is gone
 * from the map. */
static bool adopt(struct worker *w, struct work *work)
{
    const uint64_t id = work->job.id;
    char key[PROCESS_KEY_SIZE];
    int32_t rc;

    worker_work_key(id, key);
    rc = w->rh.process->adopt(w->rh.ctx, key, worker_work_exited, (void *)(uintptr_t)id);
    if (work->has_result) { /* what may be left of the process is collected */
        rh_log_info(&w->rh, "outputs_resumed", "work_id=%s", work->job.work_id);
        worker_outputs_resume(w, work);
        return worker_work_find(w, id) != NULL;
    }
    if (rc == RH_OK || rc == RH_EEXISTS) {
        w->counters.adopted++;
        work->has_process = true;
        job_move(&work->job, JOB_RUNNING);
        rh_log_info(&w->rh, "job_adopted", "work_id=%s", work->job.work_id);
        return true;
    }
    if (is_unbegun(w, id))
        worker_work_release(w, work);
    else
        worker_work_fail(
            w, work,
            rh_str_from("the worker was restarted, and the program's end was not recorded"), true);
    return false;
}

void worker_work_adopt_all(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    w->is_adopting = false;
    strangers_end(w);
    worker_files_sweep(w);
    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        struct work *work = value;

        if (work->job.state == JOB_CLAIMED && !adopt(w, work))
            cursor = 0;
    }
    w->unbegun.count = 0;
}
