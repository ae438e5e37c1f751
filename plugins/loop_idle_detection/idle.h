/* When a device has nothing to do. Pure: readings in, edges out. */
#ifndef RH_PLUGINS_LOOP_IDLE_DETECTION_IDLE_H
#define RH_PLUGINS_LOOP_IDLE_DETECTION_IDLE_H

#include <stdbool.h>
#include <stdint.h>

/* Devices of a node; further ones are not looked at. */
#define IDLE_DEVICES_MAX 64u

enum idle_gpus {
    IDLE_GPUS_UNKNOWN, /* there may be some: the node is never idle */
    IDLE_GPUS_NONE,    /* the processor is the one device */
    IDLE_GPUS_SOME
};

/* What a sensor says. */
struct idle_reading {
    enum idle_gpus gpus;
    uint32_t gpu_count;
    double cpu_percent;                   /* negative = unknown */
    double gpu_percent[IDLE_DEVICES_MAX]; /* negative = unknown */
};

/* What the worker says. */
struct idle_jobs {
    bool is_known;
    uint32_t slots;
    uint64_t busy_slots; /* bit n: slot n has a job */
    bool has_any;        /* a job on any slot, also beyond the bits */
    int64_t claimed;     /* jobs ever: one that came and went between two looks shows here */
};

struct idle_limits {
    double below_percent;
    int64_t after_ms;
};

struct idle_device {
    int64_t since_ms; /* monotonic; -1 = busy, or not known */
    bool is_told;
};

struct idle {
    struct idle_device devices[IDLE_DEVICES_MAX];
    uint32_t device_count; /* of the last reading */
    enum idle_gpus gpus;
    int64_t claimed;
};

/* Knows of nothing idle yet. [any] */
void idle_init(struct idle *idle);

/* Takes one reading. Returns how many devices have now been idle for long enough and were not told
 * of before, and in *since_ms when the first of them became so. A device is idle while its
 * utilisation is known and below the limit and it has no job; where there are as many slots as
 * GPUs, slot n is GPU n, else a job is one of all devices. [any] */
uint32_t idle_step(struct idle *idle, const struct idle_reading *reading,
                   const struct idle_jobs *jobs, const struct idle_limits *limits, int64_t now_ms,
                   int64_t *since_ms);

/* Nothing is known now, as when a sensor failed: nothing is idle. [any] */
void idle_unknown(struct idle *idle);

#endif
