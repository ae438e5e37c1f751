/* Tests of several nodes: news is told at once, a node that was away catches up, and the loop finds
 * what got lost. */
#include "plugin_test.h"

const struct rh_plugin *rh_plugin_entry_v1_admin(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);
const struct rh_plugin *rh_plugin_entry_v1_loop_elo_sync(void);

static const char *const names[NODES_MAX] = {"n1", "n2", "n3"};

static int set_up(void **state)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_admin(), NULL},
        {rh_plugin_entry_v1_gossip(), NULL},
        {rh_plugin_entry_v1_election(), NULL},
        {rh_plugin_entry_v1_elo_sync(), NULL},
        {rh_plugin_entry_v1_loop_elo_sync(), "{\"loop_elo_sync\":\"60s\"}"}};
    struct world *world = calloc(1, sizeof(*world));
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(world);
    world->net = rh_testnet_new(1, WALL_MS);
    assert_non_null(world->net);
    world->count = NODES_MAX;
    for (uint32_t i = 0; i < NODES_MAX; i++) {
        const struct rh_testhost_setup setup = {.node_id = names[i],
                                                .plugins = plugins,
                                                .plugin_count = 5,
                                                .voters = names,
                                                .voter_count = NODES_MAX,
                                                .seeds = names,
                                                .seed_count = NODES_MAX,
                                                .cluster_id = "test"};

        if (rh_testhost_new(world->net, &setup, &world->hosts[i], why) != RH_OK)
            fail_msg("%s does not start: %s", names[i], why);
    }
    for (uint32_t i = 0; i < NODES_MAX; i++)
        world_wait(world, i);
    rh_testnet_run(world->net, 20000);
    *state = world;
    return 0;
}

/* Digest and size of a node's set as one text. */
static void status_of(struct world *world, uint32_t at, char text[128])
{
    assert_int_equal(world_get(world, at, "/elo/status"), 200);
    (void)snprintf(text, 128, "%.60s", world->reply.body); /* digest, ids and games */
}

static void assert_alike(struct world *world, const char *part)
{
    char first[128];
    char other[128];

    status_of(world, 0, first);
    if (!strstr(first, part))
        fail_msg("no %s in %s", part, first);
    for (uint32_t i = 1; i < world->count; i++) {
        status_of(world, i, other);
        assert_string_equal(other, first);
    }
}

static void all_nodes_hear_of_a_game_within_a_second(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_post(world, 1, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000)),
                     200);
    rh_testnet_run(world->net, 1000);

    assert_alike(world, "\"ids\":1");
}

static void both_sides_of_a_cut_have_all_games_once_it_is_healed(void **state)
{
    struct world *world = *state;
    char id[8];

    rh_testnet_cut(world->net, "n1", "n3", true);
    rh_testnet_cut(world->net, "n2", "n3", true);
    for (uint32_t i = 0; i < 9; i++) {
        (void)snprintf(id, sizeof(id), "g%u", i); /* fits */
        assert_int_equal(world_post(world, i % 3, "/elo/sync",
                                    world_game(id, "a", "b", i % 2 ? "\"a\"" : "0.5", 1000 - i)),
                         200);
    }
    rh_testnet_run(world->net, 30000);
    rh_testnet_cut(world->net, "n1", "n3", false);
    rh_testnet_cut(world->net, "n2", "n3", false);
    rh_testnet_run(world->net, 60000);

    assert_alike(world, "\"ids\":9");
}

static void a_retraction_reaches_a_node_that_was_down(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    rh_testnet_run(world->net, 1000);
    rh_testhost_crash(world->hosts[2]);
    assert_int_equal(world_post(world, 0, "/elo/retract", "{\"game_id\":\"g1\"}"), 200);
    assert_int_equal(rh_testhost_start(world->hosts[2], why), RH_OK);
    world_wait(world, 2);
    rh_testnet_run(world->net, 60000);

    assert_alike(world, "\"games\":0");
    assert_int_equal(world_get(world, 2, "/elo/game?game_id=g1"), 200);
    world_says(world, "\"rated\":false");
}

static void a_node_without_anything_gets_everything_in_pages(void **state)
{
    struct world *world = *state;
    static char body[600000];
    size_t n = 0;
    char why[RH_TESTHOST_WHY_MAX] = "";

    rh_testhost_crash(world->hosts[2]);
    for (uint32_t page = 0; page < 3; page++) {
        n = (size_t)snprintf(body, sizeof(body), "{\"results\":[");
        for (uint32_t i = 0; i < 1000; i++)
            n += (size_t)snprintf(
                body + n, sizeof(body) - n,
                "%s{\"game_id\":\"p%u-%u\",\"board_type\":\"hex8\",\"players\":[\"x%u\",\"y\"],"
                "\"outcome\":1,\"played_at\":1700000000000}",
                i ? "," : "", page, i, i % 7);
        (void)snprintf(body + n, sizeof(body) - n, "]}"); /* there is room */
        assert_int_equal(world_post(world, page % 2, "/elo/sync", body), 200);
        world_says(world, "\"accepted\":1000");
    }
    assert_int_equal(rh_testhost_start(world->hosts[2], why), RH_OK);
    world_wait(world, 2);
    rh_testnet_run(world->net, 60000);

    assert_alike(world, "\"ids\":3000");
}

static void the_loop_runs_at_its_interval_on_every_node(void **state)
{
    struct world *world = *state;

    rh_testnet_run(world->net, 200000);
    for (uint32_t i = 0; i < NODES_MAX; i++) {
        assert_int_equal(world_get(world, i, "/loops"), 200);
        world_says(world,
                   "\"name\":\"elo_sync\",\"plugin\":\"loop_elo_sync\",\"interval_ms\":60000");
        assert_null(strstr(world->reply.body, "\"runs\":0"));
        world_says(world, "\"failures\":0");
    }
}

#define NODES_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NODES_TEST(all_nodes_hear_of_a_game_within_a_second),
        NODES_TEST(both_sides_of_a_cut_have_all_games_once_it_is_healed),
        NODES_TEST(a_retraction_reaches_a_node_that_was_down),
        NODES_TEST(a_node_without_anything_gets_everything_in_pages),
        NODES_TEST(the_loop_runs_at_its_interval_on_every_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
