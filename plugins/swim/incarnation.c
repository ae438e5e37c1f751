/* Blocks of incarnations; see incarnation.h. */
#include "incarnation.h"

uint64_t incarnation_first(uint64_t reserved)
{
    return reserved + 1;
}

bool incarnation_is_low(uint64_t current, uint64_t reserved)
{
    return current + INCARNATION_BLOCK / 2 > reserved;
}

uint64_t incarnation_reserve(uint64_t current)
{
    return current + INCARNATION_BLOCK;
}
