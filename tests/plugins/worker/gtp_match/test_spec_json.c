/* Claims about the JSON form of a match: what it fills and what it refuses, with which words. */
#include "spec_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TWO_PLAYERS                                                                      \
    "\"players\":[{\"name\":\"a\",\"argv\":[\"x\",\"{seed}\"],\"setup\":[\"level 1\"]}," \
    "{\"name\":\"b\",\"argv\":[\"y\"]}]"

static void full_document_fills_every_field(void **state)
{
    static const char text[] =
        "{\"games\":4,\"first_index\":6,\"board_size\":13,\"komi\":-0.5,\"move_time_ms\":1,"
        "\"game_time_ms\":2,\"command_time_ms\":3,\"max_moves\":50,"
        "\"seed\":\"18446744073709551615\",\"ko_rule\":\"positional\",\"tell_time\":true,\"sgf_"
        "dir\":"
        "\"d\"," TWO_PLAYERS "}";
    struct match_spec spec;
    char message[SPEC_MESSAGE_BYTES] = "";
    (void)state;
    spec_init(&spec);

    bool is_ok = spec_from_json(&spec, text, strlen(text), message) && spec_finish(&spec, message);

    assert_string_equal(message, "");
    assert_true(is_ok);
    assert_int_equal(spec.games, 4);
    assert_int_equal(spec.first_index, 6);
    assert_int_equal(spec.board_size, 13);
    assert_int_equal(spec.komi_half, -1);
    assert_int_equal(spec.move_time_ms, 1);
    assert_int_equal(spec.game_time_ms, 2);
    assert_int_equal(spec.command_time_ms, 3);
    assert_int_equal(spec.max_moves, 50);
    assert_true(spec.seed == UINT64_MAX);
    assert_int_equal(spec.ko_rule, BOARD_KO_POSITIONAL);
    assert_true(spec.tell_time);
    assert_string_equal(spec.sgf_dir, "d");
    assert_string_equal(spec.players[0].argv.items[1], "{seed}");
    assert_string_equal(spec.players[0].setup.items[0], "level 1");
    assert_null(spec.players[1].argv.items[1]);
    spec_release(&spec);
}

static void short_document_gets_the_defaults(void **state)
{
    static const char text[] = "{\"games\":1," TWO_PLAYERS "}";
    struct match_spec spec;
    char message[SPEC_MESSAGE_BYTES] = "";
    (void)state;
    spec_init(&spec);

    bool is_ok = spec_from_json(&spec, text, strlen(text), message) && spec_finish(&spec, message);

    assert_true(is_ok);
    assert_int_equal(spec.board_size, 9);
    assert_int_equal(spec.komi_half, 15);
    assert_int_equal(spec.max_moves, 243);
    assert_false(spec.tell_time);
    spec_release(&spec);
}

static void parameters_of_a_search_are_ignored(void **state)
{
    static const char text[] =
        "{\"parameters\":{\"games\":7,\"x\":[1]},\"games\":1," TWO_PLAYERS "}";
    struct match_spec spec;
    char message[SPEC_MESSAGE_BYTES] = "";
    (void)state;
    spec_init(&spec);

    bool is_ok = spec_from_json(&spec, text, strlen(text), message) && spec_finish(&spec, message);

    assert_string_equal(message, "");
    assert_true(is_ok);
    assert_int_equal(spec.games, 1);
    spec_release(&spec);
}

struct bad_case {
    const char *text;
    const char *words; /* must be in the message */
};

static void wrong_documents_are_refused_with_field_and_rule(void **state)
{
    static const struct bad_case cases[] = {
        {"", "one JSON document"},
        {"{\"games\":1} x", "one JSON document"},
        {"[1]", "must be a JSON object"},
        {"{\"game\":1}", "\"game\" is not a known field"},
        {"{\"parameters\":1}", "\"parameters\" must be an object"},
        {"{\"parameters\":{},\"parameters\":{}}", "\"parameters\" must be given once"},
        {"{\"games\":1,\"games\":2}", "\"games\" must be given once"},
        {"{\"games\":\"1\"}", "\"games\" must be an integer"},
        {"{\"games\":1.5}", "\"games\" must be an integer"},
        {"{\"games\":1e300}", "\"games\" must be an integer"},
        {"{\"games\":0}", "\"games\" must be an integer in [1, 10000]"},
        {"{\"board_size\":26}", "\"board_size\" must be an integer in [2, 25]"},
        {"{\"komi\":\"7.5\"}", "\"komi\" must be a number"},
        {"{\"komi\":7.25}", "\"komi\" must be a multiple of 0.5"},
        {"{\"komi\":7.5000001}", "\"komi\" must be a multiple of 0.5"},
        {"{\"komi\":1e30}", "\"komi\" is too large"},
        {"{\"seed\":7}", "\"seed\" must be a string"},
        {"{\"seed\":\"-7\"}", "\"seed\" must be decimal digits"},
        {"{\"seed\":\"18446744073709551616\"}", "\"seed\" must be decimal digits"},
        {"{\"ko_rule\":\"none\"}", "\"ko_rule\" must be simple or positional"},
        {"{\"tell_time\":\"yes\"}", "\"tell_time\" must be true or false"},
        {"{\"sgf_dir\":\"\"}", "\"sgf_dir\" must have 1 to"},
        {"{\"players\":[]}", "\"players\" must be an array of two objects"},
        {"{\"players\":[1,2]}", "\"players[0]\" must be an object"},
        {"{\"players\":[{\"name\":\"draw\"},{}]}", "must not be \"draw\""},
        {"{\"players\":[{\"name\":\"\"},{}]}", "printable"},
        {"{\"players\":[{},{\"argv\":\"x\"}]}", "\"players[1].argv\" must be an array of strings"},
        {"{\"players\":[{},{\"argv\":[1]}]}", "\"players[1].argv\" must be an array of strings"},
        {"{\"players\":[{\"setup\":[\"a\\nquit\"]},{}]}", "one line"},
        {"{\"players\":[{\"folder\":1},{}]}", "\"players[0].folder\" must be a string"},
        {"{\"players\":[{},{\"folder\":\"../x\"}]}", "\"players[1].folder\" must be 1 to 128"},
        {"{\"players\":[{\"elo\":1},{}]}", "\"players[0].elo\" is not a known field"},
        {"{" TWO_PLAYERS "}", "games is required"},
        {"{\"games\":1}", "the first player is required"},
        {"{\"games\":1,\"players\":[{\"name\":\"a\",\"argv\":[\"x\"]},"
         "{\"name\":\"a\",\"argv\":[\"x\"]}]}",
         "different names"},
        {"{\"games\":1,\"players\":[{\"name\":\"a\",\"argv\":[]},{\"name\":\"b\"}]}",
         "must have a program"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct match_spec spec;
        char message[SPEC_MESSAGE_BYTES] = "";
        spec_init(&spec);
        bool is_ok = spec_from_json(&spec, cases[i].text, strlen(cases[i].text), message) &&
                     spec_finish(&spec, message);
        spec_release(&spec);
        if (is_ok || !strstr(message, cases[i].words))
            print_error("%s -> \"%s\"\n", cases[i].text, message);
        assert_false(is_ok);
        assert_non_null(strstr(message, cases[i].words));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_document_fills_every_field),
        cmocka_unit_test(short_document_gets_the_defaults),
        cmocka_unit_test(parameters_of_a_search_are_ignored),
        cmocka_unit_test(wrong_documents_are_refused_with_field_and_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
