/* A leader's side: heartbeats, entries to each follower within a window, and agreement by counting
 * what is on disks. */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

/* A commit index that no append has told is told alone, at most so often in a heartbeat. */
#define TELLS_PER_HEARTBEAT 10
/* A follower that answers heartbeats sent so long after a probe has not got the probe. */
#define LOST_HEARTBEATS 2

void raft_lead(struct raft *raft, int64_t now_ms)
{
    const struct raft_entry first = {
        .index = raft->log.last_index + 1, .term = raft->hard.term, .kind = RAFT_ENTRY_EMPTY};

    raft_move(raft, RAFT_LEADER);
    raft_drop_incoming(raft);
    memcpy(raft->leader, raft->cfg.self, sizeof(raft->leader));
    raft->lead_since_ms = now_ms;
    raft->beat_at_ms = now_ms;
    raft->lease_kept_ms = RAFT_NEVER;
    raft->own_index = first.index;
    raft->uncommitted_bytes = 0;
    raft->wants_round = false;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        raft_peer_reset(&raft->peers[i], first.index);
    if (raft_add_entry(raft, &first) != RH_OK) {
        raft_follow(raft, "", now_ms); /* no memory to lead with */
        return;
    }
    raft_leader_tick(raft, now_ms);
}

void raft_leader_tick(struct raft *raft, int64_t now_ms)
{
    raft_transfer_tick(raft, now_ms);
    if (raft->role != RAFT_LEADER || now_ms < raft->beat_at_ms)
        return;
    raft->beat_at_ms = now_ms + raft->cfg.heartbeat_ms;
    raft->wants_round = true;
    raft_begin_round(raft, true);
}

struct raft_message raft_request(struct raft *raft, const struct raft_peer *peer, uint32_t kind,
                                 int64_t now_ms)
{
    struct raft_message m = {
        .kind = kind,
        .lineage = raft->base.lineage,
        .term = raft->hard.term,
        .commit = raft->commit,
        .seq = ++raft->seq,
        .round = raft->round,
        .sent_ms = now_ms,
    };

    memcpy(m.peer, peer->id, sizeof(m.peer));
    return m;
}

/* Whether the commit index has moved for this peer and nothing else will tell it soon. */
static bool is_tell_due(const struct raft *raft, const struct raft_peer *peer, int64_t now_ms)
{
    const uint64_t known = raft->commit < peer->match ? raft->commit : peer->match;

    return known > peer->commit_told && peer->flight_count == 0 &&
           now_ms >= peer->told_ms + raft->cfg.heartbeat_ms / TELLS_PER_HEARTBEAT;
}

bool raft_next_beat(struct raft *raft, int64_t now_ms, struct raft_message *out)
{
    for (uint32_t i = 0; i < raft->peer_count; i++) {
        struct raft_peer *peer = &raft->peers[i];

        if (!peer->is_beat_due && !is_tell_due(raft, peer, now_ms))
            continue;
        peer->is_beat_due = false;
        *out = raft_request(raft, peer, RAFT_MSG_BEAT, now_ms);
        if (out->commit > peer->match)
            out->commit = peer->match;
        peer->commit_told = out->commit;
        peer->told_ms = now_ms;
        return true;
    }
    return false;
}

/* How many entries from `next` fit, and their bytes: at least one, if it alone is within the
 * window. Data that is not in memory is counted by reading it. RH_OK or what storage said. */
static int32_t measure(const struct raft *raft, const struct raft_peer *peer, uint32_t *count,
                       uint64_t *bytes)
{
    const uint64_t room = raft->cfg.inflight_bytes_max > peer->flight_bytes
                              ? raft->cfg.inflight_bytes_max - peer->flight_bytes
                              : 0;
    const uint64_t most = room < raft->cfg.append_bytes_max ? room : raft->cfg.append_bytes_max;
    struct raft_entry entry;

    *count = 0;
    *bytes = 0;
    for (uint64_t index = peer->next;
         index <= raft->log.last_index && *count < raft->cfg.write_entries_max; index++) {
        const int32_t rc = raft_entry(raft, index, &entry);

        if (rc != RH_OK)
            return rc;
        if (*count > 0 ? *bytes + entry.data.n > most
                       : peer->flight_count > 0 && entry.data.n > room)
            return RH_OK;
        *bytes += entry.data.n;
        (*count)++;
    }
    return RH_OK;
}

static bool may_send(struct raft *raft, struct raft_peer *peer, int64_t now_ms)
{
    const int64_t patience_ms = raft_timeout_min_ms(raft);

    if (peer->state == RAFT_PEER_PROBE)
        return !peer->is_paused || now_ms >= peer->sent_ms + patience_ms;
    if (peer->flight_count > 0 &&
        now_ms >= peer->flights[peer->flight_first].sent_ms + patience_ms) {
        raft_peer_probe(peer); /* answers have been lost */
        peer->next = peer->match + 1;
        return true;
    }
    return peer->next <= raft->log.last_index &&
           raft_peer_has_room(peer, raft->cfg.inflight_max, raft->cfg.inflight_bytes_max);
}

static void note_sent(struct raft *raft, struct raft_peer *peer, const struct raft_message *m,
                      uint64_t bytes)
{
    const uint64_t last = m->index + m->entry_count;
    const struct raft_flight flight = {
        .seq = m->seq, .last = last, .bytes = bytes, .sent_ms = m->sent_ms};

    if (last > peer->sent_index)
        peer->sent_index = last;
    if (peer->commit_told < m->commit)
        peer->commit_told = m->commit < last ? m->commit : last;
    if (peer->state == RAFT_PEER_PROBE) {
        peer->is_paused = true;
        peer->probe_seq = m->seq;
        peer->sent_ms = m->sent_ms;
    } else {
        assert(raft->role == RAFT_LEADER);
        peer->next = last + 1;
        raft_peer_take_off(peer, &flight);
    }
}

