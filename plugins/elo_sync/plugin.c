/* The elo_sync plugin: ratings from a set of games that all nodes share. Tables and handlers. */
#include "wire.h"

/* A comparison with many nodes may take a while. */
#define REPAIR_ROUTE_MS 600000

#define LIMIT_MAX       1000

/* After a start, so that peers are known. */
#define START_DELAY_MS 1000

struct game_req {
    struct rh_str game_id;
};

static int32_t handle_sync(void *self, rh_req req, const void *fields);
static int32_t handle_retract(void *self, rh_req req, const void *fields);
static int32_t handle_merge(void *self, rh_req req, const void *fields);
static int32_t handle_repair(void *self, rh_req req, const void *fields);
static int32_t handle_rankings(void *self, rh_req req, const void *fields);
static int32_t handle_history(void *self, rh_req req, const void *fields);
static int32_t handle_head_to_head(void *self, rh_req req, const void *fields);
static int32_t handle_game(void *self, rh_req req, const void *fields);
static int32_t handle_status(void *self, rh_req req, const void *fields);

static const struct rh_field result_fields[] = {
    RH_TEXT(struct result_req, game_id, RH_REQUIRED, FACT_ID_MAX,
            "names the game everywhere; the same id again is the same game"),
    RH_TEXT(struct result_req, board_type, RH_REQUIRED, FACT_BOARD_MAX,
            "each has ratings of its own"),
    RH_STR_LIST(struct result_req, players, RH_REQUIRED, "2 to 8 different names"),
    RH_RAW(struct result_req, outcome, RH_REQUIRED,
           "who won, \"draw\", points of the first of two (1, 0.5, 0), or all players from the "
           "first to the last, \"=name\" level with the one before"),
    RH_INT_REQUIRED(struct result_req, played_at, 1, RH_JSON_INT_MAX,
                    "when it ended, Unix ms; at most 5 minutes ahead of this node's clock"),
};

static const struct rh_field retract_fields[] = {
    RH_TEXT(struct retract_req, game_id, RH_REQUIRED, FACT_ID_MAX, "the game"),
    RH_TEXT(struct retract_req, reason, 0, FACTS_REASON_MAX, "why, for people"),
};

static const struct rh_field sync_fields[] = {
    RH_OBJECT_LIST(struct sync_req, results, 0, ELO_RESULTS_MAX, struct result_req, result_fields,
                   "games that were played; one or more, unless there are retractions"),
    RH_OBJECT_LIST(struct sync_req, retractions, 0, ELO_RESULTS_MAX, struct retract_req,
                   retract_fields,
                   "games to take back, also such as are not known yet; for operators, as "
                   "/elo/retract"),
};

static const struct rh_field digest_fields[] = {
    RH_TEXT(struct merge_digest, root, 0, 16, "of the asking set; answered by all sums"),
    RH_INT(struct merge_digest, first, -1, -1, FACTS_BUCKETS - 1, "first bucket of a range"),
    RH_INT(struct merge_digest, last, -1, -1, FACTS_BUCKETS - 1, "last bucket of it"),
    RH_FIELD_ROW_(struct merge_digest, games, RH_FIELD_MAP, .max = ELO_RANGE_MAX,
                  .doc = "all ids of the range, each with the hash of what is known of it"),
};

static const struct rh_field merge_fields[] = {
    RH_STR(struct merge_req, from, 0, "the asking node"),
    RH_UINT64(struct merge_req, clock, 0, "its hybrid clock"),
    RH_OBJECT(struct merge_req, digest, 0, struct merge_digest, digest_fields,
              "what is to be compared"),
    ELO_RESULTS_FIELD(struct merge_req),
};

