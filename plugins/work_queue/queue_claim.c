/* Claims: what is given, what is taken from others, and who holds what. */
#include "queue.h"

#include <assert.h>

/* What the gate goes by. */
struct gate {
    const struct queue *queue;
    const struct lease_holder *holder; /* NULL = the node holds nothing */
};

static uint32_t check_gate(const void *ctx, const struct fair_class *class_)
{
    const struct gate *gate = ctx;
    const struct lease_holder *holder = gate->holder;
    const struct limit_usage usage = {gate->queue->leases.by_rule, holder ? holder->by_rule : NULL,
                                      holder ? holder->count : 0, class_->counts[ITEM_LEASED]};

    if (class_->is_paused)
        return MATCH_PAUSED;
    return limit_check(&gate->queue->limits.leases, class_->rules, &usage);
}

static struct gate gate_of(const struct queue *queue, struct rh_str node_id)
{
    return (struct gate){queue,
                         queue_has_limits(queue) ? lease_holder_of(&queue->leases, node_id) : NULL};
}

uint32_t queue_gate(const struct queue *queue, const struct fair_class *class_,
                    struct rh_str node_id)
{
    struct gate gate = gate_of(queue, node_id);

    return check_gate(&gate, class_);
}

/* A lease that has just been granted. */
static void describe(struct item *item, struct queue_time now)
{
    item->lease->item = item;
    item->lease->claimed_at_ms = now.wall_ms;
    item->lease->saved_ms = now.mono_ms;
}

/* A lease for a pending or delayed item. The item is out of the structure of its state when take is
 * false; else it is taken out here. RH_OK, RH_ENOMEM or RH_EFULL, nothing changed then. */
static int32_t grant(struct queue *queue, struct item *item, struct token token,
                     struct rh_str node_id, struct queue_time now, bool take)
{
    int64_t runtime_end =
        item->max_runtime_ms > 0 ? now.mono_ms + item->max_runtime_ms : LEASE_NEVER;
    int32_t rc = lease_grant(&queue->leases, node_id, token, now.mono_ms + item->timeout_ms,
                             runtime_end, item->entry.bucket->lane->class_->rules, &item->lease);

    if (rc)
        return rc;
    describe(item, now);
    item->attempts++;
    if (take)
        queue_displace(queue, item);
    queue_move(queue, item, ITEM_LEASED);
    return RH_OK;
}

static struct token next_token(const struct queue *queue)
{
    return (struct token){queue->counters.epoch, queue->counters.activation,
                          queue->token_count + 1};
}

/* One item needs one device: what a claim is given at once shares none. */
static void count_gpu(struct match_claim *claim, const struct item *item)
{
    const struct match_shape *shape = &item->entry.bucket->shape;

    if ((shape->needs_gpu || shape->min_vram_mb > 0) && claim->gpu_count > 0)
        claim->gpu_count--;
}

static uint32_t give(struct queue *queue, const struct match_claim *asked, struct queue_time now,
                     struct item **out, uint32_t max)
{
    struct match_claim copy = *asked;
    const struct match_claim *claim = &copy;
    int64_t clock_ms = queue_tick(queue, now);
    uint32_t given = 0;

    while (given < max) {
        struct gate gate = gate_of(queue, claim->node_id);
        struct fair_entry *entry = fair_take(&queue->fair, claim, clock_ms, check_gate, &gate);
        if (!entry)
            break;
        struct item *item = RH_CONTAINER_OF(entry, struct item, entry);
        if (grant(queue, item, next_token(queue), claim->node_id, now, false)) {
            fair_insert(&queue->fair, entry); /* out of memory: it stays where it was */
            break;
        }
        queue->token_count++;
        item->lease->poll = claim->poll;
        count_gpu(&copy, item);
        out[given++] = item;
    }
    return given;
}

/* Whether an unstarted lease may go to the claim. The config limit counts it already. */
static bool may_steal(const struct queue *queue, const struct match_claim *claim,
                      const struct lease *lease, struct queue_time now)
{
    const struct item *item = lease->item;
    const struct fair_bucket *bucket = item->entry.bucket;

    /* Until the first progress, which starts it, saved_ms is when it was granted. */
    if (now.mono_ms - lease->saved_ms < queue->limits.steal_after_ms ||
        match_check(claim, &bucket->shape) != MATCH_OK)
        return false;
    uint32_t reason = queue_gate(queue, bucket->lane->class_, claim->node_id);
    return reason == MATCH_OK || reason == MATCH_CONFIG_LIMIT;
}