bool raft_next_append(struct raft *raft, struct raft_peer *peer, int64_t now_ms,
                      struct raft_message *out)
{
    uint32_t count = 0;
    uint64_t bytes = 0;

    if (!may_send(raft, peer, now_ms))
        return false;
    assert(peer->next > peer->match && peer->next <= raft->log.last_index + 1);
    if (peer->next <= raft->log.base_index) {
        raft_begin_snapshot(raft, peer);
        return false;
    }
    if (measure(raft, peer, &count, &bytes) != RH_OK) {
        raft_cannot_read(raft);
        return false;
    }
    if (count == 0 && peer->state == RAFT_PEER_REPLICATE)
        return false;
    *out = raft_request(raft, peer, RAFT_MSG_APPEND, now_ms);
    out->index = peer->next - 1;
    out->index_term = raft_log_term(&raft->log, out->index);
    out->entry_count = count;
    note_sent(raft, peer, out, bytes);
    return true;
}

/* Counting alone makes only entries of the own term agreed on (section 5.4.2, Figure 8). */
void raft_advance_commit(struct raft *raft, int64_t now_ms)
{
    const uint64_t index = raft_quorum_match(raft);

    if (raft->role != RAFT_LEADER || index <= raft->commit ||
        raft_log_term(&raft->log, index) != raft->hard.term)
        return;
    raft_set_commit(raft, index, now_ms);
}

static struct raft_peer *peer_of(struct raft *raft, const struct raft_message *m)
{
    if (raft->role != RAFT_LEADER)
        return NULL;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        if (strcmp(raft->peers[i].id, m->peer) == 0)
            return &raft->peers[i];
    return NULL;
}

/* Any answer of this term tells that the follower supports this leader since the request was sent.
 */
static void hear_peer(struct raft_peer *peer, const struct raft_message *m, int64_t now_ms)
{
    if (m->sent_ms > peer->acked_sent_ms && m->sent_ms <= now_ms)
        peer->acked_sent_ms = m->sent_ms;
    if (m->round > peer->acked_round)
        peer->acked_round = m->round;
    peer->heard_ms = now_ms;
}

/* The follower's log differs before the place asked for. A refusal of what it has acknowledged, of
 * a request sent after that, means that its disk has forgotten. */
static void step_back(struct raft *raft, struct raft_peer *peer, const struct raft_message *m)
{
    uint64_t next;

    if (m->index <= peer->match) {
        if (m->seq <= peer->match_seq)
            return;
        peer->has_lost_data = true;
        peer->match = 0;
    } else if (peer->state == RAFT_PEER_PROBE && m->seq != peer->probe_seq) {
        return;
    }
    next = raft_log_find_term(&raft->log, m->hint_index, m->hint_term) + 1;
    if (m->hint_index < raft->log.base_index)
        next = raft->log.base_index; /* what it needs is no longer here */
    if (next > m->index)
        next = m->index > 0 ? m->index : 1;
    peer->next = next;
    raft_peer_probe(peer);
}

void raft_on_append_reply(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    struct raft_peer *peer = peer_of(raft, m);

    if (!peer)
        return;
    hear_peer(peer, m, now_ms);
    if (m->status == RAFT_NO && peer->state != RAFT_PEER_SNAPSHOT) {
        step_back(raft, peer, m);
        return;
    }
    if (m->status != RAFT_YES || m->match > peer->sent_index)
        return;
    raft_peer_land(peer, m->match);
    if (peer->state == RAFT_PEER_PROBE && (m->seq == peer->probe_seq || m->match > peer->match)) {
        peer->state = RAFT_PEER_REPLICATE;
        peer->is_paused = false;
        peer->next = m->match + 1;
    }
    if (raft_peer_raise(peer, m->match, raft->seq)) {
        raft_advance_commit(raft, now_ms);
        if (raft->role == RAFT_LEADER)
            raft_try_handover(raft, now_ms);
    }
    if (raft->role == RAFT_LEADER && peer->next <= peer->match)
        peer->next = peer->match + 1;
}

void raft_on_beat_reply(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    struct raft_peer *peer = peer_of(raft, m);

    if (!peer || m->status != RAFT_YES)
        return;
    hear_peer(peer, m, now_ms);
    /* It answers, so a probe that has had no answer for so long is lost. */
    if (peer->state == RAFT_PEER_PROBE && peer->is_paused &&
        m->sent_ms >= peer->sent_ms + LOST_HEARTBEATS * raft->cfg.heartbeat_ms)
        peer->is_paused = false;
}

void raft_unreachable(struct raft *raft, const char *id, uint32_t kind, int64_t now_ms)
{
    for (uint32_t i = 0; raft->role == RAFT_LEADER && i < raft->peer_count; i++) {
        struct raft_peer *peer = &raft->peers[i];

        if (strcmp(peer->id, id) != 0)
            continue;
        if (kind == RAFT_MSG_SNAPSHOT && peer->state == RAFT_PEER_SNAPSHOT) {
            peer->is_piece_out = false;
            peer->is_paused = true;
            peer->sent_ms = now_ms;
        } else if (kind == RAFT_MSG_APPEND && peer->state != RAFT_PEER_SNAPSHOT) {
            raft_peer_probe(peer);
            peer->next = peer->match + 1;
            peer->is_paused = true; /* until it answers a heartbeat sent from now on */
            peer->sent_ms = now_ms - LOST_HEARTBEATS * raft->cfg.heartbeat_ms;
        }
    }
}
