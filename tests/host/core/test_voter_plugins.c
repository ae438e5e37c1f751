/* Tests of what voters lack of the plugins that other voters run. */
#include <string.h>

#include <ringhost/sdk/str.h>

#include "tests/host/core/life_net.h"

#include "host/core/core_internal.h"
#include "host/core/voter_plugins.h"
#include "host/sim/sim.h"

static const struct rh_str voters[] = {{"n1", 2}, {"n2", 2}, {"n3", 2}};

/* n1 leads with "life"; the other voters live, and have said this. */
struct trial {
    struct life_node n;
    struct core_setup setup;
    char words[CORE_WHY_MAX];
};

static void heard_of(struct core *core, struct rh_str id, const char *presence)
{
    struct peer *peer = peers_get(&core->peers, id, true);

    assert_non_null(peer);
    assert_int_equal(peer_set(&core->peers, peer, &peer->presence, rh_str_from(presence)), RH_OK);
    (void)peers_report(&core->peers, peer, RH_PEER_ALIVE, 1, 1); /* it may live already */
}

static struct trial trial; /* large */

static const char *missing(const char *second, const char *third)
{
    struct core *core = trial.n.host->core;

    heard_of(core, voters[1], second);
    heard_of(core, voters[2], third);
    voter_plugins_missing(core, trial.words, sizeof trial.words);
    return trial.words;
}

static int set_up(void **state)
{
    struct core *core;

    (void)state;
    memset(&trial, 0, sizeof trial);
    life_node_start(&trial.n, LIFE_REPLICATED | LIFE_ROUTES);
    core = trial.n.host->core;
    trial.setup = *core->setup;
    trial.setup.voters = (struct rh_str_list){.items = voters, .count = 3};
    core->setup = &trial.setup;
    voter_plugins_tell(core);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    life_node_end(&trial.n);
    return 0;
}

#define HAS "{\"slots\":1,\"leader_plugins\":[\"life\"]}"

static void nothing_is_missing_where_all_have_all(void **state)
{
    (void)state;
    assert_string_equal(missing(HAS, HAS), "");
}

static void a_plugin_that_a_voter_lacks_is_named_with_it(void **state)
{
    (void)state;
    assert_string_equal(missing(HAS, "{\"leader_plugins\":[]}"),
                        "plugin life does not run on voter n3");
    assert_string_equal(
        missing("{\"leader_plugins\":[]}", "{\"leader_plugins\":[]}"),
        "plugin life does not run on voter n2; plugin life does not run on voter n3");
}

/* After a change of the leader it is the new one that lacks it. */
static void what_only_a_follower_runs_is_missing_on_the_leader_too(void **state)
{
    (void)state;
    assert_string_equal(missing("{\"leader_plugins\":[\"life\",\"other\"]}", HAS),
                        "plugin other does not run on voter n1; "
                        "plugin other does not run on voter n3");
}

static void it_is_told_once_and_also_without_a_leader(void **state)
{
    (void)state;
    trial.n.host->core->lead.node_id[0] = '\0';

    assert_string_equal(missing(HAS, "{\"leader_plugins\":[]}"),
                        "plugin life does not run on voter n3");
}

static void a_voter_that_has_said_nothing_lacks_nothing(void **state)
{
    (void)state;
    assert_string_equal(missing("{\"slots\":1}", ""), "");
    assert_string_equal(missing("{\"leader_plugins\":7}", "{\"leader_plugins\":["), "");
}

static void a_dead_voter_is_another_matter(void **state)
{
    struct core *core = trial.n.host->core;

    (void)state;
    (void)missing(HAS, "{\"leader_plugins\":[]}");
    assert_true(
        peers_report(&core->peers, peers_get(&core->peers, voters[2], false), RH_PEER_DEAD, 1, 2));

    voter_plugins_missing(core, trial.words, sizeof trial.words);

    assert_string_equal(trial.words, "");
}

static void health_shows_it(void **state)
{
    (void)state;
    (void)missing(HAS, "{\"leader_plugins\":[]}");

    assert_int_equal(life_node_get(&trial.n, "/admin/health"), 200);

    life_node_says(&trial.n, "{\"name\":\"voter_plugins\",\"status\":\"degraded\",\"reason\":"
                             "\"plugin life does not run on voter n3\"}");
}

/* Through gossip, from a node where the plugin failed to one that leads. */
static void a_failure_elsewhere_is_seen_by_the_leader(void **state)
{
    static struct life_cluster c; /* large */
    uint32_t leader;

    (void)state;
    life_cluster_start(&c, 3, 1);
    c.scripts[0].create_rc = RH_EIO;
    ((struct core_plugin_setup *)c.hosts[0]->plugins)[3].degrade = 1;

    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 10000);

    assert_int_not_equal(leader, 0);
    assert_int_equal(life_cluster_get(&c, leader, "/admin/health"), 200);
    life_cluster_says(&c, "\"plugin life does not run on voter n1\"");
    life_cluster_end(&c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_missing_where_all_have_all),
        TEST(a_plugin_that_a_voter_lacks_is_named_with_it),
        TEST(what_only_a_follower_runs_is_missing_on_the_leader_too),
        TEST(it_is_told_once_and_also_without_a_leader),
        TEST(a_voter_that_has_said_nothing_lacks_nothing),
        TEST(a_dead_voter_is_another_matter),
        TEST(health_shows_it),
        cmocka_unit_test(a_failure_elsewhere_is_seen_by_the_leader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
