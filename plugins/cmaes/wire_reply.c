/* Writes jobs as JSON; the figures come from the cores. */
#include "wire.h"

#include <math.h>
#include <string.h>

#include "candidate.h"

static void write_value(struct rh_json_writer *w, double value)
{
    struct rh_buf digits;

    rh_buf_init(&digits, 2 * RH_JSON_DOUBLE_SIZE);
    candidate_put_value(&digits, value);
    if (digits.rc == RH_OK)
        rh_json_raw(w, rh_buf_str(&digits));
    else
        w->rc = digits.rc;
    rh_buf_release(&digits);
}

void cmaes_reply_values(struct rh_json_writer *w, const char *key, const struct job *j,
                        const double *values)
{
    rh_json_key(w, key);
    rh_json_begin_object(w);
    for (uint32_t i = 0; i < j->spec.search.dimension; i++) {
        rh_json_key(w, j->spec.search.parameters[i].name);
        write_value(w, values[i]);
    }
    rh_json_end_object(w);
}

/* 0 stands for "none". */
static void kv_time(struct rh_json_writer *w, const char *key, int64_t wall_ms)
{
    if (wall_ms)
        rh_json_kv_int(w, key, wall_ms);
    else
        rh_json_kv_null(w, key);
}

/* A ratio of lengths squared: the condition. */
static void kv_condition(struct rh_json_writer *w, double axis_ratio)
{
    const double condition = axis_ratio * axis_ratio;

    if (isfinite(condition))
        rh_json_kv_double(w, "condition", condition);
    else
        rh_json_kv_null(w, "condition");
}

static void kv_reason(struct rh_json_writer *w, const char *key, enum stop_reason reason)
{
    rh_json_kv_strc(w, key, reason == STOP_NONE ? NULL : stop_name(reason));
}

static void write_best(struct rh_json_writer *w, const struct job *j)
{
    const struct search *s = j->search;

    if (!s->has_best) {
        rh_json_kv_null(w, "best");
        return;
    }
    rh_json_key(w, "best");
    rh_json_begin_object(w);
    rh_json_kv_double(w, "fitness", job_fitness(j, s->best_fitness));
    rh_json_kv_int(w, "generation", (int64_t)s->best_generation);
    cmaes_reply_values(w, "parameters", j, s->best_values);
    rh_json_end_object(w);
}

static void write_open(struct rh_json_writer *w, const struct job *j)
{
    const uint32_t count = job_population(j);
    uint32_t answered = 0;
    uint32_t errors = 0;

    if (count == 0) {
        rh_json_kv_null(w, "open");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        answered += j->reports[i].kind != REPORT_NONE;
        errors += j->reports[i].kind == REPORT_ERROR;
    }
    rh_json_key(w, "open");
    rh_json_begin_object(w);
    rh_json_kv_int(w, "candidates", count);
    rh_json_kv_int(w, "answered", answered);
    rh_json_kv_int(w, "errors", errors);
    rh_json_kv_int(w, "quorum", ranking_quorum(count, j->spec.quorum));
    kv_time(w, "deadline_at", j->status.deadline_ms);
    rh_json_end_object(w);
}

void cmaes_reply_summary(struct rh_json_writer *w, const struct job *j)
{
    const struct search *s = j->search;

    rh_json_kv_str(w, "job_id", j->spec.id);
    rh_json_kv_strc(w, "state", job_state_name(j->status.state));
    kv_reason(w, "reason", s->reason);
    rh_json_kv_int(w, "dimension", s->spec->dimension);
    rh_json_kv_strc(w, "goal", j->spec.is_maximize ? "maximize" : "minimize");
    rh_json_kv_bool(w, "dispatched", j->spec.evaluate.n > 0);
    rh_json_kv_int(w, "generation", (int64_t)job_generation(j));
    rh_json_kv_int(w, "evaluations", (int64_t)s->evaluations);
    rh_json_kv_double(w, "sigma", s->cma->sigma);
    write_best(w, j);
    rh_json_kv_int(w, "created_at", j->spec.created_at_ms);
    kv_time(w, "finished_at", j->status.finished_at_ms);
}

void cmaes_reply_status(struct rh_json_writer *w, const struct job *j, const struct live *live)
{
    const struct search *s = j->search;
    const char *problem = live && live->open ? live->open->work.problem : j->status.error;
    double mean[DIMENSION_MAX];

    cmaes_reply_summary(w, j);
    rh_json_kv_u64(w, "seed", s->spec->seed);
    rh_json_kv_int(w, "population", s->cma->strategy.population);
    rh_json_kv_strc(w, "restarts", restart_name(s->spec->restart));
    rh_json_kv_int(w, "run", s->restart.runs);
    kv_reason(w, "last_run_reason", s->run_reason);
    kv_condition(w, cma_axis_ratio(s->cma));
    search_mean(s, mean);
    cmaes_reply_values(w, "mean", j, mean);
    write_open(w, j);
    rh_json_kv_strc(w, "problem", problem[0] ? problem : NULL);
    rh_json_kv_strc(w, "last_error", live && live->error[0] ? live->error : NULL);
}

static void write_row(struct rh_json_writer *w, const struct generation_row *row)
{
    rh_json_begin_object(w);
    rh_json_kv_int(w, "generation", (int64_t)row->generation);
    rh_json_kv_int(w, "run", row->run);
    rh_json_kv_int(w, "population", row->population);
    rh_json_kv_int(w, "ranked", row->ranked);
    rh_json_kv_int(w, "errors", row->errors);
    rh_json_kv_int(w, "missing", row->population - row->ranked - row->errors);
    rh_json_kv_int(w, "late", row->late);
    if (row->ranked) {
        rh_json_kv_double(w, "best", row->best);
        rh_json_kv_double(w, "median", row->median);
        rh_json_kv_double(w, "worst", row->worst);
        rh_json_kv_double(w, "best_so_far", row->best_so_far);
    }
    rh_json_kv_double(w, "sigma", row->sigma);
    kv_condition(w, row->axis_ratio);
    kv_reason(w, "ended_run", (enum stop_reason)row->ended_run);
    rh_json_kv_int(w, "ended_at", row->ended_at_ms);
    rh_json_end_object(w);
}

void cmaes_reply_rows(struct rh_json_writer *w, const struct generation_row *rows, uint32_t count)
{
    rh_json_key(w, "history");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++)
        write_row(w, &rows[i]);
    rh_json_end_array(w);
}

void cmaes_reply_candidates(struct rh_json_writer *w, const struct job *j, const uint32_t *indexes,
                            uint32_t count)
{
    double values[DIMENSION_MAX];
    char id[CANDIDATE_ID_SIZE];

    rh_json_kv_str(w, "job_id", j->spec.id);
    rh_json_kv_strc(w, "state", job_state_name(j->status.state));
    rh_json_kv_int(w, "generation", (int64_t)job_generation(j));
    rh_json_key(w, "candidates");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++) {
        candidate_id_write(job_generation(j), indexes[i], id);
        search_values(j->search, indexes[i], values);
        rh_json_begin_object(w);
        rh_json_kv_strc(w, "candidate_id", id);
        rh_json_kv_int(w, "index", indexes[i]);
        rh_json_kv_int(w, "asked", j->asks[indexes[i]]);
        cmaes_reply_values(w, "parameters", j, values);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}
