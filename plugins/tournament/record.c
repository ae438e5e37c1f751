/* Stored forms of a tournament, a match and a game. */
#include "record.h"

#include <assert.h>
#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>
#include <string.h>

/* First number of each record; another one is not read. */
#define SPEC_VERSION    2
#define STATUS_VERSION  2
#define MATCH_VERSION   2
#define GAME_VERSION    1
#define EXTRA_VERSION   1
#define UNRATED_VERSION 1

#define HALVES_MAX      INT64_C(2000000000)

void tournament_cut(char *dst, size_t size, struct rh_str text)
{
    size_t n = text.n < size - 1 ? text.n : size - 1;

    /* Continuation bytes of UTF-8 begin with the bits 10. */
    while (n > 0 && n < text.n && ((unsigned char)text.p[n] & 0xc0u) == 0x80u)
        n--;
    if (n)
        memcpy(dst, text.p, n);
    dst[n] = '\0';
}

static struct rh_record_reader reader_of(struct rh_str record, int64_t version)
{
    struct rh_record_reader r;

    rh_record_reader_init(&r, record);
    (void)rh_record_get(&r, version, version); /* the error stays in the reader */
    return r;
}

/* The same for a record that had fewer members in version 1; *version is what it has. */
static struct rh_record_reader reader_since(struct rh_str record, int64_t newest, int64_t *version)
{
    struct rh_record_reader r;

    rh_record_reader_init(&r, record);
    *version = rh_record_get(&r, 1, newest); /* the error stays in the reader */
    return r;
}

static void put_options(const struct spec *spec, struct rh_buf *buf)
{
    rh_record_put(buf, spec->options.format); /* errors stay in buf */
    rh_record_put(buf, spec->options.has_third_place);
    rh_record_put(buf, spec->options.has_reset);
    rh_record_put(buf, spec->options.is_twice);
    for (uint32_t i = 0; i < DROPIN_ROUNDS_MAX; i++)
        rh_record_put(buf, spec->options.drop_in[i]);
    rh_record_put(buf, spec->series.games);
    rh_record_put(buf, spec->series.play_all);
    rh_record_put(buf, spec->series.must_end);
    rh_record_put(buf, spec->series.extra_max);
    rh_record_put(buf, spec->tiebreaks.count);
    for (uint32_t i = 0; i < spec->tiebreaks.count; i++)
        rh_record_put(buf, spec->tiebreaks.items[i]);
    rh_record_put(buf, spec->scoring);
    rh_record_put(buf, spec->is_external);
    rh_record_put(buf, spec->needs_gpu);
}

static void get_options(struct rh_record_reader *r, struct spec *out)
{
    out->options.format = (uint8_t)rh_record_get(r, 0, FORMAT_COUNT - 1);
    out->options.has_third_place = rh_record_get(r, 0, 1) != 0;
    out->options.has_reset = rh_record_get(r, 0, 1) != 0;
    out->options.is_twice = rh_record_get(r, 0, 1) != 0;
    for (uint32_t i = 0; i < DROPIN_ROUNDS_MAX; i++)
        out->options.drop_in[i] = (uint8_t)rh_record_get(r, 0, DROPIN_ORDERS - 1);
    out->series.games = (uint32_t)rh_record_get(r, 1, SERIES_GAMES_MAX);
    out->series.play_all = rh_record_get(r, 0, 1) != 0;
    out->series.must_end = rh_record_get(r, 0, 1) != 0;
    out->series.extra_max = (uint32_t)rh_record_get(r, 0, SERIES_EXTRA_MAX);
    out->tiebreaks.count = (uint32_t)rh_record_get(r, 0, TIEBREAK_COUNT);
    for (uint32_t i = 0; i < out->tiebreaks.count; i++)
        out->tiebreaks.items[i] = (uint8_t)rh_record_get(r, 0, TIEBREAK_COUNT - 1);
    out->scoring = (uint8_t)rh_record_get(r, 0, SCORING_COUNT - 1);
    out->is_external = rh_record_get(r, 0, 1) != 0;
    out->needs_gpu = rh_record_get(r, 0, 1) != 0;
}

void tournament_spec_encode(const struct spec *spec, struct rh_buf *buf)
{
    const struct rh_str strings[] = {spec->id,       spec->board_type,      spec->config_key,
                                     spec->ko_rule,  spec->idempotency_key, spec->requires_json,
                                     spec->work_type};
    const int64_t numbers[] = {spec->board_size,    spec->komi_halves,     spec->move_time_ms,
                               spec->game_time_ms,  spec->command_time_ms, spec->max_moves,
                               spec->max_attempts,  spec->priority,        spec->timeout_s,
                               spec->max_runtime_s, spec->min_vram_mb,     spec->created_at_ms};

    assert(spec->options.players >= 2);
    assert(spec->options.players <= PLAN_PLAYERS_MAX);
    rh_record_put(buf, SPEC_VERSION); /* errors stay in buf */
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        rh_record_put_str(buf, strings[i]);
    rh_record_put(buf, spec->options.players);
    for (uint32_t i = 0; i < spec->options.players; i++) {
        rh_record_put_str(buf, spec->names[i]);
        rh_record_put_str(buf, spec->argv_json[i]);
        rh_record_put_str(buf, spec->inputs[i]);
    }
    put_options(spec, buf);
    rh_record_put_u64(buf, spec->seed);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        rh_record_put_i64(buf, numbers[i]);
}

