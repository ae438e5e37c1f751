/* Which hubs a node registers at: those configured, else the leader and another voter. [any] */
#ifndef RH_RELAY_CHOICE_H
#define RH_RELAY_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

#define CHOICE_HUBS_MAX 4u

/* A node that may be a hub. */
struct candidate {
    struct rh_str node_id;
    bool is_leader;
    bool is_alive;   /* not dead or gone, as far as is known */
    bool is_avoided; /* it has not answered lately */
    bool is_held;    /* this node is registered there now */
};

/* Writes the indices of up to `want` hubs into out[CHOICE_HUBS_MAX] and returns how many: living
 * ones before those that were avoided, the leader first, then those that the node is registered at,
 * then by a hash of both ids, so that nodes spread over the voters. Dead ones are not chosen while
 * others are left. is_listed: the candidates are configured, all of them are wanted in this order.
 */
uint32_t choice_hubs(struct rh_str self, const struct candidate *candidates, uint32_t count,
                     bool is_listed, uint32_t want, uint32_t *out);

#endif
