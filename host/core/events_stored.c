/* stored() of rh.events/1: committed cluster events for plugins that carry them elsewhere. */
#include "host/core/events_stored.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

#define STORED_BYTES_SOFT (1024u * 1024u) /* no further event is added above this */

/* Rows stand at the beginning of the plugin's memory, their texts behind them. While it may still
 * move, texts are told by their offset. */
struct collect {
    struct rh_buf *memory;
    uint32_t count;
    bool is_full;
    int32_t rc;
};

static struct rh_stored_event *row_at(const struct collect *collect, uint32_t index)
{
    return (struct rh_stored_event *)(void *)collect->memory->p + index;
}

static struct rh_str keep(struct collect *collect, struct rh_str text)
{
    size_t at = collect->memory->n;

    collect->rc = rh_buf_append_str(collect->memory, text); /* sticky */
    return (struct rh_str){(const char *)(uintptr_t)at, text.n};
}

static void collect_one(void *user, const struct state_event *stored)
{
    struct collect *collect = user;
    struct rh_stored_event row = {
        .event = {.size = (uint32_t)sizeof row.event,
                  .kind = RH_EVENT_CLUSTER,
                  .at_ms = stored->at_ms},
        .position = stored->cursor,
    };

    if (collect->is_full || collect->rc != RH_OK)
        return;
    row.event.id = keep(collect, stored->id);
    row.event.type = keep(collect, stored->type);
    row.event.source = keep(collect, stored->source);
    row.event.node_id = keep(collect, stored->node_id);
    row.event.payload = keep(collect, stored->payload);
    if (collect->rc != RH_OK)
        return;
    memcpy(row_at(collect, collect->count), &row, sizeof row);
    collect->count++;
    collect->is_full = collect->memory->n > STORED_BYTES_SOFT;
}

/* The memory moves no more. */
static void point_at_texts(const struct collect *collect)
{
    const char *base = collect->memory->p;

    for (uint32_t i = 0; i < collect->count; i++) {
        struct rh_event *event = &row_at(collect, i)->event;
        struct rh_str *const texts[] = {&event->id, &event->type, &event->source, &event->node_id,
                                        &event->payload};

        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            texts[k]->p = base + (uintptr_t)texts[k]->p;
    }
}

int32_t events_stored(struct rh_ctx *plugin, uint64_t after, uint32_t max,
                      struct rh_stored_events *out)
{
    struct core *core = plugin->core;
    struct collect collect = {.memory = &plugin->row_memory};
    struct rh_stored_events found = {.stride = (uint32_t)sizeof(struct rh_stored_event)};
    size_t rows = (size_t)max * sizeof(struct rh_stored_event);
    int32_t rc;

    services_check(plugin, "stored");
    if (max == 0 || max > RH_STORED_EVENTS_MAX)
        return RH_EINVAL;
    if (!services_leads_with_state(core))
        return RH_ENOTLEADER;
    rh_buf_reset(collect.memory);
    if (!rh_buf_reserve(collect.memory, rows))
        return RH_ENOMEM;
    rh_buf_advance(collect.memory, rows);
    rc = state_events(core->state, 1, after, max, collect_one, &collect, &found.oldest);
    if (rc == RH_OK)
        rc = collect.rc;
    if (rc != RH_OK)
        return rc;
    point_at_texts(&collect);
    found.size = out->size;
    found.count = collect.count;
    found.items = row_at(&collect, 0);
    found.newest = state_events_last(core->state, 1);
    memcpy(out, &found, out->size < sizeof found ? out->size : sizeof found);
    return RH_OK;
}
