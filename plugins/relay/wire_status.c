/* What the relay shows: GET /relay/status and metrics. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

/* Metrics of the hub and of this node, and where their counts are. */
static const struct {
    const char *name;
    const char *help;
    size_t offset;
} hub_rows[] = {
    {"relay_taken_total", "Requests taken for nodes of this hub.",
     offsetof(struct hub_stats, taken)},
    {"relay_replied_total", "Requests that the node has answered.",
     offsetof(struct hub_stats, replied)},
    {"relay_resent_total", "Batches that were fetched again.", offsetof(struct hub_stats, resent)},
    {"relay_polls_total", "Polls of nodes.", offsetof(struct hub_stats, polls)},
};
#define HUB_ROWS (sizeof(hub_rows) / sizeof(hub_rows[0]))
static const struct {
    const char *name;
    const char *help;
} gauge_rows[] = {
    {"relay_nodes", "Nodes registered at this hub."},
    {"relay_requests", "Requests at this hub without a reply."},
    {"relay_bytes", "Bytes of bodies that this hub holds."},
};
#define GAUGE_ROWS (sizeof(gauge_rows) / sizeof(gauge_rows[0]))
static_assert(HUB_ROWS + GAUGE_ROWS + 1 == RELAY_METRICS, "one more is relay_carried_total");

void relay_metrics_init(struct relay_plugin *p)
{
    const struct rh_metrics_v1 *m = p->rh.metrics;
    int32_t rc = RH_OK;
    size_t at = 0;

    if (!m)
        return;
    for (size_t i = 0; rc == RH_OK && i < HUB_ROWS; i++)
        rc = m->metric(p->rh.ctx, RH_METRIC_COUNTER, hub_rows[i].name, NULL, hub_rows[i].help,
                       &p->metrics[at++]);
    for (size_t i = 0; rc == RH_OK && i < GAUGE_ROWS; i++)
        rc = m->metric(p->rh.ctx, RH_METRIC_GAUGE, gauge_rows[i].name, NULL, gauge_rows[i].help,
                       &p->metrics[at++]);
    if (rc == RH_OK)
        rc = m->metric(p->rh.ctx, RH_METRIC_COUNTER, "relay_carried_total", NULL,
                       "Calls of this node that went through a hub.", &p->metrics[at]);
    for (uint32_t reason = 1; rc == RH_OK && reason < HUB_REASON_COUNT; reason++) {
        char labels[64];

        (void)snprintf(labels, sizeof(labels), "reason=%s", hub_reason(reason)->token); /* fits */
        rc = m->metric(p->rh.ctx, RH_METRIC_COUNTER, "relay_refused_total", labels,
                       "Requests without a reply of the node, by reason.",
                       &p->refused_metrics[reason]);
    }
    p->has_metrics = rc == RH_OK;
}

static void count(struct relay_plugin *p, rh_handle id, uint64_t now, uint64_t before)
{
    if (now != before)
        p->rh.metrics->add(p->rh.ctx, id, (double)(now - before));
}

static uint64_t stat(const struct hub_stats *stats, size_t row)
{
    uint64_t value;

    memcpy(&value, (const char *)stats + hub_rows[row].offset, sizeof(value));
    return value;
}

void relay_metrics_count(struct relay_plugin *p)
{
    const uint64_t gauges[GAUGE_ROWS] = {rh_map_count(&p->hub.by_id),
                                         rh_map64_count(&p->hub.messages), p->hub.bytes};

    if (!p->has_metrics)
        return;
    for (size_t i = 0; i < HUB_ROWS; i++)
        count(p, p->metrics[i], stat(&p->hub.stats, i), stat(&p->counted, i));
    for (size_t i = 0; i < GAUGE_ROWS; i++)
        p->rh.metrics->set(p->rh.ctx, p->metrics[HUB_ROWS + i], (double)gauges[i]);
    count(p, p->metrics[HUB_ROWS + GAUGE_ROWS], p->stats.carried, p->counted_stats.carried);
    for (uint32_t reason = 1; reason < HUB_REASON_COUNT; reason++)
        count(p, p->refused_metrics[reason], p->hub.stats.refused[reason],
              p->counted.refused[reason]);
    p->counted = p->hub.stats;
    p->counted_stats = p->stats;
}

