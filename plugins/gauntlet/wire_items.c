/* Writes a game as a work item, with the match that the executor is to play. */
#include <ringhost/sdk/gtp_match.h>

#include "wire.h"

static void write_match(struct rh_json_writer *w, const struct gauntlet_spec *spec,
                        const struct schedule_game *game, const struct rh_gtp_player players[2])
{
    const struct rh_gtp_rules rules = {
        .ko_rule = spec->ko_rule,
        .board_size = spec->board_size,
        .komi_halves = spec->komi_halves,
        .move_time_ms = spec->move_time_ms,
        .game_time_ms = spec->game_time_ms,
        .command_time_ms = spec->command_time_ms,
        .max_moves = spec->max_moves,
    };

    rh_gtp_match_write(w, &rules, game->index, game->seed, players);
}

void gauntlet_write_item(const struct gauntlet_spec *spec, uint32_t index, struct rh_json_writer *w)
{
    const struct schedule_game game = schedule_game(spec->seed, spec->baseline_count, index);
    const uint32_t other = game.baseline + 1;
    const struct rh_gtp_player players[2] = {
        {spec->model, spec->argv_json[0], spec->inputs[0]},
        {spec->baselines[game.baseline], spec->argv_json[other], spec->inputs[other]},
    };

    rh_json_kv_strc(w, "work_type", GAUNTLET_WORK_TYPE);
    rh_json_kv_str(w, "config_key", spec->config_key);
    rh_json_kv_str(w, "board_type", spec->board_type);
    rh_json_kv_int(w, "num_players", 2);
    rh_json_kv_int(w, "priority", spec->priority);
    rh_json_kv_raw(w, "requires", spec->requires_json);
    rh_json_kv_bool(w, "needs_gpu", spec->needs_gpu);
    rh_json_kv_int(w, "min_vram_mb", spec->min_vram_mb);
    if (spec->timeout_s)
        rh_json_kv_int(w, "timeout_s", spec->timeout_s);
    if (spec->max_runtime_s)
        rh_json_kv_int(w, "max_runtime_s", spec->max_runtime_s);
    rh_json_kv_int(w, "max_attempts", spec->max_attempts);
    rh_gtp_inputs_write(w, players);
    rh_json_key(w, "payload");
    write_match(w, spec, &game, players);
}
