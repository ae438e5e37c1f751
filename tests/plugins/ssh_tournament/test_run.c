/* Tests of a run in memory: what follows from the end of an attempt. */
#include "runs.h"

static void loads(struct plan_host hosts[RUNS_HOSTS])
{
    for (uint32_t i = 0; i < RUNS_HOSTS; i++)
        hosts[i] = (struct plan_host){.state = HEALTH_OPEN, .slots = 8};
}

/* Begins the next attempt; whether there was one. */
static bool begin(struct run *run, uint32_t *index, uint32_t *host)
{
    struct plan_host hosts[RUNS_HOSTS];

    loads(hosts);
    if (!run_next(run, hosts, index, host))
        return false;
    run_begin(run, *index, *host, 99, 1000);
    return true;
}

static void end(struct run *run, uint32_t index, enum attempt_verdict verdict)
{
    const struct run_ending ending = {.verdict = verdict, .code = 3, .reason = RH_STR_LIT("why")};

    run_end(run, index, &ending, 2000);
}

/* One attempt at the first pending match. */
static uint32_t attempt(struct run *run, enum attempt_verdict verdict)
{
    uint32_t index = 0;
    uint32_t host = 0;

    assert_true(begin(run, &index, &host));
    end(run, index, verdict);
    return host;
}

static void a_run_ends_when_all_its_matches_have(void **state)
{
    const struct run_spec spec = runs_spec();
    struct run *run = runs_new(&spec);

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_false(run_settle(run, 3000));
        (void)attempt(run, ATTEMPT_OK);
    }

    assert_true(run_settle(run, 3000));
    assert_int_equal(run->status.state, RUN_DONE);
    assert_int_equal(run->status.ended_at_ms, 3000);
    assert_int_equal(run->counts[MATCH_OK], 3);
    assert_false(run_settle(run, 4000));
    run_free(run);
}

static void what_never_started_is_tried_on_the_other_host(void **state)
{
    const struct run_spec spec = runs_spec();
    struct run *run = runs_new(&spec);
    const uint32_t first = attempt(run, ATTEMPT_UNREACHABLE);

    (void)state;
    assert_int_equal(run->matches[0].state, MATCH_PENDING);
    assert_string_equal(run->matches[0].reason, "why");

    assert_int_equal(attempt(run, ATTEMPT_UNREACHABLE), 1 - first);
    (void)attempt(run, ATTEMPT_UNREACHABLE);

    assert_int_equal(run->matches[0].state, MATCH_UNREACHABLE);
    assert_int_equal(run->matches[0].attempts, 3);
    run_free(run);
}

static void the_jobs_own_failure_is_final_unless_asked(void **state)
{
    struct run_spec spec = runs_spec();
    struct run *run = runs_new(&spec);

    (void)state;
    (void)attempt(run, ATTEMPT_EXITED);
    assert_int_equal(run->matches[0].state, MATCH_FAILED);
    assert_int_equal(run->matches[0].code, 3);
    run_free(run);

    spec.retries_failed = true;
    run = runs_new(&spec);
    (void)attempt(run, ATTEMPT_TIMEOUT);
    assert_int_equal(run->matches[0].state, MATCH_PENDING);
    run_free(run);
}

static void a_lost_job_runs_again_only_if_that_is_harmless(void **state)
{
    struct run_spec spec = runs_spec();
    struct run *run = runs_new(&spec);

    (void)state;
    (void)attempt(run, ATTEMPT_LOST);
    assert_int_equal(run->matches[0].state, MATCH_LOST);
    run_free(run);

    spec.is_idempotent = true;
    run = runs_new(&spec);
    (void)attempt(run, ATTEMPT_LOST);
    assert_int_equal(run->matches[0].state, MATCH_PENDING);
    run_free(run);
}

static void no_more_than_its_share_runs_on_a_host(void **state)
{
    struct run_spec spec = runs_spec();
    struct run *run;
    uint32_t index;
    uint32_t host[3];

    (void)state;
    spec.per_host = 1;
    run = runs_new(&spec);
    assert_true(begin(run, &index, &host[0]));
    assert_true(begin(run, &index, &host[1]));
    assert_int_not_equal(host[0], host[1]);

    assert_false(begin(run, &index, &host[2]));

    end(run, 0, ATTEMPT_OK);
    assert_true(begin(run, &index, &host[2]));
    assert_int_equal(host[2], host[0]);
    run_free(run);
}

static void a_failure_halts_what_has_not_begun(void **state)
{
    struct run_spec spec = runs_spec();
    struct run *run;
    uint32_t index;
    uint32_t host;

    (void)state;
    spec.halt = RUN_HALT_SOON;
    run = runs_new(&spec);
    assert_true(begin(run, &index, &host));
    assert_true(begin(run, &index, &host));

    end(run, 1, ATTEMPT_EXITED);

    assert_int_equal(run->status.state, RUN_HALTING);
    assert_int_equal(run->matches[2].state, MATCH_CANCELLED);
    assert_false(run_wants_end(run));
    assert_false(run_settle(run, 1));
    end(run, 0, ATTEMPT_OK);
    assert_true(run_settle(run, 1));
    assert_int_equal(run->status.state, RUN_HALTED);
    run_free(run);
}

