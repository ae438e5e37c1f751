/* rh.file/1 as the host gives it: capped files in the folder of a plugin, at once; what is done on
 * threads is in services_file_submit.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>
#include <ringhost/service/file.h>

#include "host/core/core_internal.h"

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

int32_t file_path(const struct rh_ctx *plugin, const char *name, char *path, size_t size)
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
                 : rc == RH_EINVAL    ? "not a plain file"
                                      : rh_error_text(rc));
        return rc;
    }
    text = rh_buf_str(&plugin->row_memory);
    while (text.n > 0 && strchr(" \t\r\n", text.p[text.n - 1]))
        text.n--;
    *out = text;
    return RH_OK;
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
    .submit = services_file_submit,
    .list = file_list,
};

const void *services_file(void)
{
    return &file_service;
}
