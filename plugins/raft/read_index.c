/* Linearizable reads without an entry (thesis, section 6.4): a majority must answer a round of
 * heartbeats that began after the read came. */
#include <assert.h>

#include "raft_state.h"

int32_t raft_read_index(struct raft *raft, uint64_t id)
{
    if (raft->role != RAFT_LEADER)
        return RH_ENOTLEADER;
    if (raft->read_count + raft->refused_count >= RAFT_READS_MAX)
        return RH_EAGAIN;
    /* Before its first own entry is agreed on, a leader does not know what else is. */
    raft->reads[(raft->read_first + raft->read_count++) % RAFT_READS_MAX] =
        (struct raft_pending_read){
            .id = id,
            .index = raft->commit < raft->own_index ? raft->own_index : raft->commit,
            .round = raft->round + 1,
        };
    raft->wants_round = true;
    return RH_OK;
}

/* One round at a time, so that reads share them; a tick begins another though answers are missing.
 */
void raft_begin_round(struct raft *raft, bool is_tick)
{
    if (raft->role != RAFT_LEADER || !raft->wants_round ||
        (!is_tick && raft_quorum_round(raft) < raft->round))
        return;
    raft->wants_round = false;
    raft->round++;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        raft->peers[i].is_beat_due = true;
}

void raft_refuse_reads(struct raft *raft)
{
    for (uint32_t i = 0; i < raft->read_count; i++) {
        assert(raft->refused_count < RAFT_READS_MAX);
        raft->refused[raft->refused_count++] =
            raft->reads[(raft->read_first + i) % RAFT_READS_MAX].id;
    }
    raft->read_count = 0;
    raft->wants_round = false;
}

bool raft_next_read(struct raft *raft, struct raft_read *out)
{
    const struct raft_pending_read *read;

    if (raft->refused_count > 0) {
        *out = (struct raft_read){.id = raft->refused[--raft->refused_count], .rc = RH_ENOTLEADER};
        return true;
    }
    if (raft->role != RAFT_LEADER || raft->read_count == 0)
        return false;
    raft_begin_round(raft, false);
    /* Reads come in the order of their rounds and places, so the first is ready first. */
    read = &raft->reads[raft->read_first];
    if (read->round > raft_quorum_round(raft) || read->index > raft->handed)
        return false;
    *out = (struct raft_read){.id = read->id, .rc = RH_OK};
    raft->read_count--;
    raft->read_first = (raft->read_first + 1) % RAFT_READS_MAX;
    return true;
}
