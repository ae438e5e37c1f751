/* What to play: the description of a match and the rules its fields obey; not where it was read
 * from. */
#include "match_spec.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <ringhost/sdk/str.h>
#include <ringhost/sdk/work_input.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gtp_parse.h"

#define INT_FIELD(field) SPEC_INT, offsetof(struct match_spec, field)
#define KOMI_HALF_MAX    1250 /* the points of the largest board */

static const struct spec_field fields[] = {
    {"games", "--games", INT_FIELD(games), 1, SPEC_GAMES_MAX, "N", "games to play"},
    {"board_size", "--size", INT_FIELD(board_size), BOARD_SIZE_MIN, BOARD_SIZE_MAX, "N",
     "lines of the board; default 9"},
    {"komi", "--komi", SPEC_KOMI, 0, 0, 0, "POINTS", "whole half points; default 7.5"},
    {"move_time_ms", "--move-time-ms", INT_FIELD(move_time_ms), 0, SPEC_TIME_MAX_MS, "MS",
     "time for one move; 0 = no limit; default 10000"},
    {"game_time_ms", "--game-time-ms", INT_FIELD(game_time_ms), 0, SPEC_TIME_MAX_MS, "MS",
     "thinking time of each player in a game; 0 = no limit; default 600000"},
    {"command_time_ms", "--command-time-ms", INT_FIELD(command_time_ms), 1, SPEC_TIME_MAX_MS, "MS",
     "time for start and any other command; default 60000"},
    {"max_moves", "--max-moves", INT_FIELD(max_moves), 1, BOARD_MOVES_MAX, "N",
     "moves after which a game is an error; default 3 * size * size"},
    {"first_index", "--start-index", INT_FIELD(first_index), 0, SPEC_INDEX_MAX, "K",
     "index of the first game; even: the first player is black; default 0"},
    {"seed", "--seed", SPEC_SEED, 0, 0, 0, "S",
     "what the seeds of the games derive from; default 0"},
    {"ko_rule", "--ko-rule", SPEC_KO, 0, 0, 0, "RULE", "simple or positional; default simple"},
    {"tell_time", "--tell-time", SPEC_YES_NO, 0, 0, 0, "YES|NO",
     "send time_settings, which can change an engine's strength; default no"},
    {"sgf_dir", "--sgf-dir", SPEC_PATH, 0, 0, 0, "DIR", "write a record of each game there"},
};

static bool refuse(char *message, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(char *message, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, SPEC_MESSAGE_BYTES, format, args); /* cut is fine in a message */
    va_end(args);
    return false;
}

static bool set_seed(struct match_spec *spec, const char *shown, const char *text, char *message)
{
    if (rh_parse_u64(rh_str_from(text), &spec->seed) != RH_OK)
        return refuse(message, "%s must be decimal digits, at most %" PRIu64, shown, UINT64_MAX);
    return true;
}

static bool set_komi(struct match_spec *spec, const char *shown, const char *text, char *message)
{
    int32_t half = 0;
    if (!gtp_parse_half_points(text, &half) || half > KOMI_HALF_MAX || half < -KOMI_HALF_MAX)
        return refuse(message, "%s must be a multiple of 0.5 in [-%d, %d]", shown,
                      KOMI_HALF_MAX / 2, KOMI_HALF_MAX / 2);
    spec->komi_half = half;
    return true;
}

static bool set_ko(struct match_spec *spec, const char *shown, const char *text, char *message)
{
    if (strcmp(text, "simple") == 0)
        spec->ko_rule = BOARD_KO_SIMPLE;
    else if (strcmp(text, "positional") == 0)
        spec->ko_rule = BOARD_KO_POSITIONAL;
    else
        return refuse(message, "%s must be simple or positional", shown);
    return true;
}

static bool set_tell_time(struct match_spec *spec, const char *shown, const char *text,
                          char *message)
{
    bool is_yes = strcmp(text, "yes") == 0;
    if (!is_yes && strcmp(text, "no") != 0)
        return refuse(message, "%s must be yes or no", shown);
    spec->tell_time = is_yes;
    return true;
}

static bool set_path(struct match_spec *spec, const char *shown, const char *text, char *message)
{
    size_t len = strlen(text);
    if (len == 0 || len > SPEC_TEXT_BYTES_MAX)
        return refuse(message, "%s must have 1 to %d bytes", shown, SPEC_TEXT_BYTES_MAX);
    char *copy = strdup(text);
    if (!copy)
        return refuse(message, "%s: out of memory", shown);
    free(spec->sgf_dir);
    spec->sgf_dir = copy;
    return true;
}

const struct spec_field *spec_fields(size_t *count)
{
    *count = sizeof(fields) / sizeof(fields[0]);
    return fields;
}

void spec_init(struct match_spec *spec)
{
    memset(spec, 0, sizeof(*spec));
    spec->board_size = 9;
    spec->komi_half = 15;
    spec->move_time_ms = 10000;
    spec->game_time_ms = 600000;
    spec->command_time_ms = 60000;
    spec->ko_rule = BOARD_KO_SIMPLE;
}

