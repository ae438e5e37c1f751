/* A bit for each number. */
#include "slots.h"

#include <assert.h>
#include <string.h>

void slots_init(struct slots *slots, uint32_t count)
{
    assert(count <= SLOTS_MAX);
    memset(slots, 0, sizeof(*slots));
    slots->count = count;
}

static bool is_taken(const struct slots *slots, uint32_t index)
{
    return (slots->taken_bits[index / 64] >> (index % 64) & 1) != 0;
}

bool slots_take_at(struct slots *slots, uint32_t index)
{
    if (index >= SLOTS_MAX || is_taken(slots, index))
        return false;
    slots->taken_bits[index / 64] |= UINT64_C(1) << (index % 64);
    slots->taken++;
    return true;
}

bool slots_take(struct slots *slots, uint32_t *index)
{
    if (slots->taken >= slots->count)
        return false;
    for (uint32_t i = 0; i < slots->count; i++) {
        if (slots_take_at(slots, i)) {
            *index = i;
            return true;
        }
    }
    return false; /* unreachable: fewer than count are taken */
}

void slots_give(struct slots *slots, uint32_t index)
{
    assert(index < SLOTS_MAX);
    assert(is_taken(slots, index));
    slots->taken_bits[index / 64] &= ~(UINT64_C(1) << (index % 64));
    slots->taken--;
}

uint32_t slots_free(const struct slots *slots)
{
    return slots->taken < slots->count ? slots->count - slots->taken : 0;
}
