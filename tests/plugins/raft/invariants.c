/* What must hold of raft in a simulated cluster, seen from the wire, the disks and the hosts'
 * views. This file takes what happens to the checks and says when all is well again; the checks are
 * in invariants_*.c. They know the format of messages and records, and use raft's own code for it.
 * PROTOCOLS: raft. */
#include "invariants.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

void raft_check_put(struct rh_map64 *map, uint64_t key, uint64_t value)
{
    if (rh_map64_put(map, key, (void *)(uintptr_t)value, NULL) != RH_OK)
        abort(); /* a run without memory shows nothing */
}

uint64_t raft_check_get(const struct rh_map64 *map, uint64_t key)
{
    return (uint64_t)(uintptr_t)rh_map64_get(map, key);
}

/* --- what happens --- */

static void on_message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    const bool is_entries =
        rh_str_eq_c(message->path, "/raft/append") || rh_str_eq_c(message->path, "/raft/snapshot");

    if (is_entries && message->kind == RH_SIM_REQUEST_SENT)
        raft_check_append(self, sim, message);
    else if (is_entries && message->kind == RH_SIM_REPLY_SENT)
        raft_check_acknowledged(self, sim, message);
    else if (rh_str_eq_c(message->path, "/raft/vote"))
        raft_check_vote(self, sim, message);
}

static void on_event(void *self, struct rh_sim *sim, uint32_t node)
{
    uint64_t index;
    uint64_t term;

    if (node == RH_SIM_OUTSIDE)
        return;
    raft_check_view(self, sim, node);
    if (rh_sim_applied(sim, node, &index, &term) == RH_OK)
        raft_check_applied(self, sim, node, index, term);
}

/* One node after the other: asking costs more than an event. */
static void on_tick(void *self, struct rh_sim *sim)
{
    struct raft_checks *c = self;

    raft_check_state(c, sim, c->ticks++ % c->count);
}

/* --- all is well --- */

/* One member leads, all others follow it, and all have applied the same. Nodes that are no members
 * any more have nothing to do with it. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct raft_checks *c = self;
    struct raft_members members;
    uint64_t newest = 0;
    uint64_t epoch = 0;
    uint32_t leaders = 0;

    if (!raft_check_config(c, 0, &members))
        return 0;
    for (uint32_t i = 0; i < members.count; i++) {
        const uint32_t node = rh_sim_find(sim, rh_str_from(members.list[i].id));
        struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
        uint64_t index;
        uint64_t term;

        if (node >= c->count || rh_sim_leader(sim, node, &leader) != RH_OK ||
            leader.node_id.n == 0 || rh_sim_applied(sim, node, &index, &term) != RH_OK)
            return 0;
        if (i > 0 && (leader.epoch != epoch || index != newest))
            return 0;
        epoch = leader.epoch;
        newest = index;
        leaders += leader.is_self;
    }
    return leaders == 1 && newest >= c->committed;
}

static void end(void *self, struct rh_sim *sim)
{
    raft_check_logs(self, sim);
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++)
        raft_check_state(self, sim, i);
}

/* --- life --- */

static void first_config(struct raft_checks *c, struct rh_sim *sim)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct rh_sim_node node;

        rh_sim_node(sim, i, &node);
        if (node.is_voter &&
            raft_members_add(&c->configs[0], rh_str_from(node.node_id), true) != RH_OK)
            abort(); /* a scenario has fewer voters */
    }
    c->config_count = 1;
}

static void *create(struct rh_sim *sim)
{
    struct raft_checks *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->count = rh_sim_node_count(sim);
    c->nodes = calloc(c->count, sizeof(*c->nodes));
    if (!c->nodes)
        abort();
    first_config(c, sim);
    rh_map64_init(&c->asked, 1, RAFT_CHECK_MAX);
    rh_map64_init(&c->grants, 1, RAFT_CHECK_MAX);
    rh_map64_init(&c->leaders, 1, RAFT_CHECK_MAX);
    rh_map64_init(&c->firsts, 1, RAFT_CHECK_MAX);
    rh_map64_init(&c->places, 1, RAFT_CHECK_MAX);
    return c;
}

static void free_values(struct rh_map64 *map)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(map, &cursor, NULL, &value))
        free(value);
}

static void destroy(void *self)
{
    struct raft_checks *c = self;

    free_values(&c->asked);
    free_values(&c->places);
    rh_map64_release(&c->asked);
    rh_map64_release(&c->grants);
    rh_map64_release(&c->leaders);
    rh_map64_release(&c->firsts);
    rh_map64_release(&c->places);
    raft_decoded_release(&c->decoded);
    free(c->agreed);
    free(c->nodes);
    free(c);
}

static const char *const plugins[] = {"raft"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "raft",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = 150,
    .create = create,
    .destroy = destroy,
    .event = on_event,
    .message = on_message,
    .tick = on_tick,
    .healed = healed,
    .end = end,
};

RH_SIM_INVARIANTS(invariants)
