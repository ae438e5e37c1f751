/* POST /work/claim: matching, parking, waking, and the answer with payloads. */
#include "wire.h"

#include <string.h>

#include <ringhost/sdk/str.h>

/* Who the claim is for, as the core sees it; boards come from the affinity table when the claim
 * names none. */
static struct match_claim read_claim(const struct work_queue *self, const struct claim_fields *f)
{
    struct match_claim claim = {f->node_id,   f->work_types,  f->capabilities, f->board_types,
                                f->gpu.count, f->gpu.vram_mb, f->steal != 0,   (uint64_t)f->poll};
    const struct rh_list *list = &self->config->affinity;

    if (claim.gpu_count == 0 && (f->gpu.name.n > 0 || f->gpu.vram_mb > 0))
        claim.gpu_count = 1;
    for (uint32_t i = 0; i < list->count && claim.board_types.count == 0; i++) {
        const char *at = (const char *)list->items + (size_t)i * list->stride;
        const struct affinity *affinity = (const struct affinity *)(const void *)at;
        if (f->gpu.name.n > 0 && rh_glob_match(affinity->gpu, f->gpu.name))
            claim.board_types = affinity->board_types;
    }
    return claim;
}

static bool is_in_maintenance(const struct work_queue *self, struct rh_str node_id)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};

    return self->rh.cluster->peer(self->rh.ctx, node_id, &peer) == RH_OK && peer.maintenance != 0;
}

static void write_refused(struct rh_json_writer *w, const uint64_t *refused)
{
    rh_json_key(w, "refused");
    rh_json_begin_object(w);
    for (uint32_t i = MATCH_OK + 1; i < MATCH_REASON_COUNT; i++) {
        if (refused[i] > 0)
            rh_json_kv_int(w, match_reason_name(i), (int64_t)refused[i]);
    }
    rh_json_end_object(w);
}

static void write_lease(struct work_queue *self, struct rh_json_writer *w, const struct item *item)
{
    struct queue_time now = wire_now(self);
    char token[TOKEN_TEXT_SIZE];

    rh_json_kv_str(w, "claim_token", token_format(item->lease->token, token));
    rh_json_kv_int(w, "lease_expires_at", now.wall_ms + item->lease->expires_ms - now.mono_ms);
}

/* A row of the item, or "{}". What cannot be read now is not what is not there: nobody is to work
 * at half an item. */
static int32_t write_row(struct work_queue *self, struct rh_json_writer *w, const char *name,
                         uint8_t row, uint64_t seq)
{
    struct rh_key key = key_of_seq(row, seq);
    struct rh_str value;
    bool found = false;
    const int32_t rc = store_get(self, &key, &value, &found);

    if (rc == RH_OK)
        rh_json_kv_raw(w, name, found ? value : RH_STR_LIT("{}"));
    return rc;
}

static int32_t write_given(struct work_queue *self, struct rh_json_writer *w,
                           const struct item *item)
{
    const uint64_t seq = item->entry.seq;
    int32_t rc;

    rh_json_begin_object(w);
    wire_write_item(self, w, item);
    write_lease(self, w, item);
    rc = write_row(self, w, "payload", ROW_PAYLOAD, seq);
    if (rc == RH_OK && (item->has_files || item->has_depends))
        rc = wire_write_names(self, w, seq);
    if (rc == RH_OK && item->has_checkpoint)
        rc = write_row(self, w, "checkpoint", ROW_CHECKPOINT, seq);
    rh_json_end_object(w);
    return rc;
}

/* What came of a claim. */
struct outcome {
    struct item *items[CLAIM_ITEMS_MAX];
    uint32_t count;
    bool is_stolen;
    uint64_t refused[MATCH_REASON_COUNT];
};

static void look(struct work_queue *self, const struct match_claim *claim, uint32_t max,
                 struct outcome *out)
{
    *out = (struct outcome){.count = 0};
    if (is_in_maintenance(self, claim->node_id)) {
        out->refused[MATCH_MAINTENANCE] = 1;
        stats_refuse(&self->queue.stats, out->refused);
    } else {
        out->count = queue_claim(&self->queue, claim, wire_now(self), out->items, max, out->refused,
                                 &out->is_stolen);
    }
}

/* Commits and answers. A claim is lazy (a forgotten one is safe, see README.md) and answered at
 * once if all that it stands on is durable, else after that. Stealing ends another's lease and is
 * therefore durable before the answer. */
