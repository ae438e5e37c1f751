/* Tests of what referees tell: results, twice and contradicting, corrections, refusals by name. */
#include "plugin_test.h"

#define EXTERNAL(format, names) \
    "{\"format\":\"" format "\",\"external\":true,\"players\":[" names "]}"
#define NAMES4 "\"a\",\"b\",\"c\",\"d\""

static uint32_t result(struct world *world, const char *match, const char *rest)
{
    return tell(world, "/tournament/result", match, rest);
}

static uint32_t correct(struct world *world, const char *match, const char *rest)
{
    return tell(world, "/tournament/correct", match, rest);
}

static void referees_decide_matches_of_players_that_nobody_starts(void **state)
{
    struct world *world = *state;

    start(world, EXTERNAL("single_elimination", NAMES4));
    assert_int_equal(fake.count, 0);
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"a\""), 200);
    assert_has(world->reply.body, "\"match_id\":\"W1.1\"");
    assert_has(world->reply.body, "\"decided_by\":\"report\",\"rated\":true");
    assert_int_equal(result(world, "W1.2", ",\"scores\":[1, 3]"), 200);
    assert_has(world->reply.body, "\"match_id\":\"W2.1\"");
    assert_int_equal(result(world, "W2.1", ",\"scores\":{\"a\":0.5,\"c\":0}"), 200);
    assert_has(world->reply.body, "\"state\":\"completed\"");
    assert_has(bracket(world, ""), "\"winner\":\"a\",\"board_type\"");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 0);
    assert_has(bracket(world, ""), "\"winner\":\"a\",\"board_type\"");
}

static void the_same_result_twice_is_fine_and_another_one_is_not(void **state)
{
    struct world *world = *state;

    start(world, EXTERNAL("single_elimination", NAMES4));
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"a\""), 200);
    assert_has(world->reply.body, "\"duplicate\":false");
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"a\""), 200);
    assert_has(world->reply.body, "\"duplicate\":true");
    assert_int_equal(result(world, "W1.1", ",\"scores\":[1,0]"), 200);
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"d\""), 409);
    assert_has(world->reply.body, "\"code\":\"contradicts\"");
    assert_int_equal(result(world, "W1.1", ",\"scores\":[2,0]"), 409);
    assert_int_equal(result(world, "W1.1", ",\"forfeit\":\"d\""), 409);
    assert_has(bracket(world, ""), "\"winner\":\"a\",\"loser\":\"d\"");
}

static void a_result_survives_a_crash_and_is_still_the_same(void **state)
{
    struct world *world = *state;

    start(world, EXTERNAL("double_elimination", NAMES4));
    assert_int_equal(result(world, "W1.1", ",\"scores\":[2,1]"), 200);
    crash_and_start(world);
    assert_int_equal(result(world, "W1.1", ",\"scores\":[2,1]"), 200);
    assert_has(world->reply.body, "\"duplicate\":true");
    assert_int_equal(result(world, "W1.1", ",\"scores\":[1,2]"), 409);
}

static void a_result_after_the_end_is_compared_with_what_is_known(void **state)
{
    struct world *world = *state;

    start(world, EXTERNAL("single_elimination", "\"a\",\"b\""));
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"b\""), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"b\""), 200);
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"a\""), 409);
}

