/* Who plays which colour with which seed, and what the games add up to; it plays nothing itself. */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_MATCH_PLAN_H
#define RH_PLUGINS_WORKER_GTP_MATCH_MATCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All functions are pure and may run on any thread. A player is 0 (the first) or 1 (the second). */

#define PLAN_RESULT_BYTES  24
#define PLAN_MESSAGE_BYTES 640
#define PLAN_SEED_MAX      INT64_C(2147483647)
#define PLAN_NO_PLAYER     (-1)

/* One list for the kinds of error of a game and their words in the result. */
#define PLAN_ERRORS(X)                          \
    X(NONE, "none")                             \
    X(CRASH, "crash")                           \
    X(ILLEGAL_MOVE, "illegal_move")             \
    X(TIMEOUT, "timeout")                       \
    X(SCORE_DISAGREEMENT, "score_disagreement") \
    X(PROTOCOL, "protocol")                     \
    X(NOT_INSTALLED, "not_installed")           \
    X(MOVE_LIMIT, "move_limit")

#define PLAN_ERROR_ENUM(name, text) PLAN_ERROR_##name,
enum plan_error { PLAN_ERRORS(PLAN_ERROR_ENUM) PLAN_ERROR_COUNT };
#undef PLAN_ERROR_ENUM

enum plan_winner { PLAN_FIRST_WON, PLAN_SECOND_WON, PLAN_DRAW, PLAN_NO_RESULT };
enum plan_reason { PLAN_BY_NOTHING, PLAN_BY_SCORE, PLAN_BY_RESIGNATION };

/* index counts over the whole match, also over parts of it that other nodes play. */
struct plan_game {
    int64_t index;
    int black; /* player 0 or 1 */
    int64_t seed;
};

/* How one game went. With an error, winner is PLAN_NO_RESULT and reason PLAN_BY_NOTHING. */
struct plan_outcome {
    struct plan_game game;
    enum plan_winner winner;
    enum plan_reason reason;
    char result[PLAN_RESULT_BYTES]; /* "B+3.5", "W+R", "draw"; empty with an error */
    int64_t moves;                  /* stones and passes */
    int64_t duration_ms;
    enum plan_error error;
    int error_player; /* PLAN_NO_PLAYER when no side is to blame */
    char message[PLAN_MESSAGE_BYTES];
};

/* Seen from the first player. */
struct plan_totals {
    int64_t wins;
    int64_t losses;
    int64_t draws;
    int64_t errors;
};

/* The game with this index: with an even one the first player is black, so that 2k and 2k+1 are a
 * pair with sides swapped. Its seed is in [1, PLAN_SEED_MAX] and depends on match_seed and index
 * only, so that a game is the same wherever it is played. index >= 0. */
struct plan_game plan_game_at(uint64_t match_seed, int64_t index);

/* Which player has the move after so many moves (black begins). */
int plan_player_to_move(const struct plan_game *game, int64_t moves);

/* Count one outcome. */
void plan_count(struct plan_totals *totals, const struct plan_outcome *outcome);

/* Seconds per move to tell an engine, so that it loses neither by move nor by game limit: nine
 * tenths of the smaller of move_time_ms and an even share of game_time_ms over size * size / 2 own
 * moves. 0 means unlimited for both limits, and as an answer that nothing should be told (no limit,
 * or one that whole seconds cannot express). */
int64_t plan_told_seconds(int64_t move_time_ms, int64_t game_time_ms, int64_t board_size);

/* Copy text into out with each "{seed}" replaced. Returns false, out undefined, if it does not fit
 * in size_bytes with its NUL. */
bool plan_expand(const char *text, int64_t seed, char *out, size_t size_bytes);

/* The word for a kind of error, as in the result. */
const char *plan_error_text(enum plan_error error);

#endif
