/* Ends an attempt whose lease is alive, on the word of somebody who looks after the queue. The
 * claim is named by what lists show of it, so that one seen a while ago is not mistaken for the
 * next. */
#include "wire.h"

#include <stdio.h>

#include <ringhost/sdk/str.h>

/* Room for the words below around node and error. */
#define TEXT_SIZE (3 * ITEM_NAME_MAX)

/* Whether the item is held by that claim still, and as the cause says. */
static bool is_as_seen(const struct item *item, const struct reap_fields *f)
{
    const struct lease *lease = item ? item->lease : NULL;

    if (!item || item->state != ITEM_LEASED)
        return false;
    if (!rh_str_eq(lease->holder->node_id, f->node_id) || item->attempts != f->attempt ||
        lease->claimed_at_ms != f->claimed_at)
        return false;
    return lease->started_at_ms == 0 || !rh_str_eq_c(f->cause, "stale");
}

static struct rh_str error_of(const struct item *item, const struct reap_fields *f,
                              char text[TEXT_SIZE])
{
    const int n = snprintf(text, TEXT_SIZE, "attempt %u of %u on %.*s was ended, %.*s%s%.*s",
                           item->attempts, item->max_attempts, RH_STR_ARG(f->node_id),
                           RH_STR_ARG(f->cause), f->error.n > 0 ? ": " : "", RH_STR_ARG(f->error));

    return (struct rh_str){text, (size_t)n}; /* it fits */
}

int32_t handle_reap(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct reap_fields *f = fields;
    char text[TEXT_SIZE];
    struct rh_json_reply body;
    struct item *item = NULL;
    uint64_t seq = 0;
    uint8_t state;
    int32_t rc;

    wire_tick(self);
    if (item_id_parse(f->work_id, &seq) == RH_OK)
        item = queue_find(&self->queue, seq);
    if (!is_as_seen(item, f))
        return rh_failf(&self->rh, RH_ESTALECLAIM, "that claim on work item \"%.*s\" has ended%s",
                        RH_STR_ARG(f->work_id), item ? ", or its work has begun" : "");
    store_begin(self);
    state = wire_end_attempt(self, item, ITEM_END_REAPED, true, error_of(item, f, text));
    rc = store_commit(self, false);
    if (rc != RH_OK) {
        self->rh.core->reactivate(self->rh.ctx, "the end of an attempt could not be submitted");
        return rc;
    }
    rh_json_reply_begin(&body);
    rh_json_kv_str(&body.w, "work_id", f->work_id);
    rh_json_kv_strc(&body.w, "status", item_state_name(state));
    rc = rh_json_reply_send(&body, &self->rh, req, 200);
    wire_settle(self);
    return rc;
}
