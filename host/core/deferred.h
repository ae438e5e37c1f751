/* Work for a later turn of the loop: a bounded FIFO for the loop thread, and a lock-free inbox for
 * other threads. */
#ifndef RH_HOST_CORE_DEFERRED_H
#define RH_HOST_CORE_DEFERRED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define DEFERRED_MAX 65536u /* entries waiting on the loop; more is a wrong program */

typedef void (*deferred_fn)(void *arg);

struct deferred_entry {
    deferred_fn run;
    void *arg;
};

/* One message from another thread; allocated by the sender, freed after it ran. */
struct deferred_post {
    struct deferred_post *next;
    deferred_fn run;
    void *arg;
};

struct deferred {
    struct deferred_entry *ring;
    uint32_t head;
    uint32_t count;
    uint32_t capacity;
    _Atomic(struct deferred_post *) inbox; /* newest first */
};

void deferred_init(struct deferred *queue);
void deferred_release(struct deferred *queue);
/* Queue run(arg). RH_OK, RH_ENOMEM or RH_EAGAIN (DEFERRED_MAX). [loop] */
int32_t deferred_add(struct deferred *queue, deferred_fn run, void *arg);
/* The same from any thread; the caller wakes the loop. RH_OK or RH_ENOMEM. [any] */
int32_t deferred_post(struct deferred *queue, deferred_fn run, void *arg);
/* Run what was waiting at the time of the call (not what it adds). True when something is left.
 * [loop] */
bool deferred_run(struct deferred *queue);

#endif
