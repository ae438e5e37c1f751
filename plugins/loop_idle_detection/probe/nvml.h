/* GPUs by NVIDIA's management library, loaded when it is there. */
#ifndef RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_NVML_H
#define RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_NVML_H

#include "devices.h"

/* Asks the library. GPUS_NONE: there is no such library, or it counts no device; GPUS_UNKNOWN: it
 * is there and does not tell, why says it. A call into the driver may never come back; whoever
 * started this process kills it then. */
void nvml_read(const char *library, struct gpus *out);

#endif
