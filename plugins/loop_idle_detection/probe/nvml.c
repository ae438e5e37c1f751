/* See nvml.h. The functions and structs are those of NVML's public interface, version 2 where there
 * are several; nothing of its headers is needed to build. */
#include "nvml.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define NVML_OK 0

typedef void *nvml_device;
struct nvml_utilization {
    unsigned gpu;
    unsigned memory;
};
struct nvml_memory {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

struct nvml {
    int (*init)(void);
    int (*shutdown)(void);
    int (*count)(unsigned *count);
    int (*handle)(unsigned index, nvml_device *device);
    int (*name)(nvml_device device, char *name, unsigned size);
    int (*uuid)(nvml_device device, char *uuid, unsigned size);
    int (*utilization)(nvml_device device, struct nvml_utilization *out);
    int (*memory)(nvml_device device, struct nvml_memory *out);
};

/* The symbol into *function, whose type is the caller's to know. */
static bool find(void *library, const char *symbol, void *function, char *why)
{
    void *at = dlsym(library, symbol);

    if (!at) {
        (void)snprintf(why, GPU_WHY_SIZE, "the library has no %s", symbol); /* fits */
        return false;
    }
    memcpy(function, &at, sizeof(at)); /* ISO C has no cast from object to function pointers */
    return true;
}

static bool find_all(void *library, struct nvml *nvml, char *why)
{
    return find(library, "nvmlInit_v2", &nvml->init, why) &&
           find(library, "nvmlShutdown", &nvml->shutdown, why) &&
           find(library, "nvmlDeviceGetCount_v2", &nvml->count, why) &&
           find(library, "nvmlDeviceGetHandleByIndex_v2", &nvml->handle, why) &&
           find(library, "nvmlDeviceGetName", &nvml->name, why) &&
           find(library, "nvmlDeviceGetUUID", &nvml->uuid, why) &&
           find(library, "nvmlDeviceGetUtilizationRates", &nvml->utilization, why) &&
           find(library, "nvmlDeviceGetMemoryInfo", &nvml->memory, why);
}

/* What the device does not tell stays unknown; only one that cannot be named at all fails. */
static int read_device(const struct nvml *nvml, unsigned index, struct gpu *gpu)
{
    struct nvml_utilization utilization = {0, 0};
    struct nvml_memory memory = {0, 0, 0};
    nvml_device device = NULL;
    const int rc = nvml->handle(index, &device);

    *gpu = (struct gpu){.utilization = -1, .memory_used_mb = -1, .memory_total_mb = -1};
    if (rc != NVML_OK)
        return rc;
    if (nvml->name(device, gpu->name, (unsigned)sizeof(gpu->name)) != NVML_OK)
        gpu->name[0] = '\0';
    if (nvml->uuid(device, gpu->uuid, (unsigned)sizeof(gpu->uuid)) != NVML_OK)
        gpu->uuid[0] = '\0';
    gpu->name[sizeof(gpu->name) - 1] = '\0';
    gpu->uuid[sizeof(gpu->uuid) - 1] = '\0';
    if (nvml->utilization(device, &utilization) == NVML_OK)
        gpu->utilization = utilization.gpu;
    if (nvml->memory(device, &memory) == NVML_OK) {
        gpu->memory_used_mb = (int64_t)(memory.used >> 20);
        gpu->memory_total_mb = (int64_t)(memory.total >> 20);
    }
    return NVML_OK;
}

static void read_all(const struct nvml *nvml, struct gpus *out)
{
    unsigned count = 0;
    int rc = nvml->count(&count);

    if (rc != NVML_OK) {
        (void)snprintf(out->why, sizeof(out->why), "counting devices failed with %d", rc);
        return;
    }
    if (count > GPUS_MAX)
        count = GPUS_MAX;
    for (unsigned i = 0; i < count; i++) {
        rc = read_device(nvml, i, &out->list[i]);
        if (rc != NVML_OK) {
            (void)snprintf(out->why, sizeof(out->why), "device %u failed with %d", i, rc);
            return;
        }
    }
    out->count = count;
    out->state = count > 0 ? GPUS_SOME : GPUS_NONE;
}

void nvml_read(const char *library, struct gpus *out)
{
    struct nvml nvml;
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    int rc;

    *out = (struct gpus){.state = GPUS_UNKNOWN};
    if (!handle) {
        out->state = GPUS_NONE;
        return;
    }
    if (find_all(handle, &nvml, out->why)) {
        rc = nvml.init();
        if (rc != NVML_OK) {
            (void)snprintf(out->why, sizeof(out->why), "initialising the library failed with %d",
                           rc);
        } else {
            read_all(&nvml, out);
            (void)nvml.shutdown(); /* the process ends soon */
        }
    }
    (void)dlclose(handle); /* likewise */
}
