/* One tournament in memory: its matches and the items of its games. */
#include "tournament.h"

#include <assert.h>
#include <ringhost/sdk/edges.h>
#include <ringhost/sdk/hash.h>
#include <stdlib.h>
#include <string.h>

#include "ranks.h"

/* The golden ratio in 64 bits: distinct numbers and a one-to-one mix keep seeds distinct. */
#define SEED_STEP UINT64_C(0x9e3779b97f4a7c15)

static const struct rh_edge state_edges[] = {
    {TOURNAMENT_RUNNING, TOURNAMENT_COMPLETED},
    {TOURNAMENT_RUNNING, TOURNAMENT_CANCELLED},
    {TOURNAMENT_RUNNING, TOURNAMENT_FAILED},
    {TOURNAMENT_COMPLETED, TOURNAMENT_RUNNING},
};

static int32_t allocate(struct tournament *t)
{
    const uint32_t matches = t->plan.count;

    t->per_match = series_games_max(&t->spec.series);
    if (t->per_match > TOURNAMENT_GAMES_MAX / matches)
        return RH_EINVAL;
    t->base_items = matches * t->per_match;
    t->matches = calloc(matches, sizeof(*t->matches));
    t->meetings = calloc(matches, sizeof(*t->meetings));
    t->outcomes = calloc(matches, sizeof(*t->outcomes));
    t->current = calloc(t->base_items, sizeof(*t->current));
    t->results = calloc(t->base_items, sizeof(*t->results));
    return t->matches && t->meetings && t->outcomes && t->current && t->results ? RH_OK : RH_ENOMEM;
}

int32_t tournament_new(struct rh_str record, struct tournament **out)
{
    struct tournament *t = calloc(1, sizeof(*t));
    int32_t rc = RH_ENOMEM;

    if (!t)
        return RH_ENOMEM;
    t->bytes = malloc(record.n + 1);
    if (!t->bytes)
        goto out;
    if (record.n)
        memcpy(t->bytes, record.p, record.n);
    rc = tournament_spec_decode((struct rh_str){t->bytes, record.n}, &t->spec);
    if (rc == RH_OK)
        rc = plan_init(&t->plan, &t->spec.options);
    if (rc == RH_OK)
        rc = allocate(t);
    if (rc != RH_OK)
        goto out;
    for (uint32_t i = 0; i < t->base_items; i++)
        t->current[i] = i;
    bracket_resolve(&t->plan, t->outcomes, t->meetings);
    *out = t;
    t = NULL;
out:
    tournament_free(t);
    return rc;
}

void tournament_free(struct tournament *t)
{
    if (!t)
        return;
    if (t->results) {
        for (uint32_t i = 0; i < tournament_items(t); i++)
            free(t->results[i]);
    }
    free(t->results);
    free(t->extras);
    free(t->current);
    free(t->outcomes);
    free(t->meetings);
    free(t->matches);
    plan_release(&t->plan);
    free(t->bytes);
    free(t);
}

uint32_t tournament_items(const struct tournament *t)
{
    return t->base_items + t->extra_count;
}

struct extra_record tournament_item(const struct tournament *t, uint32_t item)
{
    assert(item < tournament_items(t));
    if (item >= t->base_items)
        return t->extras[item - t->base_items];
    return (struct extra_record){.match = item / t->per_match, .game = item % t->per_match};
}

uint64_t tournament_seed(const struct tournament *t, const struct extra_record *item)
{
    const uint64_t number = (uint64_t)item->generation * TOURNAMENT_GAMES_MAX +
                            (uint64_t)item->match * t->per_match + item->game + 1;

    return rh_hash_mix(t->spec.seed + number * SEED_STEP);
}

static void forget_items(struct tournament *t, uint32_t match)
{
    for (uint32_t game = 0; game < t->per_match; game++)
        t->current[match * t->per_match + game] = ITEM_NONE;
}

int32_t tournament_load_match(struct tournament *t, uint32_t match,
                              const struct match_record *record)
{
    if (match >= t->plan.count)
        return RH_EINVAL;
    t->matches[match].record = *record;
    t->outcomes[match] = record->outcome;
    if (record->generation)
        forget_items(t, match);
    return RH_OK;
}

