/* Ends of jobs as results and failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/outcome.h"

struct told {
    enum outcome_kind kind;
    char error[8 * OUTCOME_ERROR_MAX];
};

static struct outcome_facts success(void)
{
    return (struct outcome_facts){
        .rc = RH_OK,
        .reason = RH_STR_LIT("exited"),
        .message = RH_STR_LIT("exited with status 0"),
        .output_bytes = 2,
        .is_object = true,
        .program = RH_STR_LIT("player"),
    };
}

static struct told tell(const struct outcome_facts *facts)
{
    struct told told = {.kind = OUTCOME_DROP};
    struct rh_buf error;

    rh_buf_init(&error, sizeof(told.error));
    told.kind = outcome_of(facts, &error);
    assert_int_equal(rh_str_copy(told.error, sizeof(told.error), rh_buf_str(&error)), RH_OK);
    rh_buf_release(&error);
    return told;
}

static void status_0_with_an_object_is_complete(void **state)
{
    struct outcome_facts facts = success();
    struct told told = tell(&facts);

    (void)state;

    assert_int_equal(told.kind, OUTCOME_COMPLETE);
    assert_string_equal(told.error, "");
}

static void output_that_is_no_object_fails_with_what_was_printed_to_stderr(void **state)
{
    struct outcome_facts facts = success();
    struct told told;

    (void)state;
    facts.is_object = false;
    facts.errors = rh_str_from("warming up\nno weights\n");
    told = tell(&facts);

    assert_int_equal(told.kind, OUTCOME_FAIL);
    assert_string_equal(told.error,
                        "player: printed something that is not one JSON object or number; stderr: "
                        "warming up\nno weights");
}

static void a_result_nested_deeper_than_the_queue_takes_fails_in_words(void **state)
{
    struct outcome_facts facts = success();
    struct told told;

    (void)state;
    facts.is_too_deep = true;
    told = tell(&facts);

    assert_int_equal(told.kind, OUTCOME_FAIL);
    assert_string_equal(told.error, "player: printed a result nested more than 32 deep");
}

static void silence_is_a_failure_of_its_own(void **state)
{
    struct outcome_facts facts = success();
    struct told told;

    (void)state;
    facts.is_object = false;
    facts.output_bytes = 0;
    told = tell(&facts);

    assert_string_equal(told.error, "player: exited with status 0 and printed no result");
}

static void result_beyond_the_limit_is_a_failure(void **state)
{
    struct outcome_facts facts = success();
    struct told told;

    (void)state;
    facts.output_bytes = OUTCOME_RESULT_MAX;
    assert_int_equal(tell(&facts).kind, OUTCOME_COMPLETE);
    facts.output_bytes = OUTCOME_RESULT_MAX + 1;
    told = tell(&facts);

    assert_int_equal(told.kind, OUTCOME_FAIL);
    assert_non_null(strstr(told.error, "65537"));
}

static void other_status_fails_even_with_an_object(void **state)
{
    struct outcome_facts facts = success();
    struct told told;

    (void)state;
    facts.code = 1;
    facts.message = rh_str_from("exited with status 1");
    facts.said = rh_str_from("{\"kind\":\"crash\"}");
    facts.errors = rh_str_from("game 1: crash\n");
    told = tell(&facts);

    assert_int_equal(told.kind, OUTCOME_FAIL);
    assert_string_equal(told.error, "player: exited with status 1: {\"kind\":\"crash\"}; stderr: "
                                    "game 1: crash");
}

static void missing_program_is_named(void **state)
{
    struct outcome_facts facts = {.rc = RH_ENOTFOUND,
                                  .reason = RH_STR_LIT("not_found"),
                                  .code = 127,
                                  .message = RH_STR_LIT("no such program"),
                                  .program = RH_STR_LIT("katago")};
    struct told told = tell(&facts);

    (void)state;

    assert_int_equal(told.kind, OUTCOME_FAIL);
    assert_string_equal(told.error, "katago: no such program");
}

static void failure_never_goes_without_words(void **state)
{
    static const char *const reasons[] = {"signalled", "timeout",      "killed",
                                          "lost",      "spawn_failed", "exited"};

    (void)state;

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        struct outcome_facts facts = {.reason = rh_str_from(reasons[i]), .code = 1};
        struct told told = tell(&facts);

        assert_int_equal(told.kind, OUTCOME_FAIL);
        assert_non_null(strstr(told.error, reasons[i]));
    }
}

static void signalled_program_with_code_0_is_no_success(void **state)
{
    struct outcome_facts facts = success();

    (void)state;
    facts.reason = rh_str_from("killed"); /* it obeyed SIGTERM with status 0 */

    assert_int_equal(tell(&facts).kind, OUTCOME_FAIL);
}

