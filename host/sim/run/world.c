/* One run of a scenario; see world.h. */
#include "host/sim/run/world.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>
#include <ringhost/service/core.h>

#include "host/core/core_internal.h"
#include "host/sim/run/nemesis.h"
#include "host/sim/run/verbs.h"

#define WALL_MS         INT64_C(1700000000000) /* Unix time at which every run begins */
#define START_SPREAD_US 500000                 /* nodes start one after the other within this */
#define SEEDS_MAX       3u                     /* nodes that a node is told of */
#define ASKS_PER_BEAT   4

void world_fail(struct world *world, uint32_t verdict, const char *invariant, uint32_t node,
                const char *format, ...)
{
    struct world_result *result = world->result;
    va_list args;

    if (result->verdict != WORLD_GOOD)
        return;
    result->verdict = verdict;
    result->at_us = world->net->now_us - world->start_us;
    (void)snprintf(result->invariant, sizeof result->invariant, "%s", invariant); /* cut */
    (void)snprintf(result->node, sizeof result->node, "%s",
                   node < world->net->node_count ? world->net->nodes[node]->node_id : "-");
    va_start(args, format);
    (void)vsnprintf(result->text, sizeof result->text, format, args); /* cut */
    va_end(args);
    sim_trace_line(world->net, "*** %s does not hold on %s: %s", invariant, result->node,
                   result->text);
}

struct world_event {
    struct world *world;
    void (*run)(struct world *world, uint64_t arg);
    uint64_t arg;
};

static void event_due(void *arg)
{
    struct world_event *event = arg;

    if (!event->world->is_over)
        event->run(event->world, event->arg);
    free(event);
}

struct sim_event *world_at(struct world *world, int64_t delay_us,
                           void (*run)(struct world *world, uint64_t arg), uint64_t arg)
{
    struct world_event *event = malloc(sizeof *event);
    struct sim_event *planned;

    if (!event)
        abort(); /* as sim_at */
    *event = (struct world_event){world, run, arg};
    planned = sim_at(world->net, world->net->now_us + delay_us, event_due, event);
    planned->owns_arg = true;
    return planned;
}

uint32_t world_leader(const struct world *world)
{
    for (uint32_t i = 0; i < world->net->node_count; i++) {
        const struct rh_testhost *host = world->net->nodes[i];

        if (host->is_up && host->core->lead.is_self &&
            sim_clock_now_us(host) / 1000 < host->core->lead.expires_ms)
            return i;
    }
    return RH_SIM_OUTSIDE;
}

/* --- the cluster --- */

static const char *role_of(const struct scenario *scenario, uint32_t node)
{
    for (uint32_t i = 0; i < scenario->role_count; i++)
        if (node + 1 >= scenario->roles[i].first && node + 1 <= scenario->roles[i].last)
            return scenario->roles[i].name;
    return "coordinator";
}

static void make_nodes(struct world *world, uint32_t log_level)
{
    const struct scenario *scenario = world->scenario;
    struct rh_testhost_plugin plugins[SCENARIO_PLUGINS_MAX];
    char names[SCENARIO_VOTERS_MAX][16];
    const char *voters[SCENARIO_VOTERS_MAX];
    struct rh_testhost_setup setup = {
        .plugins = plugins,
        .plugin_count = scenario->plugin_count,
        .voters = voters,
        .voter_count = scenario->voter_count,
        .beat_ms = scenario->beat_ms,
        .cluster_id = scenario->cluster_id,
        .log_level = log_level,
        .seeds = voters,
        .seed_count = scenario->voter_count < SEEDS_MAX ? scenario->voter_count : SEEDS_MAX,
    };

    for (uint32_t i = 0; i < scenario->plugin_count; i++)
        plugins[i] = world_plugin(world, i, true); /* upgrades are what happens to a cluster */
    for (uint32_t i = 0; i < scenario->voter_count; i++) {
        (void)snprintf(names[i], sizeof names[i], "n%" PRIu32, i + 1); /* fits */
        voters[i] = names[i];
    }
    for (uint32_t i = 0; i < scenario->node_count && world->result->verdict == WORLD_GOOD; i++) {
        struct rh_testhost *host;
        char why[RH_TESTHOST_WHY_MAX];
        char name[16];

        (void)snprintf(name, sizeof name, "n%" PRIu32, i + 1); /* fits */
        setup.node_id = name;
        setup.role = role_of(scenario, i);
        if (sim_node_new(world->net, &setup, &host, why) != RH_OK)
            world_fail(world, WORLD_VIOLATION, "nodes_can_be_made", i, "%s", why);
    }
}

