/* Tests of the routes of elo_sync on one node: each with a good and a bad request. */
#include "plugin_test.h"

static void a_game_moves_two_ratings_by_16(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000)),
                     200);
    world_says(world, "\"accepted\":1");
    world_says(world, "\"rejected\":[]");
    assert_int_equal(world_get(world, 0, "/elo/rankings?board_type=hex8"), 200);

    world_says(world, "{\"rank\":1,\"player\":\"a\",\"rating\":1516,");
    world_says(world, "{\"rank\":2,\"player\":\"b\",\"rating\":1484,");
    world_says(world, "\"games\":1,\"wins\":1,\"losses\":0,\"draws\":0");
}

static void the_same_game_again_is_a_duplicate(void **state)
{
    struct world *world = *state;

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    assert_int_equal(world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "1", 1000)), 200);

    world_says(world, "\"duplicates\":1");
    world_says(world, "\"accepted\":0");
}

static void a_contradiction_is_counted_and_one_body_counts_whoever_came_first(void **state)
{
    struct world *world = *state;
    char one[2048];

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    assert_int_equal(world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "0", 1000)), 200);
    world_says(world, "\"conflicts\":1");
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);
    (void)snprintf(one, sizeof(one), "%s", world->reply.body); /* fits */
    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "1", 1000));
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);

    assert_string_equal(world->reply.body, one);
    assert_int_equal(world_get(world, 0, "/elo/status"), 200);
    world_says(world, "\"conflicts\":1");
}

static void what_is_wrong_with_a_game_is_named_and_the_others_are_taken(void **state)
{
    struct world *world = *state;

    assert_int_equal(
        world_post(world, 0, "/elo/sync",
                   "{\"results\":["
                   "{\"game_id\":\"x1\",\"board_type\":\"hex8\",\"players\":[\"a\",\"b\"],"
                   "\"outcome\":\"c\",\"played_at\":1700000000000},"
                   "{\"game_id\":\"x2\",\"board_type\":\"hex8\",\"players\":[\"a\"],"
                   "\"outcome\":\"a\",\"played_at\":1700000000000},"
                   "{\"game_id\":\"x3\",\"board_type\":\"hex8\",\"players\":[\"a\",\"a\"],"
                   "\"outcome\":\"draw\",\"played_at\":1700000000000},"
                   "{\"game_id\":\"x4\",\"board_type\":\"hex8\",\"players\":[\"a\",\"b\"],"
                   "\"outcome\":0.5,\"played_at\":1800000999999},"
                   "{\"game_id\":\"x5\",\"board_type\":\"hex8\",\"players\":[\"a\",\"b\"],"
                   "\"outcome\":0.5,\"played_at\":1700000000000}]}"),
        200);

    world_says(world, "{\"game_id\":\"x1\",\"reason\":\"bad_outcome\"}");
    world_says(world, "{\"game_id\":\"x2\",\"reason\":\"bad_player_count\"}");
    world_says(world, "{\"game_id\":\"x3\",\"reason\":\"duplicate_player\"}");
    world_says(world, "{\"game_id\":\"x4\",\"reason\":\"clock_ahead\"}");
    world_says(world, "\"accepted\":1");
}

static void a_body_that_is_no_list_of_games_is_400(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_post(world, 0, "/elo/sync", "{\"results\":[]}"), 400);
    assert_int_equal(world_post(world, 0, "/elo/sync", "{\"results\":[{\"game_id\":\"g\"}]}"), 400);

    world_says(world, "board_type");
}

static void games_of_several_are_rated_by_pairs(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_post(world, 0, "/elo/sync",
                                "{\"results\":[{\"game_id\":\"m\",\"board_type\":\"sq8\","
                                "\"players\":[\"a\",\"b\",\"c\"],\"outcome\":[\"c\",\"a\",\"=b\"],"
                                "\"played_at\":1700000000000}]}"),
                     200);
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);

    world_says(world, "\"player\":\"c\",\"rating\":1516,");
    world_says(world, "\"player\":\"a\",\"rating\":1492,");
    world_says(world, "\"player\":\"b\",\"rating\":1492,");
    assert_int_equal(world_get(world, 0, "/elo/game?game_id=m"), 200);
    world_says(world, "\"outcome\":\"c\"");
}

static void a_retracted_game_counts_no_more_and_stays_out(void **state)
{
    struct world *world = *state;

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    (void)world_post(world, 0, "/elo/sync", world_game("g2", "a", "b", "\"b\"", 900));
    assert_int_equal(
        world_post(world, 0, "/elo/retract", "{\"game_id\":\"g1\",\"reason\":\"crash\"}"), 200);
    world_says(world, "\"duplicate\":false");
    assert_int_equal(world_post(world, 0, "/elo/retract", "{\"game_id\":\"g1\"}"), 200);
    world_says(world, "\"duplicate\":true");
    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    world_says(world, "retracted");
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);

    world_says(world, "\"player\":\"b\",\"rating\":1516,");
    assert_int_equal(world_post(world, 0, "/elo/retract", "{\"game_id\":\"nix\"}"), 404);
    assert_int_equal(world_post(world, 0, "/elo/retract", "{}"), 400);
}

