/* The one long poll for work: when it may begin, what it asks, what comes of the answer. */
#include "wire.h"

#include <stdio.h>

#include <ringhost/sdk/str.h>

#include "answer.h"
#include "backoff.h"

/* Reports may wait in store while work goes on, but not without end. */
#define OUTBOX_CLAIM_MAX (OUTBOX_MAX / 2)

struct claim_answer {
    struct rh_list items;
    struct rh_str refused;
};

static const struct rh_field item_rows[] = {
    RH_STR(struct claimed_item, work_id, RH_REQUIRED, "the item"),
    RH_STR(struct claimed_item, work_type, RH_REQUIRED, "what to do"),
    RH_STR(struct claimed_item, config_key, 0, "board and players"),
    RH_STR(struct claimed_item, claim_token, RH_REQUIRED, "for reports"),
    RH_RAW_OBJECT(struct claimed_item, payload, 0, "what to do it with"),
    RH_RAW(struct claimed_item, checkpoint, 0, "what an earlier attempt has left"),
    RH_STR_LIST(struct claimed_item, inputs, 0, "artifacts that it needs"),
    RH_STR_LIST(struct claimed_item, outputs, 0, "files that it leaves"),
    RH_INT(struct claimed_item, attempt, 1, 0, 1000000, "which try this is"),
    RH_INT(struct claimed_item, timeout_s, 0, 0, 31536000, "the lease"),
    RH_INT(struct claimed_item, max_runtime_s, 0, 0, 31536000, "longest attempt"),
    RH_BOOL(struct claimed_item, needs_gpu, false, "it must have a device"),
    RH_INT(struct claimed_item, min_vram_mb, 0, 0, RH_JSON_INT_MAX, "likewise, if it is not 0"),
    RH_INT(struct claimed_item, lease_expires_at, 0, 0, 0, "Unix ms of the leader's clock"),
};
static const struct rh_fields item_table = RH_FIELDS(struct claimed_item, item_rows);
static const struct rh_field answer_rows[] = {
    RH_OBJECT_LIST(struct claim_answer, items, 0, CLAIM_ITEMS_MAX, struct claimed_item, item_rows,
                   "what was given"),
    RH_RAW_OBJECT(struct claim_answer, refused, 0, "counts by reason"),
};
static const struct rh_fields answer_table = RH_FIELDS(struct claim_answer, answer_rows);

/* What is enough to tell the queue about an item. */
struct claimed_name {
    struct rh_str work_id;
    struct rh_str claim_token;
};
static const struct rh_field name_rows[] = {
    RH_STR(struct claimed_name, work_id, RH_REQUIRED, "the item"),
    RH_STR(struct claimed_name, claim_token, RH_REQUIRED, "for reports"),
};
static const struct rh_fields name_table = RH_FIELDS(struct claimed_name, name_rows);

bool worker_claim_is_maintenance(const struct worker *w)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};

    return w->rh.cluster->peer(w->rh.ctx, worker_node(w), &peer) == RH_OK && peer.maintenance != 0;
}

/* How many jobs of this command there is room for. */
static uint32_t room_for(const struct worker *w, const struct command *command)
{
    uint32_t jobs = slots_free(&w->slots) / (uint32_t)command->cpus;
    uint32_t by_gpu =
        command->gpus > 0 ? slots_gpus_free(&w->slots) / (uint32_t)command->gpus : jobs;

    return jobs < by_gpu ? jobs : by_gpu;
}

/* What a claim may ask for: no more items than there is room for, whichever of the types they are
 * of. */
struct offer {
    uint32_t max_items; /* 0 = none */
    bool is_whole;      /* nothing is left out for want of room */
};

static struct offer offer_of(const struct worker *w)
{
    struct offer offer = {.max_items = UINT32_MAX, .is_whole = true};

    for (uint32_t i = 0; i < w->config->commands.count; i++) {
        uint32_t room = room_for(w, worker_command_at(w, i));

        if (room == 0)
            offer.is_whole = false;
        else if (room < offer.max_items)
            offer.max_items = room;
    }
    if (offer.max_items == UINT32_MAX)
        offer.max_items = 0;
    if (offer.max_items > CLAIM_ITEMS_MAX)
        offer.max_items = CLAIM_ITEMS_MAX;
    if (w->config->gpu.count > 0 && slots_gpus_free(&w->slots) == 0)
        offer.is_whole = false;
    return offer;
}

static bool is_wanted(const struct worker *w)
{
    return !w->is_quiescing && !w->is_drained && !w->is_adopting &&
           w->preempt.state == PREEMPT_NONE && offer_of(w).max_items > 0 &&
           w->outbox.count < OUTBOX_CLAIM_MAX && !worker_claim_is_maintenance(w);
}

