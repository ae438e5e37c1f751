/* One sink at work: its head is loaded, sent, judged, and left behind. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>

#include "wire.h"

/* Events looked at in one go before others get their turn. */
#define STEPS_MAX  8u
#define READ_LEAST 32u /* events, from the store at once */

static void drop_pack(struct sink *sink)
{
    pack_clear(&sink->pack);
    sink->head_is_redriven = false;
    sink->head_is_gone = false;
}

/* --- start and stop --- */

static uint32_t read_least(const struct sink *sink)
{
    return sink->limits.width_max > READ_LEAST ? sink->limits.width_max : READ_LEAST;
}

static void begin(struct sink *sink)
{
    drop_pack(sink);
    sink->read_to = sink->cursor.position;
    sink->may_have_wanted = true;
    sink->read_max = read_least(sink);
    sink->is_dirty = false;
    sink->is_drained = true;
    delivery_start(&sink->delivery);
    rh_log_info(&sink->bridge->rh, "sink_started", "sink=%s position=%" PRIu64, sink->name,
                sink->cursor.position);
    sink_pump(sink);
}

static void on_first_cursor(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct bridge *p = self;

    (void)revision;
    for (uint32_t i = 0; i < p->sink_count; i++) {
        struct sink *sink = &p->sinks[i];

        if (sink->starting != (uintptr_t)user)
            continue;
        sink->starting = 0;
        if (rc == RH_OK)
            begin(sink);
        else
            bridge_wake_at(p, bridge_now(p) + SAVE_MS);
    }
}

/* Nothing is sent before it is known where a sink began: else a crash would let events slip by. */
static int32_t start_new(struct sink *sink)
{
    struct bridge *p = sink->bridge;
    struct cursor cursor = {0};
    struct rh_batch_builder batch;
    uint64_t serial;
    int32_t rc = sink->scope->is_node ? RH_OK : cluster_first_position(sink, &cursor.position);

    if (rc != RH_OK)
        return rc;
    sink->cursor = cursor;
    rh_batch_begin(&batch, sink->scope->name_space);
    sink_put_cursor(&batch, sink, &cursor);
    serial = ++p->last_serial;
    rc = rh_batch_commit(&batch, &p->rh, on_first_cursor, (void *)(uintptr_t)serial);
    if (rc == RH_OK)
        sink->starting = serial;
    return rc;
}

void sink_start(struct sink *sink)
{
    struct bridge *p = sink->bridge;
    bool found = false;
    int32_t rc;

    if (sink->delivery.state != DELIVERY_OFF || sink->starting)
        return;
    rc = sink_get_cursor(sink, &sink->cursor, &found);
    if (rc == RH_OK && !found)
        rc = start_new(sink);
    else if (rc == RH_OK)
        begin(sink);
    if (rc != RH_OK)
        bridge_wake_at(p, bridge_now(p) + SAVE_MS);
}

void sink_stop(struct sink *sink)
{
    sink_send_cancel(sink);
    delivery_stop(&sink->delivery);
    drop_pack(sink);
    sink->starting = 0;
    sink->is_dirty = false;
    if (sink->write.serial && sink->write.req)
        (void)rh_reply_errorf(&sink->bridge->rh, sink->write.req, RH_ENOTLEADER, NULL,
                              "leadership ended meanwhile"); /* gone: nobody waits */
    sink->write = (struct sink_write){0};
}

/* --- the way of one event --- */

void sink_leave_head(struct sink *sink)
{
    const struct pack_row row = *pack_row(&sink->pack, 0);

    assert(!sink->head_is_redriven);
    if (sink->scope->is_node)
        spool_remove(&sink->outbox, (int64_t)row.size);
    pack_drop(&sink->pack);
    sink->cursor.position = pack_count(&sink->pack) > 0 ? row.position : sink->read_to;
    sink->is_drained = false;
    sink_moved(sink, SAVE_MS);
}

