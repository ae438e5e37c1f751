/* The table of jobs that somebody waits for; folders and watches do the rest. */
#include "host/daemon/process.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/str.h>

#include "host/daemon/process_folder.h"
#include "host/daemon/process_watch.h"

#define PATH_DEFAULT \
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games"

struct job {
    struct process_driver *driver;
    struct process_watch *watch;
    process_done done; /* NULL once the owner was detached */
    void *user;
    bool was_killed;
    bool is_ending; /* inside done */
    char owner[PROCESS_OWNER_MAX + 1];
    char path[PROCESS_PATH_MAX]; /* its key in the table */
};

struct process_driver {
    uv_loop_t *loop;
    struct rh_map jobs; /* folder path to struct job */
    char root[PROCESS_PATH_MAX];
    char exec_path[PROCESS_PATH_MAX];
    char search_path[PROCESS_PATH_MAX + sizeof(PATH_DEFAULT) + 1];
    char home[PROCESS_PATH_MAX];
};

/* The real path of a file; RH_EINVAL if there is none or it is too long. */
static int32_t path_resolve(const char *path, char *out)
{
    char *real = realpath(path, NULL);
    int32_t rc = real ? rh_str_copy(out, PROCESS_PATH_MAX, rh_str_from(real)) : RH_EINVAL;

    free(real);
    return rc;
}

int32_t process_driver_new(uv_loop_t *loop, const char *data_dir, const char *exec_path,
                           struct process_driver **out)
{
    struct process_driver *driver = calloc(1, sizeof *driver);
    const char *home = getenv("HOME");
    int32_t rc = RH_ENOMEM;

    if (!driver)
        goto out;
    driver->loop = loop;
    rh_map_init(&driver->jobs, (uint64_t)(uintptr_t)driver, PROCESS_JOBS_MAX);
    rc = path_resolve(data_dir, driver->root);
    if (rc == RH_OK)
        rc = path_resolve(exec_path, driver->exec_path);
    if (rc == RH_OK && access(driver->exec_path, X_OK) != 0)
        rc = RH_EINVAL;
    if (rc == RH_OK)
        rc = rh_str_copy(driver->home, sizeof driver->home, rh_str_from(home ? home : "/"));
    if (rc == RH_OK)
        rc = process_folder_sweep(driver->root);
    if (rc != RH_OK)
        goto out;
    (void)snprintf(driver->search_path, sizeof driver->search_path, "%.*s:" PATH_DEFAULT,
                   (int)(strrchr(driver->exec_path, '/') - driver->exec_path),
                   driver->exec_path); /* fits by its size; a real path has a slash */
    *out = driver;
    driver = NULL;
out:
    free(driver);
    return rc;
}

static void job_free(struct job *job)
{
    process_watch_free(job->watch);
    free(job);
}

void process_driver_free(struct process_driver *driver)
{
    uint32_t cursor = 0;
    void *value = NULL;

    if (!driver)
        return;
    while (rh_map_next(&driver->jobs, &cursor, NULL, &value))
        job_free(value);
    rh_map_release(&driver->jobs);
    free(driver);
}

static void job_forget(struct job *job)
{
    (void)rh_map_remove(&job->driver->jobs, rh_str_from(job->path)); /* the job itself */
    job_free(job);
}

static void on_ended(void *user)
{
    struct job *job = user;
    struct process_end end;

    if (!job->done) { /* whoever adopts it finds the folder */
        job_forget(job);
        return;
    }
    process_folder_collect(job->path, job->was_killed, &end);
    job->is_ending = true;
    job->done(job->user, &end.exit);
    process_end_release(&end);
    process_folder_remove(job->driver->root, job->path);
    job_forget(job);
}

static uint32_t owner_count(const struct process_driver *driver, const char *owner)
{
    uint32_t cursor = 0;
    uint32_t count = 0;
    void *value = NULL;

    while (rh_map_next(&driver->jobs, &cursor, NULL, &value))
        count += strcmp(((struct job *)value)->owner, owner) == 0;
    return count;
}

static int32_t job_new(struct process_driver *driver, const char *owner, const char *path,
                       process_done done, void *user, struct job **out)
{
    struct job *job;
    int32_t rc;

    if (owner_count(driver, owner) >= PROCESS_JOBS_PER_OWNER_MAX)
        return RH_EAGAIN;
    job = calloc(1, sizeof *job);
    if (!job)
        return RH_ENOMEM;
    job->driver = driver;
    job->done = done;
    job->user = user;
    rc = rh_str_copy(job->owner, sizeof job->owner, rh_str_from(owner));
    assert(rc == RH_OK); /* it has been checked with the path */
    rc = rh_str_copy(job->path, sizeof job->path, rh_str_from(path));
    assert(rc == RH_OK);
    rc = rh_map_put(&driver->jobs, rh_str_from(path), job, NULL);
    if (rc != RH_OK) {
        free(job);
        return rc == RH_EFULL ? RH_EAGAIN : rc;
    }
    *out = job;
    return RH_OK;
}

