/* Sends the reports that wait in the store, until each is acknowledged or refused for good. */
#include "wire.h"

#include <ringhost/sdk/str.h>

/* The report is in the store: it may be sent. */
static void on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct worker *w = self;

    (void)revision;
    if (rc != RH_OK || !w->is_active)
        return;
    /* Numbers are given out and recorded in one order. Claims stop long before the limit. */
    if (outbox_add(&w->outbox, (uint64_t)(uintptr_t)user) != RH_OK)
        w->rh.core->reactivate(w->rh.ctx, "more reports wait than the outbox holds");
    worker_kick(w);
}

void worker_outbox_put(struct worker *w, struct work *work, const char *path, struct rh_str body)
{
    struct rh_batch_builder batch;
    uint64_t seq = path ? ++w->outbox_last : 0;
    int32_t rc;

    job_move(&work->job, JOB_ENDED);
    rh_batch_begin(&batch, WORKER_NAMESPACE);
    if (path)
        worker_store_put_report(w, &batch, seq, &work->job, path, body);
    worker_store_delete(&batch, ROW_JOB, work->job.id);
    rc = rh_batch_commit(&batch, &w->rh, path ? on_recorded : NULL, (void *)(uintptr_t)seq);
    if (rc == RH_OK && path)
        rc = worker_held_report(w, seq, rh_str_from(work->job.work_id));
    if (rc != RH_OK) {
        rh_log_error(&w->rh, "report_not_recorded", "work_id=%s rc=%d", work->job.work_id, (int)rc);
        w->rh.core->reactivate(w->rh.ctx, "a report could not be recorded");
    }
    /* Should the commit fail, the host begins anew from the store, where the job still is. */
    worker_work_forget(w, work);
}

static void on_deleted(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct worker *w = self;

    (void)revision;
    if (rc != RH_OK || !w->is_active)
        return; /* sent again after the new activation: the queue knows duplicates */
    outbox_remove(&w->outbox, (uint64_t)(uintptr_t)user);
    worker_held_forget(w, (uint64_t)(uintptr_t)user);
    worker_kick(w);
}

static void finish(struct worker *w, uint64_t seq)
{
    struct rh_batch_builder batch;
    int32_t rc;

    outbox_settle(&w->outbox, seq);
    rh_batch_begin(&batch, WORKER_NAMESPACE);
    worker_store_delete(&batch, ROW_REPORT, seq);
    rc = rh_batch_commit(&batch, &w->rh, on_deleted, (void *)(uintptr_t)seq);
    if (rc != RH_OK)
        w->rh.core->reactivate(w->rh.ctx, "a report could not be taken out of the outbox");
}

static void on_answer(void *self, void *user, const struct rh_reply *reply)
{
    struct worker *w = self;
    uint64_t seq = (uint64_t)(uintptr_t)user;

    if (!w->is_active || reply->rc == RH_ECANCELLED)
        return;
    switch (verdict_of(reply->rc, reply->status, reply->error_code)) {
    case VERDICT_TAKEN:
        w->counters.delivered++;
        finish(w, seq);
        break;
    case VERDICT_STALE:
        w->counters.stale++;
        rh_log_warn(&w->rh, "report_stale", "why=\"%.*s\"", RH_STR_ARG(reply->message));
        finish(w, seq);
        break;
    case VERDICT_REFUSED:
        w->counters.refused++;
        rh_log_error(&w->rh, "report_refused", "status=%u why=\"%.*s\"", reply->status,
                     RH_STR_ARG(reply->message));
        worker_problem(w, "", "report refused with %u: %.*s", reply->status,
                       RH_STR_ARG(reply->message));
        finish(w, seq);
        break;
    case VERDICT_AGAIN:
        outbox_again(&w->outbox, seq, worker_now(w), reply->retry_after_s,
                     w->rh.core->random(w->rh.ctx));
        break;
    }
    worker_kick(w);
}

static void send(struct worker *w, uint64_t seq)
{
    struct report report;
    void *memory = NULL;
    char path[64];
    int32_t rc = worker_store_get_report(w, seq, &report, &memory);

    if (rc == RH_EINVAL || rc == RH_ENOTFOUND) {
        worker_problem(w, "", "a stored report cannot be read and is dropped");
        rh_log_error(&w->rh, "report_unreadable", "rc=%d", (int)rc);
        w->counters.refused++;
        finish(w, seq);
        return;
    }
    if (rc == RH_OK)
        rc = rh_str_copy(path, sizeof(path), report.path);
    if (rc == RH_OK)
        rc = worker_post(w, path, report.body, RH_CALL_IDEMPOTENT, on_answer, seq);
    if (rc != RH_OK)
        outbox_again(&w->outbox, seq, worker_now(w), 0, w->rh.core->random(w->rh.ctx));
    w->rh.fields->release(w->rh.ctx, memory);
}

void worker_outbox_pump(struct worker *w)
{
    uint64_t seq = 0;

    while (outbox_next(&w->outbox, worker_now(w), &seq))
        send(w, seq);
}
