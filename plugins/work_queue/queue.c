/* The index of items and what all transitions have in common: trees, heaps, leases, groups and
 * counts are kept in step with the state. */
#include "queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct item *item_of_node(const struct rh_tree_node *node)
{
    return RH_CONTAINER_OF(node, struct item, node);
}

static struct item *item_of_delay(const struct rh_heap_node *node)
{
    return RH_CONTAINER_OF(node, struct item, delay);
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_items(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    return compare_u64(item_of_node(a)->entry.seq, item_of_node(b)->entry.seq);
}

static int compare_seq(const void *key, const struct rh_tree_node *node)
{
    return compare_u64(*(const uint64_t *)key, item_of_node(node)->entry.seq);
}

static int compare_delays(const struct rh_heap_node *a, const struct rh_heap_node *b)
{
    const struct item *x = item_of_delay(a);
    const struct item *y = item_of_delay(b);

    if (x->due_ms != y->due_ms)
        return x->due_ms < y->due_ms ? -1 : 1;
    return compare_u64(x->entry.seq, y->entry.seq);
}

void queue_init(struct queue *queue, uint64_t seed, const struct queue_limits *limits)
{
    assert(limits->items_max <= QUEUE_ITEMS_MAX);
    *queue = (struct queue){.limits = *limits};
    rh_tree_init(&queue->items, compare_items);
    fair_init(&queue->fair, seed, limits->ageing_ms);
    leases_init(&queue->leases, seed, QUEUE_ITEMS_MAX);
    groups_init(&queue->groups, seed);
    depends_init(&queue->depends, seed);
    rh_map_init(&queue->paused, seed, QUEUE_PAUSED_MAX);
    rh_heap_init(&queue->delayed, compare_delays, QUEUE_ITEMS_MAX);
}

void queue_release(struct queue *queue)
{
    struct rh_tree_node *node = rh_tree_first(&queue->items);

    leases_release(&queue->leases);
    rh_heap_release(&queue->delayed);
    while (node) {
        struct item *item = item_of_node(node);
        node = rh_tree_next(node);
        rh_tree_remove(&queue->items, &item->node);
        free(item->wait);
        free(item);
    }
    depends_release(&queue->depends);
    fair_release(&queue->fair);
    groups_release(&queue->groups);
    rh_map_release(&queue->paused);
}

void queue_begin(struct queue *queue, uint64_t epoch)
{
    struct counters *counters = &queue->counters;

    counters->activation = counters->epoch == epoch ? counters->activation + 1 : 1;
    counters->epoch = epoch;
    queue->token_count = 0;
}

/* The clock of enqueued_ms: the wall clock, never back. */
int64_t queue_tick(struct queue *queue, struct queue_time now)
{
    if (now.wall_ms > queue->clock_ms)
        queue->clock_ms = now.wall_ms;
    return queue->clock_ms;
}

static void wake(struct queue *queue, struct fair_bucket *bucket)
{
    if (bucket->is_woken)
        return;
    bucket->is_woken = true;
    bucket->next_woken = queue->woken;
    queue->woken = bucket;
}

struct fair_bucket *queue_next_woken(struct queue *queue)
{
    struct fair_bucket *bucket = queue->woken;

