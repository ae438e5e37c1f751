/* The files of a simulated job: moved in before it begins, taken out when it has ended. */
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"

#define NAMES_MAX 128u /* files of one job that are removed at its end */

static int32_t path_of(char path[SIM_FILE_NAME_MAX + 1], const char *owner, const char *key,
                       const char *name)
{
    int n = snprintf(path, SIM_FILE_NAME_MAX + 1, "jobs/%s/%s/%s", owner, key, name);

    return n > 0 && n <= (int)SIM_FILE_NAME_MAX ? RH_OK : RH_EINVAL;
}

static int32_t path_of_file(char path[SIM_FILE_NAME_MAX + 1], const char *owner, const char *name)
{
    int n = snprintf(path, SIM_FILE_NAME_MAX + 1, "files/%s/%s", owner, name);

    return n > 0 && n <= (int)SIM_FILE_NAME_MAX ? RH_OK : RH_EINVAL;
}

int32_t sim_job_files_place(struct rh_testhost *host, const char *owner,
                            const struct rh_process_spec *spec)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < spec->file_count && rc == RH_OK; i++) {
        const char *at = (const char *)spec->files + (size_t)i * spec->file_stride;
        const struct rh_process_file *file = (const struct rh_process_file *)(const void *)at;
        char from[SIM_FILE_NAME_MAX + 1];
        char to[SIM_FILE_NAME_MAX + 1];

        if (!file->file && !file->bytes.p)
            continue;
        rc = path_of(to, owner, spec->key, file->name);
        if (rc == RH_OK && !file->file) {
            rc = sim_file_append(host, to, file->bytes);
            continue;
        }
        if (rc == RH_OK)
            rc = path_of_file(from, owner, file->file);
        if (rc == RH_OK)
            rc = sim_disk_rename(host->storage.disk, from, to);
    }
    return rc;
}

int32_t sim_job_files_read(void *driver, const char *owner, const char *key, const char *name,
                           uint32_t max, struct rh_buf *out)
{
    struct rh_testhost *host = driver;
    char path[SIM_FILE_NAME_MAX + 1];
    int64_t length = 0;
    int32_t rc = path_of(path, owner, key, name);

    if (rc == RH_OK)
        rc = sim_file_length(host, path, &length);
    if (rc == RH_OK && length > (int64_t)max)
        rc = RH_ETOOLARGE;
    return rc == RH_OK ? sim_file_read(host, path, 0, max, out) : rc;
}

int32_t sim_job_files_make(struct rh_testhost *host, const char *owner, const char *key,
                           const char *name, const char *text)
{
    char path[SIM_FILE_NAME_MAX + 1];
    int32_t rc = path_of(path, owner, key, name);

    return rc == RH_OK ? sim_file_append(host, path, rh_str_from(text)) : rc;
}

int32_t sim_job_files_take(void *driver, const char *owner, const char *key, const char *name,
                           const char *to)
{
    struct rh_testhost *host = driver;
    char from_path[SIM_FILE_NAME_MAX + 1];
    char to_path[SIM_FILE_NAME_MAX + 1];
    int32_t rc = path_of(from_path, owner, key, name);

    if (rc == RH_OK)
        rc = path_of_file(to_path, owner, to);
    return rc == RH_OK ? sim_disk_rename(host->storage.disk, from_path, to_path) : rc;
}

void sim_job_files_remove(struct rh_testhost *host, const char *owner, const char *key)
{
    char(*paths)[SIM_FILE_NAME_MAX + 1] = malloc(NAMES_MAX * sizeof *paths);
    char folder[SIM_FILE_NAME_MAX + 1];
    uint32_t cursor = 0;
    uint32_t count = 0;
    struct rh_str path;
    int n = snprintf(folder, sizeof folder, "jobs/%s/%s/", owner, key);

    if (paths && n > 0 && n <= (int)SIM_FILE_NAME_MAX)
        while (count < NAMES_MAX && sim_disk_next(host->storage.disk, &cursor, &path))
            if (rh_str_starts_with(path, rh_str_from(folder)) &&
                rh_str_copy(paths[count], sizeof paths[0], path) == RH_OK)
                count++;
    for (uint32_t i = 0; i < count; i++)
        (void)sim_disk_remove(host->storage.disk, paths[i]); /* it is there */
    free(paths);
}
