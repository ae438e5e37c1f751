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

int32_t read_file(const char *path, size_t bytes_max, struct rh_buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t start = out->n;
    int32_t rc = RH_OK;
    ssize_t n = 1;

    if (fd < 0)
        return from_errno(errno);
    while (rc == RH_OK && n > 0) {
        char block[BLOCK_BYTES];

        n = read(fd, block, sizeof block);
        if (n < 0)
            rc = errno == EINTR ? RH_OK : from_errno(errno);
        else if (out->n - start + (size_t)n > bytes_max)
            rc = RH_ETOOLARGE;
        else
            rc = rh_buf_append(out, block, (size_t)n);
        if (n < 0 && rc == RH_OK)
            n = 1; /* interrupted: go on */
    }
    (void)close(fd); /* was only read */
    return rc;
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
    default:
        return rh_error_text(rc);
    }
}

bool is_private_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_uid == geteuid() &&
           (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

int32_t read_private_file(const char *path, size_t bytes_max, struct rh_buf *out)
{
    const size_t before = out->n;
    const int32_t rc = read_file(path, bytes_max, out);

    if (rc != RH_OK || is_private_file(path))
        return rc;
    out->n = before;
    return RH_EFORBIDDEN;
}
