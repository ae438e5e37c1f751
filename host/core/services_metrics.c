/* rh.metrics/1 as the host gives it: metrics that carry the name of their plugin. */
#include <ringhost/service/metrics.h>

#include "host/core/core_internal.h"

static int32_t metrics_metric(struct rh_ctx *plugin, uint32_t kind, const char *name,
                              const char *labels, const char *help, rh_handle *id)
{
    services_check(plugin, "metric");
    return metrics_get(plugin->core->metrics, kind, plugin->id, name, labels, help, id);
}

static void metrics_service_add(struct rh_ctx *plugin, rh_handle id, double amount)
{
    metrics_add(plugin->core->metrics, id, amount);
}

static void metrics_service_set(struct rh_ctx *plugin, rh_handle id, double value)
{
    metrics_set(plugin->core->metrics, id, value);
}

static void metrics_service_observe(struct rh_ctx *plugin, rh_handle id, double seconds)
{
    metrics_observe(plugin->core->metrics, id, seconds);
}

static const struct rh_metrics_v1 metrics_service = {
    .size = (uint32_t)sizeof metrics_service,
    .metric = metrics_metric,
    .add = metrics_service_add,
    .set = metrics_service_set,
    .observe = metrics_service_observe,
};

const void *services_metrics(void)
{
    return &metrics_service;
}
