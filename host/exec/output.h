/* One output stream of a job: from a pipe to a file, up to a cap; of what is beyond the last bytes
 * may be kept, too. */
#ifndef RH_HOST_EXEC_OUTPUT_H
#define RH_HOST_EXEC_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

struct exec_output {
    int pipe_fd; /* read end, non-blocking; -1 once the stream has ended */
    int file_fd;
    int64_t kept_max;
    int64_t tail_max;  /* of them for the last bytes; 0 = none */
    int64_t kept;      /* bytes in the file; all of them only once it is closed */
    int64_t dropped;   /* bytes read that are not in it */
    int64_t tail_seen; /* bytes read behind the first ones */
    char *tail;        /* the last tail_max of those, in a ring */
    int error;         /* errno of the first failed write to the file, or 0; the rest is dropped */
};

/* Everything closed and counted as nothing. A tail_max below EXEC_OUTPUT_TAIL_MIN is none, one
 * above kept_max is that. */
#define EXEC_OUTPUT_TAIL_MIN 256
void exec_output_init(struct exec_output *out, int64_t kept_max, int64_t tail_max);

/* Create the file name in the folder, empty, and a pipe. *write_fd is for the job, blocking and
 * close-on-exec; the caller closes it. Returns 0 or -errno; then out holds nothing open. */
int exec_output_open(struct exec_output *out, int dir_fd, const char *name, int *write_fd);

/* Move what the pipe holds, at most 1 MiB in one call so that no stream starves the other. At the
 * end of the stream pipe_fd is closed and becomes -1. Never blocks on the pipe. */
void exec_output_pump(struct exec_output *out);

/* Write the tail, with a line before it that tells how much is left out, if anything is. Flush the
 * file to disk if durable, and close both; a failure is kept in error. Also for a stream
 * that was never opened. */
void exec_output_close(struct exec_output *out, bool durable);

#endif
