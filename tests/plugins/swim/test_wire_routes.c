/* Tests of the routes of the plugin, and of what it refuses to start with. */
#include "world.h"

static void routes_take_good_and_refuse_bad_requests(void **state)
{
    static const struct {
        const char *path, *body;
        uint32_t status;
        const char *says;
    } rows[] = {
        {"/swim/ping", "{\"from\":\"n2\",\"seq\":7}", 200, "\"seq\":7,\"incarnation\":"},
        {"/swim/ping", "{\"from\":\"stranger\",\"seq\":1,\"updates\":[]}", 200, "\"updates\":["},
        {"/swim/ping", "{\"from\":\"n2\"}", 400, "seq"},
        {"/swim/ping", "{\"from\":\"\",\"seq\":1}", 400, "from"},
        {"/swim/ping",
         "{\"from\":\"n2\",\"seq\":1,\"updates\":[{\"node_id\":\"n1\",\"state\":\"ill\"}]}", 400,
         "state"},
        {"/swim/indirect-ping", "{\"target\":\"n2\",\"seq\":1,\"timeout_ms\":50}", 200,
         "\"acked\":true"},
        {"/swim/indirect-ping", "{\"target\":\"n1\",\"seq\":1}", 200, "\"acked\":true"},
        {"/swim/indirect-ping", "{\"target\":\"nobody\",\"seq\":1}", 404, "nobody"},
        {"/swim/indirect-ping", "{\"seq\":1}", 400, "target"},
        {"/swim/vouch", "{\"hub\":\"n2\",\"nodes\":[{\"node_id\":\"n3\",\"expires_in_ms\":9}]}",
         200, "\"taken\":1"},
        {"/swim/vouch", "{\"hub\":\"n2\",\"nodes\":[{\"node_id\":\"x\",\"expires_in_ms\":9}]}", 200,
         "\"refused\":[\"x\"]"},
        {"/swim/vouch", "{\"hub\":\"n2\",\"nodes\":[{\"node_id\":\"n3\",\"expires_in_ms\":0}]}",
         400, "expires_in_ms"},
        {"/swim/vouch", "{\"nodes\":[]}", 400, "hub"},
    };
    struct world w;

    (void)state;
    begin(&w, 3);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint32_t status =
            rh_testhost_request(w.hosts[0], "POST", rows[i].path, rows[i].body, &w.reply);

        if (status != rows[i].status || !strstr(w.reply.body, rows[i].says))
            fail_msg("%s %s: %u %s", rows[i].path, rows[i].body, status, w.reply.body);
    }
    assert_non_null(strstr(get(&w, 0, "/swim/members"), "\"since_at\":"));
    assert_int_equal(rh_testhost_request(w.hosts[0], "GET", "/swim/members?x=1", NULL, &w.reply),
                     400);
    assert_int_equal(rh_testhost_request(w.hosts[0], "POST", "/swim/members", "{}", &w.reply), 405);
    rh_testnet_free(w.net);
}

static void an_accusation_in_a_ping_is_refuted_in_its_answer(void **state)
{
    struct world w;
    const char *at;
    uint64_t incarnation;
    char body[256];

    (void)state;
    begin(&w, 3);
    at = strstr(get(&w, 0, "/swim/members"), "\"incarnation\":");
    assert_non_null(at);
    incarnation = strtoull(at + strlen("\"incarnation\":"), NULL, 10);

    (void)snprintf(body, sizeof(body),
                   "{\"from\":\"n2\",\"seq\":1,\"updates\":[{\"node_id\":\"n1\",\"state\":"
                   "\"suspect\",\"incarnation\":%llu,\"by\":\"n2\"}]}",
                   (unsigned long long)incarnation);
    assert_int_equal(rh_testhost_request(w.hosts[0], "POST", "/swim/ping", body, &w.reply), 200);

    (void)snprintf(body, sizeof(body),
                   "{\"node_id\":\"n1\",\"state\":\"alive\",\"incarnation\":%llu",
                   (unsigned long long)incarnation + 1);
    assert_non_null(strstr(w.reply.body, body));
    rh_testnet_free(w.net);
}

static void an_incoherent_override_is_refused_by_its_rule(void **state)
{
    static const struct {
        const char *config, *rule;
    } rows[] = {
        {"{\"interval\":\"2s\"}", "interval_in_beat"},
        {"{\"interval\":\"5ms\"}", "interval_in_beat"},
        {"{\"timeout\":\"90ms\"}", "timeout_in_interval"},
        {"{\"suspicion_factor\":2}", "suspicion_outlives_probe"},
    };

    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct rh_testhost_plugin plugin = {rh_plugin_entry_v1_swim(), rows[i].config};
        const struct rh_testhost_setup setup = {.plugins = &plugin, .plugin_count = 1};
        struct rh_testnet *net = rh_testnet_new(1, WALL_MS);
        char why[RH_TESTHOST_WHY_MAX] = "";
        struct rh_testhost *host;
        const char *last = "";

        assert_int_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);
        rh_testnet_run(net, 1000);

        assert_false(rh_testhost_is_ready(host));
        assert_int_equal(rh_testhost_stop(host), 78);
        (void)rh_testhost_errors(host, &last);
        if (!strstr(last, rows[i].rule))
            fail_msg("no %s in: %s", rows[i].rule, last);
        rh_testnet_free(net);
    }
}

static void vouch(struct world *w)
{
    assert_int_equal(
        rh_testhost_request(
            w->hosts[1], "POST", "/swim/vouch",
            "{\"hub\":\"n2\",\"nodes\":[{\"node_id\":\"n5\",\"expires_in_ms\":20000}]}", &w->reply),
        200);
}

static void a_vouched_node_lives_until_nobody_vouches_for_it(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);
    vouch(&w);
    rh_testnet_run(w.net, 2000);
    cut_off(&w, 4, true); /* the hub hears its polls */

    for (int i = 0; i < 6; i++) {
        vouch(&w);
        rh_testnet_run(w.net, 10000);
        assert_true(all_see(&w, 4, "alive"));
    }
    assert_non_null(strstr(get(&w, 0, "/swim/members"), "\"hubs\":[\"n2\"]"));

    (void)await(&w, 4, "dead", 20000 + FIND_MS);
    rh_testnet_free(w.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_take_good_and_refuse_bad_requests),
        cmocka_unit_test(an_accusation_in_a_ping_is_refuted_in_its_answer),
        cmocka_unit_test(an_incoherent_override_is_refused_by_its_rule),
        cmocka_unit_test(a_vouched_node_lives_until_nobody_vouches_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
