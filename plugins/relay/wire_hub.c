/* What nodes ask of this one as their hub: to be registered, what there is for them, to take their
 * replies. */
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* A registration that waits for the hub's own look at the node. */
struct probe_context {
    rh_req req;
    uint32_t run;
    uint64_t epoch;
    char node_id[FRAME_NODE_MAX + 1];
};

const struct rh_field wire_register_fields[4] = {
    RH_TEXT(struct wire_register, node_id, RH_REQUIRED, FRAME_NODE_MAX, "who registers"),
    RH_UINT64(struct wire_register, epoch, RH_REQUIRED,
              "number of the registration; the greatest holds"),
    RH_BOOL(struct wire_register, probe, false,
            "see first whether the node can be called; if so it is not registered"),
    RH_BOOL(struct wire_register, leave, false, "the node goes to other hubs"),
};
const struct rh_field wire_poll_fields[4] = {
    RH_TEXT(struct wire_poll, node_id, RH_REQUIRED, FRAME_NODE_MAX, "who polls"),
    RH_UINT64(struct wire_poll, epoch, RH_REQUIRED, "number of its registration"),
    RH_UINT64(struct wire_poll, ack, RH_REQUIRED, "the last batch that it has"),
    RH_INT(struct wire_poll, wait_ms, 25000, 0, TIMING_POLL_ROUTE_MS,
           "how long to wait for something, at most as long as the hub waits"),
};

static int32_t check_speaker(struct relay_plugin *p, rh_req req, struct rh_str claimed)
{
    if (!p->is_running)
        return rh_failf(&p->rh, RH_ELOADING, "relay does not run on this node yet");
    if (rh_str_eq_c(claimed, p->self))
        return rh_failf(&p->rh, RH_EINVAL, "a node is no hub for itself");
    return rh_check_speaker(&p->rh, req, claimed);
}

static int32_t reply_registered(struct relay_plugin *p, rh_req req, const char *reach)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "ttl_s", p->timing.ttl_ms / 1000);
    rh_json_kv_int(&reply.w, "ttl_ms", p->timing.ttl_ms);
    rh_json_kv_strc(&reply.w, "hub", p->self);
    rh_json_kv_strc(&reply.w, "reach", reach);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

/* A voter has to be reachable by the others whatever hubs do. */
static bool is_voter(const struct relay_plugin *p, struct rh_str node_id)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};

    return p->rh.cluster->peer(p->rh.ctx, node_id, &peer) == RH_OK && peer.is_voter;
}

static int32_t enter(struct relay_plugin *p, rh_req req, const char *node_id, uint64_t epoch)
{
    const struct rh_str id = rh_str_from(node_id);
    const bool is_new = !hub_find(&p->hub, id);
    const int32_t rc = hub_register(&p->hub, id, epoch, relay_now(p));

    if (rc == RH_ESTALE)
        return rh_failf(&p->rh, RH_ECONFLICT, "%s has a newer registration here", node_id);
    if (rc == RH_EFULL)
        return rh_failf(&p->rh, RH_EFULL, "this hub has %u nodes, as many as it may",
                        HUB_NODES_MAX);
    if (rc != RH_OK)
        return rc;
    if (is_new) {
        rh_log_info(&p->rh, "node_registered", "node=%s", node_id);
        relay_reach_all(p);
        relay_vouch(p, true);
    }
    return reply_registered(p, req, "relay");
}

static void on_probed(void *self, void *user, const struct rh_reply *reply)
{
    struct relay_plugin *p = self;
    struct probe_context *context = user;
    const struct rh_str id = rh_str_from(context->node_id);
    const bool is_callable = reply->rc == RH_OK && rh_str_eq(reply->node_id, id);
    int32_t rc = RH_OK;

    if (p->is_running && context->run == p->run) {
        if (is_callable && hub_is_idle(&p->hub, id)) {
            hub_forget(&p->hub, id);
            relay_reach_all(p);
            rc = reply_registered(p, context->req, "direct");
        } else {
            rc = enter(p, context->req, context->node_id, context->epoch);
        }
        if (rc != RH_OK)
            (void)rh_reply_errorf(&p->rh, context->req, rc, NULL,
                                  "the node cannot be registered here"); /* it may have gone */
        relay_settle(p);
    }
    free(context);
}

