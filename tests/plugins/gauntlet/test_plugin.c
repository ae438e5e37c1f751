/* Tests of the plugin in a host of one node, with a queue that the tests command. */
#include "plugin_test.h"

/* Keeps two gauntlets. */
static int set_up_small(void **state)
{
    return set_up_with(state, "{" PLAYERS ",\"keep_max\":2}");
}

/* The item of game `index` is done: the executor reports this winner ("" = the game crashed). */
static void play(struct world *world, uint32_t index, const char *winner, const char *node_id)
{
    const bool is_black = index % 2 == 0;
    char key[RH_WORK_KEY_SIZE];
    struct fake_item *item;
    int n;

    assert_int_equal(rh_work_key(key, rh_str_from(world->id), index), RH_OK);
    item = fake_find(rh_str_from(key));
    assert_non_null(item);
    n = snprintf(item->result, sizeof(item->result),
                 "{\"games\":[{\"index\":%u,\"black\":\"%s\",\"white\":\"%s\",\"winner\":%s%s%s,"
                 "\"result\":%s,\"reason\":%s,\"moves\":55,\"seed\":1880445815,\"error\":%s,"
                 "\"duration_ms\":812}],\"totals\":{\"errors\":0},\"players\":[]}",
                 index, is_black ? "m" : "a", is_black ? "a" : "m", winner[0] ? "\"" : "",
                 winner[0] ? winner : "null", winner[0] ? "\"" : "",
                 winner[0] ? "\"B+3.5\"" : "null", winner[0] ? "\"score\"" : "null",
                 winner[0] ? "null"
                           : "{\"kind\":\"crash\",\"player\":\"a\",\"message\":\"it died\"}");
    assert_true(n > 0 && (size_t)n < sizeof(item->result));
    game_text_cut(item->status, sizeof(item->status), RH_STR_LIT("done"));
    game_text_cut(item->node_id, sizeof(item->node_id), rh_str_from(node_id));
}

static void play_range(struct world *world, uint32_t from, uint32_t to)
{
    static const char *const nodes[] = {"n1", "n2", "n3"};

    for (uint32_t i = from; i < to; i++)
        play(world, i, i < 14 ? "m" : "a", nodes[i % 3]);
}

static void a_run_adds_each_of_its_games_once(void **state)
{
    struct world *world = *state;

    start(world, RUN);
    assert_int_equal(fake.count, 20);
    assert_int_equal(fake.repeats, 0);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(fake.count, 20);
    assert_int_equal(fake.repeats, 0);
}

static void an_item_is_what_the_executor_reads(void **state)
{
    struct world *world = *state;
    const char *payload = fake.items[3].payload;

    start(world, RUN);
    assert_has(payload, "\"games\":1,\"first_index\":3,\"board_size\":9,\"komi\":7.5,\"seed\":\"");
    assert_has(payload, "\"players\":[{\"name\":\"m\",\"argv\":[\"m\",\"--x\"]},"
                        "{\"name\":\"a\",\"argv\":[\"a\"]}]");
    assert_string_equal(fake.items[3].group, world->id);
}

#define HEX1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX2 "2222222222222222222222222222222222222222222222222222222222222222"

static int set_up_with_versions(void **state)
{
    return set_up_with(state,
                       "{\"players\":{\"m\":{\"argv\":[\"./engine\"],\"inputs\":[\"engine=" HEX1
                       ":0555\"]},\"a\":{\"argv\":[\"./engine\"],\"inputs\":[\"engine=" HEX2
                       ":0555\"]},\"b\":[\"b\"]}}");
}

static void an_item_needs_the_files_of_both_its_players(void **state)
{
    struct world *world = *state;

    start(world, RUN);
    assert_string_equal(fake.items[0].inputs,
                        "player1/engine=" HEX1 ":0555 player2/engine=" HEX2 ":0555 ");
    assert_has(fake.items[0].payload,
               "\"players\":[{\"name\":\"m\",\"argv\":[\"./engine\"],\"folder\":\"player1\"},"
               "{\"name\":\"a\",\"argv\":[\"./engine\"],\"folder\":\"player2\"}]");
}

