/* Walks paths one part at a time from the open directory, never through a link; locks with flock.
 */
#include "host/daemon/data_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringhost/errors.h>

#define LOCK_NAME "lock"
#define FILE_MODE 0600
#define DIR_MODE  0700

static int32_t code_of(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return RH_ENOTFOUND;
    case ENOSPC:
    case EDQUOT:
        return RH_ENOSPACE;
    case EACCES:
    case EPERM:
    case EROFS:
        return RH_EFORBIDDEN;
    case ELOOP:
    case EISDIR:
    case ENAMETOOLONG:
        return RH_EINVAL;
    default:
        return RH_EIO;
    }
}

static int32_t refuse(struct rh_buf *why, const char *path, const char *rule, int number)
{
    (void)rh_buf_printf(why, "data directory %s: %s%s%s", path, rule, number ? ": " : "",
                        number ? strerror(number) : "");
    return number ? code_of(number) : RH_EINVAL;
}

static int32_t make_parents(const char *path, struct rh_buf *why)
{
    char part[4096];
    size_t size = strlen(path);
    if (size == 0 || size >= sizeof part)
        return refuse(why, path, "the path is empty or too long", 0);
    for (size_t i = 1; i <= size; i++) {
        if (path[i] != '/' && path[i] != 0)
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, DIR_MODE) != 0 && errno != EEXIST)
            return refuse(why, path, "cannot be made", errno);
    }
    return RH_OK;
}

static int32_t check_dir(int fd, const char *path, struct rh_buf *why)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return refuse(why, path, "cannot be looked at", errno);
    if (info.st_uid != geteuid())
        return refuse(why, path, "belongs to another user", 0);
    if (info.st_mode & 077)
        return refuse(why, path, "is open to other users; chmod 0700 it", 0);
    if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return refuse(why, path, "is not writable", errno);
    return RH_OK;
}

static int32_t lock_dir(struct data_dir *dir, const char *path, struct rh_buf *why)
{
    dir->lock_fd = openat(dir->fd, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (dir->lock_fd < 0)
        return refuse(why, path, "cannot make its lock file", errno);
    if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return refuse(why, path, "cannot be locked", errno);
        (void)refuse(why, path, "another ringhost is using it", 0);
        return RH_EBUSY;
    }
    return RH_OK;
}

int32_t data_dir_open(struct data_dir *dir, const char *path, struct rh_buf *why)
{
    *dir = (struct data_dir){.fd = -1, .lock_fd = -1};
    int32_t rc = make_parents(path, why);
    if (rc == RH_OK) {
        dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        rc = dir->fd >= 0 ? RH_OK : refuse(why, path, "cannot be opened", errno);
    }
    if (rc == RH_OK)
        rc = check_dir(dir->fd, path, why);
    if (rc == RH_OK)
        rc = lock_dir(dir, path, why);
    if (rc != RH_OK)
        data_dir_close(dir);
    return rc;
}

void data_dir_close(struct data_dir *dir)
{
    if (dir->lock_fd >= 0)
        (void)close(dir->lock_fd); /* nothing was written through it */
    if (dir->fd >= 0)
        (void)close(dir->fd);
    *dir = (struct data_dir){.fd = -1, .lock_fd = -1};
}

/* A path taken apart: the open folder and the name in it. */
struct place {
    int folder; /* to be closed */
    char name[DATA_PATH_BYTES_MAX];
};

static bool is_plain(const char *part, size_t size)
{
    bool is_dots = (size == 1 && part[0] == '.') || (size == 2 && part[0] == '.' && part[1] == '.');
    return size > 0 && !is_dots;
}

static int32_t check_path(const char *path)
{
    size_t size = strlen(path);
    uint32_t depth = 0;
    if (size == 0 || size >= DATA_PATH_BYTES_MAX || strcmp(path, LOCK_NAME) == 0)
        return RH_EINVAL;
    for (size_t at = 0; at <= size;) {
        size_t part = strcspn(path + at, "/");
        if (!is_plain(path + at, part) || ++depth > DATA_PATH_DEPTH_MAX)
            return RH_EINVAL;
        at += part + 1;
    }
    return RH_OK;
}

