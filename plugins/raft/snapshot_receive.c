/* Taking a snapshot: pieces in order, a durable note of what it will be, then into force. */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

void raft_drop_incoming(struct raft *raft)
{
    if (raft->incoming.state != RAFT_INCOMING_INSTALLS)
        memset(&raft->incoming, 0, sizeof(raft->incoming));
}

static void answer(struct raft *raft, const struct raft_message *m, uint32_t status, uint64_t want)
{
    struct raft_message reply = raft_reply_to(raft, m, status);

    reply.want = want;
    raft_send_after(raft, &reply, 0);
}

/* It has this already: by entries, or by an earlier snapshot. What a snapshot holds is agreed on.
 */
static bool has_it(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const bool is_in_log = raft_log_matches(&raft->log, m->index, m->index_term);
    struct raft_message reply;

    if (m->index > raft->commit && !is_in_log)
        return false;
    raft_set_commit(raft, m->index, now_ms);
    reply = raft_reply_to(raft, m, RAFT_YES);
    reply.match = m->index;
    raft_send_after(raft, &reply, m->index);
    return true;
}

static void begin(struct raft *raft, const struct raft_message *m)
{
    struct raft_incoming *in = &raft->incoming;

    memset(in, 0, sizeof(*in));
    in->state = RAFT_INCOMING_STORING;
    in->id = m->snapshot_id;
    in->length = m->length;
    in->base = (struct raft_base){.lineage = raft->base.lineage,
                                  .index = m->index,
                                  .term = m->index_term,
                                  .members = *m->members};
}

static bool is_sound(const struct raft_message *m)
{
    return m->snapshot_id != 0 && m->index > 0 && m->index_term > 0 && m->index_term <= m->term &&
           m->members && m->members->count > 0 && m->members->index <= m->index && m->length > 0 &&
           m->offset <= m->length && m->chunk.n <= m->length - m->offset;
}

void raft_on_snapshot(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    struct raft_incoming *in = &raft->incoming;

    in->has_chunk = false;
    if (!is_sound(m)) {
        answer(raft, m, RAFT_NO, 0);
        return;
    }
    if (in->state == RAFT_INCOMING_INSTALLS && in->id != m->snapshot_id) {
        answer(raft, m, RAFT_MORE, m->offset); /* later */
        return;
    }
    if (in->state != RAFT_INCOMING_INSTALLS && has_it(raft, m, now_ms))
        return;
    if (in->state == RAFT_INCOMING_NONE || in->id != m->snapshot_id || in->length != m->length)
        begin(raft, m);
    if (in->state > RAFT_INCOMING_STORING || m->offset != in->offset || m->chunk.n == 0) {
        answer(raft, m, RAFT_MORE, in->offset);
        return;
    }
    in->has_chunk = true;
    in->message = *m;
    in->message.entries = NULL;
    in->message.members = NULL;
    in->chunk = (struct raft_chunk){.id = in->id, .offset = in->offset, .data = m->chunk};
}

bool raft_next_chunk(struct raft *raft, struct raft_chunk *out)
{
    if (!raft->incoming.has_chunk)
        return false;
    raft->incoming.has_chunk = false;
    *out = raft->incoming.chunk;
    return true;
}

void raft_chunk_stored(struct raft *raft, int32_t rc)
{
    struct raft_incoming *in = &raft->incoming;

    assert(in->state == RAFT_INCOMING_STORING);
    if (rc != RH_OK) {
        const struct raft_message m = in->message;

        raft_drop_incoming(raft);
        answer(raft, &m, RAFT_NO, 0);
        return;
    }
    in->offset += in->chunk.data.n;
    answer(raft, &in->message, RAFT_MORE, in->offset);
    if (in->offset == in->length) {
        in->state = RAFT_INCOMING_NOTING;
        raft->is_incoming_dirty = true;
    }
}

void raft_incoming_noted(struct raft *raft)
{
    if (raft->incoming.state == RAFT_INCOMING_NOTING)
        raft->incoming.state = RAFT_INCOMING_DUE;
}

bool raft_next_install(struct raft *raft, struct raft_install *out)
{
    struct raft_incoming *in = &raft->incoming;

    if (raft->role == RAFT_FAILED || in->state != RAFT_INCOMING_DUE)
        return false;
    if (in->base.index <= raft->handed) {
        raft_drop_incoming(raft); /* overtaken by entries */
        return false;
    }
    in->state = RAFT_INCOMING_INSTALLS;
    *out = (struct raft_install){.id = in->id, .index = in->base.index, .term = in->base.term};
    return true;
}

void raft_installed(struct raft *raft, uint64_t id, int32_t rc, int64_t now_ms)
{
    const struct raft_incoming in = raft->incoming;

    if (in.state != RAFT_INCOMING_INSTALLS || in.id != id)
        return;
    memset(&raft->incoming, 0, sizeof(raft->incoming));
    if (rc != RH_OK || raft->role == RAFT_FAILED)
        return;
    if (!raft_log_matches(&raft->log, in.base.index, in.base.term)) {
        raft_restart_at(raft, &in.base);
        return;
    }
    raft_set_commit(raft, in.base.index, now_ms);
    if (raft->handed < in.base.index)
        raft->handed = in.base.index;
}