static void start_later(struct world *world, uint64_t node)
{
    world_start(world, (uint32_t)node);
}

static void line_due(struct world *world, uint64_t at)
{
    const struct scenario_line *line = &world->scenario->lines[at];

    verbs[line->verb].run(world, line);
}

static void on_event(void *user, struct rh_testhost *host)
{
    struct world *world = user;

    if (world->is_over)
        return;
    if (host)
        world_watch_exit(world, host);
    checks_on_event(world, host);
}

static void begin(struct world *world)
{
    struct rh_testnet *net = world->net;

    world->nodes = calloc(net->node_count + 1, sizeof *world->nodes);
    if (!world->nodes)
        abort(); /* as sim_at */
    for (uint32_t i = 0; i < net->node_count; i++) {
        world->nodes[i] =
            (struct world_node){.world = world, .index = i, .has_older = true, .wants_older = true};
        rh_testhost_script(net->nodes[i], checks_on_process, &world->nodes[i]);
    }
    world->start_us = net->now_us;
    rh_rng_seed(&world->rng, rh_hash_mix(net->seed ^ UINT64_C(0x6e656d65736973)));
    faults_draw(&world->scenario->faults, &world->rng, &world->faults);
    net->watch = (struct sim_watch){world, checks_on_message, on_event, checks_on_process_over};
    checks_begin(world);
    for (uint32_t i = 0; i < net->node_count; i++)
        (void)world_at(world, (int64_t)rh_rng_below(&world->rng, START_SPREAD_US), start_later, i);
    for (uint32_t i = 0; i < world->scenario->line_count; i++)
        (void)world_at(world, world->scenario->lines[i].at_us, line_due, i);
    nemesis_begin(world);
}

/* --- phases --- */

/* Let time pass; false: something has failed. */
static bool pass(struct world *world, int64_t for_us)
{
    int64_t until_us = world->net->now_us + for_us;

    while (world->result->verdict == WORLD_GOOD && sim_step(world->net, until_us))
        ;
    if (world->result->verdict != WORLD_GOOD)
        return false;
    world->net->now_us = until_us;
    return true;
}

static void liveness(struct world *world)
{
    int64_t beat_us = world->scenario->beat_ms * 1000;
    int64_t until_us = world->net->now_us + world->scenario->liveness_beats * beat_us;
    const char *who = NULL;
    bool is_good = true;

    world_heal(world);
    checks_heal(world);
    while (is_good && !checks_healed(world, &who)) {
        if (world->net->now_us >= until_us) {
            char invariant[WORLD_INVARIANT_MAX];

            (void)snprintf(invariant, sizeof invariant, "%s_converges", who); /* cut */
            world_fail(world, WORLD_UNCONVERGED, invariant, RH_SIM_OUTSIDE,
                       "not within %" PRId64 " beats after all was healed",
                       world->scenario->liveness_beats);
            break;
        }
        is_good = pass(world, beat_us / ASKS_PER_BEAT);
    }
}

void world_run(const struct suite *suite, uint64_t seed, FILE *trace, struct world_result *result)
{
    struct world world = {.suite = suite, .scenario = suite->scenario, .result = result};

    memset(result, 0, sizeof *result);
    world.net = rh_testnet_new(seed, WALL_MS);
    if (!world.net)
        abort(); /* as sim_at */
    world.net->trace.out = trace;
    world.start_us = world.net->now_us;
    make_nodes(&world, trace ? RH_LOG_DEBUG : RH_LOG_ERROR);
    if (result->verdict == WORLD_GOOD) {
        begin(&world);
        if (pass(&world, world.scenario->safety_us))
            liveness(&world);
        if (result->verdict == WORLD_GOOD)
            checks_end(&world);
    }
    world.is_over = true;
    result->virtual_us = world.net->now_us - world.start_us;
    result->hash = world.net->trace.hash;
    result->events = world.net->trace.events;
    world.net->trace.out = NULL;
    for (uint32_t i = 0; world.nodes && i < world.net->node_count; i++)
        disk_view_free(world.nodes[i].view);
    rh_testnet_free(world.net);
    checks_release(&world);
    free(world.nodes);
}
