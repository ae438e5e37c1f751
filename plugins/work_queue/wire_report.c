/* What the holder of a claim says about it: heartbeat, start, complete, fail, release; and cancel
 * by anyone. */
#include "wire.h"

#include <ringhost/sdk/json_depth.h>
#include <ringhost/sdk/str.h>

/* Progress alone is committed at most this often for one lease. Milliseconds. */
#define PROGRESS_COMMIT_MS 30000

/* What a report refers to. */
struct target {
    uint64_t seq;
    struct item *item; /* NULL: it is over, see is_duplicate and is_cancelled */
    uint8_t state;
    bool is_duplicate; /* the same report came before */
    bool is_cancelled;
};

static int32_t not_found(struct work_queue *self, struct rh_str id)
{
    return rh_failf(&self->rh, RH_ENOTFOUND, "no work item \"%.*s\"", RH_STR_ARG(id));
}

static int32_t stale(struct work_queue *self, struct rh_str id, uint8_t state)
{
    return rh_failf(&self->rh, RH_ESTALECLAIM,
                    "the claim on work item \"%.*s\" has ended; the item is %s", RH_STR_ARG(id),
                    item_state_name(state));
}

/* An item that is not live any more: a repetition, a cancelled one, or a late comer. */
static int32_t resolve_finished(struct work_queue *self, const struct report_fields *f,
                                struct token token, uint8_t cause, struct target *out)
{
    struct item_status status;
    int32_t rc = store_get_status(self, out->seq, &status);
    bool has_token = f->claim_token.n > 0;

    if (rc == RH_ENOTFOUND)
        return not_found(self, f->work_id);
    if (rc)
        return rc;
    bool is_holder =
        has_token ? token_compare(token, status.token) == 0 : rh_str_eq(f->node_id, status.node_id);
    out->state = status.state;
    out->is_duplicate = is_holder && status.ended_by == cause;
    out->is_cancelled = is_holder && status.state == ITEM_CANCELLED;
    if (out->is_duplicate || (out->is_cancelled && cause == ITEM_END_NONE))
        return RH_OK;
    self->queue.stats.stale++;
    return stale(self, f->work_id, status.state);
}

/* A live item: its holder, somebody whose claim was forgotten, or a late comer. */
static int32_t resolve_live(struct work_queue *self, const struct report_fields *f,
                            struct token token, uint8_t cause, struct target *out)
{
    struct item *item = out->item;
    bool is_adopted;

    if (f->claim_token.n == 0) {
        if (item->state != ITEM_LEASED || !rh_str_eq(item->lease->holder->node_id, f->node_id))
            return stale(self, f->work_id, item->state);
        token = item->lease->token;
    }
    if (cause != ITEM_END_NONE && item->ended_by == cause && item->state != ITEM_LEASED &&
        token_compare(token, item->fence) == 0) {
        out->is_duplicate = true;
        out->state = item->state;
        out->item = NULL;
        return RH_OK;
    }
    int32_t rc = queue_hold(&self->queue, item, token, f->node_id, wire_now(self), &is_adopted);
    out->state = item->state;
    return rc == RH_ESTALECLAIM ? stale(self, f->work_id, item->state) : rc;
}

/* Finds the item and makes sure that the caller holds it. cause: how the report would end the
 * attempt. */
static int32_t resolve(struct work_queue *self, const struct report_fields *f, uint8_t cause,
                       struct target *out)
{
    struct token token = {0, 0, 0};

    *out = (struct target){.seq = 0};
    wire_tick(self);
    if (f->claim_token.n == 0 && !self->config->token_optional)
        return rh_failf(&self->rh, RH_EINVAL, "\"claim_token\" is required");
    if (item_id_parse(f->work_id, &out->seq))
        return not_found(self, f->work_id);
    out->item = queue_find(&self->queue, out->seq);
    (void)token_parse(f->claim_token, &token); /* what is no token is as stale as none */
    return out->item ? resolve_live(self, f, token, cause, out)
                     : resolve_finished(self, f, token, cause, out);
}

