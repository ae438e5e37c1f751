/* From a claimed item to its process: words, files, limits. */
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

/* argv and env of one job: offsets into bytes while they grow, strings at the end. */
struct words {
    struct rh_buf bytes;
    struct rh_buf ends; /* size_t of each word */
    struct rh_str *items;
    uint32_t count;
};

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

/* Files of one job. */
struct placed {
    struct rh_process_file files[RH_WORK_FILES_MAX + NOTE_KIND_COUNT + SECRETS_MAX];
    char names[RH_WORK_FILES_MAX][WORKER_FILE_SIZE];
    uint32_t count;
};

static_assert(RH_WORK_FILES_MAX + NOTE_KIND_COUNT + SECRETS_MAX <= RH_PROCESS_FILES_MAX,
              "the host takes them all");

static void place(struct work *work, const struct secrets *secrets, struct placed *to)
{
    to->count = work->files ? work->files->input_count : 0;
    for (uint32_t i = 0; i < to->count; i++) {
        const struct rh_work_input *input = &work->files->inputs[i];

        worker_file_name(to->names[i], "in", work->job.id, i);
        to->files[i] = (struct rh_process_file){.size = (uint32_t)sizeof(to->files[i]),
                                                .mode = input->mode,
                                                .file = to->names[i],
                                                .name = input->name};
    }
    to->count += worker_notes_files(work, to->files + to->count);
    to->count += worker_secrets_files(secrets, to->files + to->count);
}

static int32_t process_start(struct worker *w, struct work *work, const struct command *command,
                             const struct secrets *secrets)
{
    const struct job *job = &work->job;
    struct words words = {.count = 0};
    struct placed placed;
    char key[PROCESS_KEY_SIZE];
    int32_t rc;

    place(work, secrets, &placed);
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
            .flags = RH_PROCESS_TREE_MEMORY,
            .memory_bytes = command->memory,
            .pids_max = command->pids,
            .cpu_percent = command->cores * 100,
            .cpu_s = (command->cpu + 999) / 1000,
            .files = placed.files,
            .file_count = placed.count,
            .file_stride = (uint32_t)sizeof(placed.files[0]),
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
    struct secrets secrets;
    char text[RH_TEXT_MAX];
    char why[SECRETS_WHY_SIZE] = "";
    int32_t rc = command ? worker_secrets_read(w, command, &secrets, why) : RH_ENOTFOUND;

    if (rc == RH_OK)
        rc = process_start(w, work, command, &secrets);
    if (command)
        secrets_wipe(&secrets);
    if (rc == RH_OK) {
        free(work->payload);
        work->payload = NULL;
        work->has_process = true;
        work->notes.look_ms = worker_now(w) + NOTES_LOOK_MS;
        job_move(&work->job, JOB_RUNNING);
        return;
    }
    (void)snprintf(text, sizeof(text), "%.*s: could not be started on this node: %s",
                   RH_STR_ARG(program), why[0] ? why : rh_error_text(rc)); /* cut when long */
    worker_work_fail(w, work, rh_str_from(text), true);
}
