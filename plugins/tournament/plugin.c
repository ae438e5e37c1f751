/* The tournament plugin: eliminations and round robins whose games are work items, or whose
 * results referees report. Tables and handlers; the thinking is in the cores. */
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/gtp_match.h>
#include <ringhost/sdk/players.h>

#include "wire.h"

#define BRACKET_MATCHES_MAX 20000
#define TOURNAMENT_ID_MAX   120
#define SWEEP_INTERVAL_MS   60000

struct bracket_req {
    struct rh_str tournament_id;
    int64_t after;
    int64_t limit;
    int32_t games;
};

struct cancel_req {
    struct rh_str tournament_id;
};

static int32_t handle_start(void *self, rh_req req, const void *fields);
static int32_t handle_bracket(void *self, rh_req req, const void *fields);
static int32_t handle_result(void *self, rh_req req, const void *fields);
static int32_t handle_correct(void *self, rh_req req, const void *fields);
static int32_t handle_cancel(void *self, rh_req req, const void *fields);
static int32_t handle_list(void *self, rh_req req, const void *fields);

static const struct rh_field start_fields[] = {
    RH_FIELD_ROW_(struct start_req, format, RH_FIELD_STRING, .flags = RH_REQUIRED, .max = 64,
                  .allowed = PLAN_FORMAT_NAMES, .doc = "who meets whom"),
    RH_FIELD_ROW_(struct start_req, players, RH_FIELD_STRING_LIST, .flags = RH_REQUIRED, .min = 2,
                  .max = PLAN_PLAYERS_MAX,
                  .doc = "in seed order, the best first; names of the configuration"),
    RH_BOOL(struct start_req, external, false,
            "players are only names: referees report every match"),
    RH_INT(struct start_req, games_per_match, 1, 1, SERIES_GAMES_MAX,
           "games of a match; sides are swapped game by game"),
    RH_FIELD_ROW_(struct start_req, play_all, RH_FIELD_BOOL,
                  .given_offset = 1 + (uint32_t)offsetof(struct start_req, has_play_all),
                  .doc = "play a match to its last game; default true in a round robin"),
    RH_INT(struct start_req, extra_games, 4, 0, SERIES_EXTRA_MAX,
           "after a drawn elimination match, until one is won; then the lower seed number goes on"),
    RH_BOOL(struct start_req, third_place, false, "losers of the semifinals play for it"),
    RH_FIELD_ROW_(struct start_req, grand_final_reset, RH_FIELD_BOOL, .fallback = "true",
                  .given_offset = 1 + (uint32_t)offsetof(struct start_req, has_grand_final_reset),
                  .doc = "a second grand final if the winner of the losers' bracket wins the "
                         "first; double elimination"),
    RH_FIELD_ROW_(struct start_req, drop_in, RH_FIELD_STRING_LIST, .max = DROPIN_ROUNDS_MAX,
                  .allowed = DROPIN_NAMES,
                  .doc = "order of losers entering losers' rounds 2, 4, ..., as many as there are"),
    RH_INT(struct start_req, cycles, 1, 1, 2, "2: each pair meets twice, with sides swapped"),
    RH_CHOICE(struct start_req, scoring, 0, NULL, "games matches",
              "what a point is given for; default games, with external matches"),
    RH_FIELD_ROW_(struct start_req, tie_breaks, RH_FIELD_STRING_LIST, .max = TIEBREAK_COUNT,
                  .allowed = TIEBREAK_NAMES,
                  .given_offset = 1 + (uint32_t)offsetof(struct start_req, has_tie_breaks),
                  .doc =
                      "between players with equal points, in this order; default all, as listed"),
    RH_TEXT(struct start_req, board_type, 0, 64,
            "board type of the work items; default go<board_size>"),
    RH_GTP_RULES_FIELDS(struct start_req),
    RH_INT(struct start_req, max_attempts, 3, 1, 100, "attempts at a game before it is given up"),
    RH_FIELD_ROW_(struct start_req, seed, RH_FIELD_U64,
                  .given_offset = 1 + (uint32_t)offsetof(struct start_req, has_seed),
                  .doc = "makes the games repeatable; random when left out"),
    RH_INT(struct start_req, priority, 50, 0, 100, "of the work items, higher first"),
    RH_INT(struct start_req, timeout_s, 0, 0, 604800, "lease of a work item; 0 = the queue's own"),
    RH_INT(struct start_req, max_runtime_s, 0, 0, 2592000, "longest run of a game; 0 = no limit"),
    RH_FIELD_ROW_(struct start_req, requires, RH_FIELD_STRING_LIST, .max = 32,
                  .doc = "capabilities that a node must have"),
    RH_BOOL(struct start_req, needs_gpu, false, "only nodes with a GPU"),
    RH_INT(struct start_req, min_vram_mb, 0, 0, 16777216, "GPU memory a node must have"),
    RH_TEXT(struct start_req, idempotency_key, 0, 200,
            "the same request again gives the same tournament; another one with this key is "
            "refused"),
};
static const struct rh_fields start_table = RH_FIELDS(struct start_req, start_fields);