    if (bucket) {
        queue->woken = bucket->next_woken;
        bucket->is_woken = false;
    }
    return bucket;
}

bool queue_has_limits(const struct queue *queue)
{
    return queue->limits.leases.count > 0 || queue->limits.leases.per_node_max > 0;
}

void queue_wake_freed(struct queue *queue)
{
    uint32_t cursor = 0;
    void *value;

    if (!queue->is_freed)
        return;
    queue->is_freed = false;
    while (rh_map_next(&queue->fair.buckets, &cursor, NULL, &value)) {
        struct fair_bucket *bucket = value;
        if (bucket->pending.count > 0)
            wake(queue, bucket);
    }
}

/* Counts a state; the structures of that state are the caller's business. */
static void count(struct queue *queue, struct item *item, uint8_t state, int step)
{
    queue->live[state] += (uint32_t)step;
    item->entry.bucket->counts[state] += (uint32_t)step;
    item->entry.bucket->lane->class_->counts[state] += (uint32_t)step;
}

void queue_move(struct queue *queue, struct item *item, uint8_t to)
{
    uint8_t from = item->state;

    item_state_move(&item->state, to);
    count(queue, item, from, -1);
    if (item_state_is_live(to)) {
        count(queue, item, to, 1);
        if (item->group)
            group_move(item->group, from, to);
    } else {
        queue->counters.finished[to]++;
        item->entry.bucket->lane->class_->finished[to]++;
        if (item->group)
            group_finish(item->group, from, to);
    }
}

/* Puts a pending item where claims find it. */
void queue_offer(struct queue *queue, struct item *item)
{
    fair_insert(&queue->fair, &item->entry);
    wake(queue, item->entry.bucket);
}

int32_t queue_delay(struct queue *queue, struct item *item, int64_t due_ms)
{
    item->due_ms = due_ms;
    return rh_heap_push(&queue->delayed, &item->delay);
}

/* What is the same for all items of a class. */
static void describe_class(const struct queue *queue, struct fair_class *class_)
{
    class_->rules = limit_rules_of(&queue->limits.leases, class_->work_type, class_->config_key);
    class_->is_paused = rh_map_get(&queue->paused, class_->work_type) != NULL;
}

int32_t queue_insert(struct queue *queue, uint64_t seq, const struct item_spec *spec,
                     struct item **out)
{
    const struct match_shape shape = {spec->work_type,   spec->config_key, spec->board_type,
                                      spec->target_node, spec->requires,   spec->priority,
                                      spec->min_vram_mb, spec->needs_gpu};
    struct item *item = calloc(1, sizeof(*item));
    bool is_new_class;
    int32_t rc;

    if (!item)
        return RH_ENOMEM;
    item->entry.seq = seq;
    item->entry.enqueued_ms = spec->enqueued_ms;
    item->timeout_ms = (uint32_t)spec->timeout_ms;
    item->max_runtime_ms = (uint32_t)spec->max_runtime_ms;
    item->max_attempts = (uint8_t)spec->max_attempts;
    item->has_files = spec->inputs.count > 0 || spec->outputs.count > 0;
    item->has_depends = spec->depend_count > 0;
    item->fence = spec->born;
    item->state = ITEM_PENDING;
    rc = fair_bucket_hold(&queue->fair, &shape, &item->entry.bucket, &is_new_class);
    if (rc)
        goto out;
    if (is_new_class)
        describe_class(queue, item->entry.bucket->lane->class_);
    rc = rh_tree_insert(&queue->items, &item->node);
    if (rc)
        goto out_bucket;
    if (spec->group.n > 0)
        rc = group_join(&queue->groups, spec->group, ITEM_PENDING, &item->group);
    if (rc) {
        rh_tree_remove(&queue->items, &item->node);
        goto out_bucket;
    }
    count(queue, item, ITEM_PENDING, 1);
    queue_offer(queue, item);
    *out = item;
    return RH_OK;
out_bucket:
    fair_bucket_drop(&queue->fair, item->entry.bucket);
out:
    free(item);
    return rc;
}

/* An item that was inserted just now goes again, uncounted. */
void queue_leave(struct queue *queue, struct item *item)
{
    queue_displace(queue, item);
    count(queue, item, item->state, -1);
    if (item->group)
        group_leave(&queue->groups, item->group, item->state);
    queue_drop(queue, item);
}

int32_t queue_add(struct queue *queue, struct item_spec *spec, struct queue_time now,
                  struct item **out)
{
    struct item *item;
    int32_t rc;

