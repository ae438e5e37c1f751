/* Turns a request for a gauntlet into its record, or answers why not; it starts nothing. */
#include <inttypes.h>
#include <ringhost/sdk/players.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

/* 409, 429 or 400 with the field it is about. */
static int32_t refuse(struct plugin *p, rh_req req, int32_t rc, const char *field, const char *text)
{
    const struct rh_error error = {
        .size = (uint32_t)sizeof(error), .rc = rc, .message = text, .field = field};

    return p->rh.http->reply_error(p->rh.ctx, req, &error);
}

static int32_t refuse_player(struct plugin *p, rh_req req, const struct run_req *run,
                             enum rh_players_problem problem, struct rh_str name)
{
    const char *field =
        rh_str_eq(name, run->model) && problem != RH_PLAYERS_DUPLICATE ? "model" : "baselines";
    struct rh_buf text;
    int32_t rc;

    rh_buf_init(&text, RH_TEXT_MAX * 4);
    rh_players_explain(&p->config->players, problem, name, &text);
    rc = refuse(p, req, RH_EINVAL, field, text.rc == RH_OK ? text.p : NULL);
    rh_buf_release(&text);
    return rc;
}

static uint32_t live_games(const struct plugin *p)
{
    uint32_t games = 0;

    for (uint32_t i = 0; i < p->lives.count; i++)
        games += ((const struct gauntlet *)p->lives.live[i]->thing)->game_count;
    return games;
}

/* Rules that span fields, and limits. The field that breaks one, or NULL. */
static const char *check(const struct plugin *p, const struct run_req *run, int64_t games,
                         int32_t *rc, const char **text)
{
    *rc = RH_EINVAL;
    if (games % 2) {
        *text = "\"games\" must be even: sides are swapped in pairs";
        return "games";
    }
    *text = rh_gtp_ask_problem(&run->ask);
    if (*text)
        return "komi";
    if (run->has_sprt && run->sprt.elo0 >= run->sprt.elo1) {
        *text = "\"sprt.elo1\" must be greater than \"sprt.elo0\"";
        return "sprt.elo1";
    }
    if (games * run->baselines.count > SCHEDULE_GAMES_MAX) {
        *text = "more than 10000 games in one gauntlet";
        return "games";
    }
    *rc = RH_EBUSY;
    if ((int64_t)p->lives.count >= p->config->live_max) {
        *text = "as many gauntlets as \"live_max\" allows are running";
        return "model";
    }
    if (games * run->baselines.count + live_games(p) > LIVE_GAMES_MAX) {
        *text = "the games of all running gauntlets would be more than 20000";
        return "games";
    }
    return NULL;
}

static struct sprt sprt_of(const struct run_sprt *sprt)
{
    return (struct sprt){.model = rh_str_eq_c(sprt->model, "normalized") ? SPRT_NORMALIZED
                                                                         : SPRT_LOGISTIC,
                         .elo0 = sprt->elo0,
                         .elo1 = sprt->elo1,
                         .alpha = sprt->alpha,
                         .beta = sprt->beta};
}

/* A test has its end in itself: without a number it may take as many games as a gauntlet may have.
 */
static int64_t games_of(const struct run_req *run)
{
    if (run->games)
        return run->games;
    if (run->has_sprt && !run->has_type)
        return SCHEDULE_GAMES_MAX / run->baselines.count / 2 * 2;
    return schedule_games_of(run->type);
}

static struct rh_str type_of(const struct run_req *run)
{
    if (run->games)
        return RH_STR_LIT("custom");
    return run->has_sprt && !run->has_type ? RH_STR_LIT("sprt") : run->type;
}

/* The model and the baselines, at most SCHEDULE_BASELINES_MAX of them, as one list. */
static void list_players(const struct run_req *run, struct rh_str *names)
{
    names[0] = run->model;
    for (uint32_t i = 0; i < run->baselines.count; i++)
        names[i + 1] = run->baselines.items[i];
}

/* The record with the commands as they are configured now: games of one gauntlet all use the same.
 */
static int32_t encode(struct plugin *p, const struct run_req *run, int64_t games,
                      struct rh_buf *record)
{
    struct gauntlet_spec spec = {.model = run->model,
                                 .type = type_of(run),
                                 .idempotency_key = run->idempotency_key,
                                 .baseline_count = run->baselines.count,
                                 .games_per_baseline = (uint32_t)games,
                                 .created_at_ms = p->rh.core->wall_ms(p->rh.ctx),
                                 .has_sprt = run->has_sprt,
                                 .is_by_games = rh_str_eq_c(run->sprt.statistic, "trinomial"),
                                 .sprt = sprt_of(&run->sprt)};
    struct rh_str names[SCHEDULE_BASELINES_MAX + 1];
    char id[RH_LIVES_ID_SIZE];
    struct rh_buf programs;
    struct rh_buf texts;
    int32_t rc;

    rh_lives_make_id(&p->rh, 'g', id);
    spec.id = rh_str_from(id);
    spec.seed = run->ask.has_seed ? run->ask.seed : p->rh.core->random(p->rh.ctx);
    for (uint32_t i = 0; i < spec.baseline_count; i++)
        spec.baselines[i] = run->baselines.items[i];
    rh_buf_init(&texts, RECORD_BYTES_MAX);
    rh_buf_init(&programs, RECORD_BYTES_MAX);
    list_players(run, names);
    rh_players_write(&p->config->players, names, spec.baseline_count + 1, &programs, spec.argv_json,
                     spec.inputs);
    rc = rh_gtp_order_init(&spec.order, &run->ask, &texts);
    if (rc == RH_OK)
        rc = programs.rc;
    if (rc == RH_OK)
        gauntlet_spec_encode(&spec, record);
    rh_buf_release(&programs);
    rh_buf_release(&texts);
    return rc == RH_OK ? record->rc : rc;
}

static enum rh_players_problem check_players(const struct plugin *p, const struct run_req *run,
                                             struct rh_str *name)
{
    struct rh_str names[SCHEDULE_BASELINES_MAX + 1];

    list_players(run, names);
    return rh_players_check(&p->config->players, names, run->baselines.count + 1, name);
}

int32_t gauntlet_run_record(struct plugin *p, rh_req req, const struct run_req *run,
                            struct rh_buf *record, bool *is_answered)
{
    const int64_t games = games_of(run);
    struct rh_str name = {NULL, 0};
    const enum rh_players_problem problem = check_players(p, run, &name);
    const char *text = NULL;
    int32_t rc = RH_OK;
    const char *field = check(p, run, games, &rc, &text);

    *is_answered = true;
    if (problem != RH_PLAYERS_OK)
        return refuse_player(p, req, run, problem, name);
    if (field)
        return refuse(p, req, rc, field, text);
    *is_answered = false;
    return encode(p, run, games, record);
}
