/* Lanes and buckets in trees; keys change only while their node is out of its tree. */
#include "fair.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/record.h>

/* Longest name of a bucket: six names and all requirements, with their lengths. Bytes. */
#define SHAPE_NAME_MAX ((6u + ITEM_REQUIRES_MAX) * (ITEM_NAME_MAX * 2 + 8))

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

static int compare_lanes(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    const struct fair_lane *x = lane_of(a);
    const struct fair_lane *y = lane_of(b);

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->served_turn != y->served_turn)
        return compare_u64(x->served_turn, y->served_turn);
    return compare_u64(x->head_seq, y->head_seq);
}

static int compare_buckets(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    return compare_u64(bucket_of(a)->head_seq, bucket_of(b)->head_seq);
}

static int compare_entries(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    return compare_u64(entry_of(a)->seq, entry_of(b)->seq);
}

void fair_init(struct fair *fair, uint64_t seed, int64_t ageing_ms)
{
    assert(ageing_ms >= 0);
    *fair = (struct fair){.ageing_ms = ageing_ms};
    rh_map_init(&fair->lanes, seed, FAIR_BUCKETS_MAX);
    rh_map_init(&fair->buckets, seed, FAIR_BUCKETS_MAX);
    rh_tree_init(&fair->order, compare_lanes);
}

static void free_values(struct rh_map *map)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(map, &cursor, NULL, &value))
        free(value);
    rh_map_release(map);
}

void fair_release(struct fair *fair)
{
    free_values(&fair->buckets);
    free_values(&fair->lanes);
}

static void name_lane(const struct match_shape *shape, struct rh_buf *buf)
{
    rh_record_put(buf, shape->priority);
    rh_record_put_str(buf, shape->work_type);
    rh_record_put_str(buf, shape->config_key);
}

static void name_bucket(const struct match_shape *shape, struct rh_buf *buf)
{
    name_lane(shape, buf);
    rh_record_put_str(buf, shape->board_type);
    rh_record_put_str(buf, shape->target_node);
    rh_record_put(buf, shape->min_vram_mb);
    rh_record_put(buf, shape->needs_gpu);
    rh_record_put(buf, shape->requires.count);
    for (uint32_t i = 0; i < shape->requires.count; i++)
        rh_record_put_str(buf, shape->requires.items[i]);
}

/* Points the shape of a bucket into the bucket's own name. */
static void borrow_shape(struct match_shape *shape, struct rh_str name, struct rh_str *requires)
{
    struct rh_record_reader r;

    rh_record_reader_init(&r, name);
    shape->priority = rh_record_get(&r, 0, INT64_MAX);
    shape->work_type = rh_record_get_str(&r);
    shape->config_key = rh_record_get_str(&r);
    shape->board_type = rh_record_get_str(&r);
    shape->target_node = rh_record_get_str(&r);
    shape->min_vram_mb = rh_record_get(&r, 0, INT64_MAX);
    shape->needs_gpu = rh_record_get(&r, 0, 1) != 0;
    shape->requires.count = (uint32_t)rh_record_get(&r, 0, ITEM_REQUIRES_MAX);
    shape->requires.items = requires;
    for (uint32_t i = 0; i < shape->requires.count; i++)
    requires[i] = rh_record_get_str(&r);
    assert(rh_record_end(&r) == RH_OK);
}

static int32_t hold_lane(struct fair *fair, const struct match_shape *shape, struct rh_str name,
                         struct fair_lane **out)
{
    struct fair_lane *lane = rh_map_get(&fair->lanes, name);

    if (!lane) {
        lane = calloc(1, sizeof(*lane) + name.n);
        if (!lane)
            return RH_ENOMEM;
        lane->name = (struct rh_str){(char *)(lane + 1), name.n};
        memcpy(lane + 1, name.p, name.n);
        lane->priority = shape->priority;
        rh_tree_init(&lane->buckets, compare_buckets);
        int32_t rc = rh_map_put(&fair->lanes, lane->name, lane, NULL);
        if (rc) {
            free(lane);
            return rc;
        }
    }
    lane->refs++;
    *out = lane;
    return RH_OK;
}

static void drop_lane(struct fair *fair, struct fair_lane *lane)
{
    if (--lane->refs > 0)
        return;
    assert(!rh_tree_contains(&lane->node));
    rh_map_remove(&fair->lanes, lane->name);
    free(lane);
}

static int32_t new_bucket(struct fair *fair, const struct match_shape *shape, struct rh_str name,
                          size_t lane_name_size, struct fair_bucket **out)
{
    size_t list_size = shape->requires.count * sizeof(struct rh_str);
    struct fair_bucket *bucket = calloc(1, sizeof(*bucket) + list_size + name.n);
    int32_t rc;

    if (!bucket)
        return RH_ENOMEM;
    struct rh_str *requires = (struct rh_str *)(void *)(bucket + 1);
    char *own = (char *)(bucket + 1) + list_size;
    memcpy(own, name.p, name.n);
    bucket->name = (struct rh_str){own, name.n};
    borrow_shape(&bucket->shape, bucket->name, requires);
    rh_tree_init(&bucket->pending, compare_entries);

    rc = hold_lane(fair, shape, (struct rh_str){name.p, lane_name_size}, &bucket->lane);
    if (rc)
        goto out;
    rc = rh_map_put(&fair->buckets, bucket->name, bucket, NULL);
    if (rc)
        drop_lane(fair, bucket->lane);
out:
    if (rc)
        free(bucket);
    else
        *out = bucket;
    return rc;
}

