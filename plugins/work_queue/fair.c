/* Rows, lanes and buckets in trees; keys change only while their node is out of its tree. */
#include "fair.h"

#include <assert.h>

#include "fair_order.h"

static struct fair_row *row_of(const struct rh_tree_node *node)
{
    return RH_CONTAINER_OF(node, struct fair_row, node);
}

static struct fair_lane *lane_of(const struct rh_tree_node *node)
{
    return RH_CONTAINER_OF(node, struct fair_lane, node);
}

static struct fair_bucket *bucket_of(const struct rh_tree_node *node)
{
    return RH_CONTAINER_OF(node, struct fair_bucket, node);
}

static struct fair_entry *entry_of(const struct rh_tree_node *node)
{
    return RH_CONTAINER_OF(node, struct fair_entry, node);
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const struct fair_place *a, const struct fair_place *b)
{
    if (a->since != b->since)
        return a->since < b->since ? -1 : 1;
    if (a->turn != b->turn)
        return compare_u64(a->turn, b->turn);
    return compare_u64(a->seq, b->seq);
}

int fair_compare_rows(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    return compare_places(&row_of(a)->place, &row_of(b)->place);
}

int fair_compare_lanes(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    return compare_places(&lane_of(a)->place, &lane_of(b)->place);
}

int fair_compare_buckets(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    return compare_u64(bucket_of(a)->head_seq, bucket_of(b)->head_seq);
}

int fair_compare_entries(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    return compare_u64(entry_of(a)->seq, entry_of(b)->seq);
}

struct fair_entry *fair_head(const struct fair_bucket *bucket)
{
    struct rh_tree_node *node = rh_tree_first(&bucket->pending);

