/* What is sent to a host as the remote command: a wrapper in POSIX sh around the job, and the
 * marks by which it tells how far the job came; how they are judged is in attempt.h. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_REMOTE_H
#define RH_PLUGINS_SSH_TOURNAMENT_REMOTE_H

#include <ringhost/sdk/buf.h>
#include <stdbool.h>

/* The wrapper, in the remote login shell's place:
 * - says "start" on standard error, runs the job in a session of its own (without `setsid` in a
 *   process group of its own) with no input and its standard error in its standard output, and says
 *   "end" and the exit code;
 * - ends the job when its own standard input ends, which it does when the connection or the local
 *   client is gone, and when its time is over, which it says ("timeout"): SIGTERM to the group, a
 *   grace, SIGKILL to the group and, where there is /proc, to whatever else carries the job's mark
 *   RINGHOST_SSH in its environment;
 * - leaves nothing of the job behind when that has ended by itself.
 * Each mark is a line "ringhost-ssh NONCE start|timeout|end CODE". */
struct remote_job {
    uint64_t nonce;    /* of this attempt */
    int64_t timeout_s; /* 0 = none */
    int64_t grace_ms;  /* rounded up to tenths of a second */
    struct rh_str_list argv;
};

/* Appends the command. RH_EINVAL: no program, its name is empty or begins with '-', or a word has a
 * NUL byte. Else out->rc. [any] */
int32_t remote_command(const struct remote_job *job, struct rh_buf *out);

struct remote_marks {
    bool has_started;
    bool has_ended;
    bool is_timeout;
    int32_t code; /* when has_ended; 0..255 */
};

/* Finds the marks of an attempt in what came on standard error. Lines of other nonces, cut ones and
 * whatever else is there are passed over. [any] */
struct remote_marks remote_marks_read(struct rh_str errors, uint64_t nonce);

#endif
