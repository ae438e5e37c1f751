/* Carries out the core's actions (commit, call, report, timer) and brings messages to it; decides
 * nothing. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* A message with two ids and a few numbers. */
#define BODY_BYTES_MAX 4096u

static_assert(sizeof(void *) >= sizeof(uint64_t), "a term travels in a callback's pointer");

void wire_refresh_home(struct election_plugin *p)
{
    struct rh_home home = {.size = (uint32_t)sizeof(home)};
    struct election_home copy = {.epoch = 0};

    p->leader->home(p->rh.ctx, &home);
    copy.epoch = home.epoch;
    if (rh_str_copy(copy.node_id, sizeof(copy.node_id), home.node_id) == RH_OK)
        election_set_home(&p->core, &copy, p->rh.core->now_ms(p->rh.ctx));
}

int32_t wire_leaderless(struct election_plugin *p, uint64_t term, const char *reason, uint32_t have,
                        uint32_t need)
{
    return p->leader->leaderless(p->rh.ctx, term < p->durable_term ? term : p->durable_term, reason,
                                 have, need);
}

static void on_persisted(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct election_plugin *p = self;

    (void)revision;
    if (rc == RH_OK && p->durable_term < (uint64_t)(uintptr_t)user)
        p->durable_term = (uint64_t)(uintptr_t)user;
    if (rc != RH_OK || !p->is_running)
        return; /* a failed commit ends this activation by itself */
    election_on_persisted(&p->core, (uint64_t)(uintptr_t)user, p->rh.core->now_ms(p->rh.ctx));
    (void)wire_run(p); /* asks for a new activation itself when it fails */
}

static int32_t persist(struct election_plugin *p, const struct ballot *ballot)
{
    struct rh_batch_builder batch;
    struct rh_buf value;
    int32_t rc;

    rh_buf_init(&value, BODY_BYTES_MAX);
    wire_put_ballot(&value, ballot);
    rh_batch_begin(&batch, BALLOT_NAMESPACE);
    if (value.rc != RH_OK)
        batch.rc = value.rc;
    rh_batch_put(&batch, RH_STR_LIT("ballot"), rh_buf_str(&value));
    rc = rh_batch_commit(&batch, &p->rh, on_persisted, (void *)(uintptr_t)ballot->term);
    rh_buf_release(&value);
    return rc;
}

/* Lost messages are repeated by the core, so an answer that did not come or made no sense is no
 * event. */
static void on_reply(void *self, void *user, const struct rh_reply *reply)
{
    struct election_plugin *p = self;
    struct inbound *in = user;

    if (reply->rc == RH_OK && reply->status == 200 && p->is_running && in->run == p->run) {
        int32_t rc = wire_read_reply(&p->rh, in, reply->body);

        if (p->foreign_voter == in->voter + 1) {
            p->foreign_voter = 0;
            rh_warnf(&p->rh, "provider", NULL);
        }
        if (rc == RH_OK)
            rc = wire_receive(p, in);
        if (rc != RH_OK)
            rh_log_warn(&p->rh, "bad_election_reply", "from=%s code=%" PRId32,
                        p->core.cfg.voters[in->voter], rc);
    } else if (reply->rc == RH_OK && rh_str_eq_c(reply->error_code, "not_a_voter")) {
        rh_log_warn(&p->rh, "voters_differ", "node=%s message=%.*s", p->core.cfg.voters[in->voter],
                    RH_STR_ARG(reply->message));
    } else if (reply->rc == RH_OK && rh_str_eq_c(reply->error_code, "raft_leads")) {
        p->foreign_voter = in->voter + 1;
        rh_warnf(&p->rh, "provider", "voter %s lets another plugin decide who leads, this one not",
                 p->core.cfg.voters[in->voter]);
    }
    free(in);
}

static void on_other_reply(void *self, void *user, const struct rh_reply *reply)
{
    (void)self;
    (void)user;
    (void)reply; /* who does not vote is not counted */
}

static void call(struct election_plugin *p, const char *target, const char *path, uint32_t flags,
                 const struct rh_buf *body, struct inbound *context)
{
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .lane = RH_LANE_CONTROL,
        .target = target,
        .method = "POST",
        .path = path,
        .body = rh_buf_str(body),
        .flags = RH_CALL_IDEMPOTENT | flags,
    };
    int32_t rc = body->rc;

    p->rh.core->self(p->rh.ctx, &node);
    call.timeout_ms = node.beat_ms;
    if (rc == RH_OK)
        rc = p->rh.http->call(p->rh.ctx, &call, context ? on_reply : on_other_reply, context, NULL);
    if (rc != RH_OK) {
        rh_log_debug(&p->rh, "election_call_failed", "target=%s path=%s code=%" PRId32, target,
                     path, rc);
        free(context);
    }
}

