/* Dependencies between items: what an add names, what activation finds, and what an end means for
 * those that wait. */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>

/* Items that are told of an end in one turn of the loop, and that end with it in one commit. */
#define DRAIN_TURN_MAX 1000u
#define DRAIN_CHUNK    128u
/* Edges between the items of one batch. */
#define EDGES_MAX (ADD_ITEMS_MAX * ITEM_DEPENDS_MAX)

static const struct add_fields *item_at(const struct add_fields *items, uint32_t stride, uint32_t i)
{
    const char *at = (const char *)items + (size_t)i * stride;

    return (const struct add_fields *)(const void *)at;
}

/* "#3" is the item at that place of the batch, "key:NAME" the one with that idempotency key. */
static bool read_index(struct rh_str text, uint64_t *index)
{
    return text.n > 1 && text.p[0] == '#' &&
           rh_parse_u64((struct rh_str){text.p + 1, text.n - 1}, index) == RH_OK;
}

static bool read_key(struct rh_str text, struct rh_str *key)
{
    static const char mark[] = "key:";
    const size_t n = sizeof(mark) - 1;

    if (text.n <= n || !rh_str_eq_c((struct rh_str){text.p, n}, mark))
        return false;
    *key = (struct rh_str){text.p + n, text.n - n};
    return true;
}

/* What an add brings. */
struct batch {
    const struct add_fields *items;
    uint32_t stride;
    uint32_t count;
};

/* A batch by idempotency key; values are indexes + 1. */
static int32_t index_keys(struct rh_map *keys, const struct add_fields *items, uint32_t stride,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct rh_str key = item_at(items, stride, i)->idempotency_key;
        int32_t rc = key.n == 0 || rh_map_get(keys, key)
                         ? RH_OK
                         : rh_map_put(keys, key, (void *)(uintptr_t)(i + 1), NULL);
        if (rc)
            return rc;
    }
    return RH_OK;
}

/* The place in the batch that a text means; count = none of it. */
static int32_t read_place(const struct rh_map *keys, struct rh_str text, uint32_t count,
                          uint32_t *place, struct add_refusal *why)
{
    struct rh_str key;
    uint64_t index;

    *place = count;
    if (read_key(text, &key)) {
        uintptr_t found = (uintptr_t)rh_map_get(keys, key);
        *place = found ? (uint32_t)(found - 1) : count;
    } else if (read_index(text, &index)) {
        if (index >= count)
            return wire_refuse_add(why, RH_EINVAL, "depends_on",
                                   "names \"%.*s\", which is no place of the batch",
                                   RH_STR_ARG(text));
        *place = (uint32_t)index;
    }
    return RH_OK;
}

/* Pairs (item, whom it waits for) of the batch. */
static int32_t collect_edges(const struct rh_map *keys, const struct batch *batch, uint32_t *edges,
                             uint32_t *edge_count, struct add_refusal *why)
{
    const uint32_t count = batch->count;

    for (uint32_t i = 0; i < count; i++) {
        const struct rh_str_list *texts = &item_at(batch->items, batch->stride, i)->depends_on;

        why->index = i;
        for (uint32_t k = 0; k < texts->count; k++) {
            uint32_t place;
            int32_t rc = read_place(keys, texts->items[k], count, &place, why);
            if (rc)
                return rc;
            if (place == count)
                continue;
            edges[2 * *edge_count] = i;
            edges[2 * *edge_count + 1] = place;
            ++*edge_count;
        }
    }
    return RH_OK;
}

int32_t wire_order(struct work_queue *self, const struct add_fields *items, uint32_t stride,
                   uint32_t count, uint32_t *order, struct add_refusal *why)
{
    const struct batch batch = {items, stride, count};
    bool is_plain = true;
    uint32_t *edges;
    uint32_t edge_count = 0;
    uint32_t cycle = 0;
    struct rh_map keys;
    int32_t rc;

    for (uint32_t i = 0; i < count; i++) {
        is_plain = is_plain && item_at(items, stride, i)->depends_on.count == 0;
        order[i] = i;
    }
    if (is_plain)
        return RH_OK;
    edges = malloc((2 * EDGES_MAX + ADD_ITEMS_MAX) * sizeof(*edges));
    rh_map_init(&keys, self->rh.core->random(self->rh.ctx), ADD_ITEMS_MAX);
    rc = edges ? index_keys(&keys, items, stride, count) : RH_ENOMEM;
    if (!rc)
        rc = collect_edges(&keys, &batch, edges, &edge_count, why);
    if (!rc &&
        depend_sort(edges, edge_count, count, order, edges + (size_t)2 * EDGES_MAX, &cycle)) {
        why->index = cycle;
        rc = wire_refuse_add(why, RH_EINVAL, "depends_on",
                             "lets item #%u wait for itself, by way of others or not",
                             (unsigned)cycle);
    }
    rh_map_release(&keys);
    free(edges);
    return rc;
}

static int32_t unknown(struct add_refusal *why, struct rh_str text)
{
    return wire_refuse_add(why, RH_EINVAL, "depends_on", "names no work item \"%.*s\"",
                           RH_STR_ARG(text));
}

