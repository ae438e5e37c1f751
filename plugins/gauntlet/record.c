/* What is known of a gauntlet and of each game, and both as stored records; not how they are found
 * or kept. */
#include "record.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <string.h>

#include "verdict.h"

/* First byte of each record. Numbers are 8 bytes little-endian, strings a number and their bytes.
 */
#define SPEC_VERSION   1u
#define STATUS_VERSION 1u
#define GAME_VERSION   1u
#define NUMBER_BYTES   8u

struct reader {
    struct rh_str rest;
    bool is_broken;
};

static void put_u64(struct rh_buf *buf, uint64_t value)
{
    char bytes[NUMBER_BYTES];

    for (size_t i = 0; i < NUMBER_BYTES; i++)
        bytes[i] = (char)(unsigned char)(value >> (8 * i));
    (void)rh_buf_append(buf, bytes, sizeof(bytes)); /* the error stays in buf */
}

static void put_i64(struct rh_buf *buf, int64_t value)
{
    put_u64(buf, (uint64_t)value);
}

static void put_str(struct rh_buf *buf, struct rh_str s)
{
    put_u64(buf, s.n);
    (void)rh_buf_append_str(buf, s); /* as above */
}

static uint64_t get_u64(struct reader *r)
{
    uint64_t value = 0;

    if (r->rest.n < NUMBER_BYTES) {
        r->is_broken = true;
        return 0;
    }
    for (size_t i = 0; i < NUMBER_BYTES; i++)
        value |= (uint64_t)(unsigned char)r->rest.p[i] << (8 * i);
    r->rest.p += NUMBER_BYTES;
    r->rest.n -= NUMBER_BYTES;
    return value;
}

static int64_t get_i64(struct reader *r)
{
    return (int64_t)get_u64(r);
}

/* A number in [low, high]; out of range breaks the record. */
static uint64_t get_in(struct reader *r, uint64_t low, uint64_t high)
{
    const uint64_t value = get_u64(r);

    if (value >= low && value <= high)
        return value;
    r->is_broken = true;
    return low;
}

static struct rh_str get_str(struct reader *r)
{
    const uint64_t n = get_u64(r);
    struct rh_str out = {r->rest.p, 0};

    if (n > r->rest.n) {
        r->is_broken = true;
        return out;
    }
    out.n = (size_t)n;
    r->rest.p += out.n;
    r->rest.n -= out.n;
    return out;
}

static void get_text(struct reader *r, char *dst, size_t size)
{
    if (rh_str_copy(dst, size, get_str(r)) != RH_OK)
        r->is_broken = true;
}

static struct reader reader_of(struct rh_str record, uint8_t version)
{
    struct reader r = {record, record.n == 0 || (unsigned char)record.p[0] != version};

    if (!r.is_broken) {
        r.rest.p++;
        r.rest.n--;
    }
    return r;
}

static int32_t reader_end(const struct reader *r)
{
    return r->is_broken || r->rest.n ? RH_EINVAL : RH_OK;
}

const char *gauntlet_state_name(uint8_t state)
{
    static const char *const names[GAUNTLET_STATES] = {"running", "completed", "cancelled"};

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
                               spec->max_runtime_s, spec->min_vram_mb,     spec->created_at_ms,
                               spec->needs_gpu};

    assert(spec->baseline_count >= 1);
    assert(spec->baseline_count <= SCHEDULE_BASELINES_MAX);
    (void)rh_buf_append_byte(buf, (char)SPEC_VERSION); /* the error stays in buf */
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        put_str(buf, strings[i]);
    put_u64(buf, spec->baseline_count);
    for (uint32_t i = 0; i < spec->baseline_count; i++)
        put_str(buf, spec->baselines[i]);
    for (uint32_t i = 0; i <= spec->baseline_count; i++)
        put_str(buf, spec->argv_json[i]);
    put_u64(buf, spec->games_per_baseline);
    put_u64(buf, spec->seed);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        put_i64(buf, numbers[i]);
}

