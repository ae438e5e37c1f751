/* Whether a claim and a kind of item suit each other, and if not, why; it ranks nothing but the
 * board bonus. */
#ifndef RH_PLUGINS_WORK_QUEUE_MATCH_H
#define RH_PLUGINS_WORK_QUEUE_MATCH_H

#include <stdbool.h>

#include <ringhost/types.h>

/* A preferred board is worth this many points of priority. */
#define MATCH_BOARD_BONUS 10

/* X(NAME, token): why nothing was given. Order is the order of the checks. */
#define MATCH_REASONS(X)            \
    X(OK, "ok")                     \
    X(NO_WORK, "no_work")           \
    X(WORK_TYPE, "work_type")       \
    X(TARGET_NODE, "target_node")   \
    X(CAPABILITY, "capability")     \
    X(GPU, "gpu")                   \
    X(VRAM, "vram")                 \
    X(PAUSED, "paused")             \
    X(NODE_LIMIT, "node_limit")     \
    X(CONFIG_LIMIT, "config_limit") \
    X(DELAYED, "delayed")           \
    X(BLOCKED, "blocked")           \
    X(MAINTENANCE, "maintenance")

enum {
#define MATCH_CONSTANT(name, token) MATCH_##name,
    MATCH_REASONS(MATCH_CONSTANT)
#undef MATCH_CONSTANT
        MATCH_REASON_COUNT
};

/* What every item of one kind has in common: all that matching looks at. Strings are borrowed. */
struct match_shape {
    struct rh_str work_type;
    struct rh_str config_key;
    struct rh_str board_type;
    struct rh_str target_node;
    struct rh_str_list requires;
    int64_t priority;
    int64_t min_vram_mb;
    bool needs_gpu;
};

/* What a node offers and wants. Strings are borrowed. */
struct match_claim {
    struct rh_str node_id;
    struct rh_str_list work_types; /* empty = all */
    struct rh_str_list capabilities;
    struct rh_str_list board_types; /* preferred; never a reason to refuse */
    int64_t gpu_count;
    int64_t vram_mb; /* of one device */
    bool may_steal;  /* take what another node holds and has not started */
    uint64_t poll;   /* number of the claim among those of its claimant, growing; 0 = none */
};

/* MATCH_OK or the first reason against it. [any] */
uint32_t match_check(const struct match_claim *claim, const struct match_shape *shape);

/* 0 or MATCH_BOARD_BONUS. [any] */
int64_t match_bonus(const struct match_claim *claim, const struct match_shape *shape);

/* "gpu", ...; static. [any] */
const char *match_reason_name(uint32_t reason);

/* Whether the list has the string. [any] */
bool match_has(struct rh_str_list list, struct rh_str value);

#endif
