/* Tests of tournaments whose games are work items: dispatched, played, completed, once. */
#include "plugin_test.h"

#define FOUR    "\"players\":[\"p1\",\"p2\",\"p3\",\"p4\"],\"seed\":\"7\""
#define SINGLE4 "{\"format\":\"single_elimination\"," FOUR "}"
#define DOUBLE4 "{\"format\":\"double_elimination\"," FOUR "}"
#define ROBIN4  "{\"format\":\"round_robin\"," FOUR "}"

/* Keeps two tournaments. */
static int set_up_small(void **state)
{
    return set_up_with(state, "{" PLAYERS ",\"keep_max\":2}");
}

static void a_round_is_dispatched_when_its_players_are_known(void **state)
{
    struct world *world = *state;

    start(world, SINGLE4);
    assert_has(world->reply.body, "\"matches\":3");
    assert_int_equal(fake.count, 2);
    assert_non_null(item_of("p1", "p4"));
    assert_non_null(item_of("p2", "p3"));
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(fake.count, 2);
    end_item(item_of("p1", "p4"), "p4");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 2);
    end_item(item_of("p2", "p3"), "p2");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 3);
    assert_non_null(item_of("p4", "p2"));
    assert_int_equal(fake.repeats, 0);
}

static void an_item_is_what_the_executor_reads(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"],\"board_size\":7,"
                 "\"komi\":4.5}");
    assert_has(fake.items[0].payload,
               "\"games\":1,\"first_index\":0,\"board_size\":7,\"komi\":4.5,\"seed\":\"");
    assert_has(fake.items[0].payload, "\"players\":[{\"name\":\"p1\",\"argv\":[\"p1\",\"--x\"]},"
                                      "{\"name\":\"p2\",\"argv\":[\"p2\"]}]");
    assert_string_equal(fake.items[0].group, world->id);
}

#define HEX1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX2 "2222222222222222222222222222222222222222222222222222222222222222"

static int set_up_with_versions(void **state)
{
    return set_up_with(state,
                       "{\"players\":{\"p1\":{\"argv\":[\"./engine\"],\"inputs\":[\"engine=" HEX1
                       ":0555\"]},\"p2\":{\"argv\":[\"./engine\"],\"inputs\":[\"engine=" HEX2
                       ":0555\"]}}}");
}

static void an_item_needs_the_files_of_both_its_players(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p2\",\"p1\"]}");
    assert_string_equal(fake.items[0].inputs,
                        "player1/engine=" HEX2 ":0555 player2/engine=" HEX1 ":0555 ");
    assert_has(fake.items[0].payload,
               "\"players\":[{\"name\":\"p2\",\"argv\":[\"./engine\"],\"folder\":\"player1\"},"
               "{\"name\":\"p1\",\"argv\":[\"./engine\"],\"folder\":\"player2\"}]");
}

static void a_double_elimination_plays_itself_out(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, DOUBLE4);
    play_out(world);
    body = bracket(world, "");
    assert_has(body, "\"state\":\"completed\",\"format\":\"double_elimination\"");
    assert_has(body, "\"matches_count\":6,\"matches_decided\":6");
    assert_has(body, "\"winner\":\"p1\"");
    assert_has(body, "{\"rank\":1,\"player\":\"p1\",\"seed\":1,\"wins\":3,\"losses\":0}");
    assert_has(body, "{\"rank\":2,\"player\":\"p2\",\"seed\":2,\"wins\":2,\"losses\":2}");
    assert_has(body, "{\"rank\":4,\"player\":\"p4\",\"seed\":4,\"wins\":0,\"losses\":2}");
    assert_null(strstr(body, "\"F2\""));
    assert_int_equal(rh_testhost_logged(world->host, "tournament_completed"), 1);
}

static void the_reset_is_played_when_the_first_final_is_lost(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"double_elimination\",\"players\":[\"p1\",\"p2\"]}");
    end_item(item_of("p1", "p2"), "p1");
    rh_testnet_run(world->net, ROUNDS_MS);
    end_item(item_of("p1", "p2"), "p2");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(bracket(world, ""), "\"match_id\":\"F2\"");
    end_item(item_of("p1", "p2"), "p2");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(bracket(world, ""), "\"state\":\"completed\"");
    assert_has(bracket(world, ""), "\"winner\":\"p2\",\"board_type\"");
    assert_int_equal(fake.count, 3);
}

