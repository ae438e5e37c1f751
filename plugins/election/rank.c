/* The order of candidates; see rank.h. */
#include "rank.h"

#include <assert.h>
#include <string.h>

bool rank_above(const struct rank *a, const struct rank *b)
{
    if (a->is_home != b->is_home)
        return a->is_home;
    if (a->priority != b->priority)
        return a->priority > b->priority;
    return strcmp(a->node_id, b->node_id) > 0;
}

int64_t rank_delay_ms(uint32_t place, uint32_t count, int64_t window_ms, uint64_t random)
{
    int64_t slice;

    assert(place < count);
    assert(window_ms >= 0);
    slice = window_ms / (int64_t)count;
    return (int64_t)place * slice + (int64_t)(random % (uint64_t)(slice + 1));
}
