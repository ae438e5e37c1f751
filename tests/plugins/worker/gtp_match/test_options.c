/* Claims about the command line. */
#include "options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ARGS_MAX 32

/* Parses a NULL-terminated list of arguments behind the program's name. */
static enum options_mode parse(const char *const *args, struct match_spec *spec, const char **path,
                               char *message)
{
    char *argv[ARGS_MAX] = {(char *)(uintptr_t) "ringhost-gtp-match"};
    int argc = 1;
    for (; args[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)args[argc - 1];
    spec_init(spec);
    return options_parse(argc, argv, spec, path, message);
}

static void players_take_arguments_up_to_the_semicolon(void **state)
{
    static const char *const args[] = {
        "--games", "4",        "--first",        "a",       "gnugo", "--mode",  "gtp",
        ";",       "--size=5", "--second",       "b",       "other", "--games", ";",
        "--komi",  "0",        "--second-setup", "level 2", NULL};
    struct match_spec spec;
    const char *path = NULL;
    char message[SPEC_MESSAGE_BYTES] = "";
    (void)state;

    enum options_mode mode = parse(args, &spec, &path, message);

    assert_string_equal(message, "");
    assert_int_equal(mode, OPTIONS_RUN);
    assert_int_equal(spec.games, 4);
    assert_int_equal(spec.board_size, 5);
    assert_int_equal(spec.komi_half, 0);
    assert_int_equal(spec.players[0].argv.count, 3);
    assert_string_equal(spec.players[0].argv.items[2], "gtp");
    assert_string_equal(spec.players[1].argv.items[1], "--games");
    assert_string_equal(spec.players[1].setup.items[0], "level 2");
    spec_release(&spec);
}

static void spec_help_and_version_stand_alone(void **state)
{
    static const char *const help[] = {"--help", NULL};
    static const char *const version[] = {"--version", NULL};
    static const char *const file[] = {"--spec", "-", NULL};
    struct match_spec spec;
    const char *path = NULL;
    char message[SPEC_MESSAGE_BYTES] = "";
    (void)state;

    assert_int_equal(parse(help, &spec, &path, message), OPTIONS_HELP);
    assert_int_equal(parse(version, &spec, &path, message), OPTIONS_VERSION);
    assert_int_equal(parse(file, &spec, &path, message), OPTIONS_SPEC);
    assert_string_equal(path, "-");
}

struct bad_case {
    const char *args[6];
    const char *words;
};

static void wrong_options_are_refused_with_option_and_rule(void **state)
{
    static const struct bad_case cases[] = {
        {{"--game", "1", NULL}, "--game is not a known option"},
        {{"--games", NULL}, "--games must be followed by a value"},
        {{"--games", "x", NULL}, "--games must be an integer in [1, 10000]"},
        {{"--games", "1x", NULL}, "--games must be an integer in [1, 10000]"},
        {{"--size", "1", NULL}, "--size must be an integer in [2, 25]"},
        {{"--tell-time", "maybe", NULL}, "--tell-time must be yes or no"},
        {{"--komi", "7.3", NULL}, "--komi must be a multiple of 0.5"},
        {{"--first", "a", "gnugo", NULL}, "--first must end with an argument ';'"},
        {{"--first", NULL}, "--first must be followed by NAME"},
        {{"--first=a", ";", "--first", "b", ";", NULL}, "--first must be given once"},
        {{"--spec", "a", "--games", "1", NULL}, "--spec must"},
        {{"--spec", NULL}, "--spec must"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct match_spec spec;
        const char *path = NULL;
        char message[SPEC_MESSAGE_BYTES] = "";
        enum options_mode mode = parse(cases[i].args, &spec, &path, message);
        spec_release(&spec);
        if (!strstr(message, cases[i].words))
            print_error("%s -> \"%s\"\n", cases[i].args[0], message);
        assert_int_equal(mode, OPTIONS_WRONG);
        assert_non_null(strstr(message, cases[i].words));
    }
}

static void help_names_every_field(void **state)
{
    size_t count = 0;
    const struct spec_field *fields = spec_fields(&count);
    struct rh_buf out;
    (void)state;
    rh_buf_init(&out, 65536);

    options_help(&out);

    assert_int_equal(out.rc, RH_OK);
    for (size_t i = 0; i < count; i++)
        assert_non_null(strstr(out.p, fields[i].option));
    rh_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(players_take_arguments_up_to_the_semicolon),
        cmocka_unit_test(spec_help_and_version_stand_alone),
        cmocka_unit_test(wrong_options_are_refused_with_option_and_rule),
        cmocka_unit_test(help_names_every_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
