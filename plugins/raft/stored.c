/* Records of the log and what goes with it; see stored.h. */
#include "stored.h"

#include <ringhost/sdk/str.h>

#include "bytes.h"

#define RECORD_VERSION 1u

void raft_put_hard(struct rh_buf *buf, const struct raft_hard *hard)
{
    raft_bytes_put_u8(buf, RECORD_VERSION);
    raft_bytes_put_u64(buf, hard->term);
    raft_bytes_put_str(buf, rh_str_from(hard->vote));
}

void raft_put_base(struct rh_buf *buf, const struct raft_base *base)
{
    raft_bytes_put_u8(buf, RECORD_VERSION);
    raft_bytes_put_u64(buf, base->lineage);
    raft_bytes_put_u64(buf, base->index);
    raft_bytes_put_u64(buf, base->term);
    raft_bytes_put_u64(buf, base->members.index);
    raft_members_put(buf, &base->members);
}

void raft_put_entry(struct rh_buf *buf, const struct raft_entry *entry)
{
    raft_bytes_put_u8(buf, RECORD_VERSION);
    raft_bytes_put_u64(buf, entry->term);
    raft_bytes_put_u8(buf, (uint8_t)entry->kind);
    (void)rh_buf_append_str(buf, entry->data); /* sticky */
}

static int32_t begin(struct raft_bytes_reader *reader)
{
    const uint8_t version = raft_bytes_u8(reader);

    if (reader->rc != RH_OK || version == 0)
        return RH_EINVAL;
    return version == RECORD_VERSION ? RH_OK : RH_EUNSUPPORTED;
}

int32_t raft_take_hard(struct rh_str bytes, struct raft_hard *out)
{
    struct raft_bytes_reader reader = raft_bytes_reader(bytes);
    struct raft_hard hard = {.term = 0};
    int32_t rc = begin(&reader);
    struct rh_str vote;

    if (rc != RH_OK)
        return rc;
    hard.term = raft_bytes_u64(&reader);
    vote = raft_bytes_str(&reader);
    rc = raft_bytes_end(&reader);
    if (rc == RH_OK)
        rc = rh_str_copy(hard.vote, sizeof(hard.vote), vote);
    if (rc == RH_OK)
        *out = hard;
    return rc;
}

int32_t raft_take_base(struct rh_str bytes, struct raft_base *out)
{
    struct raft_bytes_reader reader = raft_bytes_reader(bytes);
    struct raft_base base = {.lineage = 0};
    uint64_t members_index;
    int32_t rc = begin(&reader);

    if (rc != RH_OK)
        return rc;
    base.lineage = raft_bytes_u64(&reader);
    base.index = raft_bytes_u64(&reader);
    base.term = raft_bytes_u64(&reader);
    members_index = raft_bytes_u64(&reader);
    if (reader.rc != RH_OK)
        return reader.rc;
    rc = raft_members_take(reader.rest, &base.members);
    base.members.index = members_index;
    if (rc == RH_OK && members_index > base.index)
        rc = RH_EINVAL;
    if (rc == RH_OK)
        *out = base;
    return rc;
}

int32_t raft_take_entry(struct rh_str bytes, uint64_t index, struct raft_entry *out)
{
    struct raft_bytes_reader reader = raft_bytes_reader(bytes);
    struct raft_entry entry = {.index = index};
    int32_t rc = begin(&reader);

    if (rc != RH_OK)
        return rc;
    entry.term = raft_bytes_u64(&reader);
    entry.kind = raft_bytes_u8(&reader);
    entry.data = reader.rest;
    if (reader.rc != RH_OK || entry.term == 0 || entry.kind > RAFT_ENTRY_MEMBERS)
        return RH_EINVAL;
    *out = entry;
    return RH_OK;
}

uint32_t raft_settle(const struct raft_base *base, const struct raft_base *note, uint64_t note_term,
                     uint64_t applied_index, uint64_t applied_term)
{
    if (note && note->lineage == base->lineage && note->index > base->index &&
        note->index == applied_index && note->term == applied_term)
        return note_term == note->term ? RAFT_REBASED : RAFT_REPLACED;
    return applied_index < base->index ? RAFT_UNSOUND : RAFT_SETTLED;
}
