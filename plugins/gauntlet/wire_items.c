/* Writes games as work items for POST /work/add, with the match that the executor is to play; it
 * sends nothing. */
#include <ringhost/sdk/gtp_match.h>

#include "wire.h"

/* Games of one call: the queue takes them in one batch, which has to stay far below its 256 KiB. */
#define ITEMS_PER_ADD_MAX   25u
#define ITEMS_PER_ADD_BYTES (128u * 1024u)

static void write_match(struct rh_json_writer *w, const struct gauntlet_spec *spec,
                        const struct schedule_game *game)
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
    const struct rh_gtp_player players[2] = {
        {spec->model, spec->argv_json[0]},
        {spec->baselines[game->baseline], spec->argv_json[game->baseline + 1]},
    };

    rh_gtp_match_write(w, &rules, game->index, game->seed, players);
}

static void write_item(struct rh_json_writer *w, const struct gauntlet_spec *spec, uint32_t index)
{
    const struct schedule_game game = schedule_game(spec->seed, spec->baseline_count, index);
    char key[SCHEDULE_KEY_SIZE];

    /* Ids are made here and short, so that the key fits; an empty one would be refused by the
     * queue. */
    (void)schedule_key(key, spec->id, index);
    rh_json_begin_object(w);
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
    rh_json_kv_str(w, "group", spec->id);
    rh_json_kv_strc(w, "idempotency_key", key);
    rh_json_key(w, "payload");
    write_match(w, spec, &game);
    rh_json_end_object(w);
}

bool gauntlet_items_body(const struct gauntlet *g, uint32_t *from, struct rh_buf *buf)
{
    struct rh_json_writer w;
    uint32_t index = *from;
    uint32_t count = 0;

    if (!reconcile_missing(g, &index))
        return false;
    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_key(&w, "items");
    rh_json_begin_array(&w);
    do {
        write_item(&w, &g->spec, index);
        index++;
        count++;
    } while (count < ITEMS_PER_ADD_MAX && buf->n < ITEMS_PER_ADD_BYTES &&
             reconcile_missing(g, &index));
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* the error stays in buf; doubles here are finite */
    *from = index;
    return true;
}
