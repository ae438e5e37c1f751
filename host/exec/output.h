/* One output stream of a job: from a pipe to a file, up to a cap, and to nowhere beyond it. */
#ifndef RH_HOST_EXEC_OUTPUT_H
#define RH_HOST_EXEC_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

struct exec_output {
    int pipe_fd; /* read end, non-blocking; -1 once the stream has ended */
    int file_fd;
    int64_t kept_max;
    int64_t kept;    /* bytes in the file: the first ones the job wrote */
    int64_t dropped; /* bytes read after those */
    int error;       /* errno of the first failed write to the file, or 0; the rest is dropped */
};

/* Everything closed and counted as nothing. */
void exec_output_init(struct exec_output *out, int64_t kept_max);

/* Create the file name in the folder, empty, and a pipe. *write_fd is for the job, blocking and
 * close-on-exec; the caller closes it. Returns 0 or -errno; then out holds nothing open. */
int exec_output_open(struct exec_output *out, int dir_fd, const char *name, int *write_fd);

/* Move what the pipe holds, at most 1 MiB in one call so that no stream starves the other. At the
 * end of the stream pipe_fd is closed and becomes -1. Never blocks on the pipe. */
void exec_output_pump(struct exec_output *out);

/* Flush the file to disk if durable, and close both; a failure is kept in error. Also for a stream
 * that was never opened. */
void exec_output_close(struct exec_output *out, bool durable);

#endif
