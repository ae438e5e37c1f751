/* What the wiring files of the populator share: its struct, and who does what; no decisions. */
#ifndef RH_PLUGINS_LOOP_QUEUE_POPULATOR_WIRE_H
#define RH_PLUGINS_LOOP_QUEUE_POPULATOR_WIRE_H

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/leader_call.h>
#include <ringhost/sdk/loop_actions.h>

#include "intent.h"

#define POPULATOR_NAMESPACE "populator"
#define POPULATOR_LOOP      "queue_populator"

/* What the items of one type are. */
struct template_config {
    struct rh_str work_type;
    int64_t weight;
    int64_t priority;
    struct rh_str payload;
    struct rh_str_list requires;
    int32_t needs_gpu;
    int64_t min_vram_mb;
    int64_t timeout_s;
    int64_t max_runtime_s;
    int64_t max_attempts;
};

/* What is kept in the queue. */
struct target_config {
    struct rh_str config_key;
    int64_t depth; /* 0 = that of all */
    struct rh_str_list work_types;
    struct rh_str_list nodes;
};

struct populator_config {
    int64_t loop_queue_populator;
    int32_t enabled;
    int32_t dry_run;
    int64_t depth;
    int64_t added_max;
    struct rh_list templates;
    struct rh_list configs;
};

struct plugin {
    struct rh_services rh;
    const struct populator_config *config;
    struct rh_loop_actions actions;
    struct intent intent; /* under way */
    uint64_t epoch;
    int64_t next_item; /* of the intent, not yet added */
    int64_t sent;      /* items of the call that is out */
    bool is_old;       /* the intent was found in the store */
    bool is_running;
    bool loop_waits;                    /* the host's loop is to be told when a run of all ends */
    bool wants_all;                     /* a run of all is to follow */
    bool is_for_node;                   /* the run under way is for `node` only */
    char wanted_node[INTENT_NAME_SIZE]; /* a run for this node is to follow; "" = none */
    char node[INTENT_NAME_SIZE];
};

/* Row `index` of a list of the configuration. */
const struct template_config *populator_template(const struct plugin *p, uint32_t index);
const struct target_config *populator_target(const struct plugin *p, uint32_t index);

/* wire_run.c: begins the next run that is wanted, if none is under way. */
void populator_pump(struct plugin *p);

#endif
