/* Inputs and outputs of jobs: the worker with the plugin artifacts on one node, scripted programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/testhost.h>

#include "fake_queue.h"

#define ABC    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define CONFIG "{\"commands\":{\"t\":{\"argv\":[\"program\"]}}}"
#define ITEM(more)                                                                 \
    "{\"work_id\":\"w1\",\"work_type\":\"t\",\"claim_token\":\"x\",\"attempt\":1," \
    "\"timeout_s\":30," more "}"

const struct rh_plugin *rh_plugin_entry_v1_worker(void);
const struct rh_plugin *rh_plugin_entry_v1_artifacts(void);

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
    const char *output;
    const char *file_name;
    uint32_t started;
};

static void on_process(void *user, struct rh_testhost_process *process)
{
    struct rig *rig = user;

    rig->started++;
    process->takes_ms = 1000;
    process->output = rig->output;
    process->file_name = rig->file_name;
    process->file_text = "abc";
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{&fake_queue_entry, NULL},
                                                 {rh_plugin_entry_v1_worker(), CONFIG},
                                                 {rh_plugin_entry_v1_artifacts(), NULL}};
    const struct rh_testhost_setup node = {.plugins = plugins, .plugin_count = 3};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    memset(&told, 0, sizeof(told));
    rig->output = "{\"score\":1}\n";
    rig->net = rh_testnet_new(1, 1700000000000);
    if (rh_testhost_new(rig->net, &node, &rig->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testhost_script(rig->host, on_process, rig);
    rh_testnet_run(rig->net, 5000);
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

static void give(struct rig *rig, const char *items)
{
    rh_req req = told.parked;

    assert_int_not_equal(req, 0);
    (void)snprintf(told.items, sizeof(told.items), "%s", items);
    told.parked = 0;
    assert_int_equal(fake_give(req), RH_OK);
    rh_testnet_run(rig->net, 500);
}

static void an_output_is_stored_and_named_in_the_result(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    rig->file_name = "games";
    give(rig, ITEM("\"outputs\":[\"games\"]"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.completes, 1);
    assert_non_null(
        strstr(told.last_complete, "\"result\":{\"score\":1,\"outputs\":{\"games\":\"" ABC "\"}}"));
    assert_int_equal(
        rh_testhost_request(rig->host, "GET", "/artifacts/data?sha256=" ABC, NULL, &reply), 200);
    assert_string_equal(reply.body, "abc");
}

static void an_empty_result_gets_its_outputs_too(void **state)
{
    struct rig *rig = *state;

    rig->file_name = "games";
    rig->output = "{ }";
    give(rig, ITEM("\"outputs\":[\"games\"]"));
    rh_testnet_run(rig->net, 3000);

    assert_non_null(strstr(told.last_complete, "\"result\":{ \"outputs\":{\"games\":\"" ABC));
}

static void a_missing_output_fails_the_attempt(void **state)
{
    struct rig *rig = *state;

    give(rig, ITEM("\"outputs\":[\"games\"]"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.completes, 0);
    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "output games: the program left no such file"));
}

static void a_result_with_outputs_of_its_own_is_refused(void **state)
{
    struct rig *rig = *state;

    rig->file_name = "games";
    rig->output = "{\"outputs\":7}";
    give(rig, ITEM("\"outputs\":[\"games\"]"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.fails, 1);
}

static void the_program_waits_for_its_input(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    assert_int_equal(rh_testhost_request(rig->host, "PUT", "/artifacts/data?sha256=" ABC "&size=3",
                                         "ab", &reply),
                     200);
    give(rig, ITEM("\"inputs\":[\"model=" ABC "\"]"));
    rh_testnet_run(rig->net, 20000);
    assert_int_equal(rig->started, 0);
    assert_true(told.beats > 0);
    assert_int_equal(rh_testhost_request(rig->host, "PUT",
                                         "/artifacts/data?sha256=" ABC "&size=3&offset=2", "c",
                                         &reply),
                     201);
    rh_testnet_run(rig->net, 4000);

    assert_int_equal(rig->started, 1);
    assert_int_equal(told.completes, 1);
}

static void an_input_that_is_damaged_here_is_doubted_and_goes(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    assert_int_equal(
        rh_testhost_request(rig->host, "PUT", "/artifacts/data?size=3&sha256=" ABC, "abc", &reply),
        201);
    assert_int_equal(rh_testhost_file(rig->host, "files/artifacts/" ABC, "abd"), RH_OK);
    give(rig, ITEM("\"inputs\":[\"model=" ABC "\"]"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "input model: its bytes have another SHA-256"));
    assert_int_equal(
        rh_testhost_request(rig->host, "GET", "/artifacts/stat?sha256=" ABC, NULL, &reply), 404);
}

static void an_input_that_nobody_has_fails_the_attempt(void **state)
{
    struct rig *rig = *state;

    give(rig, ITEM("\"inputs\":[\"model=" ABC "\"]"));
    rh_testnet_run(rig->net, 3000);

    assert_int_equal(rig->started, 0);
    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "input model: no node has the file"));
}

static void a_cancelled_item_is_not_waited_for(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    assert_int_equal(rh_testhost_request(rig->host, "PUT", "/artifacts/data?sha256=" ABC "&size=3",
                                         "ab", &reply),
                     200);
    give(rig, ITEM("\"inputs\":[\"model=" ABC "\"]"));
    told.is_cancelling = 1;
    rh_testnet_run(rig->net, 15000);

    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "\"retryable\":false"));
    assert_int_equal(rig->started, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_output_is_stored_and_named_in_the_result),
        T(an_empty_result_gets_its_outputs_too),
        T(a_missing_output_fails_the_attempt),
        T(a_result_with_outputs_of_its_own_is_refused),
        T(the_program_waits_for_its_input),
        T(an_input_that_is_damaged_here_is_doubted_and_goes),
        T(an_input_that_nobody_has_fails_the_attempt),
        T(a_cancelled_item_is_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
