/* The payloads of the catalogue's event types as field tables; nothing is emitted here. */
#include <ringhost/events.h>

#include <ringhost/sdk/str.h>

#define COUNT_MAX       INT64_C(9007199254740991)
#define ERROR_BYTES_MAX 65536

struct work_completed {
    struct rh_str work_id, work_type, config_key, result, node_id;
    int64_t games_generated;
};
static const struct rh_field work_completed_fields[] = {
    RH_STR(struct work_completed, work_id, RH_REQUIRED, "the work item"),
    RH_STR(struct work_completed, work_type, RH_REQUIRED, "its type: selfplay, training, ..."),
    RH_STR(struct work_completed, config_key, 0, "board type and players, such as hex8_2p"),
    RH_RAW_OBJECT(struct work_completed, result, 0, "what the worker reported"),
    RH_STR(struct work_completed, node_id, RH_REQUIRED, "the node that did it"),
    RH_INT(struct work_completed, games_generated, -1, -1, COUNT_MAX,
           "games played; -1 or left out when the result does not say"),
};

struct work_failed {
    struct rh_str work_id, work_type, config_key, error, node_id;
};
static const struct rh_field work_failed_fields[] = {
    RH_STR(struct work_failed, work_id, RH_REQUIRED, "the work item"),
    RH_STR(struct work_failed, work_type, RH_REQUIRED, "its type"),
    RH_STR(struct work_failed, config_key, 0, "board type and players"),
    RH_FIELD_ROW_(struct work_failed, error, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = ERROR_BYTES_MAX, .doc = "why the last attempt failed"),
    RH_STR(struct work_failed, node_id, RH_REQUIRED, "the node of the last attempt"),
};

/* One type for two facts: a single work item (work_id is given) or a whole gauntlet (gauntlet_id
 * is). */
struct evaluation {
    struct rh_str work_id, work_type, gauntlet_id, model, config_key, verdict, result, node_id;
    struct rh_str_list baselines;
    int64_t wins, losses, draws, total_games;
    double win_rate;
};
static const struct rh_field evaluation_fields[] = {
    RH_STR(struct evaluation, work_id, 0, "the work item, for a single one"),
    RH_STR(struct evaluation, work_type, 0, "its type: evaluation or gauntlet"),
    RH_STR(struct evaluation, gauntlet_id, 0, "the gauntlet, for a whole one"),
    RH_STR(struct evaluation, model, 0, "the model that was measured"),
    RH_STR_LIST(struct evaluation, baselines, 0, "its opponents"),
    RH_STR(struct evaluation, config_key, 0, "board type and players"),
    RH_INT(struct evaluation, wins, 0, 0, COUNT_MAX, "games won by the model"),
    RH_INT(struct evaluation, losses, 0, 0, COUNT_MAX, "games lost"),
    RH_INT(struct evaluation, draws, 0, 0, COUNT_MAX, "games drawn"),
    RH_INT(struct evaluation, total_games, 0, 0, COUNT_MAX, "games that count"),
    RH_NUMBER(struct evaluation, win_rate, 0, 0.0, 1.0, "score of the model in 0..1"),
    RH_STR(struct evaluation, verdict, 0, "what the gauntlet concluded"),
    RH_RAW_OBJECT(struct evaluation, result, 0, "what the worker reported, for a single item"),
    RH_STR(struct evaluation, node_id, 0, "the node that did it"),
};

struct tournament_completed {
    struct rh_str tournament_id, winner, format;
    int64_t matches;
};
static const struct rh_field tournament_completed_fields[] = {
    RH_STR(struct tournament_completed, tournament_id, RH_REQUIRED, "the tournament"),
    RH_STR(struct tournament_completed, winner, 0, "the player in the first place"),
    RH_STR(struct tournament_completed, format, 0,
           "single_elimination, double_elimination or round_robin"),
    RH_INT(struct tournament_completed, matches, 0, 0, COUNT_MAX, "matches played"),
};

