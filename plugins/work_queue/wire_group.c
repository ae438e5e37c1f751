/* GET /work/group: counts of a group and its items, a page at a time. Nothing is changed here. */
#include <stdlib.h>

#include <ringhost/sdk/str.h>

#include "wire.h"

/* A page of a group ends early after so many bytes: results may be large. */
#define GROUP_PAGE_BYTES (1024u * 1024u)

/* Numbers of stored items of a group after a given one, at most limit; *more: there are others. */
static int32_t read_members(struct work_queue *self, const struct list_fields *f, uint64_t after,
                            uint64_t *seqs, uint32_t *count, bool *more)
{
    struct rh_key from = key_of_member(f->group, after + 1);
    struct rh_key to = key_of_member(f->group, UINT64_MAX);
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    struct rh_scan scan = {
        .size = (uint32_t)sizeof(scan), .name_space = WORK_NAMESPACE, .limit = (uint32_t)f->limit};
    int32_t rc = from.rc ? from.rc : to.rc;

    *count = 0;
    if (rc)
        return rc;
    scan.from = rh_key_view(&from);
    scan.to = rh_key_view(&to);
    rc = self->rh.state->scan(self->rh.ctx, &scan, &rows);
    for (uint32_t i = 0; i < rows.count && !rc; i++) {
        const char *at = (const char *)rows.rows + (size_t)i * rows.row_stride;
        struct rh_str key = ((const struct rh_row *)(const void *)at)->key;
        struct rh_key_reader reader;
        if (key.n < sizeof(uint64_t))
            return RH_EIO;
        rh_key_reader_init(&reader, (struct rh_str){key.p + key.n - sizeof(uint64_t), 8});
        rc = rh_key_read_u64(&reader, &seqs[i]);
        *count = i + 1;
    }
    *more = rows.more != 0;
    return rc;
}

static void write_member(struct work_queue *self, struct rh_json_writer *w, uint64_t seq)
{
    struct item_lists lists;
    const struct item *item = queue_find(&self->queue, seq);
    struct item_status status;
    struct item_spec spec;
    char id[ITEM_ID_TEXT_SIZE];
    uint8_t state = item ? item->state : ITEM_PENDING;

    if (!item && store_get_status(self, seq, &status) == RH_OK)
        state = status.state;
    if (store_get_spec(self, seq, &spec, &lists))
        return; /* deleted meanwhile */
    rh_json_begin_object(w);
    rh_json_kv_str(w, "work_id", item_id_format(seq, id));
    rh_json_kv_strc(w, "status", item_state_name(state));
    rh_json_kv_str(w, "work_type", spec.work_type);
    if (spec.idempotency_key.n > 0)
        rh_json_kv_str(w, "idempotency_key", spec.idempotency_key);
    if (store_get_status(self, seq, &status) == RH_OK) {
        rh_json_kv_int(w, "attempt", status.attempts);
        if (status.node_id.n > 0)
            rh_json_kv_str(w, "node_id", status.node_id);
    }
    struct rh_str text = store_get_seq(self, ROW_RESULT, seq);
    if (text.n > 0)
        rh_json_kv_raw(w, "result", text);
    text = store_get_seq(self, ROW_ERROR, seq);
    if (text.n > 0)
        rh_json_kv_str(w, "error", text);
    rh_json_end_object(w);
}

/* added = pending + leased + delayed + blocked + done + dead + cancelled, also when old items are
 * deleted (pruned). */
static void write_group_counts(struct rh_json_writer *w, const struct group *group)
{
    rh_json_key(w, "counts");
    rh_json_begin_object(w);
    rh_json_kv_int(w, "added", (int64_t)group->totals.added);
    for (uint8_t s = 0; s < ITEM_STATES; s++)
        rh_json_kv_int(w, item_state_name(s),
                       item_state_is_live(s) ? (int64_t)group->live[s]
                                             : (int64_t)group->totals.finished[s]);
    rh_json_kv_int(w, "pruned", (int64_t)group->totals.pruned);
    rh_json_end_object(w);
}

int32_t handle_group(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct list_fields *f = fields;
    struct group stored = {.name = f->group};
    struct group *group = group_find(&self->queue.groups, f->group);
    uint64_t *seqs = malloc((size_t)f->limit * sizeof(*seqs));
    struct rh_json_reply reply;
    uint32_t count = 0;
    uint64_t after = 0;
    bool more = false;
    int32_t rc = seqs ? wire_read_after(self, f->after, &after) : RH_ENOMEM;

    if (!rc && !group) {
        group = &stored;
        rc = store_load_group(self, group);
    }
    if (!rc && group->totals.added == 0)
        rc = rh_failf(&self->rh, RH_ENOTFOUND, "no group \"%.*s\"", RH_STR_ARG(f->group));
    if (!rc)
        rc = read_members(self, f, after, seqs, &count, &more);
    if (rc)
        goto out;
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "group", f->group);
    write_group_counts(&reply.w, group);
    rh_json_key(&reply.w, "items");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < count; i++) {
        write_member(self, &reply.w, seqs[i]);
        if (reply.buf.n >= GROUP_PAGE_BYTES && i + 1 < count) {
            count = i + 1;
            more = true;
        }
    }
    rh_json_end_array(&reply.w);
    wire_write_next(&reply.w, more && count > 0 ? seqs[count - 1] : 0);
    rc = rh_json_reply_send(&reply, &self->rh, req, 200);
out:
    free(seqs);
    return rc;
}
