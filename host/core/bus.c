/* The ring of events; see bus.h. */
#include "host/core/bus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

void bus_init(struct bus *bus)
{
    memset(bus, 0, sizeof *bus);
    bus->first = 1;
    bus->next = 1;
}

static void bus_drop_oldest(struct bus *bus)
{
    struct bus_entry **place = &bus->ring[bus->first % BUS_EVENTS_MAX];

    assert(bus->first < bus->next);
    bus->bytes -= (*place)->bytes;
    if ((*place)->seq == bus->held)
        bus->dropped = *place;
    else
        free(*place);
    *place = NULL;
    bus->first++;
}

void bus_release(struct bus *bus)
{
    while (bus->first < bus->next)
        bus_drop_oldest(bus);
}

/* Copy value to *at and step behind it. */
static struct rh_str keep(char **at, struct rh_str value)
{
    struct rh_str kept = {*at, value.n};

    if (value.n > 0)
        memcpy(*at, value.p, value.n);
    *at += value.n;
    return kept;
}

int32_t bus_add(struct bus *bus, const struct rh_event *event)
{
    size_t bytes = sizeof(struct bus_entry) + event->id.n + event->type.n + event->source.n +
                   event->node_id.n + event->payload.n;
    struct bus_entry *entry;
    char *at;

    if (bytes > BUS_BYTES_MAX)
        return RH_ETOOLARGE;
    entry = malloc(bytes);
    if (!entry)
        return RH_ENOMEM;
    at = (char *)(entry + 1);
    entry->event = *event;
    entry->event.size = (uint32_t)sizeof entry->event;
    entry->event.id = keep(&at, event->id);
    entry->event.type = keep(&at, event->type);
    entry->event.source = keep(&at, event->source);
    entry->event.node_id = keep(&at, event->node_id);
    entry->event.payload = keep(&at, event->payload);
    entry->bytes = bytes;
    entry->seq = bus->next;
    while (bus->first < bus->next &&
           (bus->next - bus->first >= BUS_EVENTS_MAX || bus->bytes + bytes > BUS_BYTES_MAX))
        bus_drop_oldest(bus);
    bus->ring[bus->next % BUS_EVENTS_MAX] = entry;
    bus->next++;
    bus->bytes += bytes;
    return RH_OK;
}

const struct bus_entry *bus_at(const struct bus *bus, uint64_t seq, uint64_t *gap)
{
    *gap = 0;
    if (seq < bus->first) {
        *gap = bus->first - seq;
        seq = bus->first;
    }
    return seq < bus->next ? bus->ring[seq % BUS_EVENTS_MAX] : NULL;
}

void bus_hold(struct bus *bus, const struct bus_entry *entry)
{
    assert(bus->held == 0);
    bus->held = entry->seq;
}

void bus_let_go(struct bus *bus)
{
    free(bus->dropped);
    bus->dropped = NULL;
    bus->held = 0;
}