    return node ? entry_of(node) : NULL;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Takes bucket, lane and row out of their trees, so that their keys may change. */
static void unlink_bucket(struct fair *fair, struct fair_bucket *bucket)
{
    struct fair_lane *lane = bucket->lane;
    struct fair_row *row = lane->row;

    if (rh_tree_contains(&row->node))
        rh_tree_remove(&fair->order, &row->node);
    if (rh_tree_contains(&lane->node))
        rh_tree_remove(&row->lanes, &lane->node);
    if (rh_tree_contains(&bucket->node))
        rh_tree_remove(&lane->buckets, &bucket->node);
}

/* Keys hold a unique seq, so an insertion cannot meet its equal. */
static void insert(struct rh_tree *tree, struct rh_tree_node *node)
{
    int32_t rc = rh_tree_insert(tree, node);

    assert(rc == RH_OK);
    (void)rc;
}

/* Computes the keys anew and puts all three back, as far as something of them is pending. */
static void link_bucket(struct fair *fair, struct fair_bucket *bucket)
{
    struct fair_lane *lane = bucket->lane;
    struct fair_row *row = lane->row;

    if (bucket->pending.count > 0) {
        bucket->head_seq = fair_head(bucket)->seq;
        insert(&lane->buckets, &bucket->node);
    }
    if (lane->buckets.count > 0) {
        const struct fair_entry *head = fair_head(bucket_of(rh_tree_first(&lane->buckets)));
        lane->place = (struct fair_place){later(head->enqueued_ms, lane->served_ms),
                                          lane->served_turn, head->seq};
        insert(&row->lanes, &lane->node);
    }
    if (row->lanes.count > 0) {
        const struct fair_lane *first = lane_of(rh_tree_first(&row->lanes));
        row->place = (struct fair_place){later(first->place.since, row->served_ms) -
                                             row->priority * fair->ageing_ms,
                                         row->served_turn, first->place.seq};
        insert(&fair->order, &row->node);
    }
}

void fair_insert(struct fair *fair, struct fair_entry *entry)
{
    struct fair_bucket *bucket = entry->bucket;
    bool is_new_head = bucket->pending.count == 0 || entry->seq < bucket->head_seq;

    if (is_new_head)
        unlink_bucket(fair, bucket);
    insert(&bucket->pending, &entry->node);
    fair->pending_count++;
    if (is_new_head)
        link_bucket(fair, bucket);
}

void fair_remove(struct fair *fair, struct fair_entry *entry)
{
    struct fair_bucket *bucket = entry->bucket;
    bool was_head = entry->seq == bucket->head_seq;

    assert(rh_tree_contains(&entry->node));
    if (was_head)
        unlink_bucket(fair, bucket);
    rh_tree_remove(&bucket->pending, &entry->node);
    fair->pending_count--;
    if (was_head)
        link_bucket(fair, bucket);
}

/* What a search goes by, and the best so far. */
struct search {
    const struct fair *fair;
    const struct match_claim *claim;
    fair_gate *gate;
    const void *ctx;
    int64_t bonus_max; /* ms that a preferred board is worth; 0 = none is preferred */
    struct fair_bucket *best;
    int64_t best_key;
};

static void search_lane(struct search *s, const struct fair_lane *lane)
{
    const struct fair_row *row = lane->row;
    int64_t worth = row->priority * s->fair->ageing_ms;
    int64_t served_ms = later(lane->served_ms, row->served_ms);

    if (s->gate && s->gate(s->ctx, lane->class_) != MATCH_OK)
        return;
    for (struct rh_tree_node *n = rh_tree_first(&lane->buckets); n; n = rh_tree_next(n)) {
        struct fair_bucket *bucket = bucket_of(n);

        if (match_check(s->claim, &bucket->shape) != MATCH_OK)
            continue;
        int64_t bonus = match_bonus(s->claim, &bucket->shape) * s->fair->ageing_ms;
        int64_t key = later(fair_head(bucket)->enqueued_ms, served_ms) - worth - bonus;
        if (!s->best || key < s->best_key) {
            s->best = bucket;
            s->best_key = key;
        }
        if (bonus > 0 || s->bonus_max == 0)
            break; /* later buckets of the lane begin with later items */
    }
}

static void search_row(struct search *s, const struct fair_row *row)
{
    int64_t worth = row->priority * s->fair->ageing_ms;

    for (struct rh_tree_node *n = rh_tree_first(&row->lanes); n; n = rh_tree_next(n)) {
        const struct fair_lane *lane = lane_of(n);
        int64_t key = later(lane->place.since, row->served_ms) - worth;
        if (s->best && key - s->bonus_max >= s->best_key)
            return;
        search_lane(s, lane);
    }
}

struct fair_entry *fair_take(struct fair *fair, const struct match_claim *claim, int64_t now_ms,
                             fair_gate *gate, const void *ctx)
{
    struct search s = {.fair = fair,
                       .claim = claim,
                       .gate = gate,
                       .ctx = ctx,
                       .bonus_max =
                           claim->board_types.count > 0 ? MATCH_BOARD_BONUS * fair->ageing_ms : 0};

    for (struct rh_tree_node *n = rh_tree_first(&fair->order); n; n = rh_tree_next(n)) {
        const struct fair_row *row = row_of(n);
        if (s.best && row->place.since - s.bonus_max >= s.best_key)
            break;
        search_row(&s, row);
    }
    if (!s.best)
        return NULL;

    struct fair_entry *entry = fair_head(s.best);
    struct fair_lane *lane = s.best->lane;
    unlink_bucket(fair, s.best);
    rh_tree_remove(&s.best->pending, &entry->node);
    fair->pending_count--;
    fair->turn++;
    lane->served_ms = lane->row->served_ms = now_ms;
    lane->served_turn = lane->row->served_turn = fair->turn;
    link_bucket(fair, s.best);
    return entry;
}

static void refuse_lane(const struct match_claim *claim, uint32_t gate_reason,
                        const struct fair_lane *lane, uint64_t *refused)
{
    for (struct rh_tree_node *n = rh_tree_first(&lane->buckets); n; n = rh_tree_next(n)) {
        const struct fair_bucket *bucket = bucket_of(n);
        uint32_t reason = match_check(claim, &bucket->shape);

        if (reason == MATCH_OK)
            reason = gate_reason;
        refused[reason] += bucket->pending.count;
        lane->class_->refused[reason] += bucket->pending.count;
    }
}

void fair_refuse(struct fair *fair, const struct match_claim *claim, fair_gate *gate,
                 const void *ctx, uint64_t *refused)
{
    for (struct rh_tree_node *r = rh_tree_first(&fair->order); r; r = rh_tree_next(r)) {
        for (struct rh_tree_node *l = rh_tree_first(&row_of(r)->lanes); l; l = rh_tree_next(l)) {
            const struct fair_lane *lane = lane_of(l);
            refuse_lane(claim, gate ? gate(ctx, lane->class_) : MATCH_OK, lane, refused);
        }
    }
}
