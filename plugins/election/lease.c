/* Lease arithmetic; see lease.h. */
#include "lease.h"

#include <assert.h>

#define COUNT_MAX 64u

int64_t lease_length_ms(int64_t beat_ms)
{
    return beat_ms * LEASE_TENTHS_OF_BEAT / 10;
}

int64_t lease_expires_ms(const int64_t *sent_ms, uint32_t count, uint32_t need, int64_t now_ms,
                         int64_t beat_ms)
{
    int64_t newest[COUNT_MAX]; /* descending */
    uint32_t filled = 0;

    assert(count <= COUNT_MAX);
    assert(need >= 1);
    if (need == 1)
        return now_ms + lease_length_ms(beat_ms);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = filled;

        if (sent_ms[i] == LEASE_NEVER)
            continue;
        for (; place > 0 && newest[place - 1] < sent_ms[i]; place--)
            newest[place] = newest[place - 1];
        newest[place] = sent_ms[i];
        filled++;
    }
    if (filled < need - 1)
        return LEASE_NEVER;
    return newest[need - 2] + lease_length_ms(beat_ms);
}

bool lease_fits_timeout(int64_t beat_ms, int64_t timeout_ms)
{
    return lease_length_ms(beat_ms) * 11 < timeout_ms * 9;
}

int64_t lease_timeout_min_ms(int64_t beat_ms)
{
    return lease_length_ms(beat_ms) * 11 / 9 + 1;
}
