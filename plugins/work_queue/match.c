/* Two-sided matching: each side's demands against the other's facts, cheapest and most telling
 * check first. */
#include "match.h"

#include <assert.h>

#include <ringhost/sdk/str.h>

static const char *const names[MATCH_REASON_COUNT] = {
#define MATCH_NAME(name, token) token,
    MATCH_REASONS(MATCH_NAME)
#undef MATCH_NAME
};

bool match_has(struct rh_str_list list, struct rh_str value)
{
    for (uint32_t i = 0; i < list.count; i++) {
        if (rh_str_eq(list.items[i], value))
            return true;
    }
    return false;
}

uint32_t match_check(const struct match_claim *claim, const struct match_shape *shape)
{
    if (claim->work_types.count > 0 && !match_has(claim->work_types, shape->work_type))
        return MATCH_WORK_TYPE;
    if (shape->target_node.n > 0 && !rh_str_eq(shape->target_node, claim->node_id))
        return MATCH_TARGET_NODE;
    for (uint32_t i = 0; i < shape->requires.count; i++) {
        if (!match_has(claim->capabilities, shape->requires.items[i]))
            return MATCH_CAPABILITY;
    }
    if ((shape->needs_gpu || shape->min_vram_mb > 0) && claim->gpu_count < 1)
        return MATCH_GPU;
    if (shape->min_vram_mb > claim->vram_mb)
        return MATCH_VRAM;
    return MATCH_OK;
}

int64_t match_bonus(const struct match_claim *claim, const struct match_shape *shape)
{
    return match_has(claim->board_types, shape->board_type) ? MATCH_BOARD_BONUS : 0;
}

const char *match_reason_name(uint32_t reason)
{
    assert(reason < MATCH_REASON_COUNT);
    return names[reason];
}
