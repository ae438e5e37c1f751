/* Tests of the plugin in hosts: several nodes with gossip, election and the queue, on virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/testhost.h>
#include <stdio.h>
#include <string.h>

const struct rh_plugin *rh_plugin_entry_v1_gossip(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_swim(void);

#define WALL_MS   INT64_C(1800000000000)
#define BEAT_MS   1500
#define NODES_MAX 6u
/* Finding a dead node, and telling everyone: probe, longest suspicion, and some rounds. */
#define FIND_MS 15000

struct world {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES_MAX];
    uint32_t count;
    const char *gossip_config;
    struct rh_testhost_reply reply;
};

static const char *const names[NODES_MAX] = {"n1", "n2", "n3", "n4", "n5", "n6"};

static void add(struct world *w, uint32_t voters, const char *swim_config)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_gossip(), w->gossip_config},
        {rh_plugin_entry_v1_swim(), swim_config},
        {rh_plugin_entry_v1_election(), NULL},
        {rh_plugin_entry_v1_work_queue(), NULL},
    };
    const struct rh_testhost_setup setup = {
        .node_id = names[w->count],
        .plugins = plugins,
        .plugin_count = 4,
        .voters = names,
        .voter_count = voters,
        .beat_ms = BEAT_MS,
    };
    char why[RH_TESTHOST_WHY_MAX] = "";

    if (rh_testhost_new(w->net, &setup, &w->hosts[w->count], why) != RH_OK)
        fail_msg("%s", why);
    w->count++;
}

static const char *get(struct world *w, uint32_t node, const char *target)
{
    if (rh_testhost_request(w->hosts[node], "GET", target, NULL, &w->reply) != 200)
        fail_msg("%s of %s: %u %s", target, names[node], w->reply.status, w->reply.body);
    return w->reply.body;
}

/* Whether `node` holds `about` in this state, by /swim/members and by /peers. */
static bool sees(struct world *w, uint32_t node, uint32_t about, const char *state)
{
    char text[64];
    bool by_swim;

    (void)snprintf(text, sizeof(text), "{\"node_id\":\"%s\",\"state\":\"%s\"", names[about], state);
    by_swim = strstr(get(w, node, "/swim/members"), text) != NULL;
    if (by_swim != (strstr(get(w, node, "/peers"), text) != NULL))
        fail_msg("%s: /peers and /swim/members disagree about %s: %s", names[node], names[about],
                 w->reply.body);
    return by_swim;
}

static bool all_see(struct world *w, uint32_t about, const char *state)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (i != about && rh_testhost_is_up(w->hosts[i]) && !sees(w, i, about, state))
            return false;
    }
    return true;
}

static bool all_alive(struct world *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (rh_testhost_is_up(w->hosts[i]) && !all_see(w, i, "alive"))
            return false;
    }
    return true;
}

/* How long it took, in ms. */
static int64_t await(struct world *w, uint32_t about, const char *state, int64_t max_ms)
{
    const int64_t start_ms = rh_testnet_now_ms(w->net);

    while (!all_see(w, about, state)) {
        if (rh_testnet_now_ms(w->net) - start_ms > max_ms)
            fail_msg("%s is not %s everywhere: %s", names[about], state, w->reply.body);
        rh_testnet_run(w->net, 20);
    }
    return rh_testnet_now_ms(w->net) - start_ms;
}

static void await_all_alive(struct world *w, int64_t max_ms)
{
    const int64_t until_ms = rh_testnet_now_ms(w->net) + max_ms;

    while (!all_alive(w)) {
        if (rh_testnet_now_ms(w->net) > until_ms)
            fail_msg("not all are alive: %s", w->reply.body);
        rh_testnet_run(w->net, 50);
    }
}

static void begin_with(struct world *w, uint32_t count, const char *gossip_config)
{
    memset(w, 0, sizeof(*w));
    w->gossip_config = gossip_config;
    w->net = rh_testnet_new(7, WALL_MS);
    assert_non_null(w->net);
    for (uint32_t i = 0; i < count; i++)
        add(w, 3, NULL);
    rh_testnet_run(w->net, 2000);
    await_all_alive(w, 60000);
}

