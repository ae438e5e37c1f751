/* Transitions of items: each keeps the trees, heaps, leases, groups and counts in step with the
 * state. */
#include "queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "retry.h"

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
        free(item);
    }
    fair_release(&queue->fair);
    groups_release(&queue->groups);
}

void queue_begin(struct queue *queue, uint64_t epoch)
{
    struct counters *counters = &queue->counters;

    counters->activation = counters->epoch == epoch ? counters->activation + 1 : 1;
    counters->epoch = epoch;
    queue->token_count = 0;
}

/* The clock of enqueued_ms: the wall clock, never back. */
static int64_t tick(struct queue *queue, struct queue_time now)
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

/* Counts a state; the structures of that state are the caller's business. */
static void count(struct queue *queue, struct item *item, uint8_t state, int step)
{
    queue->live[state] += (uint32_t)step;
    item->entry.bucket->counts[state] += (uint32_t)step;
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
        if (item->group)
            group_finish(item->group, from, to);
    }
}

/* Puts a pending item where claims find it. */
static void offer(struct queue *queue, struct item *item)
{
    fair_insert(&queue->fair, &item->entry);
    wake(queue, item->entry.bucket);
}

int32_t queue_delay(struct queue *queue, struct item *item, int64_t due_ms)
{
    item->due_ms = due_ms;
    return rh_heap_push(&queue->delayed, &item->delay);
}

int32_t queue_insert(struct queue *queue, uint64_t seq, const struct item_spec *spec,
                     struct item **out)
{
    const struct match_shape shape = {spec->work_type,   spec->config_key, spec->board_type,
                                      spec->target_node, spec->requires,   spec->priority,
                                      spec->min_vram_mb, spec->needs_gpu};
    struct item *item = calloc(1, sizeof(*item));
    int32_t rc;

    if (!item)
        return RH_ENOMEM;
    item->entry.seq = seq;
    item->entry.enqueued_ms = spec->enqueued_ms;
    item->timeout_ms = (uint32_t)spec->timeout_ms;
    item->max_runtime_ms = (uint32_t)spec->max_runtime_ms;
    item->max_attempts = (uint8_t)spec->max_attempts;
    item->state = ITEM_PENDING;
    rc = fair_bucket_hold(&queue->fair, &shape, &item->entry.bucket);
    if (rc)
        goto out;
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
    offer(queue, item);
    *out = item;
    return RH_OK;
out_bucket:
    fair_bucket_drop(&queue->fair, item->entry.bucket);
out:
    free(item);
    return rc;
}

int32_t queue_add(struct queue *queue, struct item_spec *spec, struct queue_time now,
                  struct item **out)
{
    struct item *item;
    int32_t rc;

