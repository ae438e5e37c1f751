/* The cluster's sinks: they work on the node that leads, and read what was committed from the
 * store, so that nothing is lost while nobody leads or a sink is behind. */
#include <inttypes.h>

#include "wire.h"

void bridge_follow_leader(struct bridge *p)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof leader};

    p->rh.cluster->leader(p->rh.ctx, &leader);
    if (p->is_leading && (!leader.is_self || leader.epoch != p->epoch)) {
        for (uint32_t i = 0; i < p->sink_count; i++)
            if (!p->sinks[i].scope->is_node)
                sink_stop(&p->sinks[i]);
        p->cluster.save_due_ms = INT64_MAX;
    }
    if (leader.is_self && (!p->is_leading || leader.epoch != p->epoch))
        removed_look(p, &p->cluster);
    else if (!leader.is_self)
        p->cluster.left = (struct removed){0};
    p->is_leading = leader.is_self != 0;
    p->epoch = leader.epoch;
    for (uint32_t i = 0; i < p->sink_count && p->is_active; i++)
        if (p->sinks[i].scope->is_node || p->is_leading)
            sink_start(&p->sinks[i]);
}

static int32_t read_stored(const struct bridge *p, uint64_t after, uint32_t max,
                           struct rh_stored_events *out)
{
    *out = (struct rh_stored_events){.size = (uint32_t)sizeof *out};
    return p->rh.events->stored(p->rh.ctx, after, max, out);
}

uint64_t cluster_newest(const struct bridge *p)
{
    struct rh_stored_events events;

    return read_stored(p, INT64_MAX, 1, &events) == RH_OK ? events.newest : 0;
}

int32_t cluster_first_position(struct sink *sink, uint64_t *position)
{
    struct rh_stored_events events;
    int32_t rc = read_stored(sink->bridge, INT64_MAX, 1, &events);

    if (rc == RH_OK)
        *position = rh_str_eq_c(sink->config->from, "newest") ? events.newest
                    : events.oldest > 0                       ? events.oldest - 1
                                                              : 0;
    return rc;
}

/* What was dropped from the store before it could be looked at is said, never passed over. */
static void note_gap(struct sink *sink, uint64_t oldest)
{
    const uint64_t missed = oldest - sink->cursor.position - 1;

    sink->cursor.missed += missed;
    sink->cursor.position = sink->read_to = oldest - 1;
    sink_moved(sink, SAVE_MS);
    rh_log_error(&sink->bridge->rh, "events_missed", "sink=%s count=%" PRIu64 " before=%" PRIu64,
                 sink->name, missed, oldest);
    bridge_show(sink->bridge);
}

static struct letter letter_of(const struct rh_stored_event *stored)
{
    const struct rh_event *event = &stored->event;

    return (struct letter){.id = event->id,
                           .type = event->type,
                           .source = event->source,
                           .node_id = event->node_id,
                           .payload = event->payload,
                           .at_ms = event->at_ms,
                           .position = stored->position,
                           .is_cluster = true};
}

/* Events of interest go into the pack until it is full; the others are passed over. */
static int32_t take(struct sink *sink, const struct rh_stored_events *events)
{
    for (uint32_t i = 0; i < events->count; i++) {
        const struct letter letter =
            letter_of((const void *)((const char *)events->items + (size_t)i * events->stride));

        if (filter_takes(&sink->config->types, letter.type)) {
            int32_t rc = pack_add(&sink->pack, &letter);

            if (rc != RH_OK)
                return rc == RH_EFULL ? RH_OK : rc;
        } else {
            sink->counts.passed++;
        }
        sink->read_to = letter.position;
    }
    return RH_OK;
}

int32_t cluster_load(struct sink *sink, bool *is_more)
{
    struct rh_stored_events events;
    int32_t rc = read_stored(sink->bridge, sink->read_to, sink->read_max, &events);

    *is_more = false;
    if (rc != RH_OK)
        return rc;
    if (events.newest < sink->read_to)
        return rh_failf(&sink->bridge->rh, RH_EIO,
                        "sink %s stands at %" PRIu64 ", behind the newest event", sink->name,
                        sink->read_to);
    if (sink->read_to + 1 < events.oldest)
        note_gap(sink, events.oldest);
    rc = take(sink, &events);
    *is_more = events.count > 0 && sink->read_to < events.newest;
    if (rc == RH_OK && pack_count(&sink->pack) == 0 && sink->read_to != sink->cursor.position) {
        sink->cursor.position = sink->read_to;
        sink_moved(sink, SAVE_IDLE_MS);
    }
    return rc;
}
