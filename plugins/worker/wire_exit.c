/* The end of a process, read as JSON where it is some, and turned into a report. */
#include "wire.h"

#include <inttypes.h>

#include <ringhost/sdk/json_depth.h>
#include <ringhost/sdk/str.h>

#define GAMES_MAX 4096u

/* What any result may say about an error of its own. */
struct said {
    struct rh_str error;
};
static const struct rh_field said_rows[] = {
    RH_RAW(struct said, error, 0, "what went wrong"),
};
static const struct rh_fields said_table = RH_FIELDS(struct said, said_rows);

/* The same of a match: ringhost-gtp-match tells errors game by game. */
struct match_said {
    struct rh_list games;
};
static const struct rh_field match_rows[] = {
    RH_OBJECT_LIST(struct match_said, games, 0, GAMES_MAX, struct said, said_rows, "games"),
};
static const struct rh_fields match_table = RH_FIELDS(struct match_said, match_rows);

static bool is_error(struct rh_str raw)
{
    return raw.n > 0 && !rh_str_eq_c(raw, "null") && !rh_str_eq_c(raw, "\"\"");
}

/* The first error that an object tells of, copied to out. */
static void find_error(struct worker *w, struct rh_str json, struct rh_buf *out)
{
    struct said said = {.error = {NULL, 0}};
    struct match_said match;
    void *memory = NULL;

    if (w->rh.fields->decode(w->rh.ctx, &said_table, json, &said, &memory, NULL, 0) == RH_OK &&
        is_error(said.error))
        (void)rh_buf_append_str(out, said.error); /* without it the text says less */
    w->rh.fields->release(w->rh.ctx, memory);
    memory = NULL;
    if (out->n > 0 ||
        w->rh.fields->decode(w->rh.ctx, &match_table, json, &match, &memory, NULL, 0) != RH_OK)
        return;
    for (uint32_t i = 0; i < match.games.count && out->n == 0; i++) {
        const char *at = (const char *)match.games.items + (size_t)i * match.games.stride;
        const struct said *game = (const struct said *)(const void *)at;

        if (is_error(game->error))
            (void)rh_buf_append_str(out, game->error); /* as above */
    }
    w->rh.fields->release(w->rh.ctx, memory);
}

static bool is_object(struct worker *w, struct rh_str json)
{
    struct said said;
    void *memory = NULL;
    int32_t rc;

    if (json.n == 0 || json.n > BODY_MAX)
        return false;
    rc = w->rh.fields->decode(w->rh.ctx, &said_table, json, &said, &memory, NULL, 0);
    if (rc == RH_OK)
        w->rh.fields->release(w->rh.ctx, memory);
    return rc == RH_OK;
}

/* A bare number on standard output as an object: {"value": it}. RH_EINVAL for anything else. */
static int32_t wrap_number(struct rh_str text, struct rh_buf *out)
{
    double value = 0.0;

    while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == ' '))
        text.n--;
    while (text.n > 0 && *text.p == ' ') {
        text.p++;
        text.n--;
    }
    if (rh_parse_f64(text, &value) != RH_OK)
        return RH_EINVAL;
    (void)rh_buf_append_c(out, "{\"value\":"); /* errors stay in out */
    (void)rh_buf_append_str(out, text);
    return rh_buf_append_c(out, "}");
}

void worker_work_complete(struct worker *w, struct work *work, struct rh_str result)
{
    struct rh_buf body;
    struct rh_json_writer j;

    rh_buf_init(&body, BODY_MAX);
    rh_json_init(&j, &body);
    worker_begin_report(w, &j, &work->job);
    rh_json_kv_raw(&j, "result", result);
    rh_json_end_object(&j);
    if (rh_json_finish(&j) == RH_OK) {
        w->counters.completed++;
        rh_log_info(&w->rh, "job_done", "work_id=%s attempt=%" PRId64, work->job.work_id,
                    work->job.attempt);
        worker_outbox_put(w, work, "/work/complete", rh_buf_str(&body));
    } else {
        w->rh.core->reactivate(w->rh.ctx, "no memory for a report");
    }
    rh_buf_release(&body);
}

