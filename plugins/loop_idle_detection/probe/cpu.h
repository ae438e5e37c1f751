/* What the processors do, from the text of files in /proc. Pure. */
#ifndef RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_CPU_H
#define RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first line of /proc/stat in clock ticks. */
struct cpu_times {
    uint64_t busy;
    uint64_t all;
    uint32_t count; /* processors */
};

/* RH_OK or RH_EINVAL. [any] */
int32_t cpu_parse_stat(const char *text, size_t size, struct cpu_times *out);
/* Percent busy between two readings; negative when no tick lies between them. [any] */
double cpu_percent(const struct cpu_times *before, const struct cpu_times *after);
/* The share of the last ten seconds in which something waited for a processor, from
 * /proc/pressure/cpu; RH_OK or RH_EINVAL. [any] */
int32_t cpu_parse_pressure(const char *text, size_t size, double *percent);

#endif
