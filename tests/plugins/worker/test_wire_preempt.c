/* Machines that are about to be taken away, beside the real queue: jobs end, items go back with
 * their checkpoints, and nothing new begins. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_admin(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

#define COMMANDS "\"commands\":{\"x\":{\"argv\":[\"job\"]}}"
#define ASKING \
    "{\"slots\":2,\"preemption\":{\"command\":[\"ask\"],\"interval\":\"2s\"}," COMMANDS "}"

/* How programs behave, and what was seen of them. */
struct script {
    uint32_t jobs;
    uint32_t questions;
    bool is_taken;  /* what "ask" answers */
    bool is_absent; /* there is no "ask" */
    bool is_hung;   /* "ask" does not end */
    int32_t status; /* of "ask", when it is neither */
    int64_t takes_ms;
    char key[64]; /* of the last job */
};

static struct script script;

static void on_process(void *user, struct rh_testhost_process *process)
{
    (void)user;
    process->output = "{}\n";
    if (process->argv.items[0].n == 3 && memcmp(process->argv.items[0].p, "ask", 3) == 0) {
        script.questions++;
        process->not_found = script.is_absent;
        process->takes_ms = script.is_hung ? -1 : 100;
        process->exit_code = script.is_taken ? 0 : script.status ? script.status : 1;
        process->errors = script.status ? "ask: no \x1b[31m such\noption \xc3\xa9\xff\n" : "";
        process->output = "spot notice\n";
        return;
    }
    script.jobs++;
    process->takes_ms = script.takes_ms;
    (void)snprintf(script.key, sizeof(script.key), "%s", process->key);
}

static struct loop_node *node_new(const char *config)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_worker(), config},
        {rh_plugin_entry_v1_admin(), NULL},
    };
    struct loop_node *n = loop_node_new(plugins, 3, "/work/stats");

    script = (struct script){.takes_ms = -1};
    rh_testhost_script(n->host, on_process, NULL);
    return n;
}

static int set_up(void **state)
{
    *state = node_new("{\"slots\":2," COMMANDS "}");
    return 0;
}

static int set_up_asking(void **state)
{
    *state = node_new(ASKING);
    return 0;
}

static void add_and_begin(struct loop_node *n)
{
    char path[160];

    assert_int_equal(loop_post(n, "/work/add", "{\"work_type\":\"x\",\"max_attempts\":1}"), 201);
    rh_testnet_run(n->net, 3000);
    assert_int_equal(script.jobs, 1);
    (void)snprintf(path, sizeof(path), "jobs/worker/%s/checkpoint.json", script.key);
    assert_int_equal(rh_testhost_file(n->host, path, "{\"step\":3}"), RH_OK);
}

static void jobs_end_and_items_go_back_with_their_last_checkpoint(void **state)
{
    struct loop_node *n = *state;
    uint64_t stream = rh_testhost_send(n->host, "GET", "/events", NULL);

    add_and_begin(n);
    assert_int_equal(loop_post(n, "/worker/preempt", "{\"on\":true,\"reason\":\"spot\"}"), 200);
    loop_says(n, "{\"preempted\":true,\"jobs\":1}");
    assert_int_equal(loop_post(n, "/work/add", "{\"work_type\":\"x\"}"), 201);
    rh_testnet_run(n->net, 2000);

    (void)loop_get(n, "/work/item?work_id=w1");
    loop_says(n, "\"status\":\"pending\"");
    loop_says(n, "\"checkpoint\":{\"step\":3}");
    loop_says(n, "\"attempt\":0");
    (void)loop_get(n, "/worker/status");
    loop_says(n, "\"state\":\"preempted\"");
    loop_says(n, "\"preemption\":{\"reason\":\"spot\",\"left_ms\":1");
    assert_int_equal(rh_testhost_running(n->host, "worker"), 0);
    assert_int_equal(script.jobs, 1);
    assert_non_null(strstr(rh_testhost_streamed(n->host, stream), "NODE_PREEMPTED"));
    rh_testhost_hang_up(n->host, stream);
    rh_testnet_run(n->net, 10);
}

