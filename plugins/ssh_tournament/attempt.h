/* What an attempt came to: the job's own result, or how far it came before the connection failed.
 * ssh exits with 255 for many reasons; the remote wrapper's marks tell them apart. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_ATTEMPT_H
#define RH_PLUGINS_SSH_TOURNAMENT_ATTEMPT_H

#include <ringhost/sdk/buf.h>
#include <stdbool.h>

#include "remote.h"

/* X(NAME, "name") */
#define ATTEMPT_VERDICTS(X)                                                       \
    X(NONE, "")                   /* not over */                                  \
    X(OK, "ok")                   /* the job exited with 0 */                     \
    X(EXITED, "exited")           /* the job exited with something else */        \
    X(TIMEOUT, "timeout")         /* the job ran too long and was ended */        \
    X(LOST, "lost")               /* the job started, and its end was not seen */ \
    X(UNREACHABLE, "unreachable") /* the job never started: the host's fault */   \
    X(LOCAL, "local_error")       /* the job never started: this node's fault */  \
    X(CANCELLED, "cancelled")     /* ended on request */

enum attempt_verdict {
#define X(name, text) ATTEMPT_##name,
    ATTEMPT_VERDICTS(X)
#undef X
        ATTEMPT_VERDICT_COUNT
};

const char *attempt_verdict_name(enum attempt_verdict verdict);

struct attempt_facts {
    int32_t code;          /* the client's exit code; 128 + signal when a signal ended it */
    bool is_unspawned;     /* the client could not be run */
    bool is_wall;          /* the local time limit ended it */
    bool is_cancelled;     /* somebody asked for the end */
    bool is_left;          /* nobody saw its end: this node was restarted meanwhile */
    struct rh_str errors;  /* the client's standard error */
    struct rh_str message; /* why it could not be run */
};

/* Decides, and appends the reason in few words ("" when the code says it all): the client's own
 * last words where the connection is to blame. */
enum attempt_verdict attempt_judge(const struct attempt_facts *facts,
                                   const struct remote_marks *marks, struct rh_buf *reason);

/* Whether the verdict tells something of the host: 1 good, -1 bad, 0 neither. */
int32_t attempt_blame(enum attempt_verdict verdict);

#endif
