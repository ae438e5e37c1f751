/* Operators of a simulated raft group: they add, promote and remove members and hand leadership
 * over, at any node, whether it makes sense or not. A workload: what must hold meanwhile is checked
 * by the checks of raft. */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define TIMEOUT_MS 6000
/* Members that are never removed: without them the load on the group would have nobody to talk to
 * for most of the run. */
#define KEPT     2u
#define AT_ONCE  2u /* changes that a new leader is asked for */
#define BODY_MAX 128u

static uint32_t below(struct rh_sim *sim, uint32_t n)
{
    return (uint32_t)(rh_sim_random(sim) % n);
}

static void send(struct rh_sim *sim, uint32_t at, const char *target, const char *body)
{
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request),
        .timeout_ms = TIMEOUT_MS,
        .method = "POST",
        .target = target,
        .body = body,
    };
    int32_t rc = rh_sim_request(sim, at, &request);

    assert(rc == RH_OK);
    (void)rc;
}

static void hand_over(struct rh_sim *sim, uint32_t at)
{
    const bool is_named = below(sim, 2);
    struct rh_sim_node node;
    char body[BODY_MAX];

    rh_sim_node(sim, below(sim, rh_sim_node_count(sim)), &node);
    (void)snprintf(body, sizeof(body), "{\"node_id\":\"%s\"}",
                   is_named ? node.node_id : ""); /* fits */
    send(sim, at, "/raft/transfer", body);
}

static void change(struct rh_sim *sim, uint32_t at)
{
    static const char *const actions[] = {"add", "promote", "remove"};
    const uint32_t count = rh_sim_node_count(sim);
    const char *action = actions[below(sim, 3)];
    const uint32_t whom =
        action == actions[2] ? KEPT + below(sim, count - KEPT) : below(sim, count);
    struct rh_sim_node node;
    char body[BODY_MAX];

    rh_sim_node(sim, whom, &node);
    (void)snprintf(body, sizeof(body), "{\"action\":\"%s\",\"node_id\":\"%s\"}", action,
                   node.node_id); /* fits */
    send(sim, at, "/raft/members", body);
}

static void on_tick(void *self, struct rh_sim *sim)
{
    const uint32_t at = below(sim, rh_sim_node_count(sim));

    (void)self;
    if (rh_sim_is_healed(sim))
        return;
    if (below(sim, 4) == 0)
        hand_over(sim, at);
    else
        change(sim, at);
}

struct leader_changed {
    struct rh_str new_leader_id;
};
static const struct rh_field leader_changed_fields[] = {
    RH_STR(struct leader_changed, new_leader_id, 0, "who leads"),
};
static const struct rh_fields leader_changed_table =
    RH_FIELDS(struct leader_changed, leader_changed_fields);

/* A new leader is asked at once, by several, while its first entry is under way. */
static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    struct leader_changed told;
    void *memory = NULL;
    uint32_t leader;

    (void)self;
    (void)node;
    if (rh_sim_is_healed(sim) || !rh_str_eq_c(event->type, "LEADER_CHANGED") ||
        rh_sim_decode(sim, &leader_changed_table, event->payload, &told, &memory) != RH_OK)
        return;
    leader = rh_sim_find(sim, told.new_leader_id);
    for (uint32_t i = 0; leader != RH_SIM_OUTSIDE && i < AT_ONCE; i++)
        change(sim, leader);
    rh_sim_release(sim, memory);
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
    .published = on_published,
    .tick = on_tick,
};

RH_SIM_INVARIANTS(invariants)
