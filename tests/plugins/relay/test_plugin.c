/* Tests of the relay in several hosts on virtual time. */
#include "world.h"

#define NAT 3u /* n4 */

static void begin_reached(struct world *w, const char *tokens)
{
    begin(w, 3, 1, tokens);
    (void)await(w, NAT, "\"reach\":\"n", 20000);
    rh_testnet_run(w->net, 3 * BEAT_MS);
}

static void a_node_behind_nat_is_alive_and_reached_through_hubs_everywhere(void **state)
{
    struct world w;

    (void)state;
    begin_reached(&w, NULL);

    rh_testnet_run(w.net, 60000);

    assert_true(all_list(&w, NAT, "\"state\":\"alive\""));
    for (uint32_t i = 0; i < 4; i++) {
        const char *last = "";

        assert_int_equal(rh_testhost_logged(w.hosts[i], "node=n4 state=dead"), 0);
        assert_true(i == NAT || lists(&w, NAT, i, "\"reach\":\"direct\""));
        if (rh_testhost_errors(w.hosts[i], &last))
            fail_msg("%s", last);
    }
    rh_testnet_free(w.net);
}

static void calls_go_both_ways_and_bring_status_type_and_body_back(void **state)
{
    struct world w;

    (void)state;
    begin_reached(&w, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        const char *there = call(&w, i, NAT, ",\"bytes\":5000");

        assert_says(there,
                    "\"rc\":0,\"status\":201,\"node\":\"n4\",\"type\":\"application/x-echo\"");
        assert_says(there, "\"same\":true");
        assert_says(call(&w, NAT, i, ",\"bytes\":5000"), "\"rc\":0,\"status\":201");
    }
    assert_says(get(&w, NAT, "/caller/seen"), "\"echoes\":3");
    assert_says(call(&w, 0, NAT, ",\"path\":\"/no/such\""), "\"rc\":0,\"status\":404");

    assert_says(w.reply.body, "\"code\":\"no_route\"");
    rh_testnet_free(w.net);
}

static void an_act_of_an_older_leadership_is_refused_behind_nat_too(void **state)
{
    struct world w;

    (void)state;
    begin_reached(&w, NULL);

    for (uint32_t i = 0; i < 3; i++) { /* from hubs, and by way of them */
        char newer[32];

        (void)snprintf(newer, sizeof(newer), ",\"epoch\":%u", 101 + i);
        assert_says(call(&w, i, NAT, newer), "\"rc\":0,\"status\":201");
        assert_says(call(&w, i, NAT, ",\"epoch\":100"), "\"rc\":0,\"status\":412");
    }

    assert_says(get(&w, NAT, "/caller/seen"), "\"echoes\":3");
    rh_testnet_free(w.net);
}

static void bodies_of_sixteen_mebibytes_pass_and_small_ones_beside_them(void **state)
{
    struct world w;
    uint64_t large;

    (void)state;
    begin_reached(&w, NULL);
    large = rh_testhost_send(w.hosts[1], "POST", "/caller/call",
                             "{\"target\":\"n4\",\"bytes\":16777216,\"timeout_ms\":20000}");
    rh_testnet_run(w.net, 5);
    assert_says(call(&w, 1, NAT, ",\"bytes\":10"), "\"same\":true");
    rh_testnet_run(w.net, 10000);

    assert_true(rh_testhost_answer(w.hosts[1], large, &w.reply));
    assert_says(w.reply.body, "\"status\":201");
    assert_says(w.reply.body, "\"bytes\":16777216,\"same\":true");
    rh_testnet_free(w.net);
}

static void a_call_that_the_node_does_not_answer_ends_in_time(void **state)
{
    struct world w;
    int64_t start_ms;

    (void)state;
    begin_reached(&w, NULL);
    start_ms = rh_testnet_now_ms(w.net);
    assert_says(call(&w, 0, NAT, ",\"path\":\"/caller/silence\",\"timeout_ms\":3000"), "\"rc\":-6");

    assert_in_range(rh_testnet_now_ms(w.net) - start_ms, 2500, 3100);
    rh_testnet_free(w.net);
}

static void a_voter_is_not_registered(void **state)
{
    struct world w;

    (void)state;
    begin_reached(&w, NULL);

    assert_int_equal(rh_testhost_request(w.hosts[0], "POST", "/relay/register",
                                         "{\"node_id\":\"n2\",\"epoch\":\"1\"}", &w.reply),
                     409);

    assert_says(w.reply.body, "is a voter");
    assert_true(lists(&w, 1, 0, "\"reach\":\"direct\""));
    rh_testnet_free(w.net);
}