/* {work_id, status[, duplicate]}, then the rest of the turn's business. */
static int32_t reply(struct work_queue *self, rh_req req, const struct target *target)
{
    struct rh_json_reply body;
    char id[ITEM_ID_TEXT_SIZE];

    if (target->is_duplicate)
        self->queue.stats.duplicates++;
    rh_json_reply_begin(&body);
    rh_json_kv_str(&body.w, "work_id", item_id_format(target->seq, id));
    rh_json_kv_strc(&body.w, "status", item_state_name(target->state));
    if (target->is_duplicate)
        rh_json_kv_bool(&body.w, "duplicate", true);
    int32_t rc = rh_json_reply_send(&body, &self->rh, req, 200);
    wire_settle(self);
    return rc;
}

/* Submits what a report changed. If that cannot be, memory and store differ: begin anew from the
 * store. */
static int32_t submit(struct work_queue *self, bool is_lazy)
{
    int32_t rc = store_commit(self, is_lazy);

    if (rc)
        self->rh.core->reactivate(self->rh.ctx, "a report could not be submitted");
    return rc;
}

/* JSON that the queue keeps, and hands on within documents of its own. */
static int32_t check_value(struct work_queue *self, const char *field, struct rh_str value,
                           uint32_t bytes_max)
{
    if (value.n > bytes_max)
        return rh_failf(&self->rh, RH_ETOOLARGE, "\"%s\" is larger than %u bytes", field,
                        bytes_max);
    if (rh_json_depth(value) > RH_WORK_DEPTH_MAX)
        return rh_failf(&self->rh, RH_EINVAL, "\"%s\" is nested more than %d deep", field,
                        RH_WORK_DEPTH_MAX);
    return RH_OK;
}

/* With the batch that was begun. */
static void keep_checkpoint(struct work_queue *self, struct item *item, struct rh_str checkpoint)
{
    if (checkpoint.n == 0)
        return;
    item->has_checkpoint = true;
    store_put_seq(self, ROW_CHECKPOINT, item->entry.seq, checkpoint);
}

/* Leaves progress and checkpoint. A checkpoint is durable before the answer, progress is written
 * now and then. Either says that the work has begun. */
static int32_t keep_progress(struct work_queue *self, const struct report_fields *f,
                             struct item *item)
{
    struct queue_time now = wire_now(self);
    bool is_progress_due =
        f->progress.n > 0 && now.mono_ms - item->lease->saved_ms >= PROGRESS_COMMIT_MS;
    bool is_start = item->lease->started_at_ms == 0 && (f->progress.n > 0 || f->checkpoint.n > 0);
    int32_t rc = f->progress.n > 0 ? lease_set_progress(item->lease, f->progress) : RH_OK;

    if (rc || (f->checkpoint.n == 0 && !is_progress_due && !is_start))
        return rc;
    if (is_start)
        lease_start(&self->queue.leases, item->lease, now.wall_ms);
    store_begin(self);
    keep_checkpoint(self, item, f->checkpoint);
    if (f->progress.n > 0) {
        item->lease->saved_ms = now.mono_ms;
        store_put_seq(self, ROW_PROGRESS, item->entry.seq, f->progress);
    }
    store_put_status(self, item);
    return submit(self, f->checkpoint.n == 0 && !is_start);
}

int32_t handle_heartbeat(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct report_fields *f = fields;
    struct target target;
    struct rh_json_reply body;
    int32_t rc = check_value(self, "progress", f->progress, ITEM_PROGRESS_MAX);

    if (!rc)
        rc = check_value(self, "checkpoint", f->checkpoint, ITEM_CHECKPOINT_MAX);
    if (!rc)
        rc = resolve(self, f, ITEM_END_NONE, &target);
    if (rc)
        return rc;
    if (target.item) {
        queue_renew(&self->queue, target.item, wire_now(self));
        rc = keep_progress(self, f, target.item);
        if (rc)
            return rc;
    }
    rh_json_reply_begin(&body);
    rh_json_kv_str(&body.w, "work_id", f->work_id);
    rh_json_kv_strc(&body.w, "status", item_state_name(target.state));
    rh_json_kv_bool(&body.w, "cancel", target.is_cancelled);
    if (target.item) {
        struct queue_time now = wire_now(self);
        rh_json_kv_int(&body.w, "lease_expires_at",
                       now.wall_ms + target.item->lease->expires_ms - now.mono_ms);
    }
    rc = rh_json_reply_send(&body, &self->rh, req, 200);
    wire_settle(self);
    return rc;
}

