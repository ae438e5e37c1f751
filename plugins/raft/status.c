/* What the core can tell of itself, and when it wants to be woken. */
#include <stddef.h>
#include <string.h>

#include "raft_state.h"

const char *raft_failure(const struct raft *raft)
{
    return raft->failure ? raft->failure : "";
}

bool raft_may_begin_again(const struct raft *raft)
{
    return raft->may_begin_again;
}

bool raft_is_virgin(const struct raft *raft)
{
    return raft->base.lineage <= RAFT_LINEAGE_FIRST && raft->base.index == 0 && !raft->has_data;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t leader_next_ms(const struct raft *raft, int64_t now_ms)
{
    int64_t next_ms = least(raft->beat_at_ms, raft_quit_ms(raft, now_ms));

    for (uint32_t i = 0; i < raft->peer_count; i++) {
        const struct raft_peer *peer = &raft->peers[i];

        if ((raft->commit < peer->match ? raft->commit : peer->match) > peer->commit_told &&
            peer->flight_count == 0)
            next_ms = least(next_ms, peer->told_ms + raft->cfg.heartbeat_ms / 10);
    }
    return next_ms;
}

int64_t raft_next_ms(const struct raft *raft, int64_t now_ms)
{
    switch (raft->role) {
    case RAFT_LEADER:
        return leader_next_ms(raft, now_ms);
    case RAFT_FOLLOWER:
        return raft->deadline_ms;
    case RAFT_FAILED:
        return INT64_MAX;
    default:
        return least(raft->deadline_ms, raft->resend_ms);
    }
}

static void peer_status(const struct raft_peer *peer, struct raft_peer_status *out)
{
    *out = (struct raft_peer_status){
        .is_voter = peer->is_voter,
        .has_lost_data = peer->has_lost_data,
        .state = peer->state,
        .inflight = peer->flight_count,
        .match = peer->match,
        .next = peer->next,
        .heard_ms = peer->heard_ms,
    };
    memcpy(out->id, peer->id, sizeof(out->id));
}

static int64_t expires(const struct raft *raft, int64_t now_ms)
{
    int64_t lease_ms;

    if (raft->role != RAFT_LEADER)
        return raft->leader[0] ? raft->heard_ms + 2 * raft_timeout_min_ms(raft) : 0;
    lease_ms = raft_lease_ms(raft, now_ms);
    return lease_ms == RAFT_NEVER ? 0 : lease_ms;
}

void raft_status(const struct raft *raft, int64_t now_ms, struct raft_status *out)
{
    memset(out, 0, offsetof(struct raft_status, peers)); /* asked for after every step */
    out->role = raft->role;
    out->is_member = raft_members_find(raft_newest(raft), raft->cfg.self) != NULL;
    out->is_voter = raft_votes(raft);
    out->is_transferring = raft->transfer_to[0] != '\0';
    out->was_told_removed = raft->was_told_removed;
    out->lineage = raft->base.lineage;
    out->term = raft->hard.term;
    out->commit = raft->commit;
    out->handed = raft->handed;
    out->base_index = raft->log.base_index;
    out->base_term = raft->log.base_term;
    out->last_index = raft->log.last_index;
    out->last_term = raft_log_term(&raft->log, raft->log.last_index);
    out->stable_index = raft->log.stable_index;
    out->uncommitted_bytes = raft->role == RAFT_LEADER ? raft->uncommitted_bytes : 0;
    memcpy(out->vote, raft->hard.vote, sizeof(out->vote));
    memcpy(out->leader, raft->leader, sizeof(out->leader));
    memcpy(out->other_data_from, raft->other_data_from, sizeof(out->other_data_from));
    out->other_lineage = raft->other_lineage;
    out->expires_ms = expires(raft, now_ms);
    raft_quorum_support(raft, now_ms, &out->votes_have, &out->votes_need);
    if (raft->role != RAFT_LEADER)
        return;
    out->peer_count = raft->peer_count;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        peer_status(&raft->peers[i], &out->peers[i]);
}