static void forward_gives_the_nodes_own_answer_or_a_reason(void **state)
{
    struct world w;
    uint32_t hub;

    (void)state;
    begin_reached(&w, NULL);
    for (hub = 0; !strstr(get(&w, hub, "/relay/status"), "\"node_id\":\"n4\""); hub++)
        ;
    assert_int_equal(rh_testhost_request(w.hosts[hub], "POST", "/relay/forward",
                                         "{\"target\":\"n4\",\"path\":\"/caller/seen\"}", &w.reply),
                     200);
    assert_says(w.reply.body, "\"echoes\":0");
    assert_int_equal(rh_testhost_request(w.hosts[hub], "POST", "/relay/forward",
                                         "{\"target\":\"n4\",\"path\":\"/no\"}", &w.reply),
                     404);
    assert_int_equal(
        rh_testhost_request(w.hosts[hub], "POST", "/relay/forward",
                            "{\"target\":\"n4\",\"method\":\"POST\",\"path\":\"/caller/echo\","
                            "\"body_base64\":\"aGVsbG8=\",\"content_type\":\"text/plain\"}",
                            &w.reply),
        201);
    assert_string_equal(w.reply.body, "hello");
    assert_string_equal(w.reply.content_type, "application/x-echo");
    assert_int_equal(rh_testhost_request(w.hosts[hub], "POST", "/relay/forward",
                                         "{\"target\":\"n9\",\"path\":\"/healthz\"}", &w.reply),
                     503);
    assert_says(w.reply.body, "unknown_node");
    assert_int_equal(
        rh_testhost_request(w.hosts[hub], "POST", "/relay/forward",
                            "{\"target\":\"n4\",\"method\":\"POST\",\"path\":\"/caller/silence\","
                            "\"timeout_ms\":500}",
                            &w.reply),
        504);
    assert_says(w.reply.body, "no_reply");

    assert_says(get(&w, hub, "/relay/status"), "\"refused\":{\"unknown_node\":1,\"no_reply\":1}");
    assert_says(get(&w, hub, "/metrics"), "relay_refused_total{");
    rh_testnet_free(w.net);
}

static void delivery_goes_on_within_two_polls_after_a_hub_died(void **state)
{
    struct world w;

    (void)state;
    begin_reached(&w, NULL);
    for (uint32_t hub = 0; hub < 3; hub++) {
        const uint32_t other = (hub + 1) % 3;
        char why[RH_TESTHOST_WHY_MAX];

        rh_testhost_crash(w.hosts[hub]);
        rh_testnet_run(w.net, 2 * POLL_MS);
        assert_says(call(&w, other, NAT, ",\"bytes\":10"), "\"rc\":0,\"status\":201");
        assert_int_equal(rh_testhost_start(w.hosts[hub], why), RH_OK);
        rh_testnet_run(w.net, 20000);
        (void)await(&w, NAT, "\"state\":\"alive\"", 20000);
    }
    rh_testnet_free(w.net);
}

static void a_node_that_can_be_called_after_all_is_direct_again(void **state)
{
    struct world w;

    (void)state;
    begin_reached(&w, NULL);

    rh_testhost_nat(w.hosts[NAT], false);

    (void)await(&w, NAT, "\"reach\":\"direct\"", 60000);
    assert_says(get(&w, NAT, "/relay/status"), "\"state\":\"direct\"");
    rh_testnet_free(w.net);
}

static void on_process(void *user, struct rh_testhost_process *process)
{
    (void)user;
    process->takes_ms = 500;
    process->output = "{\"games\":1}";
}

static void a_worker_behind_nat_claims_and_completes_work(void **state)
{
    struct world w;

    (void)state;
    begin_reached(&w, NULL);
    rh_testhost_script(w.hosts[NAT], on_process, NULL);
    for (int i = 0; i < 5; i++)
        assert_int_equal(rh_testhost_request(w.hosts[1], "POST", "/work/add",
                                             "{\"work_type\":\"echo\",\"target_node\":\"n4\"}",
                                             &w.reply),
                         201);

    rh_testnet_run(w.net, 15000);

    assert_says(get(&w, 0, "/work/pending?status=done"), "\"total\":5");
    assert_true(all_list(&w, NAT, "\"state\":\"alive\""));
    rh_testnet_free(w.net);
}

#define TOKENS                                         \
    "boss admin admin-token-0123456789\n"              \
    "n1 peer,voter,admin token-of-n1-0123456789 n1\n"  \
    "n2 peer,voter,worker token-of-n2-0123456789 n2\n" \
    "n3 peer,voter,worker token-of-n3-0123456789 n3\n" \
    "n4 peer,worker token-of-n4-0123456789 n4\n"

