/* Job folders: names, making, looking, the end of a job, deletion. The description is written in
 * process_describe.c. */
#include "host/daemon/process_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#include "host/exec/jobdir.h"
#include "host/exec/tree.h"

static bool name_is_good(const char *name, size_t max)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t n = strlen(name);

    if (n == 0 || n > max || strspn(name, allowed) != n)
        return false;
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int32_t process_folder_path(char *path, const char *root, const char *owner, const char *key)
{
    int n;

    if (!name_is_good(owner, PROCESS_OWNER_MAX) || owner[0] == '.')
        return RH_EINVAL;
    if (key && !name_is_good(key, RH_PROCESS_KEY_MAX))
        return RH_EINVAL;
    n = snprintf(path, PROCESS_PATH_MAX, "%s/jobs/%s%s%s", root, owner, key ? "/" : "",
                 key ? key : "");
    return n < 0 || (size_t)n >= PROCESS_PATH_MAX ? RH_EINVAL : RH_OK;
}

static int32_t rc_of(int error)
{
    return error == ENOSPC || error == EDQUOT ? RH_ENOSPACE : RH_EIO;
}

/* The directory, made if absent; its parent exists. */
static int32_t directory_want(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? RH_OK : rc_of(errno);
}

int32_t process_folder_make(const char *path)
{
    char parent[PROCESS_PATH_MAX];
    const char *slash = strrchr(path, '/');
    char work[PROCESS_PATH_MAX + sizeof(PROCESS_CWD_NAME) + 1];
    int32_t rc;

    if (!slash ||
        rh_str_copy(parent, sizeof parent, (struct rh_str){path, (size_t)(slash - path)}) != RH_OK)
        return RH_EINVAL;
    rc = directory_want(parent);
    if (rc != RH_OK)
        return rc;
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? RH_EEXISTS : rc_of(errno);
    (void)snprintf(work, sizeof work, "%s/" PROCESS_CWD_NAME, path); /* fits by its size */
    return directory_want(work);
}

int32_t process_folder_look(const char *path, bool *is_over, bool *is_running)
{
    int dir_fd = -1;
    bool over = false;
    bool running = false;
    int rc = exec_jobdir_open(path, &dir_fd);

    if (rc < 0)
        return rc == -ENOENT ? RH_ENOTFOUND : RH_EIO;
    /* In this order: the record is there before the lock is free, so a job that ends in between is
     * seen as over, never as neither. */
    rc = exec_jobdir_is_running(dir_fd, &running);
    if (rc == 0)
        rc = exec_jobdir_is_over(dir_fd, &over);
    (void)close(dir_fd); /* nothing was written through it */
    if (rc < 0)
        return RH_EIO;
    *is_over = over;
    *is_running = running;
    return RH_OK;
}

int process_folder_pidfd(const char *path)
{
    struct exec_tree_proc proc;
    int dir_fd = -1;
    int fd = -1;
    int32_t pid = 0;
    uint64_t start_ticks = 0;
    int rc = exec_jobdir_open(path, &dir_fd);

    if (rc < 0)
        return -1;
    rc = exec_jobdir_read_pid(dir_fd, EXEC_JOBDIR_PID, &pid, &start_ticks);
    (void)close(dir_fd); /* nothing was written through it */
    if (rc < 0)
        return -1;
    fd = pidfd_open(pid, 0);
    /* The start time is compared after the descriptor was opened, so both name one process. */
    if (fd >= 0 && (exec_tree_look(pid, &proc) < 0 || proc.start_ticks != start_ticks)) {
        (void)close(fd); /* somebody else's */
        fd = -1;
    }
    return fd;
}

/* Delete what the open directory holds; takes fd. Links are deleted, not followed. */
static void directory_empty(int take_fd, int depth)
{
    DIR *dir = fdopendir(take_fd);

    if (!dir) {
        (void)close(take_fd); /* the sweep of a later start tries again */
        return;
    }
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        int fd;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(dir), entry->d_name, 0) == 0 || depth >= PROCESS_DEPTH_MAX)
            continue;
        fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0)
            directory_empty(fd, depth + 1);
        (void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR); /* or the sweep of a later start */
    }
    (void)closedir(dir); /* it was only read */
}

static void directory_delete(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0)
        directory_empty(fd, 0);
    (void)rmdir(path); /* or the sweep of a later start */
}

void process_folder_remove(const char *root, const char *path)
{
    char gone[PROCESS_PATH_MAX];
    struct stat st;
    int n;

    if (stat(path, &st) != 0)
        return;
    /* The inode tells apart folders of one name that wait there. */
    n = snprintf(gone, sizeof gone, "%s/jobs/" PROCESS_GONE_NAME "/%" PRIu64, root,
                 (uint64_t)st.st_ino);
    if (n < 0 || (size_t)n >= sizeof gone || rename(path, gone) != 0)
        directory_delete(path); /* not at once then, but gone */
    else
        directory_delete(gone);
}

int32_t process_folder_sweep(const char *root)
{
    char path[PROCESS_PATH_MAX];
    int fd;
    int32_t rc;
    int n = snprintf(path, sizeof path, "%s/jobs", root);

    if (n < 0 || (size_t)n >= sizeof path - sizeof(PROCESS_GONE_NAME))
        return RH_EINVAL;
    rc = directory_want(path);
    if (rc != RH_OK)
        return rc;
    (void)snprintf(path + n, sizeof path - (size_t)n, "/" PROCESS_GONE_NAME); /* fits, see above */
    rc = directory_want(path);
    fd = rc == RH_OK ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (fd >= 0)
        directory_empty(fd, 0);
    return fd >= 0 ? RH_OK : RH_EIO;
}

int32_t process_folder_output(const char *path, int64_t offset, uint64_t max, struct rh_buf *out)
{
    char name[PROCESS_PATH_MAX + sizeof(EXEC_JOBDIR_STDOUT) + 1];
    int32_t rc = RH_OK;
    int fd;

    (void)snprintf(name, sizeof name, "%s/" EXEC_JOBDIR_STDOUT, path); /* fits by its size */
    /* The job may have put a FIFO there: it fails to be read, and nobody is waited for. */
    fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? (access(path, F_OK) == 0 ? RH_OK : RH_ENOTFOUND) : RH_EIO;
    while (max > 0) {
        char bytes[16384];
        ssize_t got = pread(fd, bytes, max < sizeof bytes ? (size_t)max : sizeof bytes, offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            rc = RH_EIO;
        if (got <= 0)
            break;
        rc = rh_buf_append(out, bytes, (size_t)got);
        if (rc != RH_OK)
            break;
        offset += got;
        max -= (uint64_t)got;
    }
    (void)close(fd); /* it was only read */
    return rc;
}
