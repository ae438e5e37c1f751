/* What is to be done, in the order in which it may be: messages, one write at a time, entries that
 * are agreed on. */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

/* What an entry takes of a write beside its data. Bytes. */
#define ENTRY_OVERHEAD 64u
/* Entries that are not handed out yet are kept in memory up to so many times held_bytes_max. */
#define UNHANDED_FACTOR 4u

static bool next_of_peer(struct raft *raft, struct raft_peer *peer, int64_t now_ms,
                         struct raft_message *out)
{
    if (peer->state != RAFT_PEER_SNAPSHOT && raft_next_append(raft, peer, now_ms, out))
        return true;
    return raft->role == RAFT_LEADER && peer->state == RAFT_PEER_SNAPSHOT &&
           raft_next_piece(raft, peer, now_ms, out);
}

/* Heartbeats come before entries; followers take turns. */
bool raft_next_message(struct raft *raft, int64_t now_ms, struct raft_message *out)
{
    if (raft->role == RAFT_FAILED)
        return false;
    raft_begin_round(raft, false);
    if (raft_queue_next(&raft->queue, out) || raft_next_vote(raft, out))
        return true;
    if (raft->role != RAFT_LEADER)
        return false;
    if (raft_next_beat(raft, now_ms, out))
        return true;
    for (uint32_t i = 0; raft->role == RAFT_LEADER && i < raft->peer_count; i++) {
        struct raft_peer *peer = &raft->peers[(raft->peer_turn + i) % raft->peer_count];

        if (next_of_peer(raft, peer, now_ms, out)) {
            raft->peer_turn = (raft->peer_turn + i + 1) % raft->peer_count;
            return true;
        }
    }
    return false;
}

int32_t raft_entry(const struct raft *raft, uint64_t index, struct raft_entry *out)
{
    int32_t rc;

    if (raft_log_held(&raft->log, index, out))
        return RH_OK;
    assert(index <= raft->log.stable_index);
    rc = raft->cfg.read(raft->cfg.read_user, index, out);
    if (rc == RH_OK && (out->index != index || out->term != raft_log_term(&raft->log, index)))
        return RH_EIO; /* storage gives something else than it was given */
    return rc;
}

/* Entries that fit one write. */
static uint32_t count_entries(const struct raft *raft)
{
    struct raft_entry entry;
    uint32_t count = 0;
    uint64_t bytes = 0;

    for (uint64_t index = raft->log.taken_index + 1;
         index <= raft->log.last_index && count < raft->cfg.write_entries_max; index++) {
        const bool is_held = raft_log_held(&raft->log, index, &entry);

        assert(is_held);
        if (count > 0 && bytes + entry.data.n + ENTRY_OVERHEAD > raft->cfg.write_bytes_max)
            break;
        bytes += entry.data.n + ENTRY_OVERHEAD;
        count++;
    }
    return count;
}

bool raft_next_write(struct raft *raft, struct raft_write *out)
{
    struct raft_writing *w = &raft->writing;

    if (raft->role == RAFT_FAILED || w->is_active ||
        (!raft->is_hard_dirty && !raft->is_base_dirty && !raft->is_incoming_dirty &&
         raft->truncate_from == 0 && raft->delete_below == 0 &&
         raft->log.taken_index == raft->log.last_index))
        return false;
    w->is_active = true;
    w->seq = ++raft->write_seq;
    w->gen = raft->gen;
    w->hard = raft->hard;
    w->base = raft->base;
    w->incoming = raft->incoming.base;
    w->has_incoming = raft->is_incoming_dirty;
    *out = (struct raft_write){
        .seq = w->seq,
        .hard = raft->is_hard_dirty ? &w->hard : NULL,
        .base = raft->is_base_dirty ? &w->base : NULL,
        .incoming = raft->is_incoming_dirty ? &w->incoming : NULL,
        .truncate_from = raft->truncate_from,
        .delete_below = raft->delete_below,
        .first = raft->log.taken_index + 1,
        .count = count_entries(raft),
    };
    raft->log.taken_index += out->count;
    w->last = raft->log.taken_index;
    raft->is_hard_dirty = false;
    raft->is_base_dirty = false;
    raft->is_incoming_dirty = false;
    raft->truncate_from = 0;
    raft->delete_below = 0;
    return true;
}

static void evict(struct raft *raft)
{
    const uint64_t max = raft->cfg.held_bytes_max;
    uint64_t to = raft->handed;

    if (raft->role == RAFT_LEADER || raft->log.held_bytes > UNHANDED_FACTOR * max)
        to = raft->role == RAFT_LEADER ? raft->commit : raft->log.stable_index;
    raft_log_evict(&raft->log, max, to);
}

void raft_written(struct raft *raft, uint64_t seq, int32_t rc, int64_t now_ms)
{
    struct raft_writing *w = &raft->writing;

    assert(w->is_active && w->seq == seq);
    w->is_active = false;
    if (raft->role == RAFT_FAILED)
        return;
    if (rc != RH_OK) {
        raft_fail(raft, "the log cannot be written");
        return;
    }
    raft->gen_durable = w->gen;
    if (w->last > raft->log.stable_index)
        raft->log.stable_index = w->last;
    assert(raft->log.stable_index <= raft->log.taken_index);
    if (w->has_incoming)
        raft_incoming_noted(raft);
    raft_queue_wake(&raft->queue, raft->gen_durable, raft->log.stable_index, raft->hard.term);
    evict(raft);
    raft_count_votes(raft, now_ms);
    raft_advance_commit(raft, now_ms);
}

bool raft_next_committed(struct raft *raft, struct raft_entry *out)
{
    const uint64_t agreed =
        raft->commit < raft->log.stable_index ? raft->commit : raft->log.stable_index;

    if (raft->role == RAFT_FAILED || raft->handed >= agreed ||
        raft->incoming.state == RAFT_INCOMING_INSTALLS)
        return false;
    if (raft_entry(raft, raft->handed + 1, out) == RH_OK)
        return true;
    raft_cannot_read(raft);
    return false;
}

void raft_handed(struct raft *raft)
{
    assert(raft->handed < raft->commit);
    raft->handed++;
}
