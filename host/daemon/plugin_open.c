/* Opening of plugin files; see plugin_open.h. */
#include "host/daemon/plugin_open.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/core/plugin_info.h"

#define ENTRY_NAME    "rh_plugin_entry_v1"
#define INNER_WHY_MAX 512u

/* The first directory that has the file. */
static int32_t find_file(const char *const *directories, uint32_t count, const char *file,
                         char *path, char *why)
{
    size_t n = 0;

    if (strchr(file, '/')) {
        (void)snprintf(path, PLUGIN_FILE_PATH_MAX, "%s", file); /* an overlong one is not found */
        if (access(path, F_OK) == 0)
            return RH_OK;
        (void)snprintf(why, PLUGIN_OPEN_WHY_MAX, "%.400s: no such file", file); /* fits */
        return RH_ENOTFOUND;
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(path, PLUGIN_FILE_PATH_MAX, "%s/%s", directories[i], file); /* likewise */
        if (access(path, F_OK) == 0)
            return RH_OK;
    }
    n = (size_t)snprintf(why, PLUGIN_OPEN_WHY_MAX, "no file %.100s in", file);
    for (uint32_t i = 0; i < count && n < PLUGIN_OPEN_WHY_MAX; i++)
        n += (size_t)snprintf(why + n, PLUGIN_OPEN_WHY_MAX - n, "%s %s", i ? "," : "",
                              directories[i]);
    return RH_ENOTFOUND;
}

/* Read what the file says it is, without running it. */
static int32_t check_info(const char *path, const char *id, char *why)
{
    char inner[INNER_WHY_MAX] = "";
    struct plugin_info info;
    struct stat st;
    void *bytes = MAP_FAILED;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* waits for no FIFO */
    int32_t rc = RH_OK;

    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)snprintf(why, PLUGIN_OPEN_WHY_MAX, "%.400s: %s", path, strerror(errno)); /* fits */
        rc = RH_EIO;
        goto out;
    }
    if (!S_ISREG(st.st_mode) || st.st_size == 0 || (uint64_t)st.st_size > PLUGIN_FILE_BYTES_MAX) {
        (void)snprintf(why, PLUGIN_OPEN_WHY_MAX,
                       "%.400s: not a plugin: not a file of 1 byte to 256 MiB", path); /* fits */
        rc = RH_EINVAL;
        goto out;
    }
    bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        (void)snprintf(why, PLUGIN_OPEN_WHY_MAX, "%.400s: %s", path, strerror(errno)); /* fits */
        rc = RH_EIO;
        goto out;
    }
    rc = plugin_info_read(bytes, (size_t)st.st_size, &info, inner);
    if (rc == RH_OK)
        rc = plugin_info_check(&info, inner);
    if (rc == RH_OK && strcmp(info.id, id) != 0) {
        (void)snprintf(inner, sizeof inner, "it is plugin \"%s\", not \"%.64s\"", info.id,
                       id); /* fits */
        rc = RH_EINVAL;
    }
    if (rc != RH_OK)
        (void)snprintf(why, PLUGIN_OPEN_WHY_MAX, "%.240s: %s", path, inner); /* fits */
out:
    if (bytes != MAP_FAILED)
        (void)munmap(bytes, (size_t)st.st_size); /* was only read */
    if (fd >= 0)
        (void)close(fd); /* was only read */
    return rc;
}

/* The one whose name is the file's, which may be another build of the plugin; else the plugin. */
static const struct rh_plugin *static_entry(const char *id, const char *file)
{
    const struct static_plugin *found = NULL;

    for (const struct static_plugin *plugin = static_plugins; plugin->id; plugin++) {
        size_t n = strlen(plugin->id);

        if (strncmp(plugin->id, file, n) == 0 && strcmp(file + n, ".so") == 0)
            return plugin->entry();
        if (strcmp(plugin->id, id) == 0)
            found = plugin;
    }
    return found ? found->entry() : NULL;
}

/* Run the file's entry function. */
static int32_t open_module(const char *id, struct opened_plugin *out,
                           const struct rh_plugin **entry, char *why)
{
    const struct rh_plugin *(*function)(void);
    void *symbol;
    int32_t rc = check_info(out->file, id, why);

    if (rc != RH_OK)
        return rc;
    out->module = dlopen(out->file, RTLD_NOW | RTLD_LOCAL);
    if (!out->module) {
        (void)snprintf(why, PLUGIN_OPEN_WHY_MAX, "%.700s",
                       dlerror()); /* names the file; cut when longer */
        return RH_EINVAL;
    }
    symbol = dlsym(out->module, ENTRY_NAME);
    if (!symbol) {
        (void)snprintf(why, PLUGIN_OPEN_WHY_MAX, "%.400s: no symbol %s: not a ringhost plugin",
                       out->file, ENTRY_NAME);
        return RH_EINVAL;
    }
    memcpy(&function, &symbol, sizeof function);
    *entry = function();
    return RH_OK;
}

int32_t plugin_open(const char *const *directories, uint32_t directory_count, const char *id,
                    const char *file, struct opened_plugin *out, char *why)
{
    struct opened_plugin opened = {0};
    const struct rh_plugin *entry = static_entry(id, file);
    char inner[INNER_WHY_MAX] = "";
    int32_t rc = RH_OK;

    why[0] = '\0';
    if (entry) {
        (void)snprintf(opened.file, sizeof opened.file, "(static)"); /* fits */
    } else {
        rc = find_file(directories, directory_count, file, opened.file, why);
        if (rc == RH_OK)
            rc = open_module(id, &opened, &entry, why);
    }
    if (rc == RH_OK) {
        rc = plugin_desc_normalise(entry, &opened.desc, inner);
        if (rc != RH_OK)
            (void)snprintf(why, PLUGIN_OPEN_WHY_MAX, "%.240s: %s", opened.file, inner); /* fits */
    }
    if (rc != RH_OK) {
        plugin_close(&opened);
        return rc;
    }
    *out = opened;
    return RH_OK;
}

void plugin_close(struct opened_plugin *plugin)
{
    plugin_desc_free(plugin->desc);
    if (plugin->module)
        (void)dlclose(plugin->module); /* nothing of it is in use any more */
    memset(plugin, 0, sizeof *plugin);
}
