/* Operators of a simulated raft group: they add, promote and remove members and hand leadership
 * over, at any node, whether it makes sense or not. A workload: what must hold meanwhile is checked
 * by the checks of raft. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define TIMEOUT_MS 6000
/* Members that are never removed: without them the load on the group would have nobody to talk to
 * for most of the run. */
#define KEPT 2u

static uint32_t below(struct rh_sim *sim, uint32_t n)
{
    return (uint32_t)(rh_sim_random(sim) % n);
}

static void send(struct rh_sim *sim, const char *target, const char *body)
{
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request),
        .timeout_ms = TIMEOUT_MS,
        .method = "POST",
        .target = target,
        .body = body,
    };
    int32_t rc = rh_sim_request(sim, below(sim, rh_sim_node_count(sim)), &request);

    assert(rc == RH_OK);
    (void)rc;
}

static void on_tick(void *self, struct rh_sim *sim)
{
    static const char *const actions[] = {"add", "promote", "remove"};
    const uint32_t count = rh_sim_node_count(sim);
    const char *action = actions[below(sim, 3)];
    uint32_t at = below(sim, count);
    struct rh_sim_node node;
    char body[128];

    (void)self;
    if (rh_sim_is_healed(sim))
        return;
    if (action == actions[2])
        at = KEPT + below(sim, count - KEPT);
    rh_sim_node(sim, at, &node);
    if (below(sim, 4) == 0) {
        (void)snprintf(body, sizeof(body), "{\"node_id\":\"%s\"}",
                       below(sim, 2) ? node.node_id : ""); /* fits */
        send(sim, "/raft/transfer", body);
        return;
    }
    (void)snprintf(body, sizeof(body), "{\"action\":\"%s\",\"node_id\":\"%s\"}", action,
                   node.node_id); /* fits */
    send(sim, "/raft/members", body);
}

/* It keeps nothing; an instance is a name. */
static void *create(struct rh_sim *sim)
{
    (void)sim;
    return malloc(1);
}

static const char *const plugins[] = {"raft"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "raft_changes",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = 400,
    .create = create,
    .destroy = free,
    .tick = on_tick,
};

RH_SIM_INVARIANTS(invariants)
