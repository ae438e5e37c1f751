/* Talks to the queue about what runs here: it began, it is alive, it is given back. */
#include "wire.h"

#include <ringhost/sdk/str.h>

struct beat {
    int32_t cancel;
};
static const struct rh_field beat_rows[] = {
    RH_BOOL(struct beat, cancel, false, "the item was cancelled"),
};
static const struct rh_fields beat_table = RH_FIELDS(struct beat, beat_rows);

static bool says_cancel(struct worker *w, const struct rh_reply *reply)
{
    struct beat beat = {.cancel = 0};
    void *memory = NULL;

    if (w->rh.fields->decode(w->rh.ctx, &beat_table, reply->body, &beat, &memory, NULL, 0) != RH_OK)
        return false; /* an answer without words is a plain yes */
    w->rh.fields->release(w->rh.ctx, memory);
    return beat.cancel != 0;
}

static void end_work(struct worker *w, struct work *work)
{
    static const char *const whys[] = {"", "cancelled", "stale_claim", "lease_lost", "preempted"};

    w->counters.cancelled += work->job.stop == OUTCOME_STOP_CANCELLED;
    w->counters.leases_lost += work->job.stop == OUTCOME_STOP_LEASE;
    /* That somebody cancelled it is no trouble, and a test that is decided cancels many. */
    rh_logf(&w->rh, work->job.stop == OUTCOME_STOP_CANCELLED ? RH_LOG_INFO : RH_LOG_WARN,
            "job_ended_early", "work_id=%s reason=%s", work->job.work_id, whys[work->job.stop]);
    if (work->has_process)
        worker_work_kill(w, work);
    else
        worker_work_stopped(w, work);
}

static void on_answer(void *self, void *user, const struct rh_reply *reply)
{
    struct worker *w = self;
    struct work *work = w->is_active ? worker_work_find(w, (uint64_t)(uintptr_t)user) : NULL;
    enum verdict verdict;

    if (!work || !work->job.is_calling)
        return;
    verdict = verdict_of(reply->rc, reply->status, reply->error_code);
    notes_answered(&work->notes, verdict == VERDICT_TAKEN);
    if (job_on_answer(&work->job, verdict, verdict == VERDICT_TAKEN && says_cancel(w, reply),
                      worker_now(w)) == JOB_DO_KILL)
        end_work(w, work);
    worker_kick(w);
}

static void call(struct worker *w, struct work *work)
{
    struct rh_buf body;
    struct rh_json_writer j;
    int32_t rc;

    job_called(&work->job, worker_now(w));
    rh_buf_init(&body, BODY_MAX);
    rh_json_init(&j, &body);
    worker_begin_report(w, &j, &work->job);
    if (work->job.is_start_told) {
        for (int kind = 0; kind < NOTE_KIND_COUNT; kind++)
            worker_notes_write(work, &j, (enum note_kind)kind);
        notes_sent(&work->notes);
    }
    rh_json_end_object(&j);
    rc = rh_json_finish(&j);
    if (rc == RH_OK)
        rc = worker_post(w, work->job.is_start_told ? "/work/heartbeat" : "/work/start",
                         rh_buf_str(&body), RH_CALL_IDEMPOTENT, on_answer, work->job.id);
    rh_buf_release(&body);
    if (rc != RH_OK) /* not sent: as good as no answer */
        (void)job_on_answer(&work->job, VERDICT_AGAIN, false, worker_now(w)); /* nothing to do */
}

void worker_leases_pump(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        struct work *work = value;

        if (job_is_alive(&work->job))
            worker_notes_look(w, work);
        switch (job_tick(&work->job, worker_now(w))) {
        case JOB_DO_NOTHING:
            break;
        case JOB_DO_CALL:
            call(w, work);
            break;
        case JOB_DO_KILL:
            end_work(w, work);
            break;
        }
    }
}

int64_t worker_leases_wake_ms(const struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;
    int64_t wake_ms = INT64_MAX;

    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        const struct work *work = value;
        int64_t one_ms = job_wake_ms(&work->job);

        wake_ms = one_ms < wake_ms ? one_ms : wake_ms;
        if (work->has_process && job_is_alive(&work->job) && work->notes.look_ms < wake_ms)
            wake_ms = work->notes.look_ms;
    }
    return wake_ms;
}

static void on_released(void *self, void *user, const struct rh_reply *reply)
{
    struct worker *w = self;
    const bool is_done = reply->rc == RH_OK && reply->status < 300;

    if (!w->is_active)
        return;
    if (w->releases_out > 0)
        w->releases_out--;
    if (user) /* with an error */
        w->counters.failed += is_done;
    else
        w->counters.released += is_done;
    worker_kick(w);
}

/* why NULL: given back as if it had never been claimed. */
static void give(struct worker *w, struct rh_str work_id, struct rh_str token, const char *why)
{
    struct rh_buf body;
    struct rh_json_writer j;

    rh_buf_init(&body, RECORD_MAX);
    rh_json_init(&j, &body);
    rh_json_begin_object(&j);
    rh_json_kv_str(&j, "work_id", work_id);
    rh_json_kv_str(&j, "node_id", worker_node(w));
    rh_json_kv_str(&j, "claim_token", token);
    if (why)
        rh_json_kv_strc(&j, "error", why);
    rh_json_end_object(&j);
    /* What is not given back is not begun either: others may take it, and its lease runs out. */
    if (rh_json_finish(&j) == RH_OK &&
        worker_post(w, why ? "/work/fail" : "/work/release", rh_buf_str(&body), RH_CALL_IDEMPOTENT,
                    on_released, why ? 1 : 0) == RH_OK)
        w->releases_out++;
    rh_buf_release(&body);
}

void worker_lease_release(struct worker *w, struct rh_str work_id, struct rh_str token)
{
    give(w, work_id, token, NULL);
}

void worker_lease_refuse(struct worker *w, struct rh_str work_id, struct rh_str token,
                         const char *why)
{
    rh_log_warn(&w->rh, "item_refused", "work_id=%.*s why=\"%s\"", RH_STR_ARG(work_id), why);
    give(w, work_id, token, why);
}

void worker_release_unstarted(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        struct work *work = value;

        if (work->job.state != JOB_CLAIMED || work->is_given_back)
            continue;
        work->is_given_back = true; /* its record is on the way: it must not begin after that */
        worker_lease_release(w, rh_str_from(work->job.work_id), rh_str_from(work->job.token));
    }
}
