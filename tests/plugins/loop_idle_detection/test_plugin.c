/* Tests of the wiring: sensors as scripted processes, beside worker, populator and queue. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_loop_idle_detection(void);
const struct rh_plugin *rh_plugin_entry_v1_loop_queue_populator(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

#define QUIET "{\"gpu_state\":\"none\",\"gpus\":[],\"cpu\":{\"count\":2,\"utilization\":1.5}}\n"

/* What the next processes do; one test at a time. */
static struct {
    const char *report;
    int64_t takes_ms;
    int32_t exit_code;
    bool is_missing;
    char argv[128];
    uint32_t jobs;
} script;

static void on_process(void *user, struct rh_testhost_process *process)
{
    (void)user;
    if (strcmp(process->owner, "worker") == 0) {
        script.jobs++;
        process->takes_ms = 1000;
        process->output = "{}\n";
        return;
    }
    script.argv[0] = '\0';
    for (uint32_t i = 0; i < process->argv.count; i++) {
        const size_t n = strlen(script.argv);

        (void)snprintf(script.argv + n, sizeof(script.argv) - n, "%s%.*s", i ? " " : "",
                       (int)process->argv.items[i].n, process->argv.items[i].p);
    }
    process->takes_ms = script.takes_ms;
    process->exit_code = script.exit_code;
    process->output = script.report;
    process->errors = "no driver";
    process->not_found = script.is_missing;
}

static struct loop_node *start(const char *config)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_worker(), "{\"commands\":{\"x\":{\"argv\":[\"job\"]}}}"},
        {rh_plugin_entry_v1_loop_queue_populator(),
         "{\"loop_queue_populator\":\"1h\",\"depth\":2,\"templates\":[{\"work_type\":\"x\"}],"
         "\"configs\":[{\"config_key\":\"a_2p\"}]}"},
        {rh_plugin_entry_v1_loop_idle_detection(), config},
    };
    struct loop_node *n;

    memset(&script, 0, sizeof(script));
    script.report = QUIET;
    script.takes_ms = 50;
    n = loop_node_new(plugins, 4, "/work/stats");
    rh_testhost_script(n->host, on_process, NULL);
    return n;
}

static int set_up(void **state)
{
    *state = start(NULL);
    return 0;
}

static void an_idle_node_has_work_at_once(void **state)
{
    struct loop_node *n = *state;

    rh_testnet_run(n->net, 32000); /* looks at about 10, 20 and 30 s */

    assert_string_equal(script.argv, "ringhost-probe");
    assert_int_equal(rh_testhost_logged(n->host, "loop=idle_detection action=idle"), 1);
    assert_int_equal(rh_testhost_logged(n->host, "loop=queue_populator action=add"), 1);
    assert_true(script.jobs >= 1);
}

static void a_device_that_is_quiet_shows_since_when(void **state)
{
    struct loop_node *n = *state;

    rh_testnet_run(n->net, 12000);
    loop_run(n, "idle_detection");

    (void)loop_get(n, "/idle/status");
    loop_says(n, "\"devices\":[{\"kind\":\"cpu\",\"index\":0,\"utilization\":1.5,\"idle_ms\":");
}

static void a_sensor_that_does_not_work_is_an_error_and_nothing_is_idle(void **state)
{
    static const struct {
        const char *report, *error;
        int64_t takes_ms;
        int32_t exit_code;
        bool is_missing;
    } rows[] = {
        {"", "the sensor: ", 50, 3, false},
        {"hello\n", "what the sensor printed: ", 50, 0, false},
        {"", "the sensor: ", 0, 0, true},
        {"{\"gpu_state\":\"unknown\",\"problem\":\"code 9\"}\n",
         "the state of the GPUs is not known: code 9", 50, 0, false},
    };
    struct loop_node *n = start("{\"loop_idle_detection\":\"1h\"}");
    void *as_state = n;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        script.report = rows[i].report;
        script.takes_ms = rows[i].takes_ms;
        script.exit_code = rows[i].exit_code;
        script.is_missing = rows[i].is_missing;
        assert_int_equal(loop_post(n, "/loops/run", "{\"loop\":\"idle_detection\"}"), 202);
        rh_testnet_run(n->net, 8000);
        (void)loop_get(n, "/loops");
        loop_says(n, rows[i].error);
        (void)loop_get(n, "/idle/status");
        loop_says(n, "\"devices\":[]");
    }
    assert_int_equal(rh_testhost_running(n->host, "loop_idle_detection"), 0);
    (void)loop_node_free(&as_state);
}

static void other_sensors_are_a_command_and_a_file(void **state)
{
    struct loop_node *n = start("{\"source\":\"command\",\"command\":[\"look\",\"-x\"]}");
    void *as_state = n;

    (void)state;
    loop_run(n, "idle_detection");
    assert_string_equal(script.argv, "look -x");
    (void)loop_node_free(&as_state);
    n = start("{\"source\":\"fake\",\"file\":\"/tmp/idle.json\"}");
    as_state = n;

    loop_run(n, "idle_detection");

    assert_string_equal(script.argv, "cat -- /tmp/idle.json");
    (void)loop_node_free(&as_state);
}

static void a_sensor_that_a_crash_left_behind_is_collected(void **state)
{
    struct loop_node *n = *state;

    script.takes_ms = 4000;
    assert_int_equal(loop_post(n, "/loops/run", "{\"loop\":\"idle_detection\"}"), 202);
    rh_testnet_run(n->net, 500);

    loop_node_restart(n);
    script.takes_ms = 50;
    loop_run(n, "idle_detection");

    loop_says(n, "\"failures\":0");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_idle_node_has_work_at_once),
        CASE(a_device_that_is_quiet_shows_since_when),
        cmocka_unit_test(a_sensor_that_does_not_work_is_an_error_and_nothing_is_idle),
        cmocka_unit_test(other_sensors_are_a_command_and_a_file),
        CASE(a_sensor_that_a_crash_left_behind_is_collected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
