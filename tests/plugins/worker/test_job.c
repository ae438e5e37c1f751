/* Leases and states of claimed items under a virtual clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/job.h"

#define LEASE_MS 30000

static struct job claimed(int64_t lease_ms, int64_t now_ms)
{
    struct job job;

    assert_int_equal(job_init(&job, 1, rh_str_from("w1"), rh_str_from("gauntlet"),
                              rh_str_from("1.1.1"), lease_ms, now_ms),
                     RH_OK);
    return job;
}

/* Running, and its start is told. */
static struct job running(int64_t now_ms)
{
    struct job job = claimed(LEASE_MS, now_ms);

    job_move(&job, JOB_RUNNING);
    assert_int_equal(job_tick(&job, now_ms), JOB_DO_CALL);
    job_called(&job, now_ms);
    assert_int_equal(job_on_answer(&job, VERDICT_TAKEN, false, now_ms), JOB_DO_NOTHING);
    return job;
}

static void start_is_told_at_once(void **state)
{
    struct job job = claimed(LEASE_MS, 100);

    (void)state;
    assert_int_equal(job_tick(&job, 100), JOB_DO_NOTHING);
    job_move(&job, JOB_RUNNING);

    assert_int_equal(job_tick(&job, 100), JOB_DO_CALL);
    assert_false(job.is_start_told);
}

static void lease_is_renewed_every_third(void **state)
{
    struct job job = running(0);

    (void)state;

    assert_int_equal(job_wake_ms(&job), LEASE_MS / 3);
    assert_int_equal(job_tick(&job, LEASE_MS / 3 - 1), JOB_DO_NOTHING);
    assert_int_equal(job_tick(&job, LEASE_MS / 3), JOB_DO_CALL);
}

static void renewal_counts_from_when_it_was_sent(void **state)
{
    struct job job = running(0);

    (void)state;
    job_called(&job, 10000);
    assert_int_equal(job_on_answer(&job, VERDICT_TAKEN, false, 14000), JOB_DO_NOTHING);

    assert_int_equal(job.deadline_ms, 10000 + LEASE_MS);
    assert_int_equal(job_wake_ms(&job), 20000);
}

static void start_does_not_lengthen_the_lease(void **state)
{
    struct job job = claimed(LEASE_MS, 0);

    (void)state;
    job_move(&job, JOB_RUNNING);
    job_called(&job, 5000);
    assert_int_equal(job_on_answer(&job, VERDICT_TAKEN, false, 6000), JOB_DO_NOTHING);

    assert_int_equal(job.deadline_ms, LEASE_MS);
}

static void no_second_call_while_one_is_under_way(void **state)
{
    struct job job = running(0);

    (void)state;
    job_called(&job, 10000);

    assert_int_equal(job_tick(&job, 20000), JOB_DO_NOTHING);
    assert_int_equal(job_wake_ms(&job), LEASE_MS);
}

static void unanswered_renewals_are_tried_until_the_lease_ends(void **state)
{
    struct job job = running(0);
    int64_t now_ms = 0;
    uint32_t tries = 0;
    enum job_action action = JOB_DO_NOTHING;

    (void)state;
    while (action != JOB_DO_KILL) {
        now_ms = job_wake_ms(&job);
        action = job_tick(&job, now_ms);
        if (action == JOB_DO_CALL) {
            job_called(&job, now_ms);
            assert_int_equal(job_on_answer(&job, VERDICT_AGAIN, false, now_ms), JOB_DO_NOTHING);
            tries++;
        }
    }

    assert_int_equal(now_ms, LEASE_MS);
    assert_int_equal(tries, 10);
    assert_int_equal(job.stop, OUTCOME_STOP_LEASE);
    assert_int_equal(job.state, JOB_STOPPING);
    assert_true(job_wake_ms(&job) == INT64_MAX);
}

static void stale_answer_ends_the_job_once(void **state)
{
    struct job job = running(0);

    (void)state;
    job_called(&job, 10000);

    assert_int_equal(job_on_answer(&job, VERDICT_STALE, false, 10001), JOB_DO_KILL);
    assert_int_equal(job.stop, OUTCOME_STOP_STALE);
    assert_int_equal(job_tick(&job, LEASE_MS * 2), JOB_DO_NOTHING);
}

