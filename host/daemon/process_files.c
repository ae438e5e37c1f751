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

static int32_t place_one(int from_fd, int job_fd, const struct rh_process_file *file)
{
    const char *name = file->name;
    int to_fd = target_open(job_fd, &name);
    int32_t rc;

    if (to_fd < 0)
        return to_fd;
    if (faccessat(to_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
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
    int from_fd;
    int to_fd;

    if (spec->file_count == 0)
        return RH_OK;
    from_fd = owner_open(root, owner);
    if (from_fd < 0)
        return from_fd;
    to_fd = folder_open(path, PROCESS_CWD_NAME);
    if (to_fd < 0)
        rc = to_fd;
    for (uint32_t i = 0; i < spec->file_count && rc == RH_OK; i++) {
        const char *at = (const char *)spec->files + (size_t)i * spec->file_stride;
        const struct rh_process_file *file = (const struct rh_process_file *)(const void *)at;

        rc = place_one(from_fd, to_fd, file);
    }
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
