/* Rows of the command table about tournaments, with their options. Part of commands.c, which alone
 * includes it. */
#ifndef RH_HOST_CTL_COMMANDS_TOURNAMENT_H
#define RH_HOST_CTL_COMMANDS_TOURNAMENT_H

#include "host/ctl/command_rows.h"

static const struct option_row tournament_start_options[] = {
    {.name = "format",
     .value = "FORMAT",
     .field = "format",
     .flags = OPTION_REQUIRED,
     .kind = OPTION_CHOICE,
     .choices = "single_elimination double_elimination round_robin",
     .help = "who meets whom"},
    LIST("player", "PLAYER,...", "players", OPTION_REQUIRED, "in seed order, the best first"),
    FLAG("external", "external", "players are only names: referees report every match"),
    INT("games-per-match", "N", "games_per_match", 1, 200, "games of a match; 1"),
    INT("extra-games", "N", "extra_games", 0, 50, "after a drawn elimination match; 4"),
    FLAG("third-place", "third_place", "losers of the semifinals play for it"),
    LIST("drop-in", "ORDER,...", "drop_in", 0, "of losers entering losers' rounds 2, 4, ..."),
    INT("cycles", "N", "cycles", 1, 2, "2: a double round robin"),
    CHOICE("scoring", "WHAT", "scoring", "games matches", "what a point is given for"),
    LIST("tie-break", "NAME,...", "tie_breaks", 0, "in this order"),
    INT("board-size", "N", "board_size", 2, 25, "lines of the board; 9"),
    TEXT("board-type", "BOARD", "board_type", 0, "board type of the work items"),
    NUMBER("komi", "POINTS", "komi", -400, 400, "points for white; 7.5"),
    INT("move-time-ms", "MS", "move_time_ms", 0, DAY_MS, "time for a move; 0 = no limit"),
    INT("game-time-ms", "MS", "game_time_ms", 0, DAY_MS, "time of a player; 0 = no limit"),
    INT("max-attempts", "N", "max_attempts", 1, 100, "attempts at a game; 3"),
    {.name = "seed",
     .value = "N",
     .field = "seed",
     .kind = OPTION_U64,
     .help = "makes the games repeatable"},
    INT("priority", "N", "priority", 0, 100, "of the games, higher first; 50"),
    LIST("requires", "CAP,...", "requires", 0, "capabilities that a node must have"),
    TEXT("key", "KEY", "idempotency_key", 0, "the same request again gives the same tournament"),
};
static const struct option_row tournament_bracket_options[] = {
    ARGUMENT("ID", "tournament_id", 0, "which one; the newest"),
};
static const struct option_row tournament_watch_options[] = {
    ARGUMENT("ID", "tournament_id", 0, "which one; the newest"),
    INT("interval", "S", NULL, 1, 3600, "seconds between two looks; 1"),
    INT("patience", "S", NULL, 0, 86400, "give up after so many seconds without an answer; 60"),
};
#define TOURNAMENT_RESULT                                                                     \
    ARGUMENT("ID", "tournament_id", OPTION_REQUIRED, "which one"),                            \
        ARGUMENT("MATCH", "match_id", OPTION_REQUIRED, "W1.1, L2.1, T1, F1, F2, R3.1"),       \
        TEXT("winner", "PLAYER", "winner", 0, "who won"), FLAG("draw", "draw", "nobody won"), \
        {.name = "scores",                                                                    \
         .value = "JSON",                                                                     \
         .field = "scores",                                                                   \
         .kind = OPTION_JSON,                                                                 \
         .help = "points by player, {\"a\": 2, \"b\": 1}"},                                   \
        TEXT("forfeit", "PLAYER", "forfeit", 0, "who did not play"),                          \
        FLAG("both-forfeit", "both_forfeit", "nobody goes on")
static const struct option_row tournament_result_options[] = {TOURNAMENT_RESULT};
static const struct option_row tournament_correct_options[] = {
    TOURNAMENT_RESULT,
    FLAG("replay", "replay", "no outcome: the match is played anew"),
    FLAG("undo", "undo", "also undo what followed"),
};
static const struct option_row tournament_list_options[] = {
    INT("limit", "N", "limit", 1, 200, "how many at most; 50"),
    TEXT("before", "ID", "before", 0, "only older ones"),
};
static const struct option_row tournament_id_options[] = {
    ARGUMENT("ID", "tournament_id", OPTION_REQUIRED, "which one"),
};

#define COMMANDS_TOURNAMENT                                                                       \
    {"tournament start", "Hold a tournament", OPTIONS(tournament_start_options),                  \
     POST_("/tournament/start"), .render = render_tournament_started},                            \
        {"tournament bracket", "Draw the bracket or the cross-table, with the standings",         \
         OPTIONS(tournament_bracket_options), GET_("/tournament/bracket"),                        \
         .render = render_tournament_bracket},                                                    \
        {"tournament watch",                                                                      \
         "Follow a tournament to its end",                                                        \
         OPTIONS(tournament_watch_options),                                                       \
         .notes = "On a terminal the bracket is drawn anew with each result, else a line is "     \
                  "printed. Exits with\n0 only if the tournament was completed.",                 \
         GET_("/tournament/bracket"),                                                             \
         .render = render_tournament_bracket,                                                     \
         .run = cmd_tournament_watch},                                                            \
        {"tournament games",                                                                      \
         "List the games of a tournament",                                                        \
         OPTIONS(tournament_bracket_options),                                                     \
         GET_("/tournament/bracket"),                                                             \
         .render = render_tournament_games,                                                       \
         .run = cmd_tournament_games},                                                            \
        {"tournament result",                                                                     \
         "Report a match, as its referee",                                                        \
         OPTIONS(tournament_result_options),                                                      \
         .notes = "The same report again is fine; another one is refused.",                       \
         POST_("/tournament/result"),                                                             \
         .render = render_tournament_matches},                                                    \
        {"tournament correct",                                                                    \
         "Correct a match, or have it played anew",                                               \
         OPTIONS(tournament_correct_options),                                                     \
         .notes =                                                                                 \
             "Refused with the matches that hang on it, unless --undo says to play them anew.",   \
         POST_("/tournament/correct"),                                                            \
         .render = render_tournament_matches},                                                    \
        {"tournament list", "Tournaments, the newest first", OPTIONS(tournament_list_options),    \
         GET_("/tournament/list"), .render = render_tournament_list},                             \
    {                                                                                             \
        "tournament cancel", "Stop a tournament and cancel its games",                            \
            OPTIONS(tournament_id_options), POST_("/tournament/cancel"), .render = render_members \
    }

#endif
