/* The host's own routes, and that they answer in every phase. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "tests/host/core/life_net.h"

static void healthz_answers_while_plugins_start(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.start_rc = RH_PENDING;
    n.script.done_ms = 5000;
    assert_int_equal(life_node_begin(&n, 0), RH_OK);
    rh_testnet_run(n.net, 100);

    assert_int_equal(life_node_get(&n, "/healthz"), 200);
    assert_string_equal(n.reply.body, "{\"ok\":true}");

    life_node_end(&n);
}

static void readyz_is_503_until_all_plugins_have_started(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.start_rc = RH_PENDING;
    n.script.done_ms = 5000;
    assert_int_equal(life_node_begin(&n, 0), RH_OK);
    rh_testnet_run(n.net, 100);

    assert_int_equal(life_node_get(&n, "/readyz"), 503);
    life_node_says(&n, "\"code\":\"loading\"");
    rh_testnet_run(n.net, 6000);

    assert_int_equal(life_node_get(&n, "/readyz"), 200);
    assert_string_equal(n.reply.body, "{\"ready\":true}");
    life_node_end(&n);
}

static void readyz_is_503_while_the_node_drains(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES);
    (void)rh_testhost_send(n.host, "GET", "/life/wait", NULL); /* holds up the stop */
    rh_testnet_run(n.net, 100);
    assert_int_equal(life_node_post(&n, "/admin/shutdown", "{\"grace_s\":5}"), 202);

    assert_int_equal(life_node_get(&n, "/readyz"), 503);

    life_node_says(&n, "\"code\":\"draining\"");
    assert_int_equal(life_node_get(&n, "/healthz"), 200);
    life_node_end(&n);
}

static void every_report_is_a_route(void **state)
{
    static const char *const paths[] = {"/plugins", "/routes", "/loops", "/openapi.json"};
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOOP);

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(life_node_get(&n, paths[i]), 200);
        assert_string_equal(n.reply.content_type, "application/json");
        life_node_says(&n, "life");
    }

    life_node_end(&n);
}

/* The value of a sample line that begins with `name`. */
static double sample(const struct life_node *n, const char *name)
{
    const char *at = n->reply.body;
    double value;

    while ((at = strstr(at, name)) && at != n->reply.body && at[-1] != '\n')
        at++;
    if (!at)
        fail_msg("no '%s' in %s", name, n->reply.body);
    assert_int_equal(sscanf(at + strlen(name), " %lf", &value), 1);
    return value;
}

static void metrics_tell_of_the_node_and_its_plugins(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(life_node_post(&n, "/life/put", "{\"key\":\"k\",\"value\":\"v\"}"), 200);
    (void)rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    rh_testnet_run(n.net, 100);

    assert_int_equal(life_node_get(&n, "/metrics"), 200);

    assert_string_equal(n.reply.content_type, "text/plain; version=0.0.4");
    assert_true(sample(&n, "ringhost_is_leader") == 1);
    assert_true(sample(&n, "ringhost_epoch") == 1);
    assert_true(sample(&n, "ringhost_state_commits") >= 3);
    assert_true(sample(&n, "ringhost_state_stopped") == 0);
    assert_true(sample(&n, "ringhost_plugin_active{plugin=\"life\"}") == 1);
    assert_true(sample(&n, "ringhost_plugin_requests{plugin=\"life\"}") == 1);
    life_node_end(&n);
}

static void reports_need_the_scope_read_and_probes_none(void **state)
{
    static const char tokens[] = "reader read reader-token-0123456789abcdef\n";
    struct life_script script = {0};
    struct life_plugin plugin;
    struct rh_testhost_plugin row;
    const struct rh_testhost_setup setup = {
        .plugins = &row, .plugin_count = 1, .token_text = tokens};
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    char why[RH_TESTHOST_WHY_MAX];
    struct rh_testhost *host;

    (void)state;
    life_describe(&plugin, "life", NULL, 0, &script);
    row = life_entry(&plugin);
    if (rh_testhost_new(net, &setup, &host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testnet_run(net, 1000);

    assert_int_equal(rh_testhost_request(host, "GET", "/healthz", NULL, NULL), 200);
    assert_int_equal(rh_testhost_request(host, "GET", "/openapi.json", NULL, NULL), 200);
    assert_int_equal(rh_testhost_request(host, "GET", "/plugins", NULL, NULL), 401);
    assert_int_equal(rh_testhost_request_as(host, "reader-token-0123456789abcdef", "GET",
                                            "/plugins", NULL, NULL),
                     200);

    rh_testnet_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthz_answers_while_plugins_start),
        cmocka_unit_test(readyz_is_503_until_all_plugins_have_started),
        cmocka_unit_test(readyz_is_503_while_the_node_drains),
        cmocka_unit_test(every_report_is_a_route),
        cmocka_unit_test(metrics_tell_of_the_node_and_its_plugins),
        cmocka_unit_test(reports_need_the_scope_read_and_probes_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