static void results_come_in_and_the_last_one_completes(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, RUN);
    play_range(world, 0, 7);
    rh_testnet_run(world->net, ROUNDS_MS);
    body = results(world);
    assert_has(body, "\"state\":\"running\"");
    assert_has(body, "\"played\":7,\"pending\":13,\"skipped\":0,\"wins\":7");
    play_range(world, 7, 20);
    rh_testnet_run(world->net, ROUNDS_MS);
    body = results(world);
    assert_has(body, "\"state\":\"completed\"");
    assert_has(
        body,
        "\"games\":20,\"played\":20,\"pending\":0,\"skipped\":0,\"wins\":14,\"losses\":6,\"draws\":"
        "0,\"errors\":0");
    assert_has(body, "\"wilson_low\":0.48");
    assert_has(body, "\"verdict\":\"undecided\",\"reason\":\"interval_contains_half\"");
    assert_has(body,
               "{\"node_id\":\"n1\",\"games\":7,\"wins\":5,\"losses\":2,\"draws\":0,\"errors\":0,");
    assert_has(body, "{\"node_id\":\"n3\",\"games\":6,");
    assert_int_equal(rh_testhost_logged(world->host, "gauntlet_completed"), 1);
}

static uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;

    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

static void the_end_is_announced_once_even_across_a_crash(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX];
    const char *text;
    uint64_t stream;

    stream = rh_testhost_send(world->host, "GET", "/events", NULL);
    start(world, RUN);
    play_range(world, 0, 20);
    rh_testnet_run(world->net, SWEEP_MS);
    text = rh_testhost_streamed(world->host, stream);
    assert_int_equal(count_of(text, "event: EVALUATION_COMPLETED"), 1);
    assert_has(text, world->id);
    assert_has(text, "\"win_rate\":0.7");
    rh_testhost_hang_up(world->host, stream);

    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    wait_for_leader(world);
    stream = rh_testhost_send(world->host, "GET", "/events", NULL);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(
        count_of(rh_testhost_streamed(world->host, stream), "event: EVALUATION_COMPLETED"), 0);
    rh_testhost_hang_up(world->host, stream);
    assert_has(results(world), "\"state\":\"completed\"");
}

static void a_crash_midway_loses_and_doubles_nothing(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX];
    const char *body;

    start(world, RUN);
    play_range(world, 0, 7);
    rh_testnet_run(world->net, ROUNDS_MS);
    rh_testhost_crash(world->host);
    play_range(world, 7, 12);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    wait_for_leader(world);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(results(world), "\"played\":12,\"pending\":8");
    play_range(world, 12, 20);
    rh_testnet_run(world->net, ROUNDS_MS);
    body = results(world);
    assert_has(body, "\"state\":\"completed\"");
    assert_has(body, "\"wins\":14,\"losses\":6");
    assert_int_equal(fake.count, 20);
    assert_int_equal(fake.repeats, 0);
}

static void an_item_that_the_queue_lost_is_added_again(void **state)
{
    struct world *world = *state;

    start(world, RUN);
    fake.count = 15;
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(fake.count, 20);
}

static void a_crashed_game_and_a_dead_item_are_errors_with_their_texts(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, RUN);
    play(world, 0, "", "n1");
    game_text_cut(fake.items[1].status, sizeof(fake.items[1].status), RH_STR_LIT("dead"));
    game_text_cut(fake.items[1].error, sizeof(fake.items[1].error), RH_STR_LIT("exit status 69"));
    rh_testnet_run(world->net, ROUNDS_MS);
    body = results(world);
    assert_has(body, "\"draws\":0,\"errors\":2");
    assert_has(body, "\"error\":{\"kind\":\"crash\",\"player\":\"a\",\"message\":\"it died\"}");
    assert_has(body,
               "\"error\":{\"kind\":\"dead\",\"player\":null,\"message\":\"exit status 69\"}");
}

