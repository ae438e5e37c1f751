/* Writes a game as a work item, with the match that the executor is to play. */
#include "wire.h"

static void write_player(struct rh_json_writer *w, struct rh_str name, struct rh_str argv_json)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "name", name);
    rh_json_kv_raw(w, "argv", argv_json);
    rh_json_end_object(w);
}

/* The document that ringhost-gtp-match reads; it refuses keys that it does not know. */
static void write_match(struct rh_json_writer *w, const struct gauntlet_spec *spec,
                        const struct schedule_game *game)
{
    rh_json_begin_object(w);
    rh_json_kv_int(w, "games", 1);
    rh_json_kv_int(w, "first_index", game->index);
    rh_json_kv_int(w, "board_size", spec->board_size);
    rh_json_kv_double(w, "komi", (double)spec->komi_halves / 2.0);
    rh_json_kv_u64(w, "seed", game->seed);
    rh_json_kv_int(w, "move_time_ms", spec->move_time_ms);
    rh_json_kv_int(w, "game_time_ms", spec->game_time_ms);
    rh_json_kv_int(w, "command_time_ms", spec->command_time_ms);
    if (spec->max_moves)
        rh_json_kv_int(w, "max_moves", spec->max_moves);
    rh_json_kv_str(w, "ko_rule", spec->ko_rule);
    rh_json_key(w, "players");
    rh_json_begin_array(w);
    write_player(w, spec->model, spec->argv_json[0]);
    write_player(w, spec->baselines[game->baseline], spec->argv_json[game->baseline + 1]);
    rh_json_end_array(w);
    rh_json_end_object(w);
}

void gauntlet_write_item(const struct gauntlet_spec *spec, uint32_t index, struct rh_json_writer *w)
{
    const struct schedule_game game = schedule_game(spec->seed, spec->baseline_count, index);

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
    rh_json_key(w, "payload");
    write_match(w, spec, &game);
}
