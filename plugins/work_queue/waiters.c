/* A linked line for the order, a heap for the deadlines, a map for callers that go away. */
#include "waiters.h"

#include <assert.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

static struct waiter *waiter_of(const struct rh_heap_node *node)
{
    return RH_CONTAINER_OF(node, struct waiter, node);
}

static int compare(const struct rh_heap_node *a, const struct rh_heap_node *b)
{
    const struct waiter *x = waiter_of(a);
    const struct waiter *y = waiter_of(b);

    if (x->until_ms != y->until_ms)
        return x->until_ms < y->until_ms ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

void waiters_init(struct waiters *waiters, uint64_t seed)
{
    *waiters = (struct waiters){.first = NULL};
    rh_heap_init(&waiters->deadlines, compare, WAITERS_MAX);
    rh_map64_init(&waiters->by_id, seed, WAITERS_MAX);
}

void waiters_release(struct waiters *waiters)
{
    while (waiters->first)
        waiters_leave(waiters, waiters->first);
    rh_heap_release(&waiters->deadlines);
    rh_map64_release(&waiters->by_id);
}

int32_t waiters_park(struct waiters *waiters, uint64_t id, const struct match_claim *claim,
                     uint32_t max_items, int64_t until_ms)
{
    struct waiter *waiter = calloc(1, sizeof(*waiter));
    int32_t rc = waiter ? RH_OK : RH_ENOMEM;

    assert(id != 0);
    if (rc)
        goto out;
    waiter->id = id;
    waiter->claim = *claim;
    waiter->max_items = max_items;
    waiter->until_ms = until_ms;
    rc = rh_map64_put(&waiters->by_id, id, waiter, NULL);
    if (rc)
        goto out;
    rc = rh_heap_push(&waiters->deadlines, &waiter->node);
    if (rc) {
        rh_map64_remove(&waiters->by_id, id);
        goto out;
    }
    waiter->prev = waiters->last;
    if (waiters->last)
        waiters->last->next = waiter;
    else
        waiters->first = waiter;
    waiters->last = waiter;
out:
    if (rc)
        free(waiter);
    return rc;
}

struct waiter *waiters_find(const struct waiters *waiters, uint64_t id)
{
    return rh_map64_get(&waiters->by_id, id);
}

struct waiter *waiters_older(const struct waiters *waiters, struct rh_str node_id, uint64_t poll)
{
    for (struct waiter *waiter = waiters->first; waiter; waiter = waiter->next) {
        if (waiter->claim.poll > 0 && waiter->claim.poll < poll &&
            rh_str_eq(waiter->claim.node_id, node_id))
            return waiter;
    }
    return NULL;
}

void waiters_leave(struct waiters *waiters, struct waiter *waiter)
{
    if (waiter->prev)
        waiter->prev->next = waiter->next;
    else
        waiters->first = waiter->next;
    if (waiter->next)
        waiter->next->prev = waiter->prev;
    else
        waiters->last = waiter->prev;
    rh_heap_remove(&waiters->deadlines, &waiter->node);
    rh_map64_remove(&waiters->by_id, waiter->id);
    free(waiter);
}

struct waiter *waiters_match(const struct waiters *waiters, const struct match_shape *shape,
                             waiters_allow *allow, const void *ctx)
{
    for (struct waiter *waiter = waiters->first; waiter; waiter = waiter->next) {
        if (match_check(&waiter->claim, shape) == MATCH_OK && allow(ctx, waiter))
            return waiter;
    }
    return NULL;
}

struct waiter *waiters_first_deadline(const struct waiters *waiters)
{
    struct rh_heap_node *node = rh_heap_peek(&waiters->deadlines);

    return node ? waiter_of(node) : NULL;
}

uint32_t waiters_count(const struct waiters *waiters)
{
    return rh_map64_count(&waiters->by_id);
}
