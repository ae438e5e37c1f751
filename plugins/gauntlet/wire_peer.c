/* Reads what the queue answers and what the executor reported, by field tables; it draws no
 * conclusions. */
#include "wire_peer.h"

/* Longest texts taken over, bytes; what is kept of them is cut further. */
#define ERROR_MAX 65536
#define ITEMS_MAX 1000

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

static const struct rh_field count_fields[] = {
    RH_INT(struct peer_counts, done, 0, 0, COUNT_MAX, "items that are done"),
    RH_INT(struct peer_counts, dead, 0, 0, COUNT_MAX, "items that failed for good"),
    RH_INT(struct peer_counts, cancelled, 0, 0, COUNT_MAX, "items that were cancelled"),
};

static const struct rh_field item_fields[] = {
    RH_STR(struct peer_item, work_id, RH_REQUIRED, "the work item"),
    RH_STR(struct peer_item, idempotency_key, 0, "the gauntlet's id and the game's index"),
    RH_STR(struct peer_item, status, RH_REQUIRED, "where it stands"),
    RH_STR(struct peer_item, node_id, 0, "who has it, or had it last"),
    RH_TEXT(struct peer_item, error, 0, ERROR_MAX, "why the last attempt failed"),
    RH_RAW(struct peer_item, result, 0, "what the executor reported"),
    RH_INT(struct peer_item, attempt, 0, 0, COUNT_MAX, "attempts begun"),
};

static const struct rh_field group_fields[] = {
    RH_OBJECT_LIST(struct peer_group, items, 0, ITEMS_MAX, struct peer_item, item_fields, "a page"),
    RH_STR(struct peer_group, next, 0, "where the next page begins"),
    RH_FIELD_ROW_(struct peer_group, counts, RH_FIELD_OBJECT,
                  RH_SUB_(struct peer_counts, count_fields), .doc = "items by status",
                  .given_offset = 1 + (uint32_t)offsetof(struct peer_group, has_counts)),
};
static const struct rh_fields group_table = RH_FIELDS(struct peer_group, group_fields);

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
    RH_OBJECT_LIST(struct peer_match, games, RH_REQUIRED, ITEMS_MAX, struct peer_game, game_fields,
                   "the games"),
};
static const struct rh_fields match_table = RH_FIELDS(struct peer_match, match_fields);

int32_t gauntlet_group_decode(const struct rh_services *rh, struct rh_str body,
                              struct peer_group *out, void **memory, char *why, uint32_t why_size)
{
    return rh->fields->decode(rh->ctx, &group_table, body, out, memory, why, why_size);
}

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
