/* Incarnations outlive the process: they are reserved in blocks, so that a restarted node begins
 * above all that it ever used without a write for each. It writes nothing itself. [any] */
#ifndef RH_SWIM_INCARNATION_H
#define RH_SWIM_INCARNATION_H

#include <stdbool.h>
#include <stdint.h>

#define INCARNATION_BLOCK 1024u

/* The first one of this life, when those up to `reserved` may have been used (0 = none). */
uint64_t incarnation_first(uint64_t reserved);
/* Whether more must be reserved before long: half a block is left. */
bool incarnation_is_low(uint64_t current, uint64_t reserved);
/* What to reserve up to. */
uint64_t incarnation_reserve(uint64_t current);

#endif