static const struct rh_field bracket_fields[] = {
    RH_TEXT(struct bracket_req, tournament_id, 0, TOURNAMENT_ID_MAX,
            "which one; default the newest"),
    RH_INT(struct bracket_req, after, 0, 0, PLAN_MATCHES_MAX,
           "first match to list; `next` of a reply"),
    RH_INT(struct bracket_req, limit, 5000, 0, BRACKET_MATCHES_MAX, "matches to list"),
    RH_BOOL(struct bracket_req, games, false, "list the games of each match too"),
};

#define RESULT_ROWS                                                                            \
    RH_TEXT(struct result_req, tournament_id, RH_REQUIRED, TOURNAMENT_ID_MAX, "which one"),    \
        RH_TEXT(struct result_req, match_id, RH_REQUIRED, 32, "W1.1, L2.1, T1, F1, F2, R3.1"), \
        RH_TEXT(struct result_req, winner, 0, 100, "who won"),                                 \
        RH_BOOL(struct result_req, draw, false, "nobody won; in a round robin alone"),         \
        RH_RAW(struct result_req, scores, 0,                                                   \
               "points of the sides, [2, 1], or {\"a\": 2, \"b\": 1}"),                        \
        RH_TEXT(struct result_req, forfeit, 0, 100, "who did not play: the other one wins"),   \
        RH_BOOL(struct result_req, both_forfeit, false, "nobody goes on")

static const struct rh_field result_fields[] = {RESULT_ROWS};

static const struct rh_field correct_fields[] = {
    RESULT_ROWS,
    RH_BOOL(struct result_req, replay, false, "no outcome: the match is played anew"),
    RH_BOOL(struct result_req, undo, false,
            "also undo what followed: those matches are played anew"),
};

static const struct rh_field cancel_fields[] = {
    RH_TEXT(struct cancel_req, tournament_id, RH_REQUIRED, TOURNAMENT_ID_MAX, "which one"),
};

static const struct rh_field list_fields[] = {
    RH_LIVES_LIST_ROWS(TOURNAMENT_ID_MAX),
};

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/tournament/start", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct start_req, start_fields), handle_start, "Start a tournament."),
    RH_ROUTE("GET", "/tournament/bracket", RH_READ, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct bracket_req, bracket_fields), handle_bracket,
             "Rounds, matches and standings."),
    RH_ROUTE("POST", "/tournament/result", RH_WORKER, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct result_req, result_fields), handle_result,
             "Report a match, as its referee."),
    RH_ROUTE("POST", "/tournament/correct", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct result_req, correct_fields), handle_correct,
             "Correct the outcome of a match, or have it played anew."),
    RH_ROUTE("POST", "/tournament/cancel", RH_OPERATOR, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct cancel_req, cancel_fields), handle_cancel,
             "Stop a tournament and cancel its games."),
    RH_ROUTE("GET", "/tournament/list", RH_READ, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct rh_lives_list, list_fields), handle_list,
             "Tournaments, the newest first."),
};

