/* Progress and checkpoints of programs, with the real work queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/testhost.h>

#define CONFIG "{\"commands\":{\"x\":{\"argv\":[\"job\"]}}}"

const struct rh_plugin *rh_plugin_entry_v1_worker(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_process script; /* how the next processes behave */
    uint32_t started;
    char key[64]; /* of the last process */
};

static void on_process(void *user, struct rh_testhost_process *process)
{
    struct rig *rig = user;

    rig->started++;
    (void)snprintf(rig->key, sizeof(rig->key), "%s", process->key);
    process->takes_ms = rig->script.takes_ms;
    process->exit_code = rig->script.exit_code;
    process->output = "{}";
    process->file_name = rig->script.file_name;
    process->file_text = rig->script.file_text;
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{rh_plugin_entry_v1_work_queue(), NULL},
                                                 {rh_plugin_entry_v1_worker(), CONFIG}};
    const struct rh_testhost_setup node = {.plugins = plugins, .plugin_count = 2};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    rig->script.takes_ms = 1000;
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

static const char *get(struct rig *rig, const char *target)
{
    struct rh_testhost_reply reply;
    uint32_t status = rh_testhost_request(rig->host, "GET", target, NULL, &reply);

    if (status != 200)
        fail_msg("%s: %u %s", target, status, reply.body ? reply.body : "");
    return reply.body;
}

static void add(struct rig *rig)
{
    struct rh_testhost_reply reply;

    assert_int_equal(rh_testhost_request(rig->host, "POST", "/work/add",
                                         "{\"work_type\":\"x\",\"max_attempts\":2}", &reply),
                     201);
}

/* The program writes a file in its folder. */
static void write_file(struct rig *rig, const char *name, const char *text)
{
    char path[160];

    (void)snprintf(path, sizeof(path), "jobs/worker/%s/%s", rig->key, name);
    assert_int_equal(rh_testhost_file(rig->host, path, text), RH_OK);
}

static void says(const char *body, const char *wanted)
{
    if (!strstr(body, wanted))
        fail_msg("%s is not in %s", wanted, body);
}

static void a_running_program_is_heard_within_seconds(void **state)
{
    struct rig *rig = *state;

    rig->script.takes_ms = -1;
    add(rig);
    rh_testnet_run(rig->net, 2000);
    write_file(rig, "progress.json", "0.5\n");
    write_file(rig, "checkpoint.json", "{\"step\":7}");
    rh_testnet_run(rig->net, 20000);
    says(get(rig, "/work/item?work_id=w1"), "\"progress\":0.5");
    says(get(rig, "/work/item?work_id=w1"), "\"checkpoint\":{\"step\":7}");
    write_file(rig, "progress.json", "0.75");
    rh_testnet_run(rig->net, 20000);

    says(get(rig, "/work/item?work_id=w1"), "\"progress\":0.75");
}

/* The second attempt appends to what it finds: the file it was given. */
static void the_next_attempt_finds_the_last_checkpoint_of_the_one_that_failed(void **state)
{
    struct rig *rig = *state;

    rig->script.exit_code = 1;
    rig->script.file_name = "checkpoint.json";
    rig->script.file_text = "4";
    add(rig);
    rh_testnet_run(rig->net, 200000);

    assert_int_equal(rig->started, 2);
    says(get(rig, "/work/item?work_id=w1"), "\"status\":\"dead\"");
    says(get(rig, "/work/item?work_id=w1"), "\"checkpoint\":44");
}

static void a_checkpoint_outlives_a_restart_of_the_host(void **state)
{
    struct rig *rig = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    rig->script.takes_ms = -1;
    add(rig);
    rh_testnet_run(rig->net, 2000);
    rh_testhost_crash(rig->host);
    assert_int_equal(rh_testhost_start(rig->host, why), RH_OK);
    rh_testnet_run(rig->net, 5000);
    write_file(rig, "checkpoint.json", "[1]");
    rh_testnet_run(rig->net, 60000);

    says(get(rig, "/work/item?work_id=w1"), "\"checkpoint\":[1]");
}

static void what_is_no_json_is_told_at_the_end_and_goes_nowhere(void **state)
{
    struct rig *rig = *state;

    rig->script.exit_code = 1;
    rig->script.file_name = "checkpoint.json";
    rig->script.file_text = "1},{\"x\":1";
    add(rig);
    rh_testnet_run(rig->net, 3000);

    says(get(rig, "/worker/status"), "checkpoint.json: not JSON");
    assert_null(strstr(get(rig, "/work/item?work_id=w1"), "\"checkpoint\""));
}

static void what_is_nested_too_deep_is_told_and_does_not_take_the_report_with_it(void **state)
{
    struct rig *rig = *state;
    char text[128] = "";

    memset(text, '[', 40);
    memset(text + 40, ']', 40);
    rig->script.exit_code = 1;
    rig->script.file_name = "checkpoint.json";
    rig->script.file_text = text;
    add(rig);
    rh_testnet_run(rig->net, 3000);

    says(get(rig, "/worker/status"), "checkpoint.json: nested more than 32 deep");
    says(get(rig, "/worker/status"), "\"outbox\":0");
    says(get(rig, "/worker/status"), "\"reports_refused\":0");
}

static void what_is_too_large_is_told_once(void **state)
{
    struct rig *rig = *state;
    char text[4100];
    const char *at;

    memset(text, '1', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    rig->script.takes_ms = -1;
    add(rig);
    rh_testnet_run(rig->net, 2000);
    write_file(rig, "progress.json", text);
    rh_testnet_run(rig->net, 60000);

    at = strstr(get(rig, "/worker/status"), "progress.json: larger than its limit");
    assert_non_null(at);
    assert_null(strstr(at + 1, "progress.json"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_running_program_is_heard_within_seconds),
        CASE(the_next_attempt_finds_the_last_checkpoint_of_the_one_that_failed),
        CASE(a_checkpoint_outlives_a_restart_of_the_host),
        CASE(what_is_no_json_is_told_at_the_end_and_goes_nowhere),
        CASE(what_is_nested_too_deep_is_told_and_does_not_take_the_report_with_it),
        CASE(what_is_too_large_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
