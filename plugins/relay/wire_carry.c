/* Calls of this node to nodes behind hubs: which hub, what it says, back to the host. */
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* A call on its way. */
struct trip {
    uint32_t run;
    uint64_t id; /* of the host */
    int64_t deadline_ms;
    uint64_t order_key;
    uint32_t hub_count, tried;
    char hubs[CHOICE_HUBS_MAX][FRAME_NODE_MAX + 1];
    struct rh_buf bytes; /* the request as a frame */
};

static void deliver(struct relay_plugin *p, uint64_t id, const struct rh_reply *reply)
{
    (void)p->reach->delivered(p->rh.ctx, id, reply); /* nobody may wait any more */
}

static void deliver_rc(struct relay_plugin *p, uint64_t id, int32_t rc, struct rh_str words)
{
    const struct rh_reply reply = {.size = (uint32_t)sizeof(reply), .rc = rc, .message = words};

    deliver(p, id, &reply);
}

static void trip_free(struct trip *trip)
{
    rh_buf_release(&trip->bytes);
    free(trip);
}

/* What the status of a hub's own refusal means to who called. */
static int32_t rc_of(uint32_t status)
{
    static const struct {
        uint32_t status;
        int32_t rc;
    } rows[] = {{503, RH_EUNREACHABLE}, {429, RH_EAGAIN},       {504, RH_ETIMEOUT},
                {502, RH_EUNKNOWN},     {409, RH_EUNKNOWN},     {401, RH_EUNREACHABLE},
                {403, RH_EUNREACHABLE}, {404, RH_EUNREACHABLE}, {400, RH_EUNREACHABLE},
                {413, RH_ETOOLARGE}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].status == status)
            return rows[i].rc;
    return RH_EUNKNOWN;
}

static bool try_next(struct relay_plugin *p, struct trip *trip);

static void take_reply(struct relay_plugin *p, const struct trip *trip,
                       const struct rh_reply *reply)
{
    struct rh_str bytes = reply->body;
    struct frame frame;
    struct rh_reply answer = {.size = (uint32_t)sizeof(answer)};

    if (frame_take(&bytes, &frame) != RH_OK || frame.kind != FRAME_REPLY ||
        frame.data.n != frame.total) {
        deliver_rc(p, trip->id, RH_EUNKNOWN, RH_STR_LIT("the hub's answer makes no sense"));
        return;
    }
    answer.status = frame.status;
    answer.retry_after_s = frame.retry_after_s;
    answer.body = frame.data;
    answer.node_id = frame.node;
    answer.content_type = frame.content_type;
    deliver(p, trip->id, &answer);
}

static void on_answer(void *self, void *user, const struct rh_reply *reply)
{
    struct relay_plugin *p = self;
    struct trip *trip = user;
    /* Both say that the node has not got it: another hub may bring it. */
    const bool is_not_done = reply->rc == RH_EUNREACHABLE ||
                             (reply->rc == RH_OK && (reply->status == 503 || reply->status == 404));

    if (!p->is_running || trip->run != p->run)
        deliver_rc(p, trip->id, RH_ECANCELLED, RH_STR_LIT("the relay stops"));
    else if (reply->rc == RH_OK && reply->status == 200)
        take_reply(p, trip, reply);
    else if (is_not_done && try_next(p, trip))
        return;
    else if (reply->rc != RH_OK)
        deliver_rc(p, trip->id, reply->rc, reply->message);
    else
        deliver_rc(p, trip->id, rc_of(reply->status),
                   reply->message.n > 0 ? reply->message : reply->error_code);
    trip_free(trip);
}

/* Ask the next hub; false: there is none, or no time. */
static bool try_next(struct relay_plugin *p, struct trip *trip)
{
    while (trip->tried < trip->hub_count) {
        const int64_t left_ms = trip->deadline_ms - relay_now(p);
        struct rh_call call = {.size = (uint32_t)sizeof(call),
                               .target = trip->hubs[trip->tried],
                               .method = "POST",
                               .path = "/relay/carry",
                               .body = rh_buf_str(&trip->bytes),
                               .content_type = "application/octet-stream",
                               .timeout_ms = left_ms,
                               .order_key = trip->order_key,
                               .lane =
                                   trip->bytes.n > FRAME_DATA_MAX ? RH_LANE_BULK : RH_LANE_NORMAL,
                               .flags = RH_CALL_DIRECT};

        if (left_ms <= 0)
            return false;
        p->stats.retried += trip->tried > 0;
        trip->tried++;
        frame_set_timeout(trip->bytes.p, (uint32_t)left_ms);
        if (p->rh.http->call(p->rh.ctx, &call, on_answer, trip, NULL) == RH_OK)
            return true;
    }
    return false;
}

/* The node's hubs, those that are thought alive first; which of them is first is drawn. */
static void list_hubs(struct relay_plugin *p, const char *hubs, struct trip *trip)
{
    char all[CHOICE_HUBS_MAX][FRAME_NODE_MAX + 1];
    uint32_t count = 0;
    const char *at = hubs;

    while (*at && count < CHOICE_HUBS_MAX) {
        const size_t n = strcspn(at, ",");

        if (rh_str_copy(all[count], sizeof(all[count]), (struct rh_str){at, n}) == RH_OK &&
            strcmp(all[count], p->self) != 0)
            count++;
        at += n + (at[n] == ',');
    }
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < count; i++) {
            const char *hub = all[(i + trip->id) % count];
            struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};
            const bool is_alive =
                p->rh.cluster->peer(p->rh.ctx, rh_str_from(hub), &peer) == RH_OK &&
                (peer.state == RH_PEER_ALIVE || peer.state == RH_PEER_UNKNOWN);

            if (is_alive == (pass == 0))
                memcpy(trip->hubs[trip->hub_count++], hub, FRAME_NODE_MAX + 1);
        }
    }
}