    if (queue->items.count >= queue->limits.items_max)
        return RH_EFULL;
    spec->enqueued_ms = tick(queue, now);
    rc = queue_insert(queue, queue->counters.seq_last + 1, spec, &item);
    if (rc)
        return rc;
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
        lease_end(&queue->leases, item->lease);
        item->lease = NULL;
    } else if (item->state == ITEM_DELAYED) {
        rh_heap_remove(&queue->delayed, &item->delay);
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
    assert(item->state == ITEM_PENDING);
    queue_displace(queue, item);
    count(queue, item, ITEM_PENDING, -1);
    queue->counters.seq_last--;
    queue->counters.added--;
    if (item->group) {
        item->group->totals.added--;
        group_leave(&queue->groups, item->group, ITEM_PENDING);
    }
    queue_drop(queue, item);
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

/* A lease for a pending or delayed item. The item is out of the structure of its state when take is
 * false; else it is taken out here. RH_OK, RH_ENOMEM or RH_EFULL, nothing changed then. */
static int32_t grant(struct queue *queue, struct item *item, struct token token,
                     struct rh_str node_id, struct queue_time now, bool take)
{
    int64_t runtime_end =
        item->max_runtime_ms > 0 ? now.mono_ms + item->max_runtime_ms : LEASE_NEVER;
    int32_t rc = lease_grant(&queue->leases, node_id, token, now.mono_ms + item->timeout_ms,
                             runtime_end, &item->lease);

    if (rc)
        return rc;
    item->lease->item = item;
    item->lease->claimed_at_ms = now.wall_ms;
    item->lease->saved_ms = now.mono_ms;
    item->attempts++;
    if (take)
        queue_displace(queue, item);
    queue_move(queue, item, ITEM_LEASED);
    return RH_OK;
}

uint32_t queue_claim(struct queue *queue, const struct match_claim *claim, struct queue_time now,
                     struct item **out, uint32_t max, uint64_t *refused)
{
    int64_t clock_ms = tick(queue, now);
    uint32_t given = 0;

    while (given < max) {
        struct fair_entry *entry =
            fair_take(&queue->fair, claim, clock_ms, given == 0 ? refused : NULL);
        if (!entry)
            break;
        struct item *item = RH_CONTAINER_OF(entry, struct item, entry);
        const struct token token = {queue->counters.epoch, queue->counters.activation,
                                    queue->token_count + 1};
        if (grant(queue, item, token, claim->node_id, now, false)) {
            fair_insert(&queue->fair, entry); /* out of memory: it stays where it was */
            break;
        }
        queue->token_count++;
        out[given++] = item;
    }
    queue->stats.claims++;
    if (given == 0) {
        if (queue->fair.pending_count == 0)
            refused[MATCH_NO_WORK]++;
        refused[MATCH_DELAYED] += queue->live[ITEM_DELAYED];
        stats_refuse(&queue->stats, refused);
    }
    return given;
}

/* Whether a token may be that of a claim that an earlier activation gave and this one never heard
 * of. Ends of leases are durable before a later token leaves, so at most one token above the fence
 * was ever given away. */
static bool is_forgotten(const struct queue *queue, const struct item *item, struct token token)
{
    const struct token now = {queue->counters.epoch, queue->counters.activation, 0};

    return item->state != ITEM_LEASED && token_is_before(token, now) &&
           token_compare(token, item->fence) > 0;
}

int32_t queue_hold(struct queue *queue, struct item *item, struct token token,
                   struct rh_str node_id, struct queue_time now, bool *is_adopted)
{
    *is_adopted = false;
    if (item->state == ITEM_LEASED && token_compare(item->lease->token, token) == 0)
        return RH_OK;
    if (!is_forgotten(queue, item, token)) {
        queue->stats.stale++;
        return RH_ESTALECLAIM;
    }
    int32_t rc = grant(queue, item, token, node_id, now, true);
    *is_adopted = rc == RH_OK;
    return rc;
}

void queue_renew(struct queue *queue, struct item *item, struct queue_time now)
{
    assert(item->state == ITEM_LEASED);
    lease_extend(&queue->leases, item->lease, now.mono_ms + item->timeout_ms);
}

static void finish(struct queue *queue, struct item *item, uint8_t to, uint8_t cause)
{
    if (item->state == ITEM_LEASED)
        item->fence = item->lease->token;
    queue->counters.finish_last++;
    item->ended_by = cause;
    if (item->state != ITEM_LEASED)
        queue_displace(queue, item);
    /* The lease stays until queue_forget: the status that is stored names its token and node. */
    queue_move(queue, item, to);
}

uint8_t queue_end(struct queue *queue, struct item *item, uint8_t cause, bool may_retry,
                  uint64_t random, struct queue_time now)
{
    assert(item->state == ITEM_LEASED);
    bool is_last = item->attempts >= item->max_attempts;

    if (cause == ITEM_END_EXPIRED || cause == ITEM_END_RUNTIME)
        queue->stats.expired++;
    if (cause != ITEM_END_RELEASE && (is_last || (cause == ITEM_END_FAIL && !may_retry))) {
        finish(queue, item, ITEM_DEAD, cause);
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
    offer(queue, item);
    return ITEM_PENDING;
}

void queue_finish(struct queue *queue, struct item *item, uint8_t to)
{
    assert(to == ITEM_DONE || to == ITEM_CANCELLED);
    finish(queue, item, to, to == ITEM_DONE ? ITEM_END_DONE : ITEM_END_CANCEL);
}

void queue_forget(struct queue *queue, struct item *item)
{
    assert(!item_state_is_live(item->state));
    if (item->lease)
        lease_end(&queue->leases, item->lease);
    if (item->group)
        group_forget(&queue->groups, item->group);
    queue_drop(queue, item);
}

void queue_count_pruned(struct queue *queue, uint8_t state)
{
    assert(!item_state_is_live(state));
    queue->counters.pruned[state]++;
}

struct item *queue_due(struct queue *queue, struct queue_time now)
{
    struct rh_heap_node *node = rh_heap_peek(&queue->delayed);
    struct item *item = node ? item_of_delay(node) : NULL;

    if (!item || item->due_ms > now.mono_ms)
        return NULL;
    queue_displace(queue, item);
    queue_move(queue, item, ITEM_PENDING);
    offer(queue, item);
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
    }
    if (item->state == ITEM_DELAYED && item->due_ms > now.mono_ms)
        out->due_at_ms = now.wall_ms + item->due_ms - now.mono_ms;
    if (!item_state_is_live(item->state)) {
        out->finished_at_ms = now.wall_ms;
        out->finish_no = queue->counters.finish_last;
    }
}
