/* <ringhost/testhost.h>: setup, life, requests of a simulated node. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void a_wrong_config_is_refused_in_words(void **state)
{
    struct life_script script = {0};
    struct life_plugin plugin;
    struct rh_testhost_plugin row;
    const struct rh_testhost_setup setup = {.plugins = &row, .plugin_count = 1};
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    char why[RH_TESTHOST_WHY_MAX];
    struct rh_testhost *host;

    (void)state;
    life_describe(&plugin, "life", NULL, 0, &script);
    row = (struct rh_testhost_plugin){&plugin.desc, "{\"scrip\":\"1\"}"};

    assert_int_not_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);

    assert_non_null(strstr(why, "scrip"));
    rh_testnet_free(net);
}

static void a_wrong_descriptor_is_refused_in_words(void **state)
{
    struct life_script script = {0};
    struct life_plugin plugin;
    struct rh_testhost_plugin row;
    const struct rh_testhost_setup setup = {.plugins = &row, .plugin_count = 1};
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    char why[RH_TESTHOST_WHY_MAX];
    struct rh_testhost *host;

    (void)state;
    life_describe(&plugin, "Not An Id", NULL, 0, &script);
    row = life_entry(&plugin);

    assert_int_not_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);

    assert_true(why[0] != '\0');
    rh_testnet_free(net);
}

static void a_node_is_up_until_it_stops_or_crashes(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_true(rh_testhost_is_up(n.host));
    assert_true(rh_testhost_is_ready(n.host));

    assert_int_equal(rh_testhost_stop(n.host), 0);
    assert_false(rh_testhost_is_up(n.host));
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testhost_crash(n.host);

    assert_false(rh_testhost_is_ready(n.host));
    life_node_end(&n);
}

static void what_was_committed_outlives_stop_and_crash(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);
    assert_int_equal(life_node_post(&n, "/life/put", "{\"key\":\"k\",\"value\":\"v\"}"), 200);

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 100);
    assert_int_equal(rh_testhost_stop(n.host), 0);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 100);

    assert_int_equal(life_node_get(&n, "/life/get?key=k"), 200);
    life_node_says(&n, "\"value\":\"v\"");
    life_node_end(&n);
}

static void an_open_request_has_no_answer_yet_and_status_0_when_hung_up(void **state)
{
    struct rh_testhost_reply reply;
    struct life_node n;
    uint64_t id;

    (void)state;
    life_node_start(&n, LIFE_ROUTES);
    id = rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    rh_testnet_run(n.net, 100);
    assert_false(rh_testhost_answer(n.host, id, &reply));

    rh_testhost_hang_up(n.host, id);
    rh_testnet_run(n.net, 20000);

    assert_true(rh_testhost_answer(n.host, id, &reply));
    assert_int_equal(reply.status, 0);
    life_node_end(&n);
}

static void a_reply_names_node_and_content_type(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);

    assert_int_equal(life_node_get(&n, "/healthz"), 200);

    assert_string_equal(n.reply.node_id, "n1");
    assert_string_equal(n.reply.content_type, "application/json");
    life_node_end(&n);
}

static void a_net_takes_many_nodes_and_finds_them(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct rh_testhost *hosts[40];
    char why[RH_TESTHOST_WHY_MAX];

    (void)state;

    for (uint32_t i = 0; i < 40; i++) {
        char name[16];
        struct rh_testhost_setup setup = {.node_id = name};

        (void)snprintf(name, sizeof name, "n%u", i + 1);
        assert_int_equal(rh_testhost_new(net, &setup, &hosts[i], why), RH_OK);
    }

    assert_ptr_equal(sim_find(net, RH_STR_LIT("n40:8770")), hosts[39]);
    assert_ptr_equal(sim_find(net, RH_STR_LIT("n1:8770")), hosts[0]);
    assert_null(sim_find(net, RH_STR_LIT("n41:8770")));
    rh_testnet_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_config_is_refused_in_words),
        cmocka_unit_test(a_wrong_descriptor_is_refused_in_words),
        cmocka_unit_test(a_node_is_up_until_it_stops_or_crashes),
        cmocka_unit_test(what_was_committed_outlives_stop_and_crash),
        cmocka_unit_test(an_open_request_has_no_answer_yet_and_status_0_when_hung_up),
        cmocka_unit_test(a_reply_names_node_and_content_type),
        cmocka_unit_test(a_net_takes_many_nodes_and_finds_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
