/* What a claim says that this node has: jobs in any state and reports that nobody has taken yet,
 * under a number that grows over restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/testhost.h>

#include "fake_queue.h"

#define CONFIG "{\"slots\":3,\"commands\":{\"job\":{\"argv\":[\"job\"]}}}"
#define ITEM(id)                                                                  \
    "{\"work_id\":\"" id "\",\"work_type\":\"job\",\"claim_token\":\"t-" id "\"," \
    "\"attempt\":1,\"timeout_s\":300}"

const struct rh_plugin *rh_plugin_entry_v1_worker(void);

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
    int64_t takes_ms; /* of the next programs */
};

static void on_process(void *user, struct rh_testhost_process *process)
{
    process->takes_ms = ((const struct rig *)user)->takes_ms;
    process->output = "{}\n";
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{&fake_queue_entry, NULL},
                                                 {rh_plugin_entry_v1_worker(), CONFIG}};
    const struct rh_testhost_setup node = {.plugins = plugins, .plugin_count = 2};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    memset(&told, 0, sizeof(told));
    rig->takes_ms = -1;
    rig->net = rh_testnet_new(1, 1700000000000);
    assert_non_null(rig->net);
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

/* Hand items to the claim that waits. */
static void give(struct rig *rig, const char *items)
{
    rh_req req = told.parked;

    assert_true(req != 0);
    (void)snprintf(told.items, sizeof(told.items), "%s", items);
    told.parked = 0;
    assert_int_equal(fake_give(req), RH_OK);
    rh_testnet_run(rig->net, 100);
}

static void restart(struct rig *rig)
{
    char why[RH_TESTHOST_WHY_MAX] = "";

    rh_testhost_crash(rig->host);
    told.parked = 0;
    assert_int_equal(rh_testhost_start(rig->host, why), RH_OK);
    rh_testnet_run(rig->net, 5000);
}

static uint64_t last_poll(void)
{
    const char *at = strstr(told.last_claim, "\"poll\":");

    assert_non_null(at);
    return strtoull(at + strlen("\"poll\":"), NULL, 10);
}

static void assert_held(const char *list)
{
    if (!strstr(told.last_claim, list))
        fail_msg("no %s in %s", list, told.last_claim);
}

static void a_claim_says_what_runs_and_an_idle_node_that_it_has_nothing(void **state)
{
    struct rig *rig = *state;

    assert_held("\"held\":[]");
    give(rig, ITEM("w1"));

    assert_held("\"held\":[\"w1\"]");
}

static void polls_are_numbered_upwards_also_after_a_restart(void **state)
{
    struct rig *rig = *state;
    const uint64_t first = last_poll();

    give(rig, ITEM("w1"));
    const uint64_t second = last_poll();
    restart(rig);

    assert_true(first > 0);
    assert_int_equal(second, first + 1);
    assert_true(last_poll() > second);
}

static void a_job_is_held_after_a_restart_too(void **state)
{
    struct rig *rig = *state;

    give(rig, ITEM("w1"));
    restart(rig);

    assert_held("\"held\":[\"w1\"]");
}

static void a_report_that_waits_is_held_until_it_is_taken(void **state)
{
    struct rig *rig = *state;

    rig->takes_ms = 1000;
    told.status = 503;
    give(rig, ITEM("w1"));
    rh_testnet_run(rig->net, 3000);
    give(rig, "");
    assert_held("\"held\":[\"w1\"]");
    restart(rig);
    assert_held("\"held\":[\"w1\"]");

    told.status = 0;
    rh_testnet_run(rig->net, 70000);
    give(rig, "");
    assert_held("\"held\":[]");
}

static void an_item_that_was_turned_down_is_not_held(void **state)
{
    struct rig *rig = *state;

    give(rig, "{\"work_id\":\"w1\",\"work_type\":\"other\",\"claim_token\":\"t\"}");

    assert_int_equal(told.releases, 1);
    assert_held("\"held\":[]");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_claim_says_what_runs_and_an_idle_node_that_it_has_nothing),
        CASE(polls_are_numbered_upwards_also_after_a_restart),
        CASE(a_job_is_held_after_a_restart_too),
        CASE(a_report_that_waits_is_held_until_it_is_taken),
        CASE(an_item_that_was_turned_down_is_not_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