static void halt_now_also_ends_what_runs_after_so_many_failures(void **state)
{
    struct run_spec spec = runs_spec();
    struct run *run;
    uint32_t index;
    uint32_t host;

    (void)state;
    spec.halt = RUN_HALT_NOW;
    spec.halt_fail = 2;
    run = runs_new(&spec);
    for (int i = 0; i < 3; i++)
        assert_true(begin(run, &index, &host));

    end(run, 0, ATTEMPT_EXITED);
    assert_false(run_wants_end(run));
    end(run, 1, ATTEMPT_LOST);

    assert_true(run_wants_end(run));
    end(run, 2, ATTEMPT_CANCELLED);
    assert_true(run_settle(run, 1));
    run_free(run);
}

static void a_cancelled_run_retries_nothing(void **state)
{
    const struct run_spec spec = runs_spec();
    struct run *run = runs_new(&spec);
    uint32_t index;
    uint32_t host;

    (void)state;
    assert_true(begin(run, &index, &host));

    run_cancel(run);

    assert_true(run_wants_end(run));
    assert_int_equal(run->counts[MATCH_CANCELLED], 2);
    end(run, 0, ATTEMPT_UNREACHABLE);
    assert_int_equal(run->matches[0].state, MATCH_UNREACHABLE);
    assert_true(run_settle(run, 1));
    assert_int_equal(run->status.state, RUN_CANCELLED);
    run_free(run);
}

static void resuming_begins_what_is_not_ok_with_all_retries(void **state)
{
    struct run_spec spec = runs_spec();
    struct run *run;
    uint32_t index;
    uint32_t host;

    (void)state;
    spec.retries = 0;
    run = runs_new(&spec);
    (void)attempt(run, ATTEMPT_UNREACHABLE);
    (void)attempt(run, ATTEMPT_OK);
    (void)attempt(run, ATTEMPT_EXITED);
    assert_true(run_settle(run, 1));

    assert_true(run_resume(run));

    assert_int_equal(run->status.state, RUN_RUNNING);
    assert_int_equal(run->counts[MATCH_PENDING], 2);
    assert_true(begin(run, &index, &host));
    assert_int_equal(index, 0);
    assert_int_equal(run->matches[0].attempts, 2);
    end(run, 0, ATTEMPT_OK);
    (void)attempt(run, ATTEMPT_OK);
    assert_true(run_settle(run, 2));
    assert_false(run_resume(run));
    run_free(run);
}

static void what_a_run_that_begins_nothing_has_no_row_of_is_cancelled(void **state)
{
    const struct run_spec spec = runs_spec();
    const struct match ok = {.state = MATCH_OK, .attempts = 1};
    struct run *run = runs_new(&spec);

    (void)state;
    run->status.state = RUN_CANCELLED;
    run_put(run, 1, &ok);
    run_put_rest(run);

    assert_int_equal(run->counts[MATCH_CANCELLED], 2);
    assert_int_equal(run->counts[MATCH_OK], 1);
    run_free(run);
}

static void a_running_match_of_the_store_counts_on_its_host(void **state)
{
    struct run_spec spec = runs_spec();
    const struct match running = {.state = MATCH_RUNNING, .host = 1, .attempts = 1};
    struct run *run;
    uint32_t index;
    uint32_t host;

    (void)state;
    spec.per_host = 1;
    run = runs_new(&spec);
    run_put(run, 2, &running);
    run_put_rest(run);

    assert_true(begin(run, &index, &host));
    assert_int_equal(host, 0);
    assert_false(begin(run, &index, &host));
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_ends_when_all_its_matches_have),
        cmocka_unit_test(what_never_started_is_tried_on_the_other_host),
        cmocka_unit_test(the_jobs_own_failure_is_final_unless_asked),
        cmocka_unit_test(a_lost_job_runs_again_only_if_that_is_harmless),
        cmocka_unit_test(no_more_than_its_share_runs_on_a_host),
        cmocka_unit_test(a_failure_halts_what_has_not_begun),
        cmocka_unit_test(halt_now_also_ends_what_runs_after_so_many_failures),
        cmocka_unit_test(a_cancelled_run_retries_nothing),
        cmocka_unit_test(resuming_begins_what_is_not_ok_with_all_retries),
        cmocka_unit_test(what_a_run_that_begins_nothing_has_no_row_of_is_cancelled),
        cmocka_unit_test(a_running_match_of_the_store_counts_on_its_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
