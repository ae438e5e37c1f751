/* How many jobs may run at once, and the number that each has, for GPUs and ports; not what they
 * do. */
#ifndef RH_PLUGINS_WORKER_SLOTS_H
#define RH_PLUGINS_WORKER_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#define SLOTS_MAX 256u

/* Numbers from count on may be taken by jobs of a former configuration; they count as well. */
struct slots {
    uint64_t taken_bits[SLOTS_MAX / 64];
    uint32_t count;
    uint32_t taken;
};

/* All free; count <= SLOTS_MAX. */
void slots_init(struct slots *slots, uint32_t count);

/* Take the lowest free number below count; false if there is none, or as many are taken already. */
bool slots_take(struct slots *slots, uint32_t *index);

/* Take this very number, also from count on; false if it is taken or not below SLOTS_MAX. */
bool slots_take_at(struct slots *slots, uint32_t index);

/* Give back a number that is taken. */
void slots_give(struct slots *slots, uint32_t index);

/* How many more may be taken by slots_take. */
uint32_t slots_free(const struct slots *slots);

#endif
