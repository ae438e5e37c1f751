/* What the node says about itself: health with reasons, plugins, routes, loops. */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static const char *text_of(const cJSON *row, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, key));
}

static int int_of(const cJSON *row, const char *key)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(row, key);

    if (!cJSON_IsNumber(number))
        fail_msg("no number \"%s\"", key);
    return number->valueint;
}

/* The row of list `array` whose `key` is `value`. */
static const cJSON *row_of(const cJSON *root, const char *array, const char *key, const char *value)
{
    const cJSON *row;

    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(root, array))
    {
        if (text_of(row, key) && strcmp(text_of(row, key), value) == 0)
            return row;
    }
    fail_msg("no row with %s=%s in %s", key, value, array);
    return NULL;
}

static cJSON *report(struct life_node *n, const char *path)
{
    cJSON *root;

    if (life_node_get(n, path) != 200)
        fail_msg("%u %s", n->reply.status, n->reply.body);
    root = cJSON_Parse(n->reply.body);
    assert_non_null(root);
    return root;
}

/* Status and reason of one check, and the status of all. */
static void assert_check(struct life_node *n, const char *name, const char *status,
                         const char *reason, const char *all)
{
    cJSON *root = report(n, "/admin/health");

    assert_string_equal(text_of(row_of(root, "checks", "name", name), "status"), status);
    assert_string_equal(text_of(row_of(root, "checks", "name", name), "reason"), reason);
    assert_string_equal(text_of(root, "status"), all);
    cJSON_Delete(root);
}

static void a_healthy_node_is_ok_in_every_check(void **state)
{
    struct life_node n;
    const cJSON *check;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_REPLICATED | LIFE_ROUTES);

    root = report(&n, "/admin/health");

    assert_string_equal(text_of(root, "status"), "ok");
    cJSON_ArrayForEach(check, cJSON_GetObjectItemCaseSensitive(root, "checks"))
        assert_string_equal(text_of(check, "status"), "ok");
    assert_string_equal(text_of(root, "leader"), "n1");
    assert_int_equal(int_of(root, "epoch"), 1);
    assert_int_equal(int_of(root, "uptime_s"), 2);
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(root, "state_home")));
    assert_string_equal(text_of(row_of(root, "plugins", "id", "life"), "state"), "active");
    cJSON_Delete(root);
    life_node_end(&n);
}

static void maintenance_is_degraded(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(life_node_post(&n, "/admin/maintenance", "{\"on\":true}"), 200);

    assert_check(&n, "node", "degraded", "in maintenance: takes no new work", "degraded");

    life_node_end(&n);
}

static void a_dead_voter_is_degraded_by_name(void **state)
{
    const struct rh_str voters[] = {RH_STR_LIT("n1"), RH_STR_LIT("n2"), RH_STR_LIT("n3")};
    struct life_node n;
    struct core_setup setup;
    struct core *core;
    struct peer *peer;

    (void)state;
    life_node_start(&n, LIFE_REPLICATED);
    core = n.host->core;
    setup = *core->setup;
    setup.voters = (struct rh_str_list){.items = voters, .count = 3};
    core->setup = &setup;
    peer = peers_get(&core->peers, voters[1], true);
    assert_non_null(peer);
    assert_true(peers_report(&core->peers, peer, RH_PEER_ALIVE, 1, 1));
    assert_check(&n, "peers", "ok", "", "ok");

    assert_true(peers_report(&core->peers, peer, RH_PEER_DEAD, 1, 2));

    assert_check(&n, "peers", "degraded", "voter n2 is dead", "degraded");
    life_node_end(&n);
}

static void a_voter_that_was_never_reached_is_degraded_once_it_had_time(void **state)
{
    const struct rh_str voters[] = {RH_STR_LIT("n1"), RH_STR_LIT("n2")};
    struct life_node n;
    struct core_setup setup;
    struct core *core;

    (void)state;
    life_node_start(&n, LIFE_MEMBERS);
    core = n.host->core;
    setup = *core->setup;
    setup.voters = (struct rh_str_list){.items = voters, .count = 2};
    core->setup = &setup;
    assert_check(&n, "peers", "ok", "", "ok");

    rh_testnet_run(n.net, 5 * setup.beat_ms);

    assert_check(&n, "peers", "degraded", "voter n2 was never reached", "degraded");
    life_node_end(&n);
}

static void no_leader_is_degraded_with_its_reason(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LEADS);
    assert_int_equal(
        n.script.leader->leaderless(n.script.rh->ctx, 1, "2 of 3 voters are silent", 1, 2), RH_OK);

    assert_check(&n, "leader", "degraded", "2 of 3 voters are silent", "degraded");

    life_node_end(&n);
}

static void a_plugin_that_cannot_be_activated_is_degraded_with_its_reason(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.activate_rc = RH_EIO;
    n.script.fail_text = "row 7 is unreadable";
    assert_int_equal(life_node_begin(&n, LIFE_LOCAL), RH_OK);
    rh_testnet_run(n.net, 100);

    assert_check(&n, "plugins", "degraded", "life: activate: row 7 is unreadable", "degraded");

    life_node_end(&n);
}