static int32_t grow(struct tournament *t)
{
    const uint32_t capacity = t->extra_capacity ? 2 * t->extra_capacity : 16;
    struct extra_record *extras;
    struct game_record **results;

    if (t->extra_count == TOURNAMENT_EXTRAS_MAX)
        return RH_EFULL;
    if (t->extra_count < t->extra_capacity)
        return RH_OK;
    extras = realloc(t->extras, capacity * sizeof(*extras));
    if (!extras)
        return RH_ENOMEM;
    t->extras = extras;
    results = realloc(t->results, (t->base_items + capacity) * sizeof(struct game_record *));
    if (!results)
        return RH_ENOMEM;
    t->results = results;
    t->extra_capacity = capacity;
    return RH_OK;
}

int32_t tournament_load_extra(struct tournament *t, const struct extra_record *extra)
{
    int32_t rc = RH_EINVAL;

    if (extra->match < t->plan.count && extra->game < t->per_match)
        rc = grow(t);
    if (rc != RH_OK)
        return rc;
    if (t->matches[extra->match].record.generation == extra->generation)
        t->current[extra->match * t->per_match + extra->game] = tournament_items(t);
    t->results[tournament_items(t)] = NULL;
    t->extras[t->extra_count++] = *extra;
    return RH_OK;
}

int32_t tournament_add_item(struct tournament *t, uint32_t match, uint32_t game)
{
    const struct extra_record extra = {match, game, t->matches[match].record.generation};

    return tournament_load_extra(t, &extra);
}

int32_t tournament_load_result(struct tournament *t, uint32_t item,
                               const struct game_record *result)
{
    struct game_record *copy;

    if (item >= tournament_items(t) || t->results[item])
        return RH_EINVAL;
    copy = malloc(sizeof(*copy));
    if (!copy)
        return RH_ENOMEM;
    *copy = *result;
    t->results[item] = copy;
    return RH_OK;
}

void tournament_loaded(struct tournament *t)
{
    bracket_resolve(&t->plan, t->outcomes, t->meetings);
    t->extras_stored = t->extra_count;
}

bool tournament_is_wanted(const struct tournament *t, uint32_t item)
{
    struct extra_record what;

    if (t->status.state != TOURNAMENT_RUNNING || t->spec.is_external ||
        item >= tournament_items(t) || t->results[item])
        return false;
    what = tournament_item(t, item);
    return t->meetings[what.match].state == MEETING_READY &&
           !t->matches[what.match].record.is_stuck && what.game < t->matches[what.match].wanted &&
           t->current[what.match * t->per_match + what.game] == item;
}

uint32_t tournament_wanted(const struct tournament *t, uint32_t from)
{
    for (uint32_t item = from; item < tournament_items(t); item++) {
        if (tournament_is_wanted(t, item))
            return item;
    }
    return ITEM_NONE;
}

bool tournament_take(struct tournament *t, uint32_t item, const struct game_record *result)
{
    return tournament_load_result(t, item, result) == RH_OK;
}

const struct game_record *tournament_game(const struct tournament *t, uint32_t match, uint32_t game)
{
    uint32_t item;

    assert(match < t->plan.count);
    if (game >= t->per_match)
        return NULL;
    item = t->current[match * t->per_match + game];
    return item == ITEM_NONE ? NULL : t->results[item];
}

void tournament_restart_match(struct tournament *t, uint32_t match)
{
    const struct match_record *known = &t->matches[match].record;

    t->matches[match].record =
        (struct match_record){.generation = known->generation + 1, .reports = known->reports};
    t->matches[match].wanted = 0;
    t->matches[match].is_dirty = true;
    forget_items(t, match);
}

struct rh_str tournament_name(const struct tournament *t, uint16_t player)
{
    if (player == PLAYER_NOBODY || player == PLAYER_UNKNOWN)
        return (struct rh_str){NULL, 0};
    return t->spec.names[player - 1];
}

static struct encounter encounter_of(const struct tournament *t, uint32_t match)
{
    const struct match_record *record = &t->matches[match].record;
    struct encounter out = {.first = t->meetings[match].players[0],
                            .second = t->meetings[match].players[1],
                            .units = 1,
                            .first_wins = record->outcome == OUTCOME_FIRST,
                            .second_wins = record->outcome == OUTCOME_SECOND};