int32_t fair_bucket_hold(struct fair *fair, const struct match_shape *shape,
                         struct fair_bucket **out)
{
    struct fair_bucket *bucket;
    struct rh_buf name;
    int32_t rc;

    rh_buf_init(&name, SHAPE_NAME_MAX);
    name_lane(shape, &name);
    size_t lane_name_size = name.n;
    rh_buf_reset(&name);
    name_bucket(shape, &name);
    rc = name.rc;
    if (rc)
        goto out;
    bucket = rh_map_get(&fair->buckets, rh_buf_str(&name));
    if (!bucket)
        rc = new_bucket(fair, shape, rh_buf_str(&name), lane_name_size, &bucket);
    if (rc)
        goto out;
    bucket->refs++;
    *out = bucket;
out:
    rh_buf_release(&name);
    return rc;
}

void fair_bucket_drop(struct fair *fair, struct fair_bucket *bucket)
{
    assert(bucket->refs > 0);
    if (--bucket->refs > 0)
        return;
    assert(bucket->pending.count == 0);
    assert(!bucket->is_woken);
    rh_map_remove(&fair->buckets, bucket->name);
    drop_lane(fair, bucket->lane);
    free(bucket);
}

static struct fair_entry *head_of(const struct fair_bucket *bucket)
{
    return entry_of(rh_tree_first(&bucket->pending));
}

static int64_t key_of(const struct fair *fair, const struct fair_lane *lane,
                      const struct fair_entry *entry)
{
    int64_t since = entry->enqueued_ms > lane->served_ms ? entry->enqueued_ms : lane->served_ms;

    return since - lane->priority * fair->ageing_ms;
}

/* Takes bucket and lane out of their trees, so that their keys may change. */
static void unlink_bucket(struct fair *fair, struct fair_bucket *bucket)
{
    struct fair_lane *lane = bucket->lane;

    if (rh_tree_contains(&lane->node))
        rh_tree_remove(&fair->order, &lane->node);
    if (rh_tree_contains(&bucket->node))
        rh_tree_remove(&lane->buckets, &bucket->node);
}

/* Computes the keys anew and puts both back, as far as something of them is pending. */
static void link_bucket(struct fair *fair, struct fair_bucket *bucket)
{
    struct fair_lane *lane = bucket->lane;
    int32_t rc = RH_OK;

    if (bucket->pending.count > 0) {
        bucket->head_seq = head_of(bucket)->seq;
        rc = rh_tree_insert(&lane->buckets, &bucket->node);
        assert(rc == RH_OK);
    }
    if (lane->buckets.count > 0) {
        struct fair_entry *head = head_of(bucket_of(rh_tree_first(&lane->buckets)));
        lane->head_seq = head->seq;
        lane->key = key_of(fair, lane, head);
        rc = rh_tree_insert(&fair->order, &lane->node);
        assert(rc == RH_OK);
    }
    (void)rc; /* Keys hold a unique seq, so an insertion cannot meet its equal. */
}

void fair_insert(struct fair *fair, struct fair_entry *entry)
{
    struct fair_bucket *bucket = entry->bucket;
    bool is_new_head = bucket->pending.count == 0 || entry->seq < bucket->head_seq;

    if (is_new_head)
        unlink_bucket(fair, bucket);
    int32_t rc = rh_tree_insert(&bucket->pending, &entry->node);
    assert(rc == RH_OK);
    (void)rc; /* seq is unique. */
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

/* The best bucket of one lane by (key less bonus); counts refusals. best and best_key are the
 * running best. */
static void search_lane(const struct fair *fair, const struct fair_lane *lane,
                        const struct match_claim *claim, uint64_t *refused,
                        struct fair_bucket **best, int64_t *best_key)
{
    for (struct rh_tree_node *n = rh_tree_first(&lane->buckets); n; n = rh_tree_next(n)) {
        struct fair_bucket *bucket = bucket_of(n);
        uint32_t reason = match_check(claim, &bucket->shape);

        if (reason != MATCH_OK) {
            refused[reason] += bucket->pending.count;
            continue;
        }
        int64_t bonus = match_bonus(claim, &bucket->shape) * fair->ageing_ms;
        int64_t key = key_of(fair, lane, head_of(bucket)) - bonus;
        if (!*best || key < *best_key) {
            *best = bucket;
            *best_key = key;
        }
        if (bonus > 0 || claim->board_types.count == 0)
            break; /* later buckets of the lane begin with later items */
    }
}

struct fair_entry *fair_take(struct fair *fair, const struct match_claim *claim, int64_t now_ms,
                             uint64_t *refused)
{
    uint64_t reasons[MATCH_REASON_COUNT] = {0};
    int64_t bonus_max = claim->board_types.count > 0 ? MATCH_BOARD_BONUS * fair->ageing_ms : 0;
    struct fair_bucket *best = NULL;
    int64_t best_key = 0;

    for (struct rh_tree_node *n = rh_tree_first(&fair->order); n; n = rh_tree_next(n)) {
        const struct fair_lane *lane = lane_of(n);
        if (best && lane->key - bonus_max >= best_key)
            break;
        search_lane(fair, lane, claim, reasons, &best, &best_key);
    }
    if (!best) {
        for (uint32_t i = 0; refused && i < MATCH_REASON_COUNT; i++)
            refused[i] += reasons[i];
        return NULL;
    }

    struct fair_entry *entry = head_of(best);
    unlink_bucket(fair, best);
    rh_tree_remove(&best->pending, &entry->node);
    fair->pending_count--;
    best->lane->served_ms = now_ms;
    best->lane->served_turn = ++fair->turn;
    link_bucket(fair, best);
    return entry;
}
