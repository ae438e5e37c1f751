/* Verdicts of nodes that have just stood still, in a simulated cluster. */
#include "invariants.h"

#include <inttypes.h>
#include <stdbool.h>

#include <ringhost/sdk/str.h>

#define US_PER_MS   1000
#define STALL_BEATS 2 /* a silence of more is a stall: something happens on a node in each beat */

static int64_t beat_us(struct rh_sim *sim)
{
    return rh_sim_beat_ms(sim) * US_PER_MS;
}

/* Whether what happens on the node now is the first after a stall. */
static bool wakes(const struct gossip_awake *seen, struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_node now;

    rh_sim_node(sim, node, &now);
    return seen->life == now.life &&
           rh_sim_now_us(sim) - seen->last_us > STALL_BEATS * beat_us(sim);
}

void gossip_awake_event(struct gossip_awake *nodes, struct rh_sim *sim, uint32_t node)
{
    struct gossip_awake *seen = &nodes[node];
    const int64_t now_us = rh_sim_now_us(sim);
    struct rh_sim_node now;

    rh_sim_node(sim, node, &now);
    if (!now.is_up || now.is_paused)
        return;
    if (wakes(seen, sim, node))
        seen->woke_us = now_us;
    if (seen->life != now.life)
        *seen = (struct gossip_awake){.life = now.life, .began_us = now_us};
    seen->last_us = now_us;
}

struct offline {
    struct rh_str node_id;
};
static const struct rh_field offline_fields[] = {
    RH_STR(struct offline, node_id, RH_REQUIRED, "who is gone"),
};
static const struct rh_fields offline_table = RH_FIELDS(struct offline, offline_fields);

/* It has been there for a beat, so that it has spoken to others. */
static bool is_well(const struct gossip_awake *nodes, struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_node now;

    rh_sim_node(sim, node, &now);
    return now.is_up && now.is_ready && !now.is_paused && nodes[node].life == now.life &&
           rh_sim_now_us(sim) - nodes[node].began_us > beat_us(sim);
}

void gossip_awake_published(const struct gossip_awake *nodes, struct rh_sim *sim, uint32_t node,
                            const struct rh_event *event)
{
    const int64_t now_us = rh_sim_now_us(sim);
    struct offline offline;
    void *memory = NULL;
    uint32_t subject;

    /* Where swim runs, it is swim that judges. */
    if (!rh_str_eq_c(event->type, "HOST_OFFLINE") || rh_sim_is_active(sim, node, "swim") ||
        rh_sim_decode(sim, &offline_table, event->payload, &offline, &memory) != RH_OK)
        return;
    subject = rh_sim_find(sim, offline.node_id);
    if (subject != RH_SIM_OUTSIDE && is_well(nodes, sim, subject) &&
        (now_us == nodes[node].woke_us || wakes(&nodes[node], sim, node)))
        rh_sim_fail(sim, "who_wakes_up_condemns_nobody", node,
                    "it has just stood still, and %.*s, which is well, is dead to it",
                    RH_STR_ARG(offline.node_id));
    rh_sim_release(sim, memory);
}
