/* Tests of the choice of players: who is known, and who may not play whom. */
#include "sdk_test.h"

#include <ringhost/sdk/players.h>
#include <ringhost/sdk/str.h>

static const struct rh_str gnugo_argv[] = {RH_STR_INIT("gnugo"), RH_STR_INIT("--level"),
                                           RH_STR_INIT("10")};
#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
static const struct rh_str gnugo_inputs[] = {RH_STR_INIT("engine=" HEX ":0555"),
                                             RH_STR_INIT("net=" HEX)};
static const struct rh_player known[] = {
    {RH_STR_INIT("gnugo-1"), {gnugo_argv, 3, 0}, {NULL, 0, 0}},
    {RH_STR_INIT("gnugo-10"), {gnugo_argv, 3, 0}, {gnugo_inputs, 2, 0}},
    {RH_STR_INIT("empty"), {NULL, 0, 0}, {NULL, 0, 0}},
    {RH_STR_INIT("draw"), {gnugo_argv, 3, 0}, {NULL, 0, 0}},
};
static const struct rh_list players = {known, 4, sizeof(known[0])};

static enum rh_players_problem check(const char *model, const char *first, const char *second,
                                     struct rh_str *name)
{
    const struct rh_str names[] = {rh_str_from(model), rh_str_from(first), rh_str_from(second)};

    return rh_players_check(&players, names, second ? 3 : 2, name);
}

static void known_players_may_play(void **state)
{
    struct rh_str name = RH_STR_LIT("untouched");

    (void)state;
    assert_int_equal(check("gnugo-1", "gnugo-10", NULL, &name), RH_PLAYERS_OK);
    assert_true(rh_str_eq_c(name, "untouched"));
}

static void an_unknown_model_or_baseline_is_named(void **state)
{
    struct rh_str name = {NULL, 0};

    (void)state;
    assert_int_equal(check("gnugo-2", "gnugo-10", NULL, &name), RH_PLAYERS_UNKNOWN);
    assert_true(rh_str_eq_c(name, "gnugo-2"));
    assert_int_equal(check("gnugo-1", "gnugo-10", "katago", &name), RH_PLAYERS_UNKNOWN);
    assert_true(rh_str_eq_c(name, "katago"));
}

static void nobody_plays_themselves_or_is_named_twice(void **state)
{
    struct rh_str name = {NULL, 0};

    (void)state;
    assert_int_equal(check("gnugo-1", "gnugo-1", NULL, &name), RH_PLAYERS_DUPLICATE);
    assert_true(rh_str_eq_c(name, "gnugo-1"));
    assert_int_equal(check("gnugo-1", "gnugo-10", "gnugo-10", &name), RH_PLAYERS_DUPLICATE);
    assert_true(rh_str_eq_c(name, "gnugo-10"));
}

static void a_player_without_a_command_cannot_play(void **state)
{
    struct rh_str name = {NULL, 0};

    (void)state;
    assert_int_equal(check("empty", "gnugo-1", NULL, &name), RH_PLAYERS_NO_COMMAND);
    assert_int_equal(check("gnugo-1", "empty", NULL, &name), RH_PLAYERS_NO_COMMAND);
}

static void a_player_called_draw_is_refused(void **state)
{
    struct rh_str name = {NULL, 0};

    (void)state;
    assert_int_equal(check("draw", "gnugo-1", NULL, &name), RH_PLAYERS_RESERVED);
}

static void the_command_is_found_by_name(void **state)
{
    const struct rh_player *player = rh_players_find(&players, RH_STR_LIT("gnugo-10"));

    (void)state;
    assert_non_null(player);
    assert_int_equal(player->argv.count, 3);
    assert_int_equal(player->inputs.count, 2);
    assert_null(rh_players_find(&players, RH_STR_LIT("gnugo-100")));
}

static void assert_listed(const struct rh_list *list, size_t size_max, const char *text)
{
    struct rh_buf buf;

    rh_buf_init(&buf, 1024);
    rh_players_list(list, size_max, &buf);
    assert_string_equal(buf.p, text);
    rh_buf_release(&buf);
}

static void the_known_names_are_listed_up_to_a_limit(void **state)
{
    const struct rh_list nobody = {NULL, 0, 0};

    (void)state;
    assert_listed(&players, 100, "gnugo-1, gnugo-10, empty, draw");
    assert_listed(&players, 20, "gnugo-1, gnugo-10, ...");
    assert_listed(&nobody, 100, "none");
}

static void assert_explained(enum rh_players_problem problem, const char *name, const char *text)
{
    struct rh_buf buf;

    rh_buf_init(&buf, 1024);
    rh_players_explain(&players, problem, rh_str_from(name), &buf);
    assert_string_equal(buf.p, text);
    rh_buf_release(&buf);
}