int32_t process_driver_run(struct process_driver *driver, const char *owner,
                           const struct rh_process_spec *spec, process_done done, void *user)
{
    char path[PROCESS_PATH_MAX];
    struct job *job = NULL;
    int32_t rc = process_folder_path(path, driver->root, owner, spec->key ? spec->key : "");

    if (rc != RH_OK)
        return rc;
    rc = process_folder_make(path);
    if (rc == RH_EEXISTS)
        return rc; /* not ours to remove */
    if (rc == RH_OK)
        rc = process_folder_describe(path, spec, driver->search_path, driver->home);
    if (rc == RH_OK)
        rc = process_files_place(driver->root, owner, path, spec);
    if (rc == RH_OK)
        rc = job_new(driver, owner, path, done, user, &job);
    if (rc == RH_OK)
        rc = process_watch_start(driver->loop, driver->exec_path, path, on_ended, job, &job->watch);
    if (rc != RH_OK) {
        if (job)
            job_forget(job);
        process_folder_remove(driver->root, path);
    }
    return rc;
}

int32_t process_driver_adopt(struct process_driver *driver, const char *owner, const char *key,
                             process_done done, void *user)
{
    char path[PROCESS_PATH_MAX];
    struct job *job = NULL;
    int32_t rc = process_folder_path(path, driver->root, owner, key);

    if (rc != RH_OK)
        return rc;
    job = rh_map_get(&driver->jobs, rh_str_from(path));
    if (job) {
        if (job->done || job->is_ending)
            return RH_EEXISTS;
        job->done = done;
        job->user = user;
        return RH_OK;
    }
    if (access(path, F_OK) != 0)
        return RH_ENOTFOUND;
    rc = job_new(driver, owner, path, done, user, &job);
    if (rc != RH_OK)
        return rc;
    rc = process_watch_adopt(driver->loop, path, on_ended, job, &job->watch);
    if (rc != RH_OK)
        job_forget(job);
    return rc;
}

int32_t process_driver_kill(struct process_driver *driver, const char *owner, const char *key)
{
    char path[PROCESS_PATH_MAX];
    struct job *job;
    int fd;
    int32_t rc = process_folder_path(path, driver->root, owner, key);

    if (rc != RH_OK)
        return rc;
    job = rh_map_get(&driver->jobs, rh_str_from(path));
    if (job) {
        if (job->is_ending)
            return RH_ENOTFOUND;
        job->was_killed = true;
        return process_watch_kill(job->watch);
    }
    fd = process_folder_pidfd(path);
    rc = fd >= 0 && pidfd_send_signal(fd, SIGTERM, NULL, 0) == 0 ? RH_OK : RH_ENOTFOUND;
    if (fd >= 0)
        (void)close(fd); /* was only signalled */
    return rc;
}

int32_t process_driver_output(struct process_driver *driver, const char *owner, const char *key,
                              int64_t offset, uint32_t max, struct rh_buf *out)
{
    char path[PROCESS_PATH_MAX];
    int32_t rc = offset < 0 ? RH_EINVAL : process_folder_path(path, driver->root, owner, key);

    return rc == RH_OK ? process_folder_output(path, offset, max, out) : rc;
}

int32_t process_driver_take(struct process_driver *driver, const char *owner, const char *key,
                            const char *name, const char *to)
{
    char path[PROCESS_PATH_MAX];
    const struct job *job;
    int32_t rc = process_folder_path(path, driver->root, owner, key);

    if (rc != RH_OK)
        return rc;
    job = rh_map_get(&driver->jobs, rh_str_from(path));
    return job && job->is_ending ? process_files_take(driver->root, owner, path, name, to)
                                 : RH_ENOTFOUND;
}

int32_t process_driver_read(struct process_driver *driver, const char *owner, const char *key,
                            const char *name, uint32_t max, struct rh_buf *out)
{
    char path[PROCESS_PATH_MAX];
    int32_t rc = process_folder_path(path, driver->root, owner, key);

    return rc == RH_OK ? process_files_read(path, name, max, out) : rc;
}

static uint32_t folder_is_running(const struct process_driver *driver, const char *path)
{
    const struct job *job = rh_map_get(&driver->jobs, rh_str_from(path));
    bool is_over = false;
    bool is_running = false;

    if (process_folder_look(path, &is_over, &is_running) != RH_OK)
        return 0;
    /* A job that was just started holds no lock yet. */
    return is_running || (job && !job->is_ending && !is_over);
}

int32_t process_driver_list(struct process_driver *driver, const char *owner,
                            void (*each)(void *user, const char *key, uint32_t is_running),
                            void *user)
{
    char path[PROCESS_PATH_MAX];
    DIR *dir;
    int32_t rc = process_folder_path(path, driver->root, owner, NULL);

    if (rc != RH_OK)
        return rc;
    dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? RH_OK : RH_EIO;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char folder[PROCESS_PATH_MAX];

        /* Whatever is no job folder has no such name. */
        if (process_folder_path(folder, driver->root, owner, entry->d_name) == RH_OK)
            each(user, entry->d_name, folder_is_running(driver, folder));
    }
    (void)closedir(dir); /* it was only read */
    return RH_OK;
}

void process_driver_detach(struct process_driver *driver, const char *owner)
{
    const struct rh_process_exit cancelled = {
        .size = (uint32_t)sizeof cancelled,
        .rc = RH_ECANCELLED,
        .reason = RH_STR_LIT("cancelled"),
        .message = RH_STR_LIT("nobody waits any more; the job goes on"),
    };
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&driver->jobs, &cursor, NULL, &value)) {
        struct job *job = value;
        process_done done = job->done;

        if (!done || job->is_ending || strcmp(job->owner, owner) != 0)
            continue;
        job->done = NULL;
        done(job->user, &cancelled);
    }
}
