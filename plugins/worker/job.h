/* One claimed work item on its way through this node: its states, its lease, when to renew or give
 * up; neither the process nor the messages. */
#ifndef RH_PLUGINS_WORKER_JOB_H
#define RH_PLUGINS_WORKER_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

#include "outcome.h"
#include "slots.h"
#include "verdict.h"

#define JOB_TEXT_SIZE    257u /* names and tokens with their NUL */
#define JOB_LEASE_MIN_MS 1000
#define JOB_LEASE_MAX_MS (INT64_C(7) * 24 * 3600 * 1000)
#define JOB_RENEW_PARTS  3  /* renewals within one lease */
#define JOB_RETRY_PARTS  15 /* tries within one lease when renewals do not get through */

/* name, word shown to people */
#define JOB_STATES(X)                                                          \
    X(CLAIMED, "claimed")     /* being recorded; nothing runs */               \
    X(RUNNING, "running")     /* the program runs, or its end is on its way */ \
    X(STOPPING, "stopping")   /* the program was told to end */                \
    X(ENDED, "ended")         /* the report is being recorded */               \
    X(PREPARING, "preparing") /* its inputs are being fetched */               \
    X(STORING, "storing")     /* the program is done, its outputs are being stored */

enum job_state {
#define X(name, word) JOB_##name,
    JOB_STATES(X)
#undef X
        JOB_STATE_COUNT
};

struct job {
    uint64_t id; /* names the process and the record */
    uint8_t state;
    uint8_t stop; /* enum outcome_stop */
    bool is_start_told;
    bool is_calling; /* a start or a heartbeat is under way */
    bool is_adopted; /* of an earlier life of this plugin */
    struct share share;
    int64_t attempt;
    int64_t lease_ms;
    int64_t max_runtime_ms; /* of the item; 0 = none */
    int64_t deadline_ms;    /* monotonic, like those below */
    int64_t renew_ms;
    int64_t called_ms; /* when the call under way was sent */
    int64_t since_ms;
    char work_id[JOB_TEXT_SIZE];
    char work_type[JOB_TEXT_SIZE];
    char config_key[JOB_TEXT_SIZE];
    char token[JOB_TEXT_SIZE];
};

/* What is to be done about it now. */
enum job_action {
    JOB_DO_NOTHING,
    JOB_DO_CALL, /* tell that it started, or renew */
    JOB_DO_KILL,
};

/* Take over an item: RH_OK, or RH_EINVAL for texts that are empty or too long. lease_ms is clamped.
 */
int32_t job_init(struct job *job, uint64_t id, struct rh_str work_id, struct rh_str work_type,
                 struct rh_str token, int64_t lease_ms, int64_t now_ms);

/* Move along an allowed edge; asserts it. */
void job_move(struct job *job, enum job_state to);

/* What time asks for. After JOB_DO_CALL job_called says that the call is under way; after
 * JOB_DO_KILL the job is stopping. */
enum job_action job_tick(struct job *job, int64_t now_ms);
void job_called(struct job *job, int64_t now_ms);

/* The machine is about to be taken away: JOB_DO_KILL for what runs. */
enum job_action job_preempt(struct job *job);

/* There is something to tell: renew now. */
void job_hurry(struct job *job, int64_t now_ms);

/* What an answer asks for: JOB_DO_NOTHING or JOB_DO_KILL. is_cancel: the answer said so. */
enum job_action job_on_answer(struct job *job, enum verdict verdict, bool is_cancel,
                              int64_t now_ms);

/* When job_tick next has something, monotonic ms; INT64_MAX = never by time. */
int64_t job_wake_ms(const struct job *job);

/* Whether a lease is to be kept up: it is being worked on. */
bool job_is_alive(const struct job *job);

const char *job_state_word(uint8_t state);

#endif
