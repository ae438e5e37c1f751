/* Reads what the executor or the queue says of one game as an outcome; it trusts neither. */
#include "outcome.h"

#include <ringhost/sdk/str.h>
#include <string.h>

static bool is_of_this_game(const struct gauntlet_spec *spec, uint32_t index,
                            const struct rh_gtp_game *game)
{
    const struct schedule_game plan = schedule_game(spec->seed, spec->baseline_count, index);
    const struct rh_str baseline = spec->baselines[plan.baseline];

    return game->index == (int64_t)index &&
           rh_str_eq(game->black, plan.model_is_black ? spec->model : baseline) &&
           rh_str_eq(game->white, plan.model_is_black ? baseline : spec->model);
}

static uint8_t outcome_of_winner(const struct gauntlet_spec *spec, const struct rh_gtp_game *game)
{
    if (rh_str_eq(game->winner, spec->model))
        return OUTCOME_WIN;
    if (rh_str_eq(game->winner, game->black) || rh_str_eq(game->winner, game->white))
        return OUTCOME_LOSS;
    return rh_str_eq_c(game->winner, "draw") ? OUTCOME_DRAW : OUTCOME_ERROR;
}

static void forget_outcome(struct game_result *out)
{
    out->outcome = OUTCOME_PENDING;
    out->moves = 0;
    out->engine_seed = 0;
    out->duration_ms = 0;
    out->score[0] = '\0';
    out->reason[0] = '\0';
    out->error_kind[0] = '\0';
    out->error_player[0] = '\0';
    out->error[0] = '\0';
}

void outcome_error(struct game_result *out, const char *kind, struct rh_str text)
{
    forget_outcome(out);
    out->outcome = OUTCOME_ERROR;
    game_text_cut(out->error_kind, sizeof(out->error_kind), rh_str_from(kind));
    game_text_cut(out->error, sizeof(out->error), text);
    if (out->error[0] == '\0')
        game_text_cut(out->error, sizeof(out->error), RH_STR_LIT("no reason was given"));
}

void outcome_of_match(const struct gauntlet_spec *spec, uint32_t index,
                      const struct rh_gtp_game *game, struct game_result *out)
{
    if (!game) {
        outcome_error(out, "bad_result", RH_STR_LIT("the result holds no game that can be read"));
        return;
    }
    if (!is_of_this_game(spec, index, game)) {
        outcome_error(out, "bad_result",
                      RH_STR_LIT("the result is of another game or of other players"));
        return;
    }
    if (game->error_kind.n) {
        outcome_error(out, "", game->error_message);
        game_text_cut(out->error_kind, sizeof(out->error_kind), game->error_kind);
        game_text_cut(out->error_player, sizeof(out->error_player), game->error_player);
    } else {
        forget_outcome(out);
        out->outcome = outcome_of_winner(spec, game);
        if (out->outcome == OUTCOME_ERROR) {
            outcome_error(out, "bad_result",
                          RH_STR_LIT("the winner is neither a player nor \"draw\""));
            return;
        }
        game_text_cut(out->score, sizeof(out->score), game->result);
        game_text_cut(out->reason, sizeof(out->reason), game->reason);
    }
    out->moves = game->moves;
    out->engine_seed = game->seed;
    out->duration_ms = game->duration_ms;
}

void outcome_of_item(const struct gauntlet_spec *spec, const struct rh_work_item *item,
                     const struct rh_gtp_game *game, struct game_result *out)
{
    memset(out, 0, sizeof(*out));
    switch (item->end) {
    case RH_WORK_DONE:
        outcome_of_match(spec, item->index, game, out);
        break;
    case RH_WORK_DEAD:
        outcome_error(out, "dead", item->error);
        break;
    case RH_WORK_CANCELLED:
    default:
        outcome_error(out, "cancelled", RH_STR_LIT("the work item was cancelled"));
        break;
    }
    out->attempt = item->attempt <= INT32_MAX ? (uint32_t)item->attempt : 0;
    game_text_cut(out->work_id, sizeof(out->work_id), item->work_id);
    game_text_cut(out->node_id, sizeof(out->node_id), item->node_id);
}
