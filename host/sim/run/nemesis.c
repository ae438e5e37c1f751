/* Faults over time; see nemesis.h. How strong each kind is has been drawn in faults.c. */
#include "host/sim/run/nemesis.h"

#include <assert.h>

#include "host/sim/run/world.h"

#define TAIL_US       INT64_C(10000000)
#define SHORTEST_US   INT64_C(1000)
#define PAUSE_US      INT64_C(60000000)
#define CUT_US        INT64_C(30000000)
#define STEP_MS       INT64_C(3600000)
#define SWIZZLE_US    INT64_C(4000000) /* to cut all of them, and to heal all again */
#define NODES_HIT_MAX 64u

static int64_t uniform(struct world *world, int64_t below)
{
    return (int64_t)rh_rng_below(&world->rng, (uint64_t)below);
}

/* Log-uniform between SHORTEST_US and most: short ones are as frequent as long ones. */
static int64_t length(struct world *world, int64_t most)
{
    uint64_t doublings = 0;
    int64_t low;

    while (SHORTEST_US << (doublings + 1) <= most)
        doublings++;
    low = SHORTEST_US << rh_rng_below(&world->rng, doublings + 1);
    low += uniform(world, low);
    return low < most ? low : most;
}

static uint32_t any_node(struct world *world)
{
    return (uint32_t)rh_rng_below(&world->rng, world->net->node_count);
}

/* --- the kinds that come again and again --- */

static void do_crash(struct world *world)
{
    bool is_power = sim_chance(&world->rng, (uint32_t)world->faults.strength[FAULT_POWER]);

    world_crash(world, any_node(world), is_power ? SIM_CRASH_POWER : SIM_CRASH_KILL,
                length(world, WORLD_FOREVER_US));
}

static void do_pause(struct world *world)
{
    world_pause(world, any_node(world), length(world, PAUSE_US));
}

static void cut_link(struct world *world, bool is_both, int64_t for_us)
{
    uint32_t from = any_node(world);
    uint32_t to = any_node(world);

    sim_trace_line(world->net, "cut %s %s %s", world->net->nodes[from]->node_id,
                   is_both ? "<->" : "->", world->net->nodes[to]->node_id);
    world_cut(world, from, to, is_both, for_us);
}

static void set_link(struct world *world, uint32_t a, uint32_t b, bool is_cut)
{
    if (is_cut)
        world_cut(world, a, b, true, -1);
    else
        world_join(world, a, b, true);
}

static void do_cut(struct world *world)
{
    cut_link(world, true, length(world, CUT_US));
}

static void do_oneway(struct world *world)
{
    cut_link(world, false, length(world, CUT_US));
}

static void set_island(struct world *world, uint32_t node, bool is_cut)
{
    sim_trace_line(world->net, "%s %s", is_cut ? "isolate" : "join",
                   world->net->nodes[node]->node_id);
    for (uint32_t i = 0; i < world->net->node_count; i++)
        if (i != node)
            set_link(world, node, i, is_cut);
}

static void join_again(struct world *world, uint64_t node)
{
    set_island(world, (uint32_t)node, false);
}

static void isolate(struct world *world, uint32_t node, int64_t for_us)
{
    set_island(world, node, true);
    (void)world_at(world, for_us, join_again, node);
}

static void do_isolate(struct world *world)
{
    uint32_t leader = world_leader(world);

    isolate(world, leader == RH_SIM_OUTSIDE ? any_node(world) : leader, length(world, CUT_US));
}

/* Sides are drawn for at most 64 nodes; those beyond are on one side. */
static void set_split(struct world *world, uint64_t sides, bool is_cut)
{
    for (uint32_t i = 0; i < world->net->node_count; i++)
        for (uint32_t j = 0; j < i && i < NODES_HIT_MAX; j++)
            if ((sides >> i & 1) != (sides >> j & 1))
                set_link(world, i, j, is_cut);
}

static void join_halves(struct world *world, uint64_t sides)
{
    sim_trace_line(world->net, "join the halves");
    set_split(world, sides, false);
}

static void do_split(struct world *world)
{
    uint64_t sides = rh_rng_u64(&world->rng);

    sim_trace_line(world->net, "split %llx", (unsigned long long)sides);
    set_split(world, sides, true);
    (void)world_at(world, length(world, CUT_US), join_halves, sides);
}

static void cut_later(struct world *world, uint64_t node)
{
    if (!world->is_healed)
        set_island(world, (uint32_t)node, true);
}

/* FoundationDB's swizzle: cut several off one after the other, then heal them in another order. */
static void do_swizzle(struct world *world)
{
    int64_t rest_us = length(world, CUT_US);

    for (uint32_t i = 0; i < world->net->node_count && i < NODES_HIT_MAX; i++) {
        if (rh_rng_below(&world->rng, 2) == 0)
            continue;
        (void)world_at(world, uniform(world, SWIZZLE_US), cut_later, i);
        (void)world_at(world, SWIZZLE_US + rest_us + uniform(world, SWIZZLE_US), join_again, i);
    }
}

