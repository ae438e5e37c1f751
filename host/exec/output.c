/* Copies a stream to a file, and reads on when it is full so that no chatty job is blocked. */
#include "host/exec/output.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

#define CHUNK_BYTES 65536
#define ROUNDS_MAX  16

void exec_output_init(struct exec_output *out, int64_t kept_max)
{
    assert(kept_max >= 0);
    *out = (struct exec_output){.pipe_fd = -1, .file_fd = -1, .kept_max = kept_max};
}

int exec_output_open(struct exec_output *out, int dir_fd, const char *name, int *write_fd)
{
    int ends[2] = {-1, -1};
    int rc = 0;
    int file_fd;

    assert(out->pipe_fd < 0);
    file_fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file_fd < 0)
        return -errno;
    if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        rc = -errno;
        for (int i = 0; i < 2; i++) {
            if (ends[i] >= 0)
                (void)close(ends[i]); /* never used */
        }
        (void)close(file_fd); /* empty */
        return rc;
    }
    out->file_fd = file_fd;
    out->pipe_fd = ends[0];
    *write_fd = ends[1];
    return 0;
}

static void output_keep(struct exec_output *out, const char *p, int64_t n)
{
    int64_t room = out->error ? 0 : out->kept_max - out->kept;
    int64_t end = n < room ? n : room;
    int64_t at = 0;

    while (at < end) {
        ssize_t written = write(out->file_fd, p + at, (size_t)(end - at));

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            out->error = written < 0 ? errno : EIO;
            break;
        }
        at += written;
    }
    out->kept += at;
    out->dropped += n - at;
    assert(out->kept <= out->kept_max);
}

void exec_output_pump(struct exec_output *out)
{
    char chunk[CHUNK_BYTES];

    for (int round = 0; out->pipe_fd >= 0 && round < ROUNDS_MAX; round++) {
        ssize_t n = read(out->pipe_fd, chunk, sizeof chunk);

        if (n > 0) {
            output_keep(out, chunk, n);
        } else if (n < 0 && errno == EAGAIN) {
            return;
        } else if (n == 0 || errno != EINTR) {
            (void)close(out->pipe_fd); /* a read end has nothing to lose */
            out->pipe_fd = -1;
        }
    }
}

void exec_output_close(struct exec_output *out, bool durable)
{
    if (out->pipe_fd >= 0)
        (void)close(out->pipe_fd); /* a read end has nothing to lose */
    if (out->file_fd >= 0) {
        if (durable && fdatasync(out->file_fd) != 0 && out->error == 0)
            out->error = errno;
        if (close(out->file_fd) != 0 && out->error == 0)
            out->error = errno;
    }
    out->pipe_fd = -1;
    out->file_fd = -1;
}
