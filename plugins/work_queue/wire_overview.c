/* Looking at many items at once: a group, and the numbers of the whole queue. Nothing is changed
 * here. */
#include <stdlib.h>

#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>
#include "wire.h"

/* Kinds of live work, and configs, that /work/stats lists. */
#define KINDS_LISTED_MAX   200u
#define CONFIGS_LISTED_MAX 10000u
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
    struct rh_str requires[ITEM_REQUIRES_MAX];
    const struct item *item = queue_find(&self->queue, seq);
    struct item_status status;
    struct item_spec spec;
    char id[ITEM_ID_TEXT_SIZE];
    uint8_t state = item ? item->state : ITEM_PENDING;

    if (!item && store_get_status(self, seq, &status) == RH_OK)
        state = status.state;
    if (store_get_spec(self, seq, &spec, requires))
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

/* added = pending + leased + delayed + done + dead + cancelled, also when old items are deleted
 * (pruned). */
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
    char id[ITEM_ID_TEXT_SIZE];
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
    if (more && count > 0)
        rh_json_kv_str(&reply.w, "next", item_id_format(seqs[count - 1], id));
    else
        rh_json_kv_null(&reply.w, "next");
    rc = rh_json_reply_send(&reply, &self->rh, req, 200);
out:
    free(seqs);
    return rc;
}

/* Live items of one (work_type, config_key). */
struct config_counts {
    const struct match_shape *shape;
    uint64_t live[ITEM_DONE];
};

static int32_t count_config(struct rh_map *map, const struct fair_bucket *bucket)
{
    struct config_counts *counts;
    struct rh_buf name;
    int32_t rc;

    rh_buf_init(&name, 4 * ITEM_NAME_MAX);
    rh_record_put_str(&name, bucket->shape.work_type);
    rh_record_put_str(&name, bucket->shape.config_key);
    rc = name.rc;
    counts = rc ? NULL : rh_map_get(map, rh_buf_str(&name));
    if (!rc && !counts) {
        counts = calloc(1, sizeof(*counts));
        rc = counts ? rh_map_put(map, rh_buf_str(&name), counts, NULL) : RH_ENOMEM;
        if (rc) {
            free(counts);
            counts = NULL;
        } else {
            counts->shape = &bucket->shape;
        }
    }
    for (uint8_t s = 0; counts && s < ITEM_DONE; s++)
        counts->live[s] += bucket->counts[s];
    rh_buf_release(&name);
    return rc;
}

static void write_configs(struct work_queue *self, struct rh_json_writer *w)
{
    struct rh_map map;
    uint32_t cursor = 0;
    void *value;

    rh_map_init(&map, self->rh.core->random(self->rh.ctx), CONFIGS_LISTED_MAX);
    while (rh_map_next(&self->queue.fair.buckets, &cursor, NULL, &value)) {
        if (count_config(&map, value))
            break; /* more than can be listed */
    }
    rh_json_key(w, "configs");
    rh_json_begin_array(w);
    cursor = 0;
    while (rh_map_next(&map, &cursor, NULL, &value)) {
        struct config_counts *counts = value;
        rh_json_begin_object(w);
        rh_json_kv_str(w, "work_type", counts->shape->work_type);
        rh_json_kv_str(w, "config_key", counts->shape->config_key);
        for (uint8_t s = 0; s < ITEM_DONE; s++)
            rh_json_kv_int(w, item_state_name(s), (int64_t)counts->live[s]);
        rh_json_end_object(w);
        free(counts);
    }
    rh_json_end_array(w);
    rh_map_release(&map);
}

/* What kinds of pending work there are: with the refusals, the answer to "why does nobody take
 * this?". */
static void write_kinds(struct work_queue *self, struct rh_json_writer *w)
{
    uint32_t cursor = 0;
    uint32_t listed = 0;
    void *value;

    rh_json_key(w, "kinds");
    rh_json_begin_array(w);
    while (listed < KINDS_LISTED_MAX &&
           rh_map_next(&self->queue.fair.buckets, &cursor, NULL, &value)) {
        const struct fair_bucket *bucket = value;
        if (bucket->pending.count == 0)
            continue;
        rh_json_begin_object(w);
        wire_write_shape(w, &bucket->shape);
        rh_json_kv_int(w, "pending", bucket->pending.count);
        rh_json_end_object(w);
        listed++;
    }
    rh_json_end_array(w);
}

static void write_refusals(struct work_queue *self, struct rh_json_writer *w)
{
    const struct stats *stats = &self->queue.stats;

    rh_json_key(w, "refused");
    rh_json_begin_object(w);
    for (uint32_t i = 1; i < MATCH_REASON_COUNT; i++)
        rh_json_kv_int(w, match_reason_name(i), (int64_t)stats->refused[i]);
    rh_json_end_object(w);
    rh_json_kv_int(w, "claims", (int64_t)stats->claims);
    rh_json_kv_int(w, "claims_empty", (int64_t)stats->claims_empty);
    rh_json_kv_int(w, "claims_parked", waiters_count(&self->waiters));
    rh_json_kv_int(w, "attempts_expired", (int64_t)stats->expired);
    rh_json_kv_int(w, "attempts_retried", (int64_t)stats->retried);
    rh_json_kv_int(w, "reports_duplicate", (int64_t)stats->duplicates);
    rh_json_kv_int(w, "reports_stale", (int64_t)stats->stale);
}

int32_t handle_stats(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct counters *c = &self->queue.counters;
    struct rh_json_reply reply;

    (void)fields;
    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "added", (int64_t)c->added);
    rh_json_kv_int(&reply.w, "live", queue_live_count(&self->queue));
    for (uint8_t s = 0; s < ITEM_STATES; s++)
        rh_json_kv_int(&reply.w, item_state_name(s),
                       item_state_is_live(s) ? (int64_t)self->queue.live[s]
                                             : (int64_t)c->finished[s]);
    rh_json_kv_int(&reply.w, "finished_kept", (int64_t)counters_kept(c));
    rh_json_kv_int(&reply.w, "queue_max", self->config->queue_max);
    write_refusals(self, &reply.w);
    write_configs(self, &reply.w);
    write_kinds(self, &reply.w);
    return rh_json_reply_send(&reply, &self->rh, req, 200);
}
