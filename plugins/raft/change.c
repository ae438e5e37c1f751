/* Changes of the members, one server at a time (thesis, chapter 4, with the erratum that a leader
 * must have an entry of its own term agreed on first). */
#include <string.h>

#include <ringhost/sdk/str.h>

#include "raft_state.h"

/* A learner that is promoted has all but the newest so many entries. */
#define PROMOTE_LAG_MAX   1024u
#define MEMBERS_BYTES_MAX 4096u

static int32_t check_learner(const struct raft *raft, const char *id)
{
    for (uint32_t i = 0; i < raft->peer_count; i++) {
        const struct raft_peer *peer = &raft->peers[i];

        if (strcmp(peer->id, id) == 0)
            return peer->state == RAFT_PEER_REPLICATE &&
                           peer->match + PROMOTE_LAG_MAX >= raft->commit
                       ? RH_OK
                       : RH_EAGAIN;
    }
    return RH_OK; /* members_change says what is wrong */
}

int32_t raft_propose_change(struct raft *raft, const struct raft_change *change, uint64_t *index)
{
    struct raft_members members;
    struct raft_entry entry = {
        .index = raft->log.last_index + 1, .term = raft->hard.term, .kind = RAFT_ENTRY_MEMBERS};
    struct rh_buf bytes;
    int32_t rc;

    if (raft->role != RAFT_LEADER)
        return RH_ENOTLEADER;
    rc = raft_members_change(raft_newest(raft), change, &members);
    if (rc != RH_OK)
        return rc;
    if (raft->transfer_to[0] || raft->commit < raft->own_index ||
        raft_newest(raft)->index > raft->commit)
        return RH_EAGAIN;
    if (change->kind == RAFT_PROMOTE)
        rc = check_learner(raft, change->id);
    if (rc != RH_OK)
        return rc;
    rh_buf_init(&bytes, MEMBERS_BYTES_MAX);
    raft_members_put(&bytes, &members);
    entry.data = rh_buf_str(&bytes);
    rc = bytes.rc;
    if (rc == RH_OK)
        rc = raft_add_entry(raft, &entry);
    if (rc == RH_OK) {
        raft->uncommitted_bytes += entry.data.n;
        *index = entry.index;
    }
    rh_buf_release(&bytes);
    return rc;
}

int32_t raft_propose(struct raft *raft, struct rh_str data, uint64_t *index)
{
    const struct raft_entry entry = {.index = raft->log.last_index + 1,
                                     .term = raft->hard.term,
                                     .kind = RAFT_ENTRY_DATA,
                                     .data = data};
    int32_t rc;

    if (raft->role != RAFT_LEADER)
        return RH_ENOTLEADER;
    if (raft->transfer_to[0] ||
        raft->log.last_index - raft->log.base_index >= RAFT_LOG_ENTRIES_MAX ||
        (raft->uncommitted_bytes > 0 &&
         raft->uncommitted_bytes + data.n > raft->cfg.uncommitted_bytes_max))
        return RH_EAGAIN;
    rc = raft_add_entry(raft, &entry);
    if (rc != RH_OK)
        return rc == RH_EFULL ? RH_EAGAIN : rc;
    raft->uncommitted_bytes += data.n;
    *index = entry.index;
    return RH_OK;
}
