/* Leadership in a simulated cluster, from the wire, the hosts' views and /raft/state. */
#include "invariants.h"

#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define UNCOMMITTED_MAX (17 * 1024 * 1024) /* the limit of raft, and one entry beyond */

static void check_votes(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t term)
{
    struct raft_members members;
    uint32_t votes = 0;

    for (uint32_t back = 0; raft_check_config(c, back, &members); back++) {
        votes = raft_check_votes_for(c, sim, node, term, &members);
        if (votes >= raft_members_voter_count(&members) / 2 + 1)
            return;
    }
    rh_sim_fail(sim, "leader_has_majority", node, "it leads in term %" PRIu64 " with %u votes",
                term, votes);
}

void raft_check_leader(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t term)
{
    const uint64_t before = raft_check_get(&c->leaders, term);
    struct rh_sim_node first;

    if (before == node + 1)
        return;
    if (before > 0) {
        rh_sim_node(sim, (uint32_t)before - 1, &first);
        rh_sim_fail(sim, "one_leader_per_term", node, "%s led in term %" PRIu64 " too",
                    first.node_id, term);
        return;
    }
    raft_check_put(&c->leaders, term, node + 1);
    c->nodes[node].led_term = term;
    check_votes(c, sim, node, term);
    raft_check_completeness(c, sim, node, term);
}

void raft_check_view(struct raft_checks *c, struct rh_sim *sim, uint32_t node)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

    if (rh_sim_leader(sim, node, &leader) != RH_OK)
        return;
    c->nodes[node].term = leader.epoch;
    if (leader.is_self)
        raft_check_leader(c, sim, node, leader.epoch);
}

/* --- /raft/state --- */

struct state {
    struct rh_str state, leader;
    int64_t term, lease_ms, commit_index, uncommitted_bytes;
};
static const struct rh_field state_fields[] = {
    RH_STR(struct state, state, 0, "the role"),
    RH_STR(struct state, leader, 0, "who leads"),
    RH_INT(struct state, term, 0, 0, INT64_C(9007199254740991), "newest"),
    RH_INT(struct state, lease_ms, 0, INT64_C(-9007199254740991), INT64_C(9007199254740991),
           "left"),
    RH_INT(struct state, commit_index, 0, 0, INT64_C(9007199254740991), "agreed on"),
    RH_INT(struct state, uncommitted_bytes, 0, 0, INT64_C(9007199254740991), "not agreed on"),
};
static const struct rh_fields state_table = RH_FIELDS(struct state, state_fields);

static void compare(struct rh_sim *sim, uint32_t node, const struct rh_leader *view,
                    const struct state *state)
{
    const bool leads = rh_str_eq_c(state->state, "leader");
    bool agrees = view->epoch <= (uint64_t)state->term || view->node_id.n == 0;

    if (view->is_self)
        agrees = leads && view->epoch == (uint64_t)state->term;
    else if (leads && state->lease_ms > 0)
        agrees = false;
    else if (view->node_id.n > 0 && view->epoch == (uint64_t)state->term && state->leader.n > 0)
        agrees = rh_str_eq(view->node_id, state->leader);
    if (!agrees)
        rh_sim_fail(sim, "state_is_the_view", node,
                    "/raft/state: %.*s, %.*s leads in term %" PRId64 ", lease %" PRId64
                    " ms; the host: %.*s leads in %" PRIu64 "%s",
                    RH_STR_ARG(state->state), RH_STR_ARG(state->leader), state->term,
                    state->lease_ms, RH_STR_ARG(view->node_id), view->epoch,
                    view->is_self ? ", itself" : "");
}

void raft_check_state(struct raft_checks *c, struct rh_sim *sim, uint32_t node)
{
    struct rh_leader view = {.size = (uint32_t)sizeof(view)};
    struct rh_sim_answer answer;
    struct state state;
    void *memory = NULL;

    (void)c;
    if (rh_sim_ask(sim, node, "/raft/state", &answer) != RH_OK || answer.status != 200 ||
        rh_sim_leader(sim, node, &view) != RH_OK)
        return;
    if (rh_sim_decode(sim, &state_table, answer.body, &state, &memory) != RH_OK) {
        rh_sim_fail(sim, "state_is_the_view", node, "%.*s", RH_STR_ARG(answer.body));
        return;
    }
    if (state.state.n > 0 && !rh_str_eq_c(state.state, "loading") &&
        !rh_str_eq_c(state.state, "standby") && !rh_str_eq_c(state.state, "failed"))
        compare(sim, node, &view, &state);
    if (state.uncommitted_bytes > UNCOMMITTED_MAX)
        rh_sim_fail(sim, "memory_is_bounded", node, "%" PRId64 " bytes are not agreed on",
                    state.uncommitted_bytes);
    rh_sim_release(sim, memory);
}
