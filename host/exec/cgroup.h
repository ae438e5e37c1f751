/* A cgroup of one job, version 2, with its limits: made where this program may, joined by the job,
 * killed and removed. Linux. */
#ifndef RH_HOST_EXEC_CGROUP_H
#define RH_HOST_EXEC_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "host/exec/spec.h"

#define EXEC_CGROUP_ROOT     "/sys/fs/cgroup"
#define EXEC_CGROUP_PATH_MAX 4096u
#define EXEC_CGROUP_WHY_MAX  512u
#define EXEC_CGROUP_PREFIX   "ringhost-job-" /* then the pid of the ringhost-exec */

struct exec_cgroup {
    int procs_fd; /* to join it: write "0"; -1 = there is none */
    char path[EXEC_CGROUP_PATH_MAX];
    char why[EXEC_CGROUP_WHY_MAX]; /* there is none because of this; "" = none was asked for */
};

/* Whether the spec has a limit that only a cgroup keeps for the whole tree. [any] */
bool exec_cgroup_is_wanted(const struct exec_spec *spec);

/* The path of version 2 in the text of /proc/PID/cgroup: "0::/a/b". False if there is none, or it
 * is too long. [any] */
bool exec_cgroup_self(const char *text, char path[EXEC_CGROUP_PATH_MAX]);

/* Make one for process pid, below the cgroup `self` or beside it, under the mount point `root`, and
 * set the limits of the spec. False with why when it cannot be, or a limit cannot be kept; nothing
 * is left then. What dead ringhost-execs left there goes. Blocks; forks a child that tries to join.
 */
bool exec_cgroup_make(struct exec_cgroup *cgroup, const char *root, const char *self, int32_t pid,
                      const struct exec_spec *spec);

/* The same for this very process. */
bool exec_cgroup_begin(struct exec_cgroup *cgroup, const struct exec_spec *spec);

/* SIGKILL to all that is in it, at once; nothing without one. */
void exec_cgroup_kill(const struct exec_cgroup *cgroup);

/* How many processes of it were killed for want of memory; 0 without one. */
int64_t exec_cgroup_oom_kills(const struct exec_cgroup *cgroup);

/* Close and remove it, which the kernel refuses while somebody is in it. */
void exec_cgroup_end(struct exec_cgroup *cgroup);

#endif