static void begin(struct world *w, uint32_t count)
{
    begin_with(w, count, NULL);
}

static void cut_off(struct world *w, uint32_t node, bool is_cut)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (i != node)
            rh_testnet_cut(w->net, names[node], names[i], is_cut);
    }
}

static void peers_and_members_agree(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);

    rh_testnet_run(w.net, 60000);

    for (uint32_t i = 0; i < w.count; i++) {
        const char *last = "";

        assert_true(sees(&w, i, i, "alive"));
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=suspect"), 0);
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
        assert_non_null(strstr(get(&w, i, "/swim/members"), "\"local_health\":0"));
        if (rh_testhost_errors(w.hosts[i], &last))
            fail_msg("%s", last);
    }
    assert_true(all_alive(&w));
    rh_testnet_free(w.net);
}

static void a_crashed_node_is_dead_everywhere_and_its_leases_end_at_once(void **state)
{
    struct world w;
    int64_t took_ms;

    (void)state;
    begin(&w, 5);
    rh_testnet_run(w.net, 10000);
    assert_int_equal(rh_testhost_request(w.hosts[0], "POST", "/work/add",
                                         "{\"work_type\":\"t\",\"timeout_s\":3000}", &w.reply),
                     201);
    assert_int_equal(
        rh_testhost_request(w.hosts[4], "POST", "/work/claim", "{\"node_id\":\"n5\"}", &w.reply),
        200);
    assert_non_null(strstr(w.reply.body, "claim_token"));

    rh_testhost_crash(w.hosts[4]);
    took_ms = await(&w, 4, "dead", FIND_MS);

    print_message("FIGURE swim.plugin.crash_known_everywhere_s %.3f\n", (double)took_ms / 1000);
    rh_testnet_run(w.net, 1000);
    assert_non_null(strstr(get(&w, 0, "/work/pending"), "\"total\":1"));
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 1);
    rh_testnet_free(w.net);
}

static void a_returned_node_is_alive_everywhere(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;
    int64_t took_ms;

    (void)state;
    begin(&w, 5);
    rh_testhost_crash(w.hosts[3]);
    (void)await(&w, 3, "dead", FIND_MS);

    assert_int_equal(rh_testhost_start(w.hosts[3], why), RH_OK);
    took_ms = await(&w, 3, "alive", FIND_MS);

    print_message("FIGURE swim.plugin.return_known_everywhere_s %.3f\n", (double)took_ms / 1000);
    await_all_alive(&w, 1000);
    rh_testnet_free(w.net);
}

static void a_restart_before_anyone_noticed_is_no_death(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;

    (void)state;
    begin(&w, 5);

    rh_testhost_crash(w.hosts[2]);
    rh_testnet_run(w.net, 300);
    assert_int_equal(rh_testhost_start(w.hosts[2], why), RH_OK);
    rh_testnet_run(w.net, FIND_MS);

    await_all_alive(&w, 1000);
    for (uint32_t i = 0; i < w.count; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    rh_testnet_free(w.net);
}

static void all_crash_and_come_back(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;

    (void)state;
    begin(&w, 5);

    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < w.count; i++)
            rh_testhost_crash(w.hosts[i]);
        for (uint32_t i = 0; i < w.count; i++) {
            assert_int_equal(rh_testhost_start(w.hosts[i], why), RH_OK);
            rh_testnet_run(w.net, 100);
        }
        rh_testnet_run(w.net, 5000);
        await_all_alive(&w, 60000);
    }

    rh_testnet_free(w.net);
}

