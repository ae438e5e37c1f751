/* Rebuilds the index from stored records after activation; the counters are the stored ones and not
 * touched. */
#include "queue.h"

#include <assert.h>

int32_t queue_restore_spec(struct queue *queue, uint64_t seq, const struct item_spec *spec)
{
    struct item *item;
    int32_t rc = queue_insert(queue, seq, spec, &item);

    if (rc)
        return rc;
    if (spec->enqueued_ms > queue->clock_ms)
        queue->clock_ms = spec->enqueued_ms;
    if (seq > queue->counters.seq_last)
        queue->counters.seq_last = seq;
    return RH_OK;
}

static int64_t at_least(int64_t value, int64_t least)
{
    return value > least ? value : least;
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
                     now.mono_ms + item->timeout_ms + grace_ms, runtime_end, &item->lease);
    if (rc)
        return rc;
    item->lease->item = item;
    item->lease->claimed_at_ms = status->claimed_at_ms;
    item->lease->started_at_ms = status->started_at_ms;
    item->lease->saved_ms = now.mono_ms;
    queue_displace(queue, item);
    queue_move(queue, item, ITEM_LEASED);
    return RH_OK;
}

/* Delays go on for as long as the wall clock says, but never longer than a fresh one could be. */
static int32_t restore_delay(struct queue *queue, struct item *item,
                             const struct item_status *status, struct queue_time now)
{
    int64_t wait_ms = at_least(status->due_at_ms - now.wall_ms, 0);

    if (wait_ms > queue->limits.retry_cap_ms)
        wait_ms = queue->limits.retry_cap_ms;
    int32_t rc = queue_delay(queue, item, now.mono_ms + wait_ms);
    if (rc)
        return rc;
    fair_remove(&queue->fair, &item->entry);
    queue_move(queue, item, ITEM_DELAYED);
    return RH_OK;
}

/* A finished item is in the counters already; it only leaves the index. */
static void leave(struct queue *queue, struct item *item)
{
    queue_displace(queue, item);
    queue->live[ITEM_PENDING]--;
    item->entry.bucket->counts[ITEM_PENDING]--;
    if (item->group)
        group_leave(&queue->groups, item->group, ITEM_PENDING);
    queue_drop(queue, item);
}

int32_t queue_restore_status(struct queue *queue, struct item *item,
                             const struct item_status *status, struct queue_time now)
{
    assert(item->state == ITEM_PENDING);
    item->attempts = (uint8_t)status->attempts;
    item->fence = status->fence;
    item->ended_by = status->ended_by;
    item->has_checkpoint = status->has_checkpoint != 0;
    if (status->state == ITEM_LEASED)
        return restore_lease(queue, item, status, now);
    if (status->state == ITEM_DELAYED)
        return restore_delay(queue, item, status, now);
    if (!item_state_is_live(status->state))
        leave(queue, item);
    return RH_OK;
}
