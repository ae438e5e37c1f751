/* What the wiring files of scaling share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_LOOP_AUTO_SCALING_WIRE_H
#define RH_PLUGINS_LOOP_AUTO_SCALING_WIRE_H

#include <ringhost/sdk/leader_call.h>
#include <ringhost/sdk/loop_actions.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/store.h>

#include "driver.h"
#include "record.h"

#define SCALING_NAMESPACE "scaling"
#define SCALING_LOOP      "auto_scaling"

#define POOLS_MAX         8u
/* Drivers and nodes that are being asked at once; what is more waits for the next run. */
#define ASKED_MAX 32u

/* Kinds of rows: node id -> machine; pool -> what it remembers. */
#define KEY_MACHINE 'n'
#define KEY_POOL    'p'

struct pool_config {
    struct rh_str name;
    int64_t least;
    int64_t most;
    double target;
    struct rh_str metric;
    struct rh_str_list metric_command;
    struct rh_str_list work_types;
    struct rh_str_list start;
    struct rh_str_list stop;
    struct rh_str_list protected_nodes;
};

struct scaling_config {
    int64_t loop_auto_scaling;
    int32_t enabled;
    int32_t dry_run;
    struct rh_list pools;
    double tolerance;
    int64_t down_window;
    int64_t up_least;
    int64_t up_percent;
    int64_t up_window;
    int64_t boot_timeout;
    int64_t driver_timeout;
    int64_t retry_base;
};

/* A driver or a node that is being asked about a machine. */
struct asked {
    char node_id[FLEET_NODE_SIZE]; /* "" = free */
    enum fleet_op op;
};

/* One pool in the run under way. */
struct pool_run {
    struct pool_memory memory;
    struct scale_verdict verdict;
    bool has_total;
    bool is_per_node; /* total is the average of a ready machine */
    double total;
};

struct plugin {
    struct rh_services rh;
    const struct scaling_config *config;
    struct rh_loop_actions actions;
    uint64_t epoch;
    uint64_t runs;
    uint32_t pages;
    uint32_t next_metric; /* pool whose command is run next */
    struct pool_run pools[POOLS_MAX];
    struct fleet_machine machines[SCALE_MACHINES_MAX];
    uint64_t versions[SCALE_MACHINES_MAX]; /* of the rows; 0 = new */
    struct fleet_view views[SCALE_MACHINES_MAX];
    enum fleet_op ops[SCALE_MACHINES_MAX];
    uint32_t machine_count;
    struct rh_map64 leases; /* hash of a node id -> leases it holds, plus 1 */
    struct asked asked[ASKED_MAX];
    bool is_active;
};

const struct pool_config *scaling_pool(const struct plugin *p, uint32_t index);
/* NULL: it is not configured. */
const struct pool_config *scaling_pool_named(const struct plugin *p, const char *name);
struct fleet_limits scaling_fleet_limits(const struct plugin *p);
/* Ends the run. */
void scaling_finish(struct plugin *p, int32_t rc);

/* wire_look.c: begins a run: what the queue has, who holds what, and the metrics of commands. */
int32_t scaling_look(struct plugin *p);
int64_t scaling_leases(const struct plugin *p, const char *node_id);

/* wire_plan.c: decides, stores what is intended, and goes on to act. */
void scaling_plan(struct plugin *p);
/* Health warns while machines are known whose pool is not configured: nobody can stop them. */
void scaling_tell_strays(struct plugin *p);

/* wire_act.c: asks drivers and nodes; what comes of it is stored later, by itself. */
void scaling_act(struct plugin *p);
bool scaling_is_asked(const struct plugin *p, const char *node_id);

/* wire_store.c: all machines into p->machines; the memory of a pool; rows into a batch. */
int32_t scaling_load(struct plugin *p);
int32_t scaling_load_pool(struct plugin *p, struct rh_str name, struct pool_memory *out);
/* RH_ENOTFOUND when there is none. */
int32_t scaling_load_machine(struct plugin *p, const char *node_id, struct fleet_machine *out,
                             uint64_t *version);
void scaling_put_machine(struct rh_batch_builder *batch, const struct fleet_machine *machine,
                         uint64_t version);
void scaling_put_pool(struct rh_batch_builder *batch, struct rh_str name,
                      const struct pool_memory *pool);

#endif