static void a_round_robin_ends_with_its_table(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, ROBIN4);
    assert_int_equal(fake.count, 6);
    play_out(world);
    body = bracket(world, "");
    assert_has(body, "\"state\":\"completed\",\"format\":\"round_robin\"");
    assert_has(body, "{\"rank\":1,\"player\":\"p1\",\"seed\":1,\"points\":3,\"points_max\":3,"
                     "\"matches\":3,\"wins\":3,\"tie_breaks\":{\"direct_encounter\":null,"
                     "\"sonneborn_berger\":3,\"wins\":3,\"koya\":1,\"seed\":1}}");
    assert_has(body, "\"tie_breaks\":[\"direct_encounter\",\"sonneborn_berger\",\"wins\",\"koya\","
                     "\"seed\"]");
}

static void sides_are_swapped_game_by_game_until_a_match_is_decided(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"],"
                 "\"games_per_match\":3}");
    assert_int_equal(fake.count, 2);
    end_item(&fake.items[0], "p1");
    end_item(&fake.items[1], "p2");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 3);
    end_item(&fake.items[2], "p2");
    rh_testnet_run(world->net, ROUNDS_MS);
    body = bracket(world, "&games=true");
    assert_has(body, "\"state\":\"completed\"");
    assert_has(body, "\"game\":1,\"black\":\"p1\",\"white\":\"p2\"");
    assert_has(body, "\"game\":2,\"black\":\"p2\",\"white\":\"p1\"");
    assert_has(body, "\"score\":1,");
    assert_has(body, "\"score\":2,");
    assert_int_equal(count_of(body, "\"rated\":true"), 4); /* the games, and the match */
}

static void a_drawn_match_has_extra_games_and_then_the_lower_seed_wins(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p2\",\"p1\"],"
                 "\"extra_games\":1}");
    end_item(&fake.items[0], "draw");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 2);
    end_item(&fake.items[1], "draw");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(bracket(world, ""), "\"decided_by\":\"seed\"");
    assert_has(bracket(world, ""), "\"winner\":\"p2\",\"board_type\"");
}

static void the_end_is_announced_once_even_across_a_crash(void **state)
{
    struct world *world = *state;
    const char *text;
    uint64_t stream;

    stream = rh_testhost_send(world->host, "GET", "/events", NULL);
    start(world, DOUBLE4);
    play_out(world);
    rh_testnet_run(world->net, SWEEP_MS);
    text = rh_testhost_streamed(world->host, stream);
    assert_int_equal(count_of(text, "event: TOURNAMENT_COMPLETED"), 1);
    assert_has(text, world->id);
    assert_has(text, "\"winner\":\"p1\"");
    assert_has(text, "\"format\":\"double_elimination\"");
    assert_has(text, "\"matches\":6");
    rh_testhost_hang_up(world->host, stream);
    crash_and_start(world);
    stream = rh_testhost_send(world->host, "GET", "/events", NULL);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(
        count_of(rh_testhost_streamed(world->host, stream), "event: TOURNAMENT_COMPLETED"), 0);
    rh_testhost_hang_up(world->host, stream);
    assert_has(bracket(world, ""), "\"state\":\"completed\"");
}

/* After each single result the node dies; nothing is lost, doubled or dispatched again. */
static void a_crash_after_every_result_changes_nothing(void **state)
{
    struct world *world = *state;
    uint32_t crashes = 0;
    bool is_played = true;

    start(world, DOUBLE4);
    while (is_played) {
        is_played = false;
        for (uint32_t i = 0; i < fake.count && !is_played; i++) {
            if (strcmp(fake.items[i].status, "pending") != 0)
                continue;
            end_item(&fake.items[i], pairing_of(&fake.items[i]).names[0]);
            is_played = true;
        }
        if (!is_played)
            break;
        if (crashes % 2)
            rh_testnet_run(world->net, ROUNDS_MS);
        crash_and_start(world);
        rh_testnet_run(world->net, ROUNDS_MS);
        crashes++;
    }
    assert_true(crashes >= 6);
    assert_int_equal(fake.count, crashes);
    assert_has(bracket(world, ""), "\"state\":\"completed\"");
}

static void a_crashed_game_is_tried_again_and_then_forfeited(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"],"
                 "\"max_attempts\":2}");
    end_item(item_of("p1", "p2"), "");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 2);
    assert_has(bracket(world, ""), "\"state\":\"running\"");
    end_item(item_of("p1", "p2"), "");
    rh_testnet_run(world->net, ROUNDS_MS);
    body = bracket(world, "&games=true");
    assert_has(body, "\"decided_by\":\"forfeit\"");
    assert_has(body, "\"winner\":\"p2\",\"board_type\"");
    assert_has(body, "\"note\":\"game 1: crash: it died\"");
    assert_has(body, "\"rated\":false");
}

