/* A queue of open proposals; see proposals.h. */
#include "proposals.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CAP_FIRST 64u

void raft_proposals_release(struct raft_proposals *proposals)
{
    free(proposals->items);
    memset(proposals, 0, sizeof(*proposals));
}

static struct raft_proposal *item(const struct raft_proposals *proposals, uint32_t i)
{
    return &proposals->items[(proposals->first + i) % proposals->cap];
}

int32_t raft_proposals_reserve(struct raft_proposals *proposals)
{
    const uint32_t cap = proposals->cap ? proposals->cap * 2 : CAP_FIRST;
    struct raft_proposal *items;

    if (proposals->count < proposals->cap)
        return RH_OK;
    if (proposals->count >= RAFT_PROPOSALS_MAX)
        return RH_EAGAIN;
    items = malloc(cap * sizeof(*items));
    if (!items)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < proposals->count; i++)
        items[i] = *item(proposals, i);
    free(proposals->items);
    proposals->items = items;
    proposals->first = 0;
    proposals->cap = cap;
    return RH_OK;
}

void raft_proposals_add(struct raft_proposals *proposals, uint64_t index, uint64_t id)
{
    assert(proposals->count < proposals->cap);
    assert(proposals->count == 0 || item(proposals, proposals->count - 1)->index < index);
    proposals->count++;
    *item(proposals, proposals->count - 1) = (struct raft_proposal){.index = index, .id = id};
}

uint64_t raft_proposals_at(const struct raft_proposals *proposals, uint64_t index)
{
    for (uint32_t i = 0; i < proposals->count && item(proposals, i)->index <= index; i++)
        if (item(proposals, i)->index == index)
            return item(proposals, i)->id;
    return 0;
}

void raft_proposals_pass(struct raft_proposals *proposals, uint64_t index)
{
    while (proposals->count > 0 && item(proposals, 0)->index <= index) {
        proposals->first = (proposals->first + 1) % proposals->cap;
        proposals->count--;
    }
}

bool raft_proposals_pop(struct raft_proposals *proposals, uint64_t *id)
{
    if (proposals->count == 0)
        return false;
    *id = item(proposals, 0)->id;
    proposals->first = (proposals->first + 1) % proposals->cap;
    proposals->count--;
    return true;
}
