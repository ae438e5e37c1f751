/* Tests of the match that the executor reads, and of reports that are none. */
#include "sdk_test.h"

#include <ringhost/sdk/gtp_match.h>
#include <ringhost/sdk/str.h>

static const struct rh_gtp_player players[2] = {
    {RH_STR_INIT("a"), RH_STR_INIT("[\"gnugo\",\"--level\",\"1\"]"), RH_STR_INIT("")},
    {RH_STR_INIT("b"), RH_STR_INIT("[\"gnugo\"]"), RH_STR_INIT("")},
};

static void assert_written(const struct rh_gtp_rules *rules, const char *text)
{
    struct rh_json_writer w;
    struct rh_buf buf;

    rh_buf_init(&buf, 4096);
    rh_json_init(&w, &buf);
    rh_gtp_match_write(&w, rules, 3, UINT64_MAX, players);
    assert_int_equal(rh_json_finish(&w), RH_OK);
    assert_string_equal(buf.p, text);
    rh_buf_release(&buf);
}

static void a_match_is_one_game_of_two_players(void **state)
{
    const struct rh_gtp_rules rules = {.ko_rule = RH_STR_LIT("positional"),
                                       .board_size = 7,
                                       .komi_halves = 9,
                                       .move_time_ms = 1,
                                       .game_time_ms = 2,
                                       .command_time_ms = 3,
                                       .max_moves = 4};

    (void)state;
    assert_written(&rules, "{\"games\":1,\"first_index\":3,\"board_size\":7,\"komi\":4.5,"
                           "\"seed\":\"18446744073709551615\",\"move_time_ms\":1,"
                           "\"game_time_ms\":2,\"command_time_ms\":3,\"max_moves\":4,"
                           "\"ko_rule\":\"positional\",\"players\":[{\"name\":\"a\",\"argv\":["
                           "\"gnugo\",\"--level\",\"1\"]},{\"name\":\"b\",\"argv\":[\"gnugo\"]}]}");
}

static void what_the_executor_chooses_itself_is_left_out(void **state)
{
    const struct rh_gtp_rules rules = {.board_size = 9, .komi_halves = -1};

    (void)state;
    assert_written(&rules, "{\"games\":1,\"first_index\":3,\"board_size\":9,\"komi\":-0.5,"
                           "\"seed\":\"18446744073709551615\",\"move_time_ms\":0,"
                           "\"game_time_ms\":0,\"command_time_ms\":0,\"players\":[{\"name\":\"a\","
                           "\"argv\":[\"gnugo\",\"--level\",\"1\"]},{\"name\":\"b\",\"argv\":["
                           "\"gnugo\"]}]}");
}

/* Two versions of one engine, whose files have the same names. */
static void files_of_one_name_have_a_folder_for_each_player(void **state)
{
    const struct rh_gtp_rules rules = {.board_size = 9};
    const struct rh_gtp_player versions[2] = {
        {RH_STR_LIT("v1"), RH_STR_LIT("[\"./engine\"]"), RH_STR_LIT("engine=1:0555 net=2")},
        {RH_STR_LIT("v2"), RH_STR_LIT("[\"./engine\"]"), RH_STR_LIT("engine=3:0555")},
    };
    struct rh_json_writer w;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 4096);
    rh_json_init(&w, &buf);

    rh_json_begin_object(&w);
    rh_gtp_inputs_write(&w, versions);
    rh_json_key(&w, "payload");
    rh_gtp_match_write(&w, &rules, 0, 1, versions);
    rh_json_end_object(&w);

    assert_int_equal(rh_json_finish(&w), RH_OK);
    assert_non_null(strstr(buf.p, "{\"inputs\":[\"player1/engine=1:0555\",\"player1/net=2\","
                                  "\"player2/engine=3:0555\"],\"payload\":{"));
    assert_non_null(strstr(buf.p,
                           "{\"name\":\"v1\",\"argv\":[\"./engine\"],\"folder\":\"player1\"},"
                           "{\"name\":\"v2\",\"argv\":[\"./engine\"],\"folder\":\"player2\"}"));
    rh_buf_release(&buf);
}

