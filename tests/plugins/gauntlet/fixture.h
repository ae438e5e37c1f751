/* What the gauntlet's tests share: a spec, a gauntlet made of it, and results of its games. */
#ifndef RH_TESTS_PLUGINS_GAUNTLET_FIXTURE_H
#define RH_TESTS_PLUGINS_GAUNTLET_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

#include "plugins/gauntlet/gauntlet.h"
#include "plugins/gauntlet/outcome.h"

/* "m" against "a" (and "b"), `games` games each. */
static inline struct gauntlet_spec fixture_spec(uint32_t baselines, uint32_t games)
{
    return (struct gauntlet_spec){
        .id = RH_STR_LIT("g1"),
        .model = RH_STR_LIT("m"),
        .type = RH_STR_LIT("quick"),
        .board_type = RH_STR_LIT("go9"),
        .config_key = RH_STR_LIT("go9_2p"),
        .ko_rule = RH_STR_LIT("simple"),
        .idempotency_key = RH_STR_LIT("once"),
        .requires_json = RH_STR_LIT("[\"gnugo\"]"),
        .baselines = {RH_STR_LIT("a"), RH_STR_LIT("b")},
        .argv_json = {RH_STR_LIT("[\"m\"]"), RH_STR_LIT("[\"a\",\"--x\"]"), RH_STR_LIT("[\"b\"]")},
        .inputs = {RH_STR_LIT("engine=1:0555 net=2"), RH_STR_LIT(""), RH_STR_LIT("engine=3")},
        .baseline_count = baselines,
        .games_per_baseline = games,
        .seed = UINT64_MAX - 5,
        .board_size = 9,
        .komi_halves = -15,
        .move_time_ms = 1,
        .game_time_ms = 2,
        .command_time_ms = 3,
        .max_moves = 4,
        .max_attempts = 5,
        .priority = 6,
        .timeout_s = 7,
        .max_runtime_s = 8,
        .min_vram_mb = 9,
        .created_at_ms = 10,
        .needs_gpu = true,
    };
}

/* A running gauntlet of that spec; to be freed. */
static inline struct gauntlet *fixture_gauntlet(uint32_t baselines, uint32_t games)
{
    const struct gauntlet_spec spec = fixture_spec(baselines, games);
    struct gauntlet *g = NULL;
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_spec_encode(&spec, &buf);
    assert_int_equal(gauntlet_new(rh_buf_str(&buf), &g), RH_OK);
    rh_buf_release(&buf);
    return g;
}

static inline struct game_result fixture_result(uint8_t outcome, const char *node_id)
{
    struct game_result result = {.outcome = outcome};

    game_text_cut(result.node_id, sizeof(result.node_id), rh_str_from(node_id));
    return result;
}

/* What the executor reports of game `index`, with this winner. */
static inline struct rh_gtp_game fixture_game(const struct gauntlet_spec *spec, uint32_t index,
                                              const char *winner)
{
    const struct schedule_game plan = schedule_game(spec->seed, spec->baseline_count, index);
    const struct rh_str baseline = spec->baselines[plan.baseline];

    return (struct rh_gtp_game){
        .index = index,
        .black = plan.model_is_black ? spec->model : baseline,
        .white = plan.model_is_black ? baseline : spec->model,
        .winner = rh_str_from(winner),
        .result = RH_STR_LIT("B+3.5"),
        .reason = RH_STR_LIT("score"),
        .moves = 55,
        .seed = 1880445815,
        .duration_ms = 812,
    };
}

#endif
