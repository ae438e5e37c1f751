/* Times of the relay; see timing.h. */
#include "timing.h"

#include <inttypes.h>
#include <stdio.h>

#include <ringhost/errors.h>

static int32_t broken(char *why, const char *rule, int64_t is, int64_t most)
{
    (void)snprintf(why, TIMING_WHY_MAX,
                   "%s: %" PRId64 " ms is out of its bounds, which end at %" PRId64 " ms", rule, is,
                   most); /* fits */
    return RH_EINVAL;
}

int32_t timing_check(const struct timing *timing, char *why)
{
    if (timing->poll_ms * 2 > timing->ttl_ms)
        return broken(why, "ttl_outlives_polls (two polls must fit into ttl)", timing->poll_ms * 2,
                      timing->ttl_ms);
    if (timing->poll_ms + TIMING_MARGIN_MS >= TIMING_POLL_ROUTE_MS)
        return broken(why, "poll_in_route", timing->poll_ms, TIMING_POLL_ROUTE_MS);
    if (timing->ttl_ms > TIMING_VOUCH_MS)
        return broken(why, "ttl_in_vouch", timing->ttl_ms, TIMING_VOUCH_MS);
    if (timing->timeout_ms > TIMING_CALL_MS)
        return broken(why, "relay_in_call", timing->timeout_ms, TIMING_CALL_MS);
    return RH_OK;
}

int64_t timing_at_hub_ms(int64_t left_ms)
{
    const int64_t longest_ms = TIMING_FORWARD_ROUTE_MS - TIMING_MARGIN_MS;
    const int64_t margin_ms = left_ms / 10 < TIMING_MARGIN_MS ? left_ms / 10 : TIMING_MARGIN_MS;
    const int64_t at_hub_ms = left_ms - margin_ms;

    if (at_hub_ms > longest_ms)
        return longest_ms;
    return at_hub_ms > 0 ? at_hub_ms : 1;
}

int64_t timing_rest_ms(uint32_t failures, uint64_t random)
{
    const uint32_t doublings = failures > 7 ? 6 : failures - 1;
    int64_t rest_ms = (int64_t)TIMING_REST_MS << doublings;

    if (rest_ms > TIMING_REST_MAX_MS)
        rest_ms = TIMING_REST_MAX_MS;
    return rest_ms - (int64_t)(random % (uint64_t)(rest_ms / 4 + 1));
}