static void a_quiet_gauntlet_reads_only_counts(void **state)
{
    struct world *world = *state;
    uint32_t reads;

    start(world, RUN);
    reads = fake.reads;
    rh_testnet_run(world->net, 10000);
    assert_true(fake.reads - reads <= 12); /* one item beside the counts of each round */
}

static void a_refusing_queue_is_named_and_asked_again(void **state)
{
    struct world *world = *state;

    fake.refuse_adds = 1;
    start(world, RUN);
    assert_int_equal(fake.count, 0);
    assert_has(results(world), "\"problem\":\"POST /work/add: status 429: the queue is full\"");
    rh_testnet_run(world->net, 20000);
    assert_int_equal(fake.count, 20);
    assert_has(results(world), "\"problem\":null");
}

static void games_that_the_queue_never_takes_end_the_gauntlet_with_its_words(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX];

    start(world, RUN);
    play_range(world, 0, 4);
    rh_testnet_run(world->net, ROUNDS_MS);
    fake.count = 10; /* the others are lost, and refused when they are added again */
    fake.bad = "\"config_key\" is out of fashion";
    rh_testnet_run(world->net, SWEEP_MS);

    assert_has(results(world), "\"state\":\"failed\"");
    assert_has(results(world), "\"problem\":\"\\\"config_key\\\" is out of fashion\"");
    assert_has(results(world), "\"wins\":4");
    assert_int_equal(fake_count(rh_str_from(world->id), "pending"), 0);
    assert_int_equal(rh_testhost_logged(world->host, "gauntlet_failed"), 1);
    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    wait_for_leader(world);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_has(results(world), "\"problem\":\"\\\"config_key\\\" is out of fashion\"");
    assert_int_equal(rh_testhost_logged(world->host, "gauntlet_failed"), 1);
}

static void cancelling_stops_the_games_and_keeps_what_was_played(void **state)
{
    struct world *world = *state;
    char body[256];
    const char *text;

    start(world, RUN);
    play_range(world, 0, 3);
    rh_testnet_run(world->net, ROUNDS_MS);
    (void)snprintf(body, sizeof(body), "{\"gauntlet_id\":\"%s\"}", world->id);
    assert_int_equal(post(world, "/gauntlet/cancel", body), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake_count(rh_str_from(world->id), "cancelled"), 17);
    text = results(world);
    assert_has(text, "\"state\":\"cancelled\"");
    assert_has(text, "\"played\":3,\"pending\":0,\"skipped\":17");
    assert_has(text, "\"verdict\":\"undecided\",\"reason\":\"cancelled\"");
    assert_int_equal(post(world, "/gauntlet/cancel", body), 200);
    assert_int_equal(rh_testhost_logged(world->host, "gauntlet_completed"), 0);
}

static void unknown_and_doubled_players_are_refused_by_name(void **state)
{
    struct world *world = *state;

    assert_int_equal(post(world, "/gauntlet/run", "{\"model\":\"x\",\"baselines\":[\"a\"]}"), 400);
    assert_has(world->reply.body, "no player \\\"x\\\" in the configuration; known: m, a, b");
    assert_has(world->reply.body, "\"field\":\"model\"");
    assert_int_equal(post(world, "/gauntlet/run", "{\"model\":\"m\",\"baselines\":[\"a\",\"m\"]}"),
                     400);
    assert_has(world->reply.body, "player \\\"m\\\" is named twice");
    assert_int_equal(
        post(world, "/gauntlet/run", "{\"model\":\"m\",\"baselines\":[\"a\"],\"games\":3}"), 400);
    assert_has(world->reply.body, "\\\"games\\\" must be even");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 0);
}

static void the_same_request_key_gives_the_same_gauntlet(void **state)
{
    static const char body[] = "{\"model\":\"m\",\"baselines\":[\"a\"],\"idempotency_key\":\"k1\"}";
    struct world *world = *state;

    start(world, body);
    assert_int_equal(post(world, "/gauntlet/run", body), 200);
    assert_has(world->reply.body, world->id);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 20);
}

