/* The worker in the one-node host, against a stand-in queue and scripted processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/testhost.h>

#include "fake_queue.h"

#define CONFIG                                                            \
    "{\"slots\":2,\"capabilities\":[\"gtp\"],\"commands\":{\"gauntlet\":" \
    "{\"argv\":[\"player\",\"--id\",\"{work_id}\",\"--slot={slot}\"]}}}"
#define ITEM(id)                                                                       \
    "{\"work_id\":\"" id "\",\"work_type\":\"gauntlet\",\"claim_token\":\"t-" id "\"," \
    "\"payload\":{\"games\":2},\"attempt\":1,\"timeout_s\":30}"

const struct rh_plugin *rh_plugin_entry_v1_worker(void);
const struct rh_plugin *rh_plugin_entry_v1_admin(void);

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_process script; /* how the next processes behave */
    char argv[256];                    /* of the last process */
    char input[256];
    uint32_t started;
};

static void on_process(void *user, struct rh_testhost_process *process)
{
    struct rig *rig = user;
    size_t n = 0;

    rig->started++;
    for (uint32_t i = 0; i < process->argv.count; i++)
        n += (size_t)snprintf(rig->argv + n, sizeof(rig->argv) - n, "%s%.*s", i ? " " : "",
                              (int)process->argv.items[i].n, process->argv.items[i].p);
    (void)snprintf(rig->input, sizeof(rig->input), "%.*s", (int)process->input.n, process->input.p);
    process->takes_ms = rig->script.takes_ms;
    process->exit_code = rig->script.exit_code;
    process->output = rig->script.output;
    process->errors = rig->script.errors;
    process->not_found = rig->script.not_found;
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{&fake_queue_entry, NULL},
                                                 {rh_plugin_entry_v1_worker(), CONFIG},
                                                 {rh_plugin_entry_v1_admin(), NULL}};
    const struct rh_testhost_setup node = {.plugins = plugins, .plugin_count = 3};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    memset(&told, 0, sizeof(told));
    rig->script =
        (struct rh_testhost_process){.takes_ms = 1000, .output = "{\"score\":1}\n", .errors = ""};
    rig->net = rh_testnet_new(1, 1700000000000);
    assert_non_null(rig->net);
    if (rh_testhost_new(rig->net, &node, &rig->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testhost_script(rig->host, on_process, rig);
    rh_testnet_run(rig->net, 5000);
    assert_true(rh_testhost_is_ready(rig->host));
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    rh_testnet_free(rig->net);
    free(rig);
    return 0;
}

/* Hand items to the claim that waits. */
static void give(struct rig *rig, const char *items)
{
    (void)snprintf(told.items, sizeof(told.items), "%s", items);
    if (told.parked) {
        rh_req req = told.parked;

        told.parked = 0;
        assert_int_equal(fake_give(req), RH_OK);
    }
    rh_testnet_run(rig->net, 100);
}

static const char *status(struct rig *rig)
{
    struct rh_testhost_reply reply;

    assert_int_equal(rh_testhost_request(rig->host, "GET", "/worker/status", NULL, &reply), 200);
    return reply.body;
}

static void restart(struct rig *rig)
{
    char why[RH_TESTHOST_WHY_MAX] = "";

    rh_testhost_crash(rig->host);
    told.parked = 0;
    assert_int_equal(rh_testhost_start(rig->host, why), RH_OK);
    rh_testnet_run(rig->net, 5000);
}

static void claim_says_what_the_node_can_do(void **state)
{
    (void)state;

    assert_int_equal(told.claims, 1);
    assert_non_null(strstr(told.last_claim, "\"work_types\":[\"gauntlet\"]"));
    assert_non_null(strstr(told.last_claim, "\"capabilities\":[\"gtp\"]"));
    assert_non_null(strstr(told.last_claim, "\"max_items\":2"));
    assert_non_null(strstr(told.last_claim, "\"wait_s\":25"));
}

static void item_is_run_and_its_result_reported(void **state)
{
    struct rig *rig = *state;

    give(rig, ITEM("w1"));
    assert_int_equal(told.starts, 1);
    assert_string_equal(rig->argv, "player --id w1 --slot=0");
    assert_string_equal(rig->input, "{\"games\":2}");
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.completes, 1);
    assert_non_null(strstr(told.last_complete, "\"work_id\":\"w1\""));
    assert_non_null(strstr(told.last_complete, "\"claim_token\":\"t-w1\""));
    assert_non_null(strstr(told.last_complete, "\"result\":{\"score\":1}"));
    assert_non_null(strstr(status(rig), "\"outbox\":0"));
}