struct elo_updated {
    struct rh_str player, board_type, config_key;
    double old_elo, new_elo;
    int64_t games_played;
};
static const struct rh_field elo_updated_fields[] = {
    RH_STR(struct elo_updated, player, RH_REQUIRED, "whose rating"),
    RH_STR(struct elo_updated, board_type, RH_REQUIRED, "in which table"),
    RH_STR(struct elo_updated, config_key, 0, "board type and players"),
    RH_NUMBER(struct elo_updated, old_elo, 0, 0.0, 0.0, "as announced before"),
    RH_NUMBER(struct elo_updated, new_elo, 0, 0.0, 0.0, "now"),
    RH_INT(struct elo_updated, games_played, 0, 0, COUNT_MAX, "games behind the new rating"),
};

struct node_online {
    struct rh_str node_id, host_type, capabilities;
};
static const struct rh_field node_online_fields[] = {
    RH_STR(struct node_online, node_id, RH_REQUIRED, "the node"),
    RH_STR(struct node_online, host_type, 0, "its role"),
    RH_RAW_OBJECT(struct node_online, capabilities, 0,
                  "has_gpu, gpu_name and what else it advertises"),
};

struct node_offline {
    struct rh_str node_id, reason;
};
static const struct rh_field node_offline_fields[] = {
    RH_STR(struct node_offline, node_id, RH_REQUIRED, "the node"),
    RH_STR(struct node_offline, reason, 0, "why it is taken for dead, or that it left"),
};

struct leader_changed {
    struct rh_str new_leader_id, old_leader_id;
    int64_t term;
};
static const struct rh_field leader_changed_fields[] = {
    RH_STR(struct leader_changed, new_leader_id, 0, "who leads now; null when nobody does"),
    RH_STR(struct leader_changed, old_leader_id, 0, "who led before; null when nobody did"),
    RH_INT_REQUIRED(struct leader_changed, term, 0, COUNT_MAX, "the epoch"),
};

struct node_idle {
    struct rh_str node_id, source;
    int64_t since_at;
};
static const struct rh_field node_idle_fields[] = {
    RH_STR(struct node_idle, node_id, RH_REQUIRED, "the node"),
    RH_INT_REQUIRED(struct node_idle, since_at, 0, COUNT_MAX, "idle since, Unix milliseconds"),
    RH_STR(struct node_idle, source, 0, "who noticed"),
};

struct slow_callback {
    struct rh_str plugin, callback, route;
    int64_t duration_ms;
};
static const struct rh_field slow_callback_fields[] = {
    RH_STR(struct slow_callback, plugin, RH_REQUIRED, "whose callback"),
    RH_STR(struct slow_callback, callback, RH_REQUIRED, "which one"),
    RH_STR(struct slow_callback, route, 0, "the route it served"),
    RH_INT_REQUIRED(struct slow_callback, duration_ms, 0, COUNT_MAX, "how long it held the loop"),
};

struct plugin_state {
    struct rh_str plugin, state, reason;
};
static const struct rh_field plugin_state_fields[] = {
    RH_STR(struct plugin_state, plugin, RH_REQUIRED, "which plugin"),
    RH_STR(struct plugin_state, state, RH_REQUIRED, "the state it is in now"),
    RH_TEXT(struct plugin_state, reason, 0, 4096, "why"),
};

#define ROW(name, event_kind, fields_name, text)    \
    {.size = (uint32_t)sizeof(struct rh_event_def), \
     .kind = RH_EVENT_##event_kind,                 \
     .type = #name,                                 \
     .doc = (text),                                 \
     .payload = RH_FIELDS(struct fields_name, fields_name##_fields)},
static const struct rh_event_def catalogue[] = {RH_EVENT_CATALOGUE(ROW)};
#undef ROW

#define CATALOGUE_COUNT ((uint32_t)(sizeof(catalogue) / sizeof(catalogue[0])))

const struct rh_event_def *rh_event_catalogue(uint32_t *count)
{
    *count = CATALOGUE_COUNT;
    return catalogue;
}

const struct rh_event_def *rh_event_find(struct rh_str type)
{
    for (uint32_t i = 0; i < CATALOGUE_COUNT; i++) {
        if (rh_str_eq_c(type, catalogue[i].type))
            return &catalogue[i];
    }
    return NULL;
}