static int32_t reply_started(struct plugin *p, rh_req req, struct rh_str id, bool is_duplicate)
{
    struct rh_json_reply reply;
    struct rh_found found;
    const struct tournament *t;
    const int32_t rc = rh_lives_find(&p->lives, id, &found);

    if (rc != RH_OK)
        return rc;
    t = found.thing;
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "tournament_id", id);
    if (is_duplicate)
        rh_json_kv_bool(&reply.w, "duplicate", true);
    rh_json_kv_int(&reply.w, "matches", plan_played(&t->plan));
    rh_lives_release(&p->lives, &found);
    return rh_json_reply_send(&reply, &p->rh, req, is_duplicate ? 200 : 201);
}

static int32_t handle_start(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct start_req *start = fields;
    const struct rh_request_key request = {
        .key = start->idempotency_key,
        .asked = rh_request_asked(&start_table, start, RH_DIGEST_GIVEN)};
    struct tournament *t = NULL;
    struct rh_buf record;
    char id[RH_STORE_ID_SIZE];
    bool is_answered = false;
    int32_t rc = rh_lives_find_request(&p->lives, &request, id);

    if (rc == RH_OK)
        return reply_started(p, req, rh_str_from(id), true);
    if (rc == RH_ECONFLICT)
        return rh_request_refuse(&p->rh, req, "", request.key, rh_str_from(id));
    if (rc != RH_ENOTFOUND)
        return rc; /* whether there is one already is not known */
    rh_buf_init(&record, RECORD_BYTES_MAX);
    rc = tournament_start_record(p, req, start, &record, &is_answered);
    if (rc == RH_OK && !is_answered)
        rc = tournaments_create(p, rh_buf_str(&record), request.asked, &t);
    rh_buf_release(&record);
    if (rc != RH_OK || is_answered)
        return rc;
    rh_log_info(&p->rh, "tournament_started",
                "tournament=%.*s format=%s players=%" PRIu32 " matches=%" PRIu32,
                RH_STR_ARG(t->spec.id), plan_format_name(t->spec.options.format),
                t->spec.options.players, plan_played(&t->plan));
    return reply_started(p, req, t->spec.id, false);
}

static int32_t handle_bracket(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct bracket_req *asked = fields;
    const struct bracket_page page = {(uint32_t)asked->after, (uint32_t)asked->limit,
                                      asked->games != 0};
    struct rh_json_reply reply;
    struct rh_found found;
    const struct live *live;
    int32_t rc = rh_lives_find_or_newest(&p->lives, asked->tournament_id, &found);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    live = (const struct live *)found.live;
    rc = tournament_reply_bracket(&reply.w, found.thing, live ? live->work.problem : "", &page);
    rh_lives_release(&p->lives, &found);
    if (rc == RH_OK)
        return rh_json_reply_send(&reply, &p->rh, req, 200);
    rh_buf_release(&reply.buf);
    return rc;
}

static int32_t handle_result(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct result_req *asked = fields;
    struct rh_found found;
    int32_t rc = rh_lives_find(&p->lives, asked->tournament_id, &found);

    if (rc != RH_OK)
        return rc;
    rc = tournament_result(p, req, &found, asked);
    rh_lives_release(&p->lives, &found);
    return rc;
}

static int32_t handle_correct(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct result_req *asked = fields;
    struct rh_found found;
    int32_t rc = rh_lives_find(&p->lives, asked->tournament_id, &found);

    if (rc != RH_OK)
        return rc;
    rc = tournament_correct(p, req, &found, asked);
    rh_lives_release(&p->lives, &found);
    return rc;
}

