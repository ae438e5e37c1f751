/* How many items of which kind are to be added so that every config has its depth and each type its
 * share. Pure: counts in, counts out. */
#ifndef RH_PLUGINS_LOOP_QUEUE_POPULATOR_MIX_H
#define RH_PLUGINS_LOOP_QUEUE_POPULATOR_MIX_H

#include <stdint.h>

#define MIX_CONFIGS_MAX 256u
#define MIX_TYPES_MAX   16u
#define MIX_DEPTH_MAX   100000
#define MIX_WEIGHT_MAX  1000

/* One type of work in one config. */
struct mix_kind {
    int64_t weight; /* 1..MIX_WEIGHT_MAX; 0 = this config has none of it */
    int64_t have;   /* pending and leased */
    int64_t add;    /* out */
};

/* One config. */
struct mix_config {
    int64_t depth; /* 0 = nothing is added */
    struct mix_kind kinds[MIX_TYPES_MAX];
};

/* Sets `add` of every kind; at most room items in all, and returns how many. One item at a time
 * goes to the config that is filled least for its depth, the first of several, and there to the
 * type that has least for its weight. Nothing is added to a config whose pending and leased items
 * are as many as its depth. O(room x (configs + types)). [any] */
int64_t mix_plan(struct mix_config *configs, uint32_t config_count, uint32_t type_count,
                 int64_t room);

#endif
