/* Starts a program with pipes on its three standard files; it does not talk to it. */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_ENGINE_SPAWN_H
#define RH_PLUGINS_WORKER_GTP_MATCH_ENGINE_SPAWN_H

#include <sys/types.h>

/* Our ends; non-blocking and closed on exec. Owned by the caller after ENGINE_SPAWN_DONE. */
struct engine_pipes {
    pid_t pid; /* also the id of its process group */
    int pid_fd;
    int in_fd;  /* written by us */
    int out_fd; /* read by us */
    int err_fd; /* read by us */
};

enum engine_spawn_step { ENGINE_SPAWN_DONE, ENGINE_SPAWN_SYSTEM, ENGINE_SPAWN_EXEC };

/* Run path with argv in a folder (NULL: ours), no shell. The child leads a new process group, has
 * default signals, and gets SIGKILL when the calling thread dies. Returns where it failed, with
 * *error an errno; nothing is left open or running then. ENGINE_SPAWN_EXEC: the file could not be
 * executed. */
enum engine_spawn_step engine_spawn(const char *path, char *const *argv, const char *folder,
                                    struct engine_pipes *out, int *error);

#endif
