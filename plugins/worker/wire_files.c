/* What inputs and outputs of jobs have in common: their lists, their names on disk, and how often a
 * step is tried. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define TRIES_MAX 300u /* of one step in a row, a second apart: a large file takes its time */
#define RETRY_MS  1000

void worker_file_name(char name[WORKER_FILE_SIZE], const char *kind, uint64_t id, uint32_t index)
{
    (void)snprintf(name, WORKER_FILE_SIZE, "%s.%016" PRIx64 ".%u", kind, id, index); /* fits */
}

int32_t worker_files_new(const struct rh_str_list *inputs, const struct rh_str_list *outputs,
                         struct files **out)
{
    struct files *files;
    int32_t rc = RH_OK;

    *out = NULL;
    if (inputs->count == 0 && outputs->count == 0)
        return RH_OK;
    if (inputs->count > RH_WORK_FILES_MAX || outputs->count > RH_WORK_FILES_MAX)
        return RH_EINVAL;
    files = calloc(1, sizeof(*files));
    if (!files)
        return RH_ENOMEM;
    rh_buf_init(&files->result, BODY_MAX);
    for (uint32_t i = 0; i < inputs->count && rc == RH_OK; i++)
        rc = rh_work_input_parse(inputs->items[i], &files->inputs[i]);
    for (uint32_t i = 0; i < outputs->count && rc == RH_OK; i++) {
        rc = rh_work_file_name_is_good(outputs->items[i]) ? RH_OK : RH_EINVAL;
        if (rc == RH_OK)
            rc = rh_str_copy(files->outputs[i], sizeof(files->outputs[i]), outputs->items[i]);
    }
    if (rc != RH_OK) {
        free(files);
        return rc;
    }
    files->input_count = inputs->count;
    files->output_count = outputs->count;
    *out = files;
    return RH_OK;
}

static void on_removed(void *self, void *user, const struct rh_file_done *done)
{
    (void)self;
    (void)user;
    (void)done; /* most are gone already; what is left goes at the next start */
}

static void remove_each(struct worker *w, const char *kind, uint64_t id, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[WORKER_FILE_SIZE];
        const struct rh_file_op op = {
            .size = (uint32_t)sizeof(op), .op = RH_FILE_REMOVE, .name = name};

        worker_file_name(name, kind, id, i);
        (void)w->rh.file->submit(w->rh.ctx, &op, on_removed, NULL); /* as in on_removed */
    }
}

void worker_files_free(struct worker *w, struct work *work)
{
    struct files *files = work->files;

    if (!files)
        return;
    if (w->is_active) {
        remove_each(w, "in", work->job.id, files->input_count);
        remove_each(w, "out", work->job.id, files->output_count);
    }
    work->files = NULL;
    if (files->no_room_ms && w->is_active)
        worker_outputs_show(w);
    rh_buf_release(&files->result);
    free(files);
}

/* An output of a program that is done. */
static bool is_to_be_stored(const struct worker *w, const char *name)
{
    const struct work *work = NULL;
    char other[WORKER_FILE_SIZE];

    if (strncmp(name, "out.", 4) == 0)
        work = worker_work_find(w, strtoull(name + 4, NULL, 16));
    for (uint32_t i = 0; work && work->has_result && i < work->files->output_count; i++) {
        worker_file_name(other, "out", work->job.id, i);
        if (strcmp(name, other) == 0)
            return true;
    }
    return false;
}

void worker_files_sweep(struct worker *w)
{
    struct rh_file_list list = {.size = (uint32_t)sizeof(list)};

    if (w->rh.file->list(w->rh.ctx, &list) != RH_OK)
        return;
    for (uint32_t i = 0; i < list.count; i++) {
        const char *at = (const char *)list.items + (size_t)i * list.stride;
        const struct rh_file_info *info = (const struct rh_file_info *)(const void *)at;
        char name[WORKER_FILE_SIZE];

        if (rh_str_copy(name, sizeof(name), info->name) == RH_OK && !is_to_be_stored(w, name))
            (void)w->rh.file->remove(w->rh.ctx, name); /* or at the next start */
    }
}

bool worker_files_again(struct worker *w, struct work *work, void (*cb)(void *self, void *user))
{
    rh_handle timer;

    return work->files->tries++ < TRIES_MAX &&
           w->rh.core->timer(w->rh.ctx, RETRY_MS, cb, (void *)(uintptr_t)work->job.id, &timer) ==
               RH_OK;
}

struct work *worker_work_in(struct worker *w, const void *user, enum job_state state)
{
    struct work *work = w->is_active ? worker_work_find(w, (uint64_t)(uintptr_t)user) : NULL;

    return work && work->job.state == state ? work : NULL;
}

void worker_work_stopped(struct worker *w, struct work *work)
{
    switch ((enum outcome_stop)work->job.stop) {
    case OUTCOME_STOP_STALE:
        w->counters.stale++;
        worker_outbox_put(w, work, NULL, (struct rh_str){NULL, 0});
        break;
    case OUTCOME_STOP_CANCELLED:
        worker_work_fail(w, work, rh_str_from("cancelled while its files were moved"), false);
        break;
    case OUTCOME_STOP_PREEMPTED:
        worker_preempt_release(w, work);
        break;
    case OUTCOME_STOP_NONE:
    case OUTCOME_STOP_LEASE:
        worker_work_fail(w, work, rh_str_from("the lease ran out while its files were moved"),
                         true);
        break;
    }
}