static void a_lasting_fault_is_failing_with_its_reason(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    snprintf(n.host->core->unhealthy, sizeof n.host->core->unhealthy, "writes have stopped: x");

    assert_check(&n, "node", "failing", "writes have stopped: x", "failing");

    life_node_end(&n);
}

static void draining_is_degraded(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES);
    (void)rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    rh_testnet_run(n.net, 100);
    assert_int_equal(life_node_post(&n, "/admin/shutdown", NULL), 202);

    assert_check(&n, "node", "degraded", "draining", "degraded");

    life_node_end(&n);
}

static void plugins_show_version_state_and_counters(void **state)
{
    const cJSON *row;
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_REPLICATED | LIFE_ROUTES);
    (void)rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    rh_testnet_run(n.net, 100);

    root = report(&n, "/plugins");

    row = row_of(root, "plugins", "id", "life");
    assert_string_equal(text_of(row, "version"), "0.1.0");
    assert_string_equal(text_of(row, "state"), "active");
    assert_string_equal(text_of(row, "license"), "Apache-2.0");
    assert_string_equal(text_of(row, "file"), "static");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "replicated")));
    assert_int_equal(int_of(row, "routes"), 3);
    assert_int_equal(int_of(row, "requests"), 1);
    assert_int_equal(int_of(row, "activation"), 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(row, "services")), 5);
    cJSON_Delete(root);
    life_node_end(&n);
}

static void an_inactive_plugin_says_why(void **state)
{
    const cJSON *row;
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_LEADS | LIFE_REPLICATED);

    root = report(&n, "/plugins");

    row = row_of(root, "plugins", "id", "life");
    assert_string_equal(text_of(row, "state"), "inactive");
    assert_string_equal(text_of(row, "reason"), "this node does not lead");
    cJSON_Delete(root);
    life_node_end(&n);
}

static void routes_show_scope_leader_limits_and_hits(void **state)
{
    const cJSON *row;
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_REPLICATED | LIFE_ROUTES);
    for (int i = 0; i < 3; i++)
        assert_int_equal(life_node_get(&n, "/life/get?key=k"), 200);

    root = report(&n, "/routes");

    row = row_of(root, "routes", "path", "/life/get");
    assert_string_equal(text_of(row, "method"), "GET");
    assert_string_equal(text_of(row, "plugin"), "life");
    assert_string_equal(text_of(row, "scope"), "public");
    assert_string_equal(text_of(row, "handler"), "handle_get");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "leader")));
    assert_int_equal(int_of(row, "timeout_ms"), 10000);
    assert_int_equal(int_of(row, "body_max"), 1048576);
    assert_int_equal(int_of(row, "hits"), 3);
    assert_string_equal(text_of(row_of(root, "routes", "path", "/healthz"), "plugin"), "host");
    cJSON_Delete(root);
    life_node_end(&n);
}

static void loops_show_runs_and_the_last_error(void **state)
{
    const cJSON *row;
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_init(&n);
    n.script.loop_rc = RH_EIO;
    n.script.fail_text = "the probe is gone";
    assert_int_equal(life_node_begin(&n, LIFE_LOOP), RH_OK);
    rh_testnet_run(n.net, 3500);

    root = report(&n, "/loops");

    row = row_of(root, "loops", "name", "tick");
    assert_string_equal(text_of(row, "plugin"), "life");
    assert_int_equal(int_of(row, "interval_ms"), 1000);
    assert_int_equal(int_of(row, "runs"), 2);
    assert_int_equal(int_of(row, "failures"), 2);
    assert_string_equal(text_of(row, "last_error"), "the probe is gone");
    assert_true(cJSON_GetObjectItemCaseSensitive(row, "last_at")->valuedouble >=
                (double)LIFE_WALL_MS);
    cJSON_Delete(root);
    life_node_end(&n);
}

static void without_effective_values_the_configuration_is_an_empty_object(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);

    assert_int_equal(life_node_get(&n, "/admin/config"), 200);

    assert_string_equal(n.reply.body, "{}");
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_node_is_ok_in_every_check),
        cmocka_unit_test(maintenance_is_degraded),
        cmocka_unit_test(a_dead_voter_is_degraded_by_name),
        cmocka_unit_test(a_voter_that_was_never_reached_is_degraded_once_it_had_time),
        cmocka_unit_test(no_leader_is_degraded_with_its_reason),
        cmocka_unit_test(a_plugin_that_cannot_be_activated_is_degraded_with_its_reason),
        cmocka_unit_test(a_lasting_fault_is_failing_with_its_reason),
        cmocka_unit_test(draining_is_degraded),
        cmocka_unit_test(plugins_show_version_state_and_counters),
        cmocka_unit_test(an_inactive_plugin_says_why),
        cmocka_unit_test(routes_show_scope_leader_limits_and_hits),
        cmocka_unit_test(loops_show_runs_and_the_last_error),
        cmocka_unit_test(without_effective_values_the_configuration_is_an_empty_object),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
