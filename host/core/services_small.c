/* The small services: rh.fields/1, rh.file/1, rh.work/1 and rh.metrics/1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/service/fields.h>
#include <ringhost/service/file.h>
#include <ringhost/service/metrics.h>
#include <ringhost/service/work.h>

#include "host/core/core_internal.h"
#include "host/core/field_decode.h"

#define DECODE_BYTES_MAX (16u * 1024u * 1024u)
#define FILE_NAME_MAX    128u
#define WORK_BYTES_MAX   (64u * 1024u * 1024u)
#define WORK_THREADS     2u

/* --- rh.fields/1 --- */

static int32_t fields_decode(struct rh_ctx *plugin, const struct rh_fields *table,
                             struct rh_str json, void *out, void **memory, char *why,
                             uint32_t why_size)
{
    struct field_arena *arena = malloc(sizeof *arena);
    struct field_error error;
    int32_t rc;

    services_check(plugin, "decode");
    *memory = NULL;
    if (!arena)
        return RH_ENOMEM;
    field_arena_init(arena, DECODE_BYTES_MAX);
    rc = field_decode(table, json, 0, DECODE_BYTES_MAX, out, arena, &error);
    if (rc != RH_OK) {
        memset(out, 0, table->struct_size);
        if (why && why_size > 0)
            text_set(why, why_size, "%s", error.message);
        field_arena_release(arena);
        free(arena);
        return rc;
    }
    *memory = arena;
    return RH_OK;
}

static void fields_release(struct rh_ctx *plugin, void *memory)
{
    services_check(plugin, "release");
    if (!memory)
        return;
    field_arena_release(memory);
    free(memory);
}

static const struct rh_fields_v1 fields_service = {
    .size = (uint32_t)sizeof fields_service,
    .decode = fields_decode,
    .release = fields_release,
};

const void *services_fields(void)
{
    return &fields_service;
}

/* --- rh.file/1 --- */

/* "files/PLUGIN/NAME" below the data directory. */
static int32_t file_path(const struct rh_ctx *plugin, const char *name, char *path, size_t size)
{
    size_t n = name ? strlen(name) : 0;
    int length;

    if (n == 0 || n > FILE_NAME_MAX || name[0] == '.')
        return RH_EINVAL;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return RH_EINVAL;
    }
    length = snprintf(path, size, "files/%s/%s", plugin->id, name);
    return length > 0 && (size_t)length < size ? RH_OK : RH_EINVAL;
}

#define FILE_PATH_MAX 512u

static int32_t file_append(struct rh_ctx *plugin, const char *name, struct rh_str data)
{
    struct driver *driver = &plugin->core->driver;
    char path[FILE_PATH_MAX];
    int64_t length = 0;
    int32_t rc = file_path(plugin, name, path, sizeof path);

    services_check(plugin, "append");
    if (rc != RH_OK)
        return rc;
    rc = driver->ops->file_length(driver->ctx, path, &length);
    if (rc != RH_OK && rc != RH_ENOTFOUND)
        return rc;
    if ((uint64_t)length + data.n > RH_FILE_BYTES_MAX)
        return RH_ETOOLARGE;
    return driver->ops->file_append(driver->ctx, path, data);
}

static int32_t file_read(struct rh_ctx *plugin, const char *name, int64_t offset, uint32_t max,
                         struct rh_str *out)
{
    struct driver *driver = &plugin->core->driver;
    char path[FILE_PATH_MAX];
    int32_t rc = file_path(plugin, name, path, sizeof path);

    services_check(plugin, "read");
    if (rc == RH_OK && offset < 0)
        rc = RH_EINVAL;
    if (rc != RH_OK)
        return rc;
    rh_buf_reset(&plugin->row_memory);
    rc = driver->ops->file_read(driver->ctx, path, offset, max, &plugin->row_memory);
    if (rc == RH_OK)
        *out = rh_buf_str(&plugin->row_memory);
    return rc;
}

static int32_t file_length(struct rh_ctx *plugin, const char *name, int64_t *out)
{
    struct driver *driver = &plugin->core->driver;
    char path[FILE_PATH_MAX];
    int32_t rc = file_path(plugin, name, path, sizeof path);

    services_check(plugin, "length");
    return rc != RH_OK ? rc : driver->ops->file_length(driver->ctx, path, out);
}

static int32_t file_rename(struct rh_ctx *plugin, const char *from, const char *to)
{
    struct driver *driver = &plugin->core->driver;
    char from_path[FILE_PATH_MAX];
    char to_path[FILE_PATH_MAX];
    int32_t rc = file_path(plugin, from, from_path, sizeof from_path);

    services_check(plugin, "rename");
    if (rc == RH_OK)
        rc = file_path(plugin, to, to_path, sizeof to_path);
    return rc != RH_OK ? rc : driver->ops->file_rename(driver->ctx, from_path, to_path);
}

static int32_t file_remove(struct rh_ctx *plugin, const char *name)
{
    struct driver *driver = &plugin->core->driver;
    char path[FILE_PATH_MAX];
    int32_t rc = file_path(plugin, name, path, sizeof path);

    services_check(plugin, "remove");
    return rc != RH_OK ? rc : driver->ops->file_remove(driver->ctx, path);
}

static const struct rh_file_v1 file_service = {
    .size = (uint32_t)sizeof file_service,
    .append = file_append,
    .read = file_read,
    .length = file_length,
    .rename = file_rename,
    .remove = file_remove,
};

const void *services_file(void)
{
    return &file_service;
}

/* --- rh.work/1 --- */

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

/* --- rh.metrics/1 --- */

static int32_t metrics_metric(struct rh_ctx *plugin, uint32_t kind, const char *name,
                              const char *labels, const char *help, rh_handle *id)
{
    services_check(plugin, "metric");
    return metrics_get(plugin->core->metrics, kind, plugin->id, name, labels, help, id);
}

static void metrics_service_add(struct rh_ctx *plugin, rh_handle id, double amount)
{
    metrics_add(plugin->core->metrics, id, amount);
}

static void metrics_service_set(struct rh_ctx *plugin, rh_handle id, double value)
{
    metrics_set(plugin->core->metrics, id, value);
}

static void metrics_service_observe(struct rh_ctx *plugin, rh_handle id, double seconds)
{
    metrics_observe(plugin->core->metrics, id, seconds);
}

static const struct rh_metrics_v1 metrics_service = {
    .size = (uint32_t)sizeof metrics_service,
    .metric = metrics_metric,
    .add = metrics_service_add,
    .set = metrics_service_set,
    .observe = metrics_service_observe,
};

const void *services_metrics(void)
{
    return &metrics_service;
}
