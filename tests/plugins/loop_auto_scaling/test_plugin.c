/* Tests of the wiring: the loop beside the real queue, with drivers as scripted processes. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_loop_auto_scaling(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);

#define POOL(more)                                                                                 \
    "{\"loop_auto_scaling\":\"1h\",\"retry_base\":\"1s\",\"down_window\":\"10s\",\"boot_"          \
    "timeout\":\"60s\","                                                                           \
    "\"pools\":[{\"name\":\"gpu\",\"most\":6,\"target\":2,\"start\":[\"cloud\",\"start\",\"{node_" \
    "id}\"],"                                                                                      \
    "\"stop\":[\"cloud\",\"stop\",\"{node_id}\",\"{machine}\"]" more "}]}"

/* What drivers do; one test at a time. */
static struct {
    int32_t exit_code;
    int64_t takes_ms;
    const char *output;
    uint32_t starts, stops;
    char last[128];
} cloud;

static void on_process(void *user, struct rh_testhost_process *process)
{
    (void)user;
    cloud.last[0] = '\0';
    for (uint32_t i = 0; i < process->argv.count; i++) {
        const size_t n = strlen(cloud.last);

        (void)snprintf(cloud.last + n, sizeof(cloud.last) - n, "%s%.*s", i ? " " : "",
                       (int)process->argv.items[i].n, process->argv.items[i].p);
    }
    cloud.starts += strstr(cloud.last, "cloud start") != NULL;
    cloud.stops += strstr(cloud.last, "cloud stop") != NULL;
    process->exit_code = cloud.exit_code;
    process->takes_ms = cloud.takes_ms;
    process->output = cloud.output;
    process->errors = "quota";
}

static struct loop_node *start(const char *config)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_loop_auto_scaling(), config},
    };
    struct loop_node *n = loop_node_new(plugins, 2, "/work/stats");

    memset(&cloud, 0, sizeof(cloud));
    cloud.output = "{\"machine\":\"i-7\"}\n";
    cloud.takes_ms = 100;
    rh_testhost_script(n->host, on_process, NULL);
    return n;
}

static int set_up(void **state)
{
    *state = start(POOL(""));
    return 0;
}

static void add(struct loop_node *n, int count)
{
    while (count-- > 0)
        assert_int_equal(loop_post(n, "/work/add", "{\"work_type\":\"x\"}"), 201);
}

static void run(struct loop_node *n)
{
    loop_run(n, "auto_scaling");
    rh_testnet_run(n->net, 500); /* drivers end, and that is stored */
}

static void machines_are_started_for_the_work_there_is(void **state)
{
    struct loop_node *n = *state;

    add(n, 5);
    run(n);
    (void)loop_get(n, "/loops");
    loop_says(n, "\"subject\":\"gpu\",\"why\":\"0 to 3, up: total 5, target 2\"");
    run(n); /* they boot, and are counted */

    assert_int_equal(cloud.starts, 3);
    assert_string_equal(cloud.last, "cloud start gpu-3");
    (void)loop_get(n, "/scaling/status");
    loop_says(n,
              "\"node_id\":\"gpu-3\",\"pool\":\"gpu\",\"state\":\"booting\",\"machine\":\"i-7\"");
}

static void those_that_boot_are_stopped_when_the_work_is_gone_for_a_while(void **state)
{
    struct loop_node *n = *state;

    add(n, 2);
    run(n);
    assert_int_equal(loop_post(n, "/work/cancel", "{\"work_id\":\"w1\"}"), 200);
    assert_int_equal(loop_post(n, "/work/cancel", "{\"work_id\":\"w2\"}"), 200);
    run(n);
    assert_int_equal(cloud.stops, 0); /* the window holds it */
    rh_testnet_run(n->net, 11000);
    run(n);

    assert_string_equal(cloud.last, "cloud stop gpu-1 i-7");
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "\"machines\":[]");
}

static void a_driver_that_says_not_now_is_asked_again(void **state)
{
    struct loop_node *n = *state;

    cloud.exit_code = 75;
    add(n, 2);
    run(n);
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "\"state\":\"starting\"");
    loop_says(n, "\"attempts\":0");
    cloud.exit_code = 0;
    rh_testnet_run(n->net, 1000);
    run(n);

    assert_int_equal(cloud.starts, 2);
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "\"state\":\"booting\"");
}

