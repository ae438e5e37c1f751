/* Rankings by Bradley-Terry: the fit runs on a worker thread, on a copy of the pairs; the answer
 * comes with what the board was when it was asked. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "wire.h"

/* What the worker gets: this, then the pairs. */
struct fit_input {
    struct bradley_options options;
    uint32_t player_count;
    uint32_t pair_count;
};

/* What it gives: the prior, then the ratings, then the errors. */
#define OUTPUT_DOUBLES(players) (1u + 2u * (size_t)(players))

/* A request whose fit is under way. */
struct job {
    struct ranking ranking;
    rh_req req;
    char board_type[FACT_BOARD_MAX + 1];
    char *names; /* of all rows, one after the other */
};

static void job_free(struct job *job)
{
    if (job) {
        free(job->ranking.rows);
        free(job->names);
    }
    free(job);
}

/* [worker] */
static int64_t fit(struct rh_str input, void *output, uint64_t output_max)
{
    struct fit_input head;
    struct tally tally = {0};
    struct bradley result;
    double *out = output;
    int32_t rc;

    memcpy(&head, input.p, sizeof(head));
    if (input.n != sizeof(head) + head.pair_count * sizeof(struct tally_pair) ||
        output_max < OUTPUT_DOUBLES(head.player_count) * sizeof(double))
        return RH_EINVAL;
    /* The copy need not lie as the pairs must. */
    tally.pairs = malloc(head.pair_count * sizeof(struct tally_pair) + 1);
    if (!tally.pairs)
        return RH_ENOMEM;
    memcpy(tally.pairs, input.p + sizeof(head), head.pair_count * sizeof(struct tally_pair));
    tally.player_count = head.player_count;
    tally.pair_count = head.pair_count;
    rc = bradley_fit(&tally, &head.options, &result);
    free(tally.pairs);
    if (rc != RH_OK)
        return rc;
    memcpy(out, &result.prior, sizeof(double));
    memcpy(out + 1, result.ratings, result.count * sizeof(double));
    memcpy(out + 1 + result.count, result.errors, result.count * sizeof(double));
    bradley_release(&result);
    return (int64_t)(OUTPUT_DOUBLES(head.player_count) * sizeof(double));
}

static void on_fitted(void *self, void *user, int32_t rc, struct rh_str output)
{
    struct elo_sync *p = self;
    struct job *job = user;
    struct ranking *ranking = &job->ranking;
    const uint32_t count = ranking->count;

    p->bradley_jobs--;
    if (rc == RH_OK && output.n == OUTPUT_DOUBLES(count) * sizeof(double)) {
        memcpy(&ranking->prior, output.p, sizeof(double));
        for (uint32_t i = 0; i < count; i++) {
            memcpy(&ranking->rows[i].rating, output.p + (1 + (size_t)i) * sizeof(double),
                   sizeof(double));
            memcpy(&ranking->rows[i].error_95, output.p + (1 + count + (size_t)i) * sizeof(double),
                   sizeof(double));
        }
        rc = elo_reply_ranking(p, job->req, ranking);
        if (rc != RH_OK)
            (void)rh_reply_errorf(&p->rh, job->req, rc, NULL, "no memory for the rankings");
    } else if (rc == RH_EINVAL) {
        (void)rh_reply_errorf(&p->rh, job->req, RH_EINTERNAL, NULL,
                              "the strengths do not converge");
    } else if (rc != RH_ECANCELLED) { /* then the host has answered */
        (void)rh_reply_errorf(&p->rh, job->req, rc, NULL, "the strengths could not be worked out");
    }
    job_free(job);
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

/* Rows of the players as the board has them now, with names of their own. */
static struct job *job_new(rh_req req, const struct board *board, const struct tally *tally,
                           const struct rankings_req *asked)
{
    const uint32_t count = tally->player_count;
    struct job *job = calloc(1, sizeof(*job));

    if (!job)
        return NULL;
    job->req = req;
    job->names = calloc((size_t)count + 1, FACT_PLAYER_MAX + 1);
    job->ranking = (struct ranking){.board_type = {job->board_type, board->type.n},
                                    .system = "bradley_terry",
                                    .rows = calloc((size_t)count + 1, sizeof(*job->ranking.rows)),
                                    .count = count,
                                    .games = board->game_count,
                                    .limit = asked->limit,
                                    .has_prior = true};
    if (!job->names || !job->ranking.rows ||
        rh_str_copy(job->board_type, sizeof(job->board_type), board->type)) {
        job_free(job);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        char *name = job->names + (size_t)i * (FACT_PLAYER_MAX + 1);

        (void)rh_str_copy(name, FACT_PLAYER_MAX + 1, rh_str_from(tally->names[i])); /* it fits */
        elo_fill_row(&job->ranking.rows[i], board_player(board, rh_str_from(tally->names[i])));
        job->ranking.rows[i].name = name;
    }
    return job;
}

static int32_t submit(struct elo_sync *p, const struct tally *tally,
                      const struct bradley_options *options, struct job *job)
{
    const struct fit_input head = {*options, tally->player_count, tally->pair_count};
    const size_t pairs = tally->pair_count * sizeof(struct tally_pair);
    struct rh_buf input;
    int32_t rc;

    rh_buf_init(&input, sizeof(head) + pairs + 1);
    (void)rh_buf_append(&input, &head, sizeof(head)); /* errors stay in the buffer */
    rc = rh_buf_append(&input, tally->pairs, pairs);
    if (rc == RH_OK)
        rc = p->rh.work->run(p->rh.ctx, fit, rh_buf_str(&input),
                             OUTPUT_DOUBLES(tally->player_count) * sizeof(double), on_fitted, job);
    rh_buf_release(&input);
    return rc;
}

int32_t elo_rank_by_bradley(struct elo_sync *p, rh_req req, const struct board *board,
                            const struct rankings_req *asked)
{
    struct bradley_options options = {.prior = p->config->bradley_prior,
                                      .center = p->config->start};
    struct job *job = NULL;
    struct tally tally;
    int32_t rc;

    if (p->bradley_jobs == BRADLEY_JOBS_MAX)
        return rh_failf(&p->rh, RH_EBUSY, "%u fits are under way; ask again", BRADLEY_JOBS_MAX);
    rc = tally_of_board(board, (uint32_t)asked->min_games, BRADLEY_PLAYERS_MAX, &tally);
    if (rc == RH_EFULL)
        return rh_failf(&p->rh, RH_EINVAL,
                        "more than %u players have so many games: ask with a greater min_games",
                        BRADLEY_PLAYERS_MAX);
    if (rc != RH_OK)
        return rc;
    rc = find_anchor(p, &tally, asked->anchor, &options.anchor);
    if (rc == RH_OK) {
        job = job_new(req, board, &tally, asked);
        rc = job ? submit(p, &tally, &options, job) : RH_ENOMEM;
    }
    tally_release(&tally);
    if (rc == RH_OK)
        p->bradley_jobs++;
    else
        job_free(job);
    return rc;
}
