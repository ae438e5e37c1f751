/* What must hold of leadership in any simulated cluster, whoever provides it: seen from the hosts'
 * views and from the events LEADER_CHANGED. PROTOCOLS: election; across plugins. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define TERMS_MAX (1u << 24)
#define ID_SIZE   80u

struct seen {
    uint32_t life;
    bool leads; /* by its host's view, as of its last event */
    uint64_t term;
    int64_t expires_ms;
    /* of its events LEADER_CHANGED in the life of the last one */
    uint32_t event_life;
    bool has_event;
    uint64_t event_term;
    uint64_t own_term; /* greatest it announced itself for */
    char event_leader[ID_SIZE];
};

struct leadership {
    uint32_t count;
    struct seen *nodes;
    struct rh_map64 leaders; /* term -> node + 1 */
};

static void *create(struct rh_sim *sim)
{
    struct leadership *l = calloc(1, sizeof(*l));

    if (!l)
        return NULL;
    l->count = rh_sim_node_count(sim);
    l->nodes = calloc(l->count, sizeof(*l->nodes));
    assert(l->nodes);
    rh_map64_init(&l->leaders, 1, TERMS_MAX);
    return l;
}

static void destroy(void *self)
{
    struct leadership *l = self;

    rh_map64_release(&l->leaders);
    free(l->nodes);
    free(l);
}

/* --- views --- */

static void check_term(struct leadership *l, struct rh_sim *sim, uint32_t node)
{
    const uint64_t term = l->nodes[node].term;
    const uintptr_t before = (uintptr_t)rh_map64_get(&l->leaders, term);
    struct rh_sim_node first;

    if (before == 0) {
        if (rh_map64_put(&l->leaders, term, (void *)(uintptr_t)(node + 1u), NULL) != RH_OK)
            abort(); /* a run without memory shows nothing */
    } else if (before != node + 1u) {
        rh_sim_node(sim, (uint32_t)before - 1, &first);
        rh_sim_fail(sim, "one_leader_per_term", node, "%s led in term %" PRIu64 " too",
                    first.node_id, term);
    }
}

/* No two at one instant: a lease that was seen is over by its own node's clock or still counts. */
static void check_alone(const struct leadership *l, struct rh_sim *sim, uint32_t node)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct rh_sim_node other;

        if (i == node || !l->nodes[i].leads)
            continue;
        rh_sim_node(sim, i, &other);
        if (other.is_up && other.life == l->nodes[i].life && other.now_ms < l->nodes[i].expires_ms)
            rh_sim_fail(sim, "one_believer", node,
                        "it leads in term %" PRIu64 " while %s leads in term %" PRIu64
                        " for %" PRId64 " ms more",
                        l->nodes[node].term, other.node_id, l->nodes[i].term,
                        l->nodes[i].expires_ms - other.now_ms);
    }
}

static void on_event(void *self, struct rh_sim *sim, uint32_t node)
{
    struct leadership *l = self;
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    struct rh_sim_node now;
    struct seen *seen;

    if (node == RH_SIM_OUTSIDE || rh_sim_leader(sim, node, &leader) != RH_OK)
        return;
    seen = &l->nodes[node];
    rh_sim_node(sim, node, &now);
    seen->life = now.life;
    seen->leads = leader.is_self;
    seen->term = leader.epoch;
    seen->expires_ms = leader.expires_ms;
    if (!leader.is_self)
        return;
    check_term(l, sim, node);
    check_alone(l, sim, node);
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
static void check_change(struct leadership *l, struct rh_sim *sim, uint32_t node,
                         const struct change *change)
{
    struct seen *seen = &l->nodes[node];
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

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    struct leadership *l = self;
    struct seen *seen = &l->nodes[node];
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
    check_change(l, sim, node, &change);
    rh_sim_release(sim, memory);
}

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "leadership",
    .create = create,
    .destroy = destroy,
    .event = on_event,
    .published = on_published,
};
RH_SIM_INVARIANTS(invariants)
