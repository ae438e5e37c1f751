/* What other nodes and people ask of this one. */
#include <string.h>

#include "wire.h"

static int32_t check_caller(struct swim_plugin *p, rh_req req, struct rh_str claimed)
{
    if (!p->is_running)
        return rh_failf(&p->rh, RH_ELOADING, "swim does not run on this node yet");
    return rh_check_speaker(&p->rh, req, claimed);
}

int32_t swim_handle_ping(void *self, rh_req req, const void *fields)
{
    struct swim_plugin *p = self;
    const struct wire_ping *wire = fields;
    struct update updates[SWIM_UPDATES_MAX];
    char from[SWIM_ID_MAX + 1];
    struct rh_json_reply reply;
    int32_t rc = check_caller(p, req, wire->from);

    if (rc == RH_OK)
        rc = rh_str_copy(from, sizeof(from), wire->from);
    if (rc != RH_OK)
        return rc;
    swim_on_ping(&p->core, from, (uint64_t)wire->incarnation, swim_now(p));
    swim_on_updates(&p->core, updates, swim_take_updates(&wire->updates, updates), swim_now(p));
    (void)p->membership->seen(p->rh.ctx, wire->from, -1); /* strangers are not in the table */
    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "seq", wire->seq);
    rh_json_kv_int(&reply.w, "incarnation", (int64_t)p->core.incarnation);
    swim_put_updates(p, &reply.w, from);
    rc = rh_json_reply_send_early(&reply, &p->rh, req, 200);
    swim_settle(p);
    return rc;
}

/* Who asked has gone; what its target answers is no longer wanted. */
static void on_gone(void *self, rh_req req, void *user)
{
    struct swim_plugin *p = self;

    (void)user;
    if (p->is_running)
        swim_on_indirect_gone(&p->core, req);
}

int32_t swim_handle_indirect_ping(void *self, rh_req req, const void *fields)
{
    struct swim_plugin *p = self;
    const struct wire_ask *wire = fields;
    char target[SWIM_ID_MAX + 1];
    char from[SWIM_ID_MAX + 1] = "";
    int32_t rc;

    if (!p->is_running)
        return rh_failf(&p->rh, RH_ELOADING, "swim does not run on this node yet");
    rc = wire->from.n > 0 ? check_caller(p, req, wire->from) : RH_OK;
    if (rc == RH_OK)
        rc = rh_str_copy(from, sizeof(from), wire->from);
    if (rc == RH_OK)
        rc = rh_str_copy(target, sizeof(target), wire->target);
    if (rc == RH_OK)
        rc = p->rh.http->watch(p->rh.ctx, req, on_gone, NULL);
    if (rc != RH_OK)
        return rc;
    rc = swim_on_indirect_request(
        &p->core, from, target, req,
        wire->timeout_ms ? wire->timeout_ms : p->core.cfg.timing.timeout_min_ms, swim_now(p));
    if (rc == RH_ENOTFOUND)
        return rh_failf(&p->rh, rc, "no node \"%s\" is known here", target);
    if (rc == RH_EAGAIN)
        return rh_failf(&p->rh, rc, "%u pings for others are under way", PROXIES_MAX);
    if (rc == RH_OK)
        swim_settle(p);
    return rc;
}

int32_t swim_handle_vouch(void *self, rh_req req, const void *fields)
{
    struct swim_plugin *p = self;
    const struct wire_vouch *wire = fields;
    char hub[SWIM_ID_MAX + 1];
    struct rh_json_reply reply;
    int64_t taken = 0;
    int32_t rc = check_caller(p, req, wire->hub);

    if (rc == RH_OK)
        rc = rh_str_copy(hub, sizeof(hub), wire->hub);
    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "refused");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < wire->nodes.count; i++) {
        const struct wire_vouched *node =
            (const void *)((const char *)wire->nodes.items + (size_t)i * wire->nodes.stride);
        char id[SWIM_ID_MAX + 1];

        if (rh_str_copy(id, sizeof(id), node->node_id) == RH_OK &&
            swim_vouch(&p->core, hub, id, node->expires_in_ms, swim_now(p)) == RH_OK)
            taken++;
        else
            rh_json_string(&reply.w, node->node_id);
    }
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "taken", taken);
    rc = rh_json_reply_send_early(&reply, &p->rh, req, 200);
    swim_settle(p);
    return rc;
}

static void put_hubs(struct rh_json_writer *w, const struct swim *core, const struct member *member)
{
    if (!swim_is_vouched(core, member))
        return;
    rh_json_key(w, "hubs");
    rh_json_begin_array(w);
    for (const struct vouch *vouch = member->vouches; vouch; vouch = vouch->next)
        rh_json_string_c(w, vouch->hub);
    rh_json_end_array(w);
}

static void put_member(struct swim_plugin *p, struct rh_json_writer *w, const struct rh_peer *view)
{
    const struct member *member = NULL;
    char id[SWIM_ID_MAX + 1];

    if (rh_str_copy(id, sizeof(id), view->node_id) != RH_OK)
        return;
    if (!view->is_self) {
        member = members_get(&p->core.members, id);
        if (!member)
            return;
    }
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "node_id", id);
    rh_json_kv_strc(w, "state",
                    member               ? swim_state_name(member->state)
                    : p->core.is_leaving ? "left"
                                         : "alive");
    rh_json_kv_int(w, "incarnation", (int64_t)(member ? member->incarnation : p->core.incarnation));
    rh_json_kv_int(w, "since_at", view->since_at_ms);
    if (member)
        put_hubs(w, &p->core, member);
    rh_json_end_object(w);
}

int32_t swim_handle_members(void *self, rh_req req, const void *fields)
{
    struct swim_plugin *p = self;
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    struct rh_json_reply reply;

    (void)fields;
    if (!p->is_running)
        return rh_failf(&p->rh, RH_ELOADING, "swim does not run on this node yet");
    p->rh.cluster->peers(p->rh.ctx, &peers);
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "members");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < peers.count; i++)
        put_member(p, &reply.w,
                   (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride));
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "local_health", p->core.health.score);
    return rh_json_reply_send_early(&reply, &p->rh, req, 200);
}
