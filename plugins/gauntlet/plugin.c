/* The gauntlet plugin: measures a model against baselines by games that are work items. Tables and
 * handlers; the thinking is in the cores. */
#include <assert.h>
#include <inttypes.h>
#include <ringhost/sdk/gtp_match.h>
#include <ringhost/sdk/players.h>
#include <string.h>

#include "wire.h"

/* Items that a claim says it holds. */
#define CLAIM_HELD_MAX 512u
/* A claim may park this long; its call and its route outlast it. */
#define CLAIM_WAIT_MAX_S  30
#define CLAIM_ROUTE_MS    40000
#define RESULTS_GAMES_MAX 1000
#define GAUNTLET_ID_MAX   120
#define SWEEP_INTERVAL_MS 60000

struct results_req {
    struct rh_str gauntlet_id;
    int64_t after;
    int64_t limit;
};

struct cancel_req {
    struct rh_str gauntlet_id;
};

static int32_t handle_run(void *self, rh_req req, const void *fields);
static int32_t handle_results(void *self, rh_req req, const void *fields);
static int32_t handle_claim(void *self, rh_req req, const void *fields);
static int32_t handle_list(void *self, rh_req req, const void *fields);
static int32_t handle_cancel(void *self, rh_req req, const void *fields);

static const struct rh_field sprt_fields[] = {
    RH_NUMBER(struct run_sprt, elo0, 0.0, -1000.0, 1000.0, "strength under H0"),
    RH_NUMBER(struct run_sprt, elo1, 5.0, -1000.0, 1000.0, "strength under H1, greater than elo0"),
    RH_NUMBER(struct run_sprt, alpha, 0.05, 0.000001, 0.499, "accepting H1 although H0 holds"),
    RH_NUMBER(struct run_sprt, beta, 0.05, 0.000001, 0.499, "accepting H0 although H1 holds"),
    RH_CHOICE(struct run_sprt, model, 0, "logistic", "logistic normalized",
              "what kind of Elo elo0 and elo1 are"),
    RH_CHOICE(struct run_sprt, statistic, 0, "pentanomial", "pentanomial trinomial",
              "count pairs of games with swapped sides, or games"),
};

static const struct rh_field run_fields[] = {
    RH_TEXT(struct run_req, model, RH_REQUIRED, 100, "the player to be measured"),
    RH_FIELD_ROW_(struct run_req, baselines, RH_FIELD_STRING_LIST, .flags = RH_REQUIRED, .min = 1,
                  .max = SCHEDULE_BASELINES_MAX, .doc = "the players it is measured against"),
    RH_FIELD_ROW_(struct run_req, type, RH_FIELD_STRING, .max = 512,
                  .allowed = "quick standard thorough", .fallback = "quick",
                  .given_offset = 1 + (uint32_t)offsetof(struct run_req, has_type),
                  .doc = "20, 50 or 100 games against each baseline; with sprt as many as fit"),
    RH_FIELD_ROW_(struct run_req, sprt, RH_FIELD_OBJECT, RH_SUB_(struct run_sprt, sprt_fields),
                  .given_offset = 1 + (uint32_t)offsetof(struct run_req, has_sprt),
                  .doc = "end the games against a baseline as soon as this test is decided"),
    RH_INT(struct run_req, games, 0, 0, SCHEDULE_GAMES_MAX,
           "games against each baseline, even, instead of those of the type; 0 = of the type"),
    RH_GTP_ASK_ROWS,
    RH_TEXT(struct run_req, idempotency_key, 0, 200,
            "the same request again gives the same gauntlet; another one with this key is refused"),
};
static_assert(offsetof(struct run_req, ask) == 0, "RH_GTP_ASK_ROWS");
static const struct rh_fields run_table = RH_FIELDS(struct run_req, run_fields);

static const struct rh_field results_fields[] = {
    RH_TEXT(struct results_req, gauntlet_id, 0, GAUNTLET_ID_MAX, "which one; default the newest"),
    RH_INT(struct results_req, after, 0, 0, SCHEDULE_GAMES_MAX,
           "first game to list; `next` of a reply"),
    RH_INT(struct results_req, limit, 1000, 0, RESULTS_GAMES_MAX, "games to list"),
};

