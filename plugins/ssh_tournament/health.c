/* Whether a host may be tried. A circuit breaker with a half-open state. */
#include "health.h"

#include <assert.h>

#define DOUBLINGS_MAX 20u

enum health_state health_state(const struct health *health, int64_t now_ms)
{
    if (health->failures == 0)
        return HEALTH_OPEN;
    return health->is_probing || now_ms < health->retry_ms ? HEALTH_RESTING : HEALTH_PROBE;
}

void health_begin(struct health *health, int64_t now_ms)
{
    assert(health_state(health, now_ms) != HEALTH_RESTING);
    health->is_probing = health->failures > 0;
}

void health_good(struct health *health)
{
    *health = (struct health){.failures = 0};
}

void health_bad(struct health *health, const struct health_rule *rule, int64_t begun_ms,
                int64_t now_ms)
{
    uint32_t doublings;
    int64_t rest_ms;

    if (health->failures > 0 && begun_ms < health->failed_ms)
        return;
    doublings = health->failures < DOUBLINGS_MAX ? health->failures : DOUBLINGS_MAX;
    rest_ms = rule->least_ms << doublings;
    health->failures++;
    health->is_probing = false;
    health->failed_ms = now_ms;
    health->retry_ms = now_ms + (rest_ms < rule->most_ms ? rest_ms : rule->most_ms);
}

void health_unknown(struct health *health)
{
    health->is_probing = false;
}
