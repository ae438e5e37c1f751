/* One gauntlet in memory with the results of its games, each counted once; not its storage. */
#include "gauntlet.h"

#include <assert.h>
#include <ringhost/sdk/edges.h>
#include <ringhost/sdk/str.h>
#include <stdlib.h>
#include <string.h>

static const struct rh_edge state_edges[] = {
    {GAUNTLET_RUNNING, GAUNTLET_COMPLETED},
    {GAUNTLET_RUNNING, GAUNTLET_CANCELLED},
    {GAUNTLET_RUNNING, GAUNTLET_FAILED},
};

int32_t gauntlet_new(struct rh_str record, struct gauntlet **out)
{
    struct gauntlet *g = calloc(1, sizeof(*g));
    int32_t rc = RH_ENOMEM;

    if (!g)
        return RH_ENOMEM;
    g->bytes = malloc(record.n + 1);
    if (!g->bytes)
        goto out;
    if (record.n)
        memcpy(g->bytes, record.p, record.n);
    rc = gauntlet_spec_decode((struct rh_str){g->bytes, record.n}, &g->spec);
    if (rc != RH_OK)
        goto out;
    g->game_count = gauntlet_game_count(&g->spec);
    g->games = calloc(g->game_count, sizeof(*g->games));
    if (!g->games) {
        rc = RH_ENOMEM;
        goto out;
    }
    *out = g;
    g = NULL;
out:
    gauntlet_free(g);
    return rc;
}

void gauntlet_free(struct gauntlet *g)
{
    if (!g)
        return;
    free(g->games);
    free(g->bytes);
    free(g);
}

bool gauntlet_put(struct gauntlet *g, uint32_t index, const struct game_result *result)
{
    assert(index < g->game_count);
    if (result->outcome == OUTCOME_PENDING || g->games[index].outcome != OUTCOME_PENDING)
        return false;
    g->games[index] = *result;
    g->over++;
    return true;
}

bool gauntlet_is_decided(const struct game_result *game)
{
    return game->outcome == OUTCOME_WIN || game->outcome == OUTCOME_LOSS ||
           game->outcome == OUTCOME_DRAW;
}

uint32_t gauntlet_pending(const struct gauntlet *g, uint32_t from)
{
    while (from < g->game_count && g->games[from].outcome != OUTCOME_PENDING)
        from++;
    return from;
}

static uint32_t baseline_of(const struct gauntlet *g, uint32_t index)
{
    return schedule_game(g->spec.seed, g->spec.baseline_count, index).baseline;
}

bool gauntlet_is_wanted(const struct gauntlet *g, uint32_t index)
{
    return index < g->game_count && g->games[index].outcome == OUTCOME_PENDING &&
           g->status.decisions[baseline_of(g, index)] == SPRT_GOES_ON;
}

uint32_t gauntlet_wanted(const struct gauntlet *g, uint32_t from)
{
    while (from < g->game_count && !gauntlet_is_wanted(g, from))
        from++;
    return from;
}

struct tally gauntlet_tally(const struct gauntlet *g, uint32_t baseline)
{
    struct tally tally = {0};

    for (uint32_t i = 0; i < g->game_count; i++) {
        if (baseline_of(g, i) == baseline)
            tally_add(&tally, g->games[i].outcome);
    }
    return tally;
}

struct tally gauntlet_total(const struct gauntlet *g)
{
    struct tally tally = {0};

    for (uint32_t i = 0; i < g->game_count; i++)
        tally_add(&tally, g->games[i].outcome);
    return tally;
}

/* Half points of the model in a game; ODD when it says nothing. */
#define ODD 100u

static uint32_t half_points(uint8_t outcome)
{
    static const uint8_t points[OUTCOME_COUNT] = {[OUTCOME_PENDING] = ODD,
                                                  [OUTCOME_WIN] = 2,
                                                  [OUTCOME_LOSS] = 0,
                                                  [OUTCOME_DRAW] = 1,
                                                  [OUTCOME_ERROR] = ODD};

    return points[outcome];
}

void gauntlet_pairs(const struct gauntlet *g, uint32_t baseline,
                    uint32_t pairs[STATS_PAIR_OUTCOMES])
{
    memset(pairs, 0, STATS_PAIR_OUTCOMES * sizeof(*pairs));
    for (uint32_t i = 0; i + 1 < g->game_count; i += 2) {
        const uint32_t points =
            half_points(g->games[i].outcome) + half_points(g->games[i + 1].outcome);

        if (points < STATS_PAIR_OUTCOMES && baseline_of(g, i) == baseline)
            pairs[points]++;
    }
}

