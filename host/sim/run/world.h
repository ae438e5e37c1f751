/* One run: the cluster of a scenario under one seed, from its first start to the verdict. */
#ifndef RH_HOST_SIM_RUN_WORLD_H
#define RH_HOST_SIM_RUN_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "host/core/leadership.h"
#include "host/sim/run/check.h"
#include "host/sim/run/disk_view.h"
#include "host/sim/run/faults.h"
#include "host/sim/run/suite.h"
#include "host/sim/sim.h"

#define WORLD_INVARIANT_MAX 64u
#define WORLD_TEXT_MAX      600u
#define WORLD_FOREVER_US    INT64_C(600000000) /* longest that a node stays down by itself */

/* How a run ended. Verdicts are part of what workers tell their parent. */
#define WORLD_GOOD        0u
#define WORLD_VIOLATION   1u
#define WORLD_UNCONVERGED 2u

struct world_result {
    uint32_t verdict;
    uint32_t reserved0;
    int64_t at_us;      /* of the failure, since the start */
    int64_t virtual_us; /* how long the run was */
    uint64_t hash;      /* digest of all that happened */
    uint64_t events;
    char invariant[WORLD_INVARIANT_MAX];
    char node[NODE_ID_MAX + 1]; /* "-" = none in particular */
    char text[WORLD_TEXT_MAX];
};

/* A node beside what the net knows of it. */
struct world_node {
    struct world *world;
    uint32_t index;
    struct sim_event *start; /* planned; NULL = none */
    struct sim_event *resume;
    bool has_older;   /* the older builds of plugins */
    bool wants_older; /* at its next start */
    uint32_t seen_life;
    uint64_t seen_event;    /* of its bus, told to the checks */
    struct disk_view *view; /* made when first looked at */
};

struct world {
    const struct suite *suite;
    const struct scenario *scenario;
    struct rh_testnet *net;
    struct world_node *nodes; /* as many as the net's */
    int64_t start_us;
    struct rh_rng rng; /* of the faults */
    struct faults faults;
    bool is_healed;
    bool is_over; /* what is left in the heap does nothing any more */
    struct check checks[SUITE_CHECKS_MAX];
    uint32_t check_count;
    struct world_result *result;
};

/* Run it. trace: readable lines, or NULL. Aborts without memory. */
void world_run(const struct suite *suite, uint64_t seed, FILE *trace, struct world_result *result);

/* The first failure stays; node may be RH_SIM_OUTSIDE. */
void world_fail(struct world *world, uint32_t verdict, const char *invariant, uint32_t node,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* An event of the run. It does nothing, but for freeing arg if owns, once the run is over. */
struct sim_event *world_at(struct world *world, int64_t delay_us,
                           void (*run)(struct world *world, uint64_t arg), uint64_t arg);

/* Who leads by its own word, or RH_SIM_OUTSIDE. */
uint32_t world_leader(const struct world *world);

/* world_life.c: what becomes of a node. node < net->node_count. */
/* A plugin for nodes: its older build, if that is wanted and there is one. */
struct rh_testhost_plugin world_plugin(const struct world *world, uint32_t at, bool is_older);
/* Nothing if it is up. A start that fails is tried again. */
void world_start(struct world *world, uint32_t node);
/* Nothing if it is down. It comes back after down_us; negative = when somebody starts it. */
void world_crash(struct world *world, uint32_t node, enum sim_crash how, int64_t down_us);
/* It dies if it is up, and starts soon with the older or the newer builds of its plugins. */
void world_change_build(struct world *world, uint32_t node, bool is_older);
/* As SIGTERM. It comes back as after a crash. */
void world_stop(struct world *world, uint32_t node, int64_t down_us);
/* Nothing if it is down or paused; for_us negative = until somebody continues it. */
void world_pause(struct world *world, uint32_t node, int64_t for_us);
void world_continue(struct world *world, uint32_t node);
/* Whether a node has ended by itself, and what follows from that. */
void world_watch_exit(struct world *world, struct rh_testhost *host);
/* Cut one direction or both, for so long; negative = until somebody heals it. Nothing if both are
 * one node. */
void world_cut(struct world *world, uint32_t from, uint32_t to, bool is_both, int64_t for_us);
void world_join(struct world *world, uint32_t from, uint32_t to, bool is_both);
/* The disk has room, and does what it is told. Its node starts again if it has stopped writing. */
void world_mend_disk(struct world *world, uint32_t node);
/* Everything is as it should be: links, pauses, builds, nodes. */
void world_heal(struct world *world);

#endif
