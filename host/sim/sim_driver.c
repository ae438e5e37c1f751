/* The driver table on virtual time; here clocks, turns and log lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/service/core.h>

#include "host/sim/sim.h"

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
    .queue_new = sim_queue_new,
    .queue_submit = sim_queue_submit,
    .queue_free = sim_queue_free,
    .file_append = sim_file_append,
    .file_read = sim_file_read,
    .file_length = sim_file_length,
    .file_rename = sim_file_rename,
    .file_remove = sim_file_remove,
    .private_read = sim_private_read,
    .file_list = sim_file_list,
    .process_run = sim_process_run,
    .process_adopt = sim_process_adopt,
    .process_kill = sim_process_kill,
    .process_output = sim_process_output,
    .process_take = sim_job_files_take,
    .process_read = sim_job_files_read,
    .process_list = sim_process_list,
    .process_detach = sim_process_detach,
    .log_line = driver_log_line,
    .finished = driver_finished,
    .entered = driver_entered,
};