uint32_t gauntlet_skipped(const struct gauntlet *g, uint32_t baseline)
{
    if (g->status.state == GAUNTLET_RUNNING && g->status.decisions[baseline] == SPRT_GOES_ON)
        return 0;
    return gauntlet_tally(g, baseline).pending;
}

struct tally gauntlet_tally_of_node(const struct gauntlet *g, struct rh_str node_id)
{
    struct tally tally = {0};

    for (uint32_t i = 0; i < g->game_count; i++) {
        if (rh_str_eq_c(node_id, g->games[i].node_id))
            tally_add(&tally, g->games[i].outcome);
    }
    return tally;
}

double gauntlet_llr(const struct gauntlet *g, uint32_t baseline)
{
    uint32_t pairs[STATS_PAIR_OUTCOMES];
    const struct tally tally = gauntlet_tally(g, baseline);
    const uint32_t games[SPRT_TRINOMIAL] = {tally.losses, tally.draws, tally.wins};

    assert(g->spec.has_sprt);
    if (g->spec.is_by_games)
        return sprt_llr(&g->spec.sprt, games, SPRT_TRINOMIAL);
    gauntlet_pairs(g, baseline, pairs);
    return sprt_llr(&g->spec.sprt, pairs, SPRT_PENTANOMIAL);
}

bool gauntlet_decide(struct gauntlet *g)
{
    bool is_new = false;

    if (!g->spec.has_sprt || g->status.state != GAUNTLET_RUNNING)
        return false;
    for (uint32_t i = 0; i < g->spec.baseline_count; i++) {
        if (g->status.decisions[i] != SPRT_GOES_ON)
            continue;
        g->status.decisions[i] = (uint8_t)sprt_decide(&g->spec.sprt, gauntlet_llr(g, i));
        is_new = is_new || g->status.decisions[i] != SPRT_GOES_ON;
    }
    return is_new;
}

void gauntlet_nodes(const struct gauntlet *g, struct tally_nodes *out)
{
    memset(out, 0, sizeof(*out));
    for (uint32_t i = 0; i < g->game_count; i++) {
        if (g->games[i].outcome != OUTCOME_PENDING)
            tally_nodes_add(out, rh_str_from(g->games[i].node_id));
    }
}

struct verdict_result gauntlet_verdict(const struct gauntlet *g, uint32_t baseline)
{
    const struct tally tally = gauntlet_tally(g, baseline);

    const bool is_cancelled =
        g->status.state == GAUNTLET_CANCELLED || g->status.state == GAUNTLET_FAILED;

    if (g->spec.has_sprt)
        return verdict_of_sprt(&tally, &g->spec.sprt,
                               (enum sprt_decision)g->status.decisions[baseline], is_cancelled);
    return verdict_of_tally(&tally, is_cancelled);
}

struct verdict_result gauntlet_verdict_overall(const struct gauntlet *g)
{
    struct verdict_result each[SCHEDULE_BASELINES_MAX];

    for (uint32_t i = 0; i < g->spec.baseline_count; i++)
        each[i] = gauntlet_verdict(g, i);
    return verdict_overall(each, g->spec.baseline_count);
}

bool gauntlet_is_complete(const struct gauntlet *g)
{
    return g->status.state == GAUNTLET_RUNNING && gauntlet_wanted(g, 0) == g->game_count;
}

void gauntlet_finish(struct gauntlet *g, uint8_t state, int64_t wall_ms)
{
    struct verdict_result verdict;

    assert(state != GAUNTLET_COMPLETED || gauntlet_is_complete(g));
    rh_state_move(&g->status.state, state_edges, sizeof(state_edges) / sizeof(state_edges[0]),
                  state);
    verdict = gauntlet_verdict_overall(g);
    g->status.is_settled = state == GAUNTLET_COMPLETED && g->over == g->game_count;
    g->status.finished_at_ms = wall_ms;
    g->status.total = gauntlet_total(g);
    g->status.verdict = (uint8_t)verdict.verdict;
    g->status.reason = (uint8_t)verdict.reason;
}