/* The queue gave up, and the worker quotes what the executor said. */
static void a_dead_item_is_forfeited_by_the_side_it_blames(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"]}");
    fake_cut(fake.items[0].status, sizeof(fake.items[0].status), RH_STR_LIT("dead"));
    fake_cut(fake.items[0].error, sizeof(fake.items[0].error),
             RH_STR_LIT("x: exited with status 1: {\"kind\":\"crash\",\"player\":\"p2\"}"));
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(bracket(world, ""), "\"decided_by\":\"forfeit\"");
    assert_has(bracket(world, ""), "\"winner\":\"p1\",\"board_type\"");
    assert_int_equal(fake.count, 1);
}

static void a_dead_item_that_blames_nobody_leaves_the_match_stuck_until_it_is_replayed(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"]}");
    fake_cut(fake.items[0].status, sizeof(fake.items[0].status), RH_STR_LIT("dead"));
    fake_cut(fake.items[0].error, sizeof(fake.items[0].error), RH_STR_LIT("the machine burnt"));
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(bracket(world, ""), "\"state\":\"stuck\"");
    assert_has(bracket(world, ""), "\"note\":\"game 1: dead: the machine burnt\"");
    assert_has(bracket(world, ""), "\"matches_stuck\":1");
    assert_int_equal(tell(world, "/tournament/correct", "W1.1", ",\"replay\":true"), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 2);
    play_out(world);
    assert_has(bracket(world, ""), "\"winner\":\"p1\",\"board_type\"");
}

static void an_item_that_the_queue_lost_is_added_again(void **state)
{
    struct world *world = *state;

    start(world, ROBIN4);
    fake.count = 4;
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(fake.count, 6);
}

static void a_refusing_queue_is_named_and_asked_again(void **state)
{
    struct world *world = *state;

    fake.refuse_adds = 1;
    start(world, ROBIN4);
    assert_int_equal(fake.count, 0);
    assert_has(bracket(world, ""), "\"problem\":\"POST /work/add: status 429: the queue is full\"");
    rh_testnet_run(world->net, 20000);
    assert_int_equal(fake.count, 6);
    assert_has(bracket(world, ""), "\"problem\":null");
}

static void games_that_the_queue_never_takes_end_the_tournament_with_its_words(void **state)
{
    struct world *world = *state;
    char body[160];

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\",\"p3\",\"p4\"]}");
    fake.bad = "\"config_key\" is out of fashion";
    end_item(&fake.items[0], "p1");
    end_item(&fake.items[1], "p2");
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_has(bracket(world, ""), "\"state\":\"failed\"");
    assert_has(bracket(world, ""), "\"problem\":\"\\\"config_key\\\" is out of fashion\"");
    assert_int_equal(rh_testhost_logged(world->host, "tournament_failed"), 1);
    crash_and_start(world);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_has(bracket(world, ""), "\"problem\":\"\\\"config_key\\\" is out of fashion\"");
    assert_int_equal(rh_testhost_logged(world->host, "tournament_failed"), 1);
    (void)snprintf(body, sizeof(body),
                   "{\"tournament_id\":\"%s\",\"match_id\":\"W1.1\",\"replay\":true}", world->id);
    assert_int_equal(post(world, "/tournament/correct", body), 409);
    assert_has(world->reply.body, "is failed");
}

static void cancelling_stops_the_games_and_keeps_what_was_played(void **state)
{
    struct world *world = *state;
    char body[128];

    start(world, ROBIN4);
    end_item(&fake.items[0], "p1");
    rh_testnet_run(world->net, ROUNDS_MS);
    (void)snprintf(body, sizeof(body), "{\"tournament_id\":\"%s\"}", world->id);
    assert_int_equal(post(world, "/tournament/cancel", body), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake_count(rh_str_from(world->id), "cancelled"), 5);
    assert_has(bracket(world, ""), "\"state\":\"cancelled\"");
    assert_has(bracket(world, ""), "\"matches_decided\":1");
    assert_int_equal(post(world, "/tournament/cancel", body), 200);
    assert_int_equal(tell(world, "/tournament/result", "R1.2", ",\"winner\":\"p2\""), 409);
    assert_int_equal(rh_testhost_logged(world->host, "tournament_completed"), 0);
}

