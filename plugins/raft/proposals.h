/* Which proposal of the host stands at which place of the log, while its outcome is open. */
#ifndef RH_RAFT_PROPOSALS_H
#define RH_RAFT_PROPOSALS_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/errors.h>

/* Open at a time; more are refused until some are agreed on. */
#define RAFT_PROPOSALS_MAX 65536u

struct raft_proposal {
    uint64_t index, id;
};

/* In the order of their places; all of one leadership. Zeroed = empty. */
struct raft_proposals {
    struct raft_proposal *items; /* a ring */
    uint32_t first, count, cap;
};

void raft_proposals_release(struct raft_proposals *proposals);
/* Room for one more, so that the next add cannot fail. RH_OK, RH_EAGAIN, RH_ENOMEM. [any] */
int32_t raft_proposals_reserve(struct raft_proposals *proposals);
/* index is above all before. There is room. [any] */
void raft_proposals_add(struct raft_proposals *proposals, uint64_t index, uint64_t id);
/* The proposal at index, 0 = none here. Does not remove it. [any] */
uint64_t raft_proposals_at(const struct raft_proposals *proposals, uint64_t index);
/* Places up to index are decided. [any] */
void raft_proposals_pass(struct raft_proposals *proposals, uint64_t index);
/* Removes the oldest; false = none. [any] */
bool raft_proposals_pop(struct raft_proposals *proposals, uint64_t *id);

#endif
