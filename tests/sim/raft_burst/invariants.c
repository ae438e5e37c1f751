/* Clients of a simulated ledger that are silent for seconds and then write more at once than can be
 * agreed on at once, to whoever believes that it leads: a leader that is cut off meanwhile is left
 * with a long end of its log that nobody else has. A workload: what must hold meanwhile is checked
 * by the checks of raft. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sim.h>

#define TIMEOUT_MS 4000
#define EVERY_US   10000000 /* bursts begin at whole multiples of it, */
#define BURST_US   200000   /* and last so long */
#define EACH_TICK  4u
#define BODY_MAX   64u

struct burst {
    uint64_t next_id;
};

static void append(struct burst *b, struct rh_sim *sim, uint32_t node)
{
    char body[BODY_MAX];
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request),
        .timeout_ms = TIMEOUT_MS,
        .method = "POST",
        .target = "/ledger/append",
        .body = body,
    };
    int32_t rc;

    (void)snprintf(body, sizeof(body), "{\"id\":\"b%" PRIu64 "\"}", ++b->next_id); /* fits */
    rc = rh_sim_request(sim, node, &request);
    assert(rc == RH_OK);
    (void)rc;
}

static void on_tick(void *self, struct rh_sim *sim)
{
    struct burst *b = self;
    const int64_t now_us = rh_sim_now_us(sim);

    if (rh_sim_is_healed(sim) || now_us < EVERY_US || now_us % EVERY_US >= BURST_US)
        return;
    for (uint32_t node = 0; node < rh_sim_node_count(sim); node++) {
        struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

        if (rh_sim_leader(sim, node, &leader) != RH_OK || !leader.is_self)
            continue;
        for (uint32_t i = 0; i < EACH_TICK; i++)
            append(b, sim, node);
    }
}

static void *create(struct rh_sim *sim)
{
    (void)sim;
    return calloc(1, sizeof(struct burst));
}

static const char *const plugins[] = {"raft", "ledger"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "raft_burst",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = 50,
    .create = create,
    .destroy = free,
    .tick = on_tick,
};

RH_SIM_INVARIANTS(invariants)
