/* The FIFO of later work; see deferred.h. */
#include "host/core/deferred.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

void deferred_init(struct deferred *queue)
{
    memset(queue, 0, sizeof *queue);
    atomic_init(&queue->inbox, NULL);
}

void deferred_release(struct deferred *queue)
{
    struct deferred_post *post = atomic_exchange(&queue->inbox, NULL);

    while (post) {
        struct deferred_post *next = post->next;

        free(post);
        post = next;
    }
    free(queue->ring);
    queue->ring = NULL;
    queue->count = 0;
    queue->capacity = 0;
}

static int32_t deferred_grow(struct deferred *queue)
{
    uint32_t capacity = queue->capacity ? queue->capacity * 2 : 64;
    struct deferred_entry *ring;

    if (capacity > DEFERRED_MAX)
        return RH_EAGAIN;
    ring = malloc(capacity * sizeof *ring);
    if (!ring)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < queue->count; i++)
        ring[i] = queue->ring[(queue->head + i) % queue->capacity];
    free(queue->ring);
    queue->ring = ring;
    queue->head = 0;
    queue->capacity = capacity;
    return RH_OK;
}

int32_t deferred_add(struct deferred *queue, deferred_fn run, void *arg)
{
    if (queue->count == queue->capacity) {
        int32_t rc = deferred_grow(queue);

        if (rc != RH_OK)
            return rc;
    }
    queue->ring[(queue->head + queue->count) % queue->capacity] = (struct deferred_entry){run, arg};
    queue->count++;
    return RH_OK;
}

int32_t deferred_post(struct deferred *queue, deferred_fn run, void *arg)
{
    struct deferred_post *post = malloc(sizeof *post);

    if (!post)
        return RH_ENOMEM;
    post->run = run;
    post->arg = arg;
    post->next = atomic_load(&queue->inbox);
    while (!atomic_compare_exchange_weak(&queue->inbox, &post->next, post))
        ;
    return RH_OK;
}

/* Run what other threads sent, oldest first. */
static void deferred_take_inbox(struct deferred *queue)
{
    struct deferred_post *newest = atomic_exchange(&queue->inbox, NULL);
    struct deferred_post *oldest = NULL;

    while (newest) {
        struct deferred_post *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct deferred_post *next = oldest->next;

        oldest->run(oldest->arg);
        free(oldest);
        oldest = next;
    }
}

bool deferred_run(struct deferred *queue)
{
    uint32_t left = queue->count; /* before the inbox: what its posts add waits for the next turn */

    deferred_take_inbox(queue);
    for (; left > 0; left--) {
        struct deferred_entry entry = queue->ring[queue->head];

        assert(queue->count > 0);
        queue->head = (queue->head + 1) % queue->capacity;
        queue->count--;
        entry.run(entry.arg);
    }
    return queue->count > 0;
}
