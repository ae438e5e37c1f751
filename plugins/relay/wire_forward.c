/* Requests for nodes of this hub, and the answers to who asked. */
#include <string.h>

#include "wire.h"

const struct rh_field wire_forward_fields[7] = {
    RH_TEXT(struct wire_forward, target, RH_REQUIRED, FRAME_NODE_MAX, "the node that is asked"),
    {.size = (uint32_t)sizeof(struct rh_field),
     .type = RH_FIELD_STRING,
     .name = "method",
     .offset = (uint32_t)offsetof(struct wire_forward, method),
     .fallback = "GET",
     .allowed = "GET POST PUT DELETE",
     .doc = "of the route"},
    RH_TEXT(struct wire_forward, path, RH_REQUIRED, FRAME_TEXT_MAX, "of the route, with query"),
    RH_RAW(struct wire_forward, body, 0, "JSON for the route"),
    RH_BYTES(struct wire_forward, body_base64, 0, FRAME_BODY_MAX,
             "a body that is not JSON, in base64; with content_type"),
    RH_TEXT(struct wire_forward, content_type, 0, FRAME_TYPE_MAX,
            "of the body; application/json when there is one and nothing else is said"),
    RH_INT(struct wire_forward, timeout_ms, 0, 0, TIMING_FORWARD_ROUTE_MS,
           "how long to wait for the node; 0 = as configured"),
};

static int32_t refuse(struct relay_plugin *p, rh_req req, uint32_t reason)
{
    const struct hub_reason *why = hub_reason(reason);
    const struct rh_error error = {.size = (uint32_t)sizeof(error),
                                   .rc = RH_EUNKNOWN,
                                   .status = why->status,
                                   .retry_after_s = why->status == 429 || why->status == 503,
                                   .code = why->token,
                                   .message = why->words};

    return p->rh.http->reply_error(p->rh.ctx, req, &error);
}

static void on_gone(void *self, rh_req req, void *user)
{
    struct relay_plugin *p = self;

    if (!p->is_running)
        return;
    hub_origin_gone(&p->hub, (uint32_t)(uintptr_t)user, req);
    relay_settle(p);
}

/* Takes a request for a node of this hub; what waits for the reply is `req`. */
static int32_t take(struct relay_plugin *p, rh_req req, struct hub_ask *ask)
{
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    uint32_t reason;
    int32_t rc = p->rh.http->request(p->rh.ctx, req, &request);

    if (rc != RH_OK)
        return rc;
    ask->from = request.node_id.n > 0 ? request.node_id : rh_str_from(p->self);
    ask->origin = req;
    reason = hub_take(&p->hub, ask, relay_now(p));
    if (reason != HUB_REPLIED)
        return refuse(p, req, reason);
    rc = p->rh.http->watch(p->rh.ctx, req, on_gone, (void *)(uintptr_t)ask->origin_kind);
    if (rc != RH_OK)
        hub_origin_gone(&p->hub, ask->origin_kind, req);
    relay_settle(p);
    return rc;
}

int32_t relay_handle_forward(void *self, rh_req req, const void *fields)
{
    struct relay_plugin *p = self;
    const struct wire_forward *wire = fields;
    const bool is_raw = wire->body_base64.n > 0;
    const int64_t wanted_ms = wire->timeout_ms > 0 ? wire->timeout_ms : p->timing.timeout_ms;
    struct hub_ask ask = {.target = wire->target,
                          .method = wire->method,
                          .path = wire->path,
                          .content_type = wire->content_type,
                          .body = is_raw ? wire->body_base64 : wire->body,
                          .origin_kind = ORIGIN_FORWARD,
                          .timeout_ms = wanted_ms};

    if (!p->is_running)
        return rh_failf(&p->rh, RH_ELOADING, "relay does not run on this node yet");
    if (is_raw && wire->body.n > 0)
        return rh_failf(&p->rh, RH_EINVAL, "\"body\" and \"body_base64\" cannot both be given");
    if (wire->path.p[0] != '/' || memchr(wire->path.p, '\0', wire->path.n))
        return rh_failf(&p->rh, RH_EINVAL, "\"path\" must begin with \"/\"");
    ask.key = p->rh.core->random(p->rh.ctx); /* each is another one */
    return take(p, req, &ask);
}

int32_t relay_handle_carry(void *self, rh_req req, const void *fields)
{
    struct relay_plugin *p = self;
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    struct frame frame;
    struct hub_ask ask = {.origin_kind = ORIGIN_CARRY};
    int32_t rc = p->rh.http->request(p->rh.ctx, req, &request);

    (void)fields;
    if (!p->is_running)
        return rh_failf(&p->rh, RH_ELOADING, "relay does not run on this node yet");
    if (rc != RH_OK)
        return rc;
    if (frame_take(&request.body, &frame) != RH_OK || request.body.n > 0 ||
        frame.kind != FRAME_REQUEST || frame.data.n != frame.total)
        return rh_failf(&p->rh, RH_EINVAL, "the body is not one whole request");
    ask.target = frame.node;
    ask.method = frame.method;
    ask.path = frame.path;
    ask.content_type = frame.content_type;
    ask.body = frame.data;
    ask.key = frame.key;
    ask.fence = frame.fence;
    ask.timeout_ms = timing_at_hub_ms(frame.timeout_ms);
    return take(p, req, &ask);
}

/* To another relay plugin: in a frame, so that what the node says and what the hub says differ. */
static void answer_carry(struct relay_plugin *p, const struct hub_message *m, struct rh_str node)
{
    const struct frame frame = {.kind = FRAME_REPLY,
                                .id = m->id,
                                .status = m->status,
                                .retry_after_s = m->retry_after_s,
                                .total = m->reply_total,
                                .node = node,
                                .content_type = rh_str_from(m->reply_type),
                                .data = rh_buf_str(&m->reply)};
    struct rh_buf body;

    rh_buf_init(&body, FRAME_BODY_MAX + FRAME_OVERHEAD_MAX);
    if (frame_put(&body, &frame) == RH_OK)
        (void)p->rh.http->reply_typed(p->rh.ctx, m->origin, 200, "application/octet-stream",
                                      rh_buf_str(&body)); /* it may have gone */
    else
        (void)refuse(p, m->origin, HUB_REPLY_TOO_LARGE);
    rh_buf_release(&body);
}

static void answer(struct relay_plugin *p, const struct hub_message *m)
{
    if (m->origin_kind == ORIGIN_LOCAL)
        relay_deliver_local(p, m);
    else if (m->reason != HUB_REPLIED)
        (void)refuse(p, m->origin, m->reason); /* it may have gone */
    else if (m->origin_kind == ORIGIN_CARRY)
        answer_carry(p, m, rh_str_from(m->target));
    else
        (void)p->rh.http->reply_typed(p->rh.ctx, m->origin, m->status,
                                      m->reply_type[0] ? m->reply_type : "application/json",
                                      rh_buf_str(&m->reply)); /* it may have gone */
}

void relay_answer_ended(struct relay_plugin *p)
{
    struct hub_message *m;

    while ((m = hub_next_ended(&p->hub)) != NULL) {
        answer(p, m);
        hub_drop(&p->hub, m);
    }
}