static void do_step(struct world *world)
{
    struct rh_testhost *host = world->net->nodes[any_node(world)];
    int64_t by_ms = length(world, STEP_MS * 1000) / 1000 * (uniform(world, 2) ? 1 : -1);

    sim_trace_line(world->net, "%s: the wall clock is set by %lld ms", host->node_id,
                   (long long)by_ms);
    host->clock.wall_ms += by_ms;
}

/* --- disks --- */

static struct sim_disk *disk_at(struct world *world, uint64_t node)
{
    return world->net->nodes[node]->storage.disk;
}

static void disk_is_fast(struct world *world, uint64_t node)
{
    sim_disk_slow(disk_at(world, node), false);
}

static void do_slow_disk(struct world *world)
{
    uint32_t node = any_node(world);

    sim_trace_line(world->net, "%s: the disk is slow", world->net->nodes[node]->node_id);
    sim_disk_slow(disk_at(world, node), true);
    (void)world_at(world, length(world, CUT_US), disk_is_fast, node);
}

static void disk_has_room(struct world *world, uint64_t node)
{
    sim_disk_fault(disk_at(world, node), SIM_FAULT_GROW, 0, false);
}

static void do_full_disk(struct world *world)
{
    uint32_t node = any_node(world);

    sim_trace_line(world->net, "%s: the disk is full", world->net->nodes[node]->node_id);
    sim_disk_fault(disk_at(world, node), SIM_FAULT_GROW, 1, true);
    (void)world_at(world, length(world, CUT_US), disk_has_room, node);
}

static void disk_works(struct world *world, uint64_t node)
{
    world_mend_disk(world, (uint32_t)node);
}

static void do_bad_disk(struct world *world)
{
    static const enum sim_fault kinds[] = {SIM_FAULT_READ, SIM_FAULT_WRITE, SIM_FAULT_SYNC};
    uint32_t node = any_node(world);
    enum sim_fault kind = kinds[uniform(world, 3)];
    bool lasts = uniform(world, 2) == 1;

    sim_trace_line(world->net, "%s: the disk fails", world->net->nodes[node]->node_id);
    sim_disk_fault(disk_at(world, node), kind, 1 + (uint32_t)uniform(world, 20), lasts);
    (void)world_at(world, length(world, CUT_US), disk_works, node);
}

static void (*const recurring[FAULT_KINDS])(struct world *world) = {
    [FAULT_CRASH] = do_crash,
    [FAULT_PAUSE] = do_pause,
    [FAULT_CUT] = do_cut,
    [FAULT_ONEWAY] = do_oneway,
    [FAULT_ISOLATE] = do_isolate,
    [FAULT_SPLIT] = do_split,
    [FAULT_SWIZZLE] = do_swizzle,
    [FAULT_STEP] = do_step,
    [FAULT_SLOW_DISK] = do_slow_disk,
    [FAULT_FULL_DISK] = do_full_disk,
    [FAULT_BAD_DISK] = do_bad_disk,
};

static void recur(struct world *world, uint64_t kind);

static void plan(struct world *world, uint32_t kind)
{
    (void)world_at(world, uniform(world, 2 * world->faults.strength[kind]) + 1, recur, kind);
}

static void recur(struct world *world, uint64_t kind)
{
    assert(kind < FAULT_KINDS);
    if (world->is_healed)
        return;
    sim_trace_u64(&world->net->trace, SIM_TRACE_FAULT << 8 | kind);
    recurring[kind](world);
    plan(world, (uint32_t)kind);
}

/* --- what is so from the beginning --- */

static void set_wire(struct world *world)
{
    const int64_t *strength = world->faults.strength;
    struct sim_faults *faults = &world->net->wire.faults;

    *faults = (struct sim_faults){
        .least_us = SHORTEST_US,
        .most_us = strength[FAULT_DELAY] > SHORTEST_US ? strength[FAULT_DELAY] : 2 * SHORTEST_US,
        .tail_us = TAIL_US,
        .tail_ppm = (uint32_t)strength[FAULT_TAIL],
        .loss_ppm = (uint32_t)strength[FAULT_LOSS],
        .duplicate_ppm = (uint32_t)strength[FAULT_DUP],
        .reset_ppm = (uint32_t)strength[FAULT_RESET],
        .is_fifo = strength[FAULT_FIFO] > 0,
    };
}

static void set_node(struct world *world, uint32_t node)
{
    struct rh_testhost *host = world->net->nodes[node];
    int64_t drift = world->faults.strength[FAULT_DRIFT];

    sim_clock_reboot(host, 1000000 + uniform(world, INT64_C(1) << 40));
    if (drift > 0)
        sim_clock_rate(host, (int32_t)(uniform(world, 2 * drift + 1) - drift));
    host->is_unreachable = node >= world->scenario->voter_count &&
                           sim_chance(&world->rng, (uint32_t)world->faults.strength[FAULT_NAT]);
}

void nemesis_begin(struct world *world)
{
    set_wire(world);
    for (uint32_t i = 0; i < world->net->node_count; i++)
        set_node(world, i);
    for (uint32_t kind = 0; kind < FAULT_KINDS; kind++) {
        if (world->faults.strength[kind] > 0)
            sim_trace_line(world->net, "fault %s %lld", fault_defs[kind].name,
                           (long long)world->faults.strength[kind]);
        if (recurring[kind] && world->faults.strength[kind] > 0)
            plan(world, kind);
    }
}
