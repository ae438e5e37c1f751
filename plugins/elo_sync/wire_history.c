/* What one player, one pair or one game has behind it, and what this node holds. */
#include <ringhost/sdk/hex.h>
#include <ringhost/sdk/str.h>

#include "wire.h"

static uint32_t side_of(const struct board_game *game, uint32_t player)
{
    uint32_t i = 0;

    while (i < game->side_count && game->sides[i].player != player)
        i++;
    return i;
}

static void write_game(struct elo_sync *p, struct rh_json_writer *w, const struct board_game *game,
                       uint32_t side)
{
    const struct entry *entry = facts_find(&p->facts, game->id);
    struct fact_record record;

    facts_record(entry, &record);
    rh_json_begin_object(w);
    rh_json_kv_str(w, "game_id", game->id);
    rh_json_kv_int(w, "played_at", game->played_at_ms);
    rh_json_key(w, "players");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < record.fact.player_count; i++)
        rh_json_string(w, record.fact.players[i]);
    rh_json_end_array(w);
    elo_write_outcome(w, &record.fact);
    rh_json_kv_int(w, "place", game->sides[side].place);
    rh_json_kv_double(w, "old_elo", game->sides[side].before);
    rh_json_kv_double(w, "new_elo", game->sides[side].after);
    rh_json_kv_int(w, "games_played", game->sides[side].games);
    rh_json_end_object(w);
}

/* The newest games first, those before place `before` in the board's order (0 = the end). */
static int64_t write_games(struct elo_sync *p, struct rh_json_writer *w, const struct board *board,
                           uint32_t player, const struct history_req *asked)
{
    uint32_t at = asked->before > 0 && asked->before < board->game_count ? (uint32_t)asked->before
                                                                         : board->game_count;
    int64_t count = 0;

    rh_json_key(w, "history");
    rh_json_begin_array(w);
    while (at > 0 && count < asked->limit) {
        const uint32_t side = side_of(board->games[--at], player);

        if (side == board->games[at]->side_count)
            continue;
        write_game(p, w, board->games[at], side);
        count++;
    }
    rh_json_end_array(w);
    return at;
}

int32_t elo_history(struct elo_sync *p, rh_req req, const struct history_req *asked)
{
    struct board *board = NULL;
    const struct board_player *player;
    struct rh_json_reply reply;
    int64_t next;
    int32_t rc = elo_pick_board(p, asked->board_type, &board);

    if (rc != RH_OK)
        return rc;
    player = board_player(board, asked->player);
    if (!player || !player->games)
        return rh_failf(&p->rh, RH_ENOTFOUND, "\"%.*s\" has played no game on \"%.*s\"",
                        RH_STR_ARG(asked->player), RH_STR_ARG(board->type));
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "player", asked->player);
    rh_json_kv_str(&reply.w, "board_type", board->type);
    rh_json_kv_double(&reply.w, "rating", player->rating);
    rh_json_kv_double(&reply.w, "error_95", elo_error_95(player->info));
    rh_json_kv_int(&reply.w, "games", player->games);
    rh_json_kv_int(&reply.w, "wins", player->wins);
    rh_json_kv_int(&reply.w, "losses", player->losses);
    rh_json_kv_int(&reply.w, "draws", player->draws);
    next = write_games(p, &reply.w, board, (uint32_t)(player - board->players), asked);
    rh_json_kv_int(&reply.w, "next", next);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

int32_t elo_head_to_head(struct elo_sync *p, rh_req req, const struct pair_req *asked)
{
    const struct board_player *a;
    const struct board_player *b;
    struct board *board = NULL;
    struct rh_json_reply reply;
    struct tally_match match;
    int32_t rc = elo_pick_board(p, asked->board_type, &board);

    if (rc != RH_OK)
        return rc;
    a = board_player(board, asked->a);
    b = board_player(board, asked->b);
    if (!a || !a->games || !b || !b->games)
        return rh_failf(&p->rh, RH_ENOTFOUND, "\"%.*s\" has played no game on \"%.*s\"",
                        RH_STR_ARG(a && a->games ? asked->b : asked->a), RH_STR_ARG(board->type));
    match = tally_head_to_head(board, asked->a, asked->b);
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "a", asked->a);
    rh_json_kv_str(&reply.w, "b", asked->b);
    rh_json_kv_str(&reply.w, "board_type", board->type);
    rh_json_kv_int(&reply.w, "games", match.games);
    rh_json_kv_int(&reply.w, "wins", match.wins);
    rh_json_kv_int(&reply.w, "losses", match.losses);
    rh_json_kv_int(&reply.w, "draws", match.draws);
    if (match.games)
        rh_json_kv_double(&reply.w, "score",
                          ((double)match.wins + (double)match.draws / 2.0) / (double)match.games);
    rh_json_kv_double(&reply.w, "expected", elo_expected(a->rating, b->rating));
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

int32_t elo_game(struct elo_sync *p, rh_req req, struct rh_str game_id)
{
    const struct entry *entry = facts_find(&p->facts, game_id);
    struct rh_json_reply reply;

    if (!entry)
        return rh_failf(&p->rh, RH_ENOTFOUND, "no game \"%.*s\"", RH_STR_ARG(game_id));
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "game");
    elo_write_entry(&reply.w, entry);
    rh_json_kv_bool(&reply.w, "rated", entry->game != NULL);
    rh_json_kv_bool(&reply.w, "conflict", entry->has_conflict);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

int32_t elo_status(struct elo_sync *p, rh_req req)
{
    struct rh_json_reply reply;
    char root[17];

    rh_hex_u64(root, facts_root(&p->facts));
    rh_json_reply_begin(&reply);
    rh_json_kv_strc(&reply.w, "digest", root);
    rh_json_kv_int(&reply.w, "ids", facts_count(&p->facts));
    rh_json_kv_int(&reply.w, "games", p->facts.games);
    rh_json_kv_int(&reply.w, "retracted", p->facts.retracted);
    rh_json_kv_int(&reply.w, "conflicts", p->facts.conflicts);
    rh_json_kv_int(&reply.w, "boards", p->board_count);
    rh_json_kv_int(&reply.w, "unrated", (int64_t)p->unrated);
    rh_json_kv_int(&reply.w, "rejected", (int64_t)p->rejected);
    rh_json_kv_int(&reply.w, "announced", (int64_t)p->announced_count);
    rh_json_kv_bool(&reply.w, "repairing", p->repair.is_running);
    rh_json_kv_double(&reply.w, "k_factor", p->config->k_factor);
    rh_json_kv_double(&reply.w, "start", p->config->start);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}
