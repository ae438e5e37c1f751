/* GPUs by the program nvidia-smi, where the library does not tell. */
#ifndef RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_SMI_H
#define RH_PLUGINS_LOOP_IDLE_DETECTION_PROBE_SMI_H

#include <stddef.h>

#include "devices.h"

/* Runs the program (a name for PATH, or a path) and reads what it prints; it is killed after
 * timeout_ms. GPUS_NONE when there is no such program; GPUS_UNKNOWN when it fails. */
void smi_read(const char *program, int timeout_ms, struct gpus *out);

/* Reads lines "index, name, uuid, utilisation, used MiB, total MiB"; what is no number, such as
 * "[N/A]", is unknown. GPUS_UNKNOWN for a line that has other fields. [any] */
void smi_parse(const char *text, size_t size, struct gpus *out);

#endif
