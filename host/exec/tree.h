/* The processes below one process, and signals to them all; waits for none. Linux only. */
#ifndef RH_HOST_EXEC_TREE_H
#define RH_HOST_EXEC_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define EXEC_TREE_PROCS_MAX 262144u /* processes looked at in one scan */
#define EXEC_TREE_STAT_MAX  4096u   /* bytes of one /proc/PID/stat */

struct exec_tree_proc {
    pid_t pid;
    pid_t ppid;
    char state;           /* as in proc(5): R, S, D, Z, T, ... */
    uint64_t start_ticks; /* since boot; pid and start_ticks together name one process */
};

/* Parse the text of /proc/PID/stat; the name in it may hold spaces, newlines and parentheses.
 * text is NUL-terminated. Returns 0 or -EINVAL; *out is set only on success. [any] */
int exec_tree_parse(const char *text, struct exec_tree_proc *out);

/* Look at one process. Returns 0, -ESRCH if there is none, or another -errno; *out is set only on
 * success. [any] */
int exec_tree_look(pid_t pid, struct exec_tree_proc *out);

/* Send sig to every living descendant of root, at any depth, whatever its session or process
 * group; root itself is spared, zombies are skipped. A process is addressed by a pidfd whose start
 * time was compared, so that a recycled pid is never hit. sig 0 only counts.
 * *count gets the processes signalled. What forks during the scan may be missed: call again until
 * waitpid says that there is no child, which for a subreaper means that the tree is empty.
 * Returns 0 or -errno when /proc cannot be read or memory is short. [any] */
int exec_tree_signal(pid_t root, int sig, size_t *count);

#endif
