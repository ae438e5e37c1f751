/* See idle.h. */
#include "idle.h"

void idle_init(struct idle *idle)
{
    *idle = (struct idle){.claimed = -1};
    idle_unknown(idle);
}

void idle_unknown(struct idle *idle)
{
    for (uint32_t d = 0; d < IDLE_DEVICES_MAX; d++)
        idle->devices[d] = (struct idle_device){.since_ms = -1};
    idle->gpus = IDLE_GPUS_UNKNOWN;
    idle->device_count = 0;
}

static bool has_job(const struct idle_jobs *jobs, const struct idle_reading *reading,
                    uint32_t device)
{
    if (reading->gpus == IDLE_GPUS_SOME && jobs->slots == reading->gpu_count)
        return (jobs->busy_slots >> device) & 1;
    return jobs->has_any;
}

uint32_t idle_step(struct idle *idle, const struct idle_reading *reading,
                   const struct idle_jobs *jobs, const struct idle_limits *limits, int64_t now_ms,
                   int64_t *since_ms)
{
    const bool is_gpu = reading->gpus == IDLE_GPUS_SOME;
    const uint32_t count = !is_gpu                                 ? 1
                           : reading->gpu_count < IDLE_DEVICES_MAX ? reading->gpu_count
                                                                   : IDLE_DEVICES_MAX;
    const bool has_changed = idle->claimed >= 0 && jobs->claimed != idle->claimed;
    uint32_t told = 0;

    if (reading->gpus == IDLE_GPUS_UNKNOWN || !jobs->is_known || reading->gpus != idle->gpus ||
        count != idle->device_count || has_changed)
        idle_unknown(idle); /* what was known is of other devices, or of before a job */
    idle->gpus = reading->gpus;
    idle->device_count = count;
    idle->claimed = jobs->is_known ? jobs->claimed : -1;
    if (reading->gpus == IDLE_GPUS_UNKNOWN || !jobs->is_known)
        return 0;
    for (uint32_t d = 0; d < count; d++) {
        struct idle_device *device = &idle->devices[d];
        const double percent = is_gpu ? reading->gpu_percent[d] : reading->cpu_percent;

        if (percent < 0 || percent >= limits->below_percent || has_job(jobs, reading, d)) {
            *device = (struct idle_device){.since_ms = -1};
            continue;
        }
        if (device->since_ms < 0)
            device->since_ms = now_ms;
        if (device->is_told || now_ms - device->since_ms < limits->after_ms)
            continue;
        device->is_told = true;
        if (told++ == 0 || device->since_ms < *since_ms)
            *since_ms = device->since_ms;
    }
    return told;
}
