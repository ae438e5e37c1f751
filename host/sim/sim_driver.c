/* The rest of the driver table on virtual time: clocks, turns, queues, files in memory, log lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/service/core.h>

#include "host/sim/sim.h"

#define QUEUE_TAKES_US 100

static int64_t driver_now_us(void *driver)
{
    return sim_clock_now_us(driver);
}

static int64_t driver_wall_ms(void *driver)
{
    return sim_clock_wall_ms(driver);
}

static uint64_t driver_random(void *driver)
{
    return rh_rng_u64(&((struct rh_testhost *)driver)->rng);
}

static void wake_fires(void *arg)
{
    struct rh_testhost *host = arg;

    host->wake = NULL;
    if (host->is_up)
        core_turn(host->core);
}

static void turn_fires(void *arg)
{
    struct rh_testhost *host = arg;

    host->turn = NULL;
    if (host->is_up)
        core_turn(host->core);
}

static void driver_wake_at(void *driver, int64_t at_ms)
{
    struct rh_testhost *host = driver;
    int64_t at_us = at_ms == INT64_MAX ? INT64_MAX : sim_clock_true_us(host, at_ms * 1000);

    if (host->wake && host->wake->at_us == at_us)
        return;
    sim_cancel(host->wake);
    host->wake = at_us == INT64_MAX ? NULL : sim_at_node(host, at_us, wake_fires, host);
}

static void driver_wake(void *driver)
{
    struct rh_testhost *host = driver;

    if (!host->turn)
        host->turn = sim_at_node(host, host->net->now_us, turn_fires, host);
}

static void driver_stop_listening(void *driver, uint32_t keep)
{
    (void)keep;
    (void)driver; /* new requests get the core's own refusal while it drains */
}

/* --- queues: the job runs at once, its end comes a moment later --- */

struct driver_queue {
    struct rh_testhost *host;
    struct queue_end *first, *last;
};

struct queue_end {
    struct queue_end *next;
    struct driver_queue *queue;
    void (*done)(void *arg);
    void *arg;
    bool was_run;
};

static int32_t driver_queue_new(void *driver, const char *name, uint32_t threads,
                                struct driver_queue **out)
{
    (void)name;
    (void)threads;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return RH_ENOMEM;
    (*out)->host = driver;
    return RH_OK;
}

static void queue_unlink(struct queue_end *end)
{
    struct driver_queue *queue = end->queue;

    queue->first = end->next; /* ends come in order */
    if (!queue->first)
        queue->last = NULL;
}

static void queue_ends(void *arg)
{
    struct queue_end *end = arg;

    if (!end->was_run) {
        queue_unlink(end);
        end->done(end->arg);
    }
    free(end);
}

static int32_t driver_queue_submit(struct driver_queue *queue, void (*run)(void *arg),
                                   void (*done)(void *arg), void *arg)
{
    struct queue_end *end = calloc(1, sizeof *end);

    if (!end)
        return RH_ENOMEM;
    *end = (struct queue_end){NULL, queue, done, arg, false};
    if (queue->last)
        queue->last->next = end;
    else
        queue->first = end;
    queue->last = end;
    run(arg);
    (void)sim_at_node(queue->host, queue->host->net->now_us + QUEUE_TAKES_US, queue_ends, end);
    return RH_OK;
}

static void driver_queue_free(struct driver_queue *queue)
{
    if (!queue)
        return;
    while (queue->first) {
        struct queue_end *end = queue->first;

        queue_unlink(end);
        end->was_run = true; /* its event only frees it */
        end->done(end->arg);
    }
    free(queue);
}

/* --- files, in memory --- */

static struct rh_buf *file_find(struct rh_testhost *host, const char *path, bool make)
{
    struct rh_buf *file = rh_map_get(&host->files, rh_str_from(path));

    if (file || !make)
        return file;
    file = malloc(sizeof *file);
    if (!file)
        return NULL;
    rh_buf_init(file, 256u * 1024u * 1024u);
    if (rh_map_put(&host->files, rh_str_from(path), file, NULL) != RH_OK) {
        free(file);
        return NULL;
    }
    return file;
}

