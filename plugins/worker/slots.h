/* What jobs that run at once have for themselves: a number, a share of the slots, devices; not what
 * they do with it. */
#ifndef RH_PLUGINS_WORKER_SLOTS_H
#define RH_PLUGINS_WORKER_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

#define SLOTS_MAX       256u
#define SLOTS_GPUS_MAX  64u
#define SLOTS_GPUS_TEXT 192u /* bytes of all devices as text, with the NUL */

/* What one job has. */
struct share {
    uint32_t index;    /* among those that run at once, for ports */
    uint32_t cpus;     /* slots that it takes, from 1 on */
    uint64_t gpu_bits; /* its devices, bit n for device n */
};

/* Numbers and devices beyond the counts may be taken by jobs of a former configuration; they count
 * as well. */
struct slots {
    uint64_t taken_bits[SLOTS_MAX / 64]; /* numbers */
    uint64_t gpu_bits;                   /* devices that are taken */
    uint32_t count;
    uint32_t gpu_count;
    uint32_t taken; /* of count */
};

/* All free; count <= SLOTS_MAX, gpu_count <= SLOTS_GPUS_MAX. */
void slots_init(struct slots *slots, uint32_t count, uint32_t gpu_count);

/* Take cpus slots, the lowest free number and the gpus lowest free devices; false, and nothing
 * taken, if that many are not free. cpus > 0. */
bool slots_take(struct slots *slots, uint32_t cpus, uint32_t gpus, struct share *out);

/* Take this very share, whatever the counts say; false if its number or one of its devices is taken
 * or there is none such. */
bool slots_take_at(struct slots *slots, const struct share *share);

/* Give back a share that was taken. */
void slots_give(struct slots *slots, const struct share *share);

/* How many more slots and devices slots_take can give. */
uint32_t slots_free(const struct slots *slots);
uint32_t slots_gpus_free(const struct slots *slots);

/* "0,2", as CUDA_VISIBLE_DEVICES has it; and back: RH_OK, or RH_EINVAL. */
void slots_gpus_write(uint64_t gpu_bits, char text[SLOTS_GPUS_TEXT]);
int32_t slots_gpus_read(struct rh_str text, uint64_t *gpu_bits);

#endif