static int32_t answer(struct work_queue *self, rh_req req, const struct outcome *outcome)
{
    struct item *const *items = outcome->items;
    uint32_t count = outcome->count;
    struct rh_json_reply reply;
    bool is_settled = !outcome->is_stolen;
    int32_t rc = RH_OK;

    if (count > 0) {
        store_begin(self);
        for (uint32_t i = 0; i < count; i++) {
            is_settled = is_settled && store_is_settled(self, items[i]);
            store_put_status(self, items[i]);
        }
        rc = store_commit(self, !outcome->is_stolen);
        if (rc && outcome->is_stolen)
            self->rh.core->reactivate(self->rh.ctx, "a claim could not be submitted");
        if (rc)
            return rc; /* The leases run out by themselves. */
    }
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "items");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < count && rc == RH_OK; i++)
        rc = write_given(self, &reply.w, items[i]);
    rh_json_end_array(&reply.w);
    if (rc) {
        rh_buf_release(&reply.buf);
        return rc; /* as above */
    }
    if (count == 1) {
        char id[ITEM_ID_TEXT_SIZE];
        rh_json_kv_str(&reply.w, "work_id", item_id_format(items[0]->entry.seq, id));
        write_lease(self, &reply.w, items[0]);
    }
    write_refused(&reply.w, outcome->refused);
    return is_settled ? rh_json_reply_send_early(&reply, &self->rh, req, 200)
                      : rh_json_reply_send(&reply, &self->rh, req, 200);
}

void wire_unpark(struct work_queue *self, struct waiter *waiter)
{
    struct match_claim claim = waiter->claim;
    uint32_t max_items = waiter->max_items;
    rh_req req = waiter->id;
    struct outcome outcome;

    waiters_leave(&self->waiters, waiter);
    look(self, &claim, max_items, &outcome);
    int32_t rc = answer(self, req, &outcome);
    if (rc)
        (void)rh_reply_errorf(&self->rh, req, rc, NULL, "the claim could not be answered");
}

/* Whoever asks anew waits for no former answer: work that went there would be lost. */
static void dismiss_older(struct work_queue *self, const struct match_claim *claim)
{
    const struct outcome nothing = {.count = 0};
    struct waiter *waiter;

    while ((waiter = waiters_older(&self->waiters, claim->node_id, claim->poll))) {
        const rh_req req = waiter->id;
        waiters_leave(&self->waiters, waiter);
        (void)answer(self, req, &nothing); /* nobody hears it */
    }
}

/* A parked claim and work that suits it. */
struct meeting {
    const struct queue *queue;
    const struct fair_class *class_;
};

static bool is_allowed(const void *ctx, const struct waiter *waiter)
{
    const struct meeting *meeting = ctx;

    return queue_gate(meeting->queue, meeting->class_, waiter->claim.node_id) == MATCH_OK;
}

void wire_wake(struct work_queue *self)
{
    struct fair_bucket *bucket;
    struct waiter *waiter;

    if (waiters_count(&self->waiters) > 0)
        queue_wake_freed(&self->queue);
    while ((bucket = queue_next_woken(&self->queue))) {
        const struct meeting meeting = {&self->queue, bucket->lane->class_};
        while (bucket->pending.count > 0 &&
               (waiter = waiters_match(&self->waiters, &bucket->shape, is_allowed, &meeting)))
            wire_unpark(self, waiter);
    }
}

static void on_gone(void *instance, rh_req req, void *user)
{
    struct work_queue *self = instance;
    struct waiter *waiter = self->is_built ? waiters_find(&self->waiters, req) : NULL;

    (void)user;
    if (waiter)
        waiters_leave(&self->waiters, waiter);
}

/* Whether the request was parked; if there is no room it is answered at once. */
static bool park(struct work_queue *self, rh_req req, const struct claim_fields *f,
                 const struct match_claim *claim)
{
    int64_t until_ms = wire_now(self).mono_ms + f->wait_s * 1000;

    if (waiters_park(&self->waiters, req, claim, (uint32_t)f->max_items, until_ms))
        return false;
    if (self->rh.http->watch(self->rh.ctx, req, on_gone, NULL)) {
        waiters_leave(&self->waiters, waiters_find(&self->waiters, req));
        return false;
    }
    return true;
}

int32_t handle_claim(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct claim_fields *f = fields;
    struct match_claim claim = read_claim(self, f);
    struct outcome outcome;
    int32_t rc;

    wire_tick(self);
    dismiss_older(self, &claim);
    rc = wire_take_back(self, f);
    if (rc)
        goto out;
    look(self, &claim, (uint32_t)f->max_items, &outcome);
    if (outcome.count == 0 && outcome.refused[MATCH_MAINTENANCE] == 0 && f->wait_s > 0 &&
        park(self, req, f, &claim))
        goto out;
    rc = answer(self, req, &outcome);
out:
    wire_settle(self);
    return rc;
}
