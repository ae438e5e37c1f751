/* What scripted lines do; see verbs.h. */
#include "host/sim/run/verbs.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/run/world.h"

#define POLL_US 10000 /* an expectation is looked at so often */

/* Call each(node) for the nodes that a target means now. */
static void each_node(struct world *world, const struct scenario_target *target,
                      const struct scenario_line *line,
                      void (*each)(struct world *world, uint32_t node,
                                   const struct scenario_line *line))
{
    uint32_t count = world->net->node_count;
    uint32_t leader;

    switch (target->kind) {
    case TARGET_NODE:
        each(world, target->node, line);
        break;
    case TARGET_LEADER:
        leader = world_leader(world);
        if (leader != RH_SIM_OUTSIDE)
            each(world, leader, line);
        else
            world_fail(world, WORLD_VIOLATION, "script", RH_SIM_OUTSIDE,
                       "line %" PRIu32 ": nobody leads", line->number);
        break;
    case TARGET_RANDOM:
        each(world, (uint32_t)rh_rng_below(&world->rng, count), line);
        break;
    default:
        assert(target->kind == TARGET_ALL);
        for (uint32_t i = 0; i < count; i++)
            each(world, i, line);
    }
}

static int64_t for_us(const struct scenario_line *line)
{
    return line->duration_us > 0 ? line->duration_us : -1;
}

static void crash_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    world_crash(world, node, SIM_CRASH_KILL, for_us(line));
}
static void do_crash(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, crash_one);
}

static void power_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    world_crash(world, node, SIM_CRASH_POWER, for_us(line));
}
static void do_power(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, power_one);
}

static void stop_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    world_stop(world, node, for_us(line));
}
static void do_stop(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, stop_one);
}

static void start_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    (void)line;
    world_start(world, node);
}
static void do_restart(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, start_one);
}

static void upgrade_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    (void)line;
    world_change_build(world, node, false);
}
static void do_upgrade(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, upgrade_one);
}

static void downgrade_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    (void)line;
    world_change_build(world, node, true);
}
static void do_downgrade(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, downgrade_one);
}

static void pause_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    world_pause(world, node, for_us(line));
}
static void do_pause(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, pause_one);
}

static void continue_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    (void)line;
    world_continue(world, node);
}
static void do_continue(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, continue_one);
}

/* --- links --- */

static bool is_meant(const struct world *world, const struct scenario_target *target, uint32_t node)
{
    if (target->kind == TARGET_NODE)
        return target->node == node;
    return target->kind == TARGET_ALL || world_leader(world) == node;
}

static void set_links(struct world *world, const struct scenario_line *line, bool is_cut,
                      bool is_both)
{
    for (uint32_t i = 0; i < world->net->node_count; i++) {
        if (!is_meant(world, &line->targets[0], i))
            continue;
        for (uint32_t j = 0; j < world->net->node_count; j++) {
            if (!is_meant(world, &line->targets[1], j))
                continue;
            if (is_cut)
                world_cut(world, i, j, is_both, for_us(line));
            else
                world_join(world, i, j, is_both);
        }
    }
}

static void do_cut(struct world *world, const struct scenario_line *line)
{
    set_links(world, line, true, true);
}

static void do_oneway(struct world *world, const struct scenario_line *line)
{
    set_links(world, line, true, false);
}

static void do_heal(struct world *world, const struct scenario_line *line)
{
    set_links(world, line, false, true);
}

/* --- clocks and reach --- */

static void step_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    world->net->nodes[node]->clock.wall_ms += line->duration_us / 1000;
}
static void do_step(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, step_one);
}

static void drift_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    sim_clock_rate(world->net->nodes[node], (int32_t)line->value);
}
static void do_drift(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, drift_one);
}

static void nat_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    world->net->nodes[node]->is_unreachable = line->value != 0;
}
static void do_nat(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, nat_one);
}

/* --- disks --- */

static void slow_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    sim_disk_slow(world->net->nodes[node]->storage.disk, line->value != 0);
}
static void do_slow_disk(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, slow_one);
}

static void full_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    sim_disk_fault(world->net->nodes[node]->storage.disk, SIM_FAULT_GROW, line->value != 0, true);
}
static void do_full_disk(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, full_one);
}

static void bad_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    if (line->value)
        sim_disk_fault(world->net->nodes[node]->storage.disk, SIM_FAULT_SYNC, 1, true);
    else
        world_mend_disk(world, node);
}
static void do_bad_disk(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, bad_one);
}

/* --- requests --- */

struct scripted {
    struct world *world;
    const struct scenario_line *line;
};

static void scripted_done(void *user, const struct sim_request *request)
{
    struct scripted *scripted = user;
    const struct scenario_line *line = scripted->line;

    if (!scripted->world->is_over && request->status != (uint32_t)line->value)
        world_fail(scripted->world, WORLD_VIOLATION, "script", request->host->index,
                   "line %" PRIu32 ": %s %s: status %" PRIu32 ", not %" PRId64 ": %.*s",
                   line->number, line->method, line->path, request->status, line->value,
                   RH_STR_ARG(rh_buf_str(&request->body)));
    free(scripted);
}