/* The owner of games takes them back together with others, and may be ahead of them. */
static void retractions_come_with_games_and_before_them(void **state)
{
    struct world *world = *state;

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    assert_int_equal(world_post(world, 0, "/elo/sync",
                                "{\"results\":[],\"retractions\":[{\"game_id\":\"g1\","
                                "\"reason\":\"corrected\"},{\"game_id\":\"g2\"}]}"),
                     200);
    world_says(world, "\"retracted\":2");
    assert_int_equal(world_post(world, 0, "/elo/sync", "{\"retractions\":[{\"game_id\":\"g1\"}]}"),
                     200);
    world_says(world, "\"retracted\":0");
    (void)world_post(world, 0, "/elo/sync", world_game("g2", "a", "b", "\"b\"", 900));
    world_says(world, "{\"game_id\":\"g2\",\"reason\":\"retracted\"}");
    (void)world_post(world, 0, "/elo/sync", world_game("g3", "a", "b", "\"b\"", 800));

    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);
    world_says(world, "\"player\":\"b\",\"rating\":1516,");
    assert_int_equal(world_get(world, 0, "/elo/game?game_id=g1"), 200);
    world_says(world, "\"reason\":\"corrected\"");
    assert_int_equal(world_post(world, 0, "/elo/sync", "{\"results\":[]}"), 400);
    assert_int_equal(world_post(world, 0, "/elo/sync", "{}"), 400);
}

/* Each beats the next one, the last one the first. */
static void many_players_are_fitted_beside_the_loop(void **state)
{
    struct world *world = *state;
    const uint32_t players = 260;
    char *body = malloc(65536);
    size_t n = 0;

    assert_non_null(body);
    n += (size_t)snprintf(body, 65536, "{\"results\":[");
    for (uint32_t i = 0; i < players; i++)
        n += (size_t)snprintf(body + n, 65536 - n,
                              "%s{\"game_id\":\"g%u\",\"board_type\":\"hex8\",\"players\":[\"p%u\","
                              "\"p%u\"],\"outcome\":1,\"played_at\":%u}",
                              i ? "," : "", i, i, (i + 1) % players, 1000 + i);
    (void)snprintf(body + n, 65536 - n, "]}");
    assert_int_equal(world_post(world, 0, "/elo/sync", body), 200);
    free(body);

    assert_int_equal(world_get(world, 0, "/elo/rankings?system=bradley_terry&limit=3"), 200);
    world_says(world, "\"board_type\":\"hex8\",\"system\":\"bradley_terry\",\"games\":260,"
                      "\"players\":260,\"prior\":0");
    world_says(world, "\"rank\":3");
    assert_null(strstr(world->reply.body, "\"rank\":4"));
    world_says(world, "\"games\":2,\"wins\":1,\"losses\":1,\"draws\":0");
}

static void history_tells_ratings_before_and_after_each_game(void **state)
{
    struct world *world = *state;

    (void)world_post(world, 0, "/elo/sync", world_game("g2", "a", "b", "\"a\"", 900));
    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "0.5", 1000));
    assert_int_equal(world_get(world, 0, "/elo/history?player=a"), 200);

    world_says(world, "\"history\":[{\"game_id\":\"g2\"");
    world_says(world, "\"old_elo\":1500,\"new_elo\":1516,\"games_played\":2");
    assert_int_equal(world_get(world, 0, "/elo/history?player=nobody"), 404);
    assert_int_equal(world_get(world, 0, "/elo/history"), 400);
}

static void head_to_head_counts_both_ways(void **state)
{
    struct world *world = *state;

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    (void)world_post(world, 0, "/elo/sync", world_game("g2", "b", "a", "0.5", 900));
    assert_int_equal(world_get(world, 0, "/elo/head-to-head?a=b&b=a"), 200);

    world_says(world, "\"games\":2,\"wins\":0,\"losses\":1,\"draws\":1,\"score\":0.25");
    assert_int_equal(world_get(world, 0, "/elo/head-to-head?a=b&b=x"), 404);
    assert_int_equal(world_get(world, 0, "/elo/head-to-head?a=b"), 400);
}

