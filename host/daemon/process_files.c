/* Files that a job is given, and files that it leaves: moved between its own folder and those of
 * its owner, never through a link. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/daemon/process_folder.h"

static int32_t rc_of(int error)
{
    return error == ENOENT ? RH_ENOTFOUND : error == ENOSPC ? RH_ENOSPACE : RH_EIO;
}

/* The folder of the job's files, or of its owner's, opened; or a negative code. */
static int folder_open(const char *base, const char *name)
{
    char path[PROCESS_PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", base, name);
    int fd;

    if (n < 0 || (size_t)n >= sizeof path)
        return RH_EINVAL;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 ? fd : rc_of(errno);
}

/* The folder that a job's file "NAME" or "FOLDER/NAME" goes into, made if need be and opened, or a
 * negative code; *name is what is left. */
static int target_open(int job_fd, const char **name)
{
    const char *slash = strchr(*name, '/');
    char folder[RH_PROCESS_KEY_MAX + 1];
    int n;
    int fd;

    if (!slash) {
        fd = fcntl(job_fd, F_DUPFD_CLOEXEC, 0);
        return fd >= 0 ? fd : rc_of(errno);
    }
    n = snprintf(folder, sizeof folder, "%.*s", (int)(slash - *name), *name);
    if (n < 0 || (size_t)n >= sizeof folder)
        return RH_EINVAL;
    if (mkdirat(job_fd, folder, 0700) != 0 && errno != EEXIST)
        return rc_of(errno);
    fd = openat(job_fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOTDIR ? RH_EINVAL : rc_of(errno);
    *name = slash + 1;
    return fd;
}

static int owner_open(const char *root, const char *owner)
{
    char name[PROCESS_OWNER_MAX + 8];
    int n = snprintf(name, sizeof name, "files/%s", owner);

    return n < 0 || (size_t)n >= sizeof name ? RH_EINVAL : folder_open(root, name);
}

/* A plain file with one name; its mode is set before it moves. */
static int32_t file_move(int from_fd, const char *from, int to_fd, const char *to, mode_t mode)
{
    struct stat st;

    if (fstatat(from_fd, from, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return rc_of(errno);
    if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
        return RH_EINVAL;
    if (fchmodat(from_fd, from, mode, 0) != 0)
        return rc_of(errno);
    return renameat(from_fd, from, to_fd, to) == 0 ? RH_OK : rc_of(errno);
}

/* A new file with these bytes. Its mode is right before the first of them is in it. */
static int32_t file_write(int to_fd, const char *name, struct rh_str bytes, mode_t mode)
{
    int fd = openat(to_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int32_t rc = fd >= 0 ? RH_OK : errno == EEXIST ? RH_EINVAL : rc_of(errno);

    if (rc == RH_OK && fchmod(fd, mode) != 0)
        rc = rc_of(errno);
    while (rc == RH_OK && bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);

        if (n < 0 && errno != EINTR)
            rc = rc_of(errno);
        if (n > 0) {
            bytes.p += n;
            bytes.n -= (size_t)n;
        }
    }
    if (fd >= 0 && close(fd) != 0 && rc == RH_OK)
        rc = rc_of(errno);
    return rc;
}

/* One file that is moved, written, or only named. */
static int32_t place_one(int from_fd, int job_fd, const struct rh_process_file *file)
{
    const char *name = file->name;
    int to_fd;
    int32_t rc;

    if (!file->file && !file->bytes.p)
        return RH_OK;
    to_fd = target_open(job_fd, &name);
    if (to_fd < 0)
        return to_fd;
    if (!file->file)
        rc = file_write(to_fd, name, file->bytes, file->mode & 0777);
    else if (faccessat(to_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        rc = RH_EINVAL;
    else
        rc = file_move(from_fd, file->file, to_fd, name, file->mode & 0777);
    (void)close(to_fd); /* only a name was changed through it */
    return rc;
}

int32_t process_files_place(const char *root, const char *owner, const char *path,
                            const struct rh_process_spec *spec)
{
    int32_t rc = RH_OK;
    int from_fd = RH_ENOTFOUND;
    int to_fd;

    if (spec->file_count == 0)
        return RH_OK;
    to_fd = folder_open(path, PROCESS_CWD_NAME);
    if (to_fd < 0)
        rc = to_fd;
    for (uint32_t i = 0; i < spec->file_count && rc == RH_OK; i++) {
        const char *at = (const char *)spec->files + (size_t)i * spec->file_stride;
        const struct rh_process_file *file = (const struct rh_process_file *)(const void *)at;

        if (file->file && from_fd < 0)
            from_fd = owner_open(root, owner);
        rc = file->file && from_fd < 0 ? from_fd : place_one(from_fd, to_fd, file);
    }
    if (from_fd >= 0)
        (void)close(from_fd); /* only names were changed through them */
    if (to_fd >= 0)
        (void)close(to_fd);
    return rc;
}

int32_t process_files_take(const char *root, const char *owner, const char *path, const char *name,
                           const char *to)
{
    char files[PROCESS_PATH_MAX];
    int32_t rc;
    int from_fd;
    int to_fd;
    int n = snprintf(files, sizeof files, "%s/files", root);

    if (n < 0 || (size_t)n >= sizeof files - PROCESS_OWNER_MAX - 2)
        return RH_EINVAL;
    if (mkdir(files, 0700) != 0 && errno != EEXIST)
        return rc_of(errno);
    (void)snprintf(files + n, sizeof files - (size_t)n, "/%s", owner); /* fits, see above */
    if (mkdir(files, 0700) != 0 && errno != EEXIST)
        return rc_of(errno);
    from_fd = folder_open(path, PROCESS_CWD_NAME);
    if (from_fd < 0)
        return from_fd;
    to_fd = owner_open(root, owner);
    rc = to_fd < 0 ? to_fd : file_move(from_fd, name, to_fd, to, 0600);
    (void)close(from_fd); /* only names were changed through them */
    if (to_fd >= 0)
        (void)close(to_fd);
    return rc;
}

/* All of an open plain file. */
static int32_t file_read(int fd, uint32_t max, struct rh_buf *out)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return RH_EIO;
    if (!S_ISREG(st.st_mode))
        return RH_EINVAL;
    for (uint32_t left = max + 1; left > 0;) { /* one more, for a file that grows meanwhile */
        char bytes[16384];
        ssize_t got = read(fd, bytes, left < sizeof bytes ? left : sizeof bytes);
        int32_t rc;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return RH_EIO;
        if (got == 0)
            return RH_OK;
        rc = rh_buf_append(out, bytes, (size_t)got);
        if (rc != RH_OK)
            return rc;
        left -= (uint32_t)got;
    }
    return RH_ETOOLARGE;
}

int32_t process_files_read(const char *path, const char *name, uint32_t max, struct rh_buf *out)
{
    int dir_fd = folder_open(path, PROCESS_CWD_NAME);
    int32_t rc = dir_fd < 0 ? dir_fd : RH_OK;
    int fd = -1;

    if (rc == RH_OK) {
        /* A pipe must not hold the loop up. */
        fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
            rc = errno == ELOOP || errno == ENXIO ? RH_EINVAL : rc_of(errno);
    }
    if (rc == RH_OK)
        rc = file_read(fd, max, out);
    if (fd >= 0)
        (void)close(fd); /* it was only read */
    if (dir_fd >= 0)
        (void)close(dir_fd); /* a name was looked up in it */
    return rc;
}