/* What was sent was taken, all of it. */
static void taken(struct sink *sink)
{
    if (sink->error[0])
        rh_log_info(&sink->bridge->rh, "sink_recovered", "sink=%s position=%" PRIu64, sink->name,
                    pack_row(&sink->pack, 0)->position);
    sink->error[0] = '\0';
    if (sink->head_is_redriven) {
        sink->counts.redriven++;
        sink_settle_redriven(sink, true);
        return;
    }
    for (uint32_t i = 0; i < sink->delivery.sent; i++) {
        sink->counts.delivered++;
        sink->cursor.delivered++;
        sink_count(sink, METRIC_DELIVERED);
        sink_leave_head(sink);
    }
}

static struct sink *find_serial(struct bridge *p, uint64_t serial)
{
    for (uint32_t i = 0; i < p->sink_count && serial; i++)
        if (p->sinks[i].serial == serial)
            return &p->sinks[i];
    return NULL;
}

static void note_failure(struct sink *sink, enum verdict verdict, struct rh_str error)
{
    struct bridge *p = sink->bridge;
    const struct rh_str cut = {error.p,
                               error.n < sizeof sink->error ? error.n : sizeof sink->error - 1};
    const bool was_fine = sink->error[0] == '\0';

    (void)rh_str_copy(sink->error, sizeof sink->error, cut); /* fits; what holds a NUL is left */
    sink->error_at_ms = p->rh.core->wall_ms(p->rh.ctx);
    if (verdict == VERDICT_REFUSED) {
        sink->counts.refused++;
        sink_count(sink, METRIC_REFUSED);
    } else {
        sink->counts.failed++;
        sink_count(sink, METRIC_FAILED);
    }
    if (was_fine)
        rh_log_warn(&p->rh, "sink_failed", "sink=%s position=%" PRIu64 " reason=\"%s\"", sink->name,
                    pack_row(&sink->pack, 0)->position, sink->error);
}

static void judge(struct sink *sink, enum verdict verdict, struct rh_str error,
                  int64_t retry_after_ms)
{
    struct bridge *p = sink->bridge;
    struct delivery_limits limits = sink->limits;
    enum delivery_act act;

    sink->serial = 0;
    sink->call = 0;
    if (verdict == VERDICT_AGAIN || verdict == VERDICT_UNAVAILABLE || verdict == VERDICT_REFUSED)
        note_failure(sink, verdict, error);
    if (sink->head_is_redriven)
        limits.attempts_max = 1; /* it must not hold up those behind it */
    act = delivery_judge(&sink->delivery, &limits, verdict, bridge_now(p),
                         p->rh.core->random(p->rh.ctx), retry_after_ms);
    if (act == DELIVERY_DROP)
        taken(sink);
    else if (act == DELIVERY_BURY && sink->head_is_redriven)
        sink_settle_redriven(sink, false);
    else if (act == DELIVERY_BURY)
        sink_bury(sink);
    if (sink->url[0])
        sink_pump(sink);
    else /* within the exit callback of a program its key is still in use */
        bridge_wake_at(p, bridge_now(p));
}

void sink_judge(struct bridge *p, uint64_t serial, enum verdict verdict, struct rh_str error,
                int64_t retry_after_ms)
{
    struct sink *sink = find_serial(p, serial);

    if (sink)
        judge(sink, verdict, error, retry_after_ms);
}

static void send_some(struct sink *sink)
{
    const uint32_t width = delivery_width(&sink->delivery, &sink->limits);
    const uint32_t count = pack_count(&sink->pack);
    int32_t rc;

    delivery_sent(&sink->delivery, count < width ? count : width);
    rc = sink_send(sink, sink->delivery.sent);
    if (rc != RH_OK) {
        char why[RECORD_ERROR_MAX];

        (void)snprintf(why, sizeof why, "it could not be sent: %s", rh_error_text(rc)); /* fits */
        judge(sink, VERDICT_UNAVAILABLE, rh_str_from(why), 0);
    }
}

