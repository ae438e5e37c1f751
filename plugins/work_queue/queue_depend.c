/* Items that wait for others, work types that wait for an operator, and the dead that rise. */
#include "queue.h"

#include <assert.h>

#include <ringhost/sdk/str.h>

int32_t queue_block(struct queue *queue, struct item *item, const uint64_t *seqs, uint32_t count)
{
    struct depend_wait *wait;
    int32_t rc;

    assert(item->state == ITEM_PENDING || item->state == ITEM_DELAYED);
    rc = depend_on(&queue->depends, item, seqs, count, &wait);
    if (rc)
        return rc;
    if (item->state == ITEM_PENDING)
        item->due_ms = INT64_MIN;
    queue_displace(queue, item);
    item->wait = wait;
    queue_move(queue, item, ITEM_BLOCKED);
    return RH_OK;
}

/* All that it waited for is done. Without memory for the delay it does not wait. */
static uint8_t release(struct queue *queue, struct item *item, struct queue_time now)
{
    queue_displace(queue, item);
    if (item->due_ms > now.mono_ms && queue_delay(queue, item, item->due_ms) == RH_OK) {
        queue_move(queue, item, ITEM_DELAYED);
        return ITEM_DELAYED;
    }
    queue_move(queue, item, ITEM_PENDING);
    queue_offer(queue, item);
    return ITEM_PENDING;
}

struct item *queue_settle_next(struct queue *queue, uint64_t durable, struct queue_time now,
                               uint64_t *seq, uint8_t *to)
{
    uint8_t verdict;
    struct depend_wait *wait = depend_next(&queue->depends, durable, seq, &verdict);

    if (!wait)
        return NULL;
    struct item *item = wait->item;
    assert(item->state == ITEM_BLOCKED);
    *to = ITEM_BLOCKED;
    if (verdict != ITEM_DONE) {
        queue_end_live(queue, item, verdict, ITEM_END_DEPENDENCY, now);
        *to = verdict;
    } else if (wait->unmet == 0) {
        *to = release(queue, item, now);
    }
    return item;
}

int32_t queue_revive(struct queue *queue, uint64_t seq, const struct item_spec *spec,
                     const struct item_status *status, struct item **out)
{
    struct item *item;
    int32_t rc;

    assert(status->state == ITEM_DEAD);
    if (queue->items.count >= queue->limits.items_max)
        return RH_EFULL;
    rc = queue_insert(queue, seq, spec, &item);
    if (rc)
        return rc;
    item->fence = status->fence;
    item->ended_by = status->ended_by;
    item->has_checkpoint = status->has_checkpoint != 0;
    queue->counters.finished[ITEM_DEAD]--;
    if (item->group)
        item->group->totals.finished[ITEM_DEAD]--; /* below zero until they are loaded */
    queue->stats.revived++;
    *out = item;
    return RH_OK;
}

/* Tells the classes of a type whether it is paused. */
static void mark(struct queue *queue, struct rh_str work_type, bool is_paused)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&queue->fair.classes, &cursor, NULL, &value)) {
        struct fair_class *class_ = value;
        if (rh_str_eq(class_->work_type, work_type))
            class_->is_paused = is_paused;
    }
}

int32_t queue_pause(struct queue *queue, struct rh_str work_type)
{
    int32_t rc;

    if (rh_map_get(&queue->paused, work_type))
        return RH_EEXISTS;
    rc = rh_map_put(&queue->paused, work_type, queue, NULL);
    if (rc == RH_OK)
        mark(queue, work_type, true);
    return rc;
}

int32_t queue_resume(struct queue *queue, struct rh_str work_type)
{
    if (!rh_map_remove(&queue->paused, work_type))
        return RH_ENOTFOUND;
    mark(queue, work_type, false);
    queue->is_freed = true;
    return RH_OK;
}