static const struct rh_field rankings_fields[] = {
    RH_TEXT(struct rankings_req, board_type, 0, FACT_BOARD_MAX,
            "which board; may be left out when there is one"),
    RH_CHOICE(struct rankings_req, system, 0, "elo", "elo bradley_terry glicko2",
              "how strength is estimated"),
    RH_TEXT(struct rankings_req, anchor, 0, FACT_PLAYER_MAX,
            "bradley_terry: the player whose rating is the start rating; default the mean of all"),
    RH_INT(struct rankings_req, limit, 100, 1, LIMIT_MAX, "how many at most"),
    RH_INT(struct rankings_req, min_games, 1, 0, 1000000, "leave out who has fewer games"),
};

static const struct rh_field history_fields[] = {
    RH_TEXT(struct history_req, player, RH_REQUIRED, FACT_PLAYER_MAX, "whose games"),
    RH_TEXT(struct history_req, board_type, 0, FACT_BOARD_MAX, "as in /elo/rankings"),
    RH_INT(struct history_req, limit, 50, 1, LIMIT_MAX, "games at most, the newest first"),
    RH_INT(struct history_req, before, 0, 0, FACTS_MAX, "`next` of the page before"),
};

static const struct rh_field pair_fields[] = {
    RH_TEXT(struct pair_req, a, RH_REQUIRED, FACT_PLAYER_MAX, "from whose view"),
    RH_TEXT(struct pair_req, b, RH_REQUIRED, FACT_PLAYER_MAX, "the opponent"),
    RH_TEXT(struct pair_req, board_type, 0, FACT_BOARD_MAX, "as in /elo/rankings"),
};

static const struct rh_field game_fields[] = {
    RH_TEXT(struct game_req, game_id, RH_REQUIRED, FACT_ID_MAX, "the game"),
};

static const struct rh_route routes[] = {
    RH_ROUTE_WITH("POST", "/elo/sync", RH_WORKER, RH_IDEMPOTENT,
                  RH_FIELDS(struct sync_req, sync_fields), handle_sync,
                  "Add games to the set that ratings come from.", .body_max = ELO_BODY_MAX),
    RH_ROUTE("POST", "/elo/retract", RH_OPERATOR, RH_IDEMPOTENT,
             RH_FIELDS(struct retract_req, retract_fields), handle_retract,
             "Take a game back: it counts no more, for good."),
    RH_ROUTE_WITH("POST", "/elo/merge", RH_PEER, RH_IDEMPOTENT,
                  RH_FIELDS(struct merge_req, merge_fields), handle_merge,
                  "Compare and unite two nodes' sets of games.", .body_max = ELO_BODY_MAX),
    RH_ROUTE_WITH("POST", "/elo/repair", RH_OPERATOR, RH_IDEMPOTENT, RH_NO_FIELDS, handle_repair,
                  "Compare this node's set with that of each peer now.",
                  .timeout_ms = REPAIR_ROUTE_MS),
    RH_ROUTE("GET", "/elo/rankings", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct rankings_req, rankings_fields), handle_rankings,
             "Players of a board, the best first."),
    RH_ROUTE("GET", "/elo/history", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct history_req, history_fields), handle_history,
             "A player's games with the rating before and after each."),
    RH_ROUTE("GET", "/elo/head-to-head", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct pair_req, pair_fields), handle_head_to_head,
             "What came of all games of two players with each other."),
    RH_ROUTE("GET", "/elo/game", RH_READ, RH_IDEMPOTENT, RH_FIELDS(struct game_req, game_fields),
             handle_game, "One game as the set has it."),
    RH_ROUTE("GET", "/elo/status", RH_READ, RH_IDEMPOTENT, RH_NO_FIELDS, handle_status,
             "Size and digest of this node's set: equal digests are equal sets."),
};

static int32_t handle_sync(void *self, rh_req req, const void *fields)
{
    return elo_sync_results(self, req, fields);
}

static int32_t handle_retract(void *self, rh_req req, const void *fields)
{
    return elo_retract(self, req, fields);
}

static int32_t handle_merge(void *self, rh_req req, const void *fields)
{
    return elo_merge(self, req, fields);
}

static int32_t handle_repair(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return elo_repair_now(self, req);
}

