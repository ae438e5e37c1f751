/* The core's life, its role and term, and what changes with its log; see raft.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/edges.h>
#include <ringhost/sdk/str.h>

#include "raft_state.h"

static const struct rh_edge edges[] = {
    {RAFT_FOLLOWER, RAFT_PRE_CANDIDATE}, {RAFT_FOLLOWER, RAFT_CANDIDATE},
    {RAFT_PRE_CANDIDATE, RAFT_FOLLOWER}, {RAFT_PRE_CANDIDATE, RAFT_CANDIDATE},
    {RAFT_CANDIDATE, RAFT_FOLLOWER},     {RAFT_CANDIDATE, RAFT_PRE_CANDIDATE},
    {RAFT_CANDIDATE, RAFT_LEADER},       {RAFT_LEADER, RAFT_FOLLOWER},
    {RAFT_FOLLOWER, RAFT_FAILED},        {RAFT_PRE_CANDIDATE, RAFT_FAILED},
    {RAFT_CANDIDATE, RAFT_FAILED},       {RAFT_LEADER, RAFT_FAILED},
};

void raft_move(struct raft *raft, uint8_t role)
{
    if (role != raft->role)
        rh_state_move(&raft->role, edges, sizeof(edges) / sizeof(edges[0]), role);
}

static void check_config(const struct raft_config *config)
{
    assert(config->self[0]);
    assert(config->heartbeat_ms >= 1);
    assert(config->inflight_max >= 1 && config->inflight_max <= RAFT_INFLIGHT_MAX);
    assert(config->write_entries_max >= 1);
    assert(config->chunk_bytes >= 1);
    assert(config->read);
}

struct raft *raft_new(const struct raft_config *config, const struct raft_hard *hard,
                      const struct raft_base *base, uint64_t handed)
{
    struct raft *raft = calloc(1, sizeof(*raft));

    check_config(config);
    assert(handed >= base->index);
    if (!raft)
        return NULL;
    raft->cfg = *config;
    raft->hard = *hard;
    raft->base = *base;
    raft->handed = handed;
    raft->heard_ms = RAFT_NEVER;
    raft->hold_ms = RAFT_NEVER;
    raft->has_data = base->index > 0;
    rh_rng_seed(&raft->rng, config->seed);
    raft->seq = rh_rng_u64(&raft->rng) >> 16; /* answers to an earlier life do not fit this one */
    raft->round = 1;
    raft_log_reset(&raft->log, base->index, base->term);
    raft_history_reset(raft, &base->members);
    return raft;
}

int32_t raft_load(struct raft *raft, const struct raft_entry *entry)
{
    struct raft_members members;
    int32_t rc = RH_OK;

    assert(!raft->is_started);
    if (entry->index != raft->log.last_index + 1 ||
        entry->term < raft_log_term(&raft->log, raft->log.last_index) ||
        entry->term > raft->hard.term)
        return RH_EINVAL;
    if (entry->kind == RAFT_ENTRY_MEMBERS)
        rc = raft_members_take(entry->data, &members);
    if (rc == RH_OK)
        rc = raft_log_load(&raft->log, entry->index, entry->term);
    if (rc == RH_OK && entry->kind == RAFT_ENTRY_MEMBERS) {
        members.index = entry->index;
        raft_history_add(raft, &members);
    }
    if (rc == RH_OK && entry->kind == RAFT_ENTRY_DATA)
        raft->has_data = true;
    return rc;
}

void raft_rebase(struct raft *raft, bool replaces_log)
{
    assert(!raft->is_started);
    assert(!replaces_log || raft->log.last_index == raft->base.index);
    raft->delete_below = raft->base.index + 1;
    raft->truncate_from = replaces_log ? raft->base.index + 1 : 0;
    raft_mark_base(raft);
}

/* A node that has taken part before may have acknowledged a leader just before it went down, and
 * that leader's lease must hold: it refuses votes as if it had heard that leader now. */
void raft_start(struct raft *raft, int64_t now_ms)
{
    const bool is_first = raft->hard.term == 0 && raft->log.last_index == raft->base.index;

    assert(!raft->is_started);
    raft->is_started = true;
    raft->commit = raft->handed < raft->log.last_index ? raft->handed : raft->log.last_index;
    raft_refresh_peers(raft);
    raft_draw_deadline(raft, now_ms);
    if (is_first)
        raft->deadline_ms =
            now_ms + (int64_t)rh_rng_below(&raft->rng, (uint64_t)raft_timeout_min_ms(raft));
    else
        raft->heard_ms = now_ms;
}

void raft_free(struct raft *raft)
{
    if (!raft)
        return;
    raft_log_release(&raft->log);
    raft_queue_release(&raft->queue);
    free(raft);
}

void raft_raise_floor(struct raft *raft, uint64_t floor, int64_t now_ms)
{
    if (floor <= raft->hard.term || raft->role == RAFT_FAILED)
        return;
    raft_enter_term(raft, floor);
    raft_follow(raft, "", now_ms);
}

bool raft_votes(const struct raft *raft)
{
    return raft_members_is_voter(raft_newest(raft), raft->cfg.self);
}

int64_t raft_timeout_min_ms(const struct raft *raft)
{
    return RAFT_TIMEOUT_HEARTBEATS * raft->cfg.heartbeat_ms;
}

void raft_draw_deadline(struct raft *raft, int64_t now_ms)
{
    const int64_t least_ms = raft_timeout_min_ms(raft);

    raft->deadline_ms = now_ms + least_ms + (int64_t)rh_rng_below(&raft->rng, (uint64_t)least_ms);
    if (raft->deadline_ms < raft->hold_ms)
        raft->deadline_ms = raft->hold_ms;
    raft->was_late = false;
}

