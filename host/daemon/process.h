/* Jobs of the plugins, each run by ringhost-exec in a folder of its own; what the process_ ops of
 * struct driver_ops forward to. Not the limits and the tree: those are ringhost-exec's. */
#ifndef RH_HOST_DAEMON_PROCESS_H
#define RH_HOST_DAEMON_PROCESS_H

#include <stdint.h>
#include <uv.h>

#include "host/core/driver.h"

#define PROCESS_JOBS_MAX           4096u /* watched at once, of all owners */
#define PROCESS_JOBS_PER_OWNER_MAX 256u
#define PROCESS_OUTPUT_BYTES_MAX \
    (INT64_C(64) * 1024 * 1024)                /* of output_max, and read at the end */
#define PROCESS_ERRORS_BYTES_MAX (16u * 1024u) /* of stderr, its end */

struct process_driver;

/* Ready for jobs in data_dir/jobs, which is made. exec_path is ringhost-exec; the directory it lies
 * in is the first of the PATH that jobs get by default. Both are copied. Clears away what an
 * earlier life had collected but not yet deleted. [loop] RH_OK, RH_EINVAL (no such directory or
 * program), RH_ENOMEM, RH_EIO. */
int32_t process_driver_new(uv_loop_t *loop, const char *data_dir, const char *exec_path,
                           struct process_driver **out);

/* Forgets all jobs without a callback; they go on, and a later driver finds them. Run the loop once
 * more before closing it. Not from within a callback. NULL is allowed. [loop] */
void process_driver_free(struct process_driver *driver);

/* Start a job in data_dir/jobs/<owner>/<key>. done runs exactly once, on a later turn, when the job
 * has ended and its tree is gone; the folder is deleted after done has returned, so that a crash
 * before loses nothing. Not at all on failure. [loop]
 * RH_OK, RH_EINVAL (key, argv, env, limits), RH_EEXISTS, RH_EAGAIN (too many jobs), RH_ENOMEM,
 * RH_EIO, RH_ENOSPACE. */
int32_t process_driver_run(struct process_driver *driver, const char *owner,
                           const struct rh_process_spec *spec, process_done done, void *user);

/* Take over a job that nobody waits for: one of an earlier life, or one whose owner was detached.
 * done as in run. [loop] RH_OK, RH_EINVAL, RH_ENOTFOUND, RH_EEXISTS (somebody waits), RH_EAGAIN,
 * RH_ENOMEM. */
int32_t process_driver_adopt(struct process_driver *driver, const char *owner, const char *key,
                             process_done done, void *user);

/* Have ringhost-exec end the tree: TERM, then KILL after the grace. [loop] RH_OK, RH_EINVAL,
 * RH_ENOTFOUND (no such job, or it has ended). */
int32_t process_driver_kill(struct process_driver *driver, const char *owner, const char *key);

/* Append bytes of stdout from offset on, at most max. [loop] RH_OK, RH_EINVAL, RH_ENOTFOUND,
 * RH_EIO, or the buffer's. */
int32_t process_driver_output(struct process_driver *driver, const char *owner, const char *key,
                              int64_t offset, uint32_t max, struct rh_buf *out);

/* Within done of the job: move the plain file `name` of its own folder to
 * data_dir/files/<owner>/to. Names are those of rh.file. [loop] RH_OK, RH_EINVAL, RH_ENOTFOUND,
 * RH_EIO. */
int32_t process_driver_take(struct process_driver *driver, const char *owner, const char *key,
                            const char *name, const char *to);

/* Append the plain file `name` of the job's own folder, whole; RH_ETOOLARGE above max. [loop]
 * RH_OK, RH_EINVAL, RH_ENOTFOUND, RH_EIO, or the buffer's. */
int32_t process_driver_read(struct process_driver *driver, const char *owner, const char *key,
                            const char *name, uint32_t max, struct rh_buf *out);

/* Every folder of the owner; each must not call back into the driver. [loop] RH_OK, RH_EINVAL,
 * RH_EIO. */
int32_t process_driver_list(struct process_driver *driver, const char *owner,
                            void (*each)(void *user, const char *key, uint32_t is_running),
                            void *user);

/* The owner stops: its callbacks run now, with RH_ECANCELLED, and never again; its jobs go on. They
 * must not call back into the driver. [loop] */
void process_driver_detach(struct process_driver *driver, const char *owner);

#endif
