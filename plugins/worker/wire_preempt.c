/* A machine that is about to be taken away: who says so, its jobs told to end, their items given
 * back with the last checkpoint. */
#include "wire.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#define CHECK_KEY      "preempt"
#define CHECK_WALL_MS  10000 /* longest run of the command that is asked */
#define CHECK_SAID_MAX 200u  /* bytes of its standard error that are told */

static void warn(struct worker *w)
{
    if (w->preempt.state == PREEMPT_NONE)
        rh_warnf(&w->rh, "preempted", NULL);
    else
        rh_warnf(&w->rh, "preempted", "this machine is about to be taken away: %s", w->preempt.why);
}

static void emit(struct worker *w, int64_t grace_ms)
{
    struct rh_buf payload;
    struct rh_json_writer j;

    rh_buf_init(&payload, RECORD_MAX);
    rh_json_init(&j, &payload);
    rh_json_begin_object(&j);
    rh_json_kv_str(&j, "node_id", worker_node(w));
    rh_json_kv_strc(&j, "reason", w->preempt.why);
    rh_json_kv_int(&j, "grace_ms", grace_ms);
    rh_json_end_object(&j);
    if (rh_json_finish(&j) != RH_OK ||
        w->rh.events->publish(w->rh.ctx, "NODE_PREEMPTED", rh_buf_str(&payload), NULL) != RH_OK)
        rh_log_warn(&w->rh, "event_not_published", "type=%s", "NODE_PREEMPTED");
    rh_buf_release(&payload);
}

void worker_preempt_release(struct worker *w, struct work *work)
{
    w->counters.preempted++;
    rh_log_info(&w->rh, "job_preempted", "work_id=%s", work->job.work_id);
    worker_work_release(w, work);
}

/* Each job that goes on is told to end; one that is not begun goes back at once. */
static void tell_jobs(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    worker_claim_stop(w);
    worker_release_unstarted(w);
    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        struct work *work = value;

        if (work->job.state == JOB_PREPARING) { /* nothing of it has begun */
            worker_preempt_release(w, work);    /* removes it */
            cursor = 0;
            continue;
        }
        if (work->has_process && job_preempt(&work->job) == JOB_DO_KILL)
            worker_work_kill(w, work);
    }
}

/* The time is over: whatever is still here goes back as it is. What a program does after that, and
 * its end, concern nobody any more. */
static void give_all_back(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        struct work *work = value;

        if (work->job.state == JOB_CLAIMED || work->job.state == JOB_ENDED)
            continue; /* it is on its way out already */
        if (work->has_process) {
            worker_notes_read(w, work, false);
            worker_work_kill(w, work);
        }
        worker_preempt_release(w, work); /* removes it */
        cursor = 0;
    }
}

static void begin(struct worker *w, struct rh_str why, int64_t grace_ms)
{
    const int64_t now_ms = worker_now(w);

    if (!preempt_begin(&w->preempt, why, grace_ms, now_ms))
        return;
    rh_log_warn(&w->rh, "preempted", "grace_ms=%lld jobs=%u why=\"%s\"", (long long)grace_ms,
                rh_map64_count(&w->works), w->preempt.why);
    warn(w);
    emit(w, grace_ms);
    tell_jobs(w);
}

/* Programs that were given up may live on for their grace: they have their devices until then. */
static void end(struct worker *w)
{
    int64_t grace_ms = 0;

    if (!preempt_end(&w->preempt))
        return;
    for (uint32_t i = 0; i < w->config->commands.count; i++)
        if (worker_command_at(w, i)->grace > grace_ms)
            grace_ms = worker_command_at(w, i)->grace;
    w->paused_until_ms = worker_now(w) + grace_ms;
    rh_log_info(&w->rh, "preemption_over", "pause_ms=%lld", (long long)grace_ms);
    warn(w);
}

int32_t worker_handle_preempt(void *self, rh_req req, const void *fields)
{
    struct worker *w = self;
    const struct preempt_req *f = fields;
    struct rh_json_reply reply;
    int32_t rc;

    if (f->on)
        begin(w, f->reason.n > 0 ? f->reason : RH_STR_LIT("an operator said so"),
              f->grace_s >= 0 ? f->grace_s * 1000 : w->config->preemption.grace);
    else
        end(w);
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "preempted", w->preempt.state != PREEMPT_NONE);
    rh_json_kv_int(&reply.w, "jobs", rh_map64_count(&w->works));
    rc = rh_json_reply_send(&reply, &w->rh, req, 200);
    worker_kick(w);
    return rc;
}

