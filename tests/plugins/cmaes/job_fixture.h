/* A stored job for the tests of job.c and record.c, and of what is measured through it. */
#ifndef RH_TESTS_PLUGINS_CMAES_JOB_FIXTURE_H
#define RH_TESTS_PLUGINS_CMAES_JOB_FIXTURE_H

#include "fixture.h"

#include <ringhost/sdk/str.h>

#include "plugins/cmaes/record.h"
#include "plugins/cmaes/snapshot.h"

static inline struct job_spec fixture_job_spec(const struct search_spec *search)
{
    return (struct job_spec){.id = RH_STR_LIT("c1"),
                             .evaluate = RH_STR_LIT("{\"work_type\":\"t\"}"),
                             .fitness_path = RH_STR_LIT("totals.wins"),
                             .idempotency_key = RH_STR_LIT("once"),
                             .quorum = 0.9,
                             .generation_timeout_ms = 1000,
                             .ask_again_ms = 500,
                             .created_at_ms = 100,
                             .search = *search};
}

static inline struct job *fixture_job(const struct job_spec *spec)
{
    struct job *j = NULL;
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    job_spec_encode(spec, &buf);
    assert_int_equal(job_new(rh_buf_str(&buf), (struct rh_str){NULL, 0}, NULL, &j), RH_OK);
    rh_buf_release(&buf);
    return j;
}

/* Ends the generation and returns its row. */
static inline struct generation_row fixture_close(struct job *j, int64_t wall_ms)
{
    struct generation_row row;
    struct rh_buf snapshot;

    rh_buf_init(&snapshot, SNAPSHOT_BYTES_MAX);
    assert_true(job_is_due(j, wall_ms));
    assert_int_equal(job_close(j, wall_ms, &row, &snapshot), RH_OK);
    assert_int_equal(snapshot.rc, RH_OK);
    rh_buf_release(&snapshot);
    return row;
}

/* Evaluates and puts one candidate. */
static inline double fixture_answer(struct job *j, uint32_t index, fixture_function *f)
{
    double values[DIMENSION_MAX];
    double fitness;

    search_values(j->search, index, values);
    fitness = f(values, j->spec.search.dimension);
    job_put(j, index, (struct report){REPORT_FITNESS, fitness});
    return fitness;
}

#endif
