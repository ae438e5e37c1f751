/* Which host a match goes to next. */
#include "plan.h"

#include <assert.h>

static bool has_room(const struct plan_host *host)
{
    return host->state != HEALTH_RESTING && host->running < host->slots;
}

/* Whether a is the better place than b; both have room. */
static bool is_better(const struct plan_host *a, const struct plan_host *b)
{
    const bool a_fresh = a->tried == 0;
    const bool b_fresh = b->tried == 0;

    if (a_fresh != b_fresh)
        return a_fresh;
    if (a->state != b->state)
        return a->state < b->state;
    if (a->tried != b->tried)
        return a->tried < b->tried;
    return (uint64_t)a->running * b->slots < (uint64_t)b->running * a->slots;
}

int32_t plan_pick(const struct plan_host *hosts, uint32_t count)
{
    int32_t best = PLAN_WAIT;
    bool is_fresh_busy = false;

    assert(count > 0);
    assert(count <= PLAN_HOSTS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (has_room(&hosts[i])) {
            if (best == PLAN_WAIT || is_better(&hosts[i], &hosts[best]))
                best = (int32_t)i;
        } else if (hosts[i].tried == 0 && hosts[i].state == HEALTH_OPEN) {
            is_fresh_busy = true;
        }
    }
    return best != PLAN_WAIT && hosts[best].tried > 0 && is_fresh_busy ? PLAN_WAIT : best;
}
