/* The edges, and a lease that counts from when a renewal was sent, not from when it was answered.
 */
#include "job.h"

#include <assert.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/edges.h>
#include <ringhost/sdk/str.h>

static const struct rh_edge edges[] = {
    {JOB_CLAIMED, JOB_RUNNING},   {JOB_CLAIMED, JOB_ENDED},      {JOB_RUNNING, JOB_STOPPING},
    {JOB_RUNNING, JOB_ENDED},     {JOB_STOPPING, JOB_ENDED},     {JOB_CLAIMED, JOB_PREPARING},
    {JOB_PREPARING, JOB_RUNNING}, {JOB_PREPARING, JOB_STOPPING}, {JOB_PREPARING, JOB_ENDED},
    {JOB_RUNNING, JOB_STORING},   {JOB_STORING, JOB_STOPPING},   {JOB_STORING, JOB_ENDED},
};

static const char *const words[] = {
#define X(name, word) word,
    JOB_STATES(X)
#undef X
};

const char *job_state_word(uint8_t state)
{
    assert(state < JOB_STATE_COUNT);
    return words[state];
}

static void lease_begin(struct job *job, int64_t from_ms)
{
    job->deadline_ms = from_ms + job->lease_ms;
    job->renew_ms = from_ms + job->lease_ms / JOB_RENEW_PARTS;
}

int32_t job_init(struct job *job, uint64_t id, struct rh_str work_id, struct rh_str work_type,
                 struct rh_str token, int64_t lease_ms, int64_t now_ms)
{
    memset(job, 0, sizeof(*job));
    if (work_id.n == 0 || work_type.n == 0 || token.n == 0)
        return RH_EINVAL;
    if (rh_str_copy(job->work_id, sizeof(job->work_id), work_id) != RH_OK ||
        rh_str_copy(job->work_type, sizeof(job->work_type), work_type) != RH_OK ||
        rh_str_copy(job->token, sizeof(job->token), token) != RH_OK)
        return RH_EINVAL;
    job->id = id;
    job->state = JOB_CLAIMED;
    job->lease_ms = lease_ms < JOB_LEASE_MIN_MS   ? JOB_LEASE_MIN_MS
                    : lease_ms > JOB_LEASE_MAX_MS ? JOB_LEASE_MAX_MS
                                                  : lease_ms;
    job->since_ms = now_ms;
    lease_begin(job, now_ms);
    return RH_OK;
}

void job_move(struct job *job, enum job_state to)
{
    rh_state_move(&job->state, edges, sizeof(edges) / sizeof(edges[0]), (uint8_t)to);
    if ((to == JOB_RUNNING || to == JOB_PREPARING) && !job->is_start_told)
        job->renew_ms = INT64_MIN; /* tell at once that it started */
}

bool job_is_alive(const struct job *job)
{
    return job->state == JOB_RUNNING || job->state == JOB_PREPARING || job->state == JOB_STORING;
}

static enum job_action stop(struct job *job, enum outcome_stop why)
{
    if (!job_is_alive(job))
        return JOB_DO_NOTHING;
    job->stop = (uint8_t)why;
    job_move(job, JOB_STOPPING);
    return JOB_DO_KILL;
}

enum job_action job_tick(struct job *job, int64_t now_ms)
{
    if (!job_is_alive(job))
        return JOB_DO_NOTHING;
    if (now_ms >= job->deadline_ms)
        return stop(job, OUTCOME_STOP_LEASE);
    return !job->is_calling && now_ms >= job->renew_ms ? JOB_DO_CALL : JOB_DO_NOTHING;
}

void job_called(struct job *job, int64_t now_ms)
{
    assert(!job->is_calling);
    job->is_calling = true;
    job->called_ms = now_ms;
}

enum job_action job_preempt(struct job *job)
{
    return job->state == JOB_RUNNING ? stop(job, OUTCOME_STOP_PREEMPTED) : JOB_DO_NOTHING;
}

void job_hurry(struct job *job, int64_t now_ms)
{
    if (job->renew_ms > now_ms)
        job->renew_ms = now_ms;
}

enum job_action job_on_answer(struct job *job, enum verdict verdict, bool is_cancel, int64_t now_ms)
{
    assert(job->is_calling);
    job->is_calling = false;
    switch (verdict) {
    case VERDICT_TAKEN:
        if (is_cancel)
            return stop(job, OUTCOME_STOP_CANCELLED);
        /* Only a heartbeat is known to renew; the start counts for the lease of the claim. */
        lease_begin(job, job->is_start_told ? job->called_ms : job->deadline_ms - job->lease_ms);
        job->is_start_told = true;
        return JOB_DO_NOTHING;
    case VERDICT_STALE:
        return stop(job, OUTCOME_STOP_STALE);
    case VERDICT_REFUSED:
    case VERDICT_AGAIN:
        break;
    }
    job->renew_ms = now_ms + job->lease_ms / JOB_RETRY_PARTS;
    return JOB_DO_NOTHING;
}

int64_t job_wake_ms(const struct job *job)
{
    if (!job_is_alive(job))
        return INT64_MAX;
    return job->is_calling || job->deadline_ms < job->renew_ms ? job->deadline_ms : job->renew_ms;
}
