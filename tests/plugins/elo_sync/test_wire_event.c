/* Tests of events, in and out: games in the results of evaluation work, and ELO_UPDATED once a
 * player and game. */
#include "plugin_test.h"

const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);

static int set_up(void **state)
{
    const struct rh_testhost_plugin plugins[] = {{rh_plugin_entry_v1_work_queue(), NULL},
                                                 {rh_plugin_entry_v1_elo_sync(), NULL}};
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = 2};
    struct world *world = calloc(1, sizeof(*world));
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(world);
    world->net = rh_testnet_new(1, WALL_MS);
    assert_non_null(world->net);
    assert_int_equal(rh_testhost_new(world->net, &setup, &world->hosts[0], why), RH_OK);
    world_wait(world, 0);
    rh_testnet_run(world->net, 5000); /* it leads itself */
    *state = world;
    return 0;
}

static uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;

    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

/* Has evaluation work of this config done with this result. */
static void evaluate(struct world *world, const char *config_key, const char *result)
{
    char body[2048];
    char id[64];
    char token[64];
    const char *at;

    (void)snprintf(body, sizeof(body), "{\"work_type\":\"evaluation\",\"config_key\":\"%s\"}",
                   config_key); /* fits */
    assert_int_equal(world_post(world, 0, "/work/add", body), 201);
    assert_int_equal(world_post(world, 0, "/work/claim", "{\"node_id\":\"w\"}"), 200);
    at = strstr(world->reply.body, "\"work_id\":\"");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "\"work_id\":\"%63[^\"]", id), 1);
    at = strstr(world->reply.body, "\"claim_token\":\"");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "\"claim_token\":\"%63[^\"]", token), 1);
    (void)snprintf(body, sizeof(body),
                   "{\"work_id\":\"%s\",\"node_id\":\"w\",\"claim_token\":\"%s\",\"result\":%s}",
                   id, token, result); /* fits */
    assert_int_equal(world_post(world, 0, "/work/complete", body), 200);
    rh_testnet_run(world->net, 1000);
}

static void games_of_the_executor_are_rated_on_the_board_of_the_item(void **state)
{
    struct world *world = *state;

    evaluate(world, "go9_2p",
             "{\"games\":[{\"index\":0,\"black\":\"a\",\"white\":\"b\",\"winner\":\"b\"},"
             "{\"index\":1,\"black\":\"b\",\"white\":\"a\",\"winner\":null,"
             "\"error\":{\"kind\":\"crash\"}}]}");
    assert_int_equal(world_get(world, 0, "/elo/rankings?board_type=go9"), 200);

    world_says(world, "\"games\":1,\"players\":2");
    world_says(world, "\"player\":\"b\",\"rating\":1516,");
}

static void a_list_of_results_may_name_board_and_time_itself(void **state)
{
    struct world *world = *state;

    evaluate(world, "hex8_3p",
             "{\"results\":[{\"players\":[\"a\",\"b\",\"c\"],\"outcome\":\"c\"},"
             "{\"game_id\":\"own\",\"board_type\":\"sq8\",\"players\":[\"a\",\"b\"],"
             "\"outcome\":1,\"played_at\":1700000000000}]}");
    assert_int_equal(world_get(world, 0, "/elo/rankings?board_type=hex8"), 200);
    world_says(world, "\"players\":3");
    assert_int_equal(world_get(world, 0, "/elo/game?game_id=own"), 200);

    world_says(world, "\"board_type\":\"sq8\"");
    world_says(world, "\"played_at\":1700000000000");
}

static void results_of_another_shape_are_left_alone(void **state)
{
    struct world *world = *state;

    evaluate(world, "hex8_2p", "{\"games\":17,\"loss\":0.25}");
    assert_int_equal(world_get(world, 0, "/elo/status"), 200);

    world_says(world, "\"ids\":0");
    assert_int_equal(rh_testhost_errors(world->hosts[0], NULL), 0);
}

static void each_game_is_announced_once_for_each_player_across_a_crash(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";
    uint64_t stream = rh_testhost_send(world->hosts[0], "GET", "/events", NULL);
    const char *text;

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    rh_testnet_run(world->net, 2000);
    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    rh_testnet_run(world->net, 2000);
    text = rh_testhost_streamed(world->hosts[0], stream);
    assert_int_equal(count_of(text, "event: ELO_UPDATED"), 2);
    assert_non_null(strstr(text, "\"player\":\"a\",\"board_type\":\"hex8\",\"config_key\":"
                                 "\"hex8_2p\",\"old_elo\":1500,\"new_elo\":1516,"
                                 "\"games_played\":1"));
    rh_testhost_hang_up(world->hosts[0], stream);
    rh_testhost_crash(world->hosts[0]);
    assert_int_equal(rh_testhost_start(world->hosts[0], why), RH_OK);
    world_wait(world, 0);
    stream = rh_testhost_send(world->hosts[0], "GET", "/events", NULL);
    rh_testnet_run(world->net, 10000);
    text = rh_testhost_streamed(world->hosts[0], stream);

    assert_int_equal(count_of(text, "event: ELO_UPDATED"), 0);
    rh_testhost_hang_up(world->hosts[0], stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(games_of_the_executor_are_rated_on_the_board_of_the_item,
                                        set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(a_list_of_results_may_name_board_and_time_itself, set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(results_of_another_shape_are_left_alone, set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(each_game_is_announced_once_for_each_player_across_a_crash,
                                        set_up, world_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