int32_t tournament_spec_decode(struct rh_str record, struct spec *out)
{
    int64_t version;
    struct rh_record_reader r = reader_since(record, SPEC_VERSION, &version);
    struct rh_str *strings[] = {&out->id,       &out->board_type,      &out->config_key,
                                &out->ko_rule,  &out->idempotency_key, &out->requires_json,
                                &out->work_type};
    int64_t *numbers[] = {&out->board_size,    &out->komi_halves,     &out->move_time_ms,
                          &out->game_time_ms,  &out->command_time_ms, &out->max_moves,
                          &out->max_attempts,  &out->priority,        &out->timeout_s,
                          &out->max_runtime_s, &out->min_vram_mb,     &out->created_at_ms};

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        *strings[i] = rh_record_get_str(&r);
    out->options.players = (uint32_t)rh_record_get(&r, 2, PLAN_PLAYERS_MAX);
    for (uint32_t i = 0; i < out->options.players; i++) {
        out->names[i] = rh_record_get_str(&r);
        out->argv_json[i] = rh_record_get_str(&r);
        if (version >= 2)
            out->inputs[i] = rh_record_get_str(&r);
    }
    get_options(&r, out);
    out->seed = rh_record_get_u64(&r);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        *numbers[i] = rh_record_get_i64(&r);
    return rh_record_end(&r);
}

void tournament_status_encode(const struct status *status, struct rh_buf *buf)
{
    rh_record_put(buf, STATUS_VERSION); /* errors stay in buf */
    rh_record_put(buf, status->state);
    rh_record_put(buf, status->is_settled);
    rh_record_put(buf, status->is_announced);
    rh_record_put(buf, status->winner);
    rh_record_put(buf, status->decided);
    rh_record_put_i64(buf, status->finished_at_ms);
    rh_record_put_str(buf, rh_str_from(status->error));
    rh_record_put_u64(buf, status->announced);
}

int32_t tournament_status_decode(struct rh_str record, struct status *out)
{
    int64_t version;
    struct rh_record_reader r = reader_since(record, STATUS_VERSION, &version);

    memset(out, 0, sizeof(*out));
    out->state = (uint8_t)rh_record_get(&r, 0, TOURNAMENT_STATES - 1);
    out->is_settled = rh_record_get(&r, 0, 1) != 0;
    out->is_announced = rh_record_get(&r, 0, 1) != 0;
    out->winner = (uint16_t)rh_record_get(&r, 0, PLAN_PLAYERS_MAX);
    out->decided = (uint32_t)rh_record_get(&r, 0, PLAN_MATCHES_MAX);
    out->finished_at_ms = rh_record_get_i64(&r);
    if (version >= 2) { /* else written before queues refused and corrections were announced */
        rh_record_get_text(&r, out->error, sizeof(out->error));
        out->announced = rh_record_get_u64(&r);
    }
    return rh_record_end(&r);
}

void tournament_match_encode(const struct match_record *match, struct rh_buf *buf)
{
    rh_record_put(buf, MATCH_VERSION); /* errors stay in buf */
    rh_record_put(buf, match->outcome);
    rh_record_put(buf, match->by);
    rh_record_put(buf, match->forfeit);
    rh_record_put(buf, match->has_scores);
    rh_record_put(buf, match->is_stuck);
    rh_record_put(buf, match->generation);
    rh_record_put(buf, match->halves[0]);
    rh_record_put(buf, match->halves[1]);
    rh_record_put_i64(buf, match->decided_at_ms);
    rh_record_put_str(buf, rh_str_from(match->note));
    rh_record_put(buf, match->is_rated);
    rh_record_put(buf, match->games_gone);
    rh_record_put(buf, match->reports);
    rh_record_put_i64(buf, match->played_at_ms);
}

int32_t tournament_match_decode(struct rh_str record, struct match_record *out)
{
    int64_t version;
    struct rh_record_reader r = reader_since(record, MATCH_VERSION, &version);

    memset(out, 0, sizeof(*out));
    out->outcome = (uint8_t)rh_record_get(&r, 0, OUTCOME_COUNT - 1);
    out->by = (uint8_t)rh_record_get(&r, 0, BY_COUNT - 1);
    out->forfeit = (uint8_t)rh_record_get(&r, 0, FORFEIT_FIRST | FORFEIT_SECOND);
    out->has_scores = rh_record_get(&r, 0, 1) != 0;
    out->is_stuck = rh_record_get(&r, 0, 1) != 0;
    out->generation = (uint32_t)rh_record_get(&r, 0, UINT32_MAX);
    out->halves[0] = (uint32_t)rh_record_get(&r, 0, HALVES_MAX);
    out->halves[1] = (uint32_t)rh_record_get(&r, 0, HALVES_MAX);
    out->decided_at_ms = rh_record_get_i64(&r);
    rh_record_get_text(&r, out->note, sizeof(out->note));
    if (version < 2)
        return rh_record_end(&r); /* written before reports were rated */
    out->is_rated = rh_record_get(&r, 0, 1) != 0;
    out->games_gone = rh_record_get(&r, 0, 1) != 0;
    out->reports = (uint32_t)rh_record_get(&r, out->is_rated, UINT16_MAX);
    out->played_at_ms = rh_record_get_i64(&r);
    return rh_record_end(&r);
}

