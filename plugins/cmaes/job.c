/* Answers come in in any order; the search sees them by index, so the order leaves no trace. */
#include "job.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "snapshot.h"

static void begin_generation(struct job *j, int64_t wall_ms)
{
    memset(j->reports, 0, sizeof(j->reports));
    memset(j->asks, 0, sizeof(j->asks));
    memset(j->asked_at_ms, 0, sizeof(j->asked_at_ms));
    j->status.deadline_ms =
        j->spec.generation_timeout_ms > 0 ? wall_ms + j->spec.generation_timeout_ms : 0;
    search_sample(j->search);
}

void job_free(struct job *j)
{
    if (!j)
        return;
    search_free(j->search);
    free(j->record);
    free(j);
}

static int32_t fill(struct job *j, struct rh_str record, struct rh_str snapshot)
{
    int32_t rc;

    j->record = malloc(record.n + 1);
    if (!j->record)
        return RH_ENOMEM;
    memcpy(j->record, record.p, record.n);
    rc = job_spec_decode((struct rh_str){j->record, record.n}, &j->spec);
    if (rc != RH_OK)
        return rc;
    return snapshot.n ? snapshot_decode(&j->spec.search, snapshot, &j->search)
                      : search_new(&j->spec.search, &j->search);
}

int32_t job_new(struct rh_str record, struct rh_str snapshot, const struct job_status *status,
                struct job **out)
{
    struct job *j = calloc(1, sizeof(*j));
    int32_t rc;

    if (!j)
        return RH_ENOMEM;
    rc = record.n ? fill(j, record, snapshot) : RH_EINVAL;
    if (rc == RH_OK && status)
        j->status = *status;
    if (rc == RH_OK && (j->status.state == JOB_RUNNING) != (search_population(j->search) > 0))
        rc = RH_EINVAL;
    if (rc != RH_OK) {
        job_free(j);
        return rc;
    }
    if (!status)
        begin_generation(j, j->spec.created_at_ms);
    else if (j->status.state == JOB_RUNNING)
        search_sample(j->search);
    *out = j;
    return RH_OK;
}

const char *job_state_name(uint8_t state)
{
    static const char *const names[JOB_STATES] = {"running", "completed", "cancelled", "failed"};

    assert(state < JOB_STATES);
    return names[state];
}

uint64_t job_generation(const struct job *j)
{
    return j->search->generations;
}

uint32_t job_population(const struct job *j)
{
    return j->status.state == JOB_RUNNING ? search_population(j->search) : 0;
}

uint32_t job_missing(const struct job *j, uint32_t from)
{
    const uint32_t count = job_population(j);

    while (from < count && j->reports[from].kind != REPORT_NONE)
        from++;
    return from < count ? from : count;
}

enum job_answer job_judge(const struct job *j, uint64_t generation, uint32_t index)
{
    if (index >= POPULATION_MAX)
        return JOB_ANSWER_UNKNOWN;
    if (generation < job_generation(j))
        return JOB_ANSWER_LATE;
    if (generation > job_generation(j) || index >= job_population(j))
        return JOB_ANSWER_UNKNOWN;
    return j->reports[index].kind == REPORT_NONE ? JOB_ANSWER_NEW : JOB_ANSWER_SAME;
}

void job_put(struct job *j, uint32_t index, struct report report)
{
    assert(index < job_population(j));
    assert(report.kind != REPORT_NONE);
    assert(j->reports[index].kind == REPORT_NONE);
    j->reports[index] = report;
}

/* The next to be given out, or job_population. */
static uint32_t next_to_ask(const struct job *j, int64_t now_ms)
{
    const uint32_t count = job_population(j);
    uint32_t chosen = count;

    for (uint32_t i = job_missing(j, 0); i < count; i = job_missing(j, i + 1)) {
        if (j->asks[i] == 0)
            return i;
        if (now_ms - j->asked_at_ms[i] >= j->spec.ask_again_ms &&
            (chosen == count || j->asked_at_ms[i] < j->asked_at_ms[chosen]))
            chosen = i;
    }
    return chosen;
}