    if (queue->items.count >= queue->limits.items_max)
        return RH_EFULL;
    spec->enqueued_ms = queue_tick(queue, now);
    spec->born =
        (struct token){queue->counters.epoch, queue->counters.activation, queue->token_count};
    rc = queue_insert(queue, queue->counters.seq_last + 1, spec, &item);
    if (rc)
        return rc;
    if (spec->delay_ms > 0) {
        rc = queue_delay(queue, item, now.mono_ms + spec->delay_ms);
        if (rc) {
            queue_leave(queue, item);
            return rc;
        }
        fair_remove(&queue->fair, &item->entry);
        queue_move(queue, item, ITEM_DELAYED);
    }
    queue->counters.seq_last++;
    queue->counters.added++;
    if (item->group)
        item->group->totals.added++;
    *out = item;
    return RH_OK;
}

void queue_displace(struct queue *queue, struct item *item)
{
    if (item->state == ITEM_PENDING) {
        fair_remove(&queue->fair, &item->entry);
    } else if (item->state == ITEM_LEASED) {
        queue->is_freed = queue->is_freed || queue_has_limits(queue);
        lease_end(&queue->leases, item->lease);
        item->lease = NULL;
    } else if (item->state == ITEM_DELAYED) {
        rh_heap_remove(&queue->delayed, &item->delay);
    } else if (item->state == ITEM_BLOCKED) {
        depend_leave(&queue->depends, item->wait);
        item->wait = NULL;
    }
}

void queue_drop(struct queue *queue, struct item *item)
{
    struct fair_bucket *bucket = item->entry.bucket;

    if (bucket->is_woken && bucket->refs == 1) {
        struct fair_bucket **at = &queue->woken;
        while (*at != bucket)
            at = &(*at)->next_woken;
        *at = bucket->next_woken;
        bucket->is_woken = false;
    }
    rh_tree_remove(&queue->items, &item->node);
    fair_bucket_drop(&queue->fair, bucket);
    free(item);
}

void queue_undo_add(struct queue *queue, struct item *item)
{
    assert(item->entry.seq == queue->counters.seq_last);
    assert(item->state != ITEM_LEASED);
    queue->counters.seq_last--;
    queue->counters.added--;
    if (item->group)
        item->group->totals.added--;
    queue_leave(queue, item);
}

struct item *queue_find(const struct queue *queue, uint64_t seq)
{
    struct rh_tree_node *node = rh_tree_find(&queue->items, &seq, compare_seq);

    return node ? item_of_node(node) : NULL;
}

struct item *queue_next(const struct queue *queue, uint64_t after)
{
    uint64_t from = after + 1;
    struct rh_tree_node *node =
        after == UINT64_MAX ? NULL : rh_tree_lower_bound(&queue->items, &from, compare_seq);

    return node ? item_of_node(node) : NULL;
}

uint32_t queue_live_count(const struct queue *queue)
{
    return queue->items.count;
}

void queue_count_pruned(struct queue *queue, uint8_t state)
{
    assert(!item_state_is_live(state));
    queue->counters.pruned[state]++;
}

void queue_status(const struct queue *queue, const struct item *item, struct queue_time now,
                  struct item_status *out)
{
    *out = (struct item_status){.state = item->state,
                                .ended_by = item->ended_by,
                                .has_checkpoint = item->has_checkpoint,
                                .attempts = item->attempts,
                                .token = item->fence,
                                .fence = item->fence};
    if (item->lease) {
        out->token = item->lease->token;
        out->claimed_at_ms = item->lease->claimed_at_ms;
        out->started_at_ms = item->lease->started_at_ms;
        out->node_id = item->lease->holder->node_id;
        out->poll = item->state == ITEM_LEASED ? item->lease->poll : 0;
    }
    if (item->state == ITEM_DELAYED && item->due_ms > now.mono_ms)
        out->due_at_ms = now.wall_ms + item->due_ms - now.mono_ms;
    if (!item_state_is_live(item->state)) {
        out->finished_at_ms = now.wall_ms;
        out->finish_no = queue->counters.finish_last;
    }
}
