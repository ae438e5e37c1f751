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

uint32_t gauntlet_pending(const struct gauntlet *g, uint32_t from)
{
    while (from < g->game_count && g->games[from].outcome != OUTCOME_PENDING)
        from++;
    return from;
}

struct tally gauntlet_tally(const struct gauntlet *g, uint32_t baseline)
{
    struct tally tally = {0};

    for (uint32_t i = 0; i < g->game_count; i++) {
        if (schedule_game(g->spec.seed, g->spec.baseline_count, i).baseline == baseline)
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

    return verdict_of_tally(&tally, g->status.state == GAUNTLET_CANCELLED);
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
    return g->status.state == GAUNTLET_RUNNING && g->over == g->game_count;
}

void gauntlet_finish(struct gauntlet *g, uint8_t state, int64_t wall_ms)
{
    struct verdict_result verdict;

    assert(state != GAUNTLET_COMPLETED || g->over == g->game_count);
    rh_state_move(&g->status.state, state_edges, sizeof(state_edges) / sizeof(state_edges[0]),
                  state);
    verdict = gauntlet_verdict_overall(g);
    g->status.is_settled = state == GAUNTLET_COMPLETED;
    g->status.finished_at_ms = wall_ms;
    g->status.total = gauntlet_total(g);
    g->status.verdict = (uint8_t)verdict.verdict;
    g->status.reason = (uint8_t)verdict.reason;
}
