/* Binary requests with a checksum behind them; see codec.h. */
#include "codec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>

#include "bytes.h"

#define BODY_MAGIC     UINT32_C(0x31465252) /* "RRF1" */
#define CHECKSUM_BYTES 8u
/* An entry without data: term, kind, length. */
#define ENTRY_BYTES_MIN   13u
#define MEMBERS_BYTES_MAX 4096u

static int32_t put_entries(struct rh_buf *buf, const struct raft_message *m,
                           const struct raft *raft)
{
    raft_bytes_put_u32(buf, m->entry_count);
    for (uint32_t i = 0; i < m->entry_count; i++) {
        struct raft_entry entry;
        const int32_t rc = raft_entry(raft, m->index + 1 + i, &entry);

        if (rc != RH_OK)
            return rc;
        raft_bytes_put_u64(buf, entry.term);
        raft_bytes_put_u8(buf, (uint8_t)entry.kind);
        raft_bytes_put_str(buf, entry.data);
    }
    return RH_OK;
}

static void put_piece(struct rh_buf *buf, const struct raft_message *m, struct rh_str chunk)
{
    struct rh_buf members;

    rh_buf_init(&members, MEMBERS_BYTES_MAX);
    raft_members_put(&members, m->members);
    raft_bytes_put_u64(buf, m->snapshot_id);
    raft_bytes_put_u64(buf, m->offset);
    raft_bytes_put_u64(buf, m->length);
    raft_bytes_put_u64(buf, m->members->index);
    if (members.rc != RH_OK)
        buf->rc = members.rc;
    raft_bytes_put_str(buf, rh_buf_str(&members));
    raft_bytes_put_str(buf, chunk);
    rh_buf_release(&members);
}

int32_t raft_encode(struct rh_buf *buf, const struct raft_message *m, const char *from,
                    const struct raft *raft, struct rh_str chunk)
{
    int32_t rc = RH_OK;

    assert(buf->n == 0);
    raft_bytes_put_u32(buf, BODY_MAGIC);
    raft_bytes_put_u8(buf, (uint8_t)m->kind);
    raft_bytes_put_u64(buf, m->lineage);
    raft_bytes_put_u64(buf, m->term);
    raft_bytes_put_u64(buf, m->index);
    raft_bytes_put_u64(buf, m->index_term);
    raft_bytes_put_u64(buf, m->commit);
    raft_bytes_put_str(buf, rh_str_from(from));
    if (m->kind == RAFT_MSG_APPEND)
        rc = put_entries(buf, m, raft);
    else if (m->kind == RAFT_MSG_SNAPSHOT)
        put_piece(buf, m, chunk);
    raft_bytes_put_u64(buf, rh_hash_fnv1a(RH_HASH_FNV1A_INIT, buf->p, buf->n));
    return rc;
}

static int32_t make_room(struct raft_decoded *out, uint32_t count)
{
    struct raft_entry *entries;

    if (count <= out->entry_cap)
        return RH_OK;
    entries = realloc(out->entries, count * sizeof(*entries));
    if (!entries)
        return RH_ENOMEM;
    out->entries = entries;
    out->entry_cap = count;
    return RH_OK;
}

static int32_t take_entries(struct raft_bytes_reader *reader, struct raft_decoded *out)
{
    const uint32_t count = raft_bytes_u32(reader);
    int32_t rc;

    if (reader->rc != RH_OK || count > RAFT_BODY_ENTRIES_MAX ||
        count > reader->rest.n / ENTRY_BYTES_MIN)
        return RH_EINVAL;
    rc = make_room(out, count);
    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < count; i++) {
        out->entries[i].index = out->message.index + 1 + i;
        out->entries[i].term = raft_bytes_u64(reader);
        out->entries[i].kind = raft_bytes_u8(reader);
        out->entries[i].data = raft_bytes_str(reader);
    }
    out->message.entries = out->entries;
    out->message.entry_count = count;
    return reader->rc;
}

static int32_t take_piece(struct raft_bytes_reader *reader, struct raft_decoded *out)
{
    struct raft_message *m = &out->message;
    uint64_t members_index;

    m->snapshot_id = raft_bytes_u64(reader);
    m->offset = raft_bytes_u64(reader);
    m->length = raft_bytes_u64(reader);
    members_index = raft_bytes_u64(reader);
    if (raft_members_take(raft_bytes_str(reader), &out->members) != RH_OK)
        return RH_EINVAL;
    out->members.index = members_index;
    m->members = &out->members;
    m->chunk = raft_bytes_str(reader);
    return reader->rc;
}

/* The bytes before the checksum, if that is right. */
static int32_t check_sum(struct rh_str body, struct rh_str *out)
{
    struct raft_bytes_reader reader;

    if (body.n < CHECKSUM_BYTES)
        return RH_EINVAL;
    out->p = body.p;
    out->n = body.n - CHECKSUM_BYTES;
    reader = raft_bytes_reader((struct rh_str){body.p + out->n, CHECKSUM_BYTES});
    return raft_bytes_u64(&reader) == rh_hash_fnv1a(RH_HASH_FNV1A_INIT, out->p, out->n) ? RH_OK
                                                                                        : RH_EINVAL;
}

int32_t raft_decode(struct rh_str body, struct raft_decoded *out)
{
    struct raft_message *m = &out->message;
    struct raft_bytes_reader reader;
    struct rh_str checked;
    int32_t rc = check_sum(body, &checked);

    if (rc != RH_OK)
        return rc;
    memset(m, 0, sizeof(*m));
    reader = raft_bytes_reader(checked);
    if (raft_bytes_u32(&reader) != BODY_MAGIC)
        return RH_EUNSUPPORTED;
    m->kind = raft_bytes_u8(&reader);
    m->lineage = raft_bytes_u64(&reader);
    m->term = raft_bytes_u64(&reader);
    m->index = raft_bytes_u64(&reader);
    m->index_term = raft_bytes_u64(&reader);
    m->commit = raft_bytes_u64(&reader);
    rc = rh_str_copy(m->peer, sizeof(m->peer), raft_bytes_str(&reader));
    if (rc == RH_OK && (m->index > UINT64_MAX / 2 || !m->peer[0]))
        rc = RH_EINVAL;
    if (rc == RH_OK && m->kind == RAFT_MSG_APPEND)
        rc = take_entries(&reader, out);
    else if (rc == RH_OK && m->kind == RAFT_MSG_SNAPSHOT)
        rc = take_piece(&reader, out);
    else if (m->kind != RAFT_MSG_BEAT && m->kind != RAFT_MSG_TIMEOUT)
        rc = RH_EINVAL;
    return rc == RH_OK ? raft_bytes_end(&reader) : rc;
}

void raft_decoded_release(struct raft_decoded *decoded)
{
    free(decoded->entries);
    memset(decoded, 0, sizeof(*decoded));
}
