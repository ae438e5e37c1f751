/* One gauntlet in memory with the results of its games, each counted once; not its storage. */
#ifndef RH_PLUGINS_GAUNTLET_GAUNTLET_H
#define RH_PLUGINS_GAUNTLET_GAUNTLET_H

#include "record.h"
#include "stats.h"
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

/* Whether a game was played to its end. [any] */
bool gauntlet_is_decided(const struct game_result *game);

/* The first game from `from` on without a result, or game_count. [any] */
uint32_t gauntlet_pending(const struct gauntlet *g, uint32_t from);

/* The same among the games that are wanted: those of a baseline whose test is over are not. [any]
 */
uint32_t gauntlet_wanted(const struct gauntlet *g, uint32_t from);
bool gauntlet_is_wanted(const struct gauntlet *g, uint32_t index);

/* Counts against one baseline, and in all. [any] */
struct tally gauntlet_tally(const struct gauntlet *g, uint32_t baseline);
struct tally gauntlet_total(const struct gauntlet *g);
/* Pairs against one baseline with both results, by the model's points in them; a pair with an error
 * is left out. [any] */
void gauntlet_pairs(const struct gauntlet *g, uint32_t baseline,
                    uint32_t pairs[STATS_PAIR_OUTCOMES]);
/* Games against one baseline that will never be played, because its test, or the gauntlet, is over.
 * [any]
 */
uint32_t gauntlet_skipped(const struct gauntlet *g, uint32_t baseline);
/* What one node's games came to. [any] */
struct tally gauntlet_tally_of_node(const struct gauntlet *g, struct rh_str node_id);

/* Logarithm of the likelihood ratio of a baseline's test; asserts that there is one. [any] */
double gauntlet_llr(const struct gauntlet *g, uint32_t baseline);
/* Decides the tests that can be decided now, once and for all. true: a decision is new. Without
 * tests it is false. [any] */
bool gauntlet_decide(struct gauntlet *g);

/* Games by the node that ended them. [any] */
void gauntlet_nodes(const struct gauntlet *g, struct tally_nodes *out);

/* Verdict against one baseline, and of the whole. [any] */
struct verdict_result gauntlet_verdict(const struct gauntlet *g, uint32_t baseline);
struct verdict_result gauntlet_verdict_overall(const struct gauntlet *g);

/* Nothing is wanted any more and nobody has said so yet. [any] */
bool gauntlet_is_complete(const struct gauntlet *g);
/* Moves a running one to `state` and fills the rest of its status; asserts that it was running and
 * that a completed one wants no more games. It is settled when it is complete and no game is
 * missing. [any] */
void gauntlet_finish(struct gauntlet *g, uint8_t state, int64_t wall_ms);

#endif
