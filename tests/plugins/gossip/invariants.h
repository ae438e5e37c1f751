/* What the checks of gossip share. */
#ifndef RH_TESTS_PLUGINS_GOSSIP_INVARIANTS_H
#define RH_TESTS_PLUGINS_GOSSIP_INVARIANTS_H

#include <ringhost/sim.h>

/* How a node was doing, by when events happen on it; all zero before its first. */
struct gossip_awake {
    uint32_t life;
    int64_t began_us; /* its life */
    int64_t last_us;  /* its last event */
    int64_t woke_us;  /* the end of the last stall of this life, 0 = none */
};

/* invariants_awake.c: who has stood still finds nobody dead before it has read what the others said
 * meanwhile. nodes: one for each node of the run. */
void gossip_awake_event(struct gossip_awake *nodes, struct rh_sim *sim, uint32_t node);
void gossip_awake_published(const struct gossip_awake *nodes, struct rh_sim *sim, uint32_t node,
                            const struct rh_event *event);

#endif