static const char *call_as_boss(struct world *w, uint32_t from, const char *path)
{
    char body[128];

    (void)snprintf(body, sizeof(body), "{\"target\":\"n4\",\"path\":\"%s\"}", path);
    if (rh_testhost_request_as(w->hosts[from], "admin-token-0123456789", "POST", "/caller/call",
                               body, &w->reply) != 200)
        fail_msg("%u %s", w->reply.status, w->reply.body);
    return w->reply.body;
}

static void with_tokens_each_caller_has_its_own_name_and_rights(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 3, 1, TOKENS);
    rh_testnet_run(w.net, 15000);

    assert_says(call_as_boss(&w, 1, "/caller/echo"), "\"status\":201");
    assert_int_equal(rh_testhost_request_as(w.hosts[NAT], "admin-token-0123456789", "GET",
                                            "/caller/seen", NULL, &w.reply),
                     200);
    assert_says(w.reply.body, "\"node\":\"n2\",\"via\":\"n");
    assert_says(w.reply.body, "\"name\":\"n2\"");
    assert_says(call_as_boss(&w, 0, "/caller/admin"), "\"status\":200"); /* n1 is an admin */
    assert_says(call_as_boss(&w, 1, "/caller/admin"), "\"status\":401"); /* n2 is none */
    assert_int_equal(rh_testhost_request_as(w.hosts[0], "admin-token-0123456789", "POST",
                                            "/relay/register",
                                            "{\"node_id\":\"n4\",\"epoch\":\"9\"}", &w.reply),
                     403);
    rh_testnet_free(w.net);
}

/* Voter n1 does not start with this section, and says why. */
static void assert_refused(const char *config, const char *words)
{
    static const char *const voters[] = {"n1", "n2"};
    const struct rh_testhost_plugin plugins[] = {{rh_plugin_entry_v1_gossip(), NULL},
                                                 {rh_plugin_entry_v1_relay(), config}};
    const struct rh_testhost_setup setup = {
        .plugins = plugins, .plugin_count = 2, .voters = voters, .voter_count = 2};
    struct rh_testnet *net = rh_testnet_new(7, WALL_MS);
    struct rh_testhost *host;
    char why[RH_TESTHOST_WHY_MAX];

    assert_int_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);
    rh_testnet_run(net, 2000);

    assert_true(rh_testhost_logged(host, words) > 0);
    rh_testnet_free(net);
}

static void a_voter_cannot_be_behind_a_relay(void **state)
{
    (void)state;
    assert_refused("{\"mode\":\"relayed\"}", "directly reachable");
}

static void a_hub_is_named_once(void **state)
{
    (void)state;
    assert_refused("{\"hubs\":[\"n2\",\"nosuch\",\"n2\"]}", "hubs.2: \"n2\" is named twice");
}

static void a_poll_that_breaks_does_not_take_the_last_hub_away(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1, 1, NULL);
    (void)await(&w, 1, "\"reach\":\"n1\"", 20000);

    rh_testnet_cut(w.net, "n1", "n2", true);
    rh_testnet_run(w.net, POLL_MS + 20); /* one answer of the hub is lost */
    rh_testnet_cut(w.net, "n1", "n2", false);
    rh_testnet_run(w.net, 2 * POLL_MS);

    assert_int_equal(rh_testhost_logged(w.hosts[1], "hubs=none"), 0);
    assert_says(call(&w, 0, 1, ",\"bytes\":10"), "\"rc\":0,\"status\":201");
    rh_testnet_free(w.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_behind_nat_is_alive_and_reached_through_hubs_everywhere),
        cmocka_unit_test(calls_go_both_ways_and_bring_status_type_and_body_back),
        cmocka_unit_test(an_act_of_an_older_leadership_is_refused_behind_nat_too),
        cmocka_unit_test(bodies_of_sixteen_mebibytes_pass_and_small_ones_beside_them),
        cmocka_unit_test(a_call_that_the_node_does_not_answer_ends_in_time),
        cmocka_unit_test(a_voter_is_not_registered),
        cmocka_unit_test(forward_gives_the_nodes_own_answer_or_a_reason),
        cmocka_unit_test(delivery_goes_on_within_two_polls_after_a_hub_died),
        cmocka_unit_test(a_poll_that_breaks_does_not_take_the_last_hub_away),
        cmocka_unit_test(a_node_that_can_be_called_after_all_is_direct_again),
        cmocka_unit_test(a_worker_behind_nat_claims_and_completes_work),
        cmocka_unit_test(with_tokens_each_caller_has_its_own_name_and_rights),
        cmocka_unit_test(a_voter_cannot_be_behind_a_relay),
        cmocka_unit_test(a_hub_is_named_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