static void cancelled_answer_ends_the_job(void **state)
{
    struct job job = running(0);

    (void)state;
    job_called(&job, 10000);

    assert_int_equal(job_on_answer(&job, VERDICT_TAKEN, true, 10001), JOB_DO_KILL);
    assert_int_equal(job.stop, OUTCOME_STOP_CANCELLED);
}

static void stop_under_way_keeps_its_first_reason(void **state)
{
    struct job job = running(0);

    (void)state;
    job_called(&job, 29000);
    assert_int_equal(job_tick(&job, LEASE_MS), JOB_DO_KILL);

    assert_int_equal(job_on_answer(&job, VERDICT_STALE, false, LEASE_MS + 1), JOB_DO_NOTHING);
    assert_int_equal(job.stop, OUTCOME_STOP_LEASE);
}

static void lease_is_kept_within_bounds(void **state)
{
    (void)state;

    assert_int_equal(claimed(-5, 0).lease_ms, JOB_LEASE_MIN_MS);
    assert_int_equal(claimed(INT64_MAX, 0).lease_ms, JOB_LEASE_MAX_MS);
}

static void texts_that_are_missing_or_too_long_are_refused(void **state)
{
    static char long_text[JOB_TEXT_SIZE + 1];
    struct job job;
    struct rh_str good = rh_str_from("x");
    struct rh_str none = rh_str_from("");

    (void)state;
    memset(long_text, 'x', JOB_TEXT_SIZE);

    assert_int_equal(job_init(&job, 1, none, good, good, 1, 0), RH_EINVAL);
    assert_int_equal(job_init(&job, 1, good, none, good, 1, 0), RH_EINVAL);
    assert_int_equal(job_init(&job, 1, good, good, none, 1, 0), RH_EINVAL);
    assert_int_equal(job_init(&job, 1, rh_str_from(long_text), good, good, 1, 0), RH_EINVAL);
}

static void lease_is_kept_up_while_files_are_moved(void **state)
{
    struct job job = claimed(LEASE_MS, 0);

    (void)state;
    job_move(&job, JOB_PREPARING);
    assert_int_equal(job_tick(&job, 0), JOB_DO_CALL);
    job_called(&job, 0);
    assert_int_equal(job_on_answer(&job, VERDICT_TAKEN, false, 0), JOB_DO_NOTHING);
    job_move(&job, JOB_RUNNING);
    job_move(&job, JOB_STORING);

    assert_int_equal(job_tick(&job, LEASE_MS / 3), JOB_DO_CALL);
    assert_int_equal(job_tick(&job, LEASE_MS), JOB_DO_KILL);
    assert_int_equal(job.state, JOB_STOPPING);
}

static void news_is_told_before_a_renewal_is_due(void **state)
{
    struct job job = claimed(LEASE_MS, 0);

    (void)state;
    job_move(&job, JOB_RUNNING);
    job_called(&job, 0);
    assert_int_equal(job_on_answer(&job, VERDICT_TAKEN, false, 0), JOB_DO_NOTHING);
    assert_int_equal(job_tick(&job, 10), JOB_DO_NOTHING);
    job_hurry(&job, 10);

    assert_int_equal(job_tick(&job, 10), JOB_DO_CALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_is_told_at_once),
        cmocka_unit_test(lease_is_renewed_every_third),
        cmocka_unit_test(lease_is_kept_up_while_files_are_moved),
        cmocka_unit_test(news_is_told_before_a_renewal_is_due),
        cmocka_unit_test(renewal_counts_from_when_it_was_sent),
        cmocka_unit_test(start_does_not_lengthen_the_lease),
        cmocka_unit_test(no_second_call_while_one_is_under_way),
        cmocka_unit_test(unanswered_renewals_are_tried_until_the_lease_ends),
        cmocka_unit_test(stale_answer_ends_the_job_once),
        cmocka_unit_test(cancelled_answer_ends_the_job),
        cmocka_unit_test(stop_under_way_keeps_its_first_reason),
        cmocka_unit_test(lease_is_kept_within_bounds),
        cmocka_unit_test(texts_that_are_missing_or_too_long_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
