/* The document that ringhost-gtp-match reads, and its report by field tables. */
#include <ringhost/sdk/gtp_match.h>

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sdk/work_input.h>

/* The longest text of an error taken over, bytes; and the games of one report. */
#define ERROR_MAX 65536
#define GAMES_MAX 1000

#define COUNT_MAX INT64_C(9007199254740991)

struct report_error {
    struct rh_str kind;
    struct rh_str player;
    struct rh_str message;
};

struct report_game {
    int64_t index;
    struct rh_str black;
    struct rh_str white;
    struct rh_str winner;
    struct rh_str result;
    struct rh_str reason;
    int64_t moves;
    int64_t seed;
    int64_t duration_ms;
    struct report_error error;
};

struct report {
    struct rh_list games;
};

static const struct rh_field error_fields[] = {
    RH_STR(struct report_error, kind, 0, "crash, timeout, ..."),
    RH_STR(struct report_error, player, 0, "whose fault it was"),
    RH_TEXT(struct report_error, message, 0, ERROR_MAX, "in words"),
};

static const struct rh_field game_fields[] = {
    RH_INT(struct report_game, index, -1, -1, COUNT_MAX, "which game"),
    RH_STR(struct report_game, black, 0, "player"),
    RH_STR(struct report_game, white, 0, "player"),
    RH_STR(struct report_game, winner, 0, "a player's name or draw"),
    RH_STR(struct report_game, result, 0, "B+3.5"),
    RH_STR(struct report_game, reason, 0, "score or resign"),
    RH_INT(struct report_game, moves, 0, 0, COUNT_MAX, "moves played"),
    RH_INT(struct report_game, seed, 0, 0, COUNT_MAX, "what the engines were started with"),
    RH_INT(struct report_game, duration_ms, 0, 0, COUNT_MAX, "from start to end"),
    RH_OBJECT(struct report_game, error, 0, struct report_error, error_fields,
              "why it has no result"),
};

static const struct rh_field report_fields[] = {
    RH_OBJECT_LIST(struct report, games, RH_REQUIRED, GAMES_MAX, struct report_game, game_fields,
                   "the games"),
};
static const struct rh_fields report_table = RH_FIELDS(struct report, report_fields);
static const struct rh_fields error_table = RH_FIELDS(struct report_error, error_fields);

/* Folders of the players' files in that of the job. */
static const char *const folders[2] = {"player1", "player2"};

static void write_player(struct rh_json_writer *w, const struct rh_gtp_player *player,
                         const char *folder)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "name", player->name);
    rh_json_kv_raw(w, "argv", player->argv_json);
    if (player->inputs.n)
        rh_json_kv_strc(w, "folder", folder);
    rh_json_end_object(w);
}

/* "a=1 b=2" as "FOLDER/a=1", "FOLDER/b=2". */
static void write_inputs(struct rh_json_writer *w, struct rh_str inputs, const char *folder)
{
    while (inputs.n) {
        const char *space = memchr(inputs.p, ' ', inputs.n);
        const size_t n = space ? (size_t)(space - inputs.p) : inputs.n;
        char text[RH_WORK_INPUT_NAME_MAX + RH_SHA256_HEX + 16];
        const int length = snprintf(text, sizeof(text), "%s/%.*s", folder, (int)n, inputs.p);

        /* A text that was checked fits; one that was not is cut, and the queue refuses it. */
        rh_json_string(w, rh_str_from(length > 0 ? text : ""));
        inputs.p += space ? n + 1 : n;
        inputs.n -= space ? n + 1 : n;
    }
}

void rh_gtp_inputs_write(struct rh_json_writer *w, const struct rh_gtp_player players[2])
{
    if (!players[0].inputs.n && !players[1].inputs.n)
        return;
    rh_json_key(w, "inputs");
    rh_json_begin_array(w);
    write_inputs(w, players[0].inputs, folders[0]);
    write_inputs(w, players[1].inputs, folders[1]);
    rh_json_end_array(w);
}

/* The executor refuses keys that it does not know. */
void rh_gtp_match_write(struct rh_json_writer *w, const struct rh_gtp_rules *rules, uint32_t index,
                        uint64_t seed, const struct rh_gtp_player players[2])
{
    rh_json_begin_object(w);
    rh_json_kv_int(w, "games", 1);
    rh_json_kv_int(w, "first_index", index);
    rh_json_kv_int(w, "board_size", rules->board_size);
    rh_json_kv_double(w, "komi", (double)rules->komi_halves / 2.0);
    rh_json_kv_u64(w, "seed", seed);
    rh_json_kv_int(w, "move_time_ms", rules->move_time_ms);
    rh_json_kv_int(w, "game_time_ms", rules->game_time_ms);
    rh_json_kv_int(w, "command_time_ms", rules->command_time_ms);
    if (rules->max_moves)
        rh_json_kv_int(w, "max_moves", rules->max_moves);
    if (rules->ko_rule.n)
        rh_json_kv_str(w, "ko_rule", rules->ko_rule);
    rh_json_key(w, "players");
    rh_json_begin_array(w);
    write_player(w, &players[0], folders[0]);
    write_player(w, &players[1], folders[1]);
    rh_json_end_array(w);
    rh_json_end_object(w);
}

int32_t rh_gtp_game_decode(const struct rh_services *rh, struct rh_str result,
                           struct rh_gtp_game *out, void **memory)
{
    const struct report_game *game;
    struct report report;
    int32_t rc = RH_EINVAL;

    *memory = NULL;
    if (result.n && result.p[0] == '{')
        rc = rh->fields->decode(rh->ctx, &report_table, result, &report, memory, NULL, 0);
    if (rc != RH_OK)
        return RH_EINVAL;
    if (report.games.count != 1) {
        rh->fields->release(rh->ctx, *memory);
        *memory = NULL;
        return RH_EINVAL;
    }
    game = report.games.items;
    *out = (struct rh_gtp_game){
        .index = game->index,
        .black = game->black,
        .white = game->white,
        .winner = game->winner,
        .result = game->result,
        .reason = game->reason,
        .moves = game->moves,
        .seed = game->seed,
        .duration_ms = game->duration_ms,
        .error_kind = game->error.kind,
        .error_player = game->error.player,
        .error_message = game->error.message,
    };
    return RH_OK;
}

/* The first balanced {...} of a text, braces within strings left out; empty when there is none. */
static struct rh_str find_object(struct rh_str text)
{
    size_t start = 0;
    size_t depth = 0;
    bool is_string = false;

    while (start < text.n && text.p[start] != '{')
        start++;
    for (size_t i = start; i < text.n; i++) {
        const char c = text.p[i];

        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && c == '{')
            depth++;
        else if (!is_string && c == '}' && --depth == 0)
            return (struct rh_str){text.p + start, i + 1 - start};
    }
    return (struct rh_str){NULL, 0};
}

int32_t rh_gtp_fault_decode(const struct rh_services *rh, struct rh_str error,
                            struct rh_gtp_fault *out, void **memory)
{
    const struct rh_str object = find_object(error);
    struct report_error fault;

    *memory = NULL;
    if (object.n == 0 ||
        rh->fields->decode(rh->ctx, &error_table, object, &fault, memory, NULL, 0) != RH_OK)
        return RH_EINVAL;
    if (fault.kind.n == 0) {
        rh->fields->release(rh->ctx, *memory);
        *memory = NULL;
        return RH_EINVAL;
    }
    *out = (struct rh_gtp_fault){fault.kind, fault.player, fault.message};
    return RH_OK;
}