static const struct rh_field claim_fields[] = {
    RH_STR(struct claim_req, node_id, RH_REQUIRED, "who claims"),
    RH_STR_LIST(struct claim_req, work_types, 0, "empty, or with gauntlet among them"),
    RH_STR_LIST(struct claim_req, capabilities, 0, "what the node can do"),
    RH_STR_LIST(struct claim_req, board_types, 0, "boards the node prefers"),
    RH_RAW_OBJECT(struct claim_req, gpu, 0, "count, name, vram_mb"),
    RH_INT(struct claim_req, max_items, 1, 1, 64, "how many at most"),
    RH_INT(struct claim_req, wait_s, 0, 0, CLAIM_WAIT_MAX_S, "wait for work this long"),
    RH_INT(struct claim_req, poll, 0, 0, RH_JSON_INT_MAX, "as for /work/claim"),
    RH_FIELD_ROW_(struct claim_req, held, RH_FIELD_STRING_LIST, .max = CLAIM_HELD_MAX,
                  .given_offset = 1 + (uint32_t)offsetof(struct claim_req, has_held),
                  .doc = "as for /work/claim"),
};

static const struct rh_field list_fields[] = {
    RH_LIVES_LIST_ROWS(GAUNTLET_ID_MAX),
};

static const struct rh_field cancel_fields[] = {
    RH_TEXT(struct cancel_req, gauntlet_id, RH_REQUIRED, GAUNTLET_ID_MAX, "which one"),
};

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/gauntlet/run", RH_OPERATOR, RH_LEADER, RH_FIELDS(struct run_req, run_fields),
             handle_run, "Measure a model against baselines."),
    RH_ROUTE("GET", "/gauntlet/results", RH_READ, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct results_req, results_fields), handle_results,
             "Figures, verdict and games of a gauntlet."),
    RH_ROUTE_WITH("POST", "/gauntlet/claim", RH_WORKER, RH_LEADER,
                  RH_FIELDS(struct claim_req, claim_fields), handle_claim,
                  "Claim games, as /work/claim does for any work.", .timeout_ms = CLAIM_ROUTE_MS),
    RH_ROUTE("GET", "/gauntlet/list", RH_READ, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct rh_lives_list, list_fields), handle_list,
             "Gauntlets, the newest first."),
    RH_ROUTE("POST", "/gauntlet/cancel", RH_OPERATOR, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct cancel_req, cancel_fields), handle_cancel,
             "Stop a gauntlet and cancel its games."),
};

static int32_t reply_created(struct plugin *p, rh_req req, uint32_t status, struct rh_str id)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "gauntlet_id", id);
    if (status == 200)
        rh_json_kv_bool(&reply.w, "duplicate", true);
    return rh_json_reply_send(&reply, &p->rh, req, status);
}

static int32_t handle_run(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct run_req *run = fields;
    const struct rh_request_key request = {
        .key = run->idempotency_key, .asked = rh_request_asked(&run_table, run, RH_DIGEST_GIVEN)};
    struct gauntlet *g = NULL;
    struct rh_buf record;
    char id[RH_STORE_ID_SIZE];
    bool is_answered = false;
    int32_t rc = rh_lives_find_request(&p->lives, &request, id);

    if (rc == RH_OK)
        return reply_created(p, req, 200, rh_str_from(id));
    if (rc == RH_ECONFLICT)
        return rh_request_refuse(&p->rh, req, "", request.key, rh_str_from(id));
    if (rc != RH_ENOTFOUND)
        return rc;
    rh_buf_init(&record, RECORD_BYTES_MAX);
    rc = gauntlet_run_record(p, req, run, &record, &is_answered);
    if (rc == RH_OK && !is_answered)
        rc = gauntlets_create(p, rh_buf_str(&record), request.asked, &g);
    rh_buf_release(&record);
    if (rc != RH_OK || is_answered)
        return rc;
    rh_log_info(
        &p->rh, "gauntlet_started", "gauntlet=%.*s model=%.*s baselines=%" PRIu32 " games=%" PRIu32,
        RH_STR_ARG(g->spec.id), RH_STR_ARG(g->spec.model), g->spec.baseline_count, g->game_count);
    return reply_created(p, req, 201, g->spec.id);
}