/* The command is of no use: told once, until it fails in another way or works again. */
static void check_failed(struct worker *w, const char *failure, struct rh_str errors)
{
    char said[PROBLEM_SIZE];

    if (strcmp(w->check.failure, failure) == 0)
        return;
    (void)snprintf(w->check.failure, sizeof(w->check.failure), "%s", failure); /* cut when long */
    preempt_words(said, sizeof(said), outcome_tail(errors, CHECK_SAID_MAX));
    rh_log_warn(&w->rh, "preemption_check_failed", "why=\"%s\" stderr=\"%s\"", w->check.failure,
                said);
    worker_problem(w, "", "preemption.command: %s%s%s", w->check.failure, said[0] ? ": " : "",
                   said);
    rh_warnf(&w->rh, "preemption_command",
             "preemption.command cannot tell whether this machine goes: %s", w->check.failure);
}

static void check_works(struct worker *w)
{
    if (!w->check.failure[0])
        return;
    w->check.failure[0] = '\0';
    rh_log_info(&w->rh, "preemption_check_works", "interval_ms=%lld",
                (long long)w->config->preemption.interval);
    rh_warnf(&w->rh, "preemption_command", NULL);
}

static void on_check(void *self, void *user, const struct rh_process_exit *ended)
{
    struct worker *w = self;
    const bool has_exited = ended->rc == RH_OK && rh_str_eq_c(ended->reason, "exited");
    struct rh_str text = ended->output;
    char failure[CHECK_FAILURE_SIZE];

    (void)user;
    if (!w->is_active || ended->rc == RH_ECANCELLED)
        return;
    w->check.is_out = false;
    w->check.due_ms = worker_now(w) + w->config->preemption.interval;
    while (text.n > 0 && (unsigned char)text.p[text.n - 1] <= ' ')
        text.n--;
    if (has_exited && (ended->code == 0 || ended->code == 1)) {
        check_works(w);
        if (ended->code == 0 && text.n > 0)
            begin(w, text, w->config->preemption.grace);
    } else if (has_exited) {
        (void)snprintf(failure, sizeof(failure), "exited with status %d, which says nothing",
                       (int)ended->code); /* fits */
        check_failed(w, failure, ended->errors);
    } else {
        preempt_words(failure, sizeof(failure),
                      ended->message.n > 0 ? ended->message : ended->reason);
        check_failed(w, failure, ended->errors);
    }
    worker_kick(w);
}

static void check(struct worker *w)
{
    const struct rh_process_spec spec = {
        .size = (uint32_t)sizeof(spec),
        .key = CHECK_KEY,
        .argv = w->config->preemption.command,
        .output_max = 4096,
        .wall_ms = CHECK_WALL_MS,
        .grace_ms = 1000,
    };
    int32_t rc = w->rh.process->run(w->rh.ctx, &spec, on_check, NULL);

    if (rc == RH_EEXISTS) /* of an earlier life of this plugin */
        rc = w->rh.process->adopt(w->rh.ctx, CHECK_KEY, on_check, NULL);
    if (rc != RH_OK)
        check_failed(w, rh_error_text(rc), (struct rh_str){NULL, 0});
    w->check.is_out = rc == RH_OK;
    w->check.due_ms = worker_now(w) + w->config->preemption.interval;
}

static bool is_checked(const struct worker *w)
{
    return w->config->preemption.command.count > 0 && !w->check.is_out && !w->is_quiescing &&
           w->preempt.state == PREEMPT_NONE;
}

void worker_preempt_pump(struct worker *w)
{
    if (preempt_tick(&w->preempt, worker_now(w)))
        give_all_back(w);
    if (w->config->preemption.command.count == 0)
        check_works(w); /* nobody is asked any more */
    if (is_checked(w) && worker_now(w) >= w->check.due_ms)
        check(w);
}

int64_t worker_preempt_wake_ms(const struct worker *w)
{
    const int64_t over_ms = preempt_wake_ms(&w->preempt);

    return is_checked(w) && w->check.due_ms < over_ms ? w->check.due_ms : over_ms;
}

void worker_preempt_write(const struct worker *w, struct rh_json_writer *j)
{
    if (w->preempt.state == PREEMPT_NONE)
        return;
    rh_json_key(j, "preemption");
    rh_json_begin_object(j);
    rh_json_kv_strc(j, "reason", w->preempt.why);
    rh_json_kv_int(j, "left_ms",
                   w->preempt.state == PREEMPT_LEAVING ? w->preempt.deadline_ms - worker_now(w)
                                                       : 0);
    rh_json_end_object(j);
}
