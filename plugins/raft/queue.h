/* Replies on their way out: those that may leave, and those that wait for the disk. Not the
 * requests of a leader, which are made when they are taken. */
#ifndef RH_RAFT_QUEUE_H
#define RH_RAFT_QUEUE_H

#include "raft.h"

/* A reply that may leave once the disk has hard states up to gen and entries up to index. */
struct raft_waiting {
    struct raft_message message;
    uint64_t gen, index;
};

struct raft_queue {
    struct raft_message *ready; /* a ring */
    uint32_t ready_first, ready_count, ready_cap;
    struct raft_waiting *waiting; /* in the order of their coming */
    uint32_t waiting_count, waiting_cap;
};

void raft_queue_release(struct raft_queue *queue);
/* Both copy. RH_OK, RH_EFULL, RH_ENOMEM: the message is lost, as any message may be. [any] */
int32_t raft_queue_send(struct raft_queue *queue, const struct raft_message *message);
int32_t raft_queue_wait(struct raft_queue *queue, const struct raft_message *message, uint64_t gen,
                        uint64_t index);
/* Moves what need not wait any longer. A reply to a request of a term below `term` is turned into
 * RAFT_STALE: what it would tell may have been overwritten since. [any] */
void raft_queue_wake(struct raft_queue *queue, uint64_t gen, uint64_t index, uint64_t term);
/* False: none. [any] */
bool raft_queue_next(struct raft_queue *queue, struct raft_message *out);

#endif
