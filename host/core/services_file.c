/* rh.file/1 as the host gives it: capped files in the folder of a plugin; small ones at once, large
 * ones on threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>
#include <ringhost/service/file.h>

#include "host/core/core_internal.h"

#define FILE_PATH_MAX 512u
#define FILE_THREADS  2u

/* An operation on a thread; what it appends lies behind it. */
struct file_task {
    struct rh_ctx *plugin;
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
    void (*cb)(void *self, void *user, const struct rh_file_done *done);
    void *user;
    char path[FILE_PATH_MAX];
    char to[FILE_PATH_MAX];
};

bool file_name_is_good(const char *name)
{
    size_t n = name ? strlen(name) : 0;

    if (n == 0 || n > FILE_NAME_MAX || name[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

/* "files/PLUGIN/NAME" below the data directory. */
static int32_t file_path(const struct rh_ctx *plugin, const char *name, char *path, size_t size)
{
    int length;

    if (!file_name_is_good(name))
        return RH_EINVAL;
    length = snprintf(path, size, "files/%s/%s", plugin->id, name);
    return length > 0 && (size_t)length < size ? RH_OK : RH_EINVAL;
}

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

static int32_t file_secret(struct rh_ctx *plugin, const char *path, struct rh_str *out)
{
    struct driver *driver = &plugin->core->driver;
    struct rh_str text;
    int32_t rc;

    services_check(plugin, "secret");
    if (!path || path[0] != '/') {
        text_set(plugin->fail_text, sizeof plugin->fail_text, "\"%s\" is not an absolute path",
                 path ? path : "");
        return RH_EINVAL;
    }
    rh_buf_reset(&plugin->row_memory);
    rc = driver->ops->private_read(driver->ctx, path, RH_SECRET_BYTES_MAX, &plugin->row_memory);
    if (rc != RH_OK) {
        text_set(plugin->fail_text, sizeof plugin->fail_text, "%s: %s", path,
                 rc == RH_EFORBIDDEN  ? "must be readable by this user and by no other; chmod 0600"
                 : rc == RH_ENOTFOUND ? "no such file"
                                      : rh_error_text(rc));
        return rc;
    }
    text = rh_buf_str(&plugin->row_memory);
    while (text.n > 0 && strchr(" \t\r\n", text.p[text.n - 1]))
        text.n--;
    *out = text;
    return RH_OK;
}

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

static void task_free(struct file_task *task)
{
    rh_buf_release(&task->read);
    free(task);
}

static void task_done(void *arg)
{
    struct file_task *task = arg;
    struct rh_ctx *plugin = task->plugin;
    struct rh_file_done done = {.size = (uint32_t)sizeof done, .rc = task->rc};

    core_refresh(plugin->core);
    plugin->file_count--;
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
    core_wake(plugin->core);
    task_free(task);
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

static int32_t file_submit(struct rh_ctx *plugin, const struct rh_file_op *op,
                           void (*cb)(void *self, void *user, const struct rh_file_done *done),
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
    rc = core->driver.ops->queue_submit(core->file_queue, task_run, task_done, task);
    if (rc != RH_OK)
        task_free(task);
    else
        plugin->file_count++;
    return rc;
}

/* Names behind one another in row_memory, lengths in a second buffer. */
struct file_collect {
    struct rh_ctx *plugin;
    struct rh_buf lengths;
    uint32_t count;
    int32_t rc;
};

static void collect_one(void *user, const char *name, int64_t length)
{
    struct file_collect *collect = user;

    if (collect->rc != RH_OK || !file_name_is_good(name))
        return;
    if (collect->count == RH_FILE_NAMES_MAX) {
        collect->rc = RH_EFULL;
        return;
    }
    collect->count++;
    collect->rc = rh_buf_append(&collect->plugin->row_memory, name, strlen(name) + 1);
    if (collect->rc == RH_OK)
        collect->rc = rh_buf_append(&collect->lengths, &length, sizeof length);
}

static int32_t collect_finish(struct file_collect *collect, struct rh_file_list *out)
{
    struct rh_ctx *plugin = collect->plugin;
    struct rh_file_info *infos = realloc(plugin->list_memory, (collect->count + 1) * sizeof *infos);
    const char *at = plugin->row_memory.p;

    if (!infos)
        return RH_ENOMEM;
    plugin->list_memory = infos;
    for (uint32_t i = 0; i < collect->count; i++) {
        infos[i].name = rh_str_from(at);
        memcpy(&infos[i].length, collect->lengths.p + i * sizeof infos[i].length,
               sizeof infos[i].length);
        at += infos[i].name.n + 1;
    }
    *out = (struct rh_file_list){(uint32_t)sizeof *out, collect->count, infos,
                                 (uint32_t)sizeof *infos, 0};
    return RH_OK;
}

static int32_t file_list(struct rh_ctx *plugin, struct rh_file_list *out)
{
    struct driver *driver = &plugin->core->driver;
    struct file_collect collect = {.plugin = plugin};
    char folder[FILE_PATH_MAX];
    int32_t rc;

    services_check(plugin, "list");
    (void)snprintf(folder, sizeof folder, "files/%s", plugin->id); /* ids are short */
    rh_buf_reset(&plugin->row_memory);
    rh_buf_init(&collect.lengths, RH_FILE_NAMES_MAX * sizeof(int64_t));
    rc = driver->ops->file_list(driver->ctx, folder, collect_one, &collect);
    if (rc == RH_OK)
        rc = collect.rc;
    if (rc == RH_OK)
        rc = collect_finish(&collect, out);
    rh_buf_release(&collect.lengths);
    return rc;
}

static const struct rh_file_v1 file_service = {
    .size = (uint32_t)sizeof file_service,
    .append = file_append,
    .read = file_read,
    .length = file_length,
    .rename = file_rename,
    .remove = file_remove,
    .secret = file_secret,
    .submit = file_submit,
    .list = file_list,
};

const void *services_file(void)
{
    return &file_service;
}
