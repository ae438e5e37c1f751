/* rh.metrics/1: counters, gauges and histograms, shown by GET /metrics with the label plugin=. */
#ifndef RH_SERVICE_METRICS_H
#define RH_SERVICE_METRICS_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_METRICS_ID       "rh.metrics/1"

#define RH_METRIC_COUNTER   1u
#define RH_METRIC_GAUGE     2u
#define RH_METRIC_HISTOGRAM 3u /* of seconds, powers of two from 0.0001 to 100 */

struct rh_metrics_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Make (or find) a metric: name [a-z][a-z0-9_]{0,63}, labels "k=v,k2=v2" or NULL. At most 256
     * per plugin. RH_OK and *id, RH_EINVAL, RH_EFULL. [loop] */
    int32_t (*metric)(struct rh_ctx *ctx, uint32_t kind, const char *name, const char *labels,
                      const char *help, rh_handle *id);
    void (*add)(struct rh_ctx *ctx, rh_handle id, double amount);      /* counter, gauge [loop] */
    void (*set)(struct rh_ctx *ctx, rh_handle id, double value);       /* gauge [loop] */
    void (*observe)(struct rh_ctx *ctx, rh_handle id, double seconds); /* histogram [loop] */
};

#endif
