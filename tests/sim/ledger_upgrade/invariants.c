/* What must hold while the nodes of a cluster get a newer plugin one by one, and some the older one
 * again: the schema of the replicated namespace is raised only when all voters read the new one,
 * and no node activates the plugin on data that its code does not read. DESIGN section 4. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define NAMESPACE "ledger"
#define SCHEMA    2u /* the newer one */
/* A leader's word on a voter may be as old as this: it may have slept for a minute since. */
#define WINDOW_US INT64_C(75000000)

struct upgrade {
    uint32_t node_count;
    int64_t
        *reads_us;   /* by node: when it was last seen to run code that reads SCHEMA; -1 = never */
    bool was_older;  /* some node held the schema before */
    bool is_decided; /* some leader has begun to migrate */
};

struct plugin_state {
    struct rh_str plugin, state;
};
static const struct rh_field state_fields[] = {
    RH_STR(struct plugin_state, plugin, RH_REQUIRED, "whose"),
    RH_STR(struct plugin_state, state, RH_REQUIRED, "what it is now"),
};
static const struct rh_fields state_table = RH_FIELDS(struct plugin_state, state_fields);

static bool reads(const struct rh_sim_schema *schema, uint32_t number)
{
    return number >= schema->read_min && number <= schema->write;
}

static void on_event(void *self, struct rh_sim *sim, uint32_t node)
{
    struct upgrade *u = self;
    struct rh_sim_schema schema;

    if (node == RH_SIM_OUTSIDE || rh_sim_schema(sim, node, NAMESPACE, &schema) != RH_OK)
        return;
    if (reads(&schema, SCHEMA))
        u->reads_us[node] = rh_sim_now_us(sim);
    u->was_older |= schema.stored == SCHEMA - 1;
    if (schema.stored == SCHEMA && u->was_older && !u->is_decided)
        rh_sim_fail(sim, "schema_is_raised_by_migration", node, "it holds schema %u", SCHEMA);
}

static void on_migrating(struct upgrade *u, struct rh_sim *sim, uint32_t leader)
{
    const int64_t now_us = rh_sim_now_us(sim);

    u->is_decided = true;
    for (uint32_t i = 0; i < u->node_count; i++) {
        struct rh_sim_node node;

        rh_sim_node(sim, i, &node);
        if (node.is_voter && (u->reads_us[i] < 0 || now_us - u->reads_us[i] > WINDOW_US))
            rh_sim_fail(sim, "schema_is_raised_when_all_read_it", leader,
                        "it migrates to schema %u; %s last read that at %" PRId64 " ms", SCHEMA,
                        node.node_id, u->reads_us[i] / 1000);
    }
}

static void on_activated(struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_schema schema;

    if (rh_sim_schema(sim, node, NAMESPACE, &schema) == RH_OK && schema.stored != 0 &&
        !reads(&schema, schema.stored))
        rh_sim_fail(sim, "activates_only_what_it_reads", node,
                    "it holds schema %" PRIu32 " and reads %" PRIu32 " to %" PRIu32, schema.stored,
                    schema.read_min, schema.write);
}

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    struct plugin_state fact;
    void *memory = NULL;

    if (!rh_str_eq_c(event->type, "PLUGIN_STATE") ||
        rh_sim_decode(sim, &state_table, event->payload, &fact, &memory) != RH_OK)
        return;
    if (rh_str_eq_c(fact.plugin, "ledger")) {
        if (rh_str_eq_c(fact.state, "migrating"))
            on_migrating(self, sim, node);
        else if (rh_str_eq_c(fact.state, "activated"))
            on_activated(sim, node);
    }
    rh_sim_release(sim, memory);
}

/* All run the newer code by now, so all come to hold what it writes. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct upgrade *u = self;

    for (uint32_t i = 0; i < u->node_count; i++) {
        struct rh_sim_schema schema;

        if (rh_sim_schema(sim, i, NAMESPACE, &schema) != RH_OK || schema.stored != SCHEMA)
            return 0;
    }
    return 1;
}

static void *create(struct rh_sim *sim)
{
    struct upgrade *u = calloc(1, sizeof(*u));

    if (!u)
        return NULL;
    u->node_count = rh_sim_node_count(sim);
    u->reads_us = calloc(u->node_count, sizeof(*u->reads_us));
    if (!u->reads_us)
        abort(); /* as the simulation itself */
    for (uint32_t i = 0; i < u->node_count; i++)
        u->reads_us[i] = -1;
    return u;
}

static void destroy(void *self)
{
    struct upgrade *u = self;

    free(u->reads_us);
    free(u);
}

static const char *const plugins[] = {"raft", "ledger"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "ledger_upgrade",
    .plugins = plugins,
    .plugin_count = 2,
    .create = create,
    .destroy = destroy,
    .event = on_event,
    .published = on_published,
    .healed = healed,
};

RH_SIM_INVARIANTS(invariants)