static int open_folder(int parent, const char *name, bool is_made)
{
    if (is_made && mkdirat(parent, name, DIR_MODE) != 0 && errno != EEXIST)
        return -1;
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Walks to the last folder, making folders on the way when is_made. */
static int32_t find_place(struct data_dir *dir, const char *path, bool is_made, struct place *place)
{
    int32_t rc = check_path(path);
    if (rc != RH_OK)
        return rc;
    int folder = fcntl(dir->fd, F_DUPFD_CLOEXEC, 0);
    while (folder >= 0) {
        size_t part = strcspn(path, "/");
        memcpy(place->name, path, part);
        place->name[part] = 0;
        if (path[part] == 0) {
            place->folder = folder;
            return RH_OK;
        }
        int next = open_folder(folder, place->name, is_made);
        int number = errno;
        (void)close(folder); /* only read */
        errno = number;
        folder = next;
        path += part + 1;
    }
    /* A link in the way is ELOOP or, with O_DIRECTORY, ENOTDIR. */
    return code_of(errno);
}

int data_dir_open_append(struct data_dir *dir, const char *path)
{
    struct place place;
    int32_t rc = find_place(dir, path, true, &place);
    if (rc != RH_OK)
        return rc;
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int fd = openat(place.folder, place.name, flags, FILE_MODE);
    rc = fd >= 0 ? RH_OK : code_of(errno);
    (void)close(place.folder);
    return fd >= 0 ? fd : rc;
}

int32_t data_dir_append(struct data_dir *dir, const char *path, struct rh_str data)
{
    int fd = data_dir_open_append(dir, path);
    if (fd < 0)
        return fd;
    int32_t rc = RH_OK;
    while (rc == RH_OK && data.n > 0) {
        ssize_t written = write(fd, data.p, data.n);
        if (written < 0 && errno != EINTR)
            rc = code_of(errno);
        else if (written > 0)
            data = (struct rh_str){data.p + written, data.n - (size_t)written};
    }
    if (close(fd) != 0 && rc == RH_OK)
        rc = RH_EIO;
    return rc;
}

static int open_to_read(struct data_dir *dir, const char *path)
{
    struct place place;
    int32_t rc = find_place(dir, path, false, &place);
    if (rc != RH_OK)
        return rc;
    int fd = openat(place.folder, place.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    rc = fd >= 0 ? RH_OK : code_of(errno);
    (void)close(place.folder);
    return fd >= 0 ? fd : rc;
}

int32_t data_dir_read(struct data_dir *dir, const char *path, int64_t offset, uint32_t max,
                      struct rh_buf *out)
{
    if (offset < 0)
        return RH_EINVAL;
    int fd = open_to_read(dir, path);
    if (fd < 0)
        return fd;
    int32_t rc = RH_OK;
    uint32_t left = max;
    while (rc == RH_OK && left > 0) {
        uint32_t piece = left < 65536 ? left : 65536;
        char *to = rh_buf_reserve(out, piece);
        ssize_t got = to ? pread(fd, to, piece, offset) : 0;
        if (!to)
            rc = out->rc;
        else if (got < 0 && errno != EINTR)
            rc = code_of(errno);
        else if (got == 0)
            break;
        if (got > 0) {
            rh_buf_advance(out, (size_t)got);
            offset += got;
            left -= (uint32_t)got;
        }
    }
    (void)close(fd); /* only read */
    return rc;
}

int32_t data_dir_length(struct data_dir *dir, const char *path, int64_t *out)
{
    struct place place;
    struct stat info;
    int32_t rc = find_place(dir, path, false, &place);
    if (rc != RH_OK)
        return rc;
    if (fstatat(place.folder, place.name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        rc = code_of(errno);
    else if (!S_ISREG(info.st_mode))
        rc = RH_EINVAL;
    else
        *out = info.st_size;
    (void)close(place.folder);
    return rc;
}

static int32_t sync_file(struct data_dir *dir, const char *path)
{
    int fd = open_to_read(dir, path);
    if (fd < 0)
        return fd;
    int32_t rc = fsync(fd) == 0 ? RH_OK : code_of(errno);
    (void)close(fd); /* fsync has told what there was to tell */
    return rc;
}

int32_t data_dir_rename(struct data_dir *dir, const char *from, const char *to)
{
    struct place source;
    struct place target;
    int32_t rc = sync_file(dir, from);
    if (rc != RH_OK)
        return rc;
    rc = find_place(dir, from, false, &source);
    if (rc != RH_OK)
        return rc;
    rc = find_place(dir, to, true, &target);
    if (rc != RH_OK) {
        (void)close(source.folder);
        return rc;
    }
    if (renameat(source.folder, source.name, target.folder, target.name) != 0)
        rc = code_of(errno);
    else if (fsync(target.folder) != 0 || fsync(source.folder) != 0)
        rc = code_of(errno);
    (void)close(source.folder);
    (void)close(target.folder);
    return rc;
}

int32_t data_dir_remove(struct data_dir *dir, const char *path)
{
    struct place place;
    int32_t rc = find_place(dir, path, false, &place);
    if (rc != RH_OK)
        return rc;
    if (unlinkat(place.folder, place.name, 0) != 0)
        rc = code_of(errno);
    (void)close(place.folder);
    return rc;
}

int32_t data_dir_list(struct data_dir *dir, const char *path,
                      void (*each)(void *user, const char *name, int64_t length), void *user)
{
    struct place place;
    int32_t rc = find_place(dir, path, false, &place);
    if (rc != RH_OK)
        return rc == RH_ENOTFOUND ? RH_OK : rc;
    int fd = open_folder(place.folder, place.name, false);
    int number = errno;
    (void)close(place.folder); /* only read */
    if (fd < 0)
        return number == ENOENT ? RH_OK : code_of(number);
    DIR *folder = fdopendir(fd);
    if (!folder) {
        (void)close(fd);
        return RH_ENOMEM;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        struct stat info;
        if (fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode))
            each(user, entry->d_name, info.st_size);
    }
    (void)closedir(folder); /* only read */
    return RH_OK;
}
