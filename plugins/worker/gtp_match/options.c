/* The command line: turns argv into a match, or into the wish for help; it reads no file. */
#include "options.h"

#include <stdio.h>
#include <string.h>

#define PLAYER_END ";"

/* What is left to read. */
struct reader {
    char *const *argv;
    int argc;
    int at;
    char *message;
};

struct player_option {
    const char *player; /* takes NAME ARG... ';' */
    const char *setup;  /* takes one command */
};

static const struct player_option player_options[SPEC_PLAYERS] = {
    {"--first", "--first-setup"},
    {"--second", "--second-setup"},
};

static bool wrong(struct reader *reader, const char *option, const char *rule)
{
    (void)snprintf(reader->message, SPEC_MESSAGE_BYTES, "%.100s %s", option,
                   rule); /* cut is fine */
    return false;
}

/* The value behind the option at reader->at, either "--x=V" or "--x V"; moves on. NULL: none. */
static const char *take_value(struct reader *reader)
{
    const char *equals = strchr(reader->argv[reader->at++], '=');
    if (equals)
        return equals + 1;
    return reader->at < reader->argc ? reader->argv[reader->at++] : NULL;
}

static bool is_option(const char *arg, const char *option)
{
    size_t len = strlen(option);
    return strncmp(arg, option, len) == 0 && (arg[len] == '\0' || arg[len] == '=');
}

static bool read_player(struct reader *reader, struct spec_player *player, const char *option)
{
    const char *name = take_value(reader);
    if (!name)
        return wrong(reader, option, "must be followed by NAME PROGRAM ARG... ';'");
    if (player->name[0])
        return wrong(reader, option, "must be given once");
    if (!spec_set_name(player, option, name, reader->message))
        return false;
    while (reader->at < reader->argc) {
        const char *arg = reader->argv[reader->at++];
        if (strcmp(arg, PLAYER_END) == 0)
            return true;
        if (!spec_append(&player->argv, SPEC_ARGS_MAX, option, arg, reader->message))
            return false;
    }
    return wrong(reader, option, "must end with an argument ';'");
}

static bool read_setup(struct reader *reader, struct spec_player *player, const char *option)
{
    const char *command = take_value(reader);
    if (!command)
        return wrong(reader, option, "must be followed by a command");
    return spec_append(&player->setup, SPEC_SETUP_MAX, option, command, reader->message);
}

static bool read_option(struct reader *reader, struct match_spec *spec)
{
    const char *arg = reader->argv[reader->at];
    size_t count = 0;
    const struct spec_field *fields = spec_fields(&count);
    for (int i = 0; i < SPEC_PLAYERS; i++) {
        if (is_option(arg, player_options[i].player))
            return read_player(reader, &spec->players[i], player_options[i].player);
        if (is_option(arg, player_options[i].setup))
            return read_setup(reader, &spec->players[i], player_options[i].setup);
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_option(arg, fields[i].option))
            continue;
        const char *value = take_value(reader);
        if (!value)
            return wrong(reader, fields[i].option, "must be followed by a value");
        return spec_set_text(spec, &fields[i], fields[i].option, value, reader->message);
    }
    return wrong(reader, arg, "is not a known option; see --help");
}

enum options_mode options_parse(int argc, char *const *argv, struct match_spec *spec,
                                const char **spec_path, char *message)
{
    struct reader reader = {argv, argc, 1, message};
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return OPTIONS_HELP;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return OPTIONS_VERSION;
    if (argc > 1 && is_option(argv[1], "--spec")) {
        const char *path = take_value(&reader);
        if (path && reader.at == argc) {
            *spec_path = path;
            return OPTIONS_SPEC;
        }
        (void)wrong(&reader, "--spec", "must be followed by one FILE or -, and stand alone");
        return OPTIONS_WRONG;
    }
    while (reader.at < argc) {
        if (!read_option(&reader, spec))
            return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}

void options_help(struct rh_buf *out)
{
    size_t count = 0;
    const struct spec_field *fields = spec_fields(&count);
    (void)rh_buf_append_c(/* errors stay in out */
                          out, "Usage: ringhost-gtp-match --games N [OPTION]...\n"
                               "                          --first NAME PROGRAM [ARG]... ';'\n"
                               "                          --second NAME PROGRAM [ARG]... ';'\n"
                               "       ringhost-gtp-match --spec FILE|-\n"
                               "Play games of Go between two programs that speak GTP 2 and print "
                               "one JSON object.\n\n");
    for (size_t i = 0; i < count; i++) {
        char left[32];
        (void)snprintf(left, sizeof(left), "%s %s", fields[i].option, fields[i].value_name);
        (void)rh_buf_printf(out, "  %-22s %s\n", left, fields[i].help);
    }
    (void)rh_buf_append_c(
        out,
        "  --first-setup CMD      GTP command for the first engine before each game; repeatable\n"
        "  --second-setup CMD     the same for the second engine\n"
        "  --spec FILE|-          read the match as JSON from FILE or stdin; stands alone\n"
        "  --help, --version      print this, or the version, and exit\n\n"
        "{seed} in an ARG or CMD becomes a number in [1, 2147483647] that depends on the seed\n"
        "and on the game's index. A program without a slash is looked up in PATH, /usr/games\n"
        "and /usr/local/games. Progress goes to stderr.\n\n"
        "Exit status: 0 all games ended without error, 1 some game ended in an error (the JSON\n"
        "is printed), 64 bad usage, 69 engine not installed, 70 internal, 128+N ended by\n"
        "signal N (143 for SIGTERM).\n");
}
