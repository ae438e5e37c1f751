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

/* No two at one instant: a lease that was seen is over by its own node's clock or still counts. */
static void check_alone(const struct raft_checks *c, struct rh_sim *sim, uint32_t node)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct rh_sim_node other;

        if (i == node || !c->nodes[i].leads)
            continue;
        rh_sim_node(sim, i, &other);
        if (other.is_up && other.life == c->nodes[i].life && other.now_ms < c->nodes[i].expires_ms)
            rh_sim_fail(sim, "one_believer", node,
                        "it leads in term %" PRIu64 " while %s leads in term %" PRIu64
                        " for %" PRId64 " ms more",
                        c->nodes[node].term, other.node_id, c->nodes[i].term,
                        c->nodes[i].expires_ms - other.now_ms);
    }
}

void raft_check_view(struct raft_checks *c, struct rh_sim *sim, uint32_t node)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    struct raft_seen *seen = &c->nodes[node];
    struct rh_sim_node now;

    if (rh_sim_leader(sim, node, &leader) != RH_OK)
        return;
    rh_sim_node(sim, node, &now);
    seen->life = now.life;
    seen->leads = leader.is_self;
    seen->term = leader.epoch;
    seen->expires_ms = leader.expires_ms;
    if (!leader.is_self)
        return;
    raft_check_leader(c, sim, node, leader.epoch);
    check_alone(c, sim, node);
}

/* --- LEADER_CHANGED --- */

struct change {
    struct rh_str new_leader_id, old_leader_id;
    int64_t term;
};
static const struct rh_field change_fields[] = {
    RH_STR(struct change, new_leader_id, 0, "who leads"),
    RH_STR(struct change, old_leader_id, 0, "who led"),
    RH_INT(struct change, term, 0, 0, INT64_C(9007199254740991), "its term"),
};
static const struct rh_fields change_table = RH_FIELDS(struct change, change_fields);

/* Each event begins where the one before ended and changes something; a node announces itself at
 * most once in a term. */
static void check_change(struct raft_checks *c, struct rh_sim *sim, uint32_t node,
                         const struct change *change)
{
    struct raft_seen *seen = &c->nodes[node];
    struct rh_sim_node now;
    bool is_same;

    rh_sim_node(sim, node, &now);
    is_same = seen->has_event && rh_str_eq_c(change->new_leader_id, seen->event_leader) &&
              seen->event_term == (uint64_t)change->term;
    if (is_same || !rh_str_eq_c(change->old_leader_id, seen->event_leader))
        rh_sim_fail(sim, "leader_changed_once", node,
                    "\"%.*s\" follows \"%.*s\" in term %" PRId64 ", after \"%s\" in term %" PRIu64,
                    RH_STR_ARG(change->new_leader_id), RH_STR_ARG(change->old_leader_id),
                    change->term, seen->event_leader, seen->event_term);
    if (rh_str_eq_c(change->new_leader_id, now.node_id)) {
        if (seen->own_term >= (uint64_t)change->term)
            rh_sim_fail(sim, "leader_changed_once", node,
                        "it announces itself for term %" PRId64 " after term %" PRIu64,
                        change->term, seen->own_term);
        seen->own_term = (uint64_t)change->term;
    }
    seen->has_event = true;
    seen->event_term = (uint64_t)change->term;
    (void)rh_str_copy(seen->event_leader, sizeof(seen->event_leader),
                      change->new_leader_id); /* ids fit */
}

void raft_check_change(struct raft_checks *c, struct rh_sim *sim, uint32_t node,
                       const struct rh_event *event)
{
    struct raft_seen *seen = &c->nodes[node];
    struct rh_sim_node now;
    struct change change;
    void *memory = NULL;

    if (!rh_str_eq_c(event->type, "LEADER_CHANGED"))
        return;
    rh_sim_node(sim, node, &now);
    if (seen->event_life != now.life) {
        seen->event_life = now.life;
        seen->has_event = false;
        seen->event_leader[0] = '\0';
        seen->own_term = 0;
    }
    if (rh_sim_decode(sim, &change_table, event->payload, &change, &memory) != RH_OK) {
        rh_sim_fail(sim, "leader_changed_once", node, "payload %.*s", RH_STR_ARG(event->payload));
        return;
    }
    check_change(c, sim, node, &change);
    rh_sim_release(sim, memory);
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