static int32_t handle_results(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct results_req *asked = fields;
    struct rh_json_reply reply;
    struct rh_found found;
    const struct live *live;
    const int32_t rc = rh_lives_find_or_newest(&p->lives, asked->gauntlet_id, &found);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    live = (const struct live *)found.live;
    gauntlet_reply_results(&reply.w, found.thing, live ? live->work.problem : "",
                           (uint32_t)asked->after, (uint32_t)asked->limit);
    rh_lives_release(&p->lives, &found);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int32_t handle_claim(void *self, rh_req req, const void *fields)
{
    return gauntlet_claim(self, req, fields);
}

static int32_t handle_list(void *self, rh_req req, const void *fields)
{
    return rh_lives_reply_list(&((struct plugin *)self)->lives, req, fields);
}

static int32_t handle_cancel(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct cancel_req *asked = fields;
    struct rh_json_reply reply;
    struct rh_found found;
    const struct gauntlet *g;
    int32_t rc = rh_lives_find(&p->lives, asked->gauntlet_id, &found);

    if (rc != RH_OK)
        return rc;
    g = found.thing;
    if (g->status.state == GAUNTLET_RUNNING && found.live)
        gauntlets_cancel(p, (struct live *)found.live);
    if (g->status.state != GAUNTLET_CANCELLED) {
        rc = rh_failf(&p->rh, RH_ECONFLICT, "gauntlet \"%.*s\" is %s", RH_STR_ARG(g->spec.id),
                      gauntlet_state_name(g->status.state));
    } else {
        rh_json_reply_begin(&reply);
        gauntlet_reply_summary(&reply.w, g);
        rc = rh_json_reply_send(&reply, &p->rh, req, 200);
    }
    rh_lives_release(&p->lives, &found);
    return rc;
}

static const struct rh_field config_fields[] = {
    RH_PLAYERS_FIELD(struct gauntlet_config),
    RH_DURATION(struct gauntlet_config, poll_interval, "1s", 100, 60000,
                "how often the queue is asked about running gauntlets"),
    RH_INT(struct gauntlet_config, live_max, 64, 1, LIVE_MAX, "gauntlets that run at once"),
    RH_INT(struct gauntlet_config, keep_max, 1000, 1, 100000,
           "gauntlets that are kept; the oldest finished ones go first"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED,
     .name = GAUNTLET_NAMESPACE,
     .schema_read_min = 4, /* older ones are in no release */
     .schema_write = 4},
};

static int32_t run_reconcile(void *self)
{
    rh_work_groups_sweep(&((struct plugin *)self)->work);
    return RH_OK;
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .flags = RH_LEADER,
     .name = "gauntlet_reconcile",
     .doc = "Compares every running gauntlet with the queue and adds games that have no item.",
     .interval_ms = SWEEP_INTERVAL_MS,
     .jitter_ms = SWEEP_INTERVAL_MS / 12,
     .run = run_reconcile},
};

static int32_t reconfigure(void *self, const void *config)
{
    struct plugin *p = self;
    const struct gauntlet_config *wanted = config;
    const int32_t rc = rh_players_configured(&p->rh, &wanted->players);

    if (rc != RH_OK)
        return rc;
    p->config = config;
    rh_work_groups_interval(&p->work, wanted->poll_interval);
    return RH_OK;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    rh_lives_init(&p->lives, &p->rh, &gauntlet_lives_owner, p);
    rh_rated_init(&p->rated, &p->rh, &gauntlet_rated_owner, p);
    rh_work_groups_init(&p->work, &p->rh, &gauntlet_work_owner, p,
                        ((const struct gauntlet_config *)config)->poll_interval);
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
    RH_PLUGIN_HEAD(struct plugin, "gauntlet", "0.1.0"),
    .summary = "Measures a model against baselines by games spread over the cluster.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct gauntlet_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(loops, loop),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("gauntlet", "0.1.0", descriptor)