static void put_node(struct rh_json_writer *w, const struct hub_node *node, int64_t now_ms)
{
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "node_id", node->id);
    rh_json_kv_u64(w, "epoch", node->epoch);
    rh_json_kv_bool(w, "is_waiting", node->poll != 0);
    rh_json_kv_int(w, "requests", node->count);
    rh_json_kv_int(w, "not_fetched", node->pending);
    if (node->polled_ms)
        rh_json_kv_int(w, "polled_ago_ms", now_ms - node->polled_ms);
    rh_json_kv_int(w, "expires_in_ms", node->expires_ms > now_ms ? node->expires_ms - now_ms : 0);
    rh_json_end_object(w);
}

static void put_links(struct relay_plugin *p, struct rh_json_writer *w, int64_t now_ms)
{
    rh_json_key(w, "hubs");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++) {
        const struct relay_link *link = &p->links[i];

        if (link->core.state == LINK_IDLE)
            continue;
        rh_json_begin_object(w);
        rh_json_kv_strc(w, "hub", link->core.hub);
        rh_json_kv_strc(w, "state", link_state_name(link->core.state));
        rh_json_kv_bool(w, "is_up", link_is_up(&link->core));
        rh_json_kv_int(w, "failures", link->core.failures);
        if (link->core.heard_ms)
            rh_json_kv_int(w, "heard_ago_ms", now_ms - link->core.heard_ms);
        rh_json_kv_int(w, "replies", link->backlog.count);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

static void put_counters(const struct relay_plugin *p, struct rh_json_writer *w)
{
    const struct hub_stats *hub = &p->hub.stats;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"registered", hub->registered},
        {"polls", hub->polls},
        {"taken", hub->taken},
        {"delivered", hub->delivered},
        {"replied", hub->replied},
        {"resent", hub->resent},
        {"bytes_in", hub->bytes_in},
        {"bytes_out", hub->bytes_out},
        {"carried", p->stats.carried},
        {"carried_local", p->stats.carried_local},
        {"retried", p->stats.retried},
        {"run", p->inbox.stats.taken},
        {"duplicates", p->inbox.stats.duplicates},
        {"dropped", p->inbox.stats.refused + p->inbox.stats.expired},
        {"replies_lost", p->stats.lost},
    };

    rh_json_key(w, "counters");
    rh_json_begin_object(w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        rh_json_kv_int(w, rows[i].name, (int64_t)rows[i].value);
    rh_json_end_object(w);
    rh_json_key(w, "refused");
    rh_json_begin_object(w);
    for (uint32_t reason = 1; reason < HUB_REASON_COUNT; reason++)
        if (hub->refused[reason] > 0)
            rh_json_kv_int(w, hub_reason(reason)->token, (int64_t)hub->refused[reason]);
    rh_json_end_object(w);
}

static void put_limits(const struct relay_plugin *p, struct rh_json_writer *w)
{
    const struct {
        const char *name;
        int64_t value;
    } rows[] = {
        {"nodes", HUB_NODES_MAX},           {"requests_per_node", HUB_QUEUE_MAX},
        {"bytes", HUB_BYTES_MAX},           {"body_bytes", FRAME_BODY_MAX},
        {"window_bytes", HUB_WINDOW_BYTES}, {"rate_per_s", p->conf.rate},
        {"burst", p->conf.burst},           {"poll_ms", p->timing.poll_ms},
        {"ttl_ms", p->timing.ttl_ms},
    };

    rh_json_key(w, "limits");
    rh_json_begin_object(w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        rh_json_kv_int(w, rows[i].name, rows[i].value);
    rh_json_end_object(w);
}

int32_t relay_handle_status(void *self, rh_req req, const void *fields)
{
    struct relay_plugin *p = self;
    const int64_t now_ms = relay_now(p);
    struct rh_json_reply reply;

    (void)fields;
    if (!p->is_running)
        return rh_failf(&p->rh, RH_ELOADING, "relay does not run on this node yet");
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "mode", p->conf.mode);
    rh_json_kv_strc(&reply.w, "reach", p->told[0] ? p->told : "direct");
    put_links(p, &reply.w, now_ms);
    rh_json_key(&reply.w, "nodes");
    rh_json_begin_array(&reply.w);
    for (const struct hub_node *node = p->hub.nodes; node; node = node->next)
        put_node(&reply.w, node, now_ms);
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "bytes", (int64_t)p->hub.bytes);
    put_counters(p, &reply.w);
    put_limits(p, &reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}
