/* A claimed item from its record to its process, and processes of an earlier life found again. */
#include "wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

/* All words of one command line, expanded. */
#define WORDS_BYTES_MAX (1024u * 1024u)

static_assert(sizeof(void *) >= sizeof(uint64_t), "ids travel as callback arguments");

/* argv and env of one job: offsets into bytes while they grow, strings at the end. */
struct words {
    struct rh_buf bytes;
    struct rh_buf ends; /* size_t of each word */
    struct rh_str *items;
    uint32_t count;
};

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

static void words_add(struct words *words, struct rh_str name, struct rh_str word,
                      const struct template_values *values)
{
    if (name.n > 0) {
        (void)rh_buf_append_str(&words->bytes, name); /* errors stay in bytes */
        (void)rh_buf_append_byte(&words->bytes, '=');
    }
    if (template_expand(word, values, &words->bytes, NULL) == RH_EINVAL)
        words->bytes.rc = RH_EINVAL; /* the configuration was checked: never */
    (void)rh_buf_append(&words->ends, &words->bytes.n, sizeof(words->bytes.n));
    words->count++;
}

static int32_t words_finish(struct words *words)
{
    const size_t *ends = (const size_t *)(const void *)words->ends.p;
    size_t from = 0;

    if (words->bytes.rc != RH_OK || words->ends.rc != RH_OK)
        return words->bytes.rc != RH_OK ? words->bytes.rc : words->ends.rc;
    words->items = calloc(words->count + 1, sizeof(*words->items));
    if (!words->items)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < words->count; i++) {
        words->items[i] = (struct rh_str){words->bytes.p + from, ends[i] - from};
        from = ends[i];
    }
    return RH_OK;
}

static bool has_variable(const struct command *command, const char *name)
{
    for (uint32_t i = 0; i < command->env.count; i++)
        if (rh_str_eq_c(command->env.items[i].key, name))
            return true;
    return false;
}

static int32_t words_of(const struct worker *w, const struct job *job,
                        const struct command *command, struct words *words)
{
    char attempt[24];
    char slot[12];
    char cpus[12];
    char gpus[SLOTS_GPUS_TEXT];
    struct template_values values = {
        .work_id = rh_str_from(job->work_id),
        .work_type = rh_str_from(job->work_type),
        .config_key = rh_str_from(job->config_key),
        .node_id = worker_node(w),
    };

    (void)snprintf(attempt, sizeof(attempt), "%" PRId64, job->attempt); /* fits */
    (void)snprintf(slot, sizeof(slot), "%u", job->share.index);         /* fits */
    (void)snprintf(cpus, sizeof(cpus), "%u", job->share.cpus);          /* fits */
    slots_gpus_write(job->share.gpu_bits, gpus);
    values.attempt = rh_str_from(attempt);
    values.slot = rh_str_from(slot);
    values.cpus = rh_str_from(cpus);
    values.gpus = rh_str_from(gpus);
    for (uint32_t i = 0; i < command->argv.count; i++)
        words_add(words, (struct rh_str){NULL, 0}, command->argv.items[i], &values);
    for (uint32_t i = 0; i < command->env.count; i++)
        words_add(words, command->env.items[i].key, command->env.items[i].value, &values);
    /* Without a device it is set as well: else the program would take them all. */
    if (w->config->gpu.count > 0)
        words_add(words, RH_STR_LIT(WORKER_GPU_VARIABLE), RH_STR_LIT("{gpus}"), &values);
    if (job->share.cpus > 1 && !has_variable(command, "OMP_NUM_THREADS"))
        words_add(words, RH_STR_LIT("OMP_NUM_THREADS"), RH_STR_LIT("{cpus}"), &values);
    return words_finish(words);
}

static int64_t shorter(int64_t a_ms, int64_t b_ms)
{
    return a_ms == 0 ? b_ms : b_ms == 0 || a_ms < b_ms ? a_ms : b_ms;
}