static void never_two_polls_at_once_and_none_without_a_slot(void **state)
{
    struct rig *rig = *state;
    uint32_t claims;

    rig->script.takes_ms = 60000;
    give(rig, ITEM("w1"));
    assert_non_null(strstr(told.last_claim, "\"max_items\":1"));
    give(rig, ITEM("w2"));
    claims = told.claims;
    rh_testnet_run(rig->net, 20000);

    assert_int_equal(told.claims, claims);
    assert_int_equal(told.most_parked, 0);
    assert_int_equal(rh_testhost_running(rig->host, "worker"), 2);
}

static void lease_is_renewed_while_the_program_runs(void **state)
{
    struct rig *rig = *state;

    rig->script.takes_ms = 95000;
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 100000);

    assert_int_equal(told.beats, 9);
    assert_int_equal(told.completes, 1);
}

static void a_printed_number_is_a_result(void **state)
{
    struct rig *rig = *state;

    rig->script.output = " -0.125\n";
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.completes, 1);
    assert_non_null(strstr(told.last_complete, "\"result\":{\"value\":-0.125}"));
}

static void two_printed_numbers_are_none(void **state)
{
    struct rig *rig = *state;

    rig->script.output = "1\n2\n";
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "not one JSON object or number"));
}

static void failure_is_reported_with_its_reason(void **state)
{
    struct rig *rig = *state;

    rig->script.exit_code = 1;
    rig->script.output = "{\"games\":[{\"error\":null},{\"error\":{\"kind\":\"crash\"}}]}";
    rig->script.errors = "game 1: engine died\n";
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "player: "));
    assert_non_null(strstr(told.last_fail, "crash"));
    assert_non_null(strstr(told.last_fail, "game 1: engine died"));
    assert_non_null(strstr(told.last_fail, "\"retryable\":true"));
}

static void program_that_is_not_installed_is_named(void **state)
{
    struct rig *rig = *state;

    rig->script.not_found = 1;
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "player"));
    assert_non_null(strstr(told.last_fail, "\"retryable\":true"));
}

static void cancelled_item_is_killed_and_reported(void **state)
{
    struct rig *rig = *state;

    rig->script.takes_ms = -1;
    give(rig, ITEM("w1"));
    told.is_cancelling = 1;
    rh_testnet_run(rig->net, 30000);

    assert_int_equal(rh_testhost_running(rig->host, "worker"), 0);
    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "cancelled"));
}

static void stale_claim_is_killed_and_not_reported(void **state)
{
    struct rig *rig = *state;

    rig->script.takes_ms = -1;
    give(rig, ITEM("w1"));
    told.beat_status = 409;
    (void)snprintf(told.code, sizeof(told.code), "stale_claim");
    rh_testnet_run(rig->net, 30000);

    assert_int_equal(rh_testhost_running(rig->host, "worker"), 0);
    assert_int_equal(told.fails + told.completes, 0);
    assert_non_null(strstr(status(rig), "\"stale\":1"));
}

