/* POST /work/retry: dead items live again, one by its id or several by a filter. */
#include "wire.h"

#include <stdlib.h>

#include <ringhost/sdk/str.h>

/* Dead letters looked at in one call. */
#define EXAMINED_MAX 20000u
/* The batch ends this far from the store's own limit. Bytes. */
#define BATCH_MARGIN (24u * 1024u)

/* Why a dead item was left dead, or RH_OK. */
struct refusal {
    int32_t rc;      /* RH_ECONFLICT: `failed` is not done; RH_EFULL: no room */
    uint64_t failed; /* what it depends on */
    uint8_t state;
};

static void put_revived(struct work_queue *self, const struct item *item, uint64_t finish_no)
{
    struct rh_key key = key_of_seq(ROW_FINISHED, finish_no);

    store_delete(self, &key);
    store_put_status(self, item);
    store_put_counters(self);
    if (item->group)
        store_put_group(self, item->group);
}

/* Into the batch under construction. RH_OK, a refusal of the item alone, or an error of all. */
static int32_t revive(struct work_queue *self, uint64_t seq, const struct item_status *status,
                      struct refusal *refusal)
{
    struct depend_list list = {.count = 0};
    struct item_lists lists;
    struct item_spec spec;
    struct item *item;
    int32_t rc = store_get_spec(self, seq, &spec, &lists);

    *refusal = (struct refusal){.rc = RH_OK};
    if (rc)
        return rc;
    list.count = spec.depend_count;
    for (uint32_t i = 0; i < list.count; i++)
        list.all[i] = lists.depends[i];
    rc = wire_sort_depends(self, &list);
    if (rc)
        return rc;
    if (list.failed > 0) {
        *refusal = (struct refusal){RH_ECONFLICT, list.failed, list.failed_state};
        return RH_OK;
    }
    rc = store_get_spec(self, seq, &spec, &lists); /* other reads have come between */
    if (!rc)
        rc = queue_revive(&self->queue, seq, &spec, status, &item);
    if (rc == RH_EFULL) {
        refusal->rc = rc;
        return RH_OK;
    }
    if (rc)
        return rc;
    /* From here on memory has it: any failure means beginning anew from what is stored. */
    if (item->group && !item->group->is_loaded)
        rc = store_load_group(self, item->group);
    if (!rc && list.live_count > 0)
        rc = queue_block(&self->queue, item, list.live, list.live_count);
    put_revived(self, item, status->finish_no);
    return rc;
}

static int32_t submit(struct work_queue *self, int32_t rc)
{
    if (!rc)
        rc = store_commit(self, false);
    else
        rh_batch_release(&self->batch);
    if (rc)
        self->rh.core->reactivate(self->rh.ctx, "a retry could not be submitted");
    return rc;
}

static int32_t reply_one(struct work_queue *self, rh_req req, uint64_t seq, uint8_t state,
                         bool is_duplicate)
{
    struct rh_json_reply reply;
    char id[ITEM_ID_TEXT_SIZE];

    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "work_id", item_id_format(seq, id));
    rh_json_kv_strc(&reply.w, "status", item_state_name(state));
    if (is_duplicate)
        rh_json_kv_bool(&reply.w, "duplicate", true);
    int32_t rc = rh_json_reply_send(&reply, &self->rh, req, 200);
    wire_settle(self);
    return rc;
}

static int32_t refuse(struct work_queue *self, rh_req req, const struct retry_fields *f,
                      const struct refusal *refusal)
{
    if (refusal->rc == RH_EFULL)
        return wire_refuse_full(self, req, 1);
    return rh_failf(&self->rh, RH_ECONFLICT, "work item \"%.*s\" depends on \"w%llu\", which is %s",
                    RH_STR_ARG(f->work_id), (unsigned long long)refusal->failed,
                    item_state_name(refusal->state));
}

static int32_t retry_one(struct work_queue *self, rh_req req, const struct retry_fields *f)
{
    struct item_status status;
    struct refusal refusal;
    uint64_t seq = 0;
    int32_t rc = item_id_parse(f->work_id, &seq) ? RH_ENOTFOUND : RH_OK;
    const struct item *item = rc ? NULL : queue_find(&self->queue, seq);

    if (item)
        return reply_one(self, req, seq, item->state, true);
    if (!rc)
        rc = store_get_status(self, seq, &status);
    if (rc == RH_ENOTFOUND)
        return rh_failf(&self->rh, rc, "no work item \"%.*s\"", RH_STR_ARG(f->work_id));
    if (rc)
        return rc;
    if (status.state != ITEM_DEAD)
        return rh_failf(&self->rh, RH_ECONFLICT, "work item \"%.*s\" is %s, not dead",
                        RH_STR_ARG(f->work_id), item_state_name(status.state));
    store_begin(self);
    rc = revive(self, seq, &status, &refusal);
    if (!rc && refusal.rc) {
        rh_batch_release(&self->batch);
        return refuse(self, req, f, &refusal);
    }
    rc = submit(self, rc);
    return rc ? rc : reply_one(self, req, seq, queue_find(&self->queue, seq)->state, false);
}

