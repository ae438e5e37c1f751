/* Exponential back-off with jitter; see backoff.h. */
#include "backoff.h"

#include <assert.h>

bool backoff_is_over(const struct backoff *backoff, int64_t now_ms)
{
    return backoff->failures == 0 || now_ms >= backoff->next_ms;
}

void backoff_succeed(struct backoff *backoff)
{
    backoff->failures = 0;
}

void backoff_fail(struct backoff *backoff, int64_t now_ms, int64_t beat_ms, uint64_t random)
{
    const int64_t most_ms = beat_ms * BACKOFF_BEATS_MAX;
    int64_t wait_ms = BACKOFF_FIRST_MS;

    assert(beat_ms > 0);
    for (uint32_t i = 0; i < backoff->failures && wait_ms < most_ms; i++)
        wait_ms *= 2;
    if (wait_ms > most_ms)
        wait_ms = most_ms;
    wait_ms -= (int64_t)(random % (uint64_t)(wait_ms / 4 + 1));
    backoff->next_ms = now_ms + wait_ms;
    if (backoff->failures < UINT32_MAX)
        backoff->failures++;
}
