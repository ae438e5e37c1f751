/* One gauntlet in memory with the results of its games, each counted once; not its storage. */
#ifndef RH_PLUGINS_GAUNTLET_GAUNTLET_H
#define RH_PLUGINS_GAUNTLET_GAUNTLET_H

#include "record.h"
#include "verdict.h"

/* Read the members; change games only through gauntlet_put. */
struct gauntlet {
    struct gauntlet_spec spec; /* borrows from bytes */
    struct gauntlet_status status;
    char *bytes;
    struct game_result *games; /* game_count of them */
    uint32_t game_count;
    uint32_t over; /* games with a result */
};

/* A running gauntlet from its stored spec, which is copied; RH_EINVAL or RH_ENOMEM. [any] */
int32_t gauntlet_new(struct rh_str record, struct gauntlet **out);
/* NULL is allowed. */
void gauntlet_free(struct gauntlet *g);

/* Keep the result of a game. false, and nothing changes, when it has one already or the result is
 * still pending: nothing is counted twice. Asserts index < game_count. [any] */
bool gauntlet_put(struct gauntlet *g, uint32_t index, const struct game_result *result);

/* The first game from `from` on without a result, or game_count. [any] */
uint32_t gauntlet_pending(const struct gauntlet *g, uint32_t from);

/* Counts against one baseline, and in all. [any] */
struct tally gauntlet_tally(const struct gauntlet *g, uint32_t baseline);
struct tally gauntlet_total(const struct gauntlet *g);
/* Games by the node that ended them. [any] */
void gauntlet_nodes(const struct gauntlet *g, struct tally_nodes *out);

/* Verdict against one baseline, and of the whole. [any] */
struct verdict_result gauntlet_verdict(const struct gauntlet *g, uint32_t baseline);
struct verdict_result gauntlet_verdict_overall(const struct gauntlet *g);

/* All games are over and nobody has said so yet. [any] */
bool gauntlet_is_complete(const struct gauntlet *g);
/* Moves a running one to `state` and fills the rest of its status; asserts that it was running and
 * that a completed one has all its games. [any] */
void gauntlet_finish(struct gauntlet *g, uint8_t state, int64_t wall_ms);

#endif
