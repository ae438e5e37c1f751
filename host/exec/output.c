/* Copies a stream to a file, and reads on when it is full so that no chatty job is blocked; its
 * last bytes wait in memory meanwhile. */
#include "host/exec/output.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define CHUNK_BYTES 65536
#define ROUNDS_MAX  16

void exec_output_init(struct exec_output *out, int64_t kept_max, int64_t tail_max)
{
    assert(kept_max >= 0);
    assert(tail_max >= 0);
    if (tail_max > kept_max)
        tail_max = kept_max;
    if (tail_max < EXEC_OUTPUT_TAIL_MIN)
        tail_max = 0;
    *out = (struct exec_output){
        .pipe_fd = -1, .file_fd = -1, .kept_max = kept_max, .tail_max = tail_max};
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

/* Bytes of p that went into the file. */
static int64_t file_write(struct exec_output *out, const char *p, int64_t n)
{
    int64_t at = 0;

    while (at < n && !out->error) {
        ssize_t written = write(out->file_fd, p + at, (size_t)(n - at));

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            out->error = written < 0 ? errno : EIO;
        else
            at += written;
    }
    out->kept += at;
    assert(out->kept <= out->kept_max);
    return at;
}

static void tail_keep(struct exec_output *out, const char *p, int64_t n)
{
    if (!out->tail)
        out->tail = malloc((size_t)out->tail_max);
    if (!out->tail) {
        out->error = ENOMEM;
        out->dropped += n;
        return;
    }
    while (n > 0) {
        const int64_t at = out->tail_seen % out->tail_max;
        const int64_t room = out->tail_max - at;
        const int64_t count = n < room ? n : room;

        memcpy(out->tail + at, p, (size_t)count);
        out->tail_seen += count;
        p += count;
        n -= count;
    }
}

static void output_keep(struct exec_output *out, const char *p, int64_t n)
{
    const int64_t room = out->error ? 0 : out->kept_max - out->tail_max - out->kept;
    const int64_t first = file_write(out, p, n < room ? n : room);

    if (out->tail_max > 0 && !out->error && first < n)
        tail_keep(out, p + first, n - first);
    else
        out->dropped += n - first;
}

/* What is left out is told in a line that stands for the bytes it takes. */
static void tail_write(struct exec_output *out)
{
    const int64_t seen = out->tail_seen;
    char notice[96];
    int64_t shown = out->tail_max;
    int64_t from;
    int len;

    if (seen <= out->tail_max) {
        out->dropped += seen - file_write(out, out->tail, seen);
        return;
    }
    shown -= (int64_t)sizeof notice;
    len = snprintf(notice, sizeof notice, "\n[%" PRId64 " bytes left out]\n", seen - shown);
    assert(len > 0);
    assert((size_t)len < sizeof notice);
    (void)file_write(out, notice, len); /* its error is in out */
    from = (seen - shown) % out->tail_max;
    out->dropped += seen - shown;
    if (from + shown > out->tail_max) {
        const int64_t upper = out->tail_max - from;

        out->dropped += upper - file_write(out, out->tail + from, upper);
        out->dropped += shown - upper - file_write(out, out->tail, shown - upper);
    } else {
        out->dropped += shown - file_write(out, out->tail + from, shown);
    }
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
    if (out->file_fd >= 0 && out->tail)
        tail_write(out);
    free(out->tail);
    out->tail = NULL;
    if (out->file_fd >= 0) {
        if (durable && fdatasync(out->file_fd) != 0 && out->error == 0)
            out->error = errno;
        if (close(out->file_fd) != 0 && out->error == 0)
            out->error = errno;
    }
    out->pipe_fd = -1;
    out->file_fd = -1;
}