void tournament_game_encode(const struct game_record *game, struct rh_buf *buf)
{
    const char *const texts[] = {game->work_id,    game->node_id,      game->score, game->reason,
                                 game->error_kind, game->error_player, game->error};

    rh_record_put(buf, GAME_VERSION); /* errors stay in buf */
    rh_record_put(buf, game->outcome);
    rh_record_put(buf, game->is_last);
    rh_record_put(buf, game->attempt);
    rh_record_put_i64(buf, game->moves);
    rh_record_put_i64(buf, game->engine_seed);
    rh_record_put_i64(buf, game->duration_ms);
    rh_record_put_i64(buf, game->finished_at_ms);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        rh_record_put_str(buf, rh_str_from(texts[i]));
}

int32_t tournament_game_decode(struct rh_str record, struct game_record *out)
{
    struct rh_record_reader r = reader_of(record, GAME_VERSION);

    memset(out, 0, sizeof(*out));
    out->outcome = (uint8_t)rh_record_get(&r, 0, GAME_OUTCOMES - 1);
    out->is_last = rh_record_get(&r, 0, 1) != 0;
    out->attempt = (uint32_t)rh_record_get(&r, 0, UINT32_MAX);
    out->moves = rh_record_get_i64(&r);
    out->engine_seed = rh_record_get_i64(&r);
    out->duration_ms = rh_record_get_i64(&r);
    out->finished_at_ms = rh_record_get_i64(&r);
    rh_record_get_text(&r, out->work_id, sizeof(out->work_id));
    rh_record_get_text(&r, out->node_id, sizeof(out->node_id));
    rh_record_get_text(&r, out->score, sizeof(out->score));
    rh_record_get_text(&r, out->reason, sizeof(out->reason));
    rh_record_get_text(&r, out->error_kind, sizeof(out->error_kind));
    rh_record_get_text(&r, out->error_player, sizeof(out->error_player));
    rh_record_get_text(&r, out->error, sizeof(out->error));
    return rh_record_end(&r);
}

void tournament_extra_encode(const struct extra_record *extra, struct rh_buf *buf)
{
    rh_record_put(buf, EXTRA_VERSION); /* errors stay in buf */
    rh_record_put(buf, extra->match);
    rh_record_put(buf, extra->game);
    rh_record_put(buf, extra->generation);
}

int32_t tournament_extra_decode(struct rh_str record, struct extra_record *out)
{
    struct rh_record_reader r = reader_of(record, EXTRA_VERSION);

    out->match = (uint32_t)rh_record_get(&r, 0, PLAN_MATCHES_MAX - 1);
    out->game = (uint32_t)rh_record_get(&r, 0, SERIES_GAMES_MAX + SERIES_EXTRA_MAX - 1);
    out->generation = (uint32_t)rh_record_get(&r, 0, UINT32_MAX);
    return rh_record_end(&r);
}

void tournament_unrated_encode(const struct unrated_record *game, struct rh_buf *buf)
{
    rh_record_put(buf, UNRATED_VERSION); /* errors stay in buf */
    rh_record_put(buf, game->players[0]);
    rh_record_put(buf, game->players[1]);
    rh_record_put(buf, game->outcome);
    rh_record_put_i64(buf, game->finished_at_ms);
}

int32_t tournament_unrated_decode(struct rh_str record, struct unrated_record *out)
{
    struct rh_record_reader r = reader_of(record, UNRATED_VERSION);

    out->players[0] = (uint16_t)rh_record_get(&r, 0, UINT16_MAX);
    out->players[1] = (uint16_t)rh_record_get(&r, 0, UINT16_MAX);
    out->outcome = (uint8_t)rh_record_get(&r, GAME_FIRST, GAME_DRAW);
    out->finished_at_ms = rh_record_get_i64(&r);
    return rh_record_end(&r);
}

const char *tournament_state_name(uint8_t state)
{
    static const char *const names[TOURNAMENT_STATES] = {"running", "completed", "cancelled",
                                                         "failed"};

    assert(state < TOURNAMENT_STATES);
    return names[state];
}

const char *decided_by_name(uint8_t by)
{
    static const char *const names[BY_COUNT] = {"nobody", "games", "seed", "report", "forfeit"};

    assert(by < BY_COUNT);
    return names[by];
}

const char *scoring_name(uint8_t scoring)
{
    static const char *const names[SCORING_COUNT] = {"games", "matches"};

    assert(scoring < SCORING_COUNT);
    return names[scoring];
}
