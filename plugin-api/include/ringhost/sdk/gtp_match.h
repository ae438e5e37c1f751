/* The match that ringhost-gtp-match plays, as the payload of a work item, and the game it reports;
 * for plugins whose games are work items. It sends nothing and decides nothing. */
#ifndef RH_SDK_GTP_MATCH_H
#define RH_SDK_GTP_MATCH_H

#include <ringhost/sdk/gtp_game.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/plugin.h>

/* How games are played. All-zero but for board_size is a game without limits; ko_rule "" = simple.
 */
struct rh_gtp_rules {
    struct rh_str ko_rule;
    int64_t board_size;
    int64_t komi_halves; /* komi times two; may be negative */
    int64_t move_time_ms;
    int64_t game_time_ms;
    int64_t command_time_ms;
    int64_t max_moves; /* 0 = the executor's own limit */
};

struct rh_gtp_player {
    struct rh_str name;
    struct rh_str argv_json; /* JSON array of strings */
    struct rh_str inputs;    /* its artifacts, as rh_players_write writes them; "" = none */
};

/* Writes the member `inputs` of the work item, if there are any: each player's files have a folder
 * of their own, so that both may have files of one name. [any] */
void rh_gtp_inputs_write(struct rh_json_writer *w, const struct rh_gtp_player players[2]);

/* Writes, as the next value of w, the match of one game with this index. The first player has black
 * in games with an even index, white in the others. A player with inputs runs in its folder. [any]
 */
void rh_gtp_match_write(struct rh_json_writer *w, const struct rh_gtp_rules *rules, uint32_t index,
                        uint64_t seed, const struct rh_gtp_player players[2]);

/* The one game in a result, and *memory for rh->fields->release when the strings are done with.
 * RH_EINVAL when the result is no JSON object with exactly one game; *memory is then NULL. [loop]
 */
int32_t rh_gtp_game_decode(const struct rh_services *rh, struct rh_str result,
                           struct rh_gtp_game *out, void **memory);

/* What went wrong in a game. Absent texts are empty. Borrowed. */
struct rh_gtp_fault {
    struct rh_str kind;
    struct rh_str player; /* whose fault it was, "" = nobody's or not known */
    struct rh_str message;
};

/* The fault in the error text of an item whose attempts all failed: there the worker quotes what
 * the executor reported, as a JSON object among other words. RH_EINVAL when there is none with a
 * kind; memory as above. [loop] */
int32_t rh_gtp_fault_decode(const struct rh_services *rh, struct rh_str error,
                            struct rh_gtp_fault *out, void **memory);

/* Rows of a request's field table; the struct has members board_size, move_time_ms, game_time_ms,
 * command_time_ms, max_moves (int64_t), komi (double) and ko_rule (struct rh_str). */
#define RH_GTP_DAY_MS 86400000
#define RH_GTP_RULES_FIELDS(s)                                                             \
    RH_INT(s, board_size, 9, 2, 25, "lines of the board"),                                 \
        RH_NUMBER(s, komi, 7.5, -400.0, 400.0, "points for white, a multiple of 0.5"),     \
        RH_CHOICE(s, ko_rule, 0, "simple", "simple positional", "which ko rule holds"),    \
        RH_INT(s, move_time_ms, 10000, 0, RH_GTP_DAY_MS, "time for a move; 0 = no limit"), \
        RH_INT(s, game_time_ms, 600000, 0, RH_GTP_DAY_MS,                                  \
               "time of a player in a game; 0 = no limit"),                                \
        RH_INT(s, command_time_ms, 60000, 0, RH_GTP_DAY_MS, "time for any other command"), \
        RH_INT(s, max_moves, 0, 0, 5000, "a longer game is an error; 0 = 3 * size * size")

#endif
