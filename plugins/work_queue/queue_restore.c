/* Rebuilds the index from stored records after activation; the counters are the stored ones and not
 * touched. */
#include "queue.h"

#include <assert.h>

static int64_t at_least(int64_t value, int64_t least)
{
    return value > least ? value : least;
}

/* Delays go on for as long as the wall clock says, but never longer than a fresh one could be. */
static int32_t restore_delay(struct queue *queue, struct item *item, int64_t due_at_ms,
                             int64_t max_ms, struct queue_time now)
{
    int64_t wait_ms = at_least(due_at_ms - now.wall_ms, 0);

    if (wait_ms > max_ms)
        wait_ms = max_ms;
    int32_t rc = queue_delay(queue, item, now.mono_ms + wait_ms);
    if (rc)
        return rc;
    fair_remove(&queue->fair, &item->entry);
    queue_move(queue, item, ITEM_DELAYED);
    return RH_OK;
}

int32_t queue_restore_spec(struct queue *queue, uint64_t seq, const struct item_spec *spec,
                           struct queue_time now)
{
    struct item *item;
    int32_t rc = queue_insert(queue, seq, spec, &item);

    if (!rc && spec->delay_ms > 0)
        rc = restore_delay(queue, item, spec->enqueued_ms + spec->delay_ms, spec->delay_ms, now);
    if (rc)
        return rc;
    item->is_unresolved = item->has_depends;
    if (spec->enqueued_ms > queue->clock_ms)
        queue->clock_ms = spec->enqueued_ms;
    if (seq > queue->counters.seq_last)
        queue->counters.seq_last = seq;
    return RH_OK;
}

/* The full length and the grace: a restart of ours must not cost a healthy worker its lease. */
static int32_t restore_lease(struct queue *queue, struct item *item,
                             const struct item_status *status, struct queue_time now)
{
    int64_t grace_ms = queue->limits.grace_ms;
    int64_t runtime_end = LEASE_NEVER;
    int32_t rc;

    if (item->max_runtime_ms > 0) {
        int64_t gone_ms = at_least(now.wall_ms - status->claimed_at_ms, 0);
        runtime_end = now.mono_ms + at_least(item->max_runtime_ms - gone_ms, grace_ms);
    }
    rc = lease_grant(&queue->leases, status->node_id, status->token,
                     now.mono_ms + item->timeout_ms + grace_ms, runtime_end,
                     item->entry.bucket->lane->class_->rules, &item->lease);
    if (rc)
        return rc;
    item->lease->item = item;
    item->lease->claimed_at_ms = status->claimed_at_ms;
    item->lease->poll = status->poll;
    if (status->started_at_ms > 0)
        lease_start(&queue->leases, item->lease, status->started_at_ms);
    item->lease->saved_ms = now.mono_ms;
    queue_displace(queue, item);
    queue_move(queue, item, ITEM_LEASED);
    return RH_OK;
}

int32_t queue_restore_status(struct queue *queue, struct item *item,
                             const struct item_status *status, struct queue_time now)
{
    assert(item->state == ITEM_PENDING || item->state == ITEM_DELAYED);
    if (item->state == ITEM_DELAYED) { /* A status stands above what the spec says. */
        queue_displace(queue, item);
        queue_move(queue, item, ITEM_PENDING);
        queue_offer(queue, item);
    }
    item->attempts = (uint8_t)status->attempts;
    item->fence = status->fence;
    item->ended_by = status->ended_by;
    item->has_checkpoint = status->has_checkpoint != 0;
    item->is_unresolved = status->state == ITEM_BLOCKED;
    if (status->state == ITEM_LEASED)
        return restore_lease(queue, item, status, now);
    if (status->state == ITEM_DELAYED)
        return restore_delay(queue, item, status->due_at_ms, queue->limits.retry_cap_ms, now);
    if (!item_state_is_live(status->state))
        queue_leave(queue, item); /* It is in the counters already; it only leaves the index. */
    return RH_OK;
}