static void each_problem_is_explained_with_the_name(void **state)
{
    (void)state;

    assert_explained(RH_PLAYERS_UNKNOWN, "x",
                     "no player \"x\" in the configuration; known: gnugo-1, gnugo-10, empty, draw");
    assert_explained(RH_PLAYERS_DUPLICATE, "x", "player \"x\" is named twice");
    assert_explained(RH_PLAYERS_RESERVED, "draw", "a player must not be called \"draw\"");
    assert_explained(RH_PLAYERS_NO_COMMAND, "empty",
                     "player \"empty\" has an empty command in the configuration");
}

static void the_first_who_could_never_play_is_named(void **state)
{
    const struct rh_list sound = {known, 2, sizeof(known[0])};
    const struct rh_list with_draw = {known + 3, 1, sizeof(known[0])};
    struct rh_str name = RH_STR_LIT("untouched");

    (void)state;
    assert_int_equal(rh_players_check_all(&sound, &name), RH_PLAYERS_OK);
    assert_true(rh_str_eq_c(name, "untouched"));
    assert_int_equal(rh_players_check_all(&players, &name), RH_PLAYERS_NO_COMMAND);
    assert_true(rh_str_eq_c(name, "empty"));
    assert_int_equal(rh_players_check_all(&with_draw, &name), RH_PLAYERS_RESERVED);
    assert_true(rh_str_eq_c(name, "draw"));
}

static void a_name_that_the_ratings_refuse_is_reserved(void **state)
{
    const struct rh_player tied = {RH_STR_LIT("=x"), known[0].argv, known[0].inputs};
    const struct rh_list with_tied = {&tied, 1, sizeof(tied)};
    struct rh_str name = {NULL, 0};

    (void)state;
    assert_int_equal(rh_players_check_all(&with_tied, &name), RH_PLAYERS_RESERVED);
    assert_true(rh_str_eq_c(name, "=x"));
}

struct input_case {
    const char *first;
    const char *second;
    const char *words;
};

static void an_input_that_no_worker_could_place_is_named(void **state)
{
    static const struct input_case cases[] = {
        {"engine", "net=" HEX, "player \"p\": input \"engine\" is not NAME=SHA256"},
        {"net=" HEX, "engine=" HEX ":0666", "input \"engine=" HEX ":0666\" is not NAME=SHA256"},
        {"net=" HEX, "a/engine=" HEX, "input \"a/engine=" HEX "\" names a folder"},
        {"net=" HEX, "net=" HEX ":0555", "input \"net=" HEX ":0555\" has the name of another one"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct rh_str inputs[] = {rh_str_from(cases[i].first), rh_str_from(cases[i].second)};
        const struct rh_player player = {RH_STR_LIT("p"), {gnugo_argv, 3, 0}, {inputs, 2, 0}};
        const struct rh_list list = {&player, 1, sizeof(player)};
        struct rh_str name = {NULL, 0};
        struct rh_buf buf;

        rh_buf_init(&buf, 1024);
        assert_int_equal(rh_players_check_all(&list, &name), RH_PLAYERS_BAD_INPUT);
        rh_players_explain(&list, RH_PLAYERS_BAD_INPUT, name, &buf);
        assert_non_null(strstr(buf.p, cases[i].words));
        rh_buf_release(&buf);
    }
}

static void commands_and_inputs_are_written_as_text(void **state)
{
    const struct rh_str names[] = {RH_STR_LIT("gnugo-1"), RH_STR_LIT("gnugo-10")};
    struct rh_str argv_json[2];
    struct rh_str inputs[2];
    struct rh_buf memory;

    (void)state;
    rh_buf_init(&memory, 4096);

    rh_players_write(&players, names, 2, &memory, argv_json, inputs);

    assert_int_equal(memory.rc, RH_OK);
    assert_true(rh_str_eq_c(argv_json[1], "[\"gnugo\",\"--level\",\"10\"]"));
    assert_int_equal(inputs[0].n, 0);
    assert_true(rh_str_eq_c(inputs[1], "engine=" HEX ":0555 net=" HEX));
    rh_buf_release(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_input_that_no_worker_could_place_is_named),
        cmocka_unit_test(commands_and_inputs_are_written_as_text),
        cmocka_unit_test(a_name_that_the_ratings_refuse_is_reserved),
        cmocka_unit_test(the_first_who_could_never_play_is_named),
        cmocka_unit_test(each_problem_is_explained_with_the_name),
        cmocka_unit_test(known_players_may_play),
        cmocka_unit_test(an_unknown_model_or_baseline_is_named),
        cmocka_unit_test(nobody_plays_themselves_or_is_named_twice),
        cmocka_unit_test(a_player_without_a_command_cannot_play),
        cmocka_unit_test(a_player_called_draw_is_refused),
        cmocka_unit_test(the_command_is_found_by_name),
        cmocka_unit_test(the_known_names_are_listed_up_to_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