static void release_list(struct spec_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct spec_list){NULL, 0};
}

void spec_release(struct match_spec *spec)
{
    for (int i = 0; i < SPEC_PLAYERS; i++) {
        release_list(&spec->players[i].argv);
        release_list(&spec->players[i].setup);
        free(spec->players[i].folder);
        spec->players[i].folder = NULL;
    }
    free(spec->sgf_dir);
    spec->sgf_dir = NULL;
}

bool spec_set_int(struct match_spec *spec, const struct spec_field *field, const char *shown,
                  int64_t value, char *message)
{
    assert(field->kind == SPEC_INT);
    if (value < field->min || value > field->max)
        return refuse(message, "%s must be an integer in [%" PRId64 ", %" PRId64 "]", shown,
                      field->min, field->max);
    memcpy((char *)spec + field->offset, &value, sizeof(value));
    return true;
}

bool spec_set_text(struct match_spec *spec, const struct spec_field *field, const char *shown,
                   const char *text, char *message)
{
    int64_t value = 0;
    switch (field->kind) {
    case SPEC_INT:
        if (rh_parse_i64(rh_str_from(text), &value) != RH_OK)
            value = field->min - 1; /* no integer breaks the same rule as one out of range */
        return spec_set_int(spec, field, shown, value, message);
    case SPEC_KOMI:
        return set_komi(spec, shown, text, message);
    case SPEC_SEED:
        return set_seed(spec, shown, text, message);
    case SPEC_KO:
        return set_ko(spec, shown, text, message);
    case SPEC_YES_NO:
        return set_tell_time(spec, shown, text, message);
    case SPEC_PATH:
        return set_path(spec, shown, text, message);
    }
    return refuse(message, "%s cannot be set", shown);
}

bool spec_set_name(struct spec_player *player, const char *shown, const char *name, char *message)
{
    size_t len = strlen(name);
    bool is_printable = true;
    for (size_t i = 0; i < len; i++)
        is_printable = is_printable && name[i] >= ' ' && name[i] <= '~';
    if (len == 0 || len > SPEC_NAME_BYTES_MAX || !is_printable)
        return refuse(message, "%s must be 1 to %d printable ASCII characters", shown,
                      SPEC_NAME_BYTES_MAX);
    if (strcmp(name, "draw") == 0)
        return refuse(message, "%s must not be \"draw\"", shown);
    memcpy(player->name, name, len + 1);
    return true;
}

bool spec_set_folder(struct spec_player *player, const char *shown, const char *folder,
                     char *message)
{
    if (!rh_work_file_name_is_good(rh_str_from(folder)))
        return refuse(message,
                      "%s must be 1 to %u letters, digits, \".\", \"_\" or \"-\", no dot first",
                      shown, RH_WORK_FILE_NAME_MAX);
    char *copy = strdup(folder);
    if (!copy)
        return refuse(message, "%s: out of memory", shown);
    free(player->folder);
    player->folder = copy;
    return true;
}

bool spec_append(struct spec_list *list, size_t items_max, const char *shown, const char *text,
                 char *message)
{
    if (list->count >= items_max)
        return refuse(message, "%s must have at most %zu items", shown, items_max);
    if (strlen(text) > SPEC_TEXT_BYTES_MAX)
        return refuse(message, "%s: an item must have at most %d bytes", shown,
                      SPEC_TEXT_BYTES_MAX);
    for (const char *at = text; *at && items_max == SPEC_SETUP_MAX; at++) {
        if (iscntrl((unsigned char)*at))
            return refuse(message, "%s: a command must be one line without control characters",
                          shown);
    }
    char **items = realloc(list->items, (list->count + 2) * sizeof(*items));
    if (!items)
        return refuse(message, "%s: out of memory", shown);
    list->items = items;
    items[list->count] = strdup(text);
    if (!items[list->count])
        return refuse(message, "%s: out of memory", shown);
    items[++list->count] = NULL;
    return true;
}

bool spec_finish(struct match_spec *spec, char *message)
{
    if (spec->games == 0)
        return refuse(message, "games is required: how many games to play");
    for (int i = 0; i < SPEC_PLAYERS; i++) {
        const struct spec_player *player = &spec->players[i];
        if (player->name[0] == '\0')
            return refuse(message, "the %s player is required", i == 0 ? "first" : "second");
        if (player->argv.count == 0 || player->argv.items[0][0] == '\0')
            return refuse(message, "player \"%s\" must have a program", player->name);
    }
    if (strcmp(spec->players[0].name, spec->players[1].name) == 0)
        return refuse(message, "the players must have different names, both are \"%s\"",
                      spec->players[0].name);
    if (spec->max_moves == 0)
        spec->max_moves = 3 * spec->board_size * spec->board_size;
    return true;
}