/* The item gets a lease of another node in place of its own, whose token is stale from now on. */
static int32_t move_lease(struct queue *queue, struct item *item, const struct match_claim *claim,
                          struct queue_time now)
{
    struct lease *old = item->lease;
    struct token fence = old->token;
    int64_t runtime_end =
        item->max_runtime_ms > 0 ? now.mono_ms + item->max_runtime_ms : LEASE_NEVER;
    int32_t rc = lease_grant(&queue->leases, claim->node_id, next_token(queue),
                             now.mono_ms + item->timeout_ms, runtime_end, old->rules, &item->lease);

    if (rc)
        return rc;
    queue->token_count++;
    lease_search_take(old);
    lease_end(&queue->leases, old);
    queue->is_freed = queue->is_freed || queue_has_limits(queue);
    item->fence = fence;
    item->ended_by = ITEM_END_STOLEN;
    item->lease->poll = claim->poll;
    describe(item, now);
    return RH_OK;
}

static uint32_t steal(struct queue *queue, const struct match_claim *asked, struct queue_time now,
                      struct item **out, uint32_t max)
{
    struct match_claim copy = *asked;
    const struct match_claim *claim = &copy;
    const struct lease *after = NULL;
    uint32_t left = QUEUE_STEAL_SEEN_MAX;
    uint32_t given = 0;
    struct lease *lease;

    lease_search_begin(&queue->leases);
    while (given < max &&
           (lease = lease_search_next(&queue->leases, after, claim->node_id, &left))) {
        struct item *item = lease->item;
        if (!may_steal(queue, claim, lease, now)) {
            after = lease;
            continue;
        }
        if (move_lease(queue, item, claim, now))
            break; /* out of memory: it stays where it is */
        count_gpu(&copy, item);
        out[given++] = item;
    }
    queue->stats.stolen += given;
    return given;
}

uint32_t queue_claim(struct queue *queue, const struct match_claim *claim, struct queue_time now,
                     struct item **out, uint32_t max, uint64_t *refused, bool *is_stolen)
{
    uint32_t given = give(queue, claim, now, out, max);

    *is_stolen = false;
    if (given == 0 && claim->may_steal) {
        given = steal(queue, claim, now, out, max);
        *is_stolen = given > 0;
    }
    queue->stats.claims++;
    if (given == 0) {
        struct gate gate = gate_of(queue, claim->node_id);
        fair_refuse(&queue->fair, claim, check_gate, &gate, refused);
        if (queue->fair.pending_count == 0)
            refused[MATCH_NO_WORK]++;
        refused[MATCH_DELAYED] += queue->live[ITEM_DELAYED];
        refused[MATCH_BLOCKED] += queue->live[ITEM_BLOCKED];
        stats_refuse(&queue->stats, refused);
    }
    return given;
}

static bool is_held(const uint64_t *held, uint32_t count, uint64_t seq)
{
    uint32_t low = 0;

    while (low < count) {
        uint32_t middle = low + (count - low) / 2;
        if (held[middle] == seq)
            return true;
        if (held[middle] < seq)
            low = middle + 1;
        else
            count = middle;
    }
    return false;
}

uint32_t queue_lost(const struct queue *queue, struct rh_str node_id, uint64_t poll,
                    const uint64_t *held, uint32_t held_count, struct item **out, uint32_t max)
{
    const struct lease_holder *holder = lease_holder_of(&queue->leases, node_id);
    const struct lease *lease = holder && holder->unstarted > 0 ? holder->first : NULL;
    uint32_t count = 0;

    for (uint32_t seen = 0; lease && seen < QUEUE_LOST_SEEN_MAX && count < max; seen++) {
        struct item *item = lease->item;
        if (lease->started_at_ms == 0 && lease->poll > 0 && lease->poll < poll &&
            !is_held(held, held_count, item->entry.seq))
            out[count++] = item;
        lease = lease->next;
    }
    return count;
}

/* Whether a token may be that of a claim that an earlier activation gave and this one never heard
 * of. Ends of leases are durable before a later token leaves, so at most one token above the fence
 * was ever given away. */
static bool is_forgotten(const struct queue *queue, const struct item *item, struct token token)
{
    const struct token now = {queue->counters.epoch, queue->counters.activation, 0};

    return (item->state == ITEM_PENDING || item->state == ITEM_DELAYED) &&
           token_is_before(token, now) && token_compare(token, item->fence) > 0;
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
