/* The worker with the real work queue: what a process ends with is what the queue knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/testhost.h>

#define CONFIG "{\"slots\":3,\"commands\":{\"gauntlet\":{\"argv\":[\"player\",\"{work_id}\"]}}}"

const struct rh_plugin *rh_plugin_entry_v1_worker(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
    int64_t takes_ms;
    int32_t exit_code;
    uint32_t started;
};

static void on_process(void *user, struct rh_testhost_process *process)
{
    struct rig *rig = user;

    rig->started++;
    process->takes_ms = rig->takes_ms;
    process->exit_code = rig->exit_code;
    process->output = "{\"score\":1}";
    process->errors = "what happened\n";
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{rh_plugin_entry_v1_work_queue(), NULL},
                                                 {rh_plugin_entry_v1_worker(), CONFIG}};
    const struct rh_testhost_setup node = {.plugins = plugins, .plugin_count = 2};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    rig->takes_ms = 1000;
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

static const char *request(struct rig *rig, const char *method, const char *target,
                           const char *body, uint32_t wanted)
{
    struct rh_testhost_reply reply;
    uint32_t status = rh_testhost_request(rig->host, method, target, body, &reply);

    if (status != wanted)
        fail_msg("%s %s: %u %s", method, target, status, reply.body ? reply.body : "");
    return reply.body;
}

static void add(struct rig *rig, const char *more)
{
    char body[512];

    (void)snprintf(body, sizeof(body), "{\"work_type\":\"gauntlet\",\"group\":\"g\"%s}", more);
    (void)request(rig, "POST", "/work/add", body, 201);
}

static const char *group(struct rig *rig)
{
    return request(rig, "GET", "/work/group?group=g", NULL, 200);
}

static void results_reach_the_queue(void **state)
{
    struct rig *rig = *state;

    for (uint32_t i = 0; i < 20; i++)
        add(rig, "");
    rh_testnet_run(rig->net, 60000);

    assert_non_null(strstr(group(rig), "\"done\":20"));
    assert_int_equal(rig->started, 20);
}

static void failed_item_is_tried_again_until_it_is_dead(void **state)
{
    struct rig *rig = *state;

    rig->exit_code = 1;
    add(rig, ",\"max_attempts\":3");
    rh_testnet_run(rig->net, 120000);

    assert_int_equal(rig->started, 3);
    assert_non_null(strstr(group(rig), "\"dead\":1"));
    assert_non_null(strstr(group(rig), "what happened"));
}

static void long_job_outlives_many_leases(void **state)
{
    struct rig *rig = *state;

    rig->takes_ms = 100000;
    add(rig, ",\"timeout_s\":5");
    rh_testnet_run(rig->net, 110000);

    assert_int_equal(rig->started, 1);
    assert_non_null(strstr(group(rig), "\"done\":1"));
}

static void cancelled_item_ends_its_process(void **state)
{
    struct rig *rig = *state;
    char body[128];
    const char *id;

    rig->takes_ms = -1;
    add(rig, ",\"timeout_s\":5");
    rh_testnet_run(rig->net, 2000);
    id = strstr(group(rig), "\"work_id\":\"");
    assert_non_null(id);
    (void)snprintf(body, sizeof(body), "{\"work_id\":\"%.*s\"}", (int)strcspn(id + 11, "\""),
                   id + 11);
    (void)request(rig, "POST", "/work/cancel", body, 200);
    assert_int_equal(rh_testhost_running(rig->host, "worker"), 1);
    rh_testnet_run(rig->net, 20000);

    assert_int_equal(rh_testhost_running(rig->host, "worker"), 0);
    assert_non_null(strstr(group(rig), "\"cancelled\":1"));
}

static void crash_of_the_node_neither_loses_nor_repeats_finished_work(void **state)
{
    struct rig *rig = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    rig->takes_ms = 3000;
    for (uint32_t i = 0; i < 12; i++)
        add(rig, ",\"max_attempts\":20");
    for (uint32_t i = 0; i < 6; i++) {
        rh_testnet_run(rig->net, 1700);
        rh_testhost_crash(rig->host);
        assert_int_equal(rh_testhost_start(rig->host, why), RH_OK);
    }
    rh_testnet_run(rig->net, 600000);

    assert_non_null(strstr(group(rig), "\"done\":12"));
}

static void what_was_printed_last_is_read_for_some_seconds_after_the_end(void **state)
{
    struct rig *rig = *state;
    const char *said;

    add(rig, "");
    rh_testnet_run(rig->net, 5000);
    assert_non_null(strstr(group(rig), "\"done\":1"));

    said = request(rig, "GET", "/worker/log?work_id=w1&offset=2", NULL, 200);
    assert_non_null(strstr(said, "\"ended\":true,\"text\":\"score\\\":1}\""));
    rh_testnet_run(rig->net, 30000);
    (void)request(rig, "GET", "/worker/log?work_id=w1", NULL, 404);
}

static void a_page_tells_attempt_and_whether_more_was_printed(void **state)
{
    struct rig *rig = *state;
    const char *said;

    add(rig, "");
    rh_testnet_run(rig->net, 5000);

    said = request(rig, "GET", "/worker/log?work_id=w1", NULL, 200);
    assert_non_null(strstr(said, "\"attempt\":1,"));
    assert_non_null(strstr(said, "\"truncated\":false,"));
}

static void an_output_as_long_as_is_kept_is_told_as_cut(void **state)
{
    static const char config[] =
        "{\"commands\":{\"gauntlet\":{\"argv\":[\"player\"],\"output_max\":11}}}";
    struct rig *rig = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_int_equal(rh_testhost_reconfigure(rig->host, "worker", config, why), RH_OK);
    rig->takes_ms = 20000;
    add(rig, "");
    rh_testnet_run(rig->net, 10000);
    assert_non_null(strstr(request(rig, "GET", "/worker/log?work_id=w1&max=5", NULL, 200),
                           "\"truncated\":false,\"ended\":false"));
    assert_non_null(strstr(request(rig, "GET", "/worker/log?work_id=w1", NULL, 200),
                           "\"truncated\":true,\"ended\":false"));
    rh_testnet_run(rig->net, 20000);

    assert_non_null(strstr(request(rig, "GET", "/worker/log?work_id=w1", NULL, 200),
                           "\"truncated\":true,\"ended\":true"));
}

static void an_item_without_output_is_told_with_its_state(void **state)
{
    struct rig *rig = *state;

    add(rig, "");
    rh_testnet_run(rig->net, 45000);

    assert_non_null(strstr(request(rig, "GET", "/worker/log?work_id=w1", NULL, 404),
                           "no node runs \\\"w1\\\" now, nor has of late: it is done"));
    assert_non_null(strstr(request(rig, "GET", "/worker/log?work_id=w9", NULL, 404),
                           "no work item \\\"w9\\\""));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(results_reach_the_queue),
        T(what_was_printed_last_is_read_for_some_seconds_after_the_end),
        T(a_page_tells_attempt_and_whether_more_was_printed),
        T(an_output_as_long_as_is_kept_is_told_as_cut),
        T(an_item_without_output_is_told_with_its_state),
        T(failed_item_is_tried_again_until_it_is_dead),
        T(long_job_outlives_many_leases),
        T(cancelled_item_ends_its_process),
        T(crash_of_the_node_neither_loses_nor_repeats_finished_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
