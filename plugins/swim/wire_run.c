/* Carries out what the core wants: pings, answers, reports to the host, reserved incarnations. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* A ping, or a question to a proxy, under way. */
struct call_context {
    uint32_t run;
    uint64_t seq;
    char node_id[SWIM_ID_MAX + 1];
};

static const char *const reasons[MEMBER_REASONS] = {
    "known before",
    "says so itself",
    "others do not reach it",
    "others gave it up",
    "said goodbye",
    "answers neither us nor others",
    "was suspect and stayed silent",
    "a hub hears from it",
};

int64_t swim_now(const struct swim_plugin *p)
{
    return p->rh.core->now_ms(p->rh.ctx);
}

static void take_ping_reply(struct swim_plugin *p, const struct call_context *context,
                            const struct rh_reply *reply)
{
    struct update updates[SWIM_UPDATES_MAX];
    struct wire_ping_reply wire;
    char why[RH_TEXT_MAX];
    void *memory = NULL;

    if (p->rh.fields->decode(p->rh.ctx, &wire_ping_reply_table, reply->body, &wire, &memory, why,
                             sizeof(why)) != RH_OK) {
        rh_log_warn(&p->rh, "bad_ping_reply", "from=%s why=%s", context->node_id, why);
        swim_on_no_answer(&p->core, context->seq, swim_now(p));
        return;
    }
    swim_on_updates(&p->core, updates, swim_take_updates(&wire.updates, updates), swim_now(p));
    swim_on_ack(&p->core, context->seq, (uint64_t)wire.incarnation, reply->rtt_ms, swim_now(p));
    (void)p->membership->seen(p->rh.ctx, rh_str_from(context->node_id),
                              reply->rtt_ms); /* it may be gone from the table */
    p->rh.fields->release(p->rh.ctx, memory);
}

static void on_pong(void *self, void *user, const struct rh_reply *reply)
{
    struct swim_plugin *p = self;
    struct call_context *context = user;
    const bool is_it = reply->rc == RH_OK && rh_str_eq_c(reply->node_id, context->node_id) &&
                       !rh_str_eq_c(reply->error_code, "wrong_cluster");

    if (p->is_running && context->run == p->run && context->seq) {
        if (is_it && reply->status == 200)
            take_ping_reply(p, context, reply);
        else if (is_it)
            swim_on_mute(&p->core, context->seq, reply->status != 404, swim_now(p));
        else
            swim_on_no_answer(&p->core, context->seq, swim_now(p));
        swim_settle(p);
    }
    free(context);
}

static void on_proxy_answer(void *self, void *user, const struct rh_reply *reply)
{
    struct swim_plugin *p = self;
    struct call_context *context = user;
    struct wire_ask_reply wire = {0};
    uint32_t outcome = SWIM_SILENT;
    void *memory = NULL;

    if (p->is_running && context->run == p->run) {
        if (reply->rc == RH_OK && reply->status == 200 &&
            p->rh.fields->decode(p->rh.ctx, &wire_ask_reply_table, reply->body, &wire, &memory,
                                 NULL, 0) == RH_OK)
            outcome = wire.acked ? SWIM_ACKED : SWIM_NACKED;
        p->rh.fields->release(p->rh.ctx, memory);
        swim_on_indirect(&p->core, context->seq, outcome, (uint64_t)wire.incarnation, swim_now(p));
        swim_settle(p);
    }
    free(context);
}

/* By name where the host knows the address; what the node itself said last is newer. */
static void name_target(const struct swim_plugin *p, const struct swim_action *action, char *target,
                        size_t size)
{
    struct rh_peer view = {.size = (uint32_t)sizeof(view)};
    const bool is_known =
        p->rh.cluster->peer(p->rh.ctx, rh_str_from(action->node_id), &view) == RH_OK &&
        (!action->address[0] || rh_str_eq_c(view.address, action->address));

    (void)snprintf(target, size, "%s%s", is_known ? "" : "addr:",
                   is_known ? action->node_id : action->address); /* fits by its size */
}

static int32_t start_call(struct swim_plugin *p, const struct swim_action *action, const char *path,
                          const struct rh_buf *body,
                          void (*cb)(void *self, void *user, const struct rh_reply *reply))
{
    struct call_context *context = calloc(1, sizeof(*context));
    char target[SWIM_ADDRESS_MAX + sizeof("addr:")];
    const struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .lane = RH_LANE_CONTROL,
        .target = target,
        .method = "POST",
        .path = path,
        .body = rh_buf_str(body),
        .timeout_ms = action->timeout_ms,
        .flags = RH_CALL_IDEMPOTENT | RH_CALL_DIRECT,
    };
    int32_t rc;

    if (!context)
        return RH_ENOMEM;
    name_target(p, action, target, sizeof(target));
    context->run = p->run;
    context->seq = action->seq;
    memcpy(context->node_id, action->node_id, sizeof(context->node_id));
    rc = body->rc == RH_OK ? p->rh.http->call(p->rh.ctx, &call, cb, context, NULL) : body->rc;
    if (rc != RH_OK)
        free(context);
    return rc;
}

