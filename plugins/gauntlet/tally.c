/* Counts outcomes of games, per baseline and per node; it does not judge them. */
#include "tally.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <string.h>

void tally_add(struct tally *tally, uint8_t outcome)
{
    assert(outcome < OUTCOME_COUNT);
    tally->pending += outcome == OUTCOME_PENDING;
    tally->wins += outcome == OUTCOME_WIN;
    tally->losses += outcome == OUTCOME_LOSS;
    tally->draws += outcome == OUTCOME_DRAW;
    tally->errors += outcome == OUTCOME_ERROR;
}

void tally_merge(struct tally *tally, const struct tally *other)
{
    tally->wins += other->wins;
    tally->losses += other->losses;
    tally->draws += other->draws;
    tally->errors += other->errors;
    tally->pending += other->pending;
}

uint32_t tally_decided(const struct tally *tally)
{
    return tally->wins + tally->losses + tally->draws;
}

uint32_t tally_over(const struct tally *tally)
{
    return tally_decided(tally) + tally->errors;
}

uint32_t tally_scheduled(const struct tally *tally)
{
    return tally_over(tally) + tally->pending;
}

void tally_nodes_add(struct tally_nodes *nodes, struct rh_str node_id)
{
    uint32_t place = 0;

    if (node_id.n == 0)
        return;
    while (place < nodes->count && rh_str_cmp(nodes->nodes[place].node_id, node_id) < 0)
        place++;
    if (place < nodes->count && rh_str_eq(nodes->nodes[place].node_id, node_id)) {
        nodes->nodes[place].games++;
        return;
    }
    if (nodes->count == TALLY_NODES_MAX) {
        nodes->others++;
        return;
    }
    memmove(&nodes->nodes[place + 1], &nodes->nodes[place],
            (nodes->count - place) * sizeof(nodes->nodes[0]));
    nodes->nodes[place] = (struct tally_node){node_id, 1};
    nodes->count++;
}