static void a_machine_that_stays_after_all_goes_on(void **state)
{
    struct loop_node *n = *state;

    add_and_begin(n);
    assert_int_equal(loop_post(n, "/worker/preempt", "{\"on\":true,\"grace_s\":1}"), 200);
    rh_testnet_run(n->net, 60000);
    assert_int_equal(script.jobs, 1);
    script.takes_ms = 1000;
    assert_int_equal(loop_post(n, "/worker/preempt", "{\"on\":false}"), 200);
    rh_testnet_run(n->net, 60000);

    assert_int_equal(script.jobs, 2);
    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "done"), 1);
    (void)loop_get(n, "/worker/status");
    loop_silent_on(n, "preemption");
}

static void a_command_that_prints_why_is_believed(void **state)
{
    struct loop_node *n = *state;

    add_and_begin(n);
    assert_true(script.questions >= 1);
    (void)loop_get(n, "/worker/status");
    loop_silent_on(n, "\"preemption\"");
    script.is_taken = true;
    rh_testnet_run(n->net, 5000);

    (void)loop_get(n, "/worker/status");
    loop_says(n, "\"preemption\":{\"reason\":\"spot notice\"");
    (void)loop_get(n, "/work/stats");
    assert_int_equal(loop_number(n, "leased"), 0);
    assert_int_equal(loop_number(n, "pending"), 1);
}

static void a_command_that_is_missing_is_told_once_and_work_goes_on(void **state)
{
    struct loop_node *n = *state;

    script.is_absent = true;
    add_and_begin(n);
    rh_testnet_run(n->net, 20000);

    assert_true(script.questions > 3);
    (void)loop_get(n, "/worker/status");
    loop_says(n, "\"state\":\"");
    loop_silent_on(n, "\"preemption\"");
    assert_int_equal(rh_testhost_logged(n->host, "preemption_check_failed"), 1);
}

static void want_health(struct loop_node *n, bool is_shown)
{
    const char *body = loop_get(n, "/admin/health");

    assert_int_equal(strstr(body, "worker.preemption_command") != NULL, is_shown);
}

static void a_command_that_says_nothing_is_shown_until_it_works(void **state)
{
    struct loop_node *n = *state;

    rh_testnet_run(n->net, 5000);
    want_health(n, false);
    script.status = 2;
    rh_testnet_run(n->net, 20000);
    want_health(n, true);
    assert_int_equal(rh_testhost_logged(n->host, "why=\"exited with status 2"), 1);
    assert_int_equal(rh_testhost_logged(n->host, "ask: no  [31m such option \xc3\xa9?"), 1);
    (void)loop_get(n, "/worker/status");
    loop_says(n, "preemption.command: exited with status 2");
    script.status = 0;
    rh_testnet_run(n->net, 5000);
    want_health(n, false);
    script.status = 2;
    rh_testnet_run(n->net, 5000);

    want_health(n, true);
    assert_int_equal(rh_testhost_logged(n->host, "why=\"exited with status 2"), 2);
}

static void a_command_that_does_not_end_is_shown(void **state)
{
    struct loop_node *n = *state;

    script.is_hung = true;
    rh_testnet_run(n->net, 40000);

    want_health(n, true);
    assert_int_equal(rh_testhost_logged(n->host, "why=\"ran longer than its limit"), 1);
}

static void nothing_is_preempted_unless_the_request_says_so(void **state)
{
    struct loop_node *n = *state;

    assert_int_equal(loop_post(n, "/worker/preempt", "{}"), 400);
    loop_says(n, "\\\"on\\\" is required");
    assert_int_equal(loop_post(n, "/worker/preempt", NULL), 400);

    (void)loop_get(n, "/worker/status");
    loop_silent_on(n, "\"preemption\"");
}

static void it_is_asked_again_after_a_restart(void **state)
{
    struct loop_node *n = *state;

    rh_testnet_run(n->net, 4000);
    loop_node_restart(n);
    script.questions = 0;
    rh_testnet_run(n->net, 20000);

    assert_true(script.questions > 3);
}

#define CASE(test)  cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)
#define ASKED(test) cmocka_unit_test_setup_teardown(test, set_up_asking, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(jobs_end_and_items_go_back_with_their_last_checkpoint),
        CASE(a_machine_that_stays_after_all_goes_on),
        ASKED(a_command_that_prints_why_is_believed),
        ASKED(a_command_that_is_missing_is_told_once_and_work_goes_on),
        ASKED(a_command_that_says_nothing_is_shown_until_it_works),
        ASKED(a_command_that_does_not_end_is_shown),
        CASE(nothing_is_preempted_unless_the_request_says_so),
        ASKED(it_is_asked_again_after_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
