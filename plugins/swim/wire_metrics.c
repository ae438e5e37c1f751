/* What the core counts, as metrics and a log line. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "wire.h"

/* Metrics and where their counts are. */
static const struct {
    const char *name;
    const char *help;
    size_t offset; /* in struct swim_stats */
} metric_rows[] = {
    {"swim_probes_total", "Nodes probed.", offsetof(struct swim_stats, probes)},
    {"swim_probe_failures_total", "Probes that neither the node nor a proxy answered.",
     offsetof(struct swim_stats, probes_failed)},
    {"swim_suspicions_total", "Suspicions begun here.", offsetof(struct swim_stats, suspicions)},
    {"swim_deaths_total", "Nodes declared dead by this node.", offsetof(struct swim_stats, deaths)},
    {"swim_refutations_total", "Accusations of this node that it refuted.",
     offsetof(struct swim_stats, refutations)},
    {"swim_stalls_total", "Times this node's loop was more than 100 ms late.",
     offsetof(struct swim_stats, stalls)},
};
#define METRIC_ROWS (sizeof(metric_rows) / sizeof(metric_rows[0]))
static_assert(METRIC_ROWS + 1 == SWIM_METRICS, "one more is the local health");

void swim_metrics_init(struct swim_plugin *p)
{
    int32_t rc;

    if (!p->rh.metrics)
        return;
    rc = p->rh.metrics->metric(p->rh.ctx, RH_METRIC_GAUGE, "swim_local_health", NULL,
                               "How far this node lags, 0 to 8.", &p->metrics[METRIC_ROWS]);
    for (size_t i = 0; rc == RH_OK && i < METRIC_ROWS; i++)
        rc = p->rh.metrics->metric(p->rh.ctx, RH_METRIC_COUNTER, metric_rows[i].name, NULL,
                                   metric_rows[i].help, &p->metrics[i]);
    p->has_metrics = rc == RH_OK;
}

static uint64_t stat(const struct swim_stats *stats, size_t row)
{
    uint64_t value;

    memcpy(&value, (const char *)stats + metric_rows[row].offset, sizeof(value));
    return value;
}

void swim_metrics_count(struct swim_plugin *p)
{
    if (p->has_metrics) {
        for (size_t i = 0; i < METRIC_ROWS; i++) {
            const uint64_t more = stat(&p->core.stats, i) - stat(&p->counted, i);

            if (more)
                p->rh.metrics->add(p->rh.ctx, p->metrics[i], (double)more);
        }
        p->rh.metrics->set(p->rh.ctx, p->metrics[METRIC_ROWS], p->core.health.score);
    }
    if (p->core.stats.stalls != p->counted.stalls)
        rh_log_warn(&p->rh, "node_stood_still", "stalls=%" PRIu64 " local_health=%" PRIu32,
                    p->core.stats.stalls, p->core.health.score);
    p->counted = p->core.stats;
}
