/* What becomes of the nodes of a run: starts, crashes, pauses, and the end of all faults. */
#include <assert.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/sim/run/world.h"

#define RESTART_US      INT64_C(1000000) /* as a supervisor that starts a program again */
#define STOP_GRACE_MS   5000
#define CALM_LATENCY_US 5000 /* longest, in the liveness phase */

static void start_due(struct world *world, uint64_t node)
{
    world->nodes[node].start = NULL;
    world_start(world, (uint32_t)node);
}

static void plan_start(struct world *world, uint32_t node, int64_t delay_us)
{
    struct world_node *place = &world->nodes[node];

    if (place->start)
        sim_cancel(place->start);
    place->start = delay_us < 0 ? NULL : world_at(world, delay_us, start_due, node);
}

struct rh_testhost_plugin world_plugin(const struct world *world, uint32_t at, bool is_older)
{
    const struct opened_plugin *older = &world->suite->older[at];
    const struct opened_plugin *build =
        is_older && older->desc ? older : &world->suite->plugins[at];

    return (struct rh_testhost_plugin){&build->desc->desc,
                                       world->scenario->plugins[at].config_json};
}

/* Put the wanted builds in place of a node that is down. */
static void take_build(struct world *world, uint32_t node)
{
    struct world_node *place = &world->nodes[node];
    char why[RH_TESTHOST_WHY_MAX];

    if (place->has_older == place->wants_older)
        return;
    place->has_older = place->wants_older;
    for (uint32_t i = 0; i < world->scenario->plugin_count; i++) {
        const struct rh_testhost_plugin plugin = world_plugin(world, i, place->has_older);

        if (!world->suite->older[i].desc)
            continue;
        sim_trace_line(world->net, "%s has the %s build of %s", world->net->nodes[node]->node_id,
                       place->has_older ? "older" : "newer", plugin.entry->id);
        if (sim_node_replace(world->net->nodes[node], i, &plugin, why) != RH_OK)
            world_fail(world, WORLD_VIOLATION, "nodes_can_be_made", node, "%s", why);
    }
}

void world_start(struct world *world, uint32_t node)
{
    struct rh_testhost *host = world->net->nodes[node];
    char why[RH_TESTHOST_WHY_MAX];

    plan_start(world, node, -1);
    if (host->is_up) {
        if (host->core->phase >= CORE_DRAINING)
            plan_start(world, node, RESTART_US); /* once it is down */
        return;
    }
    take_build(world, node);
    if (world->result->verdict != WORLD_GOOD)
        return;
    sim_trace_u64(&world->net->trace, SIM_TRACE_LIFE);
    sim_trace_u64(&world->net->trace, node);
    if (rh_testhost_start(host, why) == RH_OK) {
        sim_trace_line(world->net, "%s starts, life %u", host->node_id, (unsigned)host->life);
    } else {
        sim_trace_line(world->net, "%s cannot start: %s", host->node_id, why);
        plan_start(world, node, RESTART_US);
    }
}

static void maybe_reboot(struct world *world, struct rh_testhost *host)
{
    if (sim_chance(&world->rng, (uint32_t)world->faults.strength[FAULT_REBOOT]))
        sim_clock_reboot(host, (int64_t)rh_rng_below(&world->rng, 1000000));
}

static void maybe_change_build(struct world *world, uint32_t node)
{
    if (!world->is_healed && sim_chance(&world->rng, (uint32_t)world->faults.strength[FAULT_BUILD]))
        world->nodes[node].wants_older = !world->nodes[node].wants_older;
}

void world_crash(struct world *world, uint32_t node, enum sim_crash how, int64_t down_us)
{
    struct rh_testhost *host = world->net->nodes[node];

    if (!host->is_up)
        return;
    sim_trace_u64(&world->net->trace, SIM_TRACE_LIFE);
    sim_trace_line(world->net, "%s %s", host->node_id,
                   how == SIM_CRASH_POWER ? "loses its power" : "crashes");
    sim_cancel(world->nodes[node].resume);
    world->nodes[node].resume = NULL;
    sim_crash(host, how);
    maybe_reboot(world, host);
    maybe_change_build(world, node);
    plan_start(world, node, down_us);
}

void world_change_build(struct world *world, uint32_t node, bool is_older)
{
    world_crash(world, node, SIM_CRASH_KILL, -1);
    world->nodes[node].wants_older = is_older;
    plan_start(world, node, RESTART_US);
}