static void what_makes_no_sense_is_refused_with_its_field(void **state)
{
    static const struct {
        const char *rest;
        const char *field;
    } bad[] = {
        {"", "winner"},
        {",\"winner\":\"x\"", "winner"},
        {",\"winner\":\"b\"", "winner"},
        {",\"draw\":true", "draw"},
        {",\"scores\":[1,1]", "draw"},
        {",\"scores\":[1]", "scores"},
        {",\"scores\":[1,-1]", "scores"},
        {",\"scores\":[0.3,1]", "scores"},
        {",\"scores\":{\"a\":1}", "scores"},
        {",\"scores\":\"2-1\"", "scores"},
        {",\"winner\":\"a\",\"scores\":[0,1]", "winner"},
        {",\"forfeit\":\"x\"", "forfeit"},
        {",\"forfeit\":\"a\",\"winner\":\"a\"", "forfeit"},
        {",\"forfeit\":\"a\",\"both_forfeit\":true", "both_forfeit"},
    };
    struct world *world = *state;
    char expected[64];

    start(world, EXTERNAL("single_elimination", NAMES4));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (result(world, "W1.1", bad[i].rest) != 400)
            fail_msg("%s: %s", bad[i].rest, world->reply.body);
        (void)snprintf(expected, sizeof(expected), "\"field\":\"%s\"", bad[i].field);
        assert_has(world->reply.body, expected);
    }
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"x\""), 400);
    assert_has(world->reply.body, "\\\"x\\\" is no player of match W1.1");
    assert_int_equal(result(world, "W1.1", ",\"winer\":\"a\""), 400);
    assert_has(world->reply.body, "winner");
}

static void matches_that_are_not_there_or_not_ready_are_told_apart(void **state)
{
    struct world *world = *state;

    start(world, EXTERNAL("single_elimination", "\"a\",\"b\",\"c\""));
    assert_int_equal(result(world, "W9.1", ",\"winner\":\"a\""), 404);
    assert_int_equal(result(world, "W2.1", ",\"winner\":\"a\""), 409);
    assert_has(world->reply.body, "\"code\":\"match_not_ready\"");
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"a\""), 409);
    assert_has(world->reply.body, "\"code\":\"match_not_played\"");
    assert_int_equal(correct(world, "W1.2", ",\"winner\":\"b\""), 409);
    assert_has(world->reply.body, "\"code\":\"match_not_decided\"");
    assert_int_equal(post(world, "/tournament/result",
                          "{\"tournament_id\":\"t0\",\"match_id\":\"W1.1\",\"winner\":\"a\"}"),
                     404);
    assert_has(world->reply.body, "no tournament \\\"t0\\\"");
}

static void forfeits_and_double_forfeits_route_on(void **state)
{
    struct world *world = *state;

    start(world, EXTERNAL("single_elimination", NAMES4));
    assert_int_equal(result(world, "W1.1", ",\"both_forfeit\":true"), 200);
    assert_int_equal(result(world, "W1.2", ",\"forfeit\":\"b\""), 200);
    assert_has(world->reply.body, "\"forfeit\":true");
    assert_null(strstr(world->reply.body, "\"rated\":true"));
    assert_has(bracket(world, ""), "\"state\":\"completed\"");
    assert_has(bracket(world, ""), "\"winner\":\"c\",\"board_type\"");
    assert_has(bracket(world, ""), "\"state\":\"walkover\"");
}

static void a_correction_that_undoes_is_refused_by_name_and_then_routes_anew(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, EXTERNAL("single_elimination", NAMES4));
    (void)result(world, "W1.1", ",\"winner\":\"a\"");
    (void)result(world, "W1.2", ",\"winner\":\"b\"");
    (void)result(world, "W2.1", ",\"winner\":\"a\"");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(bracket(world, ""), "\"state\":\"completed\"");
    assert_int_equal(correct(world, "W1.2", ",\"winner\":\"c\""), 409);
    assert_has(world->reply.body, "\"code\":\"would_undo\"");
    assert_has(world->reply.body, "{\"matches\":[\"W2.1\"]}");
    assert_has(bracket(world, ""), "\"state\":\"completed\"");
    assert_int_equal(correct(world, "W1.2", ",\"winner\":\"c\",\"undo\":true"), 200);
    assert_has(world->reply.body, "\"state\":\"running\"");
    crash_and_start(world);
    body = bracket(world, "");
    assert_has(body, "\"match_id\":\"W2.1\",\"bracket\":\"winners\",\"round\":2,\"number\":1,"
                     "\"state\":\"ready\"");
    assert_int_equal(result(world, "W2.1", ",\"winner\":\"c\""), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(bracket(world, ""), "\"winner\":\"c\",\"board_type\"");
}

