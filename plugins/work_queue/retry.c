/* Full jitter: spreads the retries of a batch that failed together over the whole interval. */
#include "retry.h"

#include <assert.h>

int64_t retry_delay_ms(int64_t base_ms, int64_t cap_ms, uint32_t attempt, uint64_t random)
{
    int64_t ceiling = base_ms < cap_ms ? base_ms : cap_ms;

    assert(base_ms >= 0);
    assert(cap_ms >= 0);
    for (uint32_t i = 1; i < attempt && ceiling > 0 && ceiling < cap_ms; i++)
        ceiling = ceiling > cap_ms / 2 ? cap_ms : ceiling * 2;
    return (int64_t)(random % ((uint64_t)ceiling + 1));
}
