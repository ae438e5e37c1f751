/* Tests of the verdict on an attempt: the same exit code of ssh has many meanings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/attempt.h"

#define STARTED             \
    {                       \
        .has_started = true \
    }

static void judged(struct attempt_facts facts, struct remote_marks marks,
                   enum attempt_verdict expected, const char *reason)
{
    struct rh_buf buf;

    rh_buf_init(&buf, 1024);
    assert_int_equal(attempt_judge(&facts, &marks, &buf), expected);
    assert_string_equal(buf.n ? buf.p : "", reason);
    rh_buf_release(&buf);
}

static void a_code_with_an_end_mark_is_the_jobs(void **state)
{
    const struct remote_marks ok = {.has_started = true, .has_ended = true};
    const struct remote_marks bad = {.has_started = true, .has_ended = true, .code = 255};
    const struct remote_marks dead = {.has_started = true, .has_ended = true, .code = 137};

    (void)state;
    judged((struct attempt_facts){.code = 0}, ok, ATTEMPT_OK, "");
    judged((struct attempt_facts){.code = 255}, ok, ATTEMPT_OK, "");
    judged((struct attempt_facts){.code = 255}, bad, ATTEMPT_EXITED,
           "as the shell tells of signal 127");
    judged((struct attempt_facts){.code = 137}, dead, ATTEMPT_EXITED,
           "as the shell tells of signal 9");
}

static void a_start_without_an_end_is_lost(void **state)
{
    const struct remote_marks started = STARTED;

    (void)state;
    judged((struct attempt_facts){.code = 255, .errors = RH_STR_LIT("ringhost-ssh 1 start\n")},
           started, ATTEMPT_LOST, "connection lost (the client's exit code is 255)");
    judged((struct attempt_facts){.code = 255,
                                  .errors = RH_STR_LIT("Timeout, server h not responding.\r\n")},
           started, ATTEMPT_LOST, "Timeout, server h not responding.");
}

static void no_start_is_the_hosts_fault_in_the_clients_words(void **state)
{
    const struct remote_marks none = {0};

    (void)state;
    judged(
        (struct attempt_facts){.code = 255, .errors = RH_STR_LIT("first\nPermission denied\n\n")},
        none, ATTEMPT_UNREACHABLE, "Permission denied");
    judged((struct attempt_facts){.code = 1}, none, ATTEMPT_UNREACHABLE,
           "the job's start was not seen (the client's exit code is 1)");
    judged((struct attempt_facts){.code = 143, .is_wall = true}, none, ATTEMPT_UNREACHABLE,
           "no connection within the time limit (the client's exit code is 143)");
}

static void too_long_is_a_timeout_wherever_it_was_noticed(void **state)
{
    const struct remote_marks there = {
        .has_started = true, .is_timeout = true, .has_ended = true, .code = 143};
    const struct remote_marks here = {.has_started = true, .has_ended = true, .code = 143};
    const struct remote_marks cut = {.has_started = true, .is_timeout = true};

    (void)state;
    judged((struct attempt_facts){.code = 143}, there, ATTEMPT_TIMEOUT,
           "ran longer than timeout_s");
    judged((struct attempt_facts){.code = 143, .is_wall = true}, here, ATTEMPT_TIMEOUT,
           "ran longer than timeout_s");
    judged((struct attempt_facts){.code = 255}, cut, ATTEMPT_TIMEOUT,
           "ran longer than timeout_s; its end was not seen");
}

static void a_cancelled_job_says_whether_the_host_confirmed(void **state)
{
    const struct remote_marks started = STARTED;
    const struct remote_marks ended = {.has_started = true, .has_ended = true, .code = 143};
    const struct remote_marks ok = {.has_started = true, .has_ended = true};
    const struct attempt_facts facts = {.code = 255, .is_cancelled = true};

    (void)state;
    judged(facts, ended, ATTEMPT_CANCELLED, "");
    judged(facts, started, ATTEMPT_CANCELLED, "the host did not confirm that the job is gone");
    judged(facts, ok, ATTEMPT_OK, "");
}

static void a_client_that_does_not_run_is_this_nodes_fault(void **state)
{
    const struct remote_marks none = {0};

    (void)state;
    judged((struct attempt_facts){.is_unspawned = true, .message = RH_STR_LIT("no ssh")}, none,
           ATTEMPT_LOCAL, "no ssh");
}

static void an_end_that_nobody_saw_is_lost(void **state)
{
    const struct remote_marks none = {0};

    (void)state;
    judged((struct attempt_facts){.is_left = true, .is_cancelled = true}, none, ATTEMPT_LOST,
           "this node was restarted, and the end was not recorded");
}

static void only_broken_connections_are_held_against_a_host(void **state)
{
    (void)state;
    assert_int_equal(attempt_blame(ATTEMPT_OK), 1);
    assert_int_equal(attempt_blame(ATTEMPT_EXITED), 1);
    assert_int_equal(attempt_blame(ATTEMPT_TIMEOUT), 1);
    assert_int_equal(attempt_blame(ATTEMPT_LOST), -1);
    assert_int_equal(attempt_blame(ATTEMPT_UNREACHABLE), -1);
    assert_int_equal(attempt_blame(ATTEMPT_LOCAL), 0);
    assert_int_equal(attempt_blame(ATTEMPT_CANCELLED), 0);
    assert_string_equal(attempt_verdict_name(ATTEMPT_LOCAL), "local_error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_with_an_end_mark_is_the_jobs),
        cmocka_unit_test(a_start_without_an_end_is_lost),
        cmocka_unit_test(no_start_is_the_hosts_fault_in_the_clients_words),
        cmocka_unit_test(too_long_is_a_timeout_wherever_it_was_noticed),
        cmocka_unit_test(a_cancelled_job_says_whether_the_host_confirmed),
        cmocka_unit_test(a_client_that_does_not_run_is_this_nodes_fault),
        cmocka_unit_test(an_end_that_nobody_saw_is_lost),
        cmocka_unit_test(only_broken_connections_are_held_against_a_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