int32_t handle_start(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    struct target target;
    int32_t rc = resolve(self, fields, ITEM_END_NONE, &target);

    if (rc)
        return rc;
    if (!target.item)
        return stale(self, ((const struct report_fields *)fields)->work_id, target.state);
    target.is_duplicate = target.item->lease->started_at_ms > 0;
    if (!target.is_duplicate) {
        /* Durable, so that nobody else is given it after a crash either. */
        lease_start(&self->queue.leases, target.item->lease, wire_now(self).wall_ms);
        store_begin(self);
        store_put_status(self, target.item);
        rc = submit(self, false);
    }
    return rc ? rc : reply(self, req, &target);
}

int32_t handle_complete(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct report_fields *f = fields;
    struct target target;
    int32_t rc = check_value(self, "result", f->result, ITEM_RESULT_MAX);

    if (!rc)
        rc = resolve(self, f, ITEM_END_DONE, &target);
    if (rc)
        return rc;
    if (target.item) {
        store_begin(self);
        queue_finish(&self->queue, target.item, ITEM_DONE, wire_now(self));
        target.state = ITEM_DONE;
        store_put_finished(self, target.item, f->result, (struct rh_str){NULL, 0});
        queue_forget(&self->queue, target.item);
        rc = submit(self, false);
    }
    return rc ? rc : reply(self, req, &target);
}

/* fail and release: the attempt ends, the item goes on or is dead. */
static int32_t end_attempt(struct work_queue *self, rh_req req, const struct report_fields *f,
                           uint8_t cause)
{
    struct target target;
    int32_t rc = check_value(self, "checkpoint", f->checkpoint, ITEM_CHECKPOINT_MAX);

    if (!rc)
        rc = resolve(self, f, cause, &target);
    if (rc)
        return rc;
    if (target.item) {
        store_begin(self);
        keep_checkpoint(self, target.item, f->checkpoint);
        target.state = wire_end_attempt(self, target.item, cause, f->retryable != 0, f->error);
        rc = submit(self, false);
    }
    return rc ? rc : reply(self, req, &target);
}

int32_t handle_fail(void *instance, rh_req req, const void *fields)
{
    return end_attempt(instance, req, fields, ITEM_END_FAIL);
}

int32_t handle_release(void *instance, rh_req req, const void *fields)
{
    return end_attempt(instance, req, fields, ITEM_END_RELEASE);
}

int32_t handle_cancel(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct report_fields *f = fields;
    struct target target = {.seq = 0};
    struct item_status status;
    int32_t rc;

    if (item_id_parse(f->work_id, &target.seq))
        return not_found(self, f->work_id);
    target.item = queue_find(&self->queue, target.seq);
    if (target.item) {
        store_begin(self);
        queue_finish(&self->queue, target.item, ITEM_CANCELLED, wire_now(self));
        target.state = ITEM_CANCELLED;
        store_put_finished(self, target.item, (struct rh_str){NULL, 0}, (struct rh_str){NULL, 0});
        queue_forget(&self->queue, target.item);
        rc = submit(self, false);
        return rc ? rc : reply(self, req, &target);
    }
    rc = store_get_status(self, target.seq, &status);
    if (rc == RH_ENOTFOUND)
        return not_found(self, f->work_id);
    if (rc)
        return rc;
    if (status.state != ITEM_CANCELLED)
        return rh_failf(&self->rh, RH_ECONFLICT, "work item \"%.*s\" is %s already",
                        RH_STR_ARG(f->work_id), item_state_name(status.state));
    target.state = ITEM_CANCELLED;
    target.is_duplicate = true;
    return reply(self, req, &target);
}
