/* Which games a gauntlet consists of: how many, who plays black, with which seed; not how they
 * went. */
#include "schedule.h"

#include <assert.h>
#include <inttypes.h>
#include <ringhost/errors.h>
#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>

/* The step of splitmix64: odd, so that its multiples by 32-bit indices all differ. */
#define SEED_STEP UINT64_C(0x9e3779b97f4a7c15)

static const struct {
    struct rh_str name;
    uint32_t games;
} types[] = {
    {RH_STR_INIT("quick"), 20},
    {RH_STR_INIT("standard"), 50},
    {RH_STR_INIT("thorough"), 100},
};

uint32_t schedule_games_of(struct rh_str type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (rh_str_eq(types[i].name, type))
            return types[i].games;
    }
    return 0;
}

struct schedule_game schedule_game(uint64_t gauntlet_seed, uint32_t baseline_count, uint32_t index)
{
    const uint32_t pair = index / 2;

    assert(baseline_count > 0);
    /* Adding distinct numbers and a one-to-one mix keep the seeds distinct. */
    return (struct schedule_game){
        .index = index,
        .baseline = pair % baseline_count,
        .pair = pair / baseline_count,
        .model_is_black = index % 2 == 0,
        .seed = rh_hash_mix(gauntlet_seed + (uint64_t)(index + UINT64_C(1)) * SEED_STEP),
    };
}