static void a_cut_node_comes_back_by_itself(void **state)
{
    struct world w;
    int64_t took_ms;

    (void)state;
    begin(&w, 5);
    cut_off(&w, 4, true);
    (void)await(&w, 4, "dead", FIND_MS);
    rh_testnet_run(w.net, 60000);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(sees(&w, 4, i, "dead"));

    cut_off(&w, 4, false);
    took_ms = await(&w, 4, "alive", 2 * 20 * BEAT_MS);

    print_message("FIGURE swim.plugin.heal_s %.3f\n", (double)took_ms / 1000);
    await_all_alive(&w, 2 * 20 * BEAT_MS);
    rh_testnet_free(w.net);
}

static void one_broken_line_condemns_nobody(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);

    rh_testnet_cut(w.net, "n1", "n2", true);
    rh_testnet_run(w.net, 120000);

    assert_true(all_alive(&w));
    for (uint32_t i = 0; i < w.count; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    rh_testnet_free(w.net);
}

static void a_node_that_says_goodbye_has_left(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;

    (void)state;
    begin(&w, 5);

    assert_int_equal(rh_testhost_stop(w.hosts[4]), 0);
    (void)await(&w, 4, "left", 2000);
    rh_testnet_run(w.net, 60000);

    assert_true(all_see(&w, 4, "left"));
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=suspect"), 0);
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    }
    assert_int_equal(rh_testhost_start(w.hosts[4], why), RH_OK);
    (void)await(&w, 4, "alive", FIND_MS);
    rh_testnet_free(w.net);
}

static void a_node_known_only_by_gossip_becomes_a_member(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);

    add(&w, 3, NULL); /* no voter: the others have never heard of it */
    rh_testnet_run(w.net, 5000);

    (void)await(&w, 5, "alive", 30000);
    await_all_alive(&w, 10000);
    rh_testnet_free(w.net);
}

static void gossip_forgets_those_that_swim_gave_up_and_nobody_else(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;

    (void)state;
    begin_with(&w, 5, "{\"prune_after\":\"30s\"}");

    rh_testhost_crash(w.hosts[4]);
    (void)await(&w, 4, "dead", FIND_MS);
    rh_testnet_run(w.net, 25000);
    assert_true(all_see(&w, 4, "dead"));
    rh_testnet_run(w.net, 10000);

    for (uint32_t i = 0; i < 4; i++) {
        assert_null(strstr(get(&w, i, "/peers"), "\"n5\""));
        assert_null(strstr(get(&w, i, "/swim/members"), "\"n5\""));
        assert_true(all_see(&w, i, "alive"));
    }
    assert_int_equal(rh_testhost_start(w.hosts[4], why), RH_OK);
    rh_testnet_run(w.net, 2000);
    (void)await(&w, 4, "alive", FIND_MS);
    rh_testnet_free(w.net);
}

static void members_survive_a_change_of_activation(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);

    rh_testhost_reactivate(w.hosts[1], "swim");
    rh_testnet_run(w.net, FIND_MS);

    assert_true(all_alive(&w));
    for (uint32_t i = 0; i < w.count; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    rh_testnet_free(w.net);
}

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
        cmocka_unit_test(peers_and_members_agree),
        cmocka_unit_test(a_crashed_node_is_dead_everywhere_and_its_leases_end_at_once),
        cmocka_unit_test(a_returned_node_is_alive_everywhere),
        cmocka_unit_test(a_restart_before_anyone_noticed_is_no_death),
        cmocka_unit_test(all_crash_and_come_back),
        cmocka_unit_test(a_cut_node_comes_back_by_itself),
        cmocka_unit_test(one_broken_line_condemns_nobody),
        cmocka_unit_test(a_node_that_says_goodbye_has_left),
        cmocka_unit_test(a_node_known_only_by_gossip_becomes_a_member),
        cmocka_unit_test(gossip_forgets_those_that_swim_gave_up_and_nobody_else),
        cmocka_unit_test(members_survive_a_change_of_activation),
        cmocka_unit_test(routes_take_good_and_refuse_bad_requests),
        cmocka_unit_test(an_accusation_in_a_ping_is_refuted_in_its_answer),
        cmocka_unit_test(an_incoherent_override_is_refused_by_its_rule),
        cmocka_unit_test(a_vouched_node_lives_until_nobody_vouches_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
