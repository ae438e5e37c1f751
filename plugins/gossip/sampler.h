/* Whom to talk to this round. It decides neither who is alive nor what is said. [any] */
#ifndef RH_GOSSIP_SAMPLER_H
#define RH_GOSSIP_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

/* Moves a random choice of min(want, count) items to the front, every choice equally likely, and
 * returns how many. */
uint32_t sampler_pick(struct rh_rng *rng, uint32_t *items, uint32_t count, uint32_t want);

/* Whether a list "a,b" names this node. */
bool sampler_is_named(struct rh_str list, struct rh_str node_id);

#endif
