/* A follower that needs entries which are gone gets the state instead, in pieces that it may take
 * up again where they broke off. */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

/* A follower that has been silent for so many least election timeouts is not waited for: neither is
 * the log kept for it behind a snapshot, nor another snapshot made. */
#define SILENT_TIMEOUTS 8

static bool is_silent(const struct raft *raft, const struct raft_peer *peer, int64_t now_ms)
{
    return now_ms >= peer->heard_ms + SILENT_TIMEOUTS * raft_timeout_min_ms(raft);
}

/* A ready snapshot serves only while the entries behind it are still here. */
static bool is_fit(const struct raft *raft)
{
    return raft->outgoing.is_ready && raft->outgoing.index >= raft->log.base_index;
}

void raft_begin_snapshot(struct raft *raft, struct raft_peer *peer)
{
    raft_peer_probe(peer);
    peer->state = RAFT_PEER_SNAPSHOT;
    peer->snapshot_id = 0;
    peer->offset = 0;
    if (!is_fit(raft) && !raft->outgoing.is_making)
        raft->outgoing.is_wanted = true;
}

bool raft_snapshot_wanted(const struct raft *raft)
{
    return raft->outgoing.is_wanted && raft->role == RAFT_LEADER;
}

void raft_snapshot_making(struct raft *raft, uint64_t id)
{
    assert(id != 0);
    raft->outgoing = (struct raft_outgoing){.is_making = true, .id = id};
}

void raft_snapshot_ready(struct raft *raft, uint64_t id, int32_t rc, uint64_t index, uint64_t term,
                         uint64_t length)
{
    const struct raft_members *members = raft_members_at(raft, index);

    if (!raft->outgoing.is_making || raft->outgoing.id != id)
        return;
    raft->outgoing.is_making = false;
    /* Of another time, or its members are no longer known: another will be asked for. */
    if (rc != RH_OK || !members || index > raft->commit ||
        !raft_log_matches(&raft->log, index, term))
        return;
    raft->outgoing.is_ready = true;
    raft->outgoing.index = index;
    raft->outgoing.term = term;
    raft->outgoing.length = length;
    raft->outgoing.members = *members;
}

bool raft_snapshot_in_use(const struct raft *raft, uint64_t id)
{
    if (raft->role != RAFT_LEADER || raft->outgoing.id != id)
        return false;
    if (raft->outgoing.is_making)
        return true;
    for (uint32_t i = 0; is_fit(raft) && i < raft->peer_count; i++)
        if (raft->peers[i].state == RAFT_PEER_SNAPSHOT)
            return true;
    return false;
}

void raft_snapshot_dropped(struct raft *raft, uint64_t id)
{
    const bool is_wanted = raft->outgoing.is_wanted;

    if (raft->outgoing.id == id)
        raft->outgoing = (struct raft_outgoing){.is_wanted = is_wanted};
}

bool raft_next_piece(struct raft *raft, struct raft_peer *peer, int64_t now_ms,
                     struct raft_message *out)
{
    const struct raft_outgoing *outgoing = &raft->outgoing;
    uint64_t left;

    assert(peer->state == RAFT_PEER_SNAPSHOT);
    if (!is_fit(raft)) {
        if (!outgoing->is_making && !is_silent(raft, peer, now_ms))
            raft->outgoing.is_wanted = true;
        return false;
    }
    if (peer->snapshot_id != outgoing->id) {
        peer->snapshot_id = outgoing->id;
        peer->offset = 0;
        peer->is_piece_out = false;
        peer->is_paused = false;
    }
    if ((peer->is_piece_out && now_ms < peer->sent_ms + raft_timeout_min_ms(raft)) ||
        (peer->is_paused && now_ms < peer->sent_ms + raft->cfg.heartbeat_ms))
        return false;
    left = outgoing->length - peer->offset;
    *out = raft_request(raft, peer, RAFT_MSG_SNAPSHOT, now_ms);
    out->index = outgoing->index;
    out->index_term = outgoing->term;
    out->snapshot_id = outgoing->id;
    out->offset = peer->offset;
    out->length = outgoing->length;
    out->chunk_bytes = left < raft->cfg.chunk_bytes ? (uint32_t)left : raft->cfg.chunk_bytes;
    out->members = &outgoing->members;
    peer->is_piece_out = true;
    peer->is_paused = false;
    peer->sent_ms = now_ms;
    peer->probe_seq = out->seq;
    return true;
}

void raft_on_snapshot_reply(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    struct raft_peer *peer = NULL;
    bool is_same_place;

    for (uint32_t i = 0; raft->role == RAFT_LEADER && i < raft->peer_count; i++)
        if (strcmp(raft->peers[i].id, m->peer) == 0)
            peer = &raft->peers[i];
    if (!peer)
        return;
    peer->heard_ms = now_ms;
    if (peer->state != RAFT_PEER_SNAPSHOT || m->snapshot_id != raft->outgoing.id ||
        m->seq != peer->probe_seq)
        return;
    peer->is_piece_out = false;
    if (m->status == RAFT_YES && m->match <= raft->log.last_index) {
        if (m->match > peer->sent_index)
            peer->sent_index = m->match;
        (void)raft_peer_raise(peer, m->match, raft->seq); /* an older one is no news */
        raft_peer_probe(peer);
        return;
    }
    is_same_place = m->status != RAFT_MORE || m->want == peer->offset;
    peer->offset = m->status == RAFT_MORE && m->want <= raft->outgoing.length ? m->want : 0;
    peer->is_paused = is_same_place || peer->offset == raft->outgoing.length;
    peer->sent_ms = now_ms;
}

/* Whether someone who is there needs what comes behind the snapshot. */
static bool is_awaited(const struct raft *raft, int64_t now_ms)
{
    if (!raft_snapshot_in_use(raft, raft->outgoing.id))
        return false;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        if (raft->peers[i].state == RAFT_PEER_SNAPSHOT && !is_silent(raft, &raft->peers[i], now_ms))
            return true;
    return false;
}

void raft_compact(struct raft *raft, uint64_t index, int64_t now_ms)
{
    uint64_t to = index < raft->handed ? index : raft->handed;

    if (raft->role == RAFT_FAILED || raft->outgoing.is_making)
        return;
    if (to > raft->log.stable_index)
        to = raft->log.stable_index;
    if (to > raft->commit)
        to = raft->commit;
    if (is_awaited(raft, now_ms) && raft->outgoing.index < to)
        to = raft->outgoing.index;
    if (raft->log.last_index - to < raft->cfg.trailing_entries)
        to = raft->log.last_index > raft->cfg.trailing_entries
                 ? raft->log.last_index - raft->cfg.trailing_entries
                 : 0;
    if (to <= raft->log.base_index || !raft_members_at(raft, to))
        return;
    raft_history_compact(raft, to);
    raft_log_compact(&raft->log, to);
    raft->base.index = to;
    raft->base.term = raft->log.base_term;
    raft->base.members = raft->history[0];
    raft->delete_below = to + 1;
    /* Nobody was promised anything by it, so no answer waits for this write, which may be long: the
     * followers of a leader shorten their logs at one time, and their heartbeats go on. */
    raft->is_base_dirty = true;
}
