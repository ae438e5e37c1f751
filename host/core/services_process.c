/* rh.process/1 as the host gives it: quotas, keys and callbacks; the jobs themselves are the
 * driver's. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

/* A callback that waits for a job's end. */
struct process_wait {
    struct rh_ctx *plugin;
    struct process_wait *next, **link;
    rh_process_cb cb;
    void *user;
};

static bool is_key(const char *key)
{
    size_t n = key ? strlen(key) : 0;

    if (n == 0 || n > RH_PROCESS_KEY_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = key[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!is_plain && c != '_' && c != '-' && (c != '.' || i == 0))
            return false;
    }
    return true;
}

static void process_wait_free(struct process_wait *wait)
{
    if (wait->next)
        wait->next->link = wait->link;
    *wait->link = wait->next;
    wait->plugin->process_count--;
    free(wait);
}

static void process_wait_keep(struct process_wait *wait)
{
    struct rh_ctx *plugin = wait->plugin;

    wait->next = plugin->processes;
    wait->link = &plugin->processes;
    if (wait->next)
        wait->next->link = &wait->next;
    plugin->processes = wait;
    plugin->process_count++;
}

static void process_ended(void *arg, const struct rh_process_exit *ended)
{
    struct process_wait *wait = arg;
    struct rh_ctx *plugin = wait->plugin;

    rh_process_cb cb = wait->cb;
    void *user_data = wait->user;

    core_refresh(plugin->core);
    process_wait_free(wait);
    if (plugin->state < PLUGIN_STOPPED) {
        plugin_enter(plugin, "process_exit");
        cb(plugin->self, user_data, ended);
        plugin_leave(plugin, "process_exit");
    }
    core_wake(plugin->core);
}

static int32_t process_wait_new(struct rh_ctx *plugin, const char *key, rh_process_cb cb,
                                void *user, struct process_wait **out)
{
    if (!is_key(key) || !cb)
        return RH_EINVAL;
    if (plugin->state >= PLUGIN_STOPPED || plugin->is_ending)
        return RH_ECANCELLED;
    if (plugin->process_count >= core_quota(plugin->setup->processes_max, PLUGIN_PROCESSES_MAX)) {
        plugin->over_quota++;
        return RH_EAGAIN;
    }
    *out = malloc(sizeof **out);
    if (!*out)
        return RH_ENOMEM;
    **out = (struct process_wait){.plugin = plugin, .cb = cb, .user = user};
    return RH_OK;
}

/* NAME or FOLDER/NAME. */
static bool job_name_is_good(const char *name)
{
    const char *slash = name ? strchr(name, '/') : NULL;
    char folder[FILE_NAME_MAX + 1];

    return file_name_is_good(slash ? slash + 1 : name) &&
           (!slash || (rh_str_copy(folder, sizeof folder,
                                   (struct rh_str){name, (size_t)(slash - name)}) == RH_OK &&
                       file_name_is_good(folder)));
}

/* The files as this host knows them, whatever the plugin was built with. */
static int32_t files_read(const struct rh_process_spec *spec,
                          struct rh_process_file known[RH_PROCESS_FILES_MAX])
{
    const size_t least = offsetof(struct rh_process_file, bytes);

    if (spec->file_count > RH_PROCESS_FILES_MAX ||
        (spec->file_count > 0 && spec->file_stride < least))
        return RH_EINVAL;
    for (uint32_t i = 0; i < spec->file_count; i++) {
        struct rh_process_file *file = &known[i];

        memset(file, 0, sizeof *file);
        memcpy(file, (const char *)spec->files + (size_t)i * spec->file_stride,
               spec->file_stride < sizeof *file ? spec->file_stride : sizeof *file);
        if (!job_name_is_good(file->name) || (file->file && !file_name_is_good(file->file)))
            return RH_EINVAL;
        if (file->file ? file->bytes.p != NULL : spec->file_stride == least)
            return RH_EINVAL;
        if (file->bytes.n > RH_PROCESS_BYTES_MAX)
            return RH_ETOOLARGE;
    }
    return RH_OK;
}

static int32_t process_run(struct rh_ctx *plugin, const struct rh_process_spec *spec,
                           rh_process_cb cb, void *user)
{
    struct driver *driver = &plugin->core->driver;
    struct rh_process_spec known = {0};
    struct rh_process_file files[RH_PROCESS_FILES_MAX];
    struct process_wait *wait;
    int32_t rc;

    services_check(plugin, "run");
    memcpy(&known, spec, spec->size < sizeof known ? spec->size : sizeof known);
    if (known.argv.count == 0)
        return RH_EINVAL;
    rc = files_read(&known, files);
    if (rc != RH_OK)
        return rc;
    known.files = files;
    known.file_stride = (uint32_t)sizeof files[0];
    rc = process_wait_new(plugin, known.key, cb, user, &wait);
    if (rc != RH_OK)
        return rc;
    rc = driver->ops->process_run(driver->ctx, plugin->id, &known, process_ended, wait);
    if (rc != RH_OK)
        free(wait);
    else
        process_wait_keep(wait);
    return rc;
}

