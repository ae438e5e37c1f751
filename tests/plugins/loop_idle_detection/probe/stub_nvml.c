/* Stands in for NVIDIA's library: two devices, and faults that STUB_NVML asks for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int nvmlInit_v2(void);
int nvmlShutdown(void);
int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device);
int nvmlDeviceGetName(void *device, char *name, unsigned size);
int nvmlDeviceGetUUID(void *device, char *uuid, unsigned size);
int nvmlDeviceGetUtilizationRates(void *device, unsigned *out);
int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *out);

static int is(const char *fault)
{
    const char *wanted = getenv("STUB_NVML");

    return wanted && strcmp(wanted, fault) == 0;
}

static char devices[2];

int nvmlInit_v2(void)
{
    while (is("hang"))
        (void)pause();
    return is("init") ? 9 : 0;
}

int nvmlShutdown(void)
{
    return 0;
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    *count = is("empty") ? 0 : 2;
    return is("count") ? 999 : 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device)
{
    *device = &devices[index];
    return index == 1 && is("lost") ? 15 : 0;
}

int nvmlDeviceGetName(void *device, char *name, unsigned size)
{
    return snprintf(name, size, "Stub %d", (int)((char *)device - devices)) > 0 ? 0 : 1;
}

int nvmlDeviceGetUUID(void *device, char *uuid, unsigned size)
{
    return snprintf(uuid, size, "GPU-%d", (int)((char *)device - devices)) > 0 ? 0 : 1;
}

int nvmlDeviceGetUtilizationRates(void *device, unsigned *out)
{
    out[0] = device == devices ? 97 : 3;
    out[1] = 50;
    return is("utilization") ? 3 : 0;
}

#ifndef STUB_IS_PARTIAL
int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *out)
{
    (void)device;
    out[0] = 80ULL << 30;
    out[1] = 79ULL << 30;
    out[2] = 1ULL << 30;
    return 0;
}
#endif