static int64_t may_begin_ms(const struct worker *w)
{
    return w->paused_until_ms > w->poll.not_before_ms ? w->paused_until_ms : w->poll.not_before_ms;
}

static void write_claim(const struct worker *w, struct rh_json_writer *j)
{
    const struct worker_config *config = w->config;
    const struct offer offer = offer_of(w);
    const uint32_t gpus = slots_gpus_free(&w->slots);

    rh_json_begin_object(j);
    rh_json_kv_str(j, "node_id", worker_node(w));
    rh_json_key(j, "work_types");
    rh_json_begin_array(j);
    for (uint32_t i = 0; i < config->commands.count; i++)
        if (room_for(w, worker_command_at(w, i)) > 0)
            rh_json_string(j, worker_command_at(w, i)->work_type);
    rh_json_end_array(j);
    rh_json_kv_str_list(j, "capabilities", &config->capabilities);
    rh_json_kv_str_list(j, "board_types", &config->board_types);
    if (gpus > 0) { /* without it, no item that needs one is given */
        rh_json_key(j, "gpu");
        rh_json_begin_object(j);
        rh_json_kv_int(j, "count", gpus);
        rh_json_kv_str(j, "name", config->gpu.name);
        rh_json_kv_int(j, "vram_mb", config->gpu.vram_mb);
        rh_json_end_object(j);
    }
    rh_json_kv_int(j, "poll", (int64_t)(w->poll.round + 1));
    worker_held_write(w, j);
    rh_json_kv_int(j, "max_items", offer.max_items);
    rh_json_kv_int(
        j, "wait_s",
        (!offer.is_whole && config->poll_wait > POLL_PART_MS ? POLL_PART_MS : config->poll_wait) /
            1000);
    rh_json_end_object(j);
}

static void put_off(struct worker *w, uint32_t retry_after_s)
{
    w->poll.failures++;
    w->poll.not_before_ms =
        worker_now(w) +
        backoff_ms(w->poll.failures - 1, POLL_CAP_MS, retry_after_s, w->rh.core->random(w->rh.ctx));
}

static void take_item(struct worker *w, const struct claimed_item *item)
{
    const bool is_unwanted = w->is_quiescing || w->is_drained || w->preempt.state != PREEMPT_NONE;
    int32_t rc = is_unwanted ? RH_ECANCELLED : worker_work_accept(w, item);

    if (rc == RH_OK) {
        w->counters.claimed++;
    } else {
        rh_log_warn(&w->rh, "item_given_back", "work_id=%.*s rc=%d", RH_STR_ARG(item->work_id),
                    (int)rc);
        worker_lease_release(w, item->work_id, item->claim_token);
    }
}

static void take_items(struct worker *w, const struct rh_list *items)
{
    for (uint32_t i = 0; i < items->count; i++) {
        const char *at = (const char *)items->items + (size_t)i * items->stride;

        take_item(w, (const struct claimed_item *)(const void *)at);
    }
}

/* An item that this node cannot read ends its attempt: given back uncounted it would come again
 * without end. One whose name cannot be read either goes back with the next claim, which does not
 * hold it. */
static void refuse_item(struct worker *w, struct rh_str text, const char *why)
{
    struct claimed_name name;
    void *memory = NULL;
    char error[PROBLEM_SIZE + 64];

    if (w->rh.fields->decode(w->rh.ctx, &name_table, text, &name, &memory, NULL, 0) != RH_OK)
        return;
    (void)snprintf(error, sizeof(error), "this node cannot read the item: %s", why); /* as above */
    worker_lease_refuse(w, name.work_id, name.claim_token, error);
    w->rh.fields->release(w->rh.ctx, memory);
}

/* An answer that cannot be read as a whole, taken apart. */
static void take_pieces(struct worker *w, struct rh_str body)
{
    struct rh_str rest = answer_items(body);
    struct rh_str text;

    for (uint32_t i = 0; i < CLAIM_ITEMS_MAX && answer_next(&rest, &text); i++) {
        struct claimed_item item;
        void *memory = NULL;
        char why[PROBLEM_SIZE] = "";

        if (w->rh.fields->decode(w->rh.ctx, &item_table, text, &item, &memory, why,
                                 (uint32_t)sizeof(why)) != RH_OK) {
            refuse_item(w, text, why);
            continue;
        }
        take_item(w, &item);
        w->rh.fields->release(w->rh.ctx, memory);
    }
}

