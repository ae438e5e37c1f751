/* Turns a request for a gauntlet into its record, or answers why not; it starts nothing. */
#include <inttypes.h>
#include <math.h>
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
    if (run->komi * 2.0 != floor(run->komi * 2.0)) {
        *text = "\"komi\" must be a multiple of 0.5";
        return "komi";
    }
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

static void write_list(struct rh_buf *buf, const struct rh_str_list *list)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_str_list(&w, list);
    (void)rh_json_finish(&w); /* the error stays in buf */
}

/* Ids begin with the time, so that their order is that of creation. */
static void make_id(struct plugin *p, char id[GAME_ID_SIZE])
{
    const uint64_t wall = (uint64_t)p->rh.core->wall_ms(p->rh.ctx);
    const uint64_t random = p->rh.core->random(p->rh.ctx);

    (void)snprintf(id, GAME_ID_SIZE, "g%011" PRIx64 "-%06" PRIx64, wall, random & 0xffffff);
}

static void fill_numbers(struct plugin *p, const struct run_req *run, struct gauntlet_spec *spec)
{
    spec->seed = run->has_seed ? run->seed : p->rh.core->random(p->rh.ctx);
    spec->board_size = run->board_size;
    spec->komi_halves = (int64_t)(run->komi * 2.0);
    spec->move_time_ms = run->move_time_ms;
    spec->game_time_ms = run->game_time_ms;
    spec->command_time_ms = run->command_time_ms;
    spec->max_moves = run->max_moves;
    spec->max_attempts = run->max_attempts;
    spec->priority = run->priority;
    spec->timeout_s = run->timeout_s;
    spec->max_runtime_s = run->max_runtime_s;
    spec->min_vram_mb = run->min_vram_mb;
    spec->needs_gpu = run->needs_gpu != 0;
    spec->created_at_ms = p->rh.core->wall_ms(p->rh.ctx);
    spec->has_sprt = run->has_sprt;
    spec->is_by_games = rh_str_eq_c(run->sprt.statistic, "trinomial");
    spec->sprt = (struct sprt){.model = rh_str_eq_c(run->sprt.model, "normalized") ? SPRT_NORMALIZED
                                                                                   : SPRT_LOGISTIC,
                               .elo0 = run->sprt.elo0,
                               .elo1 = run->sprt.elo1,
                               .alpha = run->sprt.alpha,
                               .beta = run->sprt.beta};
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
                                 .board_type = run->board_type,
                                 .ko_rule = run->ko_rule,
                                 .idempotency_key = run->idempotency_key,
                                 .baseline_count = run->baselines.count,
                                 .games_per_baseline = (uint32_t)games};
    const uint32_t player_count = run->baselines.count + 1;
    struct rh_str names[SCHEDULE_BASELINES_MAX + 1];
    struct rh_buf requires;
    struct rh_buf programs;
    char id[GAME_ID_SIZE];
    char board[GAME_WORD_SIZE];
    struct rh_buf config_key;
    int32_t rc;

    make_id(p, id);
    spec.id = rh_str_from(id);
    (void)snprintf(board, sizeof(board), "go%" PRId64, run->board_size);
    if (!spec.board_type.n)
        spec.board_type = rh_str_from(board);
    rh_buf_init(&config_key, RH_TEXT_MAX * 2);
    rc = rh_buf_printf(&config_key, "%.*s_2p", RH_STR_ARG(spec.board_type));
    spec.config_key = rh_buf_str(&config_key);
    for (uint32_t i = 0; i < spec.baseline_count; i++)
        spec.baselines[i] = run->baselines.items[i];
    rh_buf_init(&requires, RECORD_BYTES_MAX);
    rh_buf_init(&programs, RECORD_BYTES_MAX);
    list_players(run, names);
    rh_players_write(&p->config->players, names, player_count, &programs, spec.argv_json,
                     spec.inputs);
    write_list(&requires, &run->requires);
    spec.requires_json = rh_buf_str(&requires);
    fill_numbers(p, run, &spec);
    if (rc == RH_OK)
    rc = requires.rc != RH_OK ? requires.rc : programs.rc;
    if (rc == RH_OK)
        gauntlet_spec_encode(&spec, record);
    rh_buf_release(&programs);
    rh_buf_release(&requires);
    rh_buf_release(&config_key);
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
