/* A run in memory: what was asked for, what became of each match, and what follows when an attempt
 * ends. No clock, no store, no process; how it is stored is in record.h. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_RUN_H
#define RH_PLUGINS_SSH_TOURNAMENT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

#include "attempt.h"
#include "plan.h"
#include "target.h"

#define RUN_MATCHES_MAX  4000u
#define RUN_RETRIES_MAX  10u
#define RUN_ATTEMPTS_MAX 1000u /* of one match, those before a resume included */
#define RUN_ID_SIZE      128u  /* with its NUL */
#define RUN_REASON_SIZE  256u  /* longer ones are cut */
#define RUN_LABEL_SIZE   65u
#define RUN_PLAYER_SIZE  128u

/* X(NAME, "name") */
#define RUN_STATES(X)                                                          \
    X(RUNNING, "running")                                                      \
    X(HALTING, "halting")       /* nothing begins; what runs goes on */        \
    X(CANCELLING, "cancelling") /* nothing begins; what runs is being ended */ \
    X(DONE, "done")                                                            \
    X(HALTED, "halted")                                                        \
    X(CANCELLED, "cancelled")

enum run_state {
#define X(name, text) RUN_##name,
    RUN_STATES(X)
#undef X
        RUN_STATE_COUNT
};

/* X(NAME, "name"): those from OK on are final. */
#define MATCH_STATES(X)                                                               \
    X(PENDING, "pending")                                                             \
    X(RUNNING, "running")                                                             \
    X(OK, "ok")                                                                       \
    X(FAILED, "failed")           /* the job's own result: an exit code, a timeout */ \
    X(LOST, "lost")               /* it started, and its end is not known */          \
    X(UNREACHABLE, "unreachable") /* it never started */                              \
    X(CANCELLED, "cancelled")

enum match_state {
#define X(name, text) MATCH_##name,
    MATCH_STATES(X)
#undef X
        MATCH_STATE_COUNT
};

enum run_halt { RUN_HALT_NEVER = 0, RUN_HALT_SOON, RUN_HALT_NOW, RUN_HALT_COUNT };

/* One match as asked for. Borrowed from the run's record. */
struct match_spec {
    struct rh_str id;
    struct rh_str players[2]; /* first, second; "" = it is no game */
    struct rh_str board_type;
    struct rh_str_list args; /* behind the command's own words */
};

/* What was asked for; never changes. Borrowed from the run's record. */
struct run_spec {
    struct rh_str id;
    uint64_t number; /* of the run on this node, from 1 */
    struct rh_str label;
    struct rh_str_list command;
    const struct target *hosts;
    const struct match_spec *matches;
    uint32_t host_count;
    uint32_t match_count;
    uint32_t per_host; /* attempts of this run at once on a host */
    uint32_t retries;
    int64_t timeout_s; /* 0 = none */
    int64_t created_at_ms;
    uint8_t halt; /* enum run_halt */
    uint32_t halt_fail;
    bool is_idempotent; /* a lost job may be run again */
    bool retries_failed;
};

/* One match as it stands. */
struct match {
    uint8_t state;       /* enum match_state */
    uint8_t verdict;     /* enum attempt_verdict of the last attempt that ended */
    uint8_t host;        /* of the last attempt */
    uint32_t attempts;   /* begun */
    uint32_t spent;      /* of them, since the run was started or resumed */
    int32_t code;        /* exit code of the job, when the verdict has one */
    uint64_t nonce;      /* of the last attempt */
    int64_t begun_at_ms; /* of the last attempt, Unix ms; 0 = never */
    int64_t ended_at_ms;
    int64_t output_bytes;          /* kept of the last attempt */
    uint8_t tried[PLAN_HOSTS_MAX]; /* attempts on each host since then, at most 255 */
    char reason[RUN_REASON_SIZE];
    char winner[RUN_PLAYER_SIZE]; /* "" = none told */
};

struct run_status {
    uint8_t state;       /* enum run_state */
    int64_t ended_at_ms; /* 0 = not over */
};

struct run {
    struct run_spec spec;
    struct run_status status;
    struct match *matches;               /* spec.match_count */
    uint32_t counts[MATCH_STATE_COUNT];  /* matches in each state */
    uint32_t running_on[PLAN_HOSTS_MAX]; /* attempts of this run */
    uint32_t first_pending;              /* no match before it is pending */
    void *memory;                        /* behind spec */
    char *record;
};

const char *run_state_name(uint8_t state);
const char *match_state_name(uint8_t state);
bool run_state_is_over(uint8_t state);
bool match_state_is_final(uint8_t state);

/* All of it. NULL is allowed. */
void run_free(struct run *run);

/* A match from the store, in place of a pending one. The status is set. */
void run_put(struct run *run, uint32_t index, const struct match *match);
/* The same for all that the store has no row of: in a run that begins nothing they are cancelled.
 */
void run_put_rest(struct run *run);

/* The next pending match and the host for it. `hosts`: loads and states of the spec's hosts with
 * the slots that all runs share; `tried` and this run's own limit are filled in here. False: none
 * can begin now. */
bool run_next(const struct run *run, struct plan_host *hosts, uint32_t *index, uint32_t *host);

/* An attempt begins. The match is pending. */
void run_begin(struct run *run, uint32_t index, uint32_t host, uint64_t nonce, int64_t now_ms);

/* How an attempt ended. */
struct run_ending {
    enum attempt_verdict verdict;
    int32_t code;
    int64_t output_bytes;
    struct rh_str reason;
    struct rh_str winner; /* one of the players, "draw", or "" */
};

/* The running match's attempt has ended: it is pending again or final, and the run may halt. */
void run_end(struct run *run, uint32_t index, const struct run_ending *ending, int64_t now_ms);

/* Nothing begins any more; what is pending is cancelled. The run is not over. */
void run_cancel(struct run *run);

/* Whether what runs has to be ended. */
bool run_wants_end(const struct run *run);

/* Moves a run whose last match has become final to its last state; whether it did. */
bool run_settle(struct run *run, int64_t now_ms);

/* Everything that is not ok is pending again, with all its retries, and without what it came to.
 * The run is over; false: nothing is left to do. */
bool run_resume(struct run *run);

#endif
