/* What to play: the description of a match and the rules its fields obey; not where it was read
 * from. */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_MATCH_SPEC_H
#define RH_PLUGINS_WORKER_GTP_MATCH_MATCH_SPEC_H

#include "board.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPEC_GAMES_MAX      10000
#define SPEC_INDEX_MAX      INT64_C(1000000000)
#define SPEC_TIME_MAX_MS    INT64_C(86400000) /* one day */
#define SPEC_NAME_BYTES_MAX 64
#define SPEC_ARGS_MAX       128
#define SPEC_SETUP_MAX      32
#define SPEC_TEXT_BYTES_MAX 2048
#define SPEC_MESSAGE_BYTES  512
#define SPEC_PLAYERS        2

/* A list of strings; owned by the spec. items[count] is NULL. */
struct spec_list {
    char **items;
    size_t count;
};

struct spec_player {
    char name[SPEC_NAME_BYTES_MAX + 1];
    struct spec_list argv;
    struct spec_list setup;
    char *folder; /* where it runs, below the job's folder; NULL: where we do */
};

struct match_spec {
    int64_t games;
    int64_t first_index;
    int64_t board_size;
    int64_t komi_half; /* komi in half points */
    int64_t move_time_ms;
    int64_t game_time_ms;
    int64_t command_time_ms;
    int64_t max_moves; /* 0 until spec_finish: 3 * board_size * board_size */
    uint64_t seed;
    enum board_ko_rule ko_rule;
    bool tell_time; /* send time_settings */
    char *sgf_dir;  /* NULL: no records */
    struct spec_player players[SPEC_PLAYERS];
};

enum spec_kind { SPEC_INT, SPEC_KOMI, SPEC_SEED, SPEC_KO, SPEC_YES_NO, SPEC_PATH };

/* One field: its key in JSON, its option, its rule, and a line of help. */
struct spec_field {
    const char *key;
    const char *option;
    enum spec_kind kind;
    size_t offset; /* SPEC_INT only */
    int64_t min;
    int64_t max;
    const char *value_name;
    const char *help;
};

/* The scalar fields, in the order of --help. Never NULL. */
const struct spec_field *spec_fields(size_t *count);

/* Defaults; nothing allocated yet. */
void spec_init(struct match_spec *spec);

/* Frees what the spec owns; safe on a half-built one. */
void spec_release(struct match_spec *spec);

/* Set one scalar field. shown is how the user wrote its name ("--games", "\"games\""). On failure
 * the spec is unchanged, false is returned, and message (SPEC_MESSAGE_BYTES) names field and rule.
 * The text form takes every kind ("yes" and "no" for SPEC_YES_NO); the integer form only SPEC_INT.
 */
bool spec_set_text(struct match_spec *spec, const struct spec_field *field, const char *shown,
                   const char *text, char *message);
bool spec_set_int(struct match_spec *spec, const struct spec_field *field, const char *shown,
                  int64_t value, char *message);

/* Name: 1..64 printable ASCII characters, not "draw". Same failure rule as above. */
bool spec_set_name(struct spec_player *player, const char *shown, const char *name, char *message);

/* Folder: 1..128 of [A-Za-z0-9._-], no dot first. Same failure rule as above. */
bool spec_set_folder(struct spec_player *player, const char *shown, const char *folder,
                     char *message);

/* Append a copy. Refuses more than items_max items, texts over SPEC_TEXT_BYTES_MAX and, for setup
 * commands, control characters, which would end the line. */
bool spec_append(struct spec_list *list, size_t items_max, const char *shown, const char *text,
                 char *message);

/* The rules that span fields; fills max_moves. Call once, after all fields. */
bool spec_finish(struct match_spec *spec, char *message);

#endif