static void other_systems_rate_the_same_games(void **state)
{
    struct world *world = *state;
    char id[8];

    for (uint32_t i = 0; i < 4; i++) {
        (void)snprintf(id, sizeof(id), "g%u", i); /* fits */
        (void)world_post(world, 0, "/elo/sync",
                         world_game(id, "a", "b", i ? "\"a\"" : "\"b\"", 1000 - (int64_t)i));
    }
    assert_int_equal(world_get(world, 0, "/elo/rankings?system=bradley_terry&anchor=b"), 200);
    world_says(world, "\"prior\":0");
    world_says(world, "\"player\":\"a\",\"rating\":1690.848"); /* 400 log10(3) more */
    world_says(world, "\"player\":\"b\",\"rating\":1500,\"error_95\":0,");
    assert_int_equal(world_get(world, 0, "/elo/rankings?system=glicko2"), 200);
    world_says(world, "\"volatility\":0.0");

    assert_int_equal(world_get(world, 0, "/elo/rankings?system=guess"), 400);
    assert_int_equal(world_get(world, 0, "/elo/rankings?system=bradley_terry&anchor=x"), 404);
    assert_int_equal(world_get(world, 0, "/elo/rankings?board_type=go9"), 404);
}

static void without_a_board_several_are_listed(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);
    world_says(world, "\"boards\":[]");
    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    (void)world_post(world, 0, "/elo/sync",
                     "{\"results\":[{\"game_id\":\"m\",\"board_type\":\"sq8\","
                     "\"players\":[\"a\",\"b\"],\"outcome\":\"draw\","
                     "\"played_at\":1700000000000}]}");
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);

    world_says(world, "{\"board_type\":\"hex8\",\"games\":1},{\"board_type\":\"sq8\"");
    assert_int_equal(world_get(world, 0, "/elo/history?player=a"), 400);
}

static void a_merge_tells_what_each_side_lacks(void **state)
{
    struct world *world = *state;
    char target[256];
    char *root;

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    assert_int_equal(world_post(world, 0, "/elo/merge", "{}"), 200);
    world_says(world, "\"merged\":0,\"missing\":[],\"results\":[],\"more\":false");
    assert_int_equal(world_post(world, 0, "/elo/merge", "{\"digest\":{\"root\":\"0\"}}"), 200);
    world_says(world, "\"buckets\":\"");
    assert_int_equal(
        world_post(world, 0, "/elo/merge",
                   "{\"digest\":{\"first\":0,\"last\":1023,\"games\":{\"other\":\"1\"}}}"),
        200);
    world_says(world, "\"missing\":[\"other\"]");
    world_says(world, "{\"game_id\":\"g1\",\"board_type\":\"hex8\"");
    assert_int_equal(world_post(world, 0, "/elo/merge",
                                "{\"results\":[{\"game_id\":\"other\",\"board_type\":\"hex8\","
                                "\"players\":[\"a\",\"c\"],\"outcome\":\"a\","
                                "\"played_at\":1700000000000},"
                                "{\"game_id\":\"g1\",\"retracted\":\"99\",\"reason\":\"why\"}]}"),
                     200);
    world_says(world, "\"merged\":2");
    root = strstr(world->reply.body, "\"root\":\"");
    assert_non_null(root);
    (void)snprintf(target, sizeof(target), "{\"digest\":{%.24s\"}}", root); /* root and 16 digits */
    assert_int_equal(world_post(world, 0, "/elo/merge", target), 200);
    assert_null(strstr(world->reply.body, "\"buckets\""));

    assert_int_equal(world_post(world, 0, "/elo/merge", "{\"digest\":{\"first\":5,\"last\":2}}"),
                     400);
}

static void a_wild_clock_of_a_peer_is_refused_by_name_and_its_games_are_taken(void **state)
{
    struct world *world = *state;
    char body[512];
    const uint64_t ahead = (uint64_t)(WALL_MS + 3600000) << 12;

    (void)snprintf(body, sizeof(body),
                   "{\"clock\":\"%llu\",\"results\":[{\"game_id\":\"f\",\"board_type\":\"hex8\","
                   "\"players\":[\"a\",\"b\"],\"outcome\":\"a\",\"played_at\":%lld}]}",
                   (unsigned long long)ahead, (long long)(WALL_MS + 3600000)); /* fits */
    assert_int_equal(world_post(world, 0, "/elo/merge", body), 200);

    world_says(world, "\"clock_refused\":true");
    world_says(world, "\"merged\":1");
    assert_int_equal(rh_testhost_logged(world->hosts[0], "clock_ahead"), 1);
}

