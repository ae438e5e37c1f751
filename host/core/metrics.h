/* Counters, gauges and histograms in memory, and their text for Prometheus. It measures nothing
 * itself. All [loop]. */
#ifndef RH_HOST_CORE_METRICS_H
#define RH_HOST_CORE_METRICS_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>
#include <ringhost/service/metrics.h>

#define METRICS_MAX 16384u /* in all */
#define METRICS_PER_PLUGIN_MAX \
    256u /* with one plugin's label; those without a plugin count only in all */
#define METRICS_NAME_MAX     64u /* bytes, without the prefix */
#define METRICS_HELP_MAX     256u
#define METRICS_LABELS_MAX   8u   /* labels of one metric, plugin= apart */
#define METRICS_LABELS_BYTES 256u /* of the text "k=v,k2=v2" */
#define METRICS_PREFIX       "ringhost_"

struct metrics;

/* seed: for the hash tables. NULL: no memory. */
struct metrics *metrics_new(uint64_t seed);
/* NULL is allowed. */
void metrics_free(struct metrics *m);

/* Finds or makes a metric. kind RH_METRIC_...; plugin becomes the label plugin="..." (NULL: none);
 * name [a-z][a-z0-9_]{0,63}; labels "k=v,k2=v2" or NULL, in any order, keys [a-z_][a-z0-9_]*,
 * neither "plugin" nor "le" nor twice, values without comma or control character; help one line or
 * NULL. Everything is copied. One name has one kind and one help. Returns RH_OK and *id (never 0,
 * good until metrics_free), RH_EINVAL, RH_EFULL or RH_ENOMEM. */
int32_t metrics_get(struct metrics *m, uint32_t kind, const char *plugin, const char *name,
                    const char *labels, const char *help, uint64_t *id);

/* Each takes constant time. What makes no sense is ignored: an unknown id, the wrong kind, NaN, a
 * counter going down. */
void metrics_add(struct metrics *m, uint64_t id, double amount);      /* counter, gauge */
void metrics_set(struct metrics *m, uint64_t id, double value);       /* gauge */
void metrics_observe(struct metrics *m, uint64_t id, double seconds); /* histogram */

/* The value of a counter or gauge, the number of observations of a histogram; 0 for an unknown id.
 */
double metrics_value(const struct metrics *m, uint64_t id);

/* Appends everything in the Prometheus text format 0.0.4: families ordered by name, the metrics of
 * a family in the order they were made. Returns buf->rc, or RH_ENOMEM. */
int32_t metrics_write(struct metrics *m, struct rh_buf *buf);

#endif
