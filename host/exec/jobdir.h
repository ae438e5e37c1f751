/* The job folder through which the host and ringhost-exec meet: its files and its lock; not what is
 * in the files. */
#ifndef RH_HOST_EXEC_JOBDIR_H
#define RH_HOST_EXEC_JOBDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every name is a plain file in the folder. Functions take the folder's descriptor, return 0 or
 * -errno, set outputs only on success and never follow a link. */
#define EXEC_JOBDIR_SPEC         "spec" /* written by the host */
#define EXEC_JOBDIR_LOCK         "lock" /* flock'ed for as long as ringhost-exec lives */
#define EXEC_JOBDIR_PID          "pid"  /* "PID STARTTIME\n" of ringhost-exec */
#define EXEC_JOBDIR_JOB          "job"  /* likewise of the program, which leads its process group */
#define EXEC_JOBDIR_STDOUT       "stdout"
#define EXEC_JOBDIR_STDERR       "stderr"
#define EXEC_JOBDIR_EXIT         "exit" /* the record; once there, the job is over */

#define EXEC_JOBDIR_LIMITS       "limits" /* EXEC_LIMITS_CGROUP, or why there is none */

#define EXEC_LIMITS_CGROUP       "cgroup"
#define EXEC_LIMITS_BYTES_MAX    1024u
#define EXEC_JOBDIR_LOCK_WAIT_MS 200 /* a host that looks at the lock holds it for an instant */

/* Open the folder; it must belong to the caller and be closed to everyone else, or -EPERM. */
int exec_jobdir_open(const char *path, int *dir_fd);

/* Take the lock for the life of the returned descriptor; -EWOULDBLOCK if somebody keeps it.
 * Blocks for at most EXEC_JOBDIR_LOCK_WAIT_MS. */
int exec_jobdir_lock(int dir_fd, int *lock_fd);

/* Tell whether a ringhost-exec holds the lock. A folder where none has started yet says false.
 * Running false and no exit file: it died, or never began. [any] */
int exec_jobdir_is_running(int dir_fd, bool *running);

/* Tell whether the exit file exists. [any] */
int exec_jobdir_is_over(int dir_fd, bool *over);

/* Read a whole file of at most max bytes; -EFBIG beyond. The caller frees *bytes. [any] */
int exec_jobdir_read(int dir_fd, const char *name, size_t max, char **bytes, size_t *len);

/* Put bytes in place of the file name at once: temporary file, rename; with durable also fsync of
 * file and folder, so that after a power cut it is whole or absent. Borrows bytes. [any] */
int exec_jobdir_replace(int dir_fd, const char *name, const char *bytes, size_t len, bool durable);

/* Read "PID STARTTIME\n" from pid or job; -EBADMSG for anything else in it. [any] */
int exec_jobdir_read_pid(int dir_fd, const char *name, int32_t *pid, uint64_t *start_ticks);

/* Write "PID STARTTIME\n" for a living process of that pid. [any] */
int exec_jobdir_write_pid(int dir_fd, const char *name, int32_t pid);

#endif