static void a_replay_beside_an_outcome_is_refused_by_name(void **state)
{
    static const struct {
        const char *rest;
        const char *other;
    } bad[] = {
        {",\"replay\":true,\"winner\":\"b\"", "winner"},
        {",\"replay\":true,\"draw\":true", "draw"},
        {",\"replay\":true,\"scores\":[0,1]", "scores"},
        {",\"replay\":true,\"forfeit\":\"a\",\"undo\":true", "forfeit"},
        {",\"replay\":true,\"both_forfeit\":true", "both_forfeit"},
    };
    struct world *world = *state;
    char expected[80];

    start(world, EXTERNAL("single_elimination", "\"a\",\"b\""));
    (void)result(world, "W1.1", ",\"winner\":\"a\"");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (correct(world, "W1.1", bad[i].rest) != 400)
            fail_msg("%s: %s", bad[i].rest, world->reply.body);
        (void)snprintf(expected, sizeof(expected),
                       "\\\"replay\\\" and \\\"%s\\\" contradict each other", bad[i].other);
        assert_has(world->reply.body, expected);
        assert_has(world->reply.body, "\"field\":\"replay\"");
    }
    assert_has(bracket(world, ""), "\"winner\":\"a\",\"board_type\"");
    assert_int_equal(correct(world, "W1.1", ",\"replay\":true,\"scores\":null"), 200);
    assert_has(world->reply.body, "\"state\":\"ready\"");
}

/* The event tells of a fact: each is told once, whatever crashes come in between. */
static void a_corrected_end_is_announced_if_it_is_another_one(void **state)
{
    struct world *world = *state;
    const char *text;
    uint64_t stream = rh_testhost_send(world->host, "GET", "/events", NULL);

    start(world, EXTERNAL("single_elimination", "\"a\",\"b\""));
    (void)result(world, "W1.1", ",\"winner\":\"a\",\"scores\":[2,1]");
    assert_int_equal(correct(world, "W1.1", ",\"winner\":\"a\",\"scores\":[2,0]"), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    text = rh_testhost_streamed(world->host, stream);
    assert_int_equal(count_of(text, "event: TOURNAMENT_COMPLETED"), 1);
    assert_int_equal(correct(world, "W1.1", ",\"winner\":\"b\""), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    text = rh_testhost_streamed(world->host, stream);
    assert_int_equal(count_of(text, "event: TOURNAMENT_COMPLETED"), 2);
    assert_has(text, "\"winner\":\"b\"");
    rh_testhost_hang_up(world->host, stream);

    crash_and_start(world);
    stream = rh_testhost_send(world->host, "GET", "/events", NULL);
    assert_int_equal(correct(world, "W1.1", ",\"winner\":\"b\",\"scores\":[0,2]"), 200);
    rh_testnet_run(world->net, SWEEP_MS);
    text = rh_testhost_streamed(world->host, stream);
    assert_int_equal(count_of(text, "event: TOURNAMENT_COMPLETED"), 0);
    assert_has(bracket(world, ""), "\"state\":\"completed\"");
    assert_has(bracket(world, ""), "\"winner\":\"b\",\"board_type\"");
    rh_testhost_hang_up(world->host, stream);
}

/* Games of players who should never have met are cancelled, those who should are dispatched. */
static void a_correction_replaces_games_under_way(void **state)
{
    struct world *world = *state;
    struct fake_item *old;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\",\"p3\",\"p4\"]}");
    end_item(item_of("p1", "p4"), "p1");
    end_item(item_of("p2", "p3"), "p2");
    rh_testnet_run(world->net, ROUNDS_MS);
    old = item_of("p1", "p2");
    assert_non_null(old);
    assert_int_equal(correct(world, "W1.2", ",\"winner\":\"p3\""), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_string_equal(old->status, "cancelled");
    assert_non_null(item_of("p1", "p3"));
    assert_null(item_of("p1", "p2"));
    end_item(item_of("p1", "p3"), "p3");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_has(bracket(world, ""), "\"winner\":\"p3\",\"board_type\"");
    crash_and_start(world);
    assert_has(bracket(world, ""), "\"winner\":\"p3\",\"board_type\"");
}

static void a_referee_overrides_a_game_under_way(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\",\"p3\",\"p4\"]}");
    assert_int_equal(result(world, "W1.1", ",\"winner\":\"p4\""), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake_count(rh_str_from(world->id), "cancelled"), 1);
    play_out(world);
    assert_has(bracket(world, ""), "\"winner\":\"p2\",\"board_type\"");
}

static void points_for_games_need_scores_that_add_up(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"round_robin\",\"external\":true,\"players\":[\"a\",\"b\",\"c\"],"
                 "\"games_per_match\":4,\"scoring\":\"games\"}");
    assert_int_equal(result(world, "R1.1", ",\"winner\":\"b\""), 400);
    assert_has(world->reply.body, "\"field\":\"scores\"");
    assert_int_equal(result(world, "R1.1", ",\"scores\":[3,0]"), 400);
    assert_int_equal(result(world, "R1.1", ",\"scores\":[2.5,1.5]"), 200);
    assert_has(bracket(world, ""), "\"player\":\"b\",\"seed\":2,\"points\":2.5,\"points_max\":4");
}

