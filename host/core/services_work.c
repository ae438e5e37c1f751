/* rh.work/1 as the host gives it: functions on worker threads, with copied input. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/service/work.h>

#include "host/core/core_internal.h"

#define WORK_BYTES_MAX (64u * 1024u * 1024u)
#define WORK_THREADS   2u

/* One function call on a worker thread; input and output behind it. */
struct work_job {
    struct rh_ctx *plugin;
    uint64_t activation;
    bool is_of_activation; /* not of the time before the first, or between two */
    int64_t (*fn)(struct rh_str input, void *output, uint64_t output_max);
    void (*cb)(void *self, void *user, int32_t rc, struct rh_str output);
    void *user;
    struct rh_str input;
    void *output;
    uint64_t output_max;
    int64_t result;
};

/* [worker] */
static void work_thread(void *arg)
{
    struct work_job *job = arg;

    job->result = job->fn(job->input, job->output, job->output_max);
}

/* Whether the activation that wanted the job has ended. */
static bool work_is_stale(const struct work_job *job)
{
    const struct rh_ctx *plugin = job->plugin;

    return job->activation != plugin->activation ||
           (job->is_of_activation && plugin->phase < ACT_ACTIVATING);
}

/* What the function came to; it may have returned nonsense. */
static int32_t work_rc(const struct work_job *job)
{
    if (job->result >= 0)
        return (uint64_t)job->result <= job->output_max ? RH_OK : RH_EINTERNAL;
    return job->result >= INT32_MIN ? (int32_t)job->result : RH_EINTERNAL;
}

static void work_done(void *arg)
{
    struct work_job *job = arg;
    struct rh_ctx *plugin = job->plugin;
    int32_t rc = work_rc(job);
    struct rh_str output = {job->output, rc == RH_OK ? (size_t)job->result : 0};

    core_refresh(plugin->core);
    plugin->work_count--;
    if (plugin->state < PLUGIN_STOPPED) {
        if (work_is_stale(job))
            rc = RH_ECANCELLED;
        plugin_enter(plugin, "work");
        job->cb(plugin->self, job->user, rc, rc == RH_OK ? output : (struct rh_str){"", 0});
        plugin_leave(plugin, "work");
    }
    core_wake(plugin->core);
    free(job);
}

static int32_t work_run(struct rh_ctx *plugin,
                        int64_t (*fn)(struct rh_str input, void *output, uint64_t output_max),
                        struct rh_str input, uint64_t output_max,
                        void (*cb)(void *self, void *user, int32_t rc, struct rh_str output),
                        void *user)
{
    struct core *core = plugin->core;
    struct work_job *job;
    int32_t rc;

    services_check(plugin, "run");
    if (!fn || !cb || output_max > WORK_BYTES_MAX || input.n > WORK_BYTES_MAX)
        return RH_EINVAL;
    if (plugin->work_count >= PLUGIN_WORK_MAX) {
        plugin->over_quota++;
        return RH_EAGAIN;
    }
    if (!core->work_queue) {
        rc = core->driver.ops->queue_new(core->driver.ctx, "work", WORK_THREADS, &core->work_queue);
        if (rc != RH_OK)
            return rc;
    }
    job = malloc(sizeof *job + input.n + output_max);
    if (!job)
        return RH_ENOMEM;
    *job = (struct work_job){
        .plugin = plugin,
        .activation = plugin->activation,
        .is_of_activation = plugin->phase >= ACT_ACTIVATING,
        .fn = fn,
        .cb = cb,
        .user = user,
        .input = {(char *)(job + 1), input.n},
        .output_max = output_max,
    };
    if (input.n > 0)
        memcpy(job + 1, input.p, input.n);
    job->output = (char *)(job + 1) + input.n;
    rc = core->driver.ops->queue_submit(core->work_queue, work_thread, work_done, job);
    if (rc != RH_OK)
        free(job);
    else
        plugin->work_count++;
    return rc;
}

static const struct rh_work_v1 work_service = {.size = (uint32_t)sizeof work_service,
                                               .run = work_run};

const void *services_work(void)
{
    return &work_service;
}
