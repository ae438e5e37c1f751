/* Members as the log tells them: what holds now, what held before, and the table of peers that
 * follows it. */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

void raft_history_reset(struct raft *raft, const struct raft_members *members)
{
    raft->history[0] = *members;
    raft->history_count = 1;
    raft->gap_from = 0;
    raft->gap_to = 0;
}

const struct raft_members *raft_newest(const struct raft *raft)
{
    assert(raft->history_count > 0);
    return &raft->history[raft->history_count - 1];
}

const struct raft_members *raft_members(const struct raft *raft)
{
    return raft_newest(raft);
}

/* When the table is full the oldest behind the base goes; compaction then leaves its range out. */
void raft_history_add(struct raft *raft, const struct raft_members *members)
{
    assert(members->index > raft_newest(raft)->index);
    if (raft->history_count == RAFT_HISTORY_MAX) {
        if (raft->gap_from == raft->gap_to)
            raft->gap_from = raft->history[1].index;
        raft->gap_to = raft->history[2].index;
        memmove(&raft->history[1], &raft->history[2],
                (RAFT_HISTORY_MAX - 2) * sizeof(raft->history[0]));
        raft->history_count--;
    }
    raft->history[raft->history_count++] = *members;
}

void raft_history_cut(struct raft *raft, uint64_t index)
{
    while (raft->history_count > 1 && raft_newest(raft)->index >= index)
        raft->history_count--;
}

const struct raft_members *raft_members_at(const struct raft *raft, uint64_t index)
{
    uint32_t i = raft->history_count - 1;

    if (index < raft->base.index || (index >= raft->gap_from && index < raft->gap_to))
        return NULL;
    while (i > 0 && raft->history[i].index > index)
        i--;
    return &raft->history[i];
}

void raft_history_compact(struct raft *raft, uint64_t index)
{
    uint32_t gone = 0;

    assert(raft_members_at(raft, index));
    while (gone + 1 < raft->history_count && raft->history[gone + 1].index <= index)
        gone++;
    raft->history_count -= gone;
    memmove(raft->history, raft->history + gone, raft->history_count * sizeof(raft->history[0]));
    if (raft->gap_to <= index) {
        raft->gap_from = 0;
        raft->gap_to = 0;
    }
}

static const struct raft_peer *find_peer(const struct raft_peer *peers, uint32_t count,
                                         const char *id)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(peers[i].id, id) == 0)
            return &peers[i];
    return NULL;
}

void raft_refresh_peers(struct raft *raft)
{
    const struct raft_members *members = raft_newest(raft);
    struct raft_peer old[RAFT_MEMBERS_MAX];
    const uint32_t old_count = raft->peer_count;

    memcpy(old, raft->peers, old_count * sizeof(old[0]));
    raft->peer_count = 0;
    for (uint32_t i = 0; i < members->count; i++) {
        const struct raft_peer *known = find_peer(old, old_count, members->list[i].id);
        struct raft_peer *peer = &raft->peers[raft->peer_count];

        if (strcmp(members->list[i].id, raft->cfg.self) == 0)
            continue;
        if (known) {
            *peer = *known;
        } else {
            memcpy(peer->id, members->list[i].id, sizeof(peer->id));
            raft_peer_reset(peer, raft->log.last_index + 1);
            peer->is_beat_due = raft->role == RAFT_LEADER;
        }
        peer->is_voter = members->list[i].is_voter;
        raft->peer_count++;
    }
}