void raft_fail(struct raft *raft, const char *why)
{
    if (raft->role == RAFT_FAILED)
        return;
    raft_refuse_reads(raft);
    raft->failure = why;
    raft->leader[0] = '\0';
    raft->transfer_to[0] = '\0';
    raft_move(raft, RAFT_FAILED);
}

void raft_cannot_read(struct raft *raft)
{
    raft->may_begin_again = true; /* what is on the disk is as it was */
    raft_fail(raft, "an entry of the log cannot be read");
}

void raft_mark_hard(struct raft *raft)
{
    raft->gen++;
    raft->is_hard_dirty = true;
}

void raft_mark_base(struct raft *raft)
{
    raft->gen++;
    raft->is_base_dirty = true;
}

void raft_enter_term(struct raft *raft, uint64_t term)
{
    assert(term > raft->hard.term);
    raft->hard.term = term;
    memset(raft->hard.vote, 0, sizeof(raft->hard.vote));
    raft->leader[0] = '\0';
    raft_mark_hard(raft);
}

void raft_follow(struct raft *raft, const char *leader, int64_t now_ms)
{
    if (raft->role == RAFT_FAILED)
        return;
    if (raft->role == RAFT_LEADER)
        raft_refuse_reads(raft);
    raft_move(raft, RAFT_FOLLOWER);
    raft->transfer_to[0] = '\0';
    raft->outgoing.is_wanted = false;
    for (uint32_t i = 0; i < raft->peer_count; i++)
        raft_peer_reset(&raft->peers[i], 1);
    if (leader != raft->leader)
        memcpy(raft->leader, leader, strlen(leader) + 1);
    raft_draw_deadline(raft, now_ms);
}

struct raft_message raft_reply_to(const struct raft *raft, const struct raft_message *request,
                                  uint32_t status)
{
    struct raft_message reply = {
        .kind = RAFT_MSG_REPLY(request->kind),
        .flags = request->flags,
        .ticket = request->ticket,
        .lineage = raft->base.lineage,
        .term = raft->hard.term,
        .index = request->index,
        .seq = request->seq,
        .round = request->round,
        .sent_ms = request->sent_ms,
        .snapshot_id = request->snapshot_id,
        .status = status,
    };

    assert(!RAFT_MSG_IS_REPLY(request->kind));
    memcpy(reply.peer, request->peer, sizeof(reply.peer));
    return reply;
}

void raft_send_after(struct raft *raft, const struct raft_message *reply, uint64_t index)
{
    if (raft->gen_durable == raft->gen && raft->log.stable_index >= index)
        (void)raft_queue_send(&raft->queue, reply); /* or it is lost, as any message may be */
    else
        (void)raft_queue_wait(&raft->queue, reply, raft->gen, index);
}

int32_t raft_add_entry(struct raft *raft, const struct raft_entry *entry)
{
    struct raft_members members;
    int32_t rc = RH_OK;

    if (entry->kind == RAFT_ENTRY_MEMBERS)
        rc = raft_members_take(entry->data, &members);
    if (rc == RH_OK)
        rc = raft_log_append(&raft->log, entry);
    if (rc != RH_OK)
        return rc;
    if (entry->kind == RAFT_ENTRY_MEMBERS) {
        members.index = entry->index;
        raft_keep_lease(raft);
        raft_history_add(raft, &members);
        raft_refresh_peers(raft);
    }
    if (entry->kind == RAFT_ENTRY_DATA)
        raft->has_data = true;
    return RH_OK;
}

void raft_cut(struct raft *raft, uint64_t index)
{
    assert(index > raft->commit);
    assert(index > raft->handed);
    if (raft_log_truncate(&raft->log, index) &&
        (raft->truncate_from == 0 || index < raft->truncate_from))
        raft->truncate_from = index;
    if (raft->writing.is_active && raft->writing.last >= index)
        raft->writing.last = index - 1;
    raft_history_cut(raft, index);
    raft_refresh_peers(raft);
}

void raft_restart_at(struct raft *raft, const struct raft_base *base)
{
    raft_log_reset(&raft->log, base->index, base->term);
    raft->base = *base;
    raft->truncate_from = base->index + 1;
    raft->delete_below = base->index + 1;
    raft->writing.last = 0;
    raft->commit = base->index;
    if (raft->handed < base->index)
        raft->handed = base->index;
    if (base->index > 0)
        raft->has_data = true;
    raft_history_reset(raft, &base->members);
    raft_refresh_peers(raft);
    raft_mark_base(raft);
}

/* Bytes of proposals that are agreed on count no longer. */
static void settle_bytes(struct raft *raft, uint64_t from, uint64_t to)
{
    struct raft_entry entry;

    for (uint64_t index = from; index <= to; index++) {
        if (index < raft->own_index)
            continue;
        if (raft_log_held(&raft->log, index, &entry)) {
            assert(raft->uncommitted_bytes >= entry.data.n);
            raft->uncommitted_bytes -= entry.data.n;
        }
    }
}

void raft_set_commit(struct raft *raft, uint64_t index, int64_t now_ms)
{
    const uint64_t old = raft->commit;
    bool is_changed = false;

    assert(index <= raft->log.last_index);
    if (index <= old)
        return;
    raft->commit = index;
    if (raft->role != RAFT_LEADER)
        return;
    settle_bytes(raft, old + 1, index);
    for (uint32_t i = 0; i < raft->history_count; i++)
        is_changed |= raft->history[i].index > old && raft->history[i].index <= index;
    if (is_changed && !raft_votes(raft))
        raft_step_down(raft, 0, now_ms); /* thesis, section 4.2.2 */
}