static int32_t process_adopt(struct rh_ctx *plugin, const char *key, rh_process_cb cb, void *user)
{
    struct driver *driver = &plugin->core->driver;
    struct process_wait *wait;
    int32_t rc;

    services_check(plugin, "adopt");
    rc = process_wait_new(plugin, key, cb, user, &wait);
    if (rc != RH_OK)
        return rc;
    rc = driver->ops->process_adopt(driver->ctx, plugin->id, key, process_ended, wait);
    if (rc != RH_OK)
        free(wait);
    else
        process_wait_keep(wait);
    return rc;
}

static int32_t process_kill(struct rh_ctx *plugin, const char *key)
{
    struct driver *driver = &plugin->core->driver;

    services_check(plugin, "kill");
    return is_key(key) ? driver->ops->process_kill(driver->ctx, plugin->id, key) : RH_EINVAL;
}

static int32_t process_output(struct rh_ctx *plugin, const char *key, int64_t offset, uint32_t max,
                              struct rh_str *out)
{
    struct driver *driver = &plugin->core->driver;
    int32_t rc;

    services_check(plugin, "output");
    if (!is_key(key) || offset < 0)
        return RH_EINVAL;
    rh_buf_reset(&plugin->row_memory);
    rc =
        driver->ops->process_output(driver->ctx, plugin->id, key, offset, max, &plugin->row_memory);
    if (rc == RH_OK)
        *out = rh_buf_str(&plugin->row_memory);
    return rc;
}

static int32_t process_take(struct rh_ctx *plugin, const char *key, const char *name,
                            const char *to)
{
    struct driver *driver = &plugin->core->driver;

    services_check(plugin, "take");
    if (!is_key(key) || !file_name_is_good(name) || !file_name_is_good(to))
        return RH_EINVAL;
    return driver->ops->process_take(driver->ctx, plugin->id, key, name, to);
}

static int32_t process_read(struct rh_ctx *plugin, const char *key, const char *name, uint32_t max,
                            struct rh_str *out)
{
    struct driver *driver = &plugin->core->driver;
    int32_t rc;

    services_check(plugin, "read");
    if (!is_key(key) || !file_name_is_good(name))
        return RH_EINVAL;
    rh_buf_reset(&plugin->row_memory);
    rc = driver->ops->process_read(driver->ctx, plugin->id, key, name,
                                   max < RH_PROCESS_BYTES_MAX ? max : RH_PROCESS_BYTES_MAX,
                                   &plugin->row_memory);
    if (rc == RH_OK)
        *out = rh_buf_str(&plugin->row_memory);
    return rc;
}

/* Collects keys behind one another in row_memory, then points the list at them. */
struct process_collect {
    struct rh_ctx *plugin;
    uint32_t count;
    int32_t rc;
    uint8_t running[PLUGIN_PROCESSES_MAX];
};

static void collect_one(void *user, const char *key, uint32_t is_running)
{
    struct process_collect *collect = user;

    if (collect->count == PLUGIN_PROCESSES_MAX || collect->rc != RH_OK)
        return;
    collect->running[collect->count++] = is_running != 0;
    collect->rc = rh_buf_append(&collect->plugin->row_memory, key, strlen(key) + 1);
}

static int32_t process_list(struct rh_ctx *plugin, struct rh_process_list *out)
{
    struct driver *driver = &plugin->core->driver;
    struct process_collect collect = {.plugin = plugin};
    struct rh_process_info *infos;
    const char *at;
    int32_t rc;

    services_check(plugin, "list");
    rh_buf_reset(&plugin->row_memory);
    rc = driver->ops->process_list(driver->ctx, plugin->id, collect_one, &collect);
    if (rc == RH_OK)
        rc = collect.rc;
    if (rc != RH_OK)
        return rc;
    infos = realloc(plugin->list_memory, (collect.count + 1) * sizeof *infos);
    if (!infos)
        return RH_ENOMEM;
    plugin->list_memory = infos;
    at = plugin->row_memory.p;
    for (uint32_t i = 0; i < collect.count; i++) {
        infos[i] = (struct rh_process_info){rh_str_from(at), collect.running[i], 0};
        at += infos[i].key.n + 1;
    }
    *out = (struct rh_process_list){(uint32_t)sizeof *out, collect.count, infos,
                                    (uint32_t)sizeof *infos, 0};
    return RH_OK;
}

static const struct rh_process_v1 process_service = {
    .size = (uint32_t)sizeof process_service,
    .run = process_run,
    .kill = process_kill,
    .list = process_list,
    .adopt = process_adopt,
    .output = process_output,
    .take = process_take,
    .read = process_read,
};

const void *services_process(void)
{
    return &process_service;
}

/* Jobs go on without the plugin; whoever waits for one gets RH_ECANCELLED. */
void processes_of_plugin_detach(struct rh_ctx *plugin)
{
    struct driver *driver = &plugin->core->driver;
    bool was_ending = plugin->is_ending;

    if (!plugin->processes)
        return;
    plugin->is_ending = true; /* a callback that starts the next job is refused */
    driver->ops->process_detach(driver->ctx, plugin->id);
    plugin->is_ending = was_ending;
    assert(!plugin->processes);
}
