/* What tests of a tournament in memory share: specs, tournaments made of them, results of items. */
#ifndef RH_TESTS_PLUGINS_TOURNAMENT_FIXTURE_H
#define RH_TESTS_PLUGINS_TOURNAMENT_FIXTURE_H

#include "core_test.h"

#include "plugins/tournament/progress.h"

#define NOW_MS INT64_C(1800000000000)

/* Players p1, p2, ... of one game a match. */
static inline struct spec fixture_spec(uint8_t format, uint32_t players)
{
    static const char names[] = "p1p2p3p4p5p6p7p8";
    const bool is_robin = format == FORMAT_ROUND_ROBIN;
    struct spec spec = {
        .id = RH_STR_LIT("t1"),
        .board_type = RH_STR_LIT("go9"),
        .config_key = RH_STR_LIT("go9_2p"),
        .ko_rule = RH_STR_LIT("simple"),
        .idempotency_key = RH_STR_LIT("once"),
        .requires_json = RH_STR_LIT("[\"gnugo\"]"),
        .work_type = RH_STR_LIT("gauntlet"),
        .options = {.format = format, .has_reset = true, .players = players},
        .series = {.games = 1,
                   .play_all = is_robin,
                   .must_end = !is_robin,
                   .extra_max = is_robin ? 0 : 2},
        .tiebreaks = {{TIEBREAK_DIRECT, TIEBREAK_SEED}, 2},
        .seed = UINT64_MAX - 5,
        .board_size = 9,
        .komi_halves = -15,
        .max_attempts = 2,
        .created_at_ms = NOW_MS,
    };

    for (uint32_t i = 0; i < players; i++) {
        spec.names[i] = (struct rh_str){names + 2 * i, 2};
        spec.argv_json[i] = RH_STR_LIT("[\"x\"]");
        spec.inputs[i] = i % 2 ? RH_STR_LIT("engine=1:0555") : RH_STR_LIT("");
    }
    return spec;
}

/* A running tournament of a spec, its first conclusions drawn; to be freed. */
static inline struct tournament *fixture_of(const struct spec *spec)
{
    struct tournament *t = NULL;
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_spec_encode(spec, &buf);
    assert_int_equal(tournament_new(rh_buf_str(&buf), &t), RH_OK);
    rh_buf_release(&buf);
    assert_int_equal(progress_advance(t, NOW_MS), RH_OK);
    return t;
}

static inline struct tournament *fixture_tournament(uint8_t format, uint32_t players)
{
    const struct spec spec = fixture_spec(format, players);

    return fixture_of(&spec);
}

static inline uint32_t fixture_match(const struct tournament *t, const char *id)
{
    const uint32_t match = plan_find(&t->plan, rh_str_from(id));

    if (match == t->plan.count)
        fail_msg("no match %s", id);
    return match;
}

/* The present item of a game ends so; what follows is drawn. */
static inline void fixture_end_game(struct tournament *t, const char *id, uint32_t game,
                                    const struct game_record *result)
{
    const uint32_t item = t->current[fixture_match(t, id) * t->per_match + game];

    assert_true(tournament_is_wanted(t, item));
    assert_true(tournament_take(t, item, result));
    assert_int_equal(progress_advance(t, NOW_MS), RH_OK);
}

static inline void fixture_win(struct tournament *t, const char *id, uint8_t outcome)
{
    const struct game_record result = {.outcome = outcome, .attempt = 1, .moves = 50};

    fixture_end_game(t, id, 0, &result);
}

static inline struct game_record fixture_error(const char *kind, const char *player, bool is_last)
{
    struct game_record result = {.outcome = GAME_NONE, .is_last = is_last, .attempt = 1};

    tournament_cut(result.error_kind, sizeof(result.error_kind), rh_str_from(kind));
    tournament_cut(result.error_player, sizeof(result.error_player), rh_str_from(player));
    tournament_cut(result.error, sizeof(result.error), RH_STR_LIT("it died"));
    return result;
}

#endif
