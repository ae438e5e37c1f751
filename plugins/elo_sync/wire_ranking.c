/* GET /elo/rankings: one board by Elo or by Glicko-2, and how any ranking is answered. */
#include <stdlib.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

#include "wire.h"

#define NORMAL_95 1.959963984540054

static int compare_rows(const void *a, const void *b, void *ctx)
{
    const struct ranking_row *x = a;
    const struct ranking_row *y = b;

    (void)ctx;
    if (x->rating != y->rating)
        return x->rating > y->rating ? -1 : 1;
    return rh_str_cmp(rh_str_from(x->name), rh_str_from(y->name));
}

void elo_fill_row(struct ranking_row *row, const struct board_player *player)
{
    *row = (struct ranking_row){.name = player->name,
                                .games = player->games,
                                .wins = player->wins,
                                .losses = player->losses,
                                .draws = player->draws};
}

static int32_t by_elo(struct elo_sync *p, const struct board *board, const uint32_t *list,
                      struct ranking *out)
{
    (void)p;
    for (uint32_t i = 0; i < out->count; i++) {
        const struct board_player *player = &board->players[list[i]];

        out->rows[i].rating = player->rating;
        out->rows[i].error_95 = elo_error_95(player->info);
    }
    return RH_OK;
}

static int32_t by_glicko(struct elo_sync *p, const struct board *board, const uint32_t *list,
                         struct ranking *out)
{
    const struct glicko_options options = {p->config->start, p->config->glicko_deviation,
                                           p->config->glicko_volatility, p->config->glicko_tau,
                                           p->config->glicko_period};
    struct glicko_player *players = NULL;
    int32_t rc = glicko_of_board(board, &options, &players);

    for (uint32_t i = 0; i < out->count && rc == RH_OK; i++) {
        const struct glicko_player *player = &players[list[i]];

        out->rows[i].rating = player->rating;
        out->rows[i].error_95 = NORMAL_95 * player->deviation;
        out->rows[i].volatility = player->volatility;
    }
    free(players);
    return rc;
}

/* Those that are answered at once. */
static const struct {
    const char *name;
    int32_t (*rate)(struct elo_sync *p, const struct board *board, const uint32_t *list,
                    struct ranking *out);
} systems[] = {{"elo", by_elo}, {"glicko2", by_glicko}};

static void write_row(struct rh_json_writer *w, const struct ranking_row *row, uint32_t rank)
{
    rh_json_begin_object(w);
    rh_json_kv_int(w, "rank", rank);
    rh_json_kv_strc(w, "player", row->name);
    rh_json_kv_double(w, "rating", row->rating);
    rh_json_kv_double(w, "error_95", row->error_95);
    if (row->volatility > 0.0)
        rh_json_kv_double(w, "volatility", row->volatility);
    rh_json_kv_int(w, "games", row->games);
    rh_json_kv_int(w, "wins", row->wins);
    rh_json_kv_int(w, "losses", row->losses);
    rh_json_kv_int(w, "draws", row->draws);
    rh_json_end_object(w);
}

int32_t elo_reply_ranking(struct elo_sync *p, rh_req req, struct ranking *ranking)
{
    struct rh_json_reply reply;
    const int32_t rc =
        rh_sort(ranking->rows, ranking->count, sizeof(*ranking->rows), compare_rows, NULL, NULL);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "board_type", ranking->board_type);
    rh_json_kv_strc(&reply.w, "system", ranking->system);
    rh_json_kv_int(&reply.w, "games", ranking->games);
    rh_json_kv_int(&reply.w, "players", ranking->count);
    if (ranking->has_prior)
        rh_json_kv_double(&reply.w, "prior", ranking->prior);
    rh_json_key(&reply.w, "rankings");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < ranking->count && (int64_t)i < ranking->limit; i++)
        write_row(&reply.w, &ranking->rows[i], i + 1);
    rh_json_end_array(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

/* No board is named and there are several, or none. */
static int32_t reply_boards(struct elo_sync *p, rh_req req)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "boards");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < p->board_count; i++) {
        rh_json_begin_object(&reply.w);
        rh_json_kv_str(&reply.w, "board_type", p->boards[i]->type);
        rh_json_kv_int(&reply.w, "games", p->boards[i]->game_count - p->boards[i]->gone);
        rh_json_end_object(&reply.w);
    }
    rh_json_end_array(&reply.w);
    rh_json_key(&reply.w, "rankings");
    rh_json_begin_array(&reply.w);
    rh_json_end_array(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

int32_t elo_rankings(struct elo_sync *p, rh_req req, const struct rankings_req *asked)
{
    struct ranking ranking = {.limit = asked->limit};
    struct board *board = NULL;
    uint32_t *list = NULL;
    int32_t rc;

    if (!asked->board_type.n && p->board_count != 1)
        return reply_boards(p, req);
    rc = elo_pick_board(p, asked->board_type, &board);
    if (rc == RH_OK && rh_str_eq_c(asked->system, "bradley_terry"))
        return elo_rank_by_bradley(p, req, board, asked);
    if (rc == RH_OK)
        rc = board_ranking(board, (uint32_t)asked->min_games, &list, &ranking.count);
    if (rc != RH_OK)
        return rc;
    ranking.board_type = board->type;
    ranking.games = board->game_count;
    ranking.rows = calloc(ranking.count + 1, sizeof(*ranking.rows));
    rc = ranking.rows ? RH_OK : RH_ENOMEM;
    for (uint32_t i = 0; i < ranking.count && rc == RH_OK; i++)
        elo_fill_row(&ranking.rows[i], &board->players[list[i]]);
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]) && rc == RH_OK; i++) {
        if (!rh_str_eq_c(asked->system, systems[i].name))
            continue;
        ranking.system = systems[i].name;
        rc = systems[i].rate(p, board, list, &ranking);
    }
    if (rc == RH_OK)
        rc = elo_reply_ranking(p, req, &ranking);
    free(ranking.rows);
    free(list);
    return rc;
}
