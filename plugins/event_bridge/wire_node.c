/* The node's own sinks: local events live in memory, so each that a sink takes is put into its
 * outbox on disk first. */
#include <inttypes.h>

#include "wire.h"

/* --- the outbox as it was left --- */

static int32_t open_outbox(struct sink *sink)
{
    struct cursor cursor = {0};
    struct rh_rows rows = {.more = 1};
    uint64_t number = 0;
    bool found;
    int32_t rc = sink_get_cursor(sink, &cursor, &found);

    spool_init(&sink->outbox, sink->config->outbox_rows, sink->config->outbox_bytes,
               cursor.position + 1);
    while (rc == RH_OK && rows.more) {
        rows = (struct rh_rows){.size = (uint32_t)sizeof rows};
        rc = sink_scan(sink, ROW_OUTBOX, number + 1, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            const struct rh_row *row = rh_store_row(&rows, i);

            rc = sink_key_number(row->key, &number);
            if (rc == RH_OK && number > cursor.position)
                spool_found(&sink->outbox, number, (int64_t)row->data.n);
        }
    }
    return rc;
}

int32_t bridge_open_node(struct bridge *p)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < p->sink_count && rc == RH_OK; i++)
        if (p->sinks[i].scope->is_node)
            rc = open_outbox(&p->sinks[i]);
    if (rc == RH_OK)
        removed_look(p, &p->node);
    return rc;
}

/* --- in --- */

static void on_kept(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct bridge *p = self;
    const uintptr_t index = (uintptr_t)user;

    (void)revision;
    if (rc == RH_OK && index < p->sink_count)
        sink_pump(&p->sinks[index]); /* a failure ends the activation, and so opens it anew */
}

static void dropped(struct sink *sink, bool was_full)
{
    sink_count(sink, METRIC_DROPPED);
    if (was_full)
        return;
    rh_log_warn(&sink->bridge->rh, "outbox_full", "sink=%s rows=%" PRId64 " bytes=%" PRId64,
                sink->name, sink->outbox.rows, sink->outbox.bytes);
    bridge_show(sink->bridge);
}

static void keep(struct sink *sink, struct letter *letter)
{
    struct bridge *p = sink->bridge;
    struct rh_batch_builder batch;
    struct rh_buf record;
    struct rh_key key;
    const bool was_full = sink->outbox.is_full;
    uint64_t number;

    letter->position = sink->outbox.next; /* the one that it is given, if it is given one */
    rh_buf_init(&record, RECORD_BYTES_MAX);
    record_put_letter(&record, letter);
    number = spool_add(&sink->outbox, (int64_t)record.n);
    if (number == 0) {
        rh_buf_release(&record);
        dropped(sink, was_full);
        return;
    }
    sink_key(&key, ROW_OUTBOX, sink, number);
    rh_batch_begin(&batch, sink->scope->name_space);
    rh_batch_lazy(&batch);
    rh_store_put_buf(&batch, &key, &record);
    rh_buf_release(&record);
    if (rh_batch_commit(&batch, &p->rh, on_kept, (void *)(uintptr_t)(sink - p->sinks)) != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "an event could not be kept"); /* counts it from disk */
}

void bridge_take_node(struct bridge *p, const struct rh_event *event)
{
    struct letter letter = {.id = event->id,
                            .type = event->type,
                            .source = event->source,
                            .node_id = event->node_id,
                            .payload = event->payload,
                            .at_ms = event->at_ms};

    for (uint32_t i = 0; i < p->sink_count; i++) {
        struct sink *sink = &p->sinks[i];

        if (sink->scope->is_node && filter_takes(&sink->config->types, event->type))
            keep(sink, &letter);
    }
}

/* --- out --- */

int32_t node_load(struct sink *sink, bool *is_more)
{
    struct rh_rows rows = {.size = (uint32_t)sizeof rows};
    int32_t rc = sink_scan(sink, ROW_OUTBOX, sink->read_to + 1, sink->read_max, &rows);

    *is_more = false;
    for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
        struct letter letter;

        if (record_get_letter(rh_store_row(&rows, i)->data, &letter) != RH_OK)
            return rh_failf(&sink->bridge->rh, RH_EIO, "the outbox of sink %s cannot be read",
                            sink->name);
        rc = pack_add(&sink->pack, &letter);
        if (rc == RH_OK)
            sink->read_to = letter.position;
    }
    if (rc == RH_OK)
        *is_more = rows.count > 0 && rows.more;
    return rc == RH_EFULL ? RH_OK : rc;
}