static struct inbound *new_context(struct election_plugin *p, uint32_t kind, uint32_t voter)
{
    struct inbound *context = calloc(1, sizeof(*context));

    if (!context)
        return NULL; /* as if the message were lost: the core repeats it */
    context->kind = kind;
    context->voter = voter;
    context->run = p->run;
    return context;
}

static void send_vote(struct election_plugin *p, const struct election_action *a,
                      const struct rh_home *home)
{
    struct inbound *context = new_context(p, INBOUND_VOTE_REPLY, a->voter);
    struct rh_buf body;

    if (!context)
        return;
    context->vote = a->u.vote;
    rh_buf_init(&body, BODY_BYTES_MAX);
    wire_put_vote(&body, &a->u.vote, home);
    call(p, p->core.cfg.voters[a->voter], "/election/vote", RH_CALL_DIRECT, &body, context);
    rh_buf_release(&body);
}

static void send_heartbeat(struct election_plugin *p, const struct election_action *a,
                           const struct rh_home *home)
{
    struct inbound *context = new_context(p, INBOUND_HEARTBEAT_REPLY, a->voter);
    struct rh_buf body;

    if (!context)
        return;
    context->sent = a->u.beat.sent;
    rh_buf_init(&body, BODY_BYTES_MAX);
    wire_put_heartbeat(&body, &a->u.beat.heartbeat, home, RH_STR_LIT(""));
    call(p, p->core.cfg.voters[a->voter], "/election/heartbeat", RH_CALL_DIRECT, &body, context);
    rh_buf_release(&body);
}

void wire_send_others(struct election_plugin *p, const struct heartbeat *heartbeat)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    struct rh_home home = {.size = (uint32_t)sizeof(home)};
    struct rh_buf body;

    p->leader->home(p->rh.ctx, &home);
    rh_buf_init(&body, BODY_BYTES_MAX);
    p->rh.cluster->leader(p->rh.ctx, &leader);
    wire_put_heartbeat(&body, heartbeat, &home, leader.source);
    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const struct rh_peer *peer =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);
        char id[NODE_ID_MAX + 1];

        /* Behind another provider a configured voter may be no member, which hears it here only. */
        if (peer->is_self || (peer->is_voter && !p->is_outranked) || peer->state == RH_PEER_DEAD ||
            peer->state == RH_PEER_LEFT)
            continue;
        if (rh_str_copy(id, sizeof(id), peer->node_id) == RH_OK)
            call(p, id, "/election/heartbeat", 0, &body, NULL);
    }
    rh_buf_release(&body);
}

/* Another provider may have taken over between the decision and its report: then it reports. */
static int32_t reported(int32_t rc)
{
    return rc == RH_EFORBIDDEN ? RH_OK : rc;
}

static int32_t carry_out(struct election_plugin *p, const struct election_action *a,
                         const struct rh_home *home)
{
    struct rh_ctx *ctx = p->rh.ctx;

    switch (a->kind) {
    case ELECTION_PERSIST:
        return persist(p, &a->u.ballot);
    case ELECTION_SEND_VOTE:
        send_vote(p, a, home);
        return RH_OK;
    case ELECTION_SEND_HEARTBEAT:
        send_heartbeat(p, a, home);
        return RH_OK;
    case ELECTION_SEND_OTHERS:
        wire_send_others(p, &a->u.beat.heartbeat);
        return RH_OK;
    case ELECTION_LEADING:
        return reported(p->leader->leading(ctx, a->term, a->expires_ms, a->have, a->need));
    case ELECTION_FOLLOWING:
        return reported(
            p->leader->following(ctx, rh_str_from(a->u.leader), a->term, a->expires_ms));
    case ELECTION_LEADERLESS:
        return reported(wire_leaderless(p, a->term, a->u.reason, a->have, a->need));
    default:
        assert(a->kind == ELECTION_HOME_CONFIRMED);
        return p->leader->home_confirmed(ctx, a->home_epoch);
    }
}

static void on_timer(void *self, void *user)
{
    struct election_plugin *p = self;

    (void)user;
    p->timer = 0;
    if (p->is_standing_by)
        wire_standby_run(p);
    if (!p->is_running)
        return;
    election_tick(&p->core, p->rh.core->now_ms(p->rh.ctx));
    (void)wire_run(p); /* asks for a new activation itself when it fails */
}

int32_t wire_set_timer(struct election_plugin *p, int64_t next_ms)
{
    int64_t delay_ms = next_ms - p->rh.core->now_ms(p->rh.ctx);

    if (p->timer)
        (void)p->rh.core->timer_cancel(p->rh.ctx, p->timer); /* it may just have fired */
    p->timer = 0;
    if (next_ms == INT64_MAX)
        return RH_OK;
    if (delay_ms < 0)
        delay_ms = 0;
    return p->rh.core->timer(p->rh.ctx, delay_ms, on_timer, NULL, &p->timer);
}

