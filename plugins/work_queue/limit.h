/* How many leases there may be at once, of a config and on a node; it counts nothing itself. */
#ifndef RH_PLUGINS_WORK_QUEUE_LIMIT_H
#define RH_PLUGINS_WORK_QUEUE_LIMIT_H

#include <ringhost/types.h>

#define LIMIT_RULES_MAX 64u

/* A rule covers the items whose work type and config key match its patterns (* and ?). 0 = no
 * limit. Strings are borrowed. */
struct limit_rule {
    struct rh_str work_type;
    struct rh_str config_key;
    int64_t leased_max;     /* live leases of all that it covers */
    int64_t per_config_max; /* of each (work type, config key) that it covers */
    int64_t per_node_max;   /* of all that it covers, on each node */
};

struct limits {
    struct limit_rule rules[LIMIT_RULES_MAX];
    uint32_t count;
    int64_t per_node_max; /* live leases of a node, whatever they are of; 0 = no limit */
};

/* Live leases as they are now. */
struct limit_usage {
    const uint32_t *by_rule;      /* of all nodes */
    const uint32_t *node_by_rule; /* of the node; NULL = it has none */
    uint32_t node_count;          /* of the node in all */
    uint32_t config_count;        /* of the config, on all nodes */
};

/* The rules that cover a config, bit i for rule i. [any] */
uint64_t limit_rules_of(const struct limits *limits, struct rh_str work_type,
                        struct rh_str config_key);

/* Whether there may be one more lease of a config that `rules` cover: MATCH_OK, MATCH_NODE_LIMIT,
 * or MATCH_CONFIG_LIMIT, which says that the node has room. [any] */
uint32_t limit_check(const struct limits *limits, uint64_t rules, const struct limit_usage *usage);

#endif
