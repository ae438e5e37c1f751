/* Outputs on a node that has no room for them: the worker with artifacts of five bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/testhost.h>

#include "fake_queue.h"

#define XYZ       "3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282"
#define CONFIG    "{\"outputs_wait\":\"2m\",\"commands\":{\"t\":{\"argv\":[\"program\"]}}}"
#define ARTIFACTS "{\"bytes_max\":\"5\"}"
#define ITEM                                                                       \
    "{\"work_id\":\"w1\",\"work_type\":\"t\",\"claim_token\":\"x\",\"attempt\":1," \
    "\"timeout_s\":30,\"outputs\":[\"games\"]}"

const struct rh_plugin *rh_plugin_entry_v1_admin(void);
const struct rh_plugin *rh_plugin_entry_v1_artifacts(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
    const char *text; /* of the output */
};

static void on_process(void *user, struct rh_testhost_process *process)
{
    const struct rig *rig = user;

    process->takes_ms = 1000;
    process->output = "{\"score\":1}";
    process->file_name = "games";
    process->file_text = rig->text;
}

/* A node whose artifacts hold three bytes that stay. */
static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{&fake_queue_entry, NULL},
                                                 {rh_plugin_entry_v1_worker(), CONFIG},
                                                 {rh_plugin_entry_v1_admin(), NULL},
                                                 {rh_plugin_entry_v1_artifacts(), ARTIFACTS}};
    const struct rh_testhost_setup node = {.plugins = plugins, .plugin_count = 4};
    struct rh_testhost_reply reply;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    memset(&told, 0, sizeof(told));
    rig->text = "abc";
    rig->net = rh_testnet_new(1, 1700000000000);
    if (rh_testhost_new(rig->net, &node, &rig->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testhost_script(rig->host, on_process, rig);
    rh_testnet_run(rig->net, 5000);
    assert_int_equal(
        rh_testhost_request(rig->host, "PUT", "/artifacts/data?size=3&sha256=" XYZ, "xyz", &reply),
        201);
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

static void give(struct rig *rig)
{
    rh_req req = told.parked;

    assert_int_not_equal(req, 0);
    (void)snprintf(told.items, sizeof(told.items), "%s", ITEM);
    told.parked = 0;
    assert_int_equal(fake_give(req), RH_OK);
    rh_testnet_run(rig->net, 3000);
}

static void make_room(struct rig *rig)
{
    struct rh_testhost_reply reply;

    assert_int_equal(
        rh_testhost_request(rig->host, "DELETE", "/artifacts/data?sha256=" XYZ, NULL, &reply), 200);
}

static void want_health(struct rig *rig, bool is_shown)
{
    struct rh_testhost_reply reply;

    assert_int_equal(rh_testhost_request(rig->host, "GET", "/admin/health", NULL, &reply), 200);
    assert_int_equal(strstr(reply.body, "worker.output_room") != NULL, is_shown);
}

static void an_output_waits_for_room_while_the_lease_is_kept_up(void **state)
{
    struct rig *rig = *state;

    give(rig);
    want_health(rig, true);
    rh_testnet_run(rig->net, 90000);
    assert_int_equal(told.fails, 0);
    assert_int_equal(told.completes, 0);
    assert_true(told.beats >= 8);

    make_room(rig);
    rh_testnet_run(rig->net, 31000);

    assert_int_equal(told.completes, 1);
    assert_int_equal(told.fails, 0);
    assert_non_null(strstr(told.last_complete, "\"outputs\":{\"games\":"));
    want_health(rig, false);
}

static void a_wait_without_room_ends_with_the_reason(void **state)
{
    struct rig *rig = *state;

    give(rig);
    rh_testnet_run(rig->net, 121000);

    assert_int_equal(told.completes, 0);
    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "output games: no room for 3 bytes"));
    assert_non_null(strstr(told.last_fail, "no room came within outputs_wait"));
    want_health(rig, false);
}

static void an_item_cancelled_meanwhile_waits_no_longer(void **state)
{
    struct rig *rig = *state;

    give(rig);
    told.is_cancelling = 1;
    rh_testnet_run(rig->net, 20000);

    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "cancelled"));
    want_health(rig, false);
}

static void an_output_that_will_never_fit_is_not_waited_for(void **state)
{
    struct rig *rig = *state;

    rig->text = "six...";
    give(rig);

    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "output games: the file has 6 bytes"));
    want_health(rig, false);
}

static void finished_work_that_waits_for_room_outlives_a_reload(void **state)
{
    struct rig *rig = *state;

    give(rig);
    rh_testhost_reactivate(rig->host, "worker");
    rh_testnet_run(rig->net, 10000);
    assert_int_equal(told.fails, 0);
    want_health(rig, true);

    make_room(rig);
    rh_testnet_run(rig->net, 31000);

    assert_int_equal(told.fails, 0);
    assert_int_equal(told.completes, 1);
    assert_non_null(strstr(told.last_complete, "\"result\":{\"score\":1,\"outputs\":{\"games\":"));
    want_health(rig, false);
}

static void it_outlives_a_restart_of_the_host(void **state)
{
    struct rig *rig = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    give(rig);
    rh_testhost_crash(rig->host);
    told.parked = 0;
    assert_int_equal(rh_testhost_start(rig->host, why), RH_OK);
    rh_testnet_run(rig->net, 10000);
    assert_int_equal(told.fails, 0);
    make_room(rig);
    rh_testnet_run(rig->net, 31000);

    assert_int_equal(told.fails, 0);
    assert_int_equal(told.completes, 1);
    assert_non_null(strstr(told.last_complete, "\"outputs\":{\"games\":"));
}

static void a_reload_in_the_middle_of_storing_stores_all(void **state)
{
    struct rig *rig = *state;

    const rh_req req = told.parked;
    uint32_t reloads = 0;

    make_room(rig);
    (void)snprintf(told.items, sizeof(told.items), "%s", ITEM);
    told.parked = 0;
    assert_int_equal(fake_give(req), RH_OK);
    while (told.starts == 0)
        rh_testnet_run(rig->net, 1);
    for (; told.completes == 0 && reloads < 5000; reloads++) { /* wherever it is */
        rh_testhost_reactivate(rig->host, "worker");
        rh_testnet_run(rig->net, 1 + (int64_t)(reloads % 5));
    }
    assert_true(reloads > 10);

    assert_int_equal(told.fails, 0);
    assert_int_equal(told.completes, 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_output_waits_for_room_while_the_lease_is_kept_up),
        T(a_wait_without_room_ends_with_the_reason),
        T(an_item_cancelled_meanwhile_waits_no_longer),
        T(an_output_that_will_never_fit_is_not_waited_for),
        T(finished_work_that_waits_for_room_outlives_a_reload),
        T(it_outlives_a_restart_of_the_host),
        T(a_reload_in_the_middle_of_storing_stores_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