int32_t wire_run(struct election_plugin *p)
{
    struct rh_home home = {.size = (uint32_t)sizeof(home)};
    struct election_action action;
    int32_t rc = RH_OK;

    p->leader->home(p->rh.ctx, &home);
    while (rc == RH_OK && election_next_action(&p->core, &action))
        rc = carry_out(p, &action, &home);
    if (rc == RH_OK)
        rc = wire_set_timer(p, election_next_ms(&p->core));
    if (rc != RH_OK) {
        p->is_running = false;
        p->rh.core->reactivate(p->rh.ctx, "an election action could not be carried out");
    }
    return rc;
}

static int32_t reply_vote(struct election_plugin *p, const struct inbound *in,
                          const struct vote_reply *answer)
{
    struct rh_home home = {.size = (uint32_t)sizeof(home)};
    struct rh_json_reply reply;

    p->leader->home(p->rh.ctx, &home);
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "granted", answer->granted);
    rh_json_kv_int(&reply.w, "term", (int64_t)answer->term);
    rh_json_kv_int(&reply.w, "priority", answer->priority);
    rh_json_kv_strc(&reply.w, "reason", answer->reason);
    wire_put_home(&reply.w, &home);
    return rh_json_reply_send(&reply, &p->rh, in->req, 200);
}

static int32_t reply_heartbeat(struct election_plugin *p, const struct inbound *in,
                               const struct heartbeat_reply *answer)
{
    struct rh_home home = {.size = (uint32_t)sizeof(home)};
    struct rh_json_reply reply;

    p->leader->home(p->rh.ctx, &home);
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "ok", answer->ok);
    rh_json_kv_int(&reply.w, "term", (int64_t)answer->term);
    rh_json_kv_int(&reply.w, "priority", answer->priority);
    rh_json_kv_bool(&reply.w, "can_lead", answer->can_lead);
    wire_put_home(&reply.w, &home);
    return rh_json_reply_send(&reply, &p->rh, in->req, 200);
}

static int32_t deliver(struct election_plugin *p, const struct inbound *in)
{
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);
    struct heartbeat_reply heartbeat_reply;
    struct vote_reply vote_reply;
    int32_t rc;

    wire_refresh_home(p);
    if (in->kind == INBOUND_VOTE)
        election_on_vote(&p->core, &in->vote, &vote_reply, now_ms);
    else if (in->kind == INBOUND_HEARTBEAT)
        election_on_heartbeat(&p->core, &in->heartbeat, &heartbeat_reply, now_ms);
    else if (in->kind == INBOUND_VOTE_REPLY)
        election_on_vote_reply(&p->core, in->voter, &in->vote, &in->vote_reply, now_ms);
    else
        election_on_heartbeat_reply(&p->core, in->voter, &in->sent, &in->heartbeat_reply, now_ms);
    rc = wire_run(p);
    if (rc != RH_OK)
        return rc;
    if (in->kind == INBOUND_VOTE)
        return reply_vote(p, in, &vote_reply);
    return in->kind == INBOUND_HEARTBEAT ? reply_heartbeat(p, in, &heartbeat_reply) : RH_OK;
}

static void on_home_learned(void *self, void *user, int32_t rc)
{
    struct election_plugin *p = self;
    struct inbound *in = user;

    p->waiting_count--;
    if (rc == RH_OK && (!p->is_running || in->run != p->run))
        rc = RH_ECANCELLED;
    if (rc == RH_OK)
        rc = deliver(p, in);
    if (rc != RH_OK && in->req)
        (void)rh_reply_errorf(&p->rh, in->req, rc, NULL,
                              "the message was not taken"); /* or the caller is gone */
    free(in);
}

static bool is_news(const struct election_home *claim, const struct rh_home *known)
{
    if (claim->epoch != known->epoch)
        return claim->epoch > known->epoch;
    return claim->epoch > 0 && rh_str_cmp(rh_str_from(claim->node_id), known->node_id) > 0;
}

int32_t wire_receive(struct election_plugin *p, const struct inbound *in)
{
    struct rh_home claim = {.size = (uint32_t)sizeof(claim), .epoch = in->home.epoch};
    struct rh_home known = {.size = (uint32_t)sizeof(known)};
    struct inbound *copy;
    int32_t rc;

    p->leader->home(p->rh.ctx, &known);
    if (!is_news(&in->home, &known))
        return deliver(p, in);
    if (p->waiting_count == WAITING_MAX)
        return RH_EAGAIN;
    copy = malloc(sizeof(*copy));
    if (!copy)
        return RH_ENOMEM;
    *copy = *in;
    claim.node_id = rh_str_from(copy->home.node_id);
    p->waiting_count++;
    rc = p->leader->learn_home(p->rh.ctx, &claim, on_home_learned, copy);
    if (rc != RH_OK) {
        p->waiting_count--;
        free(copy);
    }
    return rc;
}