static void job_whose_lease_ran_out_is_killed_in_time(void **state)
{
    struct rig *rig = *state;

    rig->script.takes_ms = -1;
    give(rig, ITEM("w1"));
    told.beat_status = 503;
    rh_testnet_run(rig->net, 29000);
    assert_int_equal(rh_testhost_running(rig->host, "worker"), 1);
    rh_testnet_run(rig->net, 12000);

    assert_int_equal(rh_testhost_running(rig->host, "worker"), 0);
    assert_non_null(strstr(status(rig), "\"leases_lost\":1"));
}

static void report_is_sent_until_it_is_taken(void **state)
{
    struct rig *rig = *state;

    told.status = 503;
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 60000);
    assert_true(told.completes > 3);
    assert_non_null(strstr(status(rig), "\"outbox\":1"));
    told.status = 0;
    rh_testnet_run(rig->net, 70000);

    assert_non_null(strstr(status(rig), "\"outbox\":0"));
}

static void report_survives_a_crash(void **state)
{
    struct rig *rig = *state;

    told.status = 503;
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 5000);
    told.status = 0;
    told.completes = 0;
    restart(rig);
    rh_testnet_run(rig->net, 5000);

    assert_int_equal(told.completes, 1);
    assert_non_null(strstr(told.last_complete, "\"result\":{\"score\":1}"));
}

static void stale_report_is_dropped(void **state)
{
    struct rig *rig = *state;

    told.status = 409;
    (void)snprintf(told.code, sizeof(told.code), "stale_claim");
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 30000);

    assert_int_equal(told.completes, 1);
    assert_non_null(strstr(status(rig), "\"outbox\":0"));
}

static void running_program_is_adopted_after_a_crash(void **state)
{
    struct rig *rig = *state;

    rig->script.takes_ms = 20000;
    give(rig, ITEM("w1"));
    restart(rig);
    assert_int_equal(rig->started, 1);
    assert_non_null(strstr(status(rig), "\"adopted\":true"));
    rh_testnet_run(rig->net, 40000);

    assert_int_equal(rig->started, 1);
    assert_int_equal(told.completes, 1);
    assert_int_equal(told.fails, 0);
}

static void refused_claims_back_off(void **state)
{
    struct rig *rig = *state;

    told.claim_status = 503;
    (void)snprintf(told.code, sizeof(told.code), "loading");
    give(rig, "");
    told.claims = 0;
    rh_testnet_run(rig->net, 60000);

    assert_in_range(told.claims, 10, 60);
    assert_int_equal(told.most_parked, 0);
}

static void item_of_a_type_that_is_not_configured_is_given_back(void **state)
{
    struct rig *rig = *state;

    give(rig, "{\"work_id\":\"w9\",\"work_type\":\"other\",\"claim_token\":\"t\"}");
    rh_testnet_run(rig->net, 1000);

    assert_int_equal(told.releases, 1);
    assert_int_equal(rig->started, 0);
}

static void set_maintenance(struct rig *rig, const char *body)
{
    struct rh_testhost_reply reply;

    assert_int_equal(rh_testhost_request(rig->host, "POST", "/admin/maintenance", body, &reply),
                     200);
    rh_testnet_run(rig->net, 60000);
}

static void node_in_maintenance_claims_nothing_until_it_is_over(void **state)
{
    struct rig *rig = *state;

    told.claims = 0;
    set_maintenance(rig, "{\"on\":true}");
    assert_int_equal(told.claims, 0);
    assert_int_equal(told.parked, 0); /* the poll that was out is withdrawn */
    assert_non_null(strstr(status(rig), "\"state\":\"maintenance\""));
    set_maintenance(rig, "{\"on\":false}");

    assert_true(told.claims > 0);
}

/* One item, a crash after a while, and everything in order again: it is reported, or the queue was
 * never told that it began. */