/* Read on, with an empty pack. False: the store has no more yet. */
static bool load(struct sink *sink)
{
    bool is_more = false;
    int32_t rc = RH_OK;

    assert(pack_count(&sink->pack) == 0);
    if (sink->may_have_wanted)
        rc = sink_load_wanted(sink);
    if (rc == RH_OK && !sink->head_is_redriven)
        rc = sink->scope->is_node ? node_load(sink, &is_more) : cluster_load(sink, &is_more);
    if (rc != RH_OK) {
        bridge_wake_at(sink->bridge, bridge_now(sink->bridge) + SAVE_MS);
        return false;
    }
    if (pack_count(&sink->pack) > 0)
        sink->read_max = read_least(sink);
    else if (is_more)
        sink->read_max =
            sink->read_max * 4 < RH_STORED_EVENTS_MAX ? sink->read_max * 4 : RH_STORED_EVENTS_MAX;
    return pack_count(&sink->pack) > 0 || is_more;
}

void sink_favour_wanted(struct sink *sink)
{
    const uint32_t count = pack_count(&sink->pack);
    const bool is_sending = sink->delivery.state == DELIVERY_SENDING;
    uint32_t kept = is_sending ? sink->delivery.sent : 1;
    uint64_t last = sink->cursor.position;

    if (sink->head_is_redriven)
        return;
    if (delivery_step_back(&sink->delivery))
        kept = 0;
    if (kept >= count)
        return;
    if (kept > 0)
        last = pack_row(&sink->pack, kept - 1)->position;
    sink->counts.passed -= sink->scope->is_node ? 0 : sink->read_to - last - (count - kept);
    sink->read_to = last;
    pack_cut(&sink->pack, kept);
}

void sink_pump(struct sink *sink)
{
    struct bridge *p = sink->bridge;
    const int64_t now_ms = bridge_now(p);

    for (uint32_t i = 0; i < STEPS_MAX; i++) {
        if (sink->write.serial || sink->delivery.state == DELIVERY_OFF)
            return;
        if (delivery_may_bury(&sink->delivery, now_ms))
            sink_bury(sink);
        if (!delivery_may_send(&sink->delivery, now_ms)) {
            bridge_wake_at(p, delivery_due_ms(&sink->delivery));
            return;
        }
        if (pack_count(&sink->pack) > 0) {
            send_some(sink);
            return;
        }
        if (!load(sink)) {
            if (sink->is_dirty && !sink->is_drained)
                sink_moved(sink, SAVE_DRAINED_MS);
            sink->is_drained = true;
            return;
        }
    }
    bridge_wake_at(p, now_ms); /* others first */
}

/* --- writing --- */

/* What a finished change of dead letters means for the cursor, which may have moved meanwhile. */
static void take_over(struct cursor *cursor, const struct cursor *next)
{
    cursor->dead = next->dead;
    cursor->buried = next->buried;
    if (next->position > cursor->position)
        cursor->position = next->position;
}

static void on_written(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct bridge *p = self;
    struct sink *sink = NULL;

    (void)revision;
    for (uint32_t i = 0; i < p->sink_count && !sink; i++)
        if (p->sinks[i].write.serial == (uintptr_t)user)
            sink = &p->sinks[i];
    if (!sink)
        return; /* it was stopped meanwhile */
    if (rc == RH_OK)
        take_over(&sink->cursor, &sink->write.next);
    sink->write.serial = 0;
    if (rc == RH_OK)
        delivery_unblock(&sink->delivery, bridge_now(p));
    sink->write.done(sink, rc);
    sink_pump(sink);
}

int32_t sink_write(struct sink *sink, struct rh_batch_builder *batch, const struct cursor *next,
                   void (*done)(struct sink *sink, int32_t rc))
{
    struct bridge *p = sink->bridge;
    const uint64_t serial = ++p->last_serial;
    int32_t rc = RH_EAGAIN;

    if (sink->write.serial) {
        rh_batch_release(batch);
        return rc;
    }
    sink_put_cursor(batch, sink, next);
    rc = rh_batch_commit(batch, &p->rh, on_written, (void *)(uintptr_t)serial);
    if (rc == RH_OK)
        sink->write = (struct sink_write){.serial = serial, .next = *next, .done = done};
    return rc;
}
