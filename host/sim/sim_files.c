/* The driver's files: on the node's simulated disk, beside its databases and under the same faults
 * and crashes. */
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

#include "host/sim/sim.h"

static struct sim_disk *disk_of(void *driver)
{
    return ((struct rh_testhost *)driver)->storage.disk;
}

int32_t sim_file_append(void *driver, const char *path, struct rh_str data)
{
    struct sim_disk *disk = disk_of(driver);
    struct sim_file *file = sim_disk_open(disk, path, true);
    int32_t rc;

    if (!file)
        return RH_ENOSPACE;
    rc = sim_disk_write(disk, file, sim_disk_size(file), data.p, data.n);
    sim_disk_close(disk, file);
    return rc;
}

int32_t sim_file_read(void *driver, const char *path, int64_t offset, uint32_t max,
                      struct rh_buf *out)
{
    const struct rh_testhost *host = driver;
    struct sim_disk *disk = disk_of(driver);
    struct sim_file *file;
    uint64_t from = (uint64_t)offset;
    size_t got = 0;
    int32_t rc = RH_OK;

    if (host->file_read_rc != RH_OK)
        return host->file_read_rc;
    file = sim_disk_open(disk, path, false);
    if (!file)
        return RH_ENOTFOUND;
    if (from < sim_disk_size(file)) {
        uint64_t there = sim_disk_size(file) - from;
        size_t n = there < max ? (size_t)there : max;
        char *to = rh_buf_reserve(out, n);

        rc = to ? sim_disk_read(disk, file, from, to, n, &got) : out->rc;
        if (rc == RH_OK)
            rh_buf_advance(out, got);
    }
    sim_disk_close(disk, file);
    return rc;
}

int32_t sim_file_length(void *driver, const char *path, int64_t *out)
{
    const struct sim_file *file = sim_disk_find(disk_of(driver), path);

    if (!file)
        return RH_ENOTFOUND;
    *out = (int64_t)sim_disk_size(file);
    return RH_OK;
}

int32_t sim_file_rename(void *driver, const char *from, const char *to)
{
    struct sim_disk *disk = disk_of(driver);
    struct sim_file *file = sim_disk_find(disk, from);
    int32_t rc;

    if (!file)
        return RH_ENOTFOUND;
    rc = sim_disk_sync(disk, file);
    if (rc == RH_OK)
        rc = sim_disk_rename(disk, from, to);
    return rc == RH_OK ? sim_disk_sync_names(disk) : rc;
}

int32_t sim_file_remove(void *driver, const char *path)
{
    const struct rh_testhost *host = driver;

    return host->file_remove_rc != RH_OK ? host->file_remove_rc
                                         : sim_disk_remove(disk_of(driver), path);
}

void rh_testhost_files_fail(struct rh_testhost *host, int32_t read_rc, int32_t remove_rc)
{
    host->file_read_rc = read_rc;
    host->file_remove_rc = remove_rc;
}

int32_t sim_private_read(void *driver, const char *path, uint32_t max, struct rh_buf *out)
{
    int64_t length = 0;
    int32_t rc = sim_file_length(driver, path, &length);

    if (rc == RH_OK && length > (int64_t)max)
        rc = RH_ETOOLARGE;
    return rc == RH_OK ? sim_file_read(driver, path, 0, max, out) : rc;
}

int32_t rh_testhost_file(struct rh_testhost *host, const char *path, const char *text)
{
    struct rh_str all = rh_str_from(text);
    int32_t rc = sim_file_remove(host, path);

    if (rc != RH_OK && rc != RH_ENOTFOUND)
        return rc;
    return sim_file_append(host, path, all);
}

int32_t sim_file_list(void *driver, const char *folder,
                      void (*each)(void *user, const char *name, int64_t length), void *user)
{
    struct sim_disk *disk = disk_of(driver);
    uint32_t cursor = 0;
    struct rh_str path;

    while (sim_disk_next(disk, &cursor, &path)) {
        char name[SIM_FILE_NAME_MAX + 1];
        size_t n = strlen(folder);

        if (rh_str_copy(name, sizeof name, path) != RH_OK || path.n < n + 2 ||
            memcmp(name, folder, n) != 0 || name[n] != '/' || strchr(name + n + 1, '/'))
            continue;
        each(user, name + n + 1, (int64_t)sim_disk_size(sim_disk_find(disk, name)));
    }
    return RH_OK;
}