static int32_t process_start(struct worker *w, struct work *work, const struct command *command)
{
    const struct job *job = &work->job;
    struct words words = {.count = 0};
    struct rh_process_file files[RH_WORK_FILES_MAX + NOTE_KIND_COUNT];
    char names[RH_WORK_FILES_MAX][WORKER_FILE_SIZE];
    uint32_t file_count = work->files ? work->files->input_count : 0;
    char key[PROCESS_KEY_SIZE];
    int32_t rc;

    for (uint32_t i = 0; i < file_count; i++) {
        const struct rh_work_input *input = &work->files->inputs[i];

        worker_file_name(names[i], "in", job->id, i);
        files[i] = (struct rh_process_file){.size = (uint32_t)sizeof(files[i]),
                                            .mode = input->mode,
                                            .file = names[i],
                                            .name = input->name};
    }
    file_count += worker_notes_files(work, files + file_count);
    rh_buf_init(&words.bytes, WORDS_BYTES_MAX);
    rh_buf_init(&words.ends, WORDS_BYTES_MAX);
    worker_work_key(job->id, key);
    rc = words_of(w, job, command, &words);
    if (rc == RH_OK) {
        const struct rh_process_spec spec = {
            .size = (uint32_t)sizeof(spec),
            .key = key,
            .argv = {words.items, command->argv.count, 0},
            .env = {words.items + command->argv.count, words.count - command->argv.count, 0},
            .cwd = command->cwd,
            .input = {work->payload, work->payload_bytes},
            .output_max = command->output_max,
            .wall_ms = shorter(command->max_runtime, job->max_runtime_ms),
            .grace_ms = command->grace,
            .memory_bytes = command->memory,
            .cpu_s = (command->cpu + 999) / 1000,
            .files = files,
            .file_count = file_count,
            .file_stride = (uint32_t)sizeof(files[0]),
        };

        rc = w->rh.process->run(w->rh.ctx, &spec, worker_work_exited, (void *)(uintptr_t)job->id);
    }
    rh_buf_release(&words.bytes);
    rh_buf_release(&words.ends);
    free(words.items);
    return rc;
}

void worker_work_launch(struct worker *w, struct work *work)
{
    const struct command *command = worker_command(w, rh_str_from(work->job.work_type));
    struct rh_str program = command ? command->argv.items[0] : rh_str_from("no command");
    char text[RH_TEXT_MAX];
    int32_t rc = command ? process_start(w, work, command) : RH_ENOTFOUND;

    if (rc == RH_OK) {
        free(work->payload);
        work->payload = NULL;
        work->has_process = true;
        work->notes.look_ms = worker_now(w) + NOTES_LOOK_MS;
        job_move(&work->job, JOB_RUNNING);
        return;
    }
    (void)snprintf(text, sizeof(text), "%.*s: could not be started on this node: %s",
                   RH_STR_ARG(program), rh_error_text(rc)); /* cut when long */
    worker_work_fail(w, work, rh_str_from(text), true);
}

/* The record is durable: whatever happens now, the item is not forgotten. */
static void on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct worker *w = self;
    struct work *work = w->is_active ? worker_work_find(w, (uint64_t)(uintptr_t)user) : NULL;

    (void)revision;
    if (rc != RH_OK || !work)
        return; /* the lease runs out; a failed commit is followed by a new activation */
    if (w->is_quiescing)
        worker_outbox_put(w, work, NULL, (struct rh_str){NULL, 0}); /* it was given back */
    else if (work->files && work->files->input_count > 0)
        worker_inputs_begin(w, work);
    else
        worker_work_launch(w, work);
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

void worker_work_adopt_all(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    w->is_adopting = false;
    strangers_end(w);
    worker_files_sweep(w);
    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        struct work *work = value;
        char key[PROCESS_KEY_SIZE];
        int32_t rc;

        worker_work_key(work->job.id, key);
        rc = w->rh.process->adopt(w->rh.ctx, key, worker_work_exited,
                                  (void *)(uintptr_t)work->job.id);
        if (rc == RH_OK || rc == RH_EEXISTS) {
            w->counters.adopted++;
            work->has_process = true;
            job_move(&work->job, JOB_RUNNING);
            rh_log_info(&w->rh, "job_adopted", "work_id=%s", work->job.work_id);
        } else {
            worker_work_fail(
                w, work,
                rh_str_from("the worker was restarted, and the program's end was not recorded"),
                true);
        }
    }
}
