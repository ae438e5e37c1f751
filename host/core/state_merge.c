/* Which puts of a group need not be written, since a later one of the same group replaces them; the
 * writing itself is state_apply.c. */
#include <assert.h>
#include <string.h>

#include <ringhost/sdk/hash.h>

#include "host/core/state_impl.h"

static struct state_merge_slot *slot_of(const struct state_writer *writer,
                                        const struct state_row *row, struct rh_str key)
{
    uint64_t digest = rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, (uint64_t)row->id);
    digest = rh_hash_fnv1a(digest, key.p, key.n);
    return &writer->slots[rh_hash_mix(digest) % STATE_MERGE_SLOTS];
}

static void note_put(struct state_writer *writer, const struct state_row *row, struct rh_str key)
{
    *slot_of(writer, row, key) =
        (struct state_merge_slot){.key = key, .row = row, .group = writer->merge_group};
}

static void note_batch(struct state_writer *writer, const struct state_item *item)
{
    struct state_batch_reader reader;
    struct state_batch_head head;
    int32_t got = state_batch_begin(&reader, (struct rh_str){item->data, item->size}, &head);
    assert(got == RH_OK); /* verified before it was queued */
    struct state_row *row = state_writer_row(writer, head.name_space);
    if (!row)
        return; /* its first group is written as it is */
    struct state_row_merge *merge = &row->merge;
    if (merge->group != writer->merge_group)
        *merge = (struct state_row_merge){.group = writer->merge_group, .bytes_max = UINT64_MAX};
    merge->bytes += item->size; /* not less than its keys and values */
    if (head.bytes_max > 0 && head.bytes_max < merge->bytes_max)
        merge->bytes_max = head.bytes_max;
    if (head.run != 0 && head.run == row->now.run_refused)
        merge->may_fail = 1;
    for (uint32_t i = 0; i < head.op_count; i++) {
        struct state_batch_op op;
        got = state_batch_next_op(&reader, &op);
        assert(got == RH_OK); /* verified before it was queued */
        if (op.op == RH_OP_PUT)
            note_put(writer, row, op.key);
        else if (op.op == RH_OP_CHECK)
            merge->may_fail = 1;
    }
}

void state_merge_begin(struct state_writer *writer, const struct state_list *items)
{
    writer->merge_group++;
    if (items->count < 2)
        return;
    for (const struct state_item *item = items->first; item; item = item->next) {
        if (!item->is_preset && item->size > 0)
            note_batch(writer, item);
    }
}

/* A slot holds the last put of its key, so another address means that a later one comes. That one
 * is sure to be applied if no batch of the namespace can fail by itself: no checks, and room for
 * all. */
uint32_t state_merge_skips(const struct state_writer *writer, const struct state_row *row,
                           struct rh_str key)
{
    const struct state_row_merge *merge = &row->merge;
    if (merge->group != writer->merge_group || merge->may_fail ||
        row->kept.bytes + merge->bytes > merge->bytes_max)
        return 0;
    const struct state_merge_slot *slot = slot_of(writer, row, key);
    return slot->group == writer->merge_group && slot->row == row && slot->key.p != key.p &&
           slot->key.n == key.n && memcmp(slot->key.p, key.p, key.n) == 0;
}
