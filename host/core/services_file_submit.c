/* Operations of rh.file/1 on threads: those of one plugin on one file in the order of submission,
 * others side by side. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/service/file.h>

#include "host/core/core_internal.h"

#define FILE_THREADS 2u

/* An operation on a thread; what it appends lies behind it. */
struct file_task {
    struct file_task *next; /* of its plugin, in the order of submission */
    struct rh_ctx *plugin;
    uint32_t blockers; /* earlier ones under way that it must not overlap */
    bool is_out;       /* given to a thread */
    uint64_t activation;
    bool is_of_activation; /* not of the time before the first, or between two */
    bool is_hashed;
    uint32_t op;
    uint32_t max;
    int64_t offset;
    struct rh_str data;
    struct rh_buf read;
    struct rh_sha256 hash;
    int32_t rc;
    file_done_fn *cb;
    void *user;
    char path[FILE_PATH_MAX];
    char to[FILE_PATH_MAX];
};

static int32_t task_append(struct file_task *task, const struct driver *driver)
{
    int64_t length = 0;
    int32_t rc = driver->ops->file_length(driver->ctx, task->path, &length);

    if (rc != RH_OK && rc != RH_ENOTFOUND)
        return rc;
    if (length != task->offset)
        return RH_ECONFLICT;
    if (length > RH_FILE_LARGE_MAX - (int64_t)task->data.n)
        return RH_ETOOLARGE;
    rc = driver->ops->file_append(driver->ctx, task->path, task->data);
    if (rc == RH_OK && task->is_hashed)
        rh_sha256_update(&task->hash, task->data.p, task->data.n);
    return rc;
}

static int32_t task_read(struct file_task *task, const struct driver *driver)
{
    int32_t rc =
        driver->ops->file_read(driver->ctx, task->path, task->offset, task->max, &task->read);

    if (rc == RH_OK && task->is_hashed)
        rh_sha256_update(&task->hash, task->read.p, task->read.n);
    return rc;
}

/* [worker] */
static void task_run(void *arg)
{
    struct file_task *task = arg;
    const struct driver *driver = &task->plugin->core->driver;

    switch (task->op) {
    case RH_FILE_APPEND:
        task->rc = task_append(task, driver);
        break;
    case RH_FILE_READ:
        task->rc = task_read(task, driver);
        break;
    case RH_FILE_RENAME:
        task->rc = driver->ops->file_rename(driver->ctx, task->path, task->to);
        break;
    default:
        task->rc = driver->ops->file_remove(driver->ctx, task->path);
        break;
    }
}

static bool is_on(const struct file_task *task, const char *path)
{
    return strcmp(task->path, path) == 0 || strcmp(task->to, path) == 0;
}

/* Reads may overlap. */
static bool collide(const struct file_task *a, const struct file_task *b)
{
    if (a->op == RH_FILE_READ && b->op == RH_FILE_READ)
        return false;
    return is_on(a, b->path) || (b->to[0] != '\0' && is_on(a, b->to));
}

static void task_keep(struct file_task *task)
{
    struct file_task **at = &task->plugin->file_tasks;

    for (; *at; at = &(*at)->next)
        task->blockers += collide(*at, task);
    *at = task;
    task->plugin->file_count++;
}

static void task_leave(struct file_task *task)
{
    struct file_task **at = &task->plugin->file_tasks;

    assert(task->blockers == 0);
    while (*at != task)
        at = &(*at)->next;
    *at = task->next;
    for (struct file_task *later = task->next; later; later = later->next)
        later->blockers -= collide(task, later);
    task->plugin->file_count--;
}

static void task_free(struct file_task *task)
{
    rh_buf_release(&task->read);
    free(task);
}

static void task_done(void *arg);

static int32_t task_start(struct file_task *task)
{
    struct core *core = task->plugin->core;
    int32_t rc = core->driver.ops->queue_submit(core->file_queue, task_run, task_done, task);

    task->is_out = rc == RH_OK;
    return rc;
}