static void a_driver_that_fails_is_asked_less_and_less_and_shown(void **state)
{
    struct loop_node *n = *state;

    cloud.exit_code = 1;
    add(n, 2);
    for (int i = 0; i < 20; i++) {
        run(n);
        rh_testnet_run(n->net, 500);
    }

    assert_in_range(cloud.starts, 3, 6);
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "quota");
    assert_true(rh_testhost_logged(n->host, "check=drivers") > 0);
}

static void a_node_that_does_not_come_up_is_stopped(void **state)
{
    struct loop_node *n = *state;

    add(n, 2);
    run(n);
    rh_testnet_run(n->net, 61000);
    run(n);

    assert_int_equal(cloud.stops, 1);
    (void)loop_get(n, "/loops");
    loop_says(n, "it did not come up in time");
}

static void a_pool_whose_name_makes_no_node_id_is_refused(void **state)
{
    static const char *const names[] = {"a b", "a/b", "-a", "a\\u00e4", "a{node_id}"};
    struct loop_node *n = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char why[RH_TESTHOST_WHY_MAX] = "";
        char config[160];

        (void)snprintf(config, sizeof(config),
                       "{\"pools\":[{\"name\":\"%s\",\"start\":[\"a\"],\"stop\":[\"b\"]}]}",
                       names[i]);

        assert_int_equal(rh_testhost_reconfigure(n->host, "loop_auto_scaling", config, why),
                         RH_EINVAL);

        assert_non_null(strstr(why, "may have only letters"));
    }
}

static void what_a_driver_refuses_to_start_is_stopped_when_the_work_is_gone(void **state)
{
    struct loop_node *n = *state;

    cloud.exit_code = 75;
    add(n, 2);
    run(n);
    assert_int_equal(loop_post(n, "/work/cancel", "{\"work_id\":\"w1\"}"), 200);
    assert_int_equal(loop_post(n, "/work/cancel", "{\"work_id\":\"w2\"}"), 200);
    run(n);
    rh_testnet_run(n->net, 11000); /* the window */
    run(n);
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "\"state\":\"stopping\"");
    cloud.exit_code = 0;
    rh_testnet_run(n->net, 600000); /* a driver of another leader would have ended */
    run(n);

    assert_int_equal(cloud.starts, 1);
    assert_string_equal(cloud.last, "cloud stop gpu-1 ");
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "\"machines\":[]");
}

static void machines_that_never_come_up_are_replaced_less_and_less_and_told(void **state)
{
    struct loop_node *n =
        start("{\"loop_auto_scaling\":\"1h\",\"retry_base\":\"20s\",\"boot_timeout\":\"1s\","
              "\"pools\":[{\"name\":\"gpu\",\"start\":[\"cloud\",\"start\"],"
              "\"stop\":[\"cloud\",\"stop\"]}]}");
    void *as_state = n;

    (void)state;
    add(n, 1);
    for (int s = 0; s < 600; s += 10) {
        run(n);
        rh_testnet_run(n->net, 9400);
    }

    assert_in_range(cloud.starts, 5, 6); /* after 20, 40, 80, 160, 320 s */
    assert_int_equal(rh_testhost_logged(n->host, "2 times in a row"), 0);
    assert_int_equal(rh_testhost_logged(n->host, "3 times in a row"), 1);
    (void)loop_get(n, "/loops");
    loop_says(n, "machines do not come up; the next is started in ");
    (void)loop_node_free(&as_state);
}

/* The pool under another name, its drivers the same. */
static int32_t rename_pool(struct loop_node *n, char why[RH_TESTHOST_WHY_MAX])
{
    return rh_testhost_reconfigure(
        n->host, "loop_auto_scaling",
        "{\"loop_auto_scaling\":\"1h\",\"pools\":[{\"name\":\"cpu\",\"most\":0,"
        "\"start\":[\"cloud\"],\"stop\":[\"cloud\"]}]}",
        why);
}

static void a_reload_that_removes_a_pool_with_machines_is_refused_by_name(void **state)
{
    struct loop_node *n = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_int_equal(rename_pool(n, why), RH_OK); /* there is none yet */
    assert_int_equal(rh_testhost_reconfigure(n->host, "loop_auto_scaling", POOL(""), why), RH_OK);
    loop_node_await(n);
    add(n, 2);
    run(n);

    assert_int_equal(rename_pool(n, why), RH_EINVAL);

    assert_non_null(strstr(why, "\"gpu\" still has machines, as gpu-1"));
    loop_node_await(n);
    run(n); /* what was in force still is */
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "\"name\":\"gpu\"");
}

