/* Tests of stored records: what was written is read, and nothing else is. */
#include "runs.h"

static void a_run_is_read_as_it_was_written(void **state)
{
    const struct run_spec spec = runs_spec();
    struct run *run = runs_new(&spec);

    (void)state;
    assert_true(rh_str_eq(run->spec.id, spec.id));
    assert_int_equal(run->spec.number, 1);
    assert_true(rh_str_eq_c(run->spec.label, "a label"));
    assert_int_equal(run->spec.command.count, 2);
    assert_true(rh_str_eq_c(run->spec.command.items[1], "{match}"));
    assert_true(rh_str_eq_c(run->spec.hosts[1].user, "u"));
    assert_int_equal(run->spec.hosts[0].port, 2222);
    assert_int_equal(run->spec.matches[2].args.count, 3);
    assert_true(rh_str_eq_c(run->spec.matches[0].players[1], "b"));
    assert_true(rh_str_eq_c(run->spec.matches[1].id, "m1"));
    assert_int_equal(run->counts[MATCH_PENDING], 3);
    run_free(run);
}

/* Every prefix, and one byte more. */
static void a_damaged_run_is_refused(void **state)
{
    const struct run_spec spec = runs_spec();
    struct run *run = NULL;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_SPEC_MAX);
    record_spec(&spec, &buf);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(record_run_new((struct rh_str){buf.p, n}, &run), RH_EINVAL);
    (void)rh_buf_append_byte(&buf, 0);
    assert_int_equal(record_run_new(rh_buf_str(&buf), &run), RH_EINVAL);
    assert_null(run);
    rh_buf_release(&buf);
}

static void a_run_with_a_host_that_cannot_be_one_is_refused(void **state)
{
    const struct target bad = {.name = RH_STR_LIT("x"), .host = RH_STR_LIT("-oProxyCommand=x")};
    struct run_spec spec = runs_spec();
    struct run *run = NULL;
    struct rh_buf buf;

    (void)state;
    spec.hosts = &bad;
    spec.host_count = 1;
    rh_buf_init(&buf, RECORD_SPEC_MAX);
    record_spec(&spec, &buf);
    assert_int_equal(record_run_new(rh_buf_str(&buf), &run), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_match_is_read_as_it_was_written(void **state)
{
    struct match match = {.state = MATCH_FAILED,
                          .verdict = ATTEMPT_EXITED,
                          .host = 1,
                          .attempts = 3,
                          .spent = 2,
                          .code = 255,
                          .nonce = UINT64_MAX,
                          .begun_at_ms = 1,
                          .ended_at_ms = 2,
                          .output_bytes = 3,
                          .tried = {1, 2},
                          .reason = "why",
                          .winner = "a"};
    struct match read = {.state = 0};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_MATCH_MAX);
    record_match(&match, &buf);

    assert_int_equal(record_match_read(rh_buf_str(&buf), 2, &read), RH_OK);

    assert_int_equal(read.state, match.state);
    assert_int_equal(read.verdict, match.verdict);
    assert_int_equal(read.code, 255);
    assert_true(read.nonce == UINT64_MAX);
    assert_memory_equal(read.tried, match.tried, sizeof(match.tried));
    assert_string_equal(read.reason, "why");
    assert_string_equal(read.winner, "a");
    assert_int_equal(record_match_read(rh_buf_str(&buf), 1, &read), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_summary_is_read_as_it_was_written(void **state)
{
    const struct run_spec spec = runs_spec();
    struct run *run = runs_new(&spec);
    struct run_summary summary;
    struct run_summary read;
    struct rh_buf buf;

    (void)state;
    run->status = (struct run_status){RUN_HALTED, 77};
    summary = run_summary(run);
    rh_buf_init(&buf, RECORD_MATCH_MAX);
    record_summary(&summary, &buf);

    assert_int_equal(record_summary_read(rh_buf_str(&buf), &read), RH_OK);

    assert_int_equal(read.status.state, RUN_HALTED);
    assert_int_equal(read.status.ended_at_ms, 77);
    assert_int_equal(read.counts[MATCH_PENDING], 3);
    assert_string_equal(read.label, "a label");
    assert_int_equal(record_summary_read((struct rh_str){buf.p, buf.n - 1}, &read), RH_EINVAL);
    rh_buf_release(&buf);
    run_free(run);
}

static void a_line_of_the_joblog_is_read_as_it_was_written(void **state)
{
    const struct joblog line = {.match = 2,
                                .attempt = 4,
                                .verdict = ATTEMPT_LOST,
                                .begun_at_ms = 5,
                                .ended_at_ms = 6,
                                .output_bytes = 7,
                                .host = RH_STR_LIT("one"),
                                .reason = RH_STR_LIT("gone")};
    struct joblog read;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_MATCH_MAX);
    record_joblog(&line, &buf);

    assert_int_equal(record_joblog_read(rh_buf_str(&buf), &read), RH_OK);

    assert_int_equal(read.match, 2);
    assert_int_equal(read.attempt, 4);
    assert_int_equal(read.verdict, ATTEMPT_LOST);
    assert_true(rh_str_eq_c(read.host, "one"));
    assert_true(rh_str_eq_c(read.reason, "gone"));
    assert_int_equal(record_joblog_read((struct rh_str){buf.p, 3}, &read), RH_EINVAL);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_read_as_it_was_written),
        cmocka_unit_test(a_damaged_run_is_refused),
        cmocka_unit_test(a_run_with_a_host_that_cannot_be_one_is_refused),
        cmocka_unit_test(a_match_is_read_as_it_was_written),
        cmocka_unit_test(a_summary_is_read_as_it_was_written),
        cmocka_unit_test(a_line_of_the_joblog_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