/* Those that nothing blocks any more. Without memory for a thread one ends on the loop. */
static void tasks_start(struct rh_ctx *plugin)
{
    struct file_task *task = plugin->file_tasks;

    while (task) {
        if (task->blockers > 0 || task->is_out) {
            task = task->next;
            continue;
        }
        if (task_start(task) != RH_OK) {
            task->is_out = true;
            task_run(task);
            task_done(task);
        }
        task = plugin->file_tasks; /* others may have come and gone */
    }
}

static void task_done(void *arg)
{
    struct file_task *task = arg;
    struct rh_ctx *plugin = task->plugin;
    struct rh_file_done done = {.size = (uint32_t)sizeof done, .rc = task->rc};

    core_refresh(plugin->core);
    task_leave(task);
    if (plugin->state < PLUGIN_STOPPED) {
        if (task->activation != plugin->activation ||
            (task->is_of_activation && plugin->phase < ACT_ACTIVATING))
            done.rc = RH_ECANCELLED;
        if (done.rc == RH_OK) {
            done.data = rh_buf_str(&task->read);
            done.hash = task->is_hashed ? &task->hash : NULL;
        }
        plugin_enter(plugin, "file");
        task->cb(plugin->self, task->user, &done);
        plugin_leave(plugin, "file");
    }
    task_free(task);
    tasks_start(plugin);
    core_wake(plugin->core);
}

static int32_t task_new(struct rh_ctx *plugin, const struct rh_file_op *op, struct file_task **out)
{
    struct file_task *task = malloc(sizeof *task + op->data.n);
    int32_t rc;

    if (!task)
        return RH_ENOMEM;
    *task = (struct file_task){
        .plugin = plugin,
        .activation = plugin->activation,
        .is_of_activation = plugin->phase >= ACT_ACTIVATING,
        .is_hashed = op->hash != NULL,
        .op = op->op,
        .max = op->max,
        .offset = op->offset,
        .data = {(char *)(task + 1), op->data.n},
    };
    if (op->data.n > 0)
        memcpy(task + 1, op->data.p, op->data.n);
    if (op->hash)
        task->hash = *op->hash;
    rh_buf_init(&task->read, RH_FILE_PIECE_MAX);
    rc = file_path(plugin, op->name, task->path, sizeof task->path);
    if (rc == RH_OK && op->op == RH_FILE_RENAME)
        rc = file_path(plugin, op->to, task->to, sizeof task->to);
    if (rc != RH_OK)
        task_free(task);
    else
        *out = task;
    return rc;
}

int32_t services_file_submit(struct rh_ctx *plugin, const struct rh_file_op *op, file_done_fn *cb,
                             void *user)
{
    struct core *core = plugin->core;
    struct rh_file_op known = {0};
    struct file_task *task = NULL;
    int32_t rc;

    services_check(plugin, "submit");
    memcpy(&known, op, op->size < sizeof known ? op->size : sizeof known);
    if (!cb || known.op < RH_FILE_APPEND || known.op > RH_FILE_REMOVE || known.offset < 0 ||
        known.offset > RH_FILE_LARGE_MAX || known.data.n > RH_FILE_PIECE_MAX ||
        known.max > RH_FILE_PIECE_MAX)
        return RH_EINVAL;
    if (plugin->file_count >= RH_FILE_SUBMITS_MAX) {
        plugin->over_quota++;
        return RH_EAGAIN;
    }
    if (!core->file_queue) {
        rc = core->driver.ops->queue_new(core->driver.ctx, "file", FILE_THREADS, &core->file_queue);
        if (rc != RH_OK)
            return rc;
    }
    rc = task_new(plugin, &known, &task);
    if (rc != RH_OK)
        return rc;
    task->cb = cb;
    task->user = user;
    task_keep(task);
    if (task->blockers > 0)
        return RH_OK;
    rc = task_start(task);
    if (rc != RH_OK) {
        task_leave(task);
        task_free(task);
    }
    return rc;
}
