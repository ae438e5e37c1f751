/* Where seeds stand in a bracket, so that the best meet as late as possible. */
#include "seeding.h"

#include <assert.h>

uint32_t seeding_size(uint32_t players)
{
    uint32_t size = 2;

    assert(players >= 2);
    while (size < players)
        size *= 2;
    return size;
}

void seeding_order(uint32_t size, uint16_t *order)
{
    assert(size >= 2);
    assert((size & (size - 1)) == 0);
    order[0] = 1;
    order[1] = 2;
    for (uint32_t filled = 2; filled < size; filled *= 2) {
        /* From the end, so that nothing is overwritten before it was read. */
        for (uint32_t i = filled; i-- > 0;) {
            const uint32_t seed = order[i];

            order[2 * i] = (uint16_t)seed;
            order[2 * i + 1] = (uint16_t)(2 * filled + 1 - seed);
        }
    }
}
