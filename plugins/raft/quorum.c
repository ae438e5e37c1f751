/* What a majority of voters has, knows or supports. */
#include <assert.h>

#include "raft_state.h"

/* The greatest value that a majority of count has reached; 0 for none. Sorts values. */
static uint64_t reached(uint64_t *values, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        const uint64_t value = values[i];
        uint32_t place = i;

        for (; place > 0 && values[place - 1] < value; place--)
            values[place] = values[place - 1];
        values[place] = value;
    }
    return count > 0 ? values[count / 2] : 0;
}

/* This node counts what is on its own disk, and only while it is a voter. */
uint64_t raft_quorum_match(const struct raft *raft)
{
    uint64_t values[RAFT_MEMBERS_MAX];
    uint32_t count = 0;

    if (raft_votes(raft))
        values[count++] = raft->log.stable_index;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        if (raft->peers[i].is_voter)
            values[count++] = raft->peers[i].match;
    return reached(values, count);
}

uint64_t raft_quorum_round(const struct raft *raft)
{
    uint64_t values[RAFT_MEMBERS_MAX];
    uint32_t count = 0;

    if (raft_votes(raft))
        values[count++] = raft->round;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        if (raft->peers[i].is_voter)
            values[count++] = raft->peers[i].acked_round;
    return reached(values, count);
}

/* What the members in force have promised. */
static int64_t lease_of_members(const struct raft *raft, int64_t now_ms)
{
    uint64_t values[RAFT_MEMBERS_MAX];
    uint32_t count = 0;
    uint64_t sent;

    assert(now_ms >= 0);
    if (raft_votes(raft))
        values[count++] = (uint64_t)now_ms + 1;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        if (raft->peers[i].is_voter)
            values[count++] = (uint64_t)(raft->peers[i].acked_sent_ms + 1);
    sent = reached(values, count); /* one above the time, so that 0 is "never" */
    if (sent == 0)
        return RAFT_NEVER;
    return (int64_t)sent - 1 + RAFT_LEASE_HEARTBEATS * raft->cfg.heartbeat_ms;
}

/* Whoever is elected has the votes of most members, of those before a change or of those after it,
 * and one of these is in every majority of the others: so a promise of a majority before a change
 * lasts beyond it. The next change waits until a majority of the new members has answered. */
int64_t raft_lease_ms(const struct raft *raft, int64_t now_ms)
{
    const int64_t lease_ms = lease_of_members(raft, now_ms);

    return lease_ms > raft->lease_kept_ms ? lease_ms : raft->lease_kept_ms;
}

void raft_keep_lease(struct raft *raft)
{
    if (raft->role == RAFT_LEADER) /* it last looked at the clock when it sent heartbeats */
        raft->lease_kept_ms = raft_lease_ms(raft, raft->beat_at_ms - raft->cfg.heartbeat_ms);
}

/* A new leader has as long as an election takes to hear from a majority for the first time. */
int64_t raft_quit_ms(const struct raft *raft, int64_t now_ms)
{
    const int64_t lease_ms = raft_lease_ms(raft, now_ms);

    return lease_ms == RAFT_NEVER ? raft->lead_since_ms + raft_timeout_min_ms(raft) : lease_ms;
}

void raft_quorum_support(const struct raft *raft, int64_t now_ms, uint32_t *have, uint32_t *need)
{
    const int64_t since_ms = now_ms - RAFT_LEASE_HEARTBEATS * raft->cfg.heartbeat_ms;
    const bool leads = raft->role == RAFT_LEADER;

    *need = raft_members_voter_count(raft_newest(raft)) / 2 + 1;
    *have = raft_votes(raft) && raft->role != RAFT_FAILED;
    for (uint32_t i = 0; i < raft->peer_count; i++) {
        const struct raft_peer *peer = &raft->peers[i];
        const bool is_live = peer->acked_sent_ms >= 0 && peer->acked_sent_ms >= since_ms;

        *have += peer->is_voter && (leads ? is_live : peer->vote == RAFT_VOTE_YES);
    }
}
