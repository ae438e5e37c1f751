/* Two lists of replies; see queue.h. */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

#define CAP_FIRST 16u

void raft_queue_release(struct raft_queue *queue)
{
    free(queue->ready);
    free(queue->waiting);
    memset(queue, 0, sizeof(*queue));
}

static int32_t grow_ready(struct raft_queue *queue)
{
    const uint32_t cap = queue->ready_cap ? queue->ready_cap * 2 : CAP_FIRST;
    struct raft_message *ready;

    if (queue->ready_count < queue->ready_cap)
        return RH_OK;
    if (queue->ready_count >= RAFT_MESSAGES_MAX)
        return RH_EFULL;
    ready = malloc(cap * sizeof(*ready));
    if (!ready)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < queue->ready_count; i++)
        ready[i] = queue->ready[(queue->ready_first + i) % queue->ready_cap];
    free(queue->ready);
    queue->ready = ready;
    queue->ready_first = 0;
    queue->ready_cap = cap;
    return RH_OK;
}

int32_t raft_queue_send(struct raft_queue *queue, const struct raft_message *message)
{
    const int32_t rc = grow_ready(queue);

    if (rc != RH_OK)
        return rc;
    queue->ready[(queue->ready_first + queue->ready_count++) % queue->ready_cap] = *message;
    return RH_OK;
}

int32_t raft_queue_wait(struct raft_queue *queue, const struct raft_message *message, uint64_t gen,
                        uint64_t index)
{
    if (queue->waiting_count == queue->waiting_cap) {
        const uint32_t cap = queue->waiting_cap ? queue->waiting_cap * 2 : CAP_FIRST;
        struct raft_waiting *waiting;

        if (queue->waiting_count >= RAFT_MESSAGES_MAX)
            return RH_EFULL;
        waiting = realloc(queue->waiting, cap * sizeof(*waiting));
        if (!waiting)
            return RH_ENOMEM;
        queue->waiting = waiting;
        queue->waiting_cap = cap;
    }
    queue->waiting[queue->waiting_count++] =
        (struct raft_waiting){.message = *message, .gen = gen, .index = index};
    return RH_OK;
}

void raft_queue_wake(struct raft_queue *queue, uint64_t gen, uint64_t index, uint64_t term)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < queue->waiting_count; i++) {
        struct raft_waiting *waiting = &queue->waiting[i];

        if (waiting->message.term < term) {
            waiting->message.status = RAFT_STALE;
            waiting->message.term = term;
            waiting->index = 0;
        }
        if (waiting->gen <= gen && waiting->index <= index)
            (void)raft_queue_send(queue, &waiting->message); /* or it is lost */
        else
            queue->waiting[kept++] = *waiting;
    }
    queue->waiting_count = kept;
}

bool raft_queue_next(struct raft_queue *queue, struct raft_message *out)
{
    if (queue->ready_count == 0)
        return false;
    *out = queue->ready[queue->ready_first];
    queue->ready_first = (queue->ready_first + 1) % queue->ready_cap;
    queue->ready_count--;
    return true;
}
