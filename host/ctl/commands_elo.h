/* Rows of the command table about ratings, with their options. Part of commands.c, which alone
 * includes it. */
#ifndef RH_HOST_CTL_COMMANDS_ELO_H
#define RH_HOST_CTL_COMMANDS_ELO_H

#include "host/ctl/command_rows.h"

#define ELO_BOARD \
    TEXT("board", "BOARD", "board_type", 0, "which board; needed when there are several")

static const struct option_row elo_rankings_options[] = {
    ARGUMENT("BOARD", "board_type", 0, "which board; needed when there are several"),
    CHOICE("system", "WHAT", "system", "elo bradley_terry glicko2", "how strength is estimated"),
    TEXT("anchor", "PLAYER", "anchor", 0, "bradley_terry: whose rating is the start rating"),
    INT("min-games", "N", "min_games", 0, 1000000, "leave out who has fewer games; 1"),
    INT("limit", "N", "limit", 1, 1000, "how many at most; 100"),
};
static const struct option_row elo_history_options[] = {
    ARGUMENT("PLAYER", "player", OPTION_REQUIRED, "whose games"),
    ELO_BOARD,
    INT("limit", "N", "limit", 1, 1000, "games at most; 50"),
    INT("before", "N", "before", 0, 4000000, "go on where a page ended"),
};
static const struct option_row elo_head_to_head_options[] = {
    ARGUMENT("A", "a", OPTION_REQUIRED, "from whose view"),
    ARGUMENT("B", "b", OPTION_REQUIRED, "the opponent"),
    ELO_BOARD,
};
static const struct option_row elo_add_options[] = {
    ARGUMENT("GAME", NULL, OPTION_REQUIRED, "its id; the same id is the same game"),
    TEXT("board", "BOARD", NULL, OPTION_REQUIRED, "what was played"),
    LIST("player", "PLAYER,...", NULL, OPTION_REQUIRED, "who played, the first to move first"),
    TEXT("winner", "PLAYER", NULL, 0, "who won"),
    FLAG("draw", NULL, "nobody did"),
    {.name = "at",
     .value = "MS",
     .kind = OPTION_INT,
     .min = 1,
     .max = INT64_C(9007199254740991),
     .help = "when it ended, Unix ms; now"},
};
static const struct option_row elo_retract_options[] = {
    ARGUMENT("GAME", "game_id", OPTION_REQUIRED, "its id"),
    TEXT("reason", "TEXT", "reason", 0, "why"),
};

#define COMMANDS_ELO                                                                        \
    {"elo rankings", "Players of a board, the best first", OPTIONS(elo_rankings_options),   \
     GET_("/elo/rankings"), .render = render_elo_rankings},                                 \
        {"elo history", "A player's games and the rating after each",                       \
         OPTIONS(elo_history_options), GET_("/elo/history"), .render = render_elo_history}, \
        {"elo head-to-head", "What came of the games of two players",                       \
         OPTIONS(elo_head_to_head_options), GET_("/elo/head-to-head"),                      \
         .render = render_elo_head_to_head},                                                \
        {"elo add",                                                                         \
         "Add a game to the ratings",                                                       \
         OPTIONS(elo_add_options),                                                          \
         .notes = "Exits with 1 when the node does not take it.",                           \
         POST_("/elo/sync"),                                                                \
         .render = render_elo_added,                                                        \
         .run = cmd_elo_add},                                                               \
        {"elo retract",                                                                     \
         "Take a game back, for good",                                                      \
         OPTIONS(elo_retract_options),                                                      \
         .notes = "It stays in the set of games and counts on no node any more.",           \
         POST_("/elo/retract"),                                                             \
         .render = render_members},                                                         \
        {"elo repair", "Compare a node's games with those of all others now",               \
         POST_("/elo/repair"), .render = render_members},                                   \
    {                                                                                       \
        "elo status", "Size and digest of a node's set of games", GET_("/elo/status"),      \
            .render = render_members                                                        \
    }

#endif
