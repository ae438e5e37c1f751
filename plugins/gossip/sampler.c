/* Whom to talk to; see sampler.h. The choice is the first steps of a Fisher-Yates shuffle. */
#include "sampler.h"

uint32_t sampler_pick(struct rh_rng *rng, uint32_t *items, uint32_t count, uint32_t want)
{
    const uint32_t picked = want < count ? want : count;

    for (uint32_t i = 0; i < picked; i++) {
        const uint32_t other = i + (uint32_t)rh_rng_below(rng, count - i);
        const uint32_t item = items[i];

        items[i] = items[other];
        items[other] = item;
    }
    return picked;
}

bool sampler_is_named(struct rh_str list, struct rh_str node_id)
{
    size_t begin = 0;

    for (size_t i = 0; i <= list.n; i++) {
        if (i < list.n && list.p[i] != ',')
            continue;
        if (i > begin && rh_str_eq((struct rh_str){list.p + begin, i - begin}, node_id))
            return true;
        begin = i + 1;
    }
    return false;
}