/* What a call with a filter does. */
struct sweep {
    struct place places[RH_SCAN_ROWS_MAX];
    uint64_t after; /* finish number of the last place that was looked at */
    uint32_t seen;
    uint32_t revived;
    uint32_t skipped;
    bool is_full; /* of the queue, or of the batch */
};

static bool is_wanted(struct work_queue *self, const struct retry_fields *f, uint64_t seq)
{
    struct item_lists lists;
    struct item_spec spec;

    return store_get_spec(self, seq, &spec, &lists) == RH_OK &&
           (f->work_type.n == 0 || rh_str_eq(f->work_type, spec.work_type)) &&
           (f->config_key.n == 0 || rh_str_eq(f->config_key, spec.config_key)) &&
           (f->group.n == 0 || rh_str_eq(f->group, spec.group));
}

static int32_t sweep_one(struct work_queue *self, const struct retry_fields *f,
                         const struct place *place, struct sweep *sweep, struct rh_json_writer *w)
{
    struct item_status status;
    struct refusal refusal;
    char id[ITEM_ID_TEXT_SIZE];
    int32_t rc;

    /* The store's snapshot may be older than what was revived in this turn. */
    if (place->state != ITEM_DEAD || queue_find(&self->queue, place->seq) ||
        !is_wanted(self, f, place->seq) || store_get_status(self, place->seq, &status) ||
        status.state != ITEM_DEAD || status.finish_no != place->finish_no)
        return RH_OK;
    rc = revive(self, place->seq, &status, &refusal);
    if (rc)
        return rc;
    if (refusal.rc == RH_OK) {
        rh_json_string(w, item_id_format(place->seq, id));
        sweep->revived++;
    } else if (refusal.rc == RH_EFULL) {
        sweep->is_full = true;
    } else {
        sweep->skipped++;
    }
    return RH_OK;
}

static int32_t sweep_chunk(struct work_queue *self, const struct retry_fields *f,
                           struct sweep *sweep, struct rh_json_writer *w, bool *more)
{
    uint32_t count = 0;
    int32_t rc = wire_read_places(self, sweep->after, false, 0, sweep->places, &count, more);

    for (uint32_t i = 0; i < count && !rc; i++) {
        if (sweep->revived == f->limit || sweep->is_full) {
            *more = true;
            break;
        }
        rc = sweep_one(self, f, &sweep->places[i], sweep, w);
        if (sweep->is_full)
            continue; /* this one is the first of the next call */
        sweep->after = sweep->places[i].finish_no;
        sweep->seen++;
        if (self->batch.bytes.n > RH_BATCH_REPLICATED_BYTES_MAX - BATCH_MARGIN)
            sweep->is_full = true;
    }
    return rc;
}

static int32_t retry_many(struct work_queue *self, rh_req req, const struct retry_fields *f)
{
    struct sweep *sweep = calloc(1, sizeof(*sweep));
    struct rh_json_reply reply;
    bool more = true;
    int32_t rc = sweep ? wire_read_cursor(self, CURSOR_RETRY, f->after, &sweep->after) : RH_ENOMEM;

    if (rc)
        goto out;
    store_begin(self);
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "retried");
    rh_json_begin_array(&reply.w);
    while (!rc && more && sweep->revived < f->limit && !sweep->is_full &&
           sweep->seen < EXAMINED_MAX)
        rc = sweep_chunk(self, f, sweep, &reply.w, &more);
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "count", sweep->revived);
    rh_json_kv_int(&reply.w, "skipped", sweep->skipped);
    wire_write_cursor(&reply.w, CURSOR_RETRY, more ? sweep->after : 0);
    rc = submit(self, rc);
    if (rc)
        rh_buf_release(&reply.buf);
    else
        rc = rh_json_reply_send(&reply, &self->rh, req, 200);
    wire_settle(self);
out:
    free(sweep);
    return rc;
}

int32_t handle_retry(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct retry_fields *f = fields;
    bool is_filter = f->work_type.n > 0 || f->config_key.n > 0 || f->group.n > 0;

    if (f->work_id.n == 0 && !is_filter && !f->all)
        return rh_failf(&self->rh, RH_EINVAL,
                        "give \"work_id\", \"work_type\", \"config_key\" or \"group\", or \"all\": "
                        "true");
    if (f->work_id.n > 0 && (is_filter || f->all || f->after.n > 0))
        return rh_failf(&self->rh, RH_EINVAL, "\"work_id\" must be the only field");
    return f->work_id.n > 0 ? retry_one(self, req, f) : retry_many(self, req, f);
}