static int32_t handle_rankings(void *self, rh_req req, const void *fields)
{
    return elo_rankings(self, req, fields);
}

static int32_t handle_history(void *self, rh_req req, const void *fields)
{
    return elo_history(self, req, fields);
}

static int32_t handle_head_to_head(void *self, rh_req req, const void *fields)
{
    return elo_head_to_head(self, req, fields);
}

static int32_t handle_game(void *self, rh_req req, const void *fields)
{
    return elo_game(self, req, ((const struct game_req *)fields)->game_id);
}

static int32_t handle_status(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return elo_status(self, req);
}

static const struct rh_field config_fields[] = {
    RH_NUMBER(struct elo_config, k_factor, 32, 0.1, 1000.0,
              "the most that one game moves an Elo rating; the same on all nodes"),
    RH_NUMBER(struct elo_config, start, 1500, -100000.0, 100000.0,
              "rating of a player without games; the same on all nodes"),
    RH_NUMBER(struct elo_config, bradley_prior, -1, -1.0, 100.0,
              "drawn games against a player in the middle that each player is given; -1 = none "
              "where strengths are finite without, else 1"),
    RH_NUMBER(struct elo_config, glicko_tau, 0.5, 0.1, 2.0,
              "how much a volatility may change in a period"),
    RH_NUMBER(struct elo_config, glicko_deviation, 350, 1.0, 1000.0,
              "rating deviation of a player without games"),
    RH_NUMBER(struct elo_config, glicko_volatility, 0.06, 0.0001, 1.0,
              "volatility of a player without games"),
    RH_DURATION(struct elo_config, glicko_period, "24h", 1000, INT64_C(31536000000),
                "length of a rating period"),
    RH_INT(struct elo_config, facts_max, 1000000, 1, FACTS_MAX,
           "games in the set, those taken back included"),
    RH_DURATION(struct elo_config, push_delay, "200ms", 0, 60000,
                "how long news is gathered before other nodes are told"),
};

/* Marks of what was announced belong to the cluster, the games to each node. */
static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .name = ELO_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED | RH_NS_BESIDE,
     .name = ELO_ANNOUNCED,
     .schema_read_min = 1,
     .schema_write = 1},
};

static const struct rh_event_def events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def),
     .type = "EVALUATION_COMPLETED",
     .doc = "Games in the results of evaluation work are rated.",
     .on_event = elo_on_evaluation},
};

static void on_change(void *self, uint32_t changed)
{
    struct elo_sync *p = self;

    if (!p->is_loaded)
        return; /* elo_begin looks at both */
    if (changed & RH_CHANGE_LEADER)
        elo_on_leader(p);
    if (changed & RH_CHANGE_PEERS)
        elo_on_peers(p);
}

void elo_begin(struct elo_sync *p)
{
    p->is_loaded = true;
    elo_on_leader(p);
    elo_repair_soon(p, START_DELAY_MS);
}

static int32_t reconfigure(void *self, const void *config)
{
    struct elo_sync *p = self;

    p->config = config;
    return RH_OK;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct elo_sync *p = self;

    rh_services_init(&p->rh, ctx, host);
    return reconfigure(p, config);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct elo_sync *p = self;
    const int32_t rc =
        p->rh.cluster->watch(p->rh.ctx, RH_CHANGE_LEADER | RH_CHANGE_PEERS, on_change);

    (void)epoch;
    return rc == RH_OK ? elo_load(p) : rc;
}

static void deactivate(void *self)
{
    elo_drop(self);
}

static const char *const services[] = {RH_CORE_ID,  RH_FIELDS_ID,  RH_HTTP_ID,
                                       RH_STATE_ID, RH_CLUSTER_ID, RH_WORK_ID};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct elo_sync, "elo_sync", "0.1.0"),
    .summary = "Ratings from a set of games that all nodes share.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct elo_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(events, event),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("elo_sync", "0.1.0", descriptor)
