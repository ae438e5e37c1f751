/* GET /work/group: counts of a group and its items, a page at a time, and waiting for their change.
 * Nothing is changed here. */
#include <stdlib.h>

#include <ringhost/sdk/hash.h>
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

/* How an item stands, and who had it last. */
static int32_t write_standing(struct work_queue *self, struct rh_json_writer *w, uint64_t seq)
{
    const struct item *item = queue_find(&self->queue, seq);
    struct item_status status;
    int32_t rc = store_get_status(self, seq, &status);
    uint8_t state = item ? item->state : ITEM_PENDING;

    if (rc && rc != RH_ENOTFOUND)
        return rc;
    if (!rc && !item)
        state = status.state;
    rh_json_kv_strc(w, "status", item_state_name(state));
    if (rc)
        return RH_OK;
    rh_json_kv_int(w, "attempt", status.attempts);
    if (!item_state_is_live(state) && status.finished_at_ms > 0)
        rh_json_kv_int(w, "finished_at", status.finished_at_ms);
    if (status.node_id.n > 0)
        rh_json_kv_str(w, "node_id", status.node_id);
    return RH_OK;
}

/* What came of an item. */
static int32_t write_outcome(struct work_queue *self, struct rh_json_writer *w, uint64_t seq)
{
    struct rh_str text;
    int32_t rc = store_read_seq(self, ROW_RESULT, seq, &text);

    if (rc == RH_OK && text.n > 0)
        rh_json_kv_raw(w, "result", text);
    if (rc == RH_OK)
        rc = store_read_seq(self, ROW_ERROR, seq, &text);
    if (rc == RH_OK && text.n > 0)
        rh_json_kv_str(w, "error", text);
    return rc;
}

/* What cannot be read now is not what is not there: an owner takes what is said here for the end of
 * its item. */
static int32_t write_member(struct work_queue *self, struct rh_json_writer *w, uint64_t seq)
{
    struct item_lists lists;
    struct item_spec spec;
    char id[ITEM_ID_TEXT_SIZE];
    int32_t rc = store_get_spec(self, seq, &spec, &lists);

    if (rc)
        return rc == RH_ENOTFOUND ? RH_OK : rc; /* deleted meanwhile */
    rh_json_begin_object(w);
    rh_json_kv_str(w, "work_id", item_id_format(seq, id));
    rh_json_kv_str(w, "work_type", spec.work_type);
    if (spec.idempotency_key.n > 0)
        rh_json_kv_str(w, "idempotency_key", spec.idempotency_key);
    rc = write_standing(self, w, seq);
    if (rc == RH_OK)
        rc = write_outcome(self, w, seq);
    rh_json_end_object(w);
    return rc;
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

/* Says the same as long as the counts do; deleting old items is no change. */
static uint64_t version_of(const struct group *group)
{
    uint64_t version = rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, group->totals.added);

    for (uint8_t s = 0; s < ITEM_STATES; s++)
        version = rh_hash_fnv1a_u64(version, item_state_is_live(s) ? group->live[s]
                                                                   : group->totals.finished[s]);
    return version;
}

/* The group, read into `stored` when it has no live items. RH_ENOTFOUND with words. */
static int32_t find_group(struct work_queue *self, struct rh_str name, struct group *stored,
                          const struct group **out)
{
    struct group *live = group_find(&self->queue.groups, name);
    int32_t rc = RH_OK;

    *stored = (struct group){.name = name};
    *out = live ? live : stored;
    if (!live)
        rc = store_load_group(self, stored);
    if (!rc && (*out)->totals.added == 0)
        rc = rh_failf(&self->rh, RH_ENOTFOUND, "no group \"%.*s\"", RH_STR_ARG(name));
    return rc;
}