static int32_t handle_cancel(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct cancel_req *asked = fields;
    struct rh_json_reply reply;
    struct rh_found found;
    const struct tournament *t;
    int32_t rc = rh_lives_find(&p->lives, asked->tournament_id, &found);

    if (rc != RH_OK)
        return rc;
    t = found.thing;
    if (t->status.state == TOURNAMENT_RUNNING && found.live)
        rc = tournaments_cancel(p, (struct live *)found.live);
    if (rc == RH_OK && t->status.state != TOURNAMENT_CANCELLED) {
        rc = rh_failf(&p->rh, RH_ECONFLICT, "tournament \"%.*s\" is %s", RH_STR_ARG(t->spec.id),
                      tournament_state_name(t->status.state));
    } else if (rc == RH_OK) {
        rh_json_reply_begin(&reply);
        tournament_reply_summary(&reply.w, t);
        rc = rh_json_reply_send(&reply, &p->rh, req, 200);
    }
    rh_lives_release(&p->lives, &found);
    return rc;
}

static int32_t handle_list(void *self, rh_req req, const void *fields)
{
    return rh_lives_reply_list(&((struct plugin *)self)->lives, req, fields);
}

static const struct rh_field config_fields[] = {
    RH_PLAYERS_FIELD(struct tournament_config),
    RH_FIELD_ROW_(struct tournament_config, work_type, RH_FIELD_STRING, .min = 1, .max = 64,
                  .fallback = "gauntlet",
                  .doc = "work type of the games: its command reads the match as "
                         "ringhost-gtp-match does"),
    RH_DURATION(struct tournament_config, poll_interval, "1s", 100, 60000,
                "how often the queue is asked about running tournaments"),
    RH_INT(struct tournament_config, live_max, 64, 1, LIVE_MAX, "tournaments that run at once"),
    RH_INT(struct tournament_config, keep_max, 1000, 1, 100000,
           "tournaments that are kept; the oldest finished ones go first"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED,
     .name = TOURNAMENT_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static int32_t run_reconcile(void *self)
{
    rh_work_groups_sweep(&((struct plugin *)self)->work);
    return RH_OK;
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .flags = RH_LEADER,
     .name = "tournament_reconcile",
     .doc = "Compares every running tournament with the queue and adds games that have no item.",
     .interval_ms = SWEEP_INTERVAL_MS,
     .jitter_ms = SWEEP_INTERVAL_MS / 12,
     .run = run_reconcile},
};

static int32_t reconfigure(void *self, const void *config)
{
    struct plugin *p = self;
    const struct tournament_config *asked = config;
    const int32_t rc = rh_players_configured(&p->rh, &asked->players);

    if (rc != RH_OK)
        return rc;
    p->config = config;
    rh_work_groups_interval(&p->work, asked->poll_interval);
    return RH_OK;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    rh_lives_init(&p->lives, &p->rh, &tournament_lives_owner, p);
    rh_rated_init(&p->rated, &p->rh, &tournament_rated_owner, p);
    rh_work_groups_init(&p->work, &p->rh, &tournament_work_owner, p,
                        ((const struct tournament_config *)config)->poll_interval);
    return reconfigure(p, config);
}

static void deactivate(void *self)
{
    struct plugin *p = self;

    rh_rated_stop(&p->rated);
    rh_lives_drop(&p->lives);
    rh_work_groups_stop(&p->work);
    rh_batch_release(&p->batch);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct plugin *p = self;
    const int32_t rc = rh_lives_load(&p->lives);

    (void)epoch;
    if (rc == RH_OK)
        rh_rated_kick(&p->rated);
    else
        deactivate(p);
    return rc;
}

static const char *const services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID, RH_STATE_ID};
static const char *const after[] = {"work_queue"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "tournament", "0.1.0"),
    .summary = "Eliminations and round robins, by games spread over the cluster or by referees.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct tournament_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(loops, loop),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("tournament", "0.1.0", descriptor)
