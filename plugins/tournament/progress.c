/* What follows from results. Players come from matches before, so one pass over the plan does. */
#include "progress.h"

#include <assert.h>
#include <inttypes.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void progress_decide(struct tournament *t, uint32_t match, const struct match_record *record)
{
    uint8_t undone[PLAN_MATCHES_MAX];

    assert(record->outcome != OUTCOME_NONE);
    t->matches[match].record = *record;
    t->matches[match].is_dirty = true;
    (void)bracket_change(&t->plan, t->outcomes, t->meetings, match, record->outcome, undone);
}

/* The side that broke the game: 0, 1, or 2 when nobody is known to be at fault. */
static uint32_t side_at_fault(const struct tournament *t, uint32_t match,
                              const struct game_record *result)
{
    const struct rh_str player = rh_str_from(result->error_player);

    if (player.n == 0 || strcmp(result->error_kind, "not_installed") == 0)
        return 2;
    for (uint32_t side = 0; side < 2; side++) {
        if (rh_str_eq(player, tournament_name(t, t->meetings[match].players[side])))
            return side;
    }
    return 2;
}

/* Attempts at a game in the present generation that ended in errors. */
static uint32_t failed_attempts(const struct tournament *t, uint32_t match, uint32_t game)
{
    const uint32_t generation = t->matches[match].record.generation;
    uint32_t attempts = 0;

    for (uint32_t item = 0; item < tournament_items(t); item++) {
        const struct extra_record what = tournament_item(t, item);
        const struct game_record *result = t->results[item];

        if (what.match == match && what.game == game && what.generation == generation && result &&
            result->outcome == GAME_NONE)
            attempts += result->attempt ? result->attempt : 1;
    }
    return attempts;
}

static void note_error(struct match_record *record, uint32_t game, const struct game_record *result)
{
    char text[TEXT_NOTE_SIZE * 2];
    const int n = snprintf(text, sizeof(text), "game %" PRIu32 ": %s%s%s", game + 1,
                           result->error_kind, result->error_kind[0] ? ": " : "", result->error);

    tournament_cut(record->note, sizeof(record->note),
                   (struct rh_str){text, n < 0 ? 0 : strlen(text)});
}

/* A game broke: try again, or end the match. */
static int32_t handle_error(struct tournament *t, uint32_t match, uint32_t game, int64_t wall_ms)
{
    const struct game_record *result = tournament_game(t, match, game);
    const uint32_t side = side_at_fault(t, match, result);
    struct match_record record = t->matches[match].record;

    if (!result->is_last && failed_attempts(t, match, game) < (uint64_t)t->spec.order.max_attempts)
        return tournament_add_item(t, match, game);
    note_error(&record, game, result);
    if (side == 2) {
        record.is_stuck = true;
        t->matches[match].record = record;
        t->matches[match].is_dirty = true;
        return RH_OK;
    }
    record.outcome = side ? OUTCOME_FIRST : OUTCOME_SECOND;
    record.by = BY_FORFEIT;
    record.forfeit = side ? FORFEIT_SECOND : FORFEIT_FIRST;
    record.has_scores = true;
    record.halves[side] = 0;
    record.halves[1 - side] = 2 * t->spec.series.games;
    record.decided_at_ms = wall_ms;
    progress_decide(t, match, &record);
    return RH_OK;
}

static void read_games(const struct tournament *t, uint32_t match, uint8_t *games)
{
    for (uint32_t game = 0; game < t->per_match; game++) {
        const struct game_record *result = tournament_game(t, match, game);

        games[game] = result ? result->outcome : GAME_NONE;
    }
}

/* Its last item is over, without an outcome. */
static bool is_broken(const struct tournament *t, uint32_t match, uint32_t game)
{
    const struct game_record *result = tournament_game(t, match, game);

    return result && result->outcome == GAME_NONE;
}

static void decide_by_games(struct tournament *t, uint32_t match, const struct series *series,
                            int64_t wall_ms)
{
    const uint16_t *players = t->meetings[match].players;
    struct match_record record = t->matches[match].record;

    record.outcome = series->outcome;
    record.by = BY_GAMES;
    record.has_scores = true;
    record.halves[0] = series_halves(series, 0);
    record.halves[1] = series_halves(series, 1);
    record.decided_at_ms = wall_ms;
    if (series->outcome == OUTCOME_DRAW && t->spec.series.must_end) {
        record.outcome = players[0] < players[1] ? OUTCOME_FIRST : OUTCOME_SECOND;
        record.by = BY_SEED;
    }
    progress_decide(t, match, &record);
}

/* Every game that is wanted has an item, also in a match that is played anew. */
static int32_t add_items(struct tournament *t, uint32_t match)
{
    int32_t rc = RH_OK;

    for (uint32_t game = 0; game < t->matches[match].wanted && rc == RH_OK; game++) {
        if (t->current[match * t->per_match + game] == ITEM_NONE)
            rc = tournament_add_item(t, match, game);
    }
    return rc;
}

static int32_t advance_match(struct tournament *t, uint32_t match, int64_t wall_ms)
{
    uint8_t games[SERIES_GAMES_MAX + SERIES_EXTRA_MAX];
    struct series series;
    int32_t rc = RH_OK;

    read_games(t, match, games);
    series = series_of(&t->spec.series, games, t->per_match);
    t->matches[match].wanted = series.wanted;
    if (series.outcome != OUTCOME_NONE) {
        decide_by_games(t, match, &series, wall_ms);
        return RH_OK;
    }
    for (uint32_t game = 0; game < series.wanted && rc == RH_OK; game++) {
        if (is_broken(t, match, game))
            rc = handle_error(t, match, game, wall_ms);
        if (t->outcomes[match] != OUTCOME_NONE || t->matches[match].record.is_stuck)
            return rc;
    }
    return rc == RH_OK ? add_items(t, match) : rc;
}

int32_t progress_advance(struct tournament *t, int64_t wall_ms)
{
    int32_t rc = RH_OK;

    if (t->spec.is_external || t->status.state != TOURNAMENT_RUNNING)
        return RH_OK;
    for (uint32_t match = 0; match < t->plan.count && rc == RH_OK; match++) {
        if (t->meetings[match].state == MEETING_READY && !t->matches[match].record.is_stuck)
            rc = advance_match(t, match, wall_ms);
    }
    return rc;
}
