/* Typed emission of the catalogue's events: one call a fact. Cluster events join a batch, local
 * ones are published at once. Optional text arguments may be empty, optional JSON arguments too.
 * [loop] */
#ifndef RH_SDK_EMIT_H
#define RH_SDK_EMIT_H

#include <ringhost/sdk/batch.h>

/* work_type selfplay -> SELFPLAY_COMPLETE (with games_generated when the result has the integer
 * "games_generated" or "games"), training -> TRAINING_COMPLETED, evaluation and gauntlet ->
 * EVALUATION_COMPLETED, else WORK_COMPLETED. With a group (the item belongs to a gauntlet or
 * tournament, which emits once for the whole) evaluation and gauntlet emit nothing. */
struct rh_work_completed {
    struct rh_str work_id, work_type, config_key, result, node_id, group;
    int64_t games_generated; /* -1 = not known */
};
void rh_emit_work_completed(struct rh_batch_builder *batch, const struct rh_work_completed *e);

/* training -> TRAINING_FAILED, else WORK_FAILED. error must not be empty. */
struct rh_work_failed {
    struct rh_str work_id, work_type, config_key, error, node_id;
};
void rh_emit_work_failed(struct rh_batch_builder *batch, const struct rh_work_failed *e);

/* EVALUATION_COMPLETED for a whole gauntlet. win_rate in 0..1. */
struct rh_gauntlet_completed {
    struct rh_str gauntlet_id, model, config_key, verdict, node_id;
    const struct rh_str *baselines;
    uint32_t baseline_count;
    int64_t wins, losses, draws, total_games;
    double win_rate;
};
void rh_emit_gauntlet_completed(struct rh_batch_builder *batch,
                                const struct rh_gauntlet_completed *e);

struct rh_tournament_completed {
    struct rh_str tournament_id, winner, format;
    int64_t matches;
};
void rh_emit_tournament_completed(struct rh_batch_builder *batch,
                                  const struct rh_tournament_completed *e);

struct rh_elo_updated {
    struct rh_str player, board_type, config_key;
    double old_elo, new_elo;
    int64_t games_played;
};
void rh_emit_elo_updated(struct rh_batch_builder *batch, const struct rh_elo_updated *e);

/* NODE_IDLE, local. source: who noticed ("probe"). */
int32_t rh_emit_node_idle(const struct rh_services *rh, struct rh_str node_id, int64_t since_at,
                          const char *source);

#endif
