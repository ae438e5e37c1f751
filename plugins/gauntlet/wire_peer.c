/* Reads what the executor reported, by a field table; it draws no conclusions. */
#include "wire_peer.h"

/* Longest texts taken over, bytes; what is kept of them is cut further. */
#define ERROR_MAX 65536
#define GAMES_MAX 1000

#define COUNT_MAX INT64_C(9007199254740991)

struct peer_error {
    struct rh_str kind;
    struct rh_str player;
    struct rh_str message;
};

struct peer_game {
    int64_t index;
    struct rh_str black;
    struct rh_str white;
    struct rh_str winner;
    struct rh_str result;
    struct rh_str reason;
    int64_t moves;
    int64_t seed;
    int64_t duration_ms;
    struct peer_error error;
};

struct peer_match {
    struct rh_list games;
};

static const struct rh_field error_fields[] = {
    RH_STR(struct peer_error, kind, 0, "crash, timeout, ..."),
    RH_STR(struct peer_error, player, 0, "whose fault it was"),
    RH_TEXT(struct peer_error, message, 0, ERROR_MAX, "in words"),
};

static const struct rh_field game_fields[] = {
    RH_INT(struct peer_game, index, -1, -1, COUNT_MAX, "which game"),
    RH_STR(struct peer_game, black, 0, "player"),
    RH_STR(struct peer_game, white, 0, "player"),
    RH_STR(struct peer_game, winner, 0, "a player's name or draw"),
    RH_STR(struct peer_game, result, 0, "B+3.5"),
    RH_STR(struct peer_game, reason, 0, "score or resign"),
    RH_INT(struct peer_game, moves, 0, 0, COUNT_MAX, "moves played"),
    RH_INT(struct peer_game, seed, 0, 0, COUNT_MAX, "what the engines were started with"),
    RH_INT(struct peer_game, duration_ms, 0, 0, COUNT_MAX, "from start to end"),
    RH_OBJECT(struct peer_game, error, 0, struct peer_error, error_fields, "why it has no result"),
};

static const struct rh_field match_fields[] = {
    RH_OBJECT_LIST(struct peer_match, games, RH_REQUIRED, GAMES_MAX, struct peer_game, game_fields,
                   "the games"),
};
static const struct rh_fields match_table = RH_FIELDS(struct peer_match, match_fields);

int32_t gauntlet_match_decode(const struct rh_services *rh, struct rh_str result,
                              struct match_game *out, void **memory)
{
    struct peer_match match;
    const struct peer_game *game;
    int32_t rc = RH_EINVAL;

    *memory = NULL;
    if (result.n && result.p[0] == '{')
        rc = rh->fields->decode(rh->ctx, &match_table, result, &match, memory, NULL, 0);
    if (rc != RH_OK)
        return RH_EINVAL;
    if (match.games.count != 1) {
        rh->fields->release(rh->ctx, *memory);
        *memory = NULL;
        return RH_EINVAL;
    }
    game = match.games.items;
    *out = (struct match_game){
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
