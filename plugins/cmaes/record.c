/* Each record begins with its version. */
#include "record.h"

#include <assert.h>
#include <math.h>
#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>
#include <string.h>

#include "snapshot.h"

#define SPEC_VERSION   1u
#define STATUS_VERSION 2u
#define REPORT_VERSION 1u
#define ROW_VERSION    1u

/* Bits of a parameter's flags. */
#define HAS_LOWER  1u
#define HAS_UPPER  2u
#define IS_INTEGER 4u

static struct rh_record_reader reader_of(struct rh_str record, uint8_t version)
{
    struct rh_record_reader r;

    rh_record_reader_init(&r, record);
    (void)rh_record_get(&r, version, version); /* another one stays in r */
    return r;
}

static void put_parameter(struct rh_buf *buf, const struct parameter *p)
{
    const uint32_t flags = (isfinite(p->lower) ? HAS_LOWER : 0) |
                           (isfinite(p->upper) ? HAS_UPPER : 0) | (p->is_integer ? IS_INTEGER : 0);

    rh_record_put_str(buf, rh_str_from(p->name));
    rh_record_put(buf, flags);
    snapshot_put_double(buf, p->initial);
    snapshot_put_double(buf, p->scale);
    snapshot_put_double(buf, flags & HAS_LOWER ? p->lower : 0.0);
    snapshot_put_double(buf, flags & HAS_UPPER ? p->upper : 0.0);
}

static void get_parameter(struct rh_record_reader *r, struct parameter *p)
{
    uint32_t flags;

    rh_record_get_text(r, p->name, sizeof(p->name));
    flags = (uint32_t)rh_record_get(r, 0, HAS_LOWER | HAS_UPPER | IS_INTEGER);
    p->initial = snapshot_get_double(r);
    p->scale = snapshot_get_double(r);
    p->lower = snapshot_get_double(r);
    p->upper = snapshot_get_double(r);
    if (!(flags & HAS_LOWER))
        p->lower = -INFINITY;
    if (!(flags & HAS_UPPER))
        p->upper = INFINITY;
    p->is_integer = (flags & IS_INTEGER) != 0;
}

static void put_rules(struct rh_buf *buf, const struct stop_rules *rules)
{
    rh_record_put(buf, rules->has_target);
    snapshot_put_double(buf, rules->target);
    rh_record_put_u64(buf, rules->evaluations_max);
    rh_record_put_u64(buf, rules->generations_max);
    snapshot_put_double(buf, rules->tolfun);
    snapshot_put_double(buf, rules->tolfunhist);
    snapshot_put_double(buf, rules->tolx);
    snapshot_put_double(buf, rules->condition_max);
    snapshot_put_double(buf, rules->sigma_growth_max);
    rh_record_put(buf, rules->flat_max);
}

static void get_rules(struct rh_record_reader *r, struct stop_rules *rules)
{
    rules->has_target = rh_record_get(r, 0, 1) != 0;
    rules->target = snapshot_get_double(r);
    rules->evaluations_max = rh_record_get_u64(r);
    rules->generations_max = rh_record_get_u64(r);
    rules->tolfun = snapshot_get_double(r);
    rules->tolfunhist = snapshot_get_double(r);
    rules->tolx = snapshot_get_double(r);
    rules->condition_max = snapshot_get_double(r);
    rules->sigma_growth_max = snapshot_get_double(r);
    rules->flat_max = (uint32_t)rh_record_get(r, 0, UINT32_MAX);
}

void job_spec_encode(const struct job_spec *spec, struct rh_buf *buf)
{
    const struct search_spec *search = &spec->search;

    assert(search->dimension >= 1);
    assert(search->dimension <= DIMENSION_MAX);
    rh_record_put(buf, SPEC_VERSION); /* errors stay in buf */
    rh_record_put_str(buf, spec->id);
    rh_record_put_str(buf, spec->evaluate);
    rh_record_put_str(buf, spec->fitness_path);
    rh_record_put_str(buf, spec->idempotency_key);
    rh_record_put(buf, spec->is_maximize);
    snapshot_put_double(buf, spec->quorum);
    rh_record_put(buf, spec->generation_timeout_ms);
    rh_record_put(buf, spec->ask_again_ms);
    rh_record_put(buf, spec->created_at_ms);
    rh_record_put(buf, search->dimension);
    for (uint32_t i = 0; i < search->dimension; i++)
        put_parameter(buf, &search->parameters[i]);
    rh_record_put(buf, search->population);
    snapshot_put_double(buf, search->sigma);
    rh_record_put_u64(buf, search->seed);
    rh_record_put(buf, (int64_t)search->restart);
    rh_record_put(buf, search->doublings_max);
    put_rules(buf, &search->rules);
}