static void crash_at_any_moment_loses_no_item(void **state)
{
    struct rig *rig = *state;

    for (int64_t after_ms = 0; after_ms < 40; after_ms++) {
        uint32_t reports = told.completes + told.fails;
        uint32_t starts = told.starts;

        rig->script.takes_ms = 20;
        (void)snprintf(told.items, sizeof(told.items), "%s", ITEM("w1"));
        if (told.parked) {
            rh_req req = told.parked;

            told.parked = 0;
            assert_int_equal(fake_give(req), RH_OK);
        }
        rh_testnet_run(rig->net, after_ms);
        restart(rig);
        rh_testnet_run(rig->net, 40000);

        if (told.starts > starts)
            assert_true(told.completes + told.fails > reports);
        assert_int_equal(rh_testhost_running(rig->host, "worker"), 0);
        assert_non_null(strstr(status(rig), "\"items\":[]"));
        assert_non_null(strstr(status(rig), "\"outbox\":0"));
    }
}

static void stop_keeps_the_program_running(void **state)
{
    struct rig *rig = *state;

    rig->script.takes_ms = 60000;
    give(rig, ITEM("w1"));
    assert_int_equal(rh_testhost_stop(rig->host), 0);

    assert_int_equal(told.parked, 0);
    assert_int_equal(told.releases + told.fails + told.completes, 0);
}

static void a_command_that_makes_no_sense_is_refused_at_the_start(void **state)
{
    static const struct {
        const char *command;
        const char *why;
    } rows[] = {
        {"{\"argv\":[]}", "commands.x.argv: names no program"},
        {"{\"argv\":[\"p\",\"{nobody}\"]}", "commands.x: no such placeholder at byte 0"},
        {"{\"argv\":[\"p\"],\"cwd\":\"here\"}", "commands.x.cwd: must be absolute"},
        {"{\"argv\":[\"p\"],\"env\":{\"A\":\"{\"}}", "commands.x: no such placeholder"},
        {"{\"argv\":[\"p\"],\"env\":{\"A=B\":\"c\"}}",
         "commands.x.env: \"A=B\" is no name of a variable"},
        {"{\"argv\":[\"p\"],\"env\":{\"\":\"c\"}}", "env: \"\" is no name of a variable"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char config[256];
        const struct rh_testhost_plugin plugin = {rh_plugin_entry_v1_worker(), config};
        const struct rh_testhost_setup node = {.plugins = &plugin, .plugin_count = 1};
        struct rh_testnet *net = rh_testnet_new(1, 1700000000000);
        struct rh_testhost *host = NULL;
        char why[RH_TESTHOST_WHY_MAX] = "";

        (void)snprintf(config, sizeof(config), "{\"commands\":{\"x\":%s}}",
                       rows[i].command); /* fits */
        assert_int_equal(rh_testhost_new(net, &node, &host, why), RH_OK);
        rh_testnet_run(net, 100);

        assert_true(rh_testhost_is_finished(host));
        if (rh_testhost_logged(host, rows[i].why) == 0)
            fail_msg("the log does not say: %s", rows[i].why);
        rh_testnet_free(net);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(claim_says_what_the_node_can_do),
        T(item_is_run_and_its_result_reported),
        T(never_two_polls_at_once_and_none_without_a_slot),
        T(lease_is_renewed_while_the_program_runs),
        T(failure_is_reported_with_its_reason),
        T(a_printed_number_is_a_result),
        T(two_printed_numbers_are_none),
        T(program_that_is_not_installed_is_named),
        T(cancelled_item_is_killed_and_reported),
        T(stale_claim_is_killed_and_not_reported),
        T(job_whose_lease_ran_out_is_killed_in_time),
        T(report_is_sent_until_it_is_taken),
        T(report_survives_a_crash),
        T(stale_report_is_dropped),
        T(running_program_is_adopted_after_a_crash),
        T(refused_claims_back_off),
        T(item_of_a_type_that_is_not_configured_is_given_back),
        T(node_in_maintenance_claims_nothing_until_it_is_over),
        T(crash_at_any_moment_loses_no_item),
        T(stop_keeps_the_program_running),
        cmocka_unit_test(a_command_that_makes_no_sense_is_refused_at_the_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