uint32_t job_ask(struct job *j, int64_t now_ms, uint32_t count_max, uint32_t *indexes)
{
    uint32_t count = 0;

    while (count < count_max) {
        const uint32_t index = next_to_ask(j, now_ms);

        if (index == job_population(j))
            break;
        /* With a wait of 0 the same ones would come again in this very answer. */
        if (j->asks[index] > 0 && count > 0 && j->asked_at_ms[index] == now_ms)
            break;
        j->asks[index]++;
        j->asked_at_ms[index] = now_ms;
        indexes[count++] = index;
    }
    return count;
}

bool job_is_due(const struct job *j, int64_t wall_ms)
{
    return j->status.state == JOB_RUNNING &&
           ranking_is_closed(j->reports, job_population(j), j->spec.quorum, j->status.deadline_ms,
                             wall_ms);
}

double job_fitness(const struct job *j, double of_search)
{
    return j->spec.is_maximize ? -of_search : of_search;
}

/* The figures of the answers alone. */
static void describe(const struct job *j, struct generation_row *row)
{
    struct report reports[POPULATION_MAX];
    uint32_t order[POPULATION_MAX];
    uint32_t scratch[POPULATION_MAX];
    const uint32_t count = job_population(j);

    for (uint32_t i = 0; i < count; i++) {
        reports[i] = j->reports[i];
        reports[i].fitness = job_fitness(j, reports[i].fitness);
        row->errors += reports[i].kind == REPORT_ERROR;
        if (reports[i].kind != REPORT_NONE)
            row->seen[i / 8] = (uint8_t)(row->seen[i / 8] | 1u << i % 8);
    }
    row->population = count;
    row->ranked = ranking_make(reports, count, order, scratch);
    row->is_quorum = job_missing(j, 0) < count;
    if (row->ranked == 0)
        return;
    row->best = j->reports[order[0]].fitness;
    row->median = (j->reports[order[(row->ranked - 1) / 2]].fitness +
                   j->reports[order[row->ranked / 2]].fitness) /
                  2.0;
    row->worst = j->reports[order[row->ranked - 1]].fitness;
}

static int32_t learn(struct job *j)
{
    struct report reports[POPULATION_MAX];

    for (uint32_t i = 0; i < job_population(j); i++) {
        reports[i] = j->reports[i];
        reports[i].fitness = job_fitness(j, reports[i].fitness);
    }
    return search_tell(j->search, reports);
}

static void finish(struct job *j, enum job_state state, int64_t wall_ms)
{
    j->status.state = (uint8_t)state;
    j->status.finished_at_ms = wall_ms;
    j->status.deadline_ms = 0;
}

int32_t job_close(struct job *j, int64_t wall_ms, struct generation_row *row,
                  struct rh_buf *snapshot)
{
    const uint32_t runs = j->search->restart.runs;
    int32_t rc;

    assert(j->status.state == JOB_RUNNING);
    *row = (struct generation_row){
        .generation = job_generation(j), .run = runs, .ended_at_ms = wall_ms};
    describe(j, row);
    rc = learn(j);
    if (rc != RH_OK)
        return rc;
    row->best_so_far = j->search->has_best ? job_fitness(j, j->search->best_fitness) : 0.0;
    row->sigma = j->search->cma->sigma;
    row->axis_ratio = cma_axis_ratio(j->search->cma);
    if (j->search->reason != STOP_NONE)
        row->ended_run = (uint8_t)j->search->reason;
    else if (j->search->restart.runs > runs)
        row->ended_run = (uint8_t)j->search->run_reason;
    snapshot_encode(j->search, snapshot);
    if (j->search->reason != STOP_NONE)
        finish(j, JOB_COMPLETED, wall_ms);
    else
        begin_generation(j, wall_ms);
    return RH_OK;
}

void job_cancel(struct job *j, int64_t wall_ms)
{
    assert(j->status.state == JOB_RUNNING);
    search_end(j->search, STOP_CANCELLED);
    finish(j, JOB_CANCELLED, wall_ms);
}

void job_fail(struct job *j, struct rh_str why, int64_t wall_ms)
{
    const size_t n = why.n < JOB_REFUSAL_SIZE ? why.n : JOB_REFUSAL_SIZE - 1;

    assert(j->status.state == JOB_RUNNING);
    memset(j->status.error, 0, sizeof(j->status.error));
    if (n)
        memcpy(j->status.error, why.p, n);
    search_end(j->search, STOP_REFUSED);
    finish(j, JOB_FAILED, wall_ms);
}