static void take_answer(struct worker *w, const struct rh_reply *reply)
{
    struct claim_answer answer;
    void *memory = NULL;
    char why[PROBLEM_SIZE] = "";

    if (w->rh.fields->decode(w->rh.ctx, &answer_table, reply->body, &answer, &memory, why,
                             (uint32_t)sizeof(why)) != RH_OK) {
        rh_log_error(&w->rh, "claim_unreadable", "why=\"%s\"", why);
        worker_problem(w, "", "the answer to a claim cannot be read: %s", why);
        take_pieces(w, reply->body);
        put_off(w, 0);
        return;
    }
    if (answer.items.count == 0)
        (void)snprintf(w->poll.last_refusal, sizeof(w->poll.last_refusal), "%.*s",
                       RH_STR_ARG(answer.refused)); /* cut when long; shown as text */
    take_items(w, &answer.items);
    /* A refusal at once would be asked for again at once. */
    if (answer.items.count == 0 && worker_now(w) - w->poll.sent_ms < POLL_QUICK_MS) {
        put_off(w, reply->retry_after_s);
    } else {
        w->poll.failures = 0;
        w->poll.not_before_ms = 0;
    }
    w->rh.fields->release(w->rh.ctx, memory);
}

static void on_answer(void *self, void *user, const struct rh_reply *reply)
{
    struct worker *w = self;

    if (!w->is_active || !w->poll.is_out || (uint64_t)(uintptr_t)user != w->poll.round)
        return;
    w->poll.is_out = false;
    if (reply->rc == RH_OK && reply->status == 200) {
        take_answer(w, reply);
    } else if (reply->rc != RH_ECANCELLED) {
        w->counters.polls_failed++;
        if (w->poll.failures == 0)
            rh_logf(&w->rh, reply->status == 0 || reply->status == 503 ? RH_LOG_INFO : RH_LOG_WARN,
                    "claim_failed", "rc=%d status=%u code=%.*s why=\"%.*s\"", (int)reply->rc,
                    reply->status, RH_STR_ARG(reply->error_code), RH_STR_ARG(reply->message));
        if (reply->status >= 400 && reply->status < 500)
            worker_problem(w, "", "claim refused with %u %.*s: %.*s", reply->status,
                           RH_STR_ARG(reply->error_code), RH_STR_ARG(reply->message));
        put_off(w, reply->retry_after_s);
    }
    worker_kick(w);
}

static int32_t send(struct worker *w, struct rh_str body)
{
    const struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .target = "leader",
        .method = "POST",
        .path = "/work/claim",
        .body = body,
        .timeout_ms = w->config->poll_wait + POLL_MARGIN_MS,
    };

    return w->rh.http->call(w->rh.ctx, &call, on_answer, (void *)(uintptr_t)(w->poll.round + 1),
                            &w->poll.call);
}

/* The pause is over: whether there is room now is for the next item to show, if there is one. */
static void show_room(struct worker *w)
{
    if (!w->is_room_shown || worker_now(w) < w->paused_until_ms)
        return;
    w->is_room_shown = false;
    rh_warnf(&w->rh, "input_room", NULL);
}

void worker_claim_pump(struct worker *w)
{
    struct rh_buf body;
    struct rh_json_writer j;
    int32_t rc;

    show_room(w);
    if (w->poll.is_out || !is_wanted(w) || worker_now(w) < may_begin_ms(w))
        return;
    rh_buf_init(&body, BODY_MAX);
    rh_json_init(&j, &body);
    write_claim(w, &j);
    rc = rh_json_finish(&j);
    if (rc == RH_OK)
        rc = send(w, rh_buf_str(&body));
    rh_buf_release(&body);
    if (rc != RH_OK) {
        put_off(w, 0);
        return;
    }
    w->poll.round++;
    w->poll.is_out = true;
    w->poll.sent_ms = worker_now(w);
    w->counters.polls++;
}

int64_t worker_claim_wake_ms(const struct worker *w)
{
    int64_t wake_ms = !w->poll.is_out && is_wanted(w) ? may_begin_ms(w) : INT64_MAX;

    return w->is_room_shown && w->paused_until_ms < wake_ms ? w->paused_until_ms : wake_ms;
}

void worker_claim_stop(struct worker *w)
{
    if (!w->poll.is_out)
        return;
    w->poll.is_out = false;
    w->poll.round++;
    /* Gone already is fine. What the leader grants to a call that nobody waits for goes back with
     * the next one. */
    (void)w->rh.http->cancel(w->rh.ctx, w->poll.call);
}

/* A poll that is out stays: what the leader grants to one that was cancelled would be lost until
 * the next one. */
void worker_claim_pause(struct worker *w, const char *input, const char *why)
{
    w->paused_until_ms = worker_now(w) + ROOM_PAUSE_MS;
    w->is_room_shown = true;
    rh_warnf(&w->rh, "input_room",
             "input %s: %s; the item was given back, and none is claimed for %d s", input, why,
             ROOM_PAUSE_MS / 1000);
}

void worker_claim_resume(struct worker *w)
{
    w->paused_until_ms = 0;
    w->is_room_shown = false;
    rh_warnf(&w->rh, "input_room", NULL);
}