static void the_same_request_key_gives_the_same_tournament(void **state)
{
    static const char body[] = "{\"format\":\"round_robin\"," FOUR ",\"idempotency_key\":\"k1\"}";
    struct world *world = *state;

    start(world, body);
    assert_null(strstr(world->reply.body, "\"duplicate\""));
    assert_int_equal(post(world, "/tournament/start", body), 200);
    assert_has(world->reply.body, world->id);
    assert_has(world->reply.body, "\"duplicate\":true");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 6);
}

static void a_request_key_of_another_request_is_refused(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"round_robin\"," FOUR ",\"idempotency_key\":\"k1\"}");
    for (int round = 0; round < 2; round++) {
        assert_int_equal(post(world, "/tournament/start",
                              "{\"idempotency_key\":\"k1\",\"format\":\"round_robin\"," FOUR "}"),
                         200);
        assert_int_equal(post(world, "/tournament/start",
                              "{\"format\":\"double_elimination\"," FOUR
                              ",\"idempotency_key\":\"k1\"}"),
                         409);
        assert_has(world->reply.body, "idempotency_conflict");
        assert_has(world->reply.body, world->id);
        crash_and_start(world); /* the second time from the store */
    }
}

static void the_list_has_the_newest_first(void **state)
{
    struct world *world = *state;
    char first[64];
    const char *newer;
    const char *older;

    start(world, ROBIN4);
    memcpy(first, world->id, sizeof(first));
    start(world, SINGLE4);
    assert_int_equal(
        rh_testhost_request(world->host, "GET", "/tournament/list", NULL, &world->reply), 200);
    newer = strstr(world->reply.body, world->id);
    older = strstr(world->reply.body, first);
    assert_true(newer && older && newer < older);
}

static void a_finished_one_is_listed_with_its_winner(void **state)
{
    struct world *world = *state;

    start(world, DOUBLE4);
    play_out(world);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(
        rh_testhost_request(world->host, "GET", "/tournament/list", NULL, &world->reply), 200);
    assert_has(world->reply.body, "\"state\":\"completed\",\"format\":\"double_elimination\","
                                  "\"players_count\":4,\"matches_count\":6,"
                                  "\"matches_decided\":6,\"matches_stuck\":0,"
                                  "\"winner\":\"p1\"");
}

static void the_oldest_finished_one_makes_room(void **state)
{
    struct world *world = *state;
    char ids[3][64];
    char path[128];

    for (uint32_t i = 0; i < 3; i++) {
        start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"]}");
        play_out(world);
        rh_testnet_run(world->net, ROUNDS_MS);
        memcpy(ids[i], world->id, sizeof(ids[i]));
    }
    (void)snprintf(path, sizeof(path), "/tournament/bracket?tournament_id=%s", ids[0]);
    assert_int_equal(rh_testhost_request(world->host, "GET", path, NULL, &world->reply), 404);
    (void)snprintf(path, sizeof(path), "/tournament/bracket?tournament_id=%s", ids[1]);
    assert_int_equal(rh_testhost_request(world->host, "GET", path, NULL, &world->reply), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_round_is_dispatched_when_its_players_are_known),
        TEST(an_item_is_what_the_executor_reads),
        cmocka_unit_test_setup_teardown(an_item_needs_the_files_of_both_its_players,
                                        set_up_with_versions, tear_down),
        TEST(a_double_elimination_plays_itself_out),
        TEST(the_reset_is_played_when_the_first_final_is_lost),
        TEST(a_round_robin_ends_with_its_table),
        TEST(sides_are_swapped_game_by_game_until_a_match_is_decided),
        TEST(a_drawn_match_has_extra_games_and_then_the_lower_seed_wins),
        TEST(the_end_is_announced_once_even_across_a_crash),
        TEST(a_crash_after_every_result_changes_nothing),
        TEST(a_crashed_game_is_tried_again_and_then_forfeited),
        TEST(a_dead_item_is_forfeited_by_the_side_it_blames),
        TEST(a_dead_item_that_blames_nobody_leaves_the_match_stuck_until_it_is_replayed),
        TEST(an_item_that_the_queue_lost_is_added_again),
        TEST(a_refusing_queue_is_named_and_asked_again),
        TEST(games_that_the_queue_never_takes_end_the_tournament_with_its_words),
        TEST(cancelling_stops_the_games_and_keeps_what_was_played),
        TEST(the_same_request_key_gives_the_same_tournament),
        TEST(a_request_key_of_another_request_is_refused),
        TEST(the_list_has_the_newest_first),
        TEST(a_finished_one_is_listed_with_its_winner),
        cmocka_unit_test_setup_teardown(the_oldest_finished_one_makes_room, set_up_small,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