static int32_t driver_file_append(void *driver, const char *path, struct rh_str data)
{
    struct rh_buf *file = file_find(driver, path, true);

    return file ? rh_buf_append_str(file, data) : RH_ENOSPACE;
}

static int32_t driver_file_read(void *driver, const char *path, int64_t offset, uint32_t max,
                                struct rh_buf *out)
{
    const struct rh_buf *file = file_find(driver, path, false);
    size_t from = (size_t)offset;
    size_t n;

    if (!file)
        return RH_ENOTFOUND;
    n = from < file->n ? file->n - from : 0;
    return n > 0 ? rh_buf_append(out, file->p + from, n < max ? n : max) : RH_OK;
}

static int32_t driver_file_length(void *driver, const char *path, int64_t *out)
{
    const struct rh_buf *file = file_find(driver, path, false);

    if (!file)
        return RH_ENOTFOUND;
    *out = (int64_t)file->n;
    return RH_OK;
}

static void file_free(struct rh_buf *file)
{
    if (file)
        rh_buf_release(file);
    free(file);
}

static int32_t driver_file_rename(void *driver, const char *from, const char *to)
{
    struct rh_testhost *host = driver;
    struct rh_buf *file = rh_map_remove(&host->files, rh_str_from(from));
    void *old = NULL;
    int32_t rc;

    if (!file)
        return RH_ENOTFOUND;
    rc = rh_map_put(&host->files, rh_str_from(to), file, &old);
    if (rc != RH_OK)
        old = file;
    file_free(old);
    return rc;
}

static int32_t driver_file_remove(void *driver, const char *path)
{
    struct rh_testhost *host = driver;
    struct rh_buf *file = rh_map_remove(&host->files, rh_str_from(path));

    file_free(file);
    return file ? RH_OK : RH_ENOTFOUND;
}

void sim_files_release(struct rh_testhost *host)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&host->files, &cursor, NULL, &value))
        file_free(value);
    rh_map_release(&host->files);
}

/* --- the rest --- */

static void driver_log_line(void *driver, uint32_t level, struct rh_str line)
{
    struct rh_testhost *host = driver;
    char **place = &host->log[host->log_next++ % SIM_LOG_LINES];

    free(*place);
    *place = strndup(line.p, line.n);
    if (level >= RH_LOG_ERROR) {
        host->error_count++;
        free(host->last_error);
        host->last_error = strndup(line.p, line.n);
    }
    sim_trace_line(host->net, "%.*s", RH_STR_ARG(line));
    if (getenv("RH_TESTHOST_LOG"))
        (void)fprintf(stderr, "%.*s\n", (int)line.n, line.p); /* for whoever looks for a fault */
}

static void driver_finished(void *driver, int32_t exit_code, uint32_t again)
{
    struct rh_testhost *host = driver;

    host->is_finished = true;
    host->exit_code = exit_code;
    host->again = again != 0;
}

static void driver_entered(void *driver, const char *plugin, const char *what)
{
    (void)driver; /* virtual time does not pass inside a callback */
    (void)plugin;
    (void)what;
}

const struct driver_ops sim_driver_ops = {
    .now_us = driver_now_us,
    .wall_ms = driver_wall_ms,
    .random = driver_random,
    .wake_at = driver_wake_at,
    .wake = driver_wake,
    .reply = sim_reply,
    .stream_begin = sim_stream_begin,
    .stream_write = sim_stream_write,
    .stream_end = sim_stream_end,
    .call = sim_call,
    .call_cancel = sim_call_cancel,
    .stop_listening = driver_stop_listening,
    .queue_new = driver_queue_new,
    .queue_submit = driver_queue_submit,
    .queue_free = driver_queue_free,
    .file_append = driver_file_append,
    .file_read = driver_file_read,
    .file_length = driver_file_length,
    .file_rename = driver_file_rename,
    .file_remove = driver_file_remove,
    .process_run = sim_process_run,
    .process_adopt = sim_process_adopt,
    .process_kill = sim_process_kill,
    .process_output = sim_process_output,
    .process_list = sim_process_list,
    .process_detach = sim_process_detach,
    .log_line = driver_log_line,
    .finished = driver_finished,
    .entered = driver_entered,
};