void world_stop(struct world *world, uint32_t node, int64_t down_us)
{
    struct rh_testhost *host = world->net->nodes[node];

    if (!host->is_up || host->is_paused)
        return;
    sim_trace_line(world->net, "%s is told to stop", host->node_id);
    core_stop(host->core, STOP_GRACE_MS, 0, 0);
    plan_start(world, node, down_us < 0 ? -1 : down_us + STOP_GRACE_MS * 1000);
}

static void continue_due(struct world *world, uint64_t node)
{
    world->nodes[node].resume = NULL;
    world_continue(world, (uint32_t)node);
}

void world_pause(struct world *world, uint32_t node, int64_t for_us)
{
    struct rh_testhost *host = world->net->nodes[node];

    if (!host->is_up || host->is_paused)
        return;
    sim_pause(host);
    if (for_us >= 0)
        world->nodes[node].resume = world_at(world, for_us, continue_due, node);
}

void world_continue(struct world *world, uint32_t node)
{
    struct rh_testhost *host = world->net->nodes[node];

    sim_cancel(world->nodes[node].resume);
    world->nodes[node].resume = NULL;
    if (host->is_paused)
        sim_resume(host, rh_rng_below(&world->rng, 2) == 1);
}

/* A link packed into an event's argument. */
static uint64_t pack(uint32_t from, uint32_t to, bool is_both)
{
    return (uint64_t)from << 32 | (uint64_t)to << 1 | is_both;
}

static void join_due(struct world *world, uint64_t packed)
{
    world_join(world, (uint32_t)(packed >> 32), (uint32_t)packed >> 1, packed & 1);
}

void world_cut(struct world *world, uint32_t from, uint32_t to, bool is_both, int64_t for_us)
{
    if (from == to)
        return;
    sim_wire_cut(&world->net->wire, from, to, true);
    if (is_both)
        sim_wire_cut(&world->net->wire, to, from, true);
    if (for_us >= 0)
        (void)world_at(world, for_us, join_due, pack(from, to, is_both));
}

void world_join(struct world *world, uint32_t from, uint32_t to, bool is_both)
{
    sim_wire_cut(&world->net->wire, from, to, false);
    if (is_both)
        sim_wire_cut(&world->net->wire, to, from, false);
}

void world_watch_exit(struct world *world, struct rh_testhost *host)
{
    if (!host->is_up || !host->is_finished)
        return;
    sim_trace_u64(&world->net->trace, SIM_TRACE_LIFE);
    sim_trace_line(world->net, "%s has ended with code %d", host->node_id, (int)host->exit_code);
    sim_node_take_down(host);
    if (host->exit_code == CORE_EXIT_INTERNAL || host->exit_code == CORE_EXIT_CONFIG)
        world_fail(world, WORLD_VIOLATION, "node_keeps_running", host->index,
                   "it ended by itself with code %d: %s", (int)host->exit_code,
                   host->last_error ? host->last_error : "");
    else if (host->exit_code != 0 && !world->nodes[host->index].start)
        plan_start(world, host->index, RESTART_US);
}

void world_mend_disk(struct world *world, uint32_t node)
{
    struct rh_testhost *host = world->net->nodes[node];
    struct state_stats stats = {0};

    for (uint32_t kind = 0; kind < SIM_FAULT_COUNT; kind++)
        sim_disk_fault(host->storage.disk, (enum sim_fault)kind, 0, false);
    if (host->is_up)
        state_stats(host->core->state, &stats);
    if (stats.is_stopped) /* as its health asks for */
        world_crash(world, node, SIM_CRASH_KILL, RESTART_US);
}

void world_heal(struct world *world)
{
    struct rh_testnet *net = world->net;
    const struct sim_faults calm = {.least_us = 1000, .most_us = CALM_LATENCY_US};

    assert(!world->is_healed);
    world->is_healed = true;
    sim_trace_u64(&net->trace, SIM_TRACE_FAULT);
    sim_trace_line(net, "--- all is healed");
    sim_wire_heal(&net->wire, &calm);
    for (uint32_t i = 0; i < net->node_count; i++) {
        world_continue(world, i);
        sim_disk_slow(net->nodes[i]->storage.disk, false);
        world_mend_disk(world, i);
        if (world->nodes[i].has_older && world->scenario->faults.has_builds)
            world_change_build(world, i, false);
        world->nodes[i].wants_older = false;
        world_start(world, i);
    }
}
