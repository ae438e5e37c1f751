/* What happens by itself: delays and leases that end, parked claims whose time is over, dead nodes.
 */
#include "wire.h"

#include <stdio.h>

#include <ringhost/sdk/str.h>

/* Attempts that end in one commit, and in one turn of the loop. */
#define END_CHUNK    128u
#define END_TURN_MAX 1024u

uint8_t wire_end_attempt(struct work_queue *self, struct item *item, uint8_t cause, bool may_retry,
                         struct rh_str error)
{
    uint64_t random = self->rh.core->random(self->rh.ctx);
    uint64_t seq = item->entry.seq;
    uint8_t state = queue_end(&self->queue, item, cause, may_retry, random, wire_now(self));

    if (state == ITEM_DEAD) {
        store_put_finished(self, item, (struct rh_str){NULL, 0}, error);
        queue_forget(&self->queue, item);
    } else {
        store_put_status(self, item);
        if (error.n > 0)
            store_put_seq(self, ROW_ERROR, seq, error);
    }
    return state;
}

/* Ends an attempt that nobody reported on, and says so in the item's error. */
static void end_silent(struct work_queue *self, struct item *item, uint8_t cause)
{
    static const char *const reasons[ITEM_ENDS] = {
        [ITEM_END_EXPIRED] = "the lease expired",
        [ITEM_END_RUNTIME] = "it ran longer than max_runtime_s",
        [ITEM_END_DEAD] = "its node was declared dead",
    };
    char text[ITEM_NAME_MAX + 128];
    int n = snprintf(text, sizeof(text), "attempt %u of %u on %.*s: %s", item->attempts,
                     item->max_attempts, RH_STR_ARG(item->lease->holder->node_id), reasons[cause]);

    rh_log_info(&self->rh, "attempt_ended", "work_id=w%llu %.*s",
                (unsigned long long)item->entry.seq, n, text);
    wire_end_attempt(self, item, cause, true, (struct rh_str){text, (size_t)n});
}

static void submit(struct work_queue *self, uint32_t ended)
{
    if (ended == 0) {
        rh_batch_release(&self->batch);
        return;
    }
    if (store_commit(self, false))
        self->rh.core->reactivate(self->rh.ctx, "ended leases could not be submitted");
}

/* Ends leases that are over; at most END_TURN_MAX, the timer goes on with the rest. */
static void expire(struct work_queue *self)
{
    struct queue_time now = wire_now(self);
    uint32_t left = END_TURN_MAX;
    struct item *item;
    uint8_t cause;

    while (left > 0 && queue_expired(&self->queue, now, &cause)) {
        uint32_t ended = 0;
        store_begin(self);
        while (ended < END_CHUNK && (item = queue_expired(&self->queue, now, &cause))) {
            end_silent(self, item, cause);
            ended++;
        }
        submit(self, ended);
        left -= ended < left ? ended : left;
    }
}

static void end_of_node(struct work_queue *self, struct rh_str node_id)
{
    struct lease *lease;

    while ((lease = lease_of_node(&self->queue.leases, node_id))) {
        uint32_t ended = 0;
        store_begin(self);
        while (ended < END_CHUNK && (lease = lease_of_node(&self->queue.leases, node_id))) {
            end_silent(self, lease->item, ITEM_END_DEAD);
            ended++;
        }
        submit(self, ended);
    }
}

void wire_check_nodes(struct work_queue *self)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};

    if (!self->is_built || self->load_after != UINT64_MAX)
        return;
    self->rh.cluster->peers(self->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const char *at = (const char *)peers.peers + (size_t)i * peers.peer_stride;
        const struct rh_peer *peer = (const struct rh_peer *)(const void *)at;
        if (peer->state == RH_PEER_DEAD)
            end_of_node(self, peer->node_id);
    }
    wire_settle(self);
}

static void on_timer(void *instance, void *user)
{
    struct work_queue *self = instance;

    (void)user;
    self->timer_at_ms = INT64_MAX;
    if (!self->is_built)
        return;
    wire_tick(self);
    wire_settle(self);
}

void wire_tick(struct work_queue *self)
{
    struct queue_time now = wire_now(self);
    struct waiter *waiter;

    while (queue_due(&self->queue, now)) {
    }
    expire(self);
    wire_wake(self);
    while ((waiter = waiters_first_deadline(&self->waiters)) && waiter->until_ms <= now.mono_ms)
        wire_unpark(self, waiter);
}

void wire_arm(struct work_queue *self)
{
    int64_t now_ms = wire_now(self).mono_ms;
    int64_t at_ms = queue_next_event_ms(&self->queue);
    const struct waiter *waiter = waiters_first_deadline(&self->waiters);

    if (waiter && waiter->until_ms < at_ms)
        at_ms = waiter->until_ms;
    if (wire_groups_until_ms(self) < at_ms)
        at_ms = wire_groups_until_ms(self);
    if (self->prune_at_ms < at_ms && !self->is_pruning)
        at_ms = self->prune_at_ms;
    if (at_ms >= self->timer_at_ms)
        return; /* The armed one comes first; it arms the next. */
    if (self->timer_at_ms != INT64_MAX)
        (void)self->rh.core->timer_cancel(self->rh.ctx, self->timer);
    int32_t rc = self->rh.core->timer(self->rh.ctx, at_ms > now_ms ? at_ms - now_ms : 0, on_timer,
                                      NULL, &self->timer);
    self->timer_at_ms = rc ? INT64_MAX : at_ms;
    if (rc)
        rh_log_error(&self->rh, "timer_refused", "rc=%d", (int)rc);
}

void wire_settle(struct work_queue *self)
{
    wire_wake(self);
    wire_check_groups(self);
    wire_prune(self);
    wire_arm(self);
}