static void players_without_files_need_no_inputs(void **state)
{
    struct rh_json_writer w;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 4096);
    rh_json_init(&w, &buf);

    rh_json_begin_object(&w);
    rh_gtp_inputs_write(&w, players);
    rh_json_end_object(&w);

    assert_int_equal(rh_json_finish(&w), RH_OK);
    assert_string_equal(buf.p, "{}");
    rh_buf_release(&buf);
}

static int32_t refuse(struct rh_ctx *ctx, const struct rh_fields *table, struct rh_str json,
                      void *out, void **memory, char *why, uint32_t why_size)
{
    (void)ctx;
    (void)table;
    (void)json;
    (void)out;
    (void)memory;
    (void)why;
    (void)why_size;
    return RH_ENOMEM;
}

static void what_is_no_report_gives_no_game_and_no_memory(void **state)
{
    const struct rh_fields_v1 fields = {.size = sizeof(fields), .decode = refuse};
    const struct rh_services rh = {.fields = &fields};
    const char *const bodies[] = {"", "null", "[]", "7", "{\"games\":7}"};
    struct rh_gtp_game game = {.index = 77};

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        void *memory = &game;

        assert_int_equal(rh_gtp_game_decode(&rh, rh_str_from(bodies[i]), &game, &memory),
                         RH_EINVAL);
        assert_null(memory);
    }
    assert_int_equal(game.index, 77);
}

/* Keeps what it was given to decode and finds a kind in it. */
static char seen[128];

static int32_t keep(struct rh_ctx *ctx, const struct rh_fields *table, struct rh_str json,
                    void *out, void **memory, char *why, uint32_t why_size)
{
    (void)ctx;
    (void)why;
    (void)why_size;
    (void)memory;
    (void)snprintf(seen, sizeof(seen), "%.*s", RH_STR_ARG(json));
    memset(out, 0, table->struct_size);
    *(struct rh_str *)out = RH_STR_LIT("crash"); /* the first row of the table */
    return RH_OK;
}

static void the_quoted_fault_is_found_among_other_words(void **state)
{
    const struct rh_fields_v1 fields = {.size = sizeof(fields), .decode = keep};
    const struct rh_services rh = {.fields = &fields};
    struct rh_gtp_fault fault;
    void *memory = NULL;

    (void)state;
    assert_int_equal(rh_gtp_fault_decode(
                         &rh,
                         RH_STR_LIT("ringhost-gtp-match: exited with status 1: {\"kind\":\"crash\","
                                    "\"message\":\"a } or \\\" in {it\"}; stderr: {}"),
                         &fault, &memory),
                     RH_OK);
    assert_string_equal(seen, "{\"kind\":\"crash\",\"message\":\"a } or \\\" in {it\"}");
    assert_true(rh_str_eq_c(fault.kind, "crash"));
}

static void a_text_without_a_whole_object_holds_no_fault(void **state)
{
    const struct rh_fields_v1 fields = {.size = sizeof(fields), .decode = keep};
    const struct rh_services rh = {.fields = &fields};
    const char *const texts[] = {"", "killed", "exited: {\"kind\":\"cra", "}{", "{\"a\":\"}"};
    struct rh_gtp_fault fault;
    void *memory = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(rh_gtp_fault_decode(&rh, rh_str_from(texts[i]), &fault, &memory),
                         RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_match_is_one_game_of_two_players),
        cmocka_unit_test(what_the_executor_chooses_itself_is_left_out),
        cmocka_unit_test(files_of_one_name_have_a_folder_for_each_player),
        cmocka_unit_test(players_without_files_need_no_inputs),
        cmocka_unit_test(what_is_no_report_gives_no_game_and_no_memory),
        cmocka_unit_test(the_quoted_fault_is_found_among_other_words),
        cmocka_unit_test(a_text_without_a_whole_object_holds_no_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