static void send_ping(struct swim_plugin *p, const struct swim_action *action)
{
    struct rh_json_writer w;
    struct rh_buf body;

    rh_buf_init(&body, SWIM_MESSAGE_BYTES);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "from", p->core.cfg.self);
    rh_json_kv_int(&w, "seq", (int64_t)action->seq);
    rh_json_kv_int(&w, "incarnation", (int64_t)p->core.incarnation);
    swim_put_updates(p, &w, action->node_id);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w);                                  /* start_call looks */
    (void)start_call(p, action, "/swim/ping", &body, on_pong); /* as if it were lost */
    rh_buf_release(&body);
}

static void ask_proxy(struct swim_plugin *p, const struct swim_action *action)
{
    struct rh_json_writer w;
    struct rh_buf body;

    rh_buf_init(&body, SWIM_MESSAGE_BYTES);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "from", p->core.cfg.self);
    rh_json_kv_strc(&w, "target", action->target);
    rh_json_kv_int(&w, "seq", (int64_t)action->seq);
    rh_json_kv_int(&w, "timeout_ms", action->timeout_ms);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* start_call looks */
    if (start_call(p, action, "/swim/indirect-ping", &body, on_proxy_answer) != RH_OK)
        swim_on_indirect(&p->core, action->seq, SWIM_SILENT, 0, swim_now(p));
    rh_buf_release(&body);
}

static void answer_asker(struct swim_plugin *p, const struct swim_action *action)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "acked", action->is_acked);
    if (action->incarnation)
        rh_json_kv_int(&reply.w, "incarnation", (int64_t)action->incarnation);
    (void)rh_json_reply_send_early(&reply, &p->rh, action->handle, 200); /* it may have gone */
}

static void run_action(struct swim_plugin *p, const struct swim_action *action)
{
    switch (action->kind) {
    case SWIM_PING:
        send_ping(p, action);
        break;
    case SWIM_INDIRECT:
        ask_proxy(p, action);
        break;
    default:
        answer_asker(p, action);
        break;
    }
}

static void report_changes(struct swim_plugin *p)
{
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    const struct member *member;

    while ((member = swim_next_changed(&p->core)) != NULL) {
        if (member->reason == MEMBER_NO_REASON)
            continue; /* the host knows it already */
        (void)p->membership->report(p->rh.ctx, rh_str_from(member->id), member->state,
                                    member->incarnation,
                                    reasons[member->reason]); /* gone: the next sync drops it */
    }
    if (!swim_own_changed(&p->core))
        return;
    p->rh.core->self(p->rh.ctx, &node);
    (void)p->membership->report(p->rh.ctx, node.node_id, RH_PEER_ALIVE, p->core.incarnation,
                                "this node"); /* this node is in the table */
}

/* Nobody waits for the write: half a block is left. */
static void reserve_more(struct swim_plugin *p)
{
    const uint64_t reserve = incarnation_reserve(p->core.incarnation);

    if (incarnation_is_low(p->core.incarnation, p->reserved) &&
        swim_store_reserve(p, reserve, NULL) == RH_OK)
        p->reserved = reserve;
}

static void on_timer(void *self, void *user)
{
    struct swim_plugin *p = self;

    (void)user;
    p->timer = 0;
    if (!p->is_running)
        return;
    swim_tick(&p->core, swim_now(p));
    swim_settle(p);
}

static void arm_timer(struct swim_plugin *p)
{
    const int64_t next_ms = swim_next_ms(&p->core);
    const int64_t now_ms = swim_now(p);

    if (p->timer && p->timer_ms == next_ms)
        return;
    if (p->timer)
        (void)p->rh.core->timer_cancel(p->rh.ctx, p->timer); /* it has not fired */
    p->timer = 0;
    p->timer_ms = next_ms;
    if (next_ms != INT64_MAX &&
        p->rh.core->timer(p->rh.ctx, next_ms > now_ms ? next_ms - now_ms : 0, on_timer, NULL,
                          &p->timer) != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "swim could not set its timer");
}

void swim_sync(struct swim_plugin *p)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    uint32_t i = 0;

    p->rh.cluster->peers(p->rh.ctx, &peers);
    while (i < p->core.members.count) {
        struct member *member = p->core.members.slots[i];
        struct rh_peer view = {.size = (uint32_t)sizeof(view)};

        if (p->rh.cluster->peer(p->rh.ctx, rh_str_from(member->id), &view) == RH_OK)
            i++;
        else
            swim_forget(&p->core, member->id); /* another one takes its place */
    }
    for (i = 0; i < peers.count; i++) {
        const struct rh_peer *view =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);
        char id[SWIM_ID_MAX + 1];
        char address[SWIM_ADDRESS_MAX + 1];
        int32_t rc;

        if (view->is_self)
            continue;
        rc = rh_str_copy(id, sizeof(id), view->node_id);
        if (rc == RH_OK)
            rc = rh_str_copy(address, sizeof(address), view->address);
        if (rc == RH_OK)
            rc = swim_learn(&p->core, id, address, view->state, view->incarnation, swim_now(p));
        if (rc != RH_OK)
            rh_log_warn(&p->rh, "member_not_taken", "node=%.*s code=%" PRId32,
                        RH_STR_ARG(view->node_id), rc);
    }
}

void swim_settle(struct swim_plugin *p)
{
    struct swim_action action;

    while (swim_next_action(&p->core, &action))
        run_action(p, &action);
    report_changes(p);
    reserve_more(p);
    swim_metrics_count(p);
    arm_timer(p);
}
