/* What the probe knows of GPUs, whoever told it. */
#ifndef RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_DEVICES_H
#define RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#define GPUS_MAX      64u
#define GPU_NAME_SIZE 96u
#define GPU_WHY_SIZE  256u

struct gpu {
    char name[GPU_NAME_SIZE];
    char uuid[GPU_NAME_SIZE];
    double utilization;     /* percent; negative = unknown */
    int64_t memory_used_mb; /* MiB; negative = unknown */
    int64_t memory_total_mb;
};

enum gpus_state { GPUS_UNKNOWN, GPUS_NONE, GPUS_SOME };

struct gpus {
    enum gpus_state state;
    uint32_t count;
    struct gpu list[GPUS_MAX];
    char why[GPU_WHY_SIZE]; /* what went wrong, "" = nothing */
};

#endif
