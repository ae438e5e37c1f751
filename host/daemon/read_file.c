/* One small file; see read_file.h. */
#include "host/daemon/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringhost/sdk/error.h>

#define BLOCK_BYTES 65536u

static int32_t from_errno(int error)
{
    if (error == ENOENT)
        return RH_ENOTFOUND;
    return error == EACCES || error == EPERM ? RH_EFORBIDDEN : RH_EIO;
}

/* A plain file or nothing: a FIFO would keep the caller until somebody writes. */
static int32_t open_plain(const char *path, int *out, struct stat *st)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int32_t rc = RH_OK;

    if (fd < 0)
        return errno == ENXIO ? RH_EINVAL : from_errno(errno); /* a socket cannot be opened */
    if (fstat(fd, st) != 0)
        rc = from_errno(errno);
    else if (!S_ISREG(st->st_mode))
        rc = RH_EINVAL;
    if (rc == RH_OK)
        *out = fd;
    else
        (void)close(fd); /* nothing was read */
    return rc;
}

/* Takes fd. */
static int32_t read_whole(int take_fd, size_t bytes_max, struct rh_buf *out)
{
    size_t start = out->n;
    int32_t rc = RH_OK;
    ssize_t n = 1;

    while (rc == RH_OK && n > 0) {
        char block[BLOCK_BYTES];

        n = read(take_fd, block, sizeof block);
        if (n < 0)
            rc = errno == EINTR ? RH_OK : from_errno(errno);
        else if (out->n - start + (size_t)n > bytes_max)
            rc = RH_ETOOLARGE;
        else
            rc = rh_buf_append(out, block, (size_t)n);
        if (n < 0 && rc == RH_OK)
            n = 1; /* interrupted: go on */
    }
    (void)close(take_fd); /* was only read */
    return rc;
}

int32_t read_file(const char *path, size_t bytes_max, struct rh_buf *out)
{
    struct stat st;
    int fd = -1;
    int32_t rc = open_plain(path, &fd, &st);

    return rc == RH_OK ? read_whole(fd, bytes_max, out) : rc;
}

const char *read_file_why(int32_t rc)
{
    switch (rc) {
    case RH_ENOTFOUND:
        return "no such file";
    case RH_EFORBIDDEN:
        return "may not be read by this user";
    case RH_ETOOLARGE:
        return "too large";
    case RH_EINVAL:
        return "not a plain file";
    default:
        return rh_error_text(rc);
    }
}

int32_t read_private_file(const char *path, size_t bytes_max, struct rh_buf *out, const char **why)
{
    struct stat st;
    int fd = -1;
    int32_t rc = open_plain(path, &fd, &st);

    /* Judged by what is open: the name may point elsewhere a moment later. */
    if (rc == RH_OK && (st.st_uid != geteuid() || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)) {
        (void)close(fd); /* nothing was read */
        *why =
            st.st_uid != geteuid() ? "belongs to another user" : "others may read it; chmod 0600";
        return RH_EFORBIDDEN;
    }
    if (rc == RH_OK)
        rc = read_whole(fd, bytes_max, out);
    if (rc != RH_OK)
        *why = read_file_why(rc);
    return rc;
}
