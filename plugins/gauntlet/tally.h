/* Counts outcomes of games, per baseline and per node; it does not judge them. */
#ifndef RH_PLUGINS_GAUNTLET_TALLY_H
#define RH_PLUGINS_GAUNTLET_TALLY_H

#include <ringhost/types.h>
#include <stdint.h>

/* Outcomes of a game, from the model's side. PENDING is 0: a game of which nothing is known. */
enum outcome {
    OUTCOME_PENDING = 0,
    OUTCOME_WIN,
    OUTCOME_LOSS,
    OUTCOME_DRAW,
    OUTCOME_ERROR,
    OUTCOME_COUNT
};

/* wins + losses + draws + errors + pending = games scheduled. */
struct tally {
    uint32_t wins;
    uint32_t losses;
    uint32_t draws;
    uint32_t errors;
    uint32_t pending;
};

/* Count one game. Asserts that the outcome is one of the five. [any] */
void tally_add(struct tally *tally, uint8_t outcome);
/* Count all games of another tally too. [any] */
void tally_merge(struct tally *tally, const struct tally *other);
/* Games that say something about strength: no errors, none pending. [any] */
uint32_t tally_decided(const struct tally *tally);
/* Games that are over, errors included. [any] */
uint32_t tally_over(const struct tally *tally);
uint32_t tally_scheduled(const struct tally *tally);

/* Nodes told apart in one gauntlet; games of further ones are counted together. */
#define TALLY_NODES_MAX 128u

struct tally_node {
    struct rh_str node_id; /* borrowed from whoever was counted */
    uint32_t games;
};

/* Ordered by node id. All-zero is empty. */
struct tally_nodes {
    struct tally_node nodes[TALLY_NODES_MAX];
    uint32_t count;
    uint32_t others;
};

/* Count a game of that node; an empty id is not counted. [any] */
void tally_nodes_add(struct tally_nodes *nodes, struct rh_str node_id);

#endif
