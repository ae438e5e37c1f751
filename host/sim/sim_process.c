/* Scripted processes: the test says what each program would have done; they survive their host as
 * real ones do. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"

#define OUTPUT_MAX   (16u * 1024u * 1024u)
#define TAKES_MS_MAX (INT64_C(100) * 366 * 86400 * 1000) /* no run lasts that long */

/* The process behind an event of its end. */
struct process_end {
    struct rh_testhost *host;
    struct sim_process *process;
};

static struct sim_process *find(struct rh_testhost *host, const char *owner, const char *key)
{
    for (uint32_t i = 0; host->processes && i < SIM_PROCESSES_MAX; i++) {
        struct sim_process *process = &host->processes[i];

        if (process->is_used && strcmp(process->owner, owner) == 0 &&
            strcmp(process->key, key) == 0)
            return process;
    }
    return NULL;
}

static void forget(struct sim_process *process)
{
    sim_cancel(process->end);
    rh_buf_release(&process->output);
    rh_buf_release(&process->errors);
    memset(process, 0, sizeof *process);
}

/* Tell who waits how it ended; then nothing of it is left. Until then its key is in use. */
static void collect(struct rh_testhost *host, struct sim_process *process)
{
    static const struct {
        int32_t rc;
        int32_t code;
        int32_t signal;
        const char *word;
        const char *text;
    } ends[] = {
#define X(name, rc, code, signal, word, text) {rc, code, signal, word, text},
        SIM_PROCESS_ENDS(X)
#undef X
    };
    struct rh_process_exit ended = {
        .size = (uint32_t)sizeof ended,
        .rc = ends[process->how].rc,
        .reason = rh_str_from(ends[process->how].word),
        .code = process->how == SIM_PROCESS_EXITED ? process->exit_code : ends[process->how].code,
        .signal = ends[process->how].signal,
        .output = rh_buf_str(&process->output),
        .errors = rh_buf_str(&process->errors),
        .message = rh_str_from(ends[process->how].text),
        .wall_ms = (host->net->now_us - process->started_us) / 1000,
    };

    process->is_ending = true;
    process->done(process->user, &ended);
    sim_job_files_remove(host, process->owner, process->key);
    forget(process);
}

static void process_over(struct rh_testhost *host, struct sim_process *process)
{
    process->is_running = false;
    sim_trace_line(host->net, "%s: process %s of %s is over", host->node_id, process->key,
                   process->owner);
    if (host->net->watch.on_process_over)
        host->net->watch.on_process_over(host->net->watch.user, host, process);
}

static void process_ends(void *arg)
{
    struct process_end *end = arg;
    struct sim_process *process = end->process;

    process->end = NULL;
    if (process->is_running)
        process_over(end->host, process);
    if (process->done)
        collect(end->host, process);
    free(end);
}

static void end_at(struct rh_testhost *host, struct sim_process *process, int64_t at_us)
{
    struct process_end *end = malloc(sizeof *end);

    if (!end)
        abort(); /* as sim_at */
    *end = (struct process_end){host, process};
    sim_cancel(process->end);
    process->end = sim_at_node(host, at_us, process_ends, end);
    process->end->owns_arg = true;
}

/* Ask the script what this program does. */
static void act(struct rh_testhost *host, struct sim_process *process,
                const struct rh_process_spec *spec)
{
    struct rh_testhost_process script = {
        .owner = process->owner,
        .key = process->key,
        .argv = spec->argv,
        .input = spec->input,
        .env = spec->env,
        .not_found = !host->script,
    };
    size_t most = spec->output_max > 0 && spec->output_max < OUTPUT_MAX ? (size_t)spec->output_max
                                                                        : OUTPUT_MAX;

    if (host->script)
        host->script(host->script_user, &script);
    process->exit_code = script.exit_code;
    process->how = script.not_found ? SIM_PROCESS_NOT_FOUND : SIM_PROCESS_EXITED;
    if (script.file_name) /* the disk may be full: it has no such file then */
        (void)sim_job_files_make(host, process->owner, process->key, script.file_name,
                                 script.file_text);
    rh_buf_init(&process->output, OUTPUT_MAX);
    rh_buf_init(&process->errors, OUTPUT_MAX);
    if (script.output)
        (void)rh_buf_append(&process->output, script.output,
                            strlen(script.output) < most ? strlen(script.output)
                                                         : most); /* a test's text is small */
    if (script.errors)
        (void)rh_buf_append_c(&process->errors, script.errors); /* likewise */
    if (script.not_found) {
        script.takes_ms = 1;
    } else if (spec->wall_ms > 0 && (script.takes_ms < 0 || script.takes_ms > spec->wall_ms)) {
        script.takes_ms = spec->wall_ms;
        process->how = SIM_PROCESS_TIMEOUT;
    }
    if (script.takes_ms > TAKES_MS_MAX)
        script.takes_ms = TAKES_MS_MAX;
    if (script.takes_ms >= 0)
        end_at(host, process, host->net->now_us + script.takes_ms * 1000);
}

