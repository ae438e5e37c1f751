/* Tests of stored forms: what is written is read back, and nothing else is. */
#include "job_fixture.h"

static struct job_spec rich_spec(void)
{
    struct search_spec search = fixture_spec(3, 0.5, 0.25, UINT64_MAX - 7);
    struct job_spec spec;

    search.parameters[0].lower = -1.5;
    search.parameters[1].upper = 9.0;
    search.parameters[1].is_integer = true;
    search.parameters[1].initial = -4.0;
    search.parameters[2].scale = 1e-3;
    search.restart = RESTART_BIPOP;
    search.rules.has_target = true;
    search.rules.target = -0.125;
    search.rules.evaluations_max = 123456789012;
    search.rules.generations_max = 77;
    search.rules.flat_max = 5;
    spec = fixture_job_spec(&search);
    spec.is_maximize = true;
    return spec;
}

static void a_spec_is_read_back(void **state)
{
    const struct job_spec spec = rich_spec();
    struct job_spec again;
    struct rh_buf one;
    struct rh_buf two;

    (void)state;
    rh_buf_init(&one, RECORD_BYTES_MAX);
    rh_buf_init(&two, RECORD_BYTES_MAX);
    job_spec_encode(&spec, &one);
    assert_int_equal(job_spec_decode(rh_buf_str(&one), &again), RH_OK);
    job_spec_encode(&again, &two);

    assert_int_equal(one.n, two.n);
    assert_memory_equal(one.p, two.p, one.n);
    assert_true(rh_str_eq_c(again.evaluate, "{\"work_type\":\"t\"}"));
    assert_true(rh_str_eq_c(again.fitness_path, "totals.wins"));
    assert_true(isinf(again.search.parameters[0].upper));
    assert_true(isinf(again.search.parameters[1].lower));
    assert_true(again.search.parameters[1].is_integer);
    assert_int_equal(again.search.restart, RESTART_BIPOP);
    rh_buf_release(&one);
    rh_buf_release(&two);
}

static void a_cut_or_nonsensical_spec_is_refused(void **state)
{
    struct job_spec spec = rich_spec();
    struct job_spec again;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    job_spec_encode(&spec, &buf);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(job_spec_decode((struct rh_str){buf.p, n}, &again), RH_EINVAL);
    spec.search.parameters[0].initial = -2.0;
    rh_buf_reset(&buf);
    job_spec_encode(&spec, &buf);
    assert_int_equal(job_spec_decode(rh_buf_str(&buf), &again), RH_EINVAL);
    spec = rich_spec();
    spec.search.sigma = 0.0;
    rh_buf_reset(&buf);
    job_spec_encode(&spec, &buf);
    assert_int_equal(job_spec_decode(rh_buf_str(&buf), &again), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_status_is_read_back(void **state)
{
    const struct job_status status = {JOB_FAILED, 12345, 6, "no such type"};
    struct job_status again;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    job_status_encode(&status, &buf);
    assert_int_equal(job_status_decode(rh_buf_str(&buf), &again), RH_OK);

    assert_int_equal(again.state, JOB_FAILED);
    assert_string_equal(again.error, "no such type");
    assert_int_equal(again.finished_at_ms, 12345);
    assert_int_equal(again.deadline_ms, 6);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(job_status_decode((struct rh_str){buf.p, n}, &again), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_fitness_keeps_its_bits(void **state)
{
    static const double values[] = {0.1, -0.0, 1e300, 4.9e-324, -1.0 / 3.0};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const struct report report = {REPORT_FITNESS, values[i]};
        struct report again;

        rh_buf_reset(&buf);
        job_report_encode(&report, &buf);
        assert_int_equal(job_report_decode(rh_buf_str(&buf), &again), RH_OK);
        assert_int_equal(again.kind, REPORT_FITNESS);
        assert_memory_equal(&again.fitness, &values[i], sizeof(double));
    }
    rh_buf_release(&buf);
}

static void a_number_that_is_none_is_refused(void **state)
{
    const struct report report = {REPORT_FITNESS, NAN};
    struct report again;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    job_report_encode(&report, &buf);

    assert_int_equal(job_report_decode(rh_buf_str(&buf), &again), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_row_is_read_back(void **state)
{
    struct generation_row row = {.generation = 9,
                                 .run = 2,
                                 .population = 11,
                                 .ranked = 9,
                                 .errors = 1,
                                 .late = 1,
                                 .is_quorum = true,
                                 .best = -1.5,
                                 .median = 0.25,
                                 .worst = 3.0,
                                 .best_so_far = -2.0,
                                 .sigma = 0.1,
                                 .axis_ratio = 4.0,
                                 .ended_at_ms = 17,
                                 .ended_run = STOP_TOLX,
                                 .seen = {0xff, 0x05}};
    struct generation_row again;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    generation_row_encode(&row, &buf);
    assert_int_equal(generation_row_decode(rh_buf_str(&buf), &again), RH_OK);

    assert_int_equal(again.generation, 9);
    assert_int_equal(again.run, 2);
    assert_int_equal(again.population, 11);
    assert_int_equal(again.ranked, 9);
    assert_int_equal(again.errors, 1);
    assert_int_equal(again.late, 1);
    assert_true(again.is_quorum);
    assert_true(again.best == -1.5 && again.median == 0.25 && again.worst == 3.0);
    assert_true(again.best_so_far == -2.0 && again.sigma == 0.1 && again.axis_ratio == 4.0);
    assert_int_equal(again.ended_at_ms, 17);
    assert_int_equal(again.ended_run, STOP_TOLX);
    assert_memory_equal(again.seen, row.seen, sizeof(row.seen));
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(generation_row_decode((struct rh_str){buf.p, n}, &again), RH_EINVAL);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spec_is_read_back),
        cmocka_unit_test(a_cut_or_nonsensical_spec_is_refused),
        cmocka_unit_test(a_status_is_read_back),
        cmocka_unit_test(a_fitness_keeps_its_bits),
        cmocka_unit_test(a_number_that_is_none_is_refused),
        cmocka_unit_test(a_row_is_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
