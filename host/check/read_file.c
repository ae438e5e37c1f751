/* Reads a whole regular file; see read_file.h. */
#include "host/check/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringhost/errors.h>

/* Fills the block from the start of the file; how much was there, or -1 with errno. */
static ssize_t fill(int fd, char *block, size_t size)
{
    size_t n = 0;

    while (n < size) {
        ssize_t more = read(fd, block + n, size - n);

        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        if (more == 0)
            break;
        n += (size_t)more;
    }
    return (ssize_t)n;
}

int32_t read_file(const char *path, size_t bytes_max, void **bytes, size_t *size, char *why,
                  size_t why_size)
{
    struct stat info;
    char *block = NULL;
    ssize_t n;
    int32_t rc = RH_EIO;
    /* A FIFO must not block the open. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &info) != 0) {
        (void)snprintf(why, why_size, "cannot open %s: %s", path, strerror(errno));
        goto out;
    }
    if (!S_ISREG(info.st_mode)) {
        (void)snprintf(why, why_size, "%s is not a regular file", path);
        rc = RH_EINVAL;
        goto out;
    }
    if ((uintmax_t)info.st_size > bytes_max) {
        (void)snprintf(why, why_size, "%s is larger than %zu bytes", path, bytes_max);
        rc = RH_ETOOLARGE;
        goto out;
    }
    block = malloc((size_t)info.st_size + 1);
    if (!block) {
        (void)snprintf(why, why_size, "out of memory for %s", path);
        rc = RH_ENOMEM;
        goto out;
    }
    n = fill(fd, block, (size_t)info.st_size);
    if (n != (ssize_t)info.st_size) {
        (void)snprintf(why, why_size, "cannot read %s: %s", path,
                       n < 0 ? strerror(errno) : "it became shorter meanwhile");
        goto out;
    }
    *bytes = block;
    *size = (size_t)info.st_size;
    block = NULL;
    rc = RH_OK;
out:
    free(block);
    if (fd >= 0)
        (void)close(fd); /* it was only read */
    return rc;
}