static int32_t answer(struct work_queue *self, rh_req req, const struct list_fields *f)
{
    const struct group *group;
    struct group stored;
    uint64_t *seqs = malloc((size_t)f->limit * sizeof(*seqs));
    struct rh_json_reply reply;
    uint32_t count = 0;
    uint64_t after = 0;
    bool more = false;
    int32_t rc = seqs ? wire_read_after(self, f->after, &after) : RH_ENOMEM;

    if (!rc)
        rc = find_group(self, f->group, &stored, &group);
    if (!rc)
        rc = read_members(self, f, after, seqs, &count, &more);
    if (rc)
        goto out;
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "group", f->group);
    rh_json_kv_u64(&reply.w, "version", version_of(group));
    write_group_counts(&reply.w, group);
    rh_json_key(&reply.w, "items");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < count && !rc; i++) {
        rc = write_member(self, &reply.w, seqs[i]);
        if (reply.buf.n >= GROUP_PAGE_BYTES && i + 1 < count) {
            count = i + 1;
            more = true;
        }
    }
    rh_json_end_array(&reply.w);
    wire_write_next(&reply.w, more && count > 0 ? seqs[count - 1] : 0);
    if (rc)
        rh_buf_release(&reply.buf);
    else
        rc = rh_json_reply_send(&reply, &self->rh, req, 200);
out:
    free(seqs);
    return rc;
}

/* Requests that wait until the counts of their group change, longest first. */

static void leave(struct work_queue *self, uint32_t index)
{
    self->group_wait_count--;
    for (uint32_t i = index; i < self->group_wait_count; i++)
        self->group_waits[i] = self->group_waits[i + 1];
}

static void on_gone(void *instance, rh_req req, void *user)
{
    struct work_queue *self = instance;

    (void)user;
    for (uint32_t i = 0; i < self->group_wait_count; i++) {
        if (self->group_waits[i].req == req) {
            leave(self, i);
            return;
        }
    }
}

void wire_check_groups(struct work_queue *self)
{
    int64_t now_ms = wire_now(self).mono_ms;

    for (uint32_t i = 0; i < self->group_wait_count;) {
        const struct group_wait wait = self->group_waits[i];
        const struct group *group;
        struct group stored;
        int32_t rc = find_group(self, wait.fields->group, &stored, &group);

        if (!rc && wait.until_ms > now_ms && version_of(group) == wait.seen) {
            i++;
            continue;
        }
        leave(self, i);
        rc = answer(self, wait.req, wait.fields);
        if (rc)
            (void)rh_reply_errorf(&self->rh, wait.req, rc, NULL, "the group could not be read");
    }
}

int64_t wire_groups_until_ms(const struct work_queue *self)
{
    int64_t until_ms = INT64_MAX;

    for (uint32_t i = 0; i < self->group_wait_count; i++) {
        if (self->group_waits[i].until_ms < until_ms)
            until_ms = self->group_waits[i].until_ms;
    }
    return until_ms;
}

/* Whether the request was parked; if there is no room it is answered at once. */
static bool park(struct work_queue *self, rh_req req, const struct list_fields *f, uint64_t seen)
{
    const struct group_wait wait = {req, f, seen, wire_now(self).mono_ms + f->wait_s * 1000};

    if (self->group_wait_count == GROUP_WAITS_MAX ||
        self->rh.http->watch(self->rh.ctx, req, on_gone, NULL))
        return false;
    self->group_waits[self->group_wait_count++] = wait;
    wire_arm(self);
    return true;
}

int32_t handle_group(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct list_fields *f = fields;
    const struct group *group;
    struct group stored;
    uint64_t seen;

    if (f->wait_s > 0) {
        int32_t rc = find_group(self, f->group, &stored, &group);
        if (rc)
            return rc;
        seen = version_of(group);
        if (f->seen.n > 0 && rh_parse_u64(f->seen, &seen))
            return rh_failf(&self->rh, RH_EINVAL, "\"seen\" must be `version` of an answer");
        if (seen == version_of(group) && park(self, req, f, seen))
            return RH_OK;
    }
    return answer(self, req, f);
}
