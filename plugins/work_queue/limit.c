/* Limits by pattern, as bits of a mask so that a claim looks only at the rules that matter. */
#include "limit.h"

#include <ringhost/sdk/str.h>

#include "match.h"

uint64_t limit_rules_of(const struct limits *limits, struct rh_str work_type,
                        struct rh_str config_key)
{
    uint64_t rules = 0;

    for (uint32_t i = 0; i < limits->count; i++) {
        const struct limit_rule *rule = &limits->rules[i];
        if (rh_glob_match(rule->work_type, work_type) &&
            rh_glob_match(rule->config_key, config_key))
            rules |= UINT64_C(1) << i;
    }
    return rules;
}

static bool is_full(int64_t max, uint32_t count)
{
    return max > 0 && count >= max;
}

uint32_t limit_check(const struct limits *limits, uint64_t rules, const struct limit_usage *usage)
{
    if (is_full(limits->per_node_max, usage->node_count))
        return MATCH_NODE_LIMIT;
    for (uint32_t i = 0; i < limits->count && usage->node_by_rule; i++) {
        if ((rules >> i & 1) && is_full(limits->rules[i].per_node_max, usage->node_by_rule[i]))
            return MATCH_NODE_LIMIT;
    }
    for (uint32_t i = 0; i < limits->count; i++) {
        const struct limit_rule *rule = &limits->rules[i];
        if ((rules >> i & 1) && (is_full(rule->leased_max, usage->by_rule[i]) ||
                                 is_full(rule->per_config_max, usage->config_count)))
            return MATCH_CONFIG_LIMIT;
    }
    return MATCH_OK;
}