static void request_one(struct world *world, uint32_t node, const struct scenario_line *line)
{
    struct scripted *scripted = malloc(sizeof *scripted);
    const struct sim_request_spec spec = {
        .method = line->method,
        .target = line->path,
        .body = line->body,
        .timeout_us = line->duration_us,
        .done = scripted_done,
        .user = scripted,
        .is_lossy = true,
    };

    if (!scripted)
        abort(); /* as sim_at */
    *scripted = (struct scripted){world, line};
    (void)sim_request_send(world->net->nodes[node], &spec);
}
static void do_request(struct world *world, const struct scenario_line *line)
{
    each_node(world, &line->targets[0], line, request_one);
}

/* --- expectations --- */

static bool has_leader(const struct world *world, const struct scenario_line *line)
{
    uint32_t leader = world_leader(world);

    return leader != RH_SIM_OUTSIDE &&
           (line->targets[0].kind == TARGET_ALL || line->targets[0].node == leader);
}

static void expect(struct world *world, const struct scenario_line *line, bool wanted,
                   void (*again)(struct world *world, uint64_t at))
{
    int64_t now_us = world->net->now_us - world->start_us;

    if (has_leader(world, line) == wanted)
        return;
    if (now_us >= line->at_us + line->duration_us)
        world_fail(world, WORLD_VIOLATION, "script", RH_SIM_OUTSIDE, "line %" PRIu32 ": %s",
                   line->number, wanted ? "no such leader in time" : "somebody still leads");
    else
        (void)world_at(world, POLL_US, again, (uint64_t)(line - world->scenario->lines));
}

static void leader_again(struct world *world, uint64_t at)
{
    expect(world, &world->scenario->lines[at], true, leader_again);
}
static void do_expect_leader(struct world *world, const struct scenario_line *line)
{
    expect(world, line, true, leader_again);
}

static void leaderless_again(struct world *world, uint64_t at)
{
    expect(world, &world->scenario->lines[at], false, leaderless_again);
}
static void do_expect_leaderless(struct world *world, const struct scenario_line *line)
{
    expect(world, line, false, leaderless_again);
}

const struct verb verbs[] = {
    {"crash", VERB_TARGET | VERB_FOR, do_crash, "dies; comes back after \"for\", or by restart"},
    {"power", VERB_TARGET | VERB_FOR, do_power, "loses its power: what is not durable is gone"},
    {"stop", VERB_TARGET | VERB_FOR, do_stop, "ends in good order, as by SIGTERM"},
    {"restart", VERB_TARGET, do_restart, "starts, if it is down"},
    {"upgrade", VERB_TARGET, do_upgrade, "dies, and starts with the newer builds of plugins"},
    {"downgrade", VERB_TARGET, do_downgrade, "dies, and starts with the older builds"},
    {"pause", VERB_TARGET | VERB_FOR, do_pause, "stops, as by SIGSTOP"},
    {"continue", VERB_TARGET, do_continue, "goes on after a pause"},
    {"cut", VERB_TARGET | VERB_SECOND | VERB_FOR, do_cut, "the two do not reach each other"},
    {"oneway", VERB_TARGET | VERB_SECOND | VERB_FOR, do_oneway,
     "the first does not reach the second"},
    {"isolate", VERB_TARGET | VERB_FOR, do_cut, "it and all others do not reach each other"},
    {"heal", VERB_TARGET | VERB_SECOND | VERB_OPTIONAL, do_heal, "links are whole again"},
    {"step", VERB_TARGET | VERB_BY, do_step, "its wall clock is set"},
    {"drift", VERB_TARGET | VERB_PERCENT, do_drift, "its clocks run faster by that much"},
    {"nat", VERB_TARGET | VERB_SWITCH, do_nat, "nobody can call it"},
    {"slow_disk", VERB_TARGET | VERB_SWITCH, do_slow_disk, "its disk takes longer"},
    {"full_disk", VERB_TARGET | VERB_SWITCH, do_full_disk, "its disk has no room"},
    {"bad_disk", VERB_TARGET | VERB_SWITCH, do_bad_disk, "syncs of its disk fail"},
    {"request", VERB_TARGET | VERB_REQUEST, do_request, "a client asks it"},
    {"expect leader", VERB_TARGET | VERB_OPTIONAL | VERB_WITHIN, do_expect_leader,
     "somebody leads, or the node named"},
    {"expect leaderless", VERB_WITHIN, do_expect_leaderless, "nobody leads"},
};
const uint32_t verb_count = sizeof verbs / sizeof verbs[0];

uint32_t verb_find(const char *name)
{
    uint32_t i = 0;

    while (i < verb_count && strcmp(verbs[i].name, name) != 0)
        i++;
    return i;
}