static void bad_requests_to_start_name_their_field(void **state)
{
    static const struct {
        const char *body;
        const char *part;
    } bad[] = {
        {"{\"format\":\"swiss\",\"players\":[\"p1\",\"p2\"]}", "format"},
        {"{\"format\":\"round_robin\",\"players\":[\"p1\"]}", "players"},
        {"{\"format\":\"round_robin\",\"players\":[\"p1\",\"zz\"]}",
         "no player \\\"zz\\\" in the configuration; known: p1, p2, p3, p4"},
        {"{\"format\":\"round_robin\",\"players\":[\"p1\",\"p1\"]}", "named twice"},
        {"{\"format\":\"round_robin\",\"external\":true,\"players\":[\"a\",\"draw\"]}", "draw"},
        {"{\"format\":\"round_robin\",\"players\":[\"p1\",\"p2\"],\"third_place\":true}",
         "\"field\":\"third_place\""},
        {"{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"],\"cycles\":2}",
         "\"field\":\"cycles\""},
        {"{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"],\"drop_in\":[\"natural\"]"
         "}",
         "\"field\":\"drop_in\""},
        {"{\"format\":\"double_elimination\",\"players\":[\"p1\",\"p2\"],\"drop_in\":[\"natural\"]"
         "}",
         "\"field\":\"drop_in\""},
        {"{\"format\":\"double_elimination\",\"players\":[\"p1\",\"p2\",\"p3\"],"
         "\"drop_in\":[\"natural\",\"reverse\"]}",
         "\"field\":\"drop_in\""},
        {"{\"format\":\"double_elimination\",\"players\":[\"p1\",\"p2\",\"p3\"],"
         "\"drop_in\":[\"zigzag\"]}",
         "drop_in[0]\\\" must be one of \\\"default\\\", \\\"natural\\\", \\\"reverse\\\""},
        {"{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"],"
         "\"grand_final_reset\":true}",
         "\"field\":\"grand_final_reset\""},
        {"{\"format\":\"round_robin\",\"players\":[\"p1\",\"p2\"],"
         "\"grand_final_reset\":false}",
         "\"field\":\"grand_final_reset\""},
        {"{\"format\":\"single_elimination\",\"players\":[\"p1\",\"p2\"],\"tie_breaks\":[\"wins\"]"
         "}",
         "\"field\":\"tie_breaks\""},
        {"{\"format\":\"round_robin\",\"players\":[\"p1\",\"p2\"],\"tie_breaks\":[\"wins\","
         "\"wins\"]}",
         "named twice"},
        {"{\"format\":\"round_robin\",\"players\":[\"p1\",\"p2\"],\"play_all\":false}",
         "\"field\":\"play_all\""},
        {"{\"format\":\"round_robin\",\"players\":[\"p1\",\"p2\"],\"komi\":0.3}",
         "\"field\":\"komi\""},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (post(world, "/tournament/start", bad[i].body) != 400)
            fail_msg("%s: %s", bad[i].body, world->reply.body);
        assert_has(world->reply.body, bad[i].part);
    }
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake.count, 0);
}

