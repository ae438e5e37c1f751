/* Games in the results of evaluation work: taken from the event that tells of it, on every node
 * that hears it. Ids, times and boards come from the event, so that all nodes make the same facts
 * of it.
 */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "outcome.h"
#include "wire.h"

/* Games of one work item. */
#define GAMES_MAX 1000u

/* A game as ringhost-gtp-match reports it. */
struct gtp_game {
    int64_t index;
    struct rh_str black;
    struct rh_str white;
    struct rh_str winner;
};
static const struct rh_field gtp_fields[] = {
    RH_INT(struct gtp_game, index, 0, 0, 1000000, "number of the game"),
    RH_STR(struct gtp_game, black, 0, "first player"),
    RH_STR(struct gtp_game, white, 0, "second player"),
    RH_STR(struct gtp_game, winner, 0, "a player or draw; none: the game was not finished"),
};

static const struct rh_field result_fields[] = {
    RH_STR(struct result_req, game_id, 0, "default: the work item and the place in the list"),
    RH_STR(struct result_req, board_type, 0, "default: that of the work item"),
    RH_STR_LIST(struct result_req, players, 0, "as in /elo/sync"),
    RH_RAW(struct result_req, outcome, 0, "as in /elo/sync"),
    RH_INT(struct result_req, played_at, 0, 0, RH_JSON_INT_MAX, "default: when the item was done"),
};

struct evaluation_result {
    struct rh_list games;
    struct rh_list results;
    struct rh_str board_type;
};
static const struct rh_field evaluation_result_fields[] = {
    RH_OBJECT_LIST(struct evaluation_result, games, 0, GAMES_MAX, struct gtp_game, gtp_fields,
                   "games of two"),
    RH_OBJECT_LIST(struct evaluation_result, results, 0, GAMES_MAX, struct result_req,
                   result_fields, "games as in /elo/sync"),
    RH_STR(struct evaluation_result, board_type, 0, "default: from config_key"),
};
static const struct rh_fields result_table =
    RH_FIELDS(struct evaluation_result, evaluation_result_fields);

struct evaluation {
    struct rh_str work_id;
    struct rh_str config_key;
    struct rh_str result;
};
static const struct rh_field evaluation_fields[] = {
    RH_STR(struct evaluation, work_id, 0, "the work item"),
    RH_STR(struct evaluation, config_key, 0, "board and number of players"),
    RH_RAW_OBJECT(struct evaluation, result, 0, "what the worker reported"),
};
static const struct rh_fields evaluation_table = RH_FIELDS(struct evaluation, evaluation_fields);

/* "hex8" of "hex8_2p"; all of it when it does not end so. */
static struct rh_str board_of(struct rh_str config_key)
{
    size_t n = config_key.n;

    if (n >= 4 && config_key.p[n - 1] == 'p' && config_key.p[n - 2] >= '0' &&
        config_key.p[n - 2] <= '9' && config_key.p[n - 3] == '_')
        n -= 3;
    return (struct rh_str){config_key.p, n};
}

/* What all games of one event have in common. */
struct source {
    struct rh_str work_id;
    struct rh_str board_type;
    int64_t at_ms;
    uint32_t taken;
};

static int32_t take(struct elo_sync *p, struct source *source, struct fact *fact)
{
    struct fact_record record = {.id = fact->id, .has_fact = true, .fact = *fact};
    uint32_t changes = 0;
    int32_t rc = RH_OK;

    if (fact_check(fact) == FACT_OK)
        rc = elo_take(p, &record, true, &changes);
    source->taken += (changes & FACTS_GAME) != 0;
    return rc == RH_EFULL ? RH_OK : rc;
}

static int32_t take_gtp(struct elo_sync *p, struct source *source, const struct gtp_game *game)
{
    char id[FACT_ID_MAX + 1];
    const int n =
        snprintf(id, sizeof(id), "%.*s/%lld", RH_STR_ARG(source->work_id), (long long)game->index);
    struct fact fact = {.id = {id, (size_t)n},
                        .board_type = source->board_type,
                        .players = {game->black, game->white},
                        .player_count = 2,
                        .played_at_ms = source->at_ms};

    if (n < 0 || (size_t)n >= sizeof(id) || outcome_of_word(&fact, game->winner) != FACT_OK)
        return RH_OK; /* a game without a winner was not finished */
    return take(p, source, &fact);
}

static int32_t take_result(struct elo_sync *p, struct source *source, uint32_t place,
                           const struct result_req *result)
{
    char id[FACT_ID_MAX + 1];
    const int n =
        snprintf(id, sizeof(id), "%.*s/r%u", RH_STR_ARG(source->work_id), (unsigned)place);
    struct result_req req = *result;
    struct fact fact;

    if (!req.game_id.n)
        req.game_id = (struct rh_str){id, n > 0 && (size_t)n < sizeof(id) ? (size_t)n : 0};
    if (!req.board_type.n)
        req.board_type = source->board_type;
    if (!req.played_at || clock_is_ahead(req.played_at, source->at_ms))
        req.played_at = source->at_ms;
    return elo_read_result(p, &req, &fact) == FACT_OK ? take(p, source, &fact) : RH_OK;
}

static int32_t take_all(struct elo_sync *p, struct source *source,
                        const struct evaluation_result *result)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < result->games.count && rc == RH_OK; i++)
        rc = take_gtp(
            p, source,
            (const void *)((const char *)result->games.items + (size_t)i * result->games.stride));
    for (uint32_t i = 0; i < result->results.count && rc == RH_OK; i++)
        rc = take_result(p, source, i,
                         (const void *)((const char *)result->results.items +
                                        (size_t)i * result->results.stride));
    return rc == RH_OK ? elo_commit(p) : rc;
}

void elo_on_evaluation(void *self, const struct rh_event *event)
{
    struct elo_sync *p = self;
    struct evaluation evaluation;
    struct evaluation_result result;
    struct source source = {.at_ms = event->at_ms};
    void *memory = NULL;
    void *games = NULL;
    int32_t rc = p->rh.fields->decode(p->rh.ctx, &evaluation_table, event->payload, &evaluation,
                                      &memory, NULL, 0);

    if (rc == RH_OK && evaluation.work_id.n)
        rc = p->rh.fields->decode(p->rh.ctx, &result_table, evaluation.result, &result, &games,
                                  NULL, 0);
    if (rc == RH_OK && evaluation.work_id.n) {
        source.work_id = evaluation.work_id;
        source.board_type =
            result.board_type.n ? result.board_type : board_of(evaluation.config_key);
        rc = take_all(p, &source, &result);
        elo_announce(p);
    }
    if (source.taken)
        rh_log_info(&p->rh, "evaluation_rated", "work=%.*s games=%u", RH_STR_ARG(source.work_id),
                    (unsigned)source.taken);
    p->rh.fields->release(p->rh.ctx, games);
    p->rh.fields->release(p->rh.ctx, memory); /* results of another shape hold no games */
}
