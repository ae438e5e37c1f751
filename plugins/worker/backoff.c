/* Doubling up to a cap. */
#include "backoff.h"

#include <assert.h>

int64_t backoff_ms(uint32_t failures, int64_t cap_ms, uint32_t retry_after_s, uint64_t random)
{
    int64_t ceiling_ms = BACKOFF_BASE_MS;
    int64_t asked_ms;
    int64_t wait_ms;

    assert(cap_ms >= BACKOFF_BASE_MS);
    for (uint32_t i = 0; i < failures && ceiling_ms < cap_ms; i++)
        ceiling_ms *= 2;
    if (ceiling_ms > cap_ms)
        ceiling_ms = cap_ms;
    wait_ms = ceiling_ms / 2 + (int64_t)(random % (uint64_t)(ceiling_ms / 2 + 1));
    if (retry_after_s > BACKOFF_RETRY_MAX_S)
        retry_after_s = BACKOFF_RETRY_MAX_S;
    asked_ms = (int64_t)retry_after_s * 1000 + (int64_t)(random % BACKOFF_BASE_MS);
    return retry_after_s > 0 && wait_ms < asked_ms ? asked_ms : wait_ms;
}