int32_t sim_process_run(void *driver, const char *owner, const struct rh_process_spec *spec,
                        process_done done, void *user)
{
    struct rh_testhost *host = driver;
    struct sim_process *process = NULL;
    int32_t rc;

    if (!host->processes)
        host->processes = calloc(SIM_PROCESSES_MAX, sizeof *host->processes);
    if (!host->processes)
        return RH_ENOMEM;
    if (find(host, owner, spec->key))
        return RH_EEXISTS;
    for (uint32_t i = 0; i < SIM_PROCESSES_MAX && !process; i++)
        if (!host->processes[i].is_used)
            process = &host->processes[i];
    if (!process)
        return RH_EAGAIN;
    memset(process, 0, sizeof *process);
    process->is_used = process->is_running = true;
    (void)snprintf(process->owner, sizeof process->owner, "%s", owner); /* ids are short */
    (void)snprintf(process->key, sizeof process->key, "%s", spec->key); /* was checked */
    process->done = done;
    process->user = user;
    process->started_us = host->net->now_us;
    rc = sim_job_files_place(host, owner, spec);
    if (rc != RH_OK) {
        memset(process, 0, sizeof *process);
        return rc;
    }
    act(host, process, spec);
    return RH_OK;
}

int32_t sim_process_adopt(void *driver, const char *owner, const char *key, process_done done,
                          void *user)
{
    struct rh_testhost *host = driver;
    struct sim_process *process = find(host, owner, key);

    if (!process)
        return RH_ENOTFOUND;
    if (process->done)
        return RH_EEXISTS;
    process->done = done;
    process->user = user;
    if (!process->is_running)
        end_at(host, process, host->net->now_us);
    return RH_OK;
}

int32_t sim_process_kill(void *driver, const char *owner, const char *key)
{
    struct rh_testhost *host = driver;
    struct sim_process *process = find(host, owner, key);

    if (!process || process->is_ending)
        return RH_ENOTFOUND;
    if (!process->is_running)
        return RH_OK;
    process->how = SIM_PROCESS_KILLED;
    end_at(host, process, host->net->now_us + 1000);
    return RH_OK;
}

int32_t sim_process_output(void *driver, const char *owner, const char *key, int64_t offset,
                           uint32_t max, struct rh_buf *out)
{
    struct sim_process *process = find(driver, owner, key);
    size_t from = (size_t)offset;
    size_t n;

    if (!process)
        return RH_ENOTFOUND;
    n = from < process->output.n ? process->output.n - from : 0;
    return n > 0 ? rh_buf_append(out, process->output.p + from, n < max ? n : max) : RH_OK;
}

int32_t sim_process_list(void *driver, const char *owner,
                         void (*each)(void *user, const char *key, uint32_t is_running), void *user)
{
    struct rh_testhost *host = driver;

    for (uint32_t i = 0; host->processes && i < SIM_PROCESSES_MAX; i++)
        if (host->processes[i].is_used && strcmp(host->processes[i].owner, owner) == 0)
            each(user, host->processes[i].key, host->processes[i].is_running);
    return RH_OK;
}

/* The jobs go on; who waited is told that nobody will tell it any more. */
void sim_process_detach(void *driver, const char *owner)
{
    struct rh_testhost *host = driver;

    for (uint32_t i = 0; host->processes && i < SIM_PROCESSES_MAX; i++) {
        struct sim_process *process = &host->processes[i];
        struct rh_process_exit ended = {
            .size = (uint32_t)sizeof ended, .rc = RH_ECANCELLED, .reason = RH_STR_LIT("cancelled")};
        process_done done = process->done;

        if (!process->is_used || !done || process->is_ending || strcmp(process->owner, owner) != 0)
            continue;
        process->done = NULL;
        done(process->user, &ended);
    }
}

void sim_process_power_cut(struct rh_testhost *host)
{
    assert(!host->is_up);
    for (uint32_t i = 0; host->processes && i < SIM_PROCESSES_MAX; i++) {
        struct sim_process *process = &host->processes[i];

        if (!process->is_used || !process->is_running)
            continue;
        sim_cancel(process->end);
        process->end = NULL;
        process->how = SIM_PROCESS_LOST;
        process_over(host, process);
    }
}

void sim_process_release(struct rh_testhost *host)
{
    for (uint32_t i = 0; host->processes && i < SIM_PROCESSES_MAX; i++)
        if (host->processes[i].is_used)
            forget(&host->processes[i]);
    free(host->processes);
    host->processes = NULL;
}

uint32_t rh_testhost_running(const struct rh_testhost *host, const char *owner)
{
    uint32_t count = 0;

    for (uint32_t i = 0; host->processes && i < SIM_PROCESSES_MAX; i++)
        count += host->processes[i].is_running && strcmp(host->processes[i].owner, owner) == 0;
    return count;
}
