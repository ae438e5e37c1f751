/* Slots and devices of jobs, beside the real queue: what is claimed, what a program is told, what
 * it keeps over a restart. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

#define CONFIG                                                                                \
    "{\"slots\":6,\"gpu\":{\"count\":3},\"commands\":{\"x\":{\"argv\":[\"job\",\"{gpus}\"]}," \
    "\"pair\":{\"argv\":[\"job\"],\"gpus\":2},\"wide\":{\"argv\":[\"job\"],\"cpus\":4}}}"
#define STARTS_MAX 32u

/* What the programs were told, in the order of their starts. */
struct told {
    uint32_t count;
    int64_t takes_ms;
    char devices[STARTS_MAX][32]; /* "none" = the variable is not set */
    char threads[STARTS_MAX][32];
};

static struct told told;

static void variable(const struct rh_testhost_process *process, const char *name, char out[32])
{
    size_t n = strlen(name);

    (void)snprintf(out, 32, "none");
    for (uint32_t i = 0; i < process->env.count; i++) {
        struct rh_str pair = process->env.items[i];

        if (pair.n > n && memcmp(pair.p, name, n) == 0 && pair.p[n] == '=')
            (void)snprintf(out, 32, "%.*s", (int)(pair.n - n - 1), pair.p + n + 1);
    }
}

static void on_process(void *user, struct rh_testhost_process *process)
{
    (void)user;
    assert_true(told.count < STARTS_MAX);
    variable(process, "CUDA_VISIBLE_DEVICES", told.devices[told.count]);
    variable(process, "OMP_NUM_THREADS", told.threads[told.count]);
    told.count++;
    process->takes_ms = told.takes_ms;
    process->output = "{}\n";
}

static int set_up(void **state)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_worker(), CONFIG},
    };
    struct loop_node *n = loop_node_new(plugins, 2, "/work/stats");

    told = (struct told){.takes_ms = -1};
    rh_testhost_script(n->host, on_process, NULL);
    *state = n;
    return 0;
}

static void add(struct loop_node *n, const char *body)
{
    assert_int_equal(loop_post(n, "/work/add", body), 201);
}

static uint32_t count_told(const char *devices)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < told.count; i++)
        count += strcmp(told.devices[i], devices) == 0;
    return count;
}

static void each_job_that_needs_a_gpu_has_one_of_its_own_and_others_have_none(void **state)
{
    struct loop_node *n = *state;

    for (int i = 0; i < 5; i++)
        add(n, "{\"work_type\":\"x\",\"needs_gpu\":true}");
    add(n, "{\"work_type\":\"x\"}");
    rh_testnet_run(n->net, 60000);

    assert_int_equal(told.count, 4);
    assert_int_equal(count_told("0"), 1);
    assert_int_equal(count_told("1"), 1);
    assert_int_equal(count_told("2"), 1);
    assert_int_equal(count_told(""), 1);
    assert_string_equal(told.threads[0], "none");
    (void)loop_get(n, "/worker/status");
    loop_says(n, "\"gpus\":3,\"gpus_free\":0");
    assert_int_equal(loop_number(n, "released"),
                     0); /* nothing was claimed for which there is none */
}

static void a_device_is_given_on_when_its_job_has_ended(void **state)
{
    struct loop_node *n = *state;

    told.takes_ms = 1000;
    for (int i = 0; i < 7; i++)
        add(n, "{\"work_type\":\"x\",\"needs_gpu\":true}");
    rh_testnet_run(n->net, 60000);

    assert_int_equal(told.count, 7);
    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "done"), 7);
    (void)loop_get(n, "/worker/status");
    loop_says(n, "\"gpus_free\":3");
}

static void a_command_may_ask_for_several_devices_and_slots(void **state)
{
    struct loop_node *n = *state;

    add(n, "{\"work_type\":\"pair\"}");
    add(n, "{\"work_type\":\"pair\"}");
    add(n, "{\"work_type\":\"wide\"}");
    add(n, "{\"work_type\":\"wide\"}");
    rh_testnet_run(n->net, 60000);

    assert_int_equal(told.count, 2);
    assert_int_equal(count_told("0,1"), 1);
    assert_int_equal(count_told(""), 1);
    for (uint32_t i = 0; i < told.count; i++)
        assert_string_equal(told.threads[i], told.devices[i][0] ? "none" : "4");
    (void)loop_get(n, "/worker/status");
    loop_says(n, "\"slots_free\":1");
    loop_says(n, "\"gpus_free\":1");
}

static void devices_are_kept_over_a_restart(void **state)
{
    struct loop_node *n = *state;

    for (int i = 0; i < 2; i++)
        add(n, "{\"work_type\":\"x\",\"needs_gpu\":true}");
    rh_testnet_run(n->net, 10000);
    assert_int_equal(told.count, 2);
    loop_node_restart(n);
    add(n, "{\"work_type\":\"x\",\"needs_gpu\":true}");
    add(n, "{\"work_type\":\"x\",\"needs_gpu\":true}");
    rh_testnet_run(n->net, 60000);

    assert_int_equal(told.count, 3);
    assert_string_equal(told.devices[2], "2");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_job_that_needs_a_gpu_has_one_of_its_own_and_others_have_none),
        CASE(a_device_is_given_on_when_its_job_has_ended),
        CASE(a_command_may_ask_for_several_devices_and_slots),
        CASE(devices_are_kept_over_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