static void stale_claim_is_dropped_whatever_the_result(void **state)
{
    struct outcome_facts facts = success();

    (void)state;
    facts.stop = OUTCOME_STOP_STALE;

    assert_int_equal(tell(&facts).kind, OUTCOME_DROP);
}

static void result_that_beat_the_kill_for_a_lost_lease_is_reported(void **state)
{
    struct outcome_facts facts = success();

    (void)state;
    facts.stop = OUTCOME_STOP_LEASE;

    assert_int_equal(tell(&facts).kind, OUTCOME_COMPLETE);
}

static void preempted_job_goes_back_unless_it_was_done(void **state)
{
    struct outcome_facts facts = success();

    (void)state;
    facts.stop = OUTCOME_STOP_PREEMPTED;
    assert_int_equal(tell(&facts).kind, OUTCOME_COMPLETE);
    facts.reason = RH_STR_LIT("killed");

    assert_int_equal(tell(&facts).kind, OUTCOME_RELEASE);
}

static void cancelled_job_says_so(void **state)
{
    struct outcome_facts facts = success();
    struct told told;

    (void)state;
    facts.stop = OUTCOME_STOP_CANCELLED;
    told = tell(&facts);

    assert_int_equal(told.kind, OUTCOME_FAIL);
    assert_non_null(strstr(told.error, "cancelled"));
}

static void error_text_has_a_limit(void **state)
{
    static char long_text[20000];
    struct outcome_facts facts = success();
    struct told told;

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    facts.code = 3;
    facts.message = rh_str_from(long_text);
    facts.said = facts.message;
    facts.errors = facts.message;
    told = tell(&facts);

    assert_int_equal(strlen(told.error), OUTCOME_ERROR_MAX);
}

static void tail_begins_with_a_whole_line(void **state)
{
    struct rh_str text = rh_str_from("first\nsecond\nthird\n\n");

    (void)state;

    assert_true(rh_str_eq_c(outcome_tail(text, 14), "second\nthird"));
    assert_true(rh_str_eq_c(outcome_tail(text, 12), "second\nthird"));
    assert_true(rh_str_eq_c(outcome_tail(text, 11), "third"));
}

static void tail_of_one_long_line_is_its_end(void **state)
{
    (void)state;

    assert_true(rh_str_eq_c(outcome_tail(rh_str_from("abcdefgh"), 3), "fgh"));
    assert_true(rh_str_eq_c(outcome_tail(rh_str_from("\n \n"), 3), ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_0_with_an_object_is_complete),
        cmocka_unit_test(output_that_is_no_object_fails_with_what_was_printed_to_stderr),
        cmocka_unit_test(a_result_nested_deeper_than_the_queue_takes_fails_in_words),
        cmocka_unit_test(silence_is_a_failure_of_its_own),
        cmocka_unit_test(result_beyond_the_limit_is_a_failure),
        cmocka_unit_test(other_status_fails_even_with_an_object),
        cmocka_unit_test(missing_program_is_named),
        cmocka_unit_test(failure_never_goes_without_words),
        cmocka_unit_test(signalled_program_with_code_0_is_no_success),
        cmocka_unit_test(stale_claim_is_dropped_whatever_the_result),
        cmocka_unit_test(result_that_beat_the_kill_for_a_lost_lease_is_reported),
        cmocka_unit_test(preempted_job_goes_back_unless_it_was_done),
        cmocka_unit_test(cancelled_job_says_so),
        cmocka_unit_test(error_text_has_a_limit),
        cmocka_unit_test(tail_begins_with_a_whole_line),
        cmocka_unit_test(tail_of_one_long_line_is_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
