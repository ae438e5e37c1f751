/* GET /elo/rankings: one board by Elo, by Bradley-Terry or by Glicko-2. */
#include <stdlib.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

#include "wire.h"

#define NORMAL_95 1.959963984540054

/* One line of the list. */
struct row {
    uint32_t player; /* index on the board */
    double rating;
    double error_95;
    double volatility; /* Glicko-2 only */
};

/* What a system has to say. */
struct ranking {
    struct row *rows;
    uint32_t count;
    double prior; /* Bradley-Terry only */
};

static int compare_rows(const void *a, const void *b, void *ctx)
{
    const struct board *board = ctx;
    const struct row *x = a;
    const struct row *y = b;

    if (x->rating != y->rating)
        return x->rating > y->rating ? -1 : 1;
    return rh_str_cmp(rh_str_from(board->players[x->player].name),
                      rh_str_from(board->players[y->player].name));
}

static int32_t by_elo(struct elo_sync *p, const struct board *board, struct ranking *out,
                      const struct rankings_req *asked)
{
    (void)p;
    (void)asked;
    for (uint32_t i = 0; i < out->count; i++) {
        const struct board_player *player = &board->players[out->rows[i].player];

        out->rows[i].rating = player->rating;
        out->rows[i].error_95 = elo_error_95(player->info);
    }
    return RH_OK;
}

static int32_t by_glicko(struct elo_sync *p, const struct board *board, struct ranking *out,
                         const struct rankings_req *asked)
{
    const struct glicko_options options = {p->config->start, p->config->glicko_deviation,
                                           p->config->glicko_volatility, p->config->glicko_tau,
                                           p->config->glicko_period};
    struct glicko_player *players = NULL;
    int32_t rc = glicko_of_board(board, &options, &players);

    (void)asked;
    for (uint32_t i = 0; i < out->count && rc == RH_OK; i++) {
        const struct glicko_player *player = &players[out->rows[i].player];

        out->rows[i].rating = player->rating;
        out->rows[i].error_95 = NORMAL_95 * player->deviation;
        out->rows[i].volatility = player->volatility;
    }
    free(players);
    return rc;
}

/* Index of the anchor among the names of the tally. */
static int32_t find_anchor(struct elo_sync *p, const struct tally *tally, struct rh_str name,
                           uint32_t *out)
{
    *out = BRADLEY_NO_ANCHOR;
    for (uint32_t i = 0; name.n && i < tally->player_count; i++) {
        if (rh_str_eq_c(name, tally->names[i]))
            *out = i;
    }
    if (name.n && *out == BRADLEY_NO_ANCHOR)
        return rh_failf(&p->rh, RH_ENOTFOUND, "the anchor \"%.*s\" is not among the players",
                        RH_STR_ARG(name));
    return RH_OK;
}

static int32_t by_bradley(struct elo_sync *p, const struct board *board, struct ranking *out,
                          const struct rankings_req *asked)
{
    struct bradley_options options = {.prior = p->config->bradley_prior,
                                      .center = p->config->start};
    struct bradley fit;
    struct tally tally;
    int32_t rc = tally_of_board(board, (uint32_t)asked->min_games, BRADLEY_PLAYERS_MAX, &tally);

    if (rc == RH_EFULL)
        return rh_failf(&p->rh, RH_EINVAL,
                        "more than %u players have so many games: ask with a greater min_games",
                        BRADLEY_PLAYERS_MAX);
    if (rc != RH_OK)
        return rc;
    rc = find_anchor(p, &tally, asked->anchor, &options.anchor);
    if (rc == RH_OK)
        rc = bradley_fit(&tally, &options, &fit);
    if (rc == RH_EINVAL)
        rc = rh_failf(&p->rh, RH_EINTERNAL, "the strengths do not converge");
    if (rc == RH_OK) {
        out->prior = fit.prior;
        out->count = fit.count;
        for (uint32_t i = 0; i < fit.count; i++) {
            const struct board_player *player = board_player(board, rh_str_from(tally.names[i]));

            out->rows[i] = (struct row){.player = (uint32_t)(player - board->players),
                                        .rating = fit.ratings[i],
                                        .error_95 = fit.errors[i]};
        }
        bradley_release(&fit);
    }
    tally_release(&tally);
    return rc;
}

static const struct {
    const char *name;
    int32_t (*rate)(struct elo_sync *p, const struct board *board, struct ranking *out,
                    const struct rankings_req *asked);
} systems[] = {{"elo", by_elo}, {"bradley_terry", by_bradley}, {"glicko2", by_glicko}};

static void write_row(struct rh_json_writer *w, const struct board *board, const struct row *row,
                      uint32_t rank)
{
    const struct board_player *player = &board->players[row->player];

    rh_json_begin_object(w);
    rh_json_kv_int(w, "rank", rank);
    rh_json_kv_strc(w, "player", player->name);
    rh_json_kv_double(w, "rating", row->rating);
    rh_json_kv_double(w, "error_95", row->error_95);
    if (row->volatility > 0.0)
        rh_json_kv_double(w, "volatility", row->volatility);
    rh_json_kv_int(w, "games", player->games);
    rh_json_kv_int(w, "wins", player->wins);
    rh_json_kv_int(w, "losses", player->losses);
    rh_json_kv_int(w, "draws", player->draws);
    rh_json_end_object(w);
}

static int32_t reply_rows(struct elo_sync *p, rh_req req, const struct board *board,
                          const struct ranking *ranking, const struct rankings_req *asked)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "board_type", board->type);
    rh_json_kv_str(&reply.w, "system", asked->system);
    rh_json_kv_int(&reply.w, "games", board->game_count);
    rh_json_kv_int(&reply.w, "players", ranking->count);
    if (rh_str_eq_c(asked->system, "bradley_terry"))
        rh_json_kv_double(&reply.w, "prior", ranking->prior);
    rh_json_key(&reply.w, "rankings");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < ranking->count && (int64_t)i < asked->limit; i++)
        write_row(&reply.w, board, &ranking->rows[i], i + 1);
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
    struct ranking ranking = {0};
    struct board *board = NULL;
    uint32_t *list = NULL;
    int32_t rc;

    if (!asked->board_type.n && p->board_count != 1)
        return reply_boards(p, req);
    rc = elo_pick_board(p, asked->board_type, &board);
    if (rc == RH_OK)
        rc = board_ranking(board, (uint32_t)asked->min_games, &list, &ranking.count);
    if (rc != RH_OK)
        return rc;
    ranking.rows = calloc(ranking.count + 1, sizeof(*ranking.rows));
    rc = ranking.rows ? RH_OK : RH_ENOMEM;
    for (uint32_t i = 0; i < ranking.count && rc == RH_OK; i++)
        ranking.rows[i].player = list[i];
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]) && rc == RH_OK; i++) {
        if (rh_str_eq_c(asked->system, systems[i].name))
            rc = systems[i].rate(p, board, &ranking, asked);
    }
    if (rc == RH_OK)
        rc = rh_sort(ranking.rows, ranking.count, sizeof(*ranking.rows), compare_rows, board, NULL);
    if (rc == RH_OK)
        rc = reply_rows(p, req, board, &ranking, asked);
    free(ranking.rows);
    free(list);
    return rc;
}
