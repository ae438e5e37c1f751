/* Events on their way: checked, put on the bus, delivered to subscribed plugins on later turns, in
 * order. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/events.h>
#include <ringhost/sdk/str.h>
#include <ringhost/service/events.h>

#include "host/core/core_internal.h"
#include "host/core/events_stored.h"
#include "host/core/field_decode.h"

#define EVENT_BYTES_MAX     (64u * 1024u)
#define DELIVERY_BATCH      256u                 /* events a turn, for all plugins */
#define INSTALLED_SHOWN_MAX (BUS_EVENTS_MAX / 2) /* events of an installed snapshot */

static bool is_type(const char *type)
{
    size_t n = type ? strlen(type) : 0;

    if (n < 3 || n > 64 || type[0] < 'A' || type[0] > 'Z')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!((type[i] >= 'A' && type[i] <= 'Z') || (type[i] >= '0' && type[i] <= '9') ||
              type[i] == '_'))
            return false;
    return true;
}

/* Give one event to the plugins that subscribed to its type. */
static void deliver(struct core *core, const struct rh_event *event)
{
    for (uint32_t p = 0; p < core->plugin_count; p++) {
        struct rh_ctx *plugin = &core->plugins[p];

        for (uint32_t i = 0; i < plugin->desc->event_count; i++) {
            const struct rh_event_def *def = &plugin->desc->events[i];

            if (!def->on_event || plugin->state != PLUGIN_STARTED || plugin->phase != ACT_ACTIVE ||
                (strcmp(def->type, "*") != 0 && !rh_str_eq_c(event->type, def->type)))
                continue;
            plugin_enter(plugin, "event");
            def->on_event(plugin->self, event);
            plugin_leave(plugin, "event");
        }
    }
}

static void deliver_later(void *arg)
{
    struct core *core = arg;
    uint32_t left = DELIVERY_BATCH;

    core->is_delivery_queued = false;
    while (left-- > 0) {
        uint64_t gap;
        const struct bus_entry *entry = bus_at(&core->bus, core->delivered + 1, &gap);

        if (!entry)
            break;
        if (gap > 0)
            core_log(core, RH_LOG_WARN, NULL, "events_dropped", "count=%" PRIu64, gap);
        core->delivered = entry->seq;
        bus_hold(&core->bus, entry); /* subscribers may publish, and so push it out of the ring */
        deliver(core, &entry->event);
        bus_let_go(&core->bus);
    }
    if (core->delivered + 1 < core->bus.next)
        events_schedule(core);
    builtin_events_feed(core);
}

void events_schedule(struct core *core)
{
    if (core->is_delivery_queued)
        return;
    core->is_delivery_queued = true;
    core_defer(core, deliver_later, core);
}

static int32_t events_put(struct core *core, const struct rh_event *event)
{
    int32_t rc = bus_add(&core->bus, event);
    struct bus_entry *entry;

    if (rc != RH_OK)
        return rc;
    entry = core->bus.ring[(core->bus.next - 1) % BUS_EVENTS_MAX];
    entry->cursor_local = core->cursor_local;
    entry->cursor_replica = core->cursor_replica;
    events_schedule(core);
    return RH_OK;
}

static int32_t events_put_local(struct core *core, const char *type, struct rh_str source,
                                struct rh_str payload)
{
    char id[NODE_ID_MAX + 64];
    int n = snprintf(id, sizeof id, "%s:%" PRIu64 ".%" PRIu64, core->setup->node_id,
                     core->start_count, core->bus.next);

    const struct rh_event event = {
        .size = (uint32_t)sizeof event,
        .kind = RH_EVENT_LOCAL,
        .id = {id, (size_t)n},
        .type = rh_str_from(type),
        .source = source,
        .node_id = rh_str_from(core->setup->node_id),
        .payload = payload,
        .at_ms = core->wall_ms,
    };

    return events_put(core, &event);
}

void events_publish_host(struct core *core, const char *type, struct rh_str payload)
{
    if (events_put_local(core, type, RH_STR_LIT("host"), payload) != RH_OK)
        core_log(core, RH_LOG_ERROR, NULL, "event_lost", "type=%s reason=\"out of memory\"", type);
}

