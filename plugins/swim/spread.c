/* The queue of news; see spread.h. */
#include "spread.h"

#include <assert.h>

static int compare(const struct rh_heap_node *a, const struct rh_heap_node *b)
{
    const struct spread_item *left = RH_CONTAINER_OF(a, const struct spread_item, node);
    const struct spread_item *right = RH_CONTAINER_OF(b, const struct spread_item, node);

    if (left->is_urgent != right->is_urgent)
        return left->is_urgent ? -1 : 1;
    if (left->sent != right->sent)
        return left->sent < right->sent ? -1 : 1;
    if (left->order != right->order)
        return left->order > right->order ? -1 : 1;
    return 0;
}

void spread_init(struct spread *spread)
{
    rh_heap_init(&spread->heap, compare, SPREAD_ITEMS_MAX);
    spread->order = 0;
}

void spread_release(struct spread *spread)
{
    rh_heap_release(&spread->heap);
}

int32_t spread_add(struct spread *spread, struct spread_item *item, bool is_urgent)
{
    item->sent = 0;
    item->order = ++spread->order;
    if (!rh_heap_contains(&item->node)) {
        item->is_urgent = is_urgent;
        return rh_heap_push(&spread->heap, &item->node);
    }
    item->is_urgent = item->is_urgent || is_urgent;
    rh_heap_update(&spread->heap, &item->node);
    return RH_OK;
}

void spread_drop(struct spread *spread, struct spread_item *item)
{
    if (rh_heap_contains(&item->node))
        rh_heap_remove(&spread->heap, &item->node);
}

bool spread_has(const struct spread_item *item)
{
    return rh_heap_contains(&item->node);
}

uint32_t spread_count(const struct spread *spread)
{
    return spread->heap.count;
}

uint32_t spread_take(struct spread *spread, uint32_t limit, struct spread_item **out, uint32_t max)
{
    uint32_t count = 0;

    while (count < max) {
        struct rh_heap_node *node = rh_heap_pop(&spread->heap);

        if (!node)
            break;
        out[count++] = RH_CONTAINER_OF(node, struct spread_item, node);
    }
    for (uint32_t i = 0; i < count; i++) {
        int32_t rc;

        if (++out[i]->sent >= limit)
            continue;
        rc = rh_heap_push(&spread->heap, &out[i]->node);
        assert(rc == RH_OK); /* there was room for it before */
        (void)rc;
    }
    return count;
}
