/* Files and lock of a job folder; each write is a rename, so a reader never sees half a file. */
#include "host/exec/jobdir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/exec/tree.h"

#define LOCK_PAUSE_MS 10
#define NAME_MAX_LEN  64u
#define PID_TEXT_MAX  40u

int exec_jobdir_open(const char *path, int *dir_fd)
{
    struct stat st;
    int rc = 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) != 0)
        rc = -errno;
    else if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
        rc = -EPERM;
    if (rc < 0)
        (void)close(fd); /* nothing was written through it */
    else
        *dir_fd = fd;
    return rc;
}

int exec_jobdir_lock(int dir_fd, int *lock_fd)
{
    int rc;
    int fd = openat(dir_fd, EXEC_JOBDIR_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    for (int waited_ms = 0;; waited_ms += LOCK_PAUSE_MS) {
        rc = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
        if (rc != -EWOULDBLOCK || waited_ms >= EXEC_JOBDIR_LOCK_WAIT_MS)
            break;
        (void)poll(NULL, 0, LOCK_PAUSE_MS); /* woken early is fine */
    }
    if (rc < 0)
        (void)close(fd); /* the lock was not taken */
    else
        *lock_fd = fd;
    return rc;
}

int exec_jobdir_is_running(int dir_fd, bool *running)
{
    int rc = 0;
    int fd = openat(dir_fd, EXEC_JOBDIR_LOCK, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0) {
        if (errno != ENOENT)
            return -errno;
        *running = false;
        return 0;
    }
    if (flock(fd, LOCK_SH | LOCK_NB) == 0)
        *running = false;
    else if (errno == EWOULDBLOCK)
        *running = true;
    else
        rc = -errno;
    (void)close(fd); /* gives the lock back */
    return rc;
}

int exec_jobdir_is_over(int dir_fd, bool *over)
{
    struct stat st;

    if (fstatat(dir_fd, EXEC_JOBDIR_EXIT, &st, AT_SYMLINK_NOFOLLOW) == 0)
        *over = true;
    else if (errno == ENOENT)
        *over = false;
    else
        return -errno;
    return 0;
}

static int all_read(int fd, char *buf, size_t size, size_t *len)
{
    size_t at = 0;

    while (at < size) {
        ssize_t n = read(fd, buf + at, size - at);

        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    *len = at;
    return 0;
}

static int all_write(int fd, const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        ssize_t n = write(fd, bytes + at, len - at);

        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int exec_jobdir_read(int dir_fd, const char *name, size_t max, char **bytes, size_t *len)
{
    struct stat st;
    char *buf = NULL;
    size_t got = 0;
    int rc = 0;
    int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) != 0)
        rc = -errno;
    else if (!S_ISREG(st.st_mode))
        rc = -EINVAL;
    else if (st.st_size < 0 || (uint64_t)st.st_size > max)
        rc = -EFBIG;
    if (rc < 0)
        goto out;
    buf = malloc((size_t)st.st_size + 1);
    if (!buf) {
        rc = -ENOMEM;
        goto out;
    }
    rc = all_read(fd, buf, (size_t)st.st_size, &got);
    if (rc < 0)
        goto out;
    buf[got] = '\0';
    *bytes = buf;
    *len = got;
    buf = NULL;
out:
    free(buf);
    (void)close(fd); /* it was only read */
    return rc;
}

int exec_jobdir_replace(int dir_fd, const char *name, const char *bytes, size_t len, bool durable)
{
    char tmp[NAME_MAX_LEN];
    int fd;
    int rc;
    int n = snprintf(tmp, sizeof tmp, "%s.tmp", name);

    if (n < 0 || (size_t)n >= sizeof tmp)
        return -ENAMETOOLONG;
    fd = openat(dir_fd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    rc = all_write(fd, bytes, len);
    if (rc == 0 && durable && fsync(fd) != 0)
        rc = -errno;
    if (close(fd) != 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && renameat(dir_fd, tmp, dir_fd, name) != 0)
        rc = -errno;
    if (rc == 0 && durable && fsync(dir_fd) != 0)
        rc = -errno;
    return rc;
}

int exec_jobdir_read_pid(int dir_fd, const char *name, int32_t *pid, uint64_t *start_ticks)
{
    char again[PID_TEXT_MAX];
    char *text = NULL;
    size_t len = 0;
    int32_t found = 0;
    uint64_t ticks = 0;
    char *end = NULL;
    int n;
    int rc = exec_jobdir_read(dir_fd, name, PID_TEXT_MAX, &text, &len);

    if (rc < 0)
        return rc;
    found = (int32_t)strtol(text, &end, 10);
    ticks = strtoull(end, NULL, 10);
    n = snprintf(again, sizeof again, "%" PRId32 " %" PRIu64 "\n", found, ticks);
    /* Overflow, signs and padding all print differently from what was read. */
    if (found <= 0 || n < 0 || (size_t)n != len || memcmp(again, text, len) != 0) {
        rc = -EBADMSG;
    } else {
        *pid = found;
        *start_ticks = ticks;
    }
    free(text);
    return rc;
}

int exec_jobdir_write_pid(int dir_fd, const char *name, int32_t pid)
{
    char text[PID_TEXT_MAX];
    struct exec_tree_proc proc;
    int n;
    int rc = exec_tree_look(pid, &proc);

    if (rc < 0)
        return rc;
    n = snprintf(text, sizeof text, "%" PRId32 " %" PRIu64 "\n", pid, proc.start_ticks);
    if (n < 0 || (size_t)n >= sizeof text)
        return -EOVERFLOW;
    return exec_jobdir_replace(dir_fd, name, text, (size_t)n, false);
}
