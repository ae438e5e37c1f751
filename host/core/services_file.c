/* rh.file/1 as the host gives it: capped files in the folder of a plugin. */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>
#include <ringhost/service/file.h>

#include "host/core/core_internal.h"

#define FILE_NAME_MAX 128u
#define FILE_PATH_MAX 512u

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

static const struct rh_file_v1 file_service = {
    .size = (uint32_t)sizeof file_service,
    .append = file_append,
    .read = file_read,
    .length = file_length,
    .rename = file_rename,
    .remove = file_remove,
    .secret = file_secret,
};

const void *services_file(void)
{
    return &file_service;
}
