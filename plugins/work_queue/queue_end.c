/* How attempts, items and delays end. */
#include "queue.h"

#include <assert.h>

#include "retry.h"

static struct item *item_of_delay(const struct rh_heap_node *node)
{
    return RH_CONTAINER_OF(node, struct item, delay);
}

void queue_renew(struct queue *queue, struct item *item, struct queue_time now)
{
    assert(item->state == ITEM_LEASED);
    item->lease->poll = 0; /* whoever renews has heard of it */
    lease_extend(&queue->leases, item->lease, now.mono_ms + item->timeout_ms);
}

void queue_end_live(struct queue *queue, struct item *item, uint8_t to, uint8_t cause,
                    struct queue_time now)
{
    if (item->state == ITEM_LEASED)
        item->fence = item->lease->token;
    if (to == ITEM_DONE) {
        int64_t clock_ms = queue_tick(queue, now);
        rate_count(&queue->done_rate, clock_ms);
        rate_count(&item->entry.bucket->lane->class_->done_rate, clock_ms);
    }
    queue->counters.finish_last++;
    item->ended_by = cause;
    if (item->state != ITEM_LEASED)
        queue_displace(queue, item);
    /* The lease stays until queue_forget: the status that is stored names its token and node. */
    queue_move(queue, item, to);
    depend_over(&queue->depends, item->entry.seq, to, queue->commit);
}

uint8_t queue_end(struct queue *queue, struct item *item, uint8_t cause, bool may_retry,
                  uint64_t random, struct queue_time now)
{
    assert(item->state == ITEM_LEASED);
    bool is_last = item->attempts >= item->max_attempts;

    if (cause == ITEM_END_EXPIRED || cause == ITEM_END_RUNTIME)
        queue->stats.expired++;
    if (cause == ITEM_END_REAPED)
        queue->stats.reaped++;
    if (cause != ITEM_END_RELEASE && (is_last || (cause == ITEM_END_FAIL && !may_retry))) {
        queue_end_live(queue, item, ITEM_DEAD, cause, now);
        return ITEM_DEAD;
    }
    if (cause == ITEM_END_RELEASE)
        item->attempts--;
    else
        queue->stats.retried++;
    item->fence = item->lease->token;
    item->ended_by = cause;
    queue_displace(queue, item);
    int64_t wait_ms = retry_delay_ms(queue->limits.retry_base_ms, queue->limits.retry_cap_ms,
                                     item->attempts, random);
    /* Without memory for the delay the item does not wait: better early than lost. */
    if (cause == ITEM_END_FAIL && queue_delay(queue, item, now.mono_ms + wait_ms) == RH_OK) {
        queue_move(queue, item, ITEM_DELAYED);
        return ITEM_DELAYED;
    }
    queue_move(queue, item, ITEM_PENDING);
    queue_offer(queue, item);
    return ITEM_PENDING;
}

void queue_finish(struct queue *queue, struct item *item, uint8_t to, struct queue_time now)
{
    assert(to == ITEM_DONE || to == ITEM_CANCELLED);
    queue_end_live(queue, item, to, to == ITEM_DONE ? ITEM_END_DONE : ITEM_END_CANCEL, now);
}

void queue_forget(struct queue *queue, struct item *item)
{
    assert(!item_state_is_live(item->state));
    if (item->lease) {
        lease_end(&queue->leases, item->lease);
        queue->is_freed = queue->is_freed || queue_has_limits(queue);
    }
    if (item->group)
        group_forget(&queue->groups, item->group);
    queue_drop(queue, item);
}

struct item *queue_due(struct queue *queue, struct queue_time now)
{
    struct rh_heap_node *node = rh_heap_peek(&queue->delayed);
    struct item *item = node ? item_of_delay(node) : NULL;

    if (!item || item->due_ms > now.mono_ms)
        return NULL;
    queue_displace(queue, item);
    queue_move(queue, item, ITEM_PENDING);
    queue_offer(queue, item);
    return item;
}

struct item *queue_expired(const struct queue *queue, struct queue_time now, uint8_t *cause)
{
    struct lease *lease = lease_first(&queue->leases);

    if (!lease || lease->expires_ms > now.mono_ms)
        return NULL;
    *cause = lease->expires_ms == lease->runtime_end_ms ? ITEM_END_RUNTIME : ITEM_END_EXPIRED;
    return lease->item;
}

int64_t queue_next_event_ms(const struct queue *queue)
{
    struct lease *lease = lease_first(&queue->leases);
    struct rh_heap_node *node = rh_heap_peek(&queue->delayed);
    int64_t at = lease ? lease->expires_ms : INT64_MAX;

    if (node && item_of_delay(node)->due_ms < at)
        at = item_of_delay(node)->due_ms;
    return at;
}
