/* Learns that one ringhost-exec has ended, whoever started it; not how the job ended, which the
 * folder tells. */
#ifndef RH_HOST_DAEMON_PROCESS_WATCH_H
#define RH_HOST_DAEMON_PROCESS_WATCH_H

#include <stdint.h>
#include <uv.h>

#define PROCESS_WATCH_AGAIN_MS 100 /* a job that holds its lock and has not written its pid yet */

struct process_watch;

/* ended runs exactly once, on a later turn. It may free the watch. */
typedef void (*process_ended)(void *user);

/* Start exec_path on the folder, detached, and watch it as our child. [loop] RH_OK, RH_EAGAIN (no
 * more processes), RH_ENOMEM, RH_EIO. */
int32_t process_watch_start(uv_loop_t *loop, const char *exec_path, const char *folder,
                            process_ended ended, void *user, struct process_watch **out);

/* Watch the ringhost-exec of a folder of an earlier life, which may have ended; reaps it if it is
 * our child all the same. [loop] RH_OK, RH_ENOMEM, RH_EIO. */
int32_t process_watch_adopt(uv_loop_t *loop, const char *folder, process_ended ended, void *user,
                            struct process_watch **out);

/* Ask it to end its job. [loop] RH_OK, RH_ENOTFOUND. */
int32_t process_watch_kill(struct process_watch *watch);

/* ended is not called any more; what is watched goes on. NULL is allowed. [loop] */
void process_watch_free(struct process_watch *watch);

#endif
