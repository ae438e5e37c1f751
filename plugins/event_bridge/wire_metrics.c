/* What the bridge shows to those who watch: metrics of each sink, lasting conditions in health. */
#include <inttypes.h>
#include <stdio.h>

#include "wire.h"

#define SHOW_EVERY_MS 1000

static const struct {
    const char *name;
    const char *help;
    uint32_t kind;
} metric_rows[SINK_METRICS] = {
    [METRIC_DELIVERED] = {"event_bridge_delivered_total", "Events that a sink's receiver took.",
                          RH_METRIC_COUNTER},
    [METRIC_FAILED] = {"event_bridge_failed_total", "Tries that failed and are repeated.",
                       RH_METRIC_COUNTER},
    [METRIC_REFUSED] = {"event_bridge_refused_total", "Events refused for good.",
                        RH_METRIC_COUNTER},
    [METRIC_DROPPED] = {"event_bridge_dropped_total",
                        "Local events that found no room in the outbox.", RH_METRIC_COUNTER},
    [METRIC_DEAD] = {"event_bridge_dead_letters", "Dead letters kept.", RH_METRIC_GAUGE},
    [METRIC_BEHIND] = {"event_bridge_behind",
                       "Events between the sink and the newest, those that it does not take "
                       "included.",
                       RH_METRIC_GAUGE},
};

void sink_metrics_init(struct sink *sink)
{
    const struct rh_services *rh = &sink->bridge->rh;
    char labels[SINK_NAME_MAX + 16];
    int32_t rc = RH_OK;

    if (!rh->metrics)
        return;
    (void)snprintf(labels, sizeof labels, "sink=%s", sink->name);
    for (uint32_t i = 0; i < SINK_METRICS && rc == RH_OK; i++)
        rc = rh->metrics->metric(rh->ctx, metric_rows[i].kind, metric_rows[i].name, labels,
                                 metric_rows[i].help, &sink->metrics[i]);
    sink->has_metrics = rc == RH_OK;
}

void sink_count(struct sink *sink, enum sink_metric metric)
{
    const struct rh_services *rh = &sink->bridge->rh;

    if (sink->has_metrics)
        rh->metrics->add(rh->ctx, sink->metrics[metric], 1);
}

static void set_gauges(struct sink *sink, uint64_t newest)
{
    const struct rh_services *rh = &sink->bridge->rh;
    const uint64_t end = sink->scope->is_node ? sink->outbox.next - 1 : newest;
    const bool is_on = sink->delivery.state != DELIVERY_OFF;

    if (!sink->has_metrics)
        return;
    rh->metrics->set(rh->ctx, sink->metrics[METRIC_DEAD], is_on ? (double)sink->cursor.dead : 0);
    rh->metrics->set(rh->ctx, sink->metrics[METRIC_BEHIND],
                     is_on && end > sink->cursor.position ? (double)(end - sink->cursor.position)
                                                          : 0);
}

/* The first sink of which something holds. */
static const struct sink *first(const struct bridge *p, bool (*holds)(const struct sink *sink))
{
    for (uint32_t i = 0; i < p->sink_count; i++)
        if (holds(&p->sinks[i]))
            return &p->sinks[i];
    return NULL;
}

static bool is_blocked(const struct sink *sink)
{
    return sink->delivery.state == DELIVERY_BLOCKED;
}

static bool has_dropped(const struct sink *sink)
{
    return sink->outbox.dropped > 0;
}

static bool has_missed(const struct sink *sink)
{
    return sink->delivery.state != DELIVERY_OFF && sink->cursor.missed > 0;
}

static void show_removed(const struct bridge *p, const struct scope *scope, const char *code)
{
    const struct removed *left = &scope->left;

    rh_warnf(&p->rh, code,
             left->name[0] ? "sink %s is configured no longer and has %" PRIu64
                             " dead letters and %" PRIu32
                             " events that wait; put it back, or ringctl events %sforget %s"
                           : NULL,
             left->name, left->cursor.dead, left->waiting, scope->is_node ? "node-" : "",
             left->name);
}

static void show_conditions(const struct bridge *p)
{
    const struct sink *sink = first(p, is_blocked);

    rh_warnf(&p->rh, "blocked",
             sink ? "sink %s stands still: no room for another dead letter (%" PRIu64 ")" : NULL,
             sink ? sink->name : "", sink ? sink->cursor.dead : 0);
    sink = first(p, has_dropped);
    rh_warnf(&p->rh, "dropped",
             sink ? "the outbox of sink %s was full; %" PRIu64 " events were dropped" : NULL,
             sink ? sink->name : "", sink ? sink->outbox.dropped : 0);
    sink = first(p, has_missed);
    rh_warnf(&p->rh, "missed",
             sink ? "sink %s missed %" PRIu64 " events that were kept no longer" : NULL,
             sink ? sink->name : "", sink ? sink->cursor.missed : 0);
    show_removed(p, &p->cluster, "removed");
    show_removed(p, &p->node, "removed_node");
}

void bridge_show(struct bridge *p)
{
    const uint64_t newest = p->is_leading ? cluster_newest(p) : 0;

    if (!p->is_active)
        return;
    p->show_due_ms = bridge_now(p) + SHOW_EVERY_MS;
    for (uint32_t i = 0; i < p->sink_count; i++)
        set_gauges(&p->sinks[i], newest);
    show_conditions(p);
}

void bridge_show_soon(struct bridge *p)
{
    if (bridge_now(p) >= p->show_due_ms)
        bridge_show(p);
    else
        bridge_wake_at(p, p->show_due_ms); /* what changed since is shown then */
}
