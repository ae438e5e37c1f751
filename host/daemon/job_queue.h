/* A FIFO of jobs with threads of its own; results come back on the loop, in the order of finishing.
 * Not uv's shared pool. */
#ifndef RH_HOST_DAEMON_JOB_QUEUE_H
#define RH_HOST_DAEMON_JOB_QUEUE_H

#include <stdint.h>
#include <uv.h>

#define JOB_QUEUE_THREADS_MAX 64u
#define JOB_QUEUE_JOBS_MAX    65536u /* submitted and not done: RH_EAGAIN */
#define JOB_QUEUE_NAME_BYTES  16u    /* with the NUL, as thread names are */

struct driver_queue;

/* Starts the threads (1 keeps the order of submission for run and done). RH_OK, RH_EINVAL,
 * RH_ENOMEM, RH_EINTERNAL. [loop] */
int32_t job_queue_new(uv_loop_t *loop, const char *name, uint32_t threads,
                      struct driver_queue **out);

/* run(arg) on a thread, then done(arg) (may be NULL) on the loop. RH_OK, RH_EAGAIN, RH_ENOMEM.
 * [loop] */
int32_t job_queue_submit(struct driver_queue *queue, void (*run)(void *arg),
                         void (*done)(void *arg), void *arg);

/* Jobs submitted whose done has not been called. [loop] */
uint32_t job_queue_length(const struct driver_queue *queue);

/* Runs what waits to the end, calls every done, ends the threads. The memory goes when the loop has
 * closed the handle. NULL is allowed. Must not be called from a done. [loop] */
void job_queue_free(struct driver_queue *queue);

#endif
