/* Rows, lanes, buckets and classes by name: made for the first item of a kind, freed after the
 * last. */
#include "fair.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/record.h>

#include "fair_order.h"

/* Longest name of a bucket: six names and all requirements, with their lengths. Bytes. */
#define SHAPE_NAME_MAX ((6u + ITEM_REQUIRES_MAX) * (ITEM_NAME_MAX * 2 + 8))

void fair_init(struct fair *fair, uint64_t seed, int64_t ageing_ms)
{
    assert(ageing_ms >= 0);
    *fair = (struct fair){.ageing_ms = ageing_ms};
    rh_map_init(&fair->rows, seed, FAIR_BUCKETS_MAX);
    rh_map_init(&fair->lanes, seed, FAIR_BUCKETS_MAX);
    rh_map_init(&fair->buckets, seed, FAIR_BUCKETS_MAX);
    rh_map_init(&fair->classes, seed, FAIR_BUCKETS_MAX + FAIR_IDLE_MAX);
    rh_tree_init(&fair->order, fair_compare_rows);
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
    free_values(&fair->rows);
    free_values(&fair->classes);
}

/* The names nest: a class begins with the type, a lane is the priority and a class, a bucket begins
 * with a lane. */
static void name_class(const struct match_shape *shape, struct rh_buf *buf)
{
    rh_record_put_str(buf, shape->work_type);
    rh_record_put_str(buf, shape->config_key);
}

static void name_row(const struct match_shape *shape, struct rh_buf *buf)
{
    rh_record_put(buf, shape->priority);
    rh_record_put_str(buf, shape->work_type);
}

