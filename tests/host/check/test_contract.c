/* Tests of host/check/contract.c: one plugin that keeps the contract, and the same with one fault
 * each. */
#include "tests/host/core/cmocka_all.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host/check/contract.h"

#define RULES       10u
#define DEADLINE_MS 60000

static void judge(const char *fault, const char *config_json, int64_t deadline_ms,
                  struct check_report *report)
{
    struct contract_options options = {
        .config_json = config_json, .seed = CONTRACT_SEED_DEFAULT, .deadline_ms = deadline_ms};
    char path[1024];

    assert_true(snprintf(path, sizeof path, CHECK_FIXTURES "/contract_%s.so", fault) <
                (int)sizeof path);
    options.path = path;
    report->count = 0;
    contract_run(&options, report);
}

/* The fault breaks this rule and no other, and the detail has these words. */
static void expect_only(const char *fault, int64_t deadline_ms, const char *rule, const char *words)
{
    struct check_report report;

    judge(fault, NULL, deadline_ms, &report);

    assert_int_equal(report.count, RULES);
    for (uint32_t i = 0; i < report.count; i++) {
        const struct check_line *line = &report.lines[i];
        bool is_bad = strcmp(line->rule, rule) == 0;

        if ((line->verdict == CHECK_FAIL) != is_bad)
            fail_msg("%s: verdict %u for %s: %s", fault, line->verdict, line->rule, line->detail);
        if (is_bad && !strstr(line->detail, words))
            fail_msg("%s: \"%s\" has no \"%s\"", fault, line->detail, words);
    }
}

static void a_plugin_that_keeps_the_contract_passes_every_rule(void **state)
{
    struct check_report report;

    (void)state;
    judge("NOTHING", "{\"size\":2}", DEADLINE_MS, &report);

    for (uint32_t i = 0; i < report.count; i++)
        if (report.lines[i].verdict != CHECK_OK)
            fail_msg("%s: %s", report.lines[i].rule, report.lines[i].detail);
    assert_int_equal(report.count, RULES);
}

static void a_second_reply_fails_requests(void **state)
{
    (void)state;
    expect_only("REPLIES_TWICE", DEADLINE_MS, "requests",
                "POST /fixture/echo: a reply to a request that had been answered");
    expect_only("REPLIES_LATER_TOO", DEADLINE_MS, "requests", "GET /fixture/slow: a reply");
}

static void a_missing_reply_fails_requests(void **state)
{
    (void)state;
    expect_only("NEVER_REPLIES", DEADLINE_MS, "requests", "POST /fixture/echo: no answer");
}

static void a_forgotten_done_fails_start_stop(void **state)
{
    (void)state;
    expect_only("START_IS_NOT_DONE", DEADLINE_MS, "start_stop", "not done within 10000 ms");
    expect_only("QUIESCE_NOT_DONE", DEADLINE_MS, "start_stop", "forget done()");
}

static void garbage_that_kills_fails_garbage_with_the_request(void **state)
{
    (void)state;
    expect_only("ABORTS_ON_LARGE", DEADLINE_MS, "garbage", "while POST /fixture/echo with body");
    expect_only("ABORTS_ON_LARGE", DEADLINE_MS, "garbage", "`want->n < 900' failed");
    expect_only("ENDS_THE_PROCESS", DEADLINE_MS, "garbage", "it ended the process, while POST");
}

static void an_internal_error_fails_garbage_with_the_seed(void **state)
{
    (void)state;
    expect_only("INTERNAL_ON_LARGE", DEADLINE_MS, "garbage",
                "seed 1: POST /fixture/echo: status 500");
}

static void state_shared_by_instances_fails_instances(void **state)
{
    (void)state;
    expect_only("SHARES_STATE", DEADLINE_MS, "instances", "when other instances run");
}

static void data_that_cannot_be_read_again_fails_restart(void **state)
{
    (void)state;
    expect_only("TRIPS_ON_ITS_DATA", DEADLINE_MS, "restart", "does not become active");
}

static void data_left_by_a_crash_fails_crash(void **state)
{
    (void)state;
    expect_only("TRIPS_ON_A_CRASH", DEADLINE_MS, "crash", "does not become active");
}

static void a_stop_that_needs_silence_fails_in_flight(void **state)
{
    (void)state;
    expect_only("STOP_WANTS_SILENCE", DEADLINE_MS, "in_flight", "`f->slow_count == 0' failed");
}

static void a_second_activation_that_fails_fails_reactivate(void **state)
{
    (void)state;
    expect_only("ACTIVE_ONLY_ONCE", DEADLINE_MS, "reactivate", "does not become active");
}

static void an_error_in_the_log_fails_idle(void **state)
{
    (void)state;
    expect_only("COMPLAINS", DEADLINE_MS, "idle", "bored");
}

static void a_plugin_that_hangs_fails_at_the_deadline(void **state)
{
    (void)state;
    expect_only("HANGS", 1000, "start_stop", "not done in 1 s of real time, while starting");
}

static void a_wrong_configuration_fails_load(void **state)
{
    struct check_report report;

    (void)state;
    judge("NOTHING", "{\"size\":11}", DEADLINE_MS, &report);

    assert_string_equal(report.lines[0].rule, "load");
    assert_int_equal(check_count(&report, CHECK_FAIL), 1);
    assert_non_null(strstr(report.lines[0].detail, "\"size\" must be an integer in [1, 10]"));
    assert_int_equal(check_count(&report, CHECK_NOT_APPLICABLE), RULES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_that_keeps_the_contract_passes_every_rule),
        cmocka_unit_test(a_second_reply_fails_requests),
        cmocka_unit_test(a_missing_reply_fails_requests),
        cmocka_unit_test(a_forgotten_done_fails_start_stop),
        cmocka_unit_test(garbage_that_kills_fails_garbage_with_the_request),
        cmocka_unit_test(an_internal_error_fails_garbage_with_the_seed),
        cmocka_unit_test(state_shared_by_instances_fails_instances),
        cmocka_unit_test(data_that_cannot_be_read_again_fails_restart),
        cmocka_unit_test(data_left_by_a_crash_fails_crash),
        cmocka_unit_test(a_stop_that_needs_silence_fails_in_flight),
        cmocka_unit_test(a_second_activation_that_fails_fails_reactivate),
        cmocka_unit_test(an_error_in_the_log_fails_idle),
        cmocka_unit_test(a_plugin_that_hangs_fails_at_the_deadline),
        cmocka_unit_test(a_wrong_configuration_fails_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
