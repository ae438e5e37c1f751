/* The clock of clock.h in four short functions. */
#include "clock.h"

#include <assert.h>

uint64_t clock_stamp(struct clock_hybrid *clock, int64_t wall_ms)
{
    const uint64_t wall = (uint64_t)wall_ms << CLOCK_COUNTER_BITS;

    assert(wall_ms >= 0);
    clock->last = wall > clock->last ? wall : clock->last + 1;
    return clock->last;
}

bool clock_hear(struct clock_hybrid *clock, uint64_t stamp, int64_t wall_ms)
{
    if (clock_is_ahead(clock_ms(stamp), wall_ms))
        return false;
    if (stamp > clock->last)
        clock->last = stamp;
    return true;
}

bool clock_is_ahead(int64_t time_ms, int64_t wall_ms)
{
    return time_ms - CLOCK_AHEAD_MAX_MS > wall_ms;
}

int64_t clock_ms(uint64_t stamp)
{
    return (int64_t)(stamp >> CLOCK_COUNTER_BITS);
}
