/* What happens by itself: delays and leases that end, parked claims whose time is over, dead nodes,
 * retention. */
#include "wire.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>

/* Attempts that end in one commit, and in one turn of the loop. */
#define END_CHUNK    128u
#define END_TURN_MAX 1024u
/* Finished items that are deleted in one commit. */
#define PRUNE_CHUNK 256u

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
    wire_prune(self);
    wire_arm(self);
}

static void on_pruned(void *instance, void *user)
{
    struct work_queue *self = instance;

    if ((uint64_t)(uintptr_t)user != self->generation || !self->is_built)
        return;
    self->is_pruning = false;
    wire_prune(self);
}

/* One more finished item of a group is gone; the last one takes the group's row along. */
static void prune_group(struct work_queue *self, struct rh_str name)
{
    struct rh_key key = key_of_name(ROW_GROUP, name);
    struct group *live = group_find(&self->queue.groups, name);
    struct group stored = {.name = name};
    struct group *group = live ? live : &stored;

    if (!live && store_load_group(self, &stored))
        return;
    group->totals.pruned++;
    if (!live && group->totals.pruned >= group->totals.added)
        store_delete(self, &key);
    else
        store_put_group(self, group);
}

static void prune_one(struct work_queue *self, uint64_t finish_no, uint64_t seq, uint8_t state)
{
    static const uint8_t rows[] = {ROW_STATUS, ROW_PAYLOAD, ROW_PROGRESS,
                                   ROW_RESULT, ROW_ERROR,   ROW_SPEC};
    struct rh_str requires[ITEM_REQUIRES_MAX];
    char group_memory[ITEM_NAME_MAX];
    struct item_spec spec;
    struct rh_key key;

    if (store_get_spec(self, seq, &spec, requires) == RH_OK) {
        if (spec.idempotency_key.n > 0) {
            key = key_of_name(ROW_IDEMPOTENCY, spec.idempotency_key);
            store_delete(self, &key);
        }
        if (spec.group.n > 0 && spec.group.n <= sizeof(group_memory)) {
            struct rh_str group = {group_memory, spec.group.n};
            memcpy(group_memory, spec.group.p, spec.group.n);
            key = key_of_member(group, seq);
            store_delete(self, &key);
            prune_group(self, group);
        }
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        key = key_of_seq(rows[i], seq);
        store_delete(self, &key);
    }
    key = key_of_seq(ROW_FINISHED, finish_no);
    store_delete(self, &key);
    queue_count_pruned(&self->queue, state);
}

/* Reads the oldest rows of the order of finishing. They are copied, since other reads follow. */
static uint32_t read_oldest(struct work_queue *self, uint64_t (*out)[3])
{
    struct rh_key from = key_of(ROW_FINISHED);
    struct rh_key to = key_of(ROW_FINISHED + 1);
    const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                 .name_space = WORK_NAMESPACE,
                                 .from = rh_key_view(&from),
                                 .to = rh_key_view(&to),
                                 .limit = PRUNE_CHUNK};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    uint32_t count = 0;

    if (self->rh.state->scan(self->rh.ctx, &scan, &rows))
        return 0;
    for (uint32_t i = 0; i < rows.count; i++) {
        const char *at = (const char *)rows.rows + (size_t)i * rows.row_stride;
        const struct rh_row *row = (const struct rh_row *)(const void *)at;
        struct rh_key_reader key;
        struct rh_record_reader value;
        uint8_t kind;
        rh_key_reader_init(&key, row->key);
        rh_record_reader_init(&value, row->data);
        (void)rh_key_read_u8(&key, &kind); /* sticky; read_end tells */
        (void)rh_key_read_u64(&key, &out[count][0]);
        out[count][1] = rh_record_get_u64(&value);
        out[count][2] = (uint64_t)rh_record_get(&value, 0, ITEM_STATES - 1);
        if (rh_key_read_end(&key) == RH_OK && rh_record_end(&value) == RH_OK &&
            out[count][2] >= ITEM_DONE)
            count++;
    }
    return count;
}

static void on_prune_commit(void *instance, void *user, int32_t rc, uint64_t revision)
{
    struct work_queue *self = instance;

    (void)revision;
    if (rc == RH_OK && self->is_built)
        store_settle(self, (uint64_t)(uintptr_t)user);
    if (rc == RH_OK &&
        self->rh.core->post(self->rh.ctx, on_pruned, (void *)(uintptr_t)self->generation))
        self->is_pruning = false;
}

void wire_prune(struct work_queue *self)
{
    uint64_t oldest[PRUNE_CHUNK][3];
    uint64_t kept = counters_kept(&self->queue.counters);

    if (self->is_pruning || kept < (uint64_t)self->config->done_kept + PRUNE_CHUNK)
        return;
    uint32_t count = read_oldest(self, oldest);
    if (count == 0)
        return;
    store_begin(self);
    for (uint32_t i = 0; i < count; i++)
        prune_one(self, oldest[i][0], oldest[i][1], (uint8_t)oldest[i][2]);
    store_put_counters(self);
    if (self->store_rc) {
        rh_batch_release(&self->batch);
        self->rh.core->reactivate(self->rh.ctx, "old items could not be deleted");
        return;
    }
    self->is_pruning = rh_batch_commit(&self->batch, &self->rh, on_prune_commit,
                                       (void *)(uintptr_t)self->commit) == RH_OK;
    if (!self->is_pruning)
        self->rh.core->reactivate(self->rh.ctx, "old items could not be deleted");
}