    out.first_halves = record->outcome == OUTCOME_DRAW ? 1 : 2 * out.first_wins;
    out.second_halves = record->outcome == OUTCOME_DRAW ? 1 : 2 * out.second_wins;
    if (t->spec.scoring == SCORING_MATCHES)
        return out;
    out.units = t->spec.series.games;
    out.first_halves = record->halves[0];
    out.second_halves = record->halves[1];
    out.first_wins = record->halves[0] / 2;
    out.second_wins = record->halves[1] / 2;
    if (record->by == BY_GAMES) {
        out.first_wins = out.second_wins = 0;
        for (uint32_t game = 0; game < t->spec.series.games; game++) {
            const struct game_record *result = tournament_game(t, match, game);

            out.first_wins += result && result->outcome == GAME_FIRST;
            out.second_wins += result && result->outcome == GAME_SECOND;
        }
    }
    return out;
}

int32_t tournament_standings(const struct tournament *t, struct standing *rows)
{
    struct encounter *encounters = calloc(t->plan.count, sizeof(*encounters));
    uint32_t count = 0;

    if (!encounters)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < t->plan.count; i++) {
        if (t->meetings[i].state == MEETING_DECIDED)
            encounters[count++] = encounter_of(t, i);
    }
    standings_make(encounters, count, t->spec.options.players, &t->spec.tiebreaks, rows);
    free(encounters);
    return RH_OK;
}

/* The first of a round robin, unless somebody shares his rank. */
static int32_t find_winner(const struct tournament *t, uint16_t *winner)
{
    struct standing rows[PLAN_PLAYERS_MAX];
    int32_t rc;

    if (t->spec.options.format != FORMAT_ROUND_ROBIN) {
        *winner = bracket_champion(&t->plan, t->meetings);
        return RH_OK;
    }
    rc = tournament_standings(t, rows);
    if (rc == RH_OK)
        *winner = rows[1].rank == 1 ? PLAYER_NOBODY : rows[0].player;
    return rc;
}

int32_t tournament_digest(const struct tournament *t, uint64_t *out)
{
    const uint32_t players = t->spec.options.players;
    uint64_t digest = rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, t->status.winner);
    struct standing rows[PLAN_PLAYERS_MAX];
    struct place places[PLAN_PLAYERS_MAX];
    int32_t rc = RH_OK;

    if (t->spec.options.format == FORMAT_ROUND_ROBIN)
        rc = tournament_standings(t, rows);
    else
        ranks_make(&t->plan, t->meetings, places);
    for (uint32_t i = 0; i < players && rc == RH_OK; i++) {
        if (t->spec.options.format == FORMAT_ROUND_ROBIN) {
            digest = rh_hash_fnv1a_u64(digest, rows[i].player);
            digest = rh_hash_fnv1a_u64(digest, (uint64_t)rows[i].rank << 32 | rows[i].halves);
        } else {
            digest = rh_hash_fnv1a_u64(digest, places[i].player);
            digest = rh_hash_fnv1a_u64(digest, places[i].rank);
        }
    }
    if (rc == RH_OK)
        *out = digest ? digest : 1;
    return rc;
}

bool tournament_is_complete(const struct tournament *t)
{
    return t->status.state == TOURNAMENT_RUNNING && bracket_is_over(&t->plan, t->meetings);
}

int32_t tournament_finish(struct tournament *t, uint8_t state, int64_t wall_ms)
{
    uint16_t winner = PLAYER_NOBODY;

    assert(state != TOURNAMENT_COMPLETED || bracket_is_over(&t->plan, t->meetings));
    if (state == TOURNAMENT_COMPLETED && find_winner(t, &winner) != RH_OK)
        return RH_ENOMEM;
    rh_state_move(&t->status.state, state_edges, sizeof(state_edges) / sizeof(state_edges[0]),
                  state);
    t->status.winner = winner;
    t->status.finished_at_ms = wall_ms;
    t->status.decided = 0;
    for (uint32_t i = 0; i < t->plan.count; i++)
        t->status.decided += t->meetings[i].state == MEETING_DECIDED;
    return RH_OK;
}

void tournament_reopen(struct tournament *t)
{
    rh_state_move(&t->status.state, state_edges, sizeof(state_edges) / sizeof(state_edges[0]),
                  TOURNAMENT_RUNNING);
    t->status.winner = PLAYER_NOBODY;
    t->status.is_settled = false;
    t->status.finished_at_ms = 0;
}