static void name_lane(const struct match_shape *shape, struct rh_buf *buf)
{
    rh_record_put(buf, shape->priority);
    name_class(shape, buf);
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

/* The value of that name in a map, or a new one of `size` bytes with the name behind it. The field
 * of the name is at name_offset. */
static int32_t find_or_make(struct rh_map *map, struct rh_str name, size_t size, size_t name_offset,
                            void **out, bool *is_new)
{
    char *value = rh_map_get(map, name);
    int32_t rc = RH_OK;

    *is_new = !value;
    if (!value) {
        value = calloc(1, size + name.n);
        if (!value)
            return RH_ENOMEM;
        memcpy(value + size, name.p, name.n);
        *(struct rh_str *)(void *)(value + name_offset) = (struct rh_str){value + size, name.n};
        rc = rh_map_put(map, (struct rh_str){value + size, name.n}, value, NULL);
        if (rc) {
            free(value);
            return rc;
        }
    }
    *out = value;
    return RH_OK;
}

#define FIND_OR_MAKE(map, name_, type, out, is_new) \
    find_or_make(map, name_, sizeof(type), offsetof(type, name), out, is_new)

static void leave_idle(struct fair *fair, struct fair_class *class_)
{
    if (class_->prev_idle)
        class_->prev_idle->next_idle = class_->next_idle;
    else
        fair->idle_first = class_->next_idle;
    if (class_->next_idle)
        class_->next_idle->prev_idle = class_->prev_idle;
    else
        fair->idle_last = class_->prev_idle;
    class_->prev_idle = class_->next_idle = NULL;
    fair->idle_count--;
}

static int32_t hold_class(struct fair *fair, struct rh_str name, struct fair_class **out,
                          bool *is_new)
{
    struct rh_record_reader r;
    void *value;
    int32_t rc = FIND_OR_MAKE(&fair->classes, name, struct fair_class, &value, is_new);

    if (rc)
        return rc;
    struct fair_class *class_ = value;
    if (*is_new) {
        rh_record_reader_init(&r, class_->name);
        class_->work_type = rh_record_get_str(&r);
        class_->config_key = rh_record_get_str(&r);
    } else if (class_->refs == 0) {
        leave_idle(fair, class_);
    }
    class_->refs++;
    *out = class_;
    return RH_OK;
}

static void free_class(struct fair *fair, struct fair_class *class_)
{
    rh_map_remove(&fair->classes, class_->name);
    free(class_);
}

static void drop_class(struct fair *fair, struct fair_class *class_)
{
    if (--class_->refs > 0)
        return;
    class_->prev_idle = fair->idle_last;
    if (fair->idle_last)
        fair->idle_last->next_idle = class_;
    else
        fair->idle_first = class_;
    fair->idle_last = class_;
    if (++fair->idle_count > FAIR_IDLE_MAX) {
        struct fair_class *oldest = fair->idle_first;
        leave_idle(fair, oldest);
        free_class(fair, oldest);
    }
}

static int32_t hold_row(struct fair *fair, const struct match_shape *shape, struct rh_str name,
                        struct fair_row **out)
{
    void *value;
    bool is_new;
    int32_t rc = FIND_OR_MAKE(&fair->rows, name, struct fair_row, &value, &is_new);

    if (rc)
        return rc;
    struct fair_row *row = value;
    if (is_new) {
        row->priority = shape->priority;
        rh_tree_init(&row->lanes, fair_compare_lanes);
    }
    row->refs++;
    *out = row;
    return RH_OK;
}

static void drop_row(struct fair *fair, struct fair_row *row)
{
    if (--row->refs > 0)
        return;
    assert(!rh_tree_contains(&row->node));
    rh_map_remove(&fair->rows, row->name);
    free(row);
}

/* Room for the three names that a lane comes with. */
static int32_t hold_lane(struct fair *fair, const struct match_shape *shape, struct rh_buf *name,
                         struct fair_lane **out, bool *is_new_class)
{
    void *value;
    bool is_new;
    int32_t rc;

    rh_buf_reset(name);
    name_lane(shape, name);
    rc = name->rc ? name->rc
                  : FIND_OR_MAKE(&fair->lanes, rh_buf_str(name), struct fair_lane, &value, &is_new);
    if (rc)
        return rc;
    struct fair_lane *lane = value;
    *is_new_class = false;
    if (!is_new)
        goto out;
    rh_tree_init(&lane->buckets, fair_compare_buckets);
    rh_buf_reset(name);
    name_row(shape, name);
    rc = name->rc ? name->rc : hold_row(fair, shape, rh_buf_str(name), &lane->row);
    if (rc)
        goto out_lane;
    rh_buf_reset(name);
    name_class(shape, name);
    rc = name->rc ? name->rc : hold_class(fair, rh_buf_str(name), &lane->class_, is_new_class);
    if (rc) {
        drop_row(fair, lane->row);
        goto out_lane;
    }
out:
    lane->refs++;
    *out = lane;
    return RH_OK;
out_lane:
    rh_map_remove(&fair->lanes, lane->name);
    free(lane);
    return rc;
}

static void drop_lane(struct fair *fair, struct fair_lane *lane)
{
    if (--lane->refs > 0)
        return;
    assert(!rh_tree_contains(&lane->node));
    drop_row(fair, lane->row);
    drop_class(fair, lane->class_);
    rh_map_remove(&fair->lanes, lane->name);
    free(lane);
}

static int32_t new_bucket(struct fair *fair, const struct match_shape *shape, struct rh_buf *name,
                          struct fair_bucket **out, bool *is_new_class)
{
    size_t list_size = shape->requires.count * sizeof(struct rh_str);
    struct fair_bucket *bucket = calloc(1, sizeof(*bucket) + list_size + name->n);
    int32_t rc;

    if (!bucket)
        return RH_ENOMEM;
    struct rh_str *requires = (struct rh_str *)(void *)(bucket + 1);
    char *own = (char *)(bucket + 1) + list_size;
    memcpy(own, rh_buf_str(name).p, name->n);
    bucket->name = (struct rh_str){own, name->n};
    borrow_shape(&bucket->shape, bucket->name, requires);
    rh_tree_init(&bucket->pending, fair_compare_entries);

    rc = hold_lane(fair, shape, name, &bucket->lane, is_new_class);
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
                         struct fair_bucket **out, bool *is_new_class)
{
    struct fair_bucket *bucket;
    struct rh_buf name;
    int32_t rc;

    *is_new_class = false;
    rh_buf_init(&name, SHAPE_NAME_MAX);
    name_bucket(shape, &name);
    rc = name.rc;
    if (rc)
        goto out;
    bucket = rh_map_get(&fair->buckets, rh_buf_str(&name));
    if (!bucket)
        rc = new_bucket(fair, shape, &name, &bucket, is_new_class);
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