static void health_names_machines_whose_pool_is_gone_until_it_is_back(void **state)
{
    struct loop_node *n = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    add(n, 3);
    run(n);
    loop_node_restart(n); /* and knows no machine before its first look */
    assert_int_equal(rename_pool(n, why), RH_OK);
    loop_node_await(n);
    rh_testnet_run(n->net, 61000);
    run(n);

    assert_int_equal(rh_testhost_logged(n->host, "of pool \"gpu\": gpu-1, gpu-2"), 1);
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "\"node_id\":\"gpu-1\",\"pool\":\"gpu\",\"state\":\"booting\""); /* left alone */
    assert_int_equal(cloud.stops, 0);

    assert_int_equal(rh_testhost_reconfigure(n->host, "loop_auto_scaling", POOL(""), why), RH_OK);
    loop_node_await(n);
    run(n);
    assert_int_equal(cloud.stops, 2);
}

static void what_was_intended_outlives_a_crash_and_is_not_doubled(void **state)
{
    (void)state;
    for (int64_t ms = 0; ms < 40; ms += 4) {
        struct loop_node *n = start(POOL(""));
        void *as_state = n;

        add(n, 5);
        assert_int_equal(loop_post(n, "/loops/run", "{\"loop\":\"auto_scaling\"}"), 202);
        rh_testnet_run(n->net, ms);
        loop_node_restart(n);
        run(n);
        rh_testnet_run(n->net, 2000);
        run(n);

        (void)loop_get(n, "/scaling/status");
        loop_says(n, "\"node_id\":\"gpu-3\"");
        loop_silent_on(n, "\"node_id\":\"gpu-4\"");
        loop_silent_on(n, "\"state\":\"starting\"");
        (void)loop_node_free(&as_state);
    }
}

static void a_metric_of_a_command_that_is_missing_changes_nothing(void **state)
{
    struct loop_node *n = start(
        POOL(",\"least\":1,\"metric\":\"command\",\"metric_command\":[\"gauge\",\"{pool}\"]"));
    void *as_state = n;

    (void)state;
    cloud.output = "{\"total\":8}\n";
    run(n);
    assert_int_equal(cloud.starts, 4);
    cloud.output = "hello\n";
    rh_testnet_run(n->net, 20000);
    run(n);
    rh_testnet_run(n->net, 20000);
    run(n);

    assert_int_equal(cloud.stops, 0);
    assert_int_equal(cloud.starts, 4);
    (void)loop_get(n, "/scaling/status");
    loop_says(n, "metric missing");
    (void)loop_node_free(&as_state);
}

static void a_dry_run_starts_nothing(void **state)
{
    struct loop_node *n = start("{\"dry_run\":true,\"pools\":[{\"name\":\"gpu\",\"start\":[\"a\"],"
                                "\"stop\":[\"b\"]}]}");
    void *as_state = n;

    (void)state;
    add(n, 2);
    run(n);

    (void)loop_get(n, "/loops");
    loop_says(n, "\"action\":\"start\",\"subject\":\"gpu-1\"");
    loop_says(n, "\"dry_run\":true");
    assert_int_equal(cloud.starts, 0);
    (void)loop_node_free(&as_state);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(machines_are_started_for_the_work_there_is),
        CASE(those_that_boot_are_stopped_when_the_work_is_gone_for_a_while),
        CASE(a_driver_that_says_not_now_is_asked_again),
        CASE(a_driver_that_fails_is_asked_less_and_less_and_shown),
        CASE(a_node_that_does_not_come_up_is_stopped),
        cmocka_unit_test(machines_that_never_come_up_are_replaced_less_and_less_and_told),
        CASE(a_pool_whose_name_makes_no_node_id_is_refused),
        CASE(what_a_driver_refuses_to_start_is_stopped_when_the_work_is_gone),
        CASE(a_reload_that_removes_a_pool_with_machines_is_refused_by_name),
        CASE(health_names_machines_whose_pool_is_gone_until_it_is_back),
        cmocka_unit_test(what_was_intended_outlives_a_crash_and_is_not_doubled),
        cmocka_unit_test(a_metric_of_a_command_that_is_missing_changes_nothing),
        cmocka_unit_test(a_dry_run_starts_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