static void a_request_key_of_another_request_is_refused(void **state)
{
    struct world *world = *state;

    start(world, "{\"model\":\"m\",\"baselines\":[\"a\"],\"idempotency_key\":\"k1\"}");
    assert_int_equal(post(world, "/gauntlet/run",
                          "{ \"idempotency_key\":\"k1\", \"priority\":50, \"baselines\":[\"a\"], "
                          "\"model\":\"m\"}"),
                     200);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(post(world, "/gauntlet/run",
                              "{\"model\":\"m\",\"baselines\":[\"a\"],\"games\":40,"
                              "\"idempotency_key\":\"k1\"}"),
                         409);
        assert_has(world->reply.body, "idempotency_conflict");
        assert_has(world->reply.body, world->id);
        assert_int_equal(post(world, "/gauntlet/run",
                              "{\"model\":\"m\",\"baselines\":[\"a\"],\"seed\":\"0\","
                              "\"idempotency_key\":\"k1\"}"),
                         409);
        crash(world); /* the second time from the store */
    }
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 20);
}

static void a_claim_goes_to_the_queue_for_gauntlet_items_alone(void **state)
{
    struct world *world = *state;

    assert_int_equal(post(world, "/gauntlet/claim",
                          "{\"node_id\":\"n9\",\"capabilities\":[\"go\"],\"max_items\":2}"),
                     200);
    assert_string_equal(world->reply.body, "{\"items\":[],\"refused\":{\"no_work\":1}}");
    assert_has(fake.claim_body, "\"node_id\":\"n9\"");
    assert_has(fake.claim_body, "\"work_types\":[\"gauntlet\"]");
    assert_has(fake.claim_body, "\"capabilities\":[\"go\"]");
    assert_has(fake.claim_body, "\"max_items\":2");
    assert_null(strstr(fake.claim_body, "held"));
    assert_int_equal(
        post(world, "/gauntlet/claim", "{\"node_id\":\"n9\",\"poll\":4,\"held\":[\"w1\"]}"), 200);
    assert_has(fake.claim_body, "\"poll\":4");
    assert_has(fake.claim_body, "\"held\":[\"w1\"]");
    assert_int_equal(
        post(world, "/gauntlet/claim", "{\"node_id\":\"n9\",\"work_types\":[\"training\"]}"), 400);
    assert_int_equal(post(world, "/gauntlet/claim", "{\"node_id\":\"n9\",\"steal\":true}"), 400);
    assert_has(world->reply.body, "\"steal\\\" is not a field here");
}

static void the_list_has_the_newest_first(void **state)
{
    struct world *world = *state;
    char first[GAME_ID_SIZE];
    const char *newer;
    const char *older;

    start(world, RUN);
    memcpy(first, world->id, sizeof(first));
    start(world, "{\"model\":\"b\",\"baselines\":[\"a\",\"m\"],\"type\":\"standard\"}");
    assert_int_equal(rh_testhost_request(world->host, "GET", "/gauntlet/list", NULL, &world->reply),
                     200);
    newer = strstr(world->reply.body, world->id);
    older = strstr(world->reply.body, first);
    assert_true(newer && older && newer < older);
    assert_has(world->reply.body, "\"baselines\":[\"a\",\"m\"],\"games\":100");
    assert_int_equal(fake.count, 120);
}

static void the_oldest_finished_one_makes_room(void **state)
{
    struct world *world = *state;
    char ids[3][GAME_ID_SIZE];
    char path[256];

    for (uint32_t i = 0; i < 3; i++) {
        start(world, "{\"model\":\"m\",\"baselines\":[\"a\"],\"games\":2}");
        play_range(world, 0, 2);
        rh_testnet_run(world->net, ROUNDS_MS);
        memcpy(ids[i], world->id, sizeof(ids[i]));
    }
    (void)snprintf(path, sizeof(path), "/gauntlet/results?gauntlet_id=%s", ids[0]);
    assert_int_equal(rh_testhost_request(world->host, "GET", path, NULL, &world->reply), 404);
    (void)snprintf(path, sizeof(path), "/gauntlet/results?gauntlet_id=%s", ids[1]);
    assert_int_equal(rh_testhost_request(world->host, "GET", path, NULL, &world->reply), 200);
    assert_has(results(world), "\"state\":\"completed\"");
}