/* 128 players of a double elimination have 256 places for matches. */
static void games_are_limited_by_the_matches_there_are(void **state)
{
    static const char *const formats[] = {"single_elimination", "double_elimination"};
    struct world *world = *state;
    char body[2048];
    int n;

    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(body, sizeof(body),
                       "{\"format\":\"%s\",\"players\":[\"p1\",\"p2\"],\"games_per_match\":200}",
                       formats[i]);
        start(world, body);
        assert_has(world->reply.body, "\"matches\":");
    }
    n = snprintf(body, sizeof(body),
                 "{\"format\":\"double_elimination\",\"external\":true,\"games_per_match\":200,"
                 "\"players\":[\"a0\"");
    for (uint32_t i = 1; i < 128; i++)
        n += snprintf(body + n, sizeof(body) - (size_t)n, ",\"a%u\"", i);
    (void)snprintf(body + n, sizeof(body) - (size_t)n, "]}");
    assert_int_equal(post(world, "/tournament/start", body), 400);
    assert_has(world->reply.body, "\"field\":\"games_per_match\"");
}

static void what_is_not_there_is_not_found(void **state)
{
    struct world *world = *state;

    assert_int_equal(
        rh_testhost_request(world->host, "GET", "/tournament/bracket", NULL, &world->reply), 404);
    assert_int_equal(rh_testhost_request(world->host, "GET", "/tournament/bracket?tournament_id=t0",
                                         NULL, &world->reply),
                     404);
    assert_int_equal(post(world, "/tournament/cancel", "{\"tournament_id\":\"t0\"}"), 404);
    assert_int_equal(post(world, "/tournament/cancel", "{}"), 400);
    assert_int_equal(
        rh_testhost_request(world->host, "GET", "/tournament/list?limit=0", NULL, &world->reply),
        400);
    assert_int_equal(
        rh_testhost_request(world->host, "GET", "/tournament/bracket?after=x", NULL, &world->reply),
        400);
    assert_int_equal(correct(world, "W1.1", ",\"winner\":\"a\""), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(referees_decide_matches_of_players_that_nobody_starts),
        TEST(the_same_result_twice_is_fine_and_another_one_is_not),
        TEST(a_result_survives_a_crash_and_is_still_the_same),
        TEST(a_result_after_the_end_is_compared_with_what_is_known),
        TEST(what_makes_no_sense_is_refused_with_its_field),
        TEST(matches_that_are_not_there_or_not_ready_are_told_apart),
        TEST(forfeits_and_double_forfeits_route_on),
        TEST(a_correction_that_undoes_is_refused_by_name_and_then_routes_anew),
        TEST(a_replay_beside_an_outcome_is_refused_by_name),
        TEST(a_corrected_end_is_announced_if_it_is_another_one),
        TEST(a_correction_replaces_games_under_way),
        TEST(a_referee_overrides_a_game_under_way),
        TEST(points_for_games_need_scores_that_add_up),
        TEST(bad_requests_to_start_name_their_field),
        TEST(games_are_limited_by_the_matches_there_are),
        TEST(what_is_not_there_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
