/* Rows of the command table about gauntlets, with their options. Part of commands.c, which alone
 * includes it. */
#ifndef RH_HOST_CTL_COMMANDS_GAUNTLET_H
#define RH_HOST_CTL_COMMANDS_GAUNTLET_H

#include "host/ctl/command_rows.h"

static const struct option_row gauntlet_run_options[] = {
    TEXT("model", "PLAYER", "model", OPTION_REQUIRED, "the player to be measured"),
    LIST("baseline", "PLAYER", "baselines", OPTION_REQUIRED, "whom it plays; may be given again"),
    CHOICE("type", "TYPE", "type", "quick standard thorough", "20, 50 or 100 games each"),
    INT("games", "N", "games", 2, 10000, "games against each baseline, even"),
    NUMBER("sprt-elo0", "ELO", "sprt.elo0", -1000, 1000,
           "end as soon as a test tells this strength ..."),
    NUMBER("sprt-elo1", "ELO", "sprt.elo1", -1000, 1000, "... from this one; 0 and 5"),
    NUMBER("sprt-alpha", "P", "sprt.alpha", 0, 1, "error of taking elo0 for elo1; 0.05"),
    NUMBER("sprt-beta", "P", "sprt.beta", 0, 1, "error of taking elo1 for elo0; 0.05"),
    CHOICE("sprt-model", "MODEL", "sprt.model", "logistic normalized",
           "what kind of Elo; logistic"),
    CHOICE("sprt-statistic", "S", "sprt.statistic", "pentanomial trinomial",
           "by pairs of games, or by games; pentanomial"),
    INT("board-size", "N", "board_size", 2, 25, "lines of the board; 9"),
    TEXT("board-type", "BOARD", "board_type", 0, "board type of the work items"),
    NUMBER("komi", "POINTS", "komi", -400, 400, "points for white; 7.5"),
    CHOICE("ko-rule", "RULE", "ko_rule", "simple positional", "which ko rule holds"),
    INT("move-time-ms", "MS", "move_time_ms", 0, DAY_MS, "time for a move; 0 = no limit"),
    INT("game-time-ms", "MS", "game_time_ms", 0, DAY_MS, "time of a player; 0 = no limit"),
    INT("max-moves", "N", "max_moves", 0, 5000, "a longer game is an error"),
    INT("max-attempts", "N", "max_attempts", 1, 100, "attempts at a game; 3"),
    {.name = "seed",
     .value = "N",
     .field = "seed",
     .kind = OPTION_U64,
     .help = "makes the games repeatable"},
    INT("priority", "N", "priority", 0, 100, "of the games, higher first; 50"),
    INT("lease-s", "S", "timeout_s", 0, 604800, "lease of a game in seconds"),
    INT("max-runtime-s", "S", "max_runtime_s", 0, 2592000, "longest game; 0 = no limit"),
    LIST("requires", "CAP,...", "requires", 0, "capabilities that a node must have"),
    TEXT("key", "KEY", "idempotency_key", 0, "the same request again gives the same gauntlet"),
    FLAG("watch", NULL, "then watch it to its end"),
};
static const struct option_row gauntlet_watch_options[] = {
    ARGUMENT("ID", "gauntlet_id", 0, "which one; the newest"),
    INT("interval", "S", NULL, 1, 3600, "seconds between two looks; 1"),
    INT("patience", "S", NULL, 0, 86400, "give up after so many seconds without an answer; 60"),
};
static const struct option_row gauntlet_results_options[] = {
    ARGUMENT("ID", "gauntlet_id", 0, "which one; the newest"),
    FLAG("games", NULL, "list the games too"),
};
static const struct option_row gauntlet_list_options[] = {
    INT("limit", "N", "limit", 1, 200, "how many at most; 50"),
    TEXT("before", "ID", "before", 0, "only older ones"),
};
static const struct option_row gauntlet_id_options[] = {
    ARGUMENT("ID", "gauntlet_id", OPTION_REQUIRED, "which one"),
};

#define COMMANDS_GAUNTLET                                                                          \
    {"gauntlet run",         "Measure a player against baselines", OPTIONS(gauntlet_run_options),  \
     POST_("/gauntlet/run"), .render = render_gauntlet_started,    .run = cmd_gauntlet_run},       \
        {"gauntlet watch",                                                                         \
         "Follow a gauntlet to its end",                                                           \
         OPTIONS(gauntlet_watch_options),                                                          \
         .notes = "Exits with 0 only if every game was played and none is an error. The score is " \
                  "wins-losses,\nor wins-losses-draws when there were draws.",                     \
         GET_("/gauntlet/results"),                                                                \
         .render = render_gauntlet_end,                                                            \
         .run = cmd_gauntlet_watch},                                                               \
        {"gauntlet results",                                                                       \
         "Figures and verdict of a gauntlet",                                                      \
         OPTIONS(gauntlet_results_options),                                                        \
         GET_("/gauntlet/results"),                                                                \
         .render = render_gauntlet_results,                                                        \
         .run = cmd_gauntlet_results},                                                             \
        {"gauntlet list", "Gauntlets, the newest first", OPTIONS(gauntlet_list_options),           \
         GET_("/gauntlet/list"), .render = render_gauntlet_list},                                  \
    {                                                                                              \
        "gauntlet cancel", "Stop a gauntlet and cancel its games", OPTIONS(gauntlet_id_options),   \
            POST_("/gauntlet/cancel"), .render = render_members                                    \
    }

#endif
