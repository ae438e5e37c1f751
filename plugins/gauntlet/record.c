/* What is known of a gauntlet and of each game, and both as stored records; not how they are found
 * or kept. */
#include "record.h"

#include <assert.h>
#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>
#include <string.h>

#include "verdict.h"

/* First byte of each record. */
#define SPEC_VERSION   4u /* of which 3 has no inputs of players */
#define STATUS_VERSION 4u
#define GAME_VERSION   3u

static void put_double(struct rh_buf *buf, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    rh_record_put_u64(buf, bits);
}

static double get_double(struct rh_record_reader *r)
{
    const uint64_t bits = rh_record_get_u64(r);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static struct rh_record_reader reader_of(struct rh_str record, uint8_t version)
{
    struct rh_record_reader r;

    rh_record_reader_init(&r, record);
    (void)rh_record_get(&r, version, version); /* another one stays in r */
    return r;
}

const char *gauntlet_state_name(uint8_t state)
{
    static const char *const names[GAUNTLET_STATES] = {"running", "completed", "cancelled",
                                                       "failed"};

    assert(state < GAUNTLET_STATES);
    return names[state];
}

uint32_t gauntlet_game_count(const struct gauntlet_spec *spec)
{
    return spec->baseline_count * spec->games_per_baseline;
}

void game_text_cut(char *dst, size_t size, struct rh_str s)
{
    const size_t n = s.n < size - 1 ? s.n : size - 1;

    assert(size > 0);
    memset(dst, 0, size);
    for (size_t i = 0; i < n && s.p[i]; i++)
        dst[i] = s.p[i];
}

void gauntlet_spec_encode(const struct gauntlet_spec *spec, struct rh_buf *buf)
{
    const struct rh_str strings[] = {spec->id,
                                     spec->model,
                                     spec->type,
                                     spec->board_type,
                                     spec->config_key,
                                     spec->ko_rule,
                                     spec->idempotency_key,
                                     spec->requires_json};
    const int64_t numbers[] = {spec->board_size,    spec->komi_halves,     spec->move_time_ms,
                               spec->game_time_ms,  spec->command_time_ms, spec->max_moves,
                               spec->max_attempts,  spec->priority,        spec->timeout_s,
                               spec->max_runtime_s, spec->min_vram_mb,     spec->created_at_ms};

    assert(spec->baseline_count >= 1);
    assert(spec->baseline_count <= SCHEDULE_BASELINES_MAX);
    rh_record_put(buf, SPEC_VERSION); /* errors stay in buf */
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        rh_record_put_str(buf, strings[i]);
    rh_record_put(buf, spec->baseline_count);
    for (uint32_t i = 0; i < spec->baseline_count; i++)
        rh_record_put_str(buf, spec->baselines[i]);
    for (uint32_t i = 0; i <= spec->baseline_count; i++)
        rh_record_put_str(buf, spec->argv_json[i]);
    for (uint32_t i = 0; i <= spec->baseline_count; i++)
        rh_record_put_str(buf, spec->inputs[i]);
    rh_record_put(buf, spec->games_per_baseline);
    rh_record_put_u64(buf, spec->seed);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        rh_record_put_i64(buf, numbers[i]);
    rh_record_put(buf, spec->needs_gpu);
    rh_record_put(buf, spec->has_sprt);
    if (!spec->has_sprt)
        return;
    rh_record_put(buf, spec->is_by_games);
    rh_record_put(buf, spec->sprt.model);
    put_double(buf, spec->sprt.elo0);
    put_double(buf, spec->sprt.elo1);
    put_double(buf, spec->sprt.alpha);
    put_double(buf, spec->sprt.beta);
}

int32_t gauntlet_spec_decode(struct rh_str record, struct gauntlet_spec *out)
{
    struct rh_record_reader r;
    struct rh_str *strings[] = {&out->id,
                                &out->model,
                                &out->type,
                                &out->board_type,
                                &out->config_key,
                                &out->ko_rule,
                                &out->idempotency_key,
                                &out->requires_json};
    int64_t *numbers[] = {&out->board_size,    &out->komi_halves,     &out->move_time_ms,
                          &out->game_time_ms,  &out->command_time_ms, &out->max_moves,
                          &out->max_attempts,  &out->priority,        &out->timeout_s,
                          &out->max_runtime_s, &out->min_vram_mb,     &out->created_at_ms};

    int64_t version;

    memset(out, 0, sizeof(*out));
    rh_record_reader_init(&r, record);
    version = rh_record_get(&r, 3, SPEC_VERSION); /* another one stays in r */
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        *strings[i] = rh_record_get_str(&r);
    out->baseline_count = (uint32_t)rh_record_get(&r, 1, SCHEDULE_BASELINES_MAX);
    for (uint32_t i = 0; i < out->baseline_count; i++)
        out->baselines[i] = rh_record_get_str(&r);
    for (uint32_t i = 0; i <= out->baseline_count; i++)
        out->argv_json[i] = rh_record_get_str(&r);
    for (uint32_t i = 0; i <= out->baseline_count && version >= 4; i++)
        out->inputs[i] = rh_record_get_str(&r);
    out->games_per_baseline =
        (uint32_t)rh_record_get(&r, 1, SCHEDULE_GAMES_MAX / out->baseline_count);
    out->seed = rh_record_get_u64(&r);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        *numbers[i] = rh_record_get_i64(&r);
    out->needs_gpu = rh_record_get(&r, 0, 1) != 0;
    out->has_sprt = rh_record_get(&r, 0, 1) != 0;
    if (!out->has_sprt)
        return rh_record_end(&r);
    out->is_by_games = rh_record_get(&r, 0, 1) != 0;
    out->sprt.model = (enum sprt_model)rh_record_get(&r, 0, SPRT_MODELS - 1);
    out->sprt.elo0 = get_double(&r);
    out->sprt.elo1 = get_double(&r);
    out->sprt.alpha = get_double(&r);
    out->sprt.beta = get_double(&r);
    return rh_record_end(&r);
}

void gauntlet_status_encode(const struct gauntlet_status *status, struct rh_buf *buf)
{
    rh_record_put(buf, STATUS_VERSION); /* errors stay in buf */
    rh_record_put(buf, status->state);
    rh_record_put(buf, status->is_settled);
    rh_record_put_i64(buf, status->finished_at_ms);
    rh_record_put(buf, status->total.wins);
    rh_record_put(buf, status->total.losses);
    rh_record_put(buf, status->total.draws);
    rh_record_put(buf, status->total.errors);
    rh_record_put(buf, status->total.pending);
    rh_record_put(buf, status->verdict);
    rh_record_put(buf, status->reason);
    for (size_t i = 0; i < SCHEDULE_BASELINES_MAX; i++)
        rh_record_put(buf, status->decisions[i]);
    rh_record_put_str(buf, rh_str_from(status->error));
}

int32_t gauntlet_status_decode(struct rh_str record, struct gauntlet_status *out)
{
    struct rh_record_reader r = reader_of(record, STATUS_VERSION);

    memset(out, 0, sizeof(*out));
    out->state = (uint8_t)rh_record_get(&r, 0, GAUNTLET_STATES - 1);
    out->is_settled = rh_record_get(&r, 0, 1) != 0;
    out->finished_at_ms = rh_record_get_i64(&r);
    out->total.wins = (uint32_t)rh_record_get(&r, 0, SCHEDULE_GAMES_MAX);
    out->total.losses = (uint32_t)rh_record_get(&r, 0, SCHEDULE_GAMES_MAX);
    out->total.draws = (uint32_t)rh_record_get(&r, 0, SCHEDULE_GAMES_MAX);
    out->total.errors = (uint32_t)rh_record_get(&r, 0, SCHEDULE_GAMES_MAX);
    out->total.pending = (uint32_t)rh_record_get(&r, 0, SCHEDULE_GAMES_MAX);
    out->verdict = (uint8_t)rh_record_get(&r, 0, VERDICT_NOT_WEAKER);
    out->reason = (uint8_t)rh_record_get(&r, 0, REASON_LAST);
    for (size_t i = 0; i < SCHEDULE_BASELINES_MAX; i++)
        out->decisions[i] = (uint8_t)rh_record_get(&r, 0, SPRT_H1);
    rh_record_get_text(&r, out->error, sizeof(out->error));
    return rh_record_end(&r);
}

void gauntlet_game_encode(const struct game_result *game, struct rh_buf *buf)
{
    rh_record_put(buf, GAME_VERSION); /* errors stay in buf */
    rh_record_put(buf, game->outcome);
    rh_record_put(buf, game->attempt);
    rh_record_put_i64(buf, game->moves);
    rh_record_put_i64(buf, game->engine_seed);
    rh_record_put_i64(buf, game->duration_ms);
    rh_record_put_i64(buf, game->ended_at_ms);
    rh_record_put_str(buf, rh_str_from(game->work_id));
    rh_record_put_str(buf, rh_str_from(game->node_id));
    rh_record_put_str(buf, rh_str_from(game->score));
    rh_record_put_str(buf, rh_str_from(game->reason));
    rh_record_put_str(buf, rh_str_from(game->error_kind));
    rh_record_put_str(buf, rh_str_from(game->error_player));
    rh_record_put_str(buf, rh_str_from(game->error));
}

int32_t gauntlet_game_decode(struct rh_str record, struct game_result *out)
{
    struct rh_record_reader r = reader_of(record, GAME_VERSION);

    memset(out, 0, sizeof(*out));
    out->outcome = (uint8_t)rh_record_get(&r, OUTCOME_WIN, OUTCOME_ERROR);
    out->attempt = (uint32_t)rh_record_get(&r, 0, UINT32_MAX);
    out->moves = rh_record_get_i64(&r);
    out->engine_seed = rh_record_get_i64(&r);
    out->duration_ms = rh_record_get_i64(&r);
    out->ended_at_ms = rh_record_get_i64(&r);
    rh_record_get_text(&r, out->work_id, sizeof(out->work_id));
    rh_record_get_text(&r, out->node_id, sizeof(out->node_id));
    rh_record_get_text(&r, out->score, sizeof(out->score));
    rh_record_get_text(&r, out->reason, sizeof(out->reason));
    rh_record_get_text(&r, out->error_kind, sizeof(out->error_kind));
    rh_record_get_text(&r, out->error_player, sizeof(out->error_player));
    rh_record_get_text(&r, out->error, sizeof(out->error));
    return rh_record_end(&r);
}