static void games_survive_a_crash(void **state)
{
    struct world *world = *state;
    char before[2048];
    char why[RH_TESTHOST_WHY_MAX] = "";

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    (void)world_post(world, 0, "/elo/sync", world_game("g2", "a", "b", "\"a\"", 800));
    assert_int_equal(world_post(world, 0, "/elo/retract", "{\"game_id\":\"g1\"}"), 200);
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);
    (void)snprintf(before, sizeof(before), "%s", world->reply.body); /* fits */
    rh_testhost_crash(world->hosts[0]);
    assert_int_equal(rh_testhost_start(world->hosts[0], why), RH_OK);
    world_wait(world, 0);
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);

    assert_string_equal(world->reply.body, before);
}

static void a_board_without_a_game_that_counts_is_as_one_that_never_was(void **state)
{
    struct world *world = *state;

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    assert_int_equal(world_post(world, 0, "/elo/retract", "{\"game_id\":\"g1\"}"), 200);

    assert_int_equal(world_get(world, 0, "/elo/rankings?board_type=hex8"), 404);
    assert_int_equal(world_get(world, 0, "/elo/head-to-head?a=a&b=b&board_type=hex8"), 404);
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);
    world_says(world, "\"boards\":[]");
    assert_int_equal(world_get(world, 0, "/elo/status"), 200);
    world_says(world, "\"boards\":0");
    (void)world_post(world, 0, "/elo/sync", world_game("g2", "c", "d", "\"d\"", 900));
    assert_int_equal(world_get(world, 0, "/elo/rankings"), 200);
    world_says(world, "{\"rank\":1,\"player\":\"d\",\"rating\":1516,");
    assert_int_equal(world_get(world, 0, "/elo/head-to-head?a=c&b=d"), 200);
}

static void a_player_whose_games_are_all_retracted_has_played_none(void **state)
{
    struct world *world = *state;

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    (void)world_post(world, 0, "/elo/sync", world_game("g2", "a", "c", "\"a\"", 900));
    assert_int_equal(world_post(world, 0, "/elo/retract", "{\"game_id\":\"g1\"}"), 200);

    assert_int_equal(world_get(world, 0, "/elo/head-to-head?a=a&b=b"), 404);
    world_says(world, "\\\"b\\\" has played no game");
    assert_int_equal(world_get(world, 0, "/elo/head-to-head?a=a&b=c"), 200);
}

static void a_full_set_refuses_by_name(void **state)
{
    struct world *world = world_one("{\"facts_max\":1}");

    (void)world_post(world, 0, "/elo/sync", world_game("g1", "a", "b", "\"a\"", 1000));
    assert_int_equal(world_post(world, 0, "/elo/sync", world_game("g2", "a", "b", "\"a\"", 1000)),
                     200);
    world_says(world, "{\"game_id\":\"g2\",\"reason\":\"store_full\"}");
    *state = world;
    (void)world_tear_down(state);
}

static void an_unknown_game_is_404(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_get(world, 0, "/elo/game?game_id=x"), 404);
    assert_int_equal(world_get(world, 0, "/elo/game"), 400);
}

static void a_node_alone_repairs_nothing(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_post(world, 0, "/elo/repair", "{}"), 200);
    world_says(world, "\"peers\":0");
    assert_int_equal(world_post(world, 0, "/elo/repair", "{\"x\":1}"), 400);
}

#define ROUTE_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROUTE_TEST(a_game_moves_two_ratings_by_16),
        ROUTE_TEST(the_same_game_again_is_a_duplicate),
        ROUTE_TEST(a_contradiction_is_counted_and_one_body_counts_whoever_came_first),
        ROUTE_TEST(what_is_wrong_with_a_game_is_named_and_the_others_are_taken),
        ROUTE_TEST(a_body_that_is_no_list_of_games_is_400),
        ROUTE_TEST(games_of_several_are_rated_by_pairs),
        ROUTE_TEST(a_board_without_a_game_that_counts_is_as_one_that_never_was),
        ROUTE_TEST(a_player_whose_games_are_all_retracted_has_played_none),
        ROUTE_TEST(a_retracted_game_counts_no_more_and_stays_out),
        ROUTE_TEST(many_players_are_fitted_beside_the_loop),
        ROUTE_TEST(retractions_come_with_games_and_before_them),
        ROUTE_TEST(history_tells_ratings_before_and_after_each_game),
        ROUTE_TEST(head_to_head_counts_both_ways),
        ROUTE_TEST(other_systems_rate_the_same_games),
        ROUTE_TEST(without_a_board_several_are_listed),
        ROUTE_TEST(a_merge_tells_what_each_side_lacks),
        ROUTE_TEST(a_wild_clock_of_a_peer_is_refused_by_name_and_its_games_are_taken),
        ROUTE_TEST(games_survive_a_crash),
        cmocka_unit_test(a_full_set_refuses_by_name),
        ROUTE_TEST(an_unknown_game_is_404),
        ROUTE_TEST(a_node_alone_repairs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
