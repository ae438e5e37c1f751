/* Starts the job's program and says precisely why it could not; it does not watch it. */
#ifndef RH_HOST_EXEC_SPAWN_H
#define RH_HOST_EXEC_SPAWN_H

#include <sys/types.h>

#include "host/exec/spec.h"

#define EXEC_PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin" /* when the job's env has no PATH */
#define EXEC_PATH_MAX     4096u

enum exec_spawn_step {
    EXEC_SPAWN_FORK,
    EXEC_SPAWN_FDS,
    EXEC_SPAWN_CWD,
    EXEC_SPAWN_NICE,
    EXEC_SPAWN_NOFILE,
    EXEC_SPAWN_CPU,
    EXEC_SPAWN_AS,
    EXEC_SPAWN_CGROUP,
    EXEC_SPAWN_FIND, /* there is no such program */
    EXEC_SPAWN_EXEC,
    EXEC_SPAWN_STEP_COUNT
};

struct exec_spawn_failure {
    enum exec_spawn_step step;
    int error; /* errno */
};

/* Start spec->args[0] with standard input, output and error fds[0..2] (borrowed; each above 2),
 * as leader of its own process group, with default signal dispositions, nothing blocked, and
 * exactly the environment, folder, umask and limits of spec. A name without '/' is looked up in
 * the PATH of the job's environment, from within the job's cwd; a file that is no executable
 * format is refused, never handed to a shell.
 * It is in the cgroup whose cgroup.procs is procs_fd (borrowed); with -1, memory_max of the spec is
 * a limit of its address space.
 * Blocks until the program has replaced the child, or has failed to. Returns its pid, or -1 with
 * *failure set and the child, if any, reaped. Needs a single-threaded caller. */
pid_t exec_spawn(const struct exec_spec *spec, const int fds[3], int procs_fd,
                 struct exec_spawn_failure *failure);

/* The folders that a name without '/' is looked up in, ':' between them. Borrowed from spec. */
const char *exec_spawn_path(const struct exec_spec *spec);

/* What the step was doing, for a message: "cwd", "rlimit_as_bytes", ... Static storage. */
const char *exec_spawn_step_text(enum exec_spawn_step step);

#endif
