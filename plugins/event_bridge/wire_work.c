/* What the bridge does over time: one timer for all sinks, and cursors that are saved now and then,
 * since what is delivered twice does no harm. */
#include "wire.h"

int64_t bridge_now(const struct bridge *p)
{
    return p->rh.core->now_ms(p->rh.ctx);
}

void sink_moved(struct sink *sink, int64_t within_ms)
{
    const int64_t due_ms = bridge_now(sink->bridge) + within_ms;

    sink->is_dirty = true;
    if (due_ms < sink->scope->save_due_ms)
        sink->scope->save_due_ms = due_ms;
    bridge_wake_at(sink->bridge, due_ms);
}

static void on_saved(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct bridge *p = self;
    struct scope *scope = user;

    (void)rc; /* what is not written is delivered again after a crash */
    (void)revision;
    scope->is_saving = false;
    if (p->is_active && scope->save_due_ms != INT64_MAX)
        bridge_wake_at(p, scope->save_due_ms);
}

/* The cursor, and the outbox without what lies behind it. */
static void put_moved(struct rh_batch_builder *batch, struct sink *sink)
{
    struct rh_key first;
    struct rh_key last;

    sink_put_cursor(batch, sink, &sink->cursor);
    sink->is_dirty = false;
    if (!sink->scope->is_node)
        return;
    sink_key(&first, ROW_OUTBOX, sink, 0);
    sink_key(&last, ROW_OUTBOX, sink, sink->cursor.position + 1);
    rh_batch_delete_range(batch, rh_key_view(&first), rh_key_view(&last));
}

void scope_save(struct bridge *p, struct scope *scope)
{
    struct rh_batch_builder batch;
    bool is_any = false;
    bool is_left = false;

    scope->save_due_ms = INT64_MAX;
    rh_batch_begin(&batch, scope->name_space);
    rh_batch_lazy(&batch);
    for (uint32_t i = 0; i < p->sink_count; i++) {
        struct sink *sink = &p->sinks[i];

        if (sink->scope != scope || !sink->is_dirty || sink->delivery.state == DELIVERY_OFF)
            continue;
        if (sink->write.serial) {
            is_left = true; /* what is being written knows less of the position than we do */
            continue;
        }
        put_moved(&batch, sink);
        is_any = true;
    }
    if (is_left)
        scope->save_due_ms = bridge_now(p) + SAVE_MS;
    if (is_any)
        scope->is_saving = rh_batch_commit(&batch, &p->rh, on_saved, scope) == RH_OK;
    else
        rh_batch_release(&batch);
}

static void save_due(struct bridge *p, struct scope *scope, int64_t now_ms)
{
    if (scope->is_saving)
        return; /* on_saved comes back */
    if (scope->save_due_ms <= now_ms)
        scope_save(p, scope);
    if (scope->save_due_ms != INT64_MAX)
        bridge_wake_at(p, scope->save_due_ms);
}

static void on_timer(void *self, void *user)
{
    struct bridge *p = self;

    (void)user;
    p->timer_at_ms = INT64_MAX;
    bridge_work(p);
}

void bridge_wake_at(struct bridge *p, int64_t at_ms)
{
    const int64_t now_ms = bridge_now(p);

    if (!p->is_active || at_ms >= p->timer_at_ms)
        return;
    if (p->timer_at_ms != INT64_MAX)
        (void)p->rh.core->timer_cancel(p->rh.ctx, p->timer); /* it has not fired */
    p->timer_at_ms = INT64_MAX;
    if (p->rh.core->timer(p->rh.ctx, at_ms > now_ms ? at_ms - now_ms : 0, on_timer, NULL,
                          &p->timer) == RH_OK)
        p->timer_at_ms = at_ms;
}

void bridge_work(struct bridge *p)
{
    const int64_t now_ms = bridge_now(p);

    bridge_follow_leader(p);
    for (uint32_t i = 0; i < p->sink_count; i++)
        sink_pump(&p->sinks[i]);
    save_due(p, &p->cluster, now_ms);
    save_due(p, &p->node, now_ms);
    bridge_show_soon(p);
}
