/* A follower takes entries: the consistency check, conflicts, and an answer that promises exactly
 * what the request carried. */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

/* Where the leader should look next: the last entry here, at or before the place it asked for,
 * whose term is not above the one it has there. It skips whole terms (section 5.3, last paragraph).
 */
static void refuse(struct raft *raft, const struct raft_message *m)
{
    struct raft_message reply = raft_reply_to(raft, m, RAFT_NO);

    reply.hint_index = raft_log_find_term(&raft->log, m->index, m->index_term);
    reply.hint_term = raft_log_term(&raft->log, reply.hint_index);
    raft_send_after(raft, &reply, 0);
}

/* Entries of a leader's append follow one another and belong to no later term than its own. */
static bool is_sound(const struct raft_message *m)
{
    uint64_t term = m->index_term;
    struct raft_members members;

    for (uint32_t i = 0; i < m->entry_count; i++) {
        const struct raft_entry *entry = &m->entries[i];

        if (entry->index != m->index + 1 + i || entry->term < term || entry->term > m->term ||
            entry->kind > RAFT_ENTRY_MEMBERS || entry->data.n > UINT32_MAX ||
            (entry->kind == RAFT_ENTRY_MEMBERS &&
             raft_members_take(entry->data, &members) != RH_OK))
            return false;
        term = entry->term;
    }
    return true;
}

/* The first entry of the message that this log does not have; entry_count: it has all. Entries up
 * to the base were agreed on, so every leader has the same. */
static uint32_t first_new(const struct raft *raft, const struct raft_message *m)
{
    uint32_t i = 0;

    while (i < m->entry_count &&
           (m->entries[i].index <= raft->log.base_index ||
            raft_log_matches(&raft->log, m->entries[i].index, m->entries[i].term)))
        i++;
    return i;
}

static int32_t store(struct raft *raft, const struct raft_message *m)
{
    uint32_t i = first_new(raft, m);
    int32_t rc = RH_OK;

    if (i == m->entry_count)
        return RH_OK;
    if (m->entries[i].index <= raft->log.last_index) {
        if (m->entries[i].index <= raft->commit || m->entries[i].index <= raft->handed) {
            raft_fail(raft, "a leader contradicts an entry that was agreed on");
            return RH_EIO;
        }
        raft_cut(raft, m->entries[i].index);
    }
    for (; rc == RH_OK && i < m->entry_count; i++)
        rc = raft_add_entry(raft, &m->entries[i]);
    return rc;
}

int32_t raft_on_append(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const uint64_t last = m->index + m->entry_count;
    struct raft_message reply;
    int32_t rc;

    if (!is_sound(m))
        return RH_EINVAL;
    if (m->index >= raft->log.base_index &&
        !raft_log_matches(&raft->log, m->index, m->index_term)) {
        refuse(raft, m);
        return RH_OK;
    }
    if (last < raft->log.base_index) {
        reply = raft_reply_to(raft, m, RAFT_YES); /* all of it is part of the snapshot here */
        reply.match = last;
        raft_send_after(raft, &reply, 0);
        return RH_OK;
    }
    rc = store(raft, m);
    if (rc != RH_OK)
        return rc;
    raft_set_commit(raft, m->commit < last ? m->commit : last, now_ms);
    reply = raft_reply_to(raft, m, RAFT_YES);
    reply.match = last;
    raft_send_after(raft, &reply, last);
    return RH_OK;
}

/* The leader tells no more than what this node has acknowledged, whatever lies behind that here. */
void raft_on_beat(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const struct raft_message reply = raft_reply_to(raft, m, RAFT_YES);
    const uint64_t last = raft->log.last_index;

    if (m->commit >= raft->log.base_index)
        raft_set_commit(raft, m->commit < last ? m->commit : last, now_ms);
    raft_send_after(raft, &reply, 0);
}
