/* The timer heap; see timers.h. */
#include "host/core/timers.h"

#include <assert.h>

static struct timer *timer_of(struct rh_heap_node *node)
{
    return RH_CONTAINER_OF(node, struct timer, node);
}

static int timer_compare(const struct rh_heap_node *left, const struct rh_heap_node *right)
{
    const struct timer *a = (const struct timer *)(const void *)left;
    const struct timer *b = (const struct timer *)(const void *)right;

    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

_Static_assert(offsetof(struct timer, node) == 0, "timer_compare casts");

void timers_init(struct timers *timers)
{
    rh_heap_init(&timers->heap, timer_compare, TIMERS_MAX);
    timers->order = 0;
}

void timers_release(struct timers *timers)
{
    rh_heap_release(&timers->heap);
}

int32_t timers_start(struct timers *timers, struct timer *timer, int64_t at_ms,
                     void (*fire)(void *arg), void *arg)
{
    assert(fire);
    timers_stop(timers, timer);
    timer->at_ms = at_ms;
    timer->order = timers->order++;
    timer->fire = fire;
    timer->arg = arg;
    return rh_heap_push(&timers->heap, &timer->node);
}

void timers_stop(struct timers *timers, struct timer *timer)
{
    if (rh_heap_contains(&timer->node))
        rh_heap_remove(&timers->heap, &timer->node);
}

void timers_run(struct timers *timers, int64_t now_ms, uint32_t most)
{
    while (most-- > 0) {
        struct rh_heap_node *node = rh_heap_peek(&timers->heap);
        struct timer *timer = node ? timer_of(node) : NULL;

        if (!timer || timer->at_ms > now_ms)
            return;
        rh_heap_remove(&timers->heap, node);
        timer->fire(timer->arg);
    }
}

int64_t timers_next(const struct timers *timers)
{
    struct rh_heap_node *node = rh_heap_peek(&timers->heap);

    return node ? timer_of(node)->at_ms : INT64_MAX;
}