/* A catalogue type must carry what the catalogue says. */
static int32_t check_payload(struct rh_ctx *plugin, const struct rh_event_def *def,
                             const char *type, struct rh_str payload)
{
    static const struct rh_fields any = RH_NO_FIELDS;
    const struct rh_fields *table = def ? &def->payload : &any;
    struct field_arena arena;
    struct field_error error;
    void *out;
    int32_t rc;

    field_arena_init(&arena, EVENT_BYTES_MAX * 8);
    out = field_arena_alloc(&arena, table->struct_size ? table->struct_size : 1);
    rc = out ? field_decode(table, payload, 0, EVENT_BYTES_MAX, out, &arena, &error) : RH_ENOMEM;
    if (rc != RH_OK && out)
        text_set(plugin->fail_text, sizeof plugin->fail_text, "event %s: %s", type, error.message);
    field_arena_release(&arena);
    return rc;
}

static int32_t events_service_publish(struct rh_ctx *plugin, const char *type,
                                      struct rh_str payload, const char *source)
{
    const struct rh_event_def *def;
    int32_t rc;

    services_check(plugin, "publish");
    if (!is_type(type)) {
        text_set(plugin->fail_text, sizeof plugin->fail_text,
                 "event type \"%s\" must match [A-Z][A-Z0-9_]{2,63}", type ? type : "");
        return RH_EINVAL;
    }
    if (payload.n > EVENT_BYTES_MAX)
        return RH_ETOOLARGE;
    def = rh_event_find(rh_str_from(type));
    if (def && def->kind == RH_EVENT_CLUSTER) {
        text_set(plugin->fail_text, sizeof plugin->fail_text, "event %s goes with a commit", type);
        return RH_EINVAL;
    }
    rc = check_payload(plugin, def, type, payload);
    return rc != RH_OK ? rc
                       : events_put_local(plugin->core, type,
                                          rh_str_from(source ? source : plugin->id), payload);
}

static const struct rh_events_v1 events_service = {
    .size = (uint32_t)sizeof events_service,
    .publish = events_service_publish,
    .stored = events_stored,
};

const void *services_events(void)
{
    return &events_service;
}

/* A cluster event has become durable here; it may come from another node. */
void events_on_commit(void *user, const struct state_event *stored)
{
    struct core *core = user;
    const struct rh_event event = {
        .size = (uint32_t)sizeof event,
        .kind = RH_EVENT_CLUSTER,
        .id = stored->id,
        .type = stored->type,
        .source = stored->source,
        .node_id = stored->node_id,
        .payload = stored->payload,
        .at_ms = stored->at_ms,
    };

    *(stored->is_replica ? &core->cursor_replica : &core->cursor_local) = stored->cursor;
    if (events_put(core, &event) != RH_OK)
        core_log(core, RH_LOG_ERROR, NULL, "event_not_shown", "id=%.*s note=\"it is stored\"",
                 RH_STR_ARG(stored->id));
}

/* Many events may have been missed; what does not fit the ring is a gap. */
void events_after_install(struct core *core)
{
    uint64_t last = state_events_last(core->state, 1);
    uint64_t missed = last > core->cursor_replica ? last - core->cursor_replica : 0;
    uint64_t shown = missed < INSTALLED_SHOWN_MAX ? missed : INSTALLED_SHOWN_MAX;
    uint64_t oldest = 0;

    if (missed > shown) {
        core_log(core, RH_LOG_WARN, NULL, "events_dropped", "count=%" PRIu64, missed - shown);
        builtin_events_missed(core, missed - shown);
    }
    if (shown > 0 && state_events(core->state, 1, last - shown, (uint32_t)shown, events_on_commit,
                                  core, &oldest) != RH_OK)
        core_log(core, RH_LOG_ERROR, NULL, "event_not_shown",
                 "count=%" PRIu64 " note=\"they are stored\"", shown);
    core->cursor_replica = last;
}
