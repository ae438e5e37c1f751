/* The one JSON object that the probe prints. */
#ifndef RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_REPORT_H
#define RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_REPORT_H

#include <ringhost/sdk/buf.h>

#include "devices.h"

struct report {
    const char *source; /* who told of the GPUs: "nvml", "nvidia-smi", "none" */
    const struct gpus *gpus;
    double cpu_percent;      /* negative = unknown */
    double pressure_percent; /* likewise */
    uint32_t cpu_count;
};

/* Appends the object and a newline; errors stay in buf. What is unknown is null. [any] */
void report_write(const struct report *report, struct rh_buf *buf);

#endif