/* Can this hub call it? Whoever answers at its address must have its name. */
static int32_t probe(struct relay_plugin *p, rh_req req, const struct wire_register *wire)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};
    struct probe_context *context;
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .lane = RH_LANE_CONTROL,
                           .method = "GET",
                           .path = "/healthz",
                           .timeout_ms = RELAY_PROBE_MS,
                           .flags = RH_CALL_DIRECT | RH_CALL_IDEMPOTENT};
    int32_t rc;

    if (p->rh.cluster->peer(p->rh.ctx, wire->node_id, &peer) != RH_OK || peer.address.n == 0)
        return rh_failf(&p->rh, RH_ELOADING, "node \"%.*s\" is not known here yet",
                        RH_STR_ARG(wire->node_id));
    context = calloc(1, sizeof(*context));
    if (!context)
        return RH_ENOMEM;
    context->req = req;
    context->run = p->run;
    context->epoch = wire->epoch;
    rc = rh_str_copy(context->node_id, sizeof(context->node_id), wire->node_id);
    call.target = context->node_id;
    if (rc == RH_OK)
        rc = p->rh.http->call(p->rh.ctx, &call, on_probed, context, NULL);
    if (rc != RH_OK)
        free(context);
    return rc;
}

int32_t relay_handle_register(void *self, rh_req req, const void *fields)
{
    struct relay_plugin *p = self;
    const struct wire_register *wire = fields;
    char node_id[FRAME_NODE_MAX + 1];
    int32_t rc = check_speaker(p, req, wire->node_id);

    if (rc == RH_OK)
        rc = rh_str_copy(node_id, sizeof(node_id), wire->node_id);
    if (rc != RH_OK)
        return rc;
    if (wire->leave) {
        hub_leave(&p->hub, wire->node_id, wire->epoch);
        relay_reach_all(p);
        relay_settle(p);
        return rh_reply_ok(&p->rh, req);
    }
    if (is_voter(p, wire->node_id))
        return rh_failf(&p->rh, RH_ECONFLICT,
                        "\"%s\" is a voter, which must be reachable without a hub", node_id);
    if (wire->probe)
        return probe(p, req, wire);
    rc = enter(p, req, node_id, wire->epoch);
    relay_settle(p);
    return rc;
}

static void on_poll_gone(void *self, rh_req req, void *user)
{
    struct relay_plugin *p = self;

    (void)user;
    if (p->is_running)
        hub_poll_gone(&p->hub, req);
}

int32_t relay_handle_poll(void *self, rh_req req, const void *fields)
{
    struct relay_plugin *p = self;
    const struct wire_poll *wire = fields;
    uint64_t superseded = 0;
    int32_t rc = check_speaker(p, req, wire->node_id);

    if (rc == RH_OK)
        rc = hub_poll(&p->hub, wire->node_id, wire->epoch, wire->ack, req, wire->wait_ms,
                      relay_now(p), &superseded);
    if (rc == RH_ENOTFOUND)
        return rh_failf(&p->rh, rc, "node \"%.*s\" is not registered here under this epoch",
                        RH_STR_ARG(wire->node_id));
    if (rc == RH_ESTALE || rc == RH_ECONFLICT)
        return rh_failf(&p->rh, RH_ECONFLICT, "node \"%.*s\" has another registration here",
                        RH_STR_ARG(wire->node_id));
    if (rc != RH_OK)
        return rc;
    if (superseded)
        (void)rh_reply_errorf(&p->rh, superseded, RH_ECONFLICT, "superseded",
                              "a newer poll has taken its place"); /* it may have gone */
    rc = p->rh.http->watch(p->rh.ctx, req, on_poll_gone, NULL);
    if (rc != RH_OK)
        hub_poll_gone(&p->hub, req);
    relay_settle(p);
    return rc;
}

int32_t relay_handle_reply(void *self, rh_req req, const void *fields)
{
    struct relay_plugin *p = self;
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    struct frame frame;
    int32_t rc = p->rh.http->request(p->rh.ctx, req, &request);

    (void)fields;
    if (rc == RH_OK && !p->is_running)
        rc = rh_failf(&p->rh, RH_ELOADING, "relay does not run on this node yet");
    while (rc == RH_OK && request.body.n > 0) {
        rc = frame_take(&request.body, &frame);
        if (rc == RH_OK)
            rc = hub_reply(&p->hub, request.node_id, &frame);
    }
    if (p->is_running)
        relay_settle(p);
    if (rc == RH_EPROTOCOL)
        return rh_failf(&p->rh, RH_EINVAL, "the body is not made of pieces of replies");
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}