static struct trip *trip_new(struct relay_plugin *p, const struct hub_ask *ask)
{
    struct trip *trip = calloc(1, sizeof(*trip));
    const struct frame frame = {.kind = FRAME_REQUEST,
                                .key = ask->key,
                                .fence = ask->fence,
                                .total = (uint32_t)ask->body.n,
                                .node = ask->target,
                                .method = ask->method,
                                .path = ask->path,
                                .content_type = ask->content_type,
                                .data = ask->body};

    if (!trip)
        return NULL;
    trip->run = p->run;
    trip->id = ask->origin;
    trip->deadline_ms = relay_now(p) + ask->timeout_ms;
    rh_buf_init(&trip->bytes, FRAME_BODY_MAX + FRAME_OVERHEAD_MAX);
    if (frame_put(&trip->bytes, &frame) != RH_OK) {
        trip_free(trip);
        return NULL;
    }
    return trip;
}

/* By one of the node's other hubs. RH_OK, or why not. */
static int32_t take_elsewhere(struct relay_plugin *p, const struct hub_ask *ask, uint64_t order_key)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};
    char hubs[RELAY_REACH_MAX + 1];
    struct trip *trip;

    if (p->rh.cluster->peer(p->rh.ctx, ask->target, &peer) != RH_OK)
        return RH_EUNREACHABLE;
    relay_hubs_of(p, &peer, hubs, sizeof(hubs));
    trip = trip_new(p, ask);
    if (!trip)
        return RH_ENOMEM;
    trip->order_key = order_key;
    list_hubs(p, hubs, trip);
    if (try_next(p, trip))
        return RH_OK;
    trip_free(trip);
    return RH_EUNREACHABLE;
}

int32_t relay_carry(void *self, struct rh_str node_id, uint64_t id, const struct rh_call *call)
{
    struct relay_plugin *p = self;
    struct rh_call known = {0};
    struct hub_ask ask;

    memcpy(&known, call, call->size < sizeof(known) ? call->size : sizeof(known));
    if (!p->is_running)
        return RH_EUNREACHABLE;
    ask = (struct hub_ask){.from = rh_str_from(p->self),
                           .target = node_id,
                           .method = rh_str_from(known.method),
                           .path = rh_str_from(known.path),
                           .content_type = rh_str_from(known.content_type),
                           .body = known.body,
                           .key = ++p->key,
                           .fence = known.epoch,
                           .timeout_ms = known.timeout_ms,
                           .origin = id,
                           .origin_kind = ORIGIN_LOCAL};
    if (ask.body.n > FRAME_BODY_MAX || node_id.n > FRAME_NODE_MAX || ask.path.n > FRAME_TEXT_MAX ||
        ask.method.n > FRAME_METHOD_MAX || ask.content_type.n > FRAME_TYPE_MAX)
        return RH_ETOOLARGE;
    p->stats.carried++;
    if (hub_find(&p->hub, node_id)) { /* this node is a hub of the other itself */
        struct hub_ask here = ask;

        here.timeout_ms = timing_at_hub_ms(ask.timeout_ms);
        if (hub_take(&p->hub, &here, relay_now(p)) == HUB_REPLIED) {
            p->stats.carried_local++;
            relay_settle(p);
            return RH_OK;
        }
    }
    return take_elsewhere(p, &ask, known.order_key);
}

/* It was not fetched from here: another hub may bring it. */
static bool deliver_elsewhere(struct relay_plugin *p, const struct hub_message *m)
{
    const struct hub_ask ask = {.from = m->from,
                                .target = rh_str_from(m->target),
                                .method = m->method,
                                .path = m->path,
                                .content_type = m->content_type,
                                .body = m->body,
                                .key = m->key,
                                .fence = m->fence,
                                .timeout_ms = m->deadline_ms - relay_now(p),
                                .origin = m->origin,
                                .origin_kind = ORIGIN_LOCAL};

    if (hub_reason(m->reason)->status != 503 || m->reason == HUB_STOPPING || ask.timeout_ms <= 0 ||
        take_elsewhere(p, &ask, 0) != RH_OK)
        return false;
    p->stats.retried++;
    return true;
}

void relay_deliver_local(struct relay_plugin *p, const struct hub_message *m)
{
    const struct rh_reply reply = {.size = (uint32_t)sizeof(reply),
                                   .status = m->status,
                                   .retry_after_s = m->retry_after_s,
                                   .body = rh_buf_str(&m->reply),
                                   .node_id = rh_str_from(m->target),
                                   .content_type = rh_str_from(m->reply_type)};

    if (m->reason == HUB_REPLIED)
        deliver(p, m->origin, &reply);
    else if (!deliver_elsewhere(p, m))
        deliver_rc(p, m->origin, rc_of(hub_reason(m->reason)->status),
                   rh_str_from(hub_reason(m->reason)->words));
}