int32_t gauntlet_spec_decode(struct rh_str record, struct gauntlet_spec *out)
{
    struct reader r = reader_of(record, SPEC_VERSION);
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

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        *strings[i] = get_str(&r);
    out->baseline_count = (uint32_t)get_in(&r, 1, SCHEDULE_BASELINES_MAX);
    for (uint32_t i = 0; i < out->baseline_count; i++)
        out->baselines[i] = get_str(&r);
    for (uint32_t i = 0; i <= out->baseline_count; i++)
        out->argv_json[i] = get_str(&r);
    out->games_per_baseline = (uint32_t)get_in(&r, 1, SCHEDULE_GAMES_MAX / out->baseline_count);
    out->seed = get_u64(&r);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        *numbers[i] = get_i64(&r);
    out->needs_gpu = get_in(&r, 0, 1);
    return reader_end(&r);
}

void gauntlet_status_encode(const struct gauntlet_status *status, struct rh_buf *buf)
{
    (void)rh_buf_append_byte(buf, (char)STATUS_VERSION); /* the error stays in buf */
    put_u64(buf, status->state);
    put_u64(buf, status->is_settled);
    put_i64(buf, status->finished_at_ms);
    put_u64(buf, status->total.wins);
    put_u64(buf, status->total.losses);
    put_u64(buf, status->total.draws);
    put_u64(buf, status->total.errors);
    put_u64(buf, status->total.pending);
    put_u64(buf, status->verdict);
    put_u64(buf, status->reason);
}

int32_t gauntlet_status_decode(struct rh_str record, struct gauntlet_status *out)
{
    struct reader r = reader_of(record, STATUS_VERSION);

    memset(out, 0, sizeof(*out));
    out->state = (uint8_t)get_in(&r, 0, GAUNTLET_STATES - 1);
    out->is_settled = get_in(&r, 0, 1);
    out->finished_at_ms = get_i64(&r);
    out->total.wins = (uint32_t)get_in(&r, 0, SCHEDULE_GAMES_MAX);
    out->total.losses = (uint32_t)get_in(&r, 0, SCHEDULE_GAMES_MAX);
    out->total.draws = (uint32_t)get_in(&r, 0, SCHEDULE_GAMES_MAX);
    out->total.errors = (uint32_t)get_in(&r, 0, SCHEDULE_GAMES_MAX);
    out->total.pending = (uint32_t)get_in(&r, 0, SCHEDULE_GAMES_MAX);
    out->verdict = (uint8_t)get_in(&r, 0, VERDICT_WEAKER);
    out->reason = (uint8_t)get_in(&r, 0, REASON_BASELINE_UNDECIDED);
    return reader_end(&r);
}

void gauntlet_game_encode(const struct game_result *game, struct rh_buf *buf)
{
    (void)rh_buf_append_byte(buf, (char)GAME_VERSION); /* the error stays in buf */
    put_u64(buf, game->outcome);
    put_u64(buf, game->attempt);
    put_i64(buf, game->moves);
    put_i64(buf, game->engine_seed);
    put_i64(buf, game->duration_ms);
    put_str(buf, rh_str_from(game->work_id));
    put_str(buf, rh_str_from(game->node_id));
    put_str(buf, rh_str_from(game->score));
    put_str(buf, rh_str_from(game->reason));
    put_str(buf, rh_str_from(game->error_kind));
    put_str(buf, rh_str_from(game->error_player));
    put_str(buf, rh_str_from(game->error));
}

int32_t gauntlet_game_decode(struct rh_str record, struct game_result *out)
{
    struct reader r = reader_of(record, GAME_VERSION);

    memset(out, 0, sizeof(*out));
    out->outcome = (uint8_t)get_in(&r, OUTCOME_WIN, OUTCOME_ERROR);
    out->attempt = (uint32_t)get_in(&r, 0, UINT32_MAX);
    out->moves = get_i64(&r);
    out->engine_seed = get_i64(&r);
    out->duration_ms = get_i64(&r);
    get_text(&r, out->work_id, sizeof(out->work_id));
    get_text(&r, out->node_id, sizeof(out->node_id));
    get_text(&r, out->score, sizeof(out->score));
    get_text(&r, out->reason, sizeof(out->reason));
    get_text(&r, out->error_kind, sizeof(out->error_kind));
    get_text(&r, out->error_player, sizeof(out->error_player));
    get_text(&r, out->error, sizeof(out->error));
    return reader_end(&r);
}