static void drop(struct worker *w, struct work *work)
{
    w->counters.stale++;
    rh_log_warn(&w->rh, "job_dropped", "work_id=%s reason=stale_claim", work->job.work_id);
    worker_problem(w, work->job.work_id,
                   "the claim passed to somebody else; the program was ended");
    worker_outbox_put(w, work, NULL, (struct rh_str){NULL, 0});
}

/* Said once: it is so for every job. */
static void tell_limits(struct worker *w, const struct rh_process_exit *ended)
{
    if (w->has_told_limits || ended->limits.n == 0 || rh_str_eq_c(ended->limits, "cgroup"))
        return;
    w->has_told_limits = true;
    rh_log_warn(&w->rh, "no_cgroup", "why=\"%.*s\"", RH_STR_ARG(ended->limits));
    worker_problem(w, "", "limits hold for each process, not for all of a job: %.*s",
                   RH_STR_ARG(ended->limits));
}

/* What it has printed last is read for some seconds more. */
static void keep_tail(struct worker *w, const struct work *work, struct rh_str output)
{
    struct tail *tail = tails_keep(&w->tails, rh_str_from(work->job.work_id), output,
                                   w->rh.core->now_ms(w->rh.ctx));

    if (!tail)
        return;
    tail->attempt = work->job.attempt;
    tail->is_cut = worker_log_is_cut(w, work, (int64_t)output.n);
}

void worker_work_exited(void *self, void *user, const struct rh_process_exit *ended)
{
    struct worker *w = self;
    uint64_t id = (uint64_t)(uintptr_t)user;
    struct work *work = w->is_active ? worker_work_find(w, id) : NULL;
    const struct command *command;
    struct outcome_facts facts;
    struct rh_str output = ended->output;
    struct rh_buf number;
    struct rh_buf said;
    struct rh_buf error;

    if (!work || !work->has_process || ended->rc == RH_ECANCELLED)
        return; /* the job goes on, and is adopted by the next activation; or is past that */
    keep_tail(w, work, ended->output);
    worker_notes_read(w, work, true);
    tell_limits(w, ended);
    rh_buf_init(&number, OUTCOME_RESULT_MAX);
    rh_buf_init(&said, OUTCOME_RESULT_MAX);
    rh_buf_init(&error, 4 * OUTCOME_ERROR_MAX);
    if (wrap_number(output, &number) == RH_OK)
        output = rh_buf_str(&number);
    command = worker_command(w, rh_str_from(work->job.work_type));
    facts = (struct outcome_facts){
        .rc = ended->rc,
        .reason = ended->reason,
        .code = ended->code,
        .message = ended->message,
        .errors = ended->errors,
        .output_bytes = output.n,
        .is_object = is_object(w, output),
        .is_too_deep =
            output.n > 0 && output.p[0] == '{' && rh_json_depth(output) > RH_WORK_DEPTH_MAX,
        .program = command ? command->argv.items[0] : (struct rh_str){NULL, 0},
        .stop = (enum outcome_stop)work->job.stop,
    };
    if (facts.is_object && ended->code != 0)
        find_error(w, output, &said);
    facts.said = rh_buf_str(&said);
    switch (outcome_of(&facts, &error)) {
    case OUTCOME_COMPLETE:
        if (!work->files || work->files->output_count == 0)
            worker_work_complete(w, work, output);
        else
            (void)worker_outputs_take(w, work, output); /* it has failed the work then */
        break;
    case OUTCOME_FAIL:
        worker_work_fail(w, work, error.rc == RH_OK ? rh_buf_str(&error) : ended->message,
                         facts.stop != OUTCOME_STOP_CANCELLED);
        break;
    case OUTCOME_DROP:
        drop(w, work);
        break;
    case OUTCOME_RELEASE:
        worker_preempt_release(w, work);
        break;
    }
    rh_buf_release(&number);
    rh_buf_release(&said);
    rh_buf_release(&error);
    worker_kick(w);
}