int32_t job_spec_decode(struct rh_str record, struct job_spec *out)
{
    struct rh_record_reader r = reader_of(record, SPEC_VERSION);
    struct search_spec *search = &out->search;
    uint32_t index;
    int32_t rc;

    memset(out, 0, sizeof(*out));
    out->id = rh_record_get_str(&r);
    out->evaluate = rh_record_get_str(&r);
    out->fitness_path = rh_record_get_str(&r);
    out->idempotency_key = rh_record_get_str(&r);
    out->is_maximize = rh_record_get(&r, 0, 1) != 0;
    out->quorum = snapshot_get_double(&r);
    out->generation_timeout_ms = rh_record_get(&r, 0, INT64_MAX);
    out->ask_again_ms = rh_record_get(&r, 0, INT64_MAX);
    out->created_at_ms = rh_record_get(&r, 0, INT64_MAX);
    search->dimension = (uint32_t)rh_record_get(&r, 1, DIMENSION_MAX);
    for (uint32_t i = 0; i < search->dimension; i++)
        get_parameter(&r, &search->parameters[i]);
    search->population = (uint32_t)rh_record_get(&r, POPULATION_MIN, POPULATION_MAX);
    search->sigma = snapshot_get_double(&r);
    search->seed = rh_record_get_u64(&r);
    search->restart = (enum restart_kind)rh_record_get(&r, RESTART_NONE, RESTART_KINDS - 1);
    search->doublings_max = (uint32_t)rh_record_get(&r, 0, RESTARTS_MAX);
    get_rules(&r, &search->rules);
    rc = rh_record_end(&r);
    if (rc == RH_OK && (space_check(search->parameters, search->dimension, &index) != SPACE_OK ||
                        !(search->sigma > 0.0) || !(out->quorum > 0.0) || !(out->quorum <= 1.0)))
        rc = RH_EINVAL;
    return rc;
}

void job_status_encode(const struct job_status *status, struct rh_buf *buf)
{
    rh_record_put(buf, STATUS_VERSION); /* errors stay in buf */
    rh_record_put(buf, status->state);
    rh_record_put(buf, status->finished_at_ms);
    rh_record_put(buf, status->deadline_ms);
    rh_record_put_str(buf, rh_str_from(status->error));
}

int32_t job_status_decode(struct rh_str record, struct job_status *out)
{
    struct rh_record_reader r = reader_of(record, STATUS_VERSION);

    memset(out, 0, sizeof(*out));
    out->state = (uint8_t)rh_record_get(&r, 0, JOB_STATES - 1);
    out->finished_at_ms = rh_record_get(&r, 0, INT64_MAX);
    out->deadline_ms = rh_record_get(&r, 0, INT64_MAX);
    rh_record_get_text(&r, out->error, sizeof(out->error));
    return rh_record_end(&r);
}

void job_report_encode(const struct report *report, struct rh_buf *buf)
{
    rh_record_put(buf, REPORT_VERSION); /* errors stay in buf */
    rh_record_put(buf, report->kind);
    snapshot_put_double(buf, report->fitness);
}

int32_t job_report_decode(struct rh_str record, struct report *out)
{
    struct rh_record_reader r = reader_of(record, REPORT_VERSION);

    out->kind = (uint8_t)rh_record_get(&r, REPORT_FITNESS, REPORT_KINDS - 1);
    out->fitness = snapshot_get_double(&r);
    return rh_record_end(&r);
}

void generation_row_encode(const struct generation_row *row, struct rh_buf *buf)
{
    const double numbers[] = {row->best,        row->median, row->worst,
                              row->best_so_far, row->sigma,  row->axis_ratio};

    assert(row->population <= POPULATION_MAX);
    rh_record_put(buf, ROW_VERSION); /* errors stay in buf */
    rh_record_put_u64(buf, row->generation);
    rh_record_put(buf, row->run);
    rh_record_put(buf, row->population);
    rh_record_put(buf, row->ranked);
    rh_record_put(buf, row->errors);
    rh_record_put(buf, row->late);
    rh_record_put(buf, row->is_quorum);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        snapshot_put_double(buf, numbers[i]);
    rh_record_put(buf, row->ended_at_ms);
    rh_record_put(buf, row->ended_run);
    rh_record_put_str(buf, (struct rh_str){(const char *)row->seen, (row->population + 7) / 8});
}

int32_t generation_row_decode(struct rh_str record, struct generation_row *out)
{
    struct rh_record_reader r = reader_of(record, ROW_VERSION);
    double *const numbers[] = {&out->best,        &out->median, &out->worst,
                               &out->best_so_far, &out->sigma,  &out->axis_ratio};
    struct rh_str seen;

    memset(out, 0, sizeof(*out));
    out->generation = rh_record_get_u64(&r);
    out->run = (uint32_t)rh_record_get(&r, 0, UINT32_MAX);
    out->population = (uint32_t)rh_record_get(&r, 0, POPULATION_MAX);
    out->ranked = (uint32_t)rh_record_get(&r, 0, POPULATION_MAX);
    out->errors = (uint32_t)rh_record_get(&r, 0, POPULATION_MAX);
    out->late = (uint32_t)rh_record_get(&r, 0, UINT32_MAX);
    out->is_quorum = rh_record_get(&r, 0, 1) != 0;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        *numbers[i] = snapshot_get_double(&r);
    out->ended_at_ms = rh_record_get(&r, 0, INT64_MAX);
    out->ended_run = (uint8_t)rh_record_get(&r, 0, STOP_REASONS - 1);
    seen = rh_record_get_str(&r);
    if (seen.n != (out->population + 7) / 8)
        return RH_EINVAL;
    for (size_t i = 0; i < seen.n; i++)
        out->seen[i] = (uint8_t)seen.p[i];
    return rh_record_end(&r);
}
