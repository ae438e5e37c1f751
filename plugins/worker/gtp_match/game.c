/* Plays one game between two engines and judges it; it prints nothing and knows no other game. */
#include "game.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"

#define SHOWN_REPLY 100 /* bytes of an answer that a message quotes */

static const char *const required_commands[] = {
    "boardsize", "komi", "clear_board", "play", "genmove", "final_score", "name", "version",
};

struct game {
    const struct game_setup *setup;
    const struct match_spec *spec;
    struct engine *engines[SPEC_PLAYERS];
    int64_t thought_ms[SPEC_PLAYERS];
    struct board board;
    struct game_record *record;
    struct plan_outcome *outcome;
    enum game_end end;
};

static void make_printable(char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~')
            *text = '?';
    }
}

/* Ends the game as an error; returns false so that callers can pass it on. */
static bool fail(struct game *game, enum plan_error error, int player, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool fail(struct game *game, enum plan_error error, int player, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(game->outcome->message, PLAN_MESSAGE_BYTES, format, args); /* cut is fine */
    va_end(args);
    make_printable(game->outcome->message);
    game->outcome->error = error;
    game->outcome->error_player = player;
    return false;
}

static bool fail_by_status(struct game *game, int player, enum engine_status status,
                           const char *command)
{
    char message[ENGINE_MESSAGE_BYTES];
    enum plan_error error = PLAN_ERROR_PROTOCOL;
    if (status == ENGINE_STOPPED) {
        game->end = GAME_STOPPED;
        return false;
    }
    if (status == ENGINE_NO_SYSTEM)
        game->end = GAME_NO_SYSTEM;
    else if (status == ENGINE_CRASHED)
        error = PLAN_ERROR_CRASH;
    else if (status == ENGINE_LATE)
        error = PLAN_ERROR_TIMEOUT;
    engine_explain(game->engines[player], status, command, message);
    return fail(game, error, player, "%s", message);
}

/* One command that must succeed within timeout_ms. */
static bool ask(struct game *game, int player, const char *command, int64_t timeout_ms,
                const char **reply)
{
    enum engine_status status = engine_command(game->engines[player], command, timeout_ms, reply);
    if (status == ENGINE_OK)
        return true;
    if (status == ENGINE_REFUSED)
        return fail(game, PLAN_ERROR_PROTOCOL, player, "refused \"%.150s\": %.*s", command,
                    SHOWN_REPLY, *reply);
    return fail_by_status(game, player, status, command);
}

static bool tell(struct game *game, int player, const char *command)
{
    const char *reply = NULL;
    return ask(game, player, command, game->spec->command_time_ms, &reply);
}

static bool start_engine(struct game *game, int player)
{
    const struct spec_list *argv = &game->spec->players[player].argv;
    char message[ENGINE_MESSAGE_BYTES];
    char expanded[SPEC_TEXT_BYTES_MAX * 2];
    bool is_ok = false;
    char **copy = calloc(argv->count + 1, sizeof(*copy));
    for (size_t i = 0; copy && i < argv->count; i++) {
        if (!plan_expand(argv->items[i], game->setup->game.seed, expanded, sizeof(expanded))) {
            (void)fail(game, PLAN_ERROR_PROTOCOL, player, "argument %zu is too long", i);
            goto out;
        }
        copy[i] = strdup(expanded);
        if (!copy[i])
            goto out_of_memory;
    }
    if (!copy)
        goto out_of_memory;
    const struct game_setup *setup = game->setup;
    enum engine_status status = engine_start(setup->paths[player], copy, setup->folders[player],
                                             setup->stop_fd, &game->engines[player], message);
    is_ok = status == ENGINE_OK;
    if (status == ENGINE_NO_SYSTEM)
        game->end = GAME_NO_SYSTEM;
    if (!is_ok)
        (void)fail(game, PLAN_ERROR_NOT_INSTALLED, player, "%s", message);
    goto out;
out_of_memory:
    game->end = GAME_NO_SYSTEM;
    (void)fail(game, PLAN_ERROR_NONE, player, "out of memory");
out:
    for (size_t i = 0; copy && copy[i]; i++)
        free(copy[i]);
    free(copy);
    return is_ok;
}

static bool read_word(struct game *game, int player, const char *command, char *out)
{
    const char *reply = NULL;
    if (!ask(game, player, command, game->spec->command_time_ms, &reply))
        return false;
    (void)snprintf(out, GAME_IDENTITY_BYTES, "%s", reply); /* a longer name is cut */
    make_printable(out);
    return true;
}

/* Says hello and learns what the engine can do; *can_set_time tells about time_settings. */
static bool meet_engine(struct game *game, int player, struct game_identity *identity,
                        bool *can_set_time)
{
    const char *reply = NULL;
    char version[GAME_IDENTITY_BYTES];
    if (!read_word(game, player, "protocol_version", version))
        return false;
    if (strcmp(version, "2") != 0)
        return fail(game, PLAN_ERROR_PROTOCOL, player, "speaks GTP version \"%s\", not 2", version);
    if (!ask(game, player, "list_commands", game->spec->command_time_ms, &reply))
        return false;
    for (size_t i = 0; i < sizeof(required_commands) / sizeof(required_commands[0]); i++) {
        if (!gtp_lists_command(reply, required_commands[i]))
            return fail(game, PLAN_ERROR_PROTOCOL, player, "does not know the command %s",
                        required_commands[i]);
    }
    *can_set_time = gtp_lists_command(reply, "time_settings");
    return read_word(game, player, "name", identity->name) &&
           read_word(game, player, "version", identity->version);
}

static bool run_setup(struct game *game, int player)
{
    const struct spec_list *setup = &game->spec->players[player].setup;
    char command[SPEC_TEXT_BYTES_MAX + 64];
    for (size_t i = 0; i < setup->count; i++) {
        if (!plan_expand(setup->items[i], game->setup->game.seed, command, sizeof(command)))
            return fail(game, PLAN_ERROR_PROTOCOL, player, "setup command %zu is too long", i);
        if (!tell(game, player, command))
            return false;
    }
    return true;
}

static bool prepare_board(struct game *game, int player, bool can_set_time)
{
    const struct match_spec *spec = game->spec;
    char command[96];
    int64_t komi = spec->komi_half < 0 ? -spec->komi_half : spec->komi_half;
    (void)snprintf(command, sizeof(command), "boardsize %" PRId64, spec->board_size);
    if (!tell(game, player, command))
        return false;
    (void)snprintf(command, sizeof(command), "komi %s%" PRId64 "%s", spec->komi_half < 0 ? "-" : "",
                   komi / 2, komi % 2 ? ".5" : ".0");
    if (!tell(game, player, command) || !tell(game, player, "clear_board"))
        return false;
    int64_t told = plan_told_seconds(spec->move_time_ms, spec->game_time_ms, spec->board_size);
    if (!spec->tell_time || told == 0 || !can_set_time)
        return true;
    (void)snprintf(command, sizeof(command), "time_settings 0 %" PRId64 " 1", told);
    return tell(game, player, command);
}

static bool prepare(struct game *game, struct game_identity *identities)
{
    for (int player = 0; player < SPEC_PLAYERS; player++) {
        bool can_set_time = false;
        if (!start_engine(game, player) ||
            !meet_engine(game, player, &identities[player], &can_set_time) ||
            !run_setup(game, player) || !prepare_board(game, player, can_set_time))
            return false;
    }
    return true;
}

/* The smaller of the limit of a move and what the player has left of the game's. */
static int64_t time_for_move(const struct game *game, int player)
{
    int64_t limit_ms = game->spec->move_time_ms;
    int64_t left_ms = game->spec->game_time_ms - game->thought_ms[player];
    if (limit_ms == 0)
        limit_ms = SPEC_TIME_MAX_MS;
    if (game->spec->game_time_ms > 0 && left_ms < limit_ms)
        limit_ms = left_ms;
    return limit_ms > 0 ? limit_ms : 0;
}

static bool get_move(struct game *game, int player, enum board_stone colour, struct gtp_move *move)
{
    const char *reply = NULL;
    int size = game->board.size;
    const char *command = colour == BOARD_BLACK ? "genmove b" : "genmove w";
    if (!ask(game, player, command, time_for_move(game, player), &reply))
        return false;
    game->thought_ms[player] += engine_elapsed_ms(game->engines[player]);
    if (!gtp_parse_move(reply, size, move))
        return fail(game, PLAN_ERROR_PROTOCOL, player, "answered genmove with \"%.*s\"",
                    SHOWN_REPLY, reply);
    if (move->kind != GTP_MOVE_POINT)
        return true;
    enum board_verdict verdict = board_play(&game->board, colour, move->point);
    if (verdict != BOARD_LEGAL)
        return fail(game, PLAN_ERROR_ILLEGAL_MOVE, player, "played %.*s as move %zu: %s",
                    GTP_VERTEX_BYTES, reply, game->record->count + 1, board_verdict_text(verdict));
    return true;
}

static bool tell_move(struct game *game, int player, enum board_stone colour,
                      const struct gtp_move *move)
{
    char vertex[GTP_VERTEX_BYTES];
    char command[32];
    gtp_format_move(move, game->board.size, vertex);
    (void)snprintf(command, sizeof(command), "play %c %s", colour == BOARD_BLACK ? 'b' : 'w',
                   vertex);
    return tell(game, player, command);
}

static void set_winner(struct game *game, enum board_stone colour)
{
    int black = game->setup->game.black;
    int player = colour == BOARD_BLACK ? black : 1 - black;
    game->outcome->winner = player == 0 ? PLAN_FIRST_WON : PLAN_SECOND_WON;
}

static bool score_game(struct game *game)
{
    struct gtp_score scores[SPEC_PLAYERS];
    char texts[SPEC_PLAYERS][GTP_SCORE_BYTES];
    for (int player = 0; player < SPEC_PLAYERS; player++) {
        const char *reply = NULL;
        if (!ask(game, player, "final_score", game->spec->command_time_ms, &reply))
            return false;
        if (!gtp_parse_score(reply, &scores[player]))
            return fail(game, PLAN_ERROR_PROTOCOL, player, "answered final_score with \"%.*s\"",
                        SHOWN_REPLY, reply);
        gtp_format_score(&scores[player], texts[player]);
    }
    if (scores[0].margin_half != scores[1].margin_half)
        return fail(game, PLAN_ERROR_SCORE_DISAGREEMENT, PLAN_NO_PLAYER,
                    "\"%s\" says %s, \"%s\" says %s", game->spec->players[0].name, texts[0],
                    game->spec->players[1].name, texts[1]);
    game->outcome->reason = PLAN_BY_SCORE;
    (void)snprintf(game->outcome->result, PLAN_RESULT_BYTES, "%s", texts[0]); /* it fits */
    if (scores[0].margin_half == 0)
        game->outcome->winner = PLAN_DRAW;
    else
        set_winner(game, scores[0].margin_half > 0 ? BOARD_BLACK : BOARD_WHITE);
    return true;
}

static void resign(struct game *game, enum board_stone loser)
{
    game->outcome->reason = PLAN_BY_RESIGNATION;
    (void)snprintf(game->outcome->result, PLAN_RESULT_BYTES, "%s",
                   loser == BOARD_BLACK ? "W+R" : "B+R"); /* it fits */
    set_winner(game, loser == BOARD_BLACK ? BOARD_WHITE : BOARD_BLACK);
}

/* Moves until two passes in a row, a resignation or an error. */
static bool play_moves(struct game *game)
{
    struct game_record *record = game->record;
    int passes = 0;
    while (passes < 2) {
        struct gtp_move move;
        int player = plan_player_to_move(&game->setup->game, (int64_t)record->count);
        enum board_stone colour = record->count % 2 == 0 ? BOARD_BLACK : BOARD_WHITE;
        if ((int64_t)record->count >= game->spec->max_moves)
            return fail(game, PLAN_ERROR_MOVE_LIMIT, PLAN_NO_PLAYER, "no end after %zu moves",
                        record->count);
        if (!get_move(game, player, colour, &move))
            return false;
        if (move.kind == GTP_MOVE_RESIGN) {
            resign(game, colour);
            return true;
        }
        if (move.kind == GTP_MOVE_PASS)
            board_pass(&game->board);
        passes = move.kind == GTP_MOVE_PASS ? passes + 1 : 0;
        record->moves[record->count++] = move;
        if (!tell_move(game, 1 - player, colour, &move))
            return false;
    }
    return score_game(game);
}

static int64_t clock_ms(void)
{
    struct timespec now;
    int rc = clock_gettime(CLOCK_MONOTONIC, &now);
    assert(rc == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum game_end game_play(const struct game_setup *setup, struct game_record *record,
                        struct game_identity *identities, struct plan_outcome *outcome)
{
    int64_t begin_ms = clock_ms();
    struct game *game = calloc(1, sizeof(*game));
    *outcome = (struct plan_outcome){
        .game = setup->game, .winner = PLAN_NO_RESULT, .error_player = PLAN_NO_PLAYER};
    record->count = 0;
    if (!game) {
        (void)snprintf(outcome->message, sizeof(outcome->message), "out of memory");
        return GAME_NO_SYSTEM;
    }
    game->setup = setup;
    game->spec = setup->spec;
    game->record = record;
    game->outcome = outcome;
    board_init(&game->board, (int)setup->spec->board_size, setup->spec->ko_rule);

    bool is_ok = prepare(game, identities) && play_moves(game);
    for (int player = 0; player < SPEC_PLAYERS; player++) {
        if (is_ok)
            engine_quit(game->engines[player]);
        engine_free(game->engines[player]);
    }
    enum game_end end = game->end;
    free(game);
    outcome->moves = (int64_t)record->count;
    outcome->duration_ms = clock_ms() - begin_ms;
    return end;
}