static void an_unknown_gauntlet_is_not_found(void **state)
{
    struct world *world = *state;

    assert_int_equal(rh_testhost_request(world->host, "GET", "/gauntlet/results?gauntlet_id=g0",
                                         NULL, &world->reply),
                     404);
    assert_has(world->reply.body, "no gauntlet \\\"g0\\\"");
    assert_int_equal(
        rh_testhost_request(world->host, "GET", "/gauntlet/results", NULL, &world->reply), 404);
}

static void assert_refused(const char *config_json, const char *words)
{
    const struct rh_testhost_plugin plugins[] = {
        {&fake_plugin, NULL},
        {rh_plugin_entry_v1_gauntlet(), config_json},
    };
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = 2};
    struct rh_testnet *net = rh_testnet_new(1, WALL_MS);
    struct rh_testhost *host = NULL;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_int_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);
    rh_testnet_run(net, 100);

    assert_true(rh_testhost_is_finished(host));
    assert_int_not_equal(rh_testhost_logged(host, words), 0);
    rh_testnet_free(net);
}

static void a_player_who_could_never_play_is_refused_at_the_start(void **state)
{
    (void)state;
    assert_refused("{\"players\":{\"a\":[\"a\"],\"b\":[]}}",
                   "players.b: names no program: wanted is a list of words");
    assert_refused("{\"players\":{\"a\":{\"inputs\":[\"engine=" HEX1 "\"]}}}",
                   "players.a: names no program: wanted is a list of words");
    assert_refused("{\"players\":{\"=a\":[\"a\"]}}", "or have \"=\" in front of its name");
    assert_refused("{\"players\":{\"a\":{\"argv\":[\"a\"],\"inputs\":[\"engine=12\"]}}}",
                   "players.a: input \"engine=12\" is not NAME=SHA256");
    assert_refused("{\"players\":{\"a\":{\"argv\":[\"a\"],\"inputs\":[\"engine=" HEX1
                   "\",\"engine=" HEX2 "\"]}}}",
                   "players.a: input \"engine=" HEX2 "\" has the name of another one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_adds_each_of_its_games_once),
        TEST(an_item_is_what_the_executor_reads),
        cmocka_unit_test_setup_teardown(an_item_needs_the_files_of_both_its_players,
                                        set_up_with_versions, tear_down),
        TEST(results_come_in_and_the_last_one_completes),
        TEST(the_end_is_announced_once_even_across_a_crash),
        TEST(a_crash_midway_loses_and_doubles_nothing),
        TEST(an_item_that_the_queue_lost_is_added_again),
        TEST(a_crashed_game_and_a_dead_item_are_errors_with_their_texts),
        TEST(a_quiet_gauntlet_reads_only_counts),
        TEST(a_refusing_queue_is_named_and_asked_again),
        TEST(games_that_the_queue_never_takes_end_the_gauntlet_with_its_words),
        TEST(cancelling_stops_the_games_and_keeps_what_was_played),
        TEST(unknown_and_doubled_players_are_refused_by_name),
        TEST(the_same_request_key_gives_the_same_gauntlet),
        TEST(a_request_key_of_another_request_is_refused),
        TEST(a_claim_goes_to_the_queue_for_gauntlet_items_alone),
        TEST(the_list_has_the_newest_first),
        cmocka_unit_test_setup_teardown(the_oldest_finished_one_makes_room, set_up_small,
                                        tear_down),
        TEST(an_unknown_gauntlet_is_not_found),
        cmocka_unit_test(a_player_who_could_never_play_is_refused_at_the_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