/* The number of an item that is live or stored. */
static int32_t read_seq(struct work_queue *self, struct rh_str text, const uint64_t *seqs,
                        uint64_t *seq, struct add_refusal *why)
{
    struct item_status status;
    struct rh_str name;
    uint64_t index;
    int32_t rc = RH_OK;

    if (read_index(text, &index)) {
        *seq = seqs[index]; /* wire_order has seen it */
        return RH_OK;
    }
    if (read_key(text, &name)) {
        rc = store_get_keyed(self, name, seq, NULL);
        return rc == RH_ENOTFOUND ? unknown(why, text) : rc;
    }
    if (item_id_parse(text, seq))
        return unknown(why, text);
    if (queue_find(&self->queue, *seq))
        return RH_OK;
    rc = store_get_status(self, *seq, &status);
    return rc == RH_ENOTFOUND ? unknown(why, text) : rc;
}

int32_t wire_sort_depends(struct work_queue *self, struct depend_list *list)
{
    struct item_status status;

    list->live_count = 0;
    list->failed = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        uint64_t seq = list->all[i];
        if (queue_find(&self->queue, seq)) {
            list->live[list->live_count++] = seq;
            continue;
        }
        int32_t rc = store_get_status(self, seq, &status);
        if (rc == RH_ENOTFOUND)
            continue; /* Nothing is deleted while others are to be told that it failed. */
        if (rc)
            return rc;
        if (status.state != ITEM_DONE && list->failed == 0) {
            list->failed = seq;
            list->failed_state = status.state;
        }
    }
    return RH_OK;
}

int32_t wire_read_depends(struct work_queue *self, const struct rh_str_list *texts,
                          const uint64_t *seqs, struct depend_list *out, struct add_refusal *why)
{
    *out = (struct depend_list){.count = 0};
    for (uint32_t i = 0; i < texts->count; i++) {
        bool is_known = false;
        uint64_t seq = 0;
        int32_t rc = read_seq(self, texts->items[i], seqs, &seq, why);

        if (rc)
            return rc;
        for (uint32_t k = 0; k < out->count; k++)
            is_known = is_known || out->all[k] == seq;
        if (!is_known)
            out->all[out->count++] = seq;
    }
    int32_t rc = wire_sort_depends(self, out);
    if (!rc && out->failed > 0)
        rc = wire_refuse_add(why, RH_ECONFLICT, "depends_on",
                             "names work item \"w%llu\", which is %s",
                             (unsigned long long)out->failed, item_state_name(out->failed_state));
    return rc;
}

/* One that waits, or is to end because what it waits for has failed while nobody led. */
static int32_t restore_one(struct work_queue *self, struct item *item)
{
    struct depend_list list = {.count = 0};
    struct item_lists lists;
    struct item_spec spec;
    int32_t rc = store_get_spec(self, item->entry.seq, &spec, &lists);

    if (rc)
        return rc;
    list.count = spec.depend_count;
    for (uint32_t i = 0; i < list.count; i++)
        list.all[i] = lists.depends[i];
    rc = wire_sort_depends(self, &list);
    if (!rc && list.failed > 0)
        list.live[list.live_count++] = list.failed;
    if (!rc && list.live_count > 0)
        rc = queue_block(&self->queue, item, list.live, list.live_count);
    if (!rc && list.failed > 0)
        depend_over(&self->queue.depends, list.failed, list.failed_state, self->queue.commit);
    item->is_unresolved = false;
    return rc;
}

int32_t wire_restore_depends(struct work_queue *self, uint64_t first, uint64_t last)
{
    struct item *item = queue_next(&self->queue, first);
    int32_t rc = RH_OK;

    for (; item && item->entry.seq <= last && !rc;
         item = queue_next(&self->queue, item->entry.seq)) {
        if (item->is_unresolved)
            rc = restore_one(self, item);
    }
    return rc;
}

static void go_on(void *instance, void *user)
{
    struct work_queue *self = instance;

    if (!self->is_built || (uint64_t)(uintptr_t)user != self->generation)
        return;
    self->is_draining = false;
    wire_drain(self);
}

/* An item ends as the one did that it waited for. */
static void end_with(struct work_queue *self, struct item *item, uint64_t seq)
{
    char text[64];
    int n = snprintf(text, sizeof(text), "it depends on w%llu, which %s", (unsigned long long)seq,
                     item->state == ITEM_DEAD ? "is dead" : "was cancelled");

    store_put_finished(self, item, (struct rh_str){NULL, 0}, (struct rh_str){text, (size_t)n});
    queue_forget(&self->queue, item);
}

/* A commit's worth; false when nobody was left to be told. */
static bool drain_chunk(struct work_queue *self, uint32_t *left)
{
    struct item *item = NULL;
    uint32_t ended = 0;
    uint64_t seq;
    uint8_t to;

    store_begin(self);
    while (*left > 0 && ended < DRAIN_CHUNK &&
           (item = queue_settle_next(&self->queue, self->durable, wire_now(self), &seq, &to))) {
        --*left;
        if (item_state_is_live(to))
            continue;
        end_with(self, item, seq);
        ended++;
    }
    if (ended == 0)
        rh_batch_release(&self->batch);
    else if (store_commit(self, false))
        self->rh.core->reactivate(self->rh.ctx, "ends of dependent items could not be submitted");
    return item != NULL;
}

void wire_drain(struct work_queue *self)
{
    uint32_t left = DRAIN_TURN_MAX;

    if (self->is_draining || self->load_after != UINT64_MAX ||
        depends_are_told(&self->queue.depends))
        return;
    while (left > 0 && drain_chunk(self, &left)) {
    }
    if (left == 0)
        self->is_draining =
            self->rh.core->post(self->rh.ctx, go_on, (void *)(uintptr_t)self->generation) == RH_OK;
    wire_settle(self);
}
