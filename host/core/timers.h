/* Timers on the core's clock: a heap of intrusive nodes. The body only promises to call core_turn
 * in time. */
#ifndef RH_HOST_CORE_TIMERS_H
#define RH_HOST_CORE_TIMERS_H

#include <stdint.h>

#include <ringhost/sdk/heap.h>

#define TIMERS_MAX 262144u

/* Embed it zeroed; it is unarmed then. */
struct timer {
    struct rh_heap_node node;
    int64_t at_ms;
    uint64_t order; /* equal times fire in the order they were armed */
    void (*fire)(void *arg);
    void *arg;
};

struct timers {
    struct rh_heap heap;
    uint64_t order;
};

void timers_init(struct timers *timers);
void timers_release(struct timers *timers);
/* Arm (or re-arm) a timer. RH_OK, RH_EFULL, RH_ENOMEM. */
int32_t timers_start(struct timers *timers, struct timer *timer, int64_t at_ms,
                     void (*fire)(void *arg), void *arg);
/* Disarm; fine when unarmed. */
void timers_stop(struct timers *timers, struct timer *timer);
/* Fire what is due at now_ms; a timer is unarmed before its fire runs. At most `most` of them. */
void timers_run(struct timers *timers, int64_t now_ms, uint32_t most);
/* When the next one is due; INT64_MAX = none. */
int64_t timers_next(const struct timers *timers);

#endif
