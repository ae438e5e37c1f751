/* This node's side: which hubs, and the calls to them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define RENEW_TTLS                                                                 \
    2 /* a node that looks for itself whether it can be called asks again so often \
       */
#define DIRECT_TTLS 10
/* One failure may be a lost message; after two, or a refused connection, others come first. */
#define AVOID_FAILURES 2u

/* A call to a hub under way. */
struct link_call {
    uint32_t run;
    char hub[FRAME_NODE_MAX + 1];
};

static const struct rh_field registered_fields[] = {
    RH_INT(struct wire_registered, ttl_ms, 0, 0, RELAY_NUMBER_MAX,
           "how long it holds without a poll"),
    RH_STR(struct wire_registered, reach, 0, "\"relay\", or \"direct\": the node can be called"),
};
static const struct rh_fields registered_table =
    RH_FIELDS(struct wire_registered, registered_fields);

struct relay_link *relay_link_of(struct relay_plugin *p, struct rh_str hub)
{
    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++)
        if (rh_str_eq_c(hub, p->links[i].core.hub))
            return &p->links[i];
    return NULL;
}

static int32_t start_call(struct relay_plugin *p, struct relay_link *link, const char *path,
                          const struct rh_buf *body, int64_t timeout_ms,
                          void (*cb)(void *self, void *user, const struct rh_reply *reply))
{
    struct link_call *context = malloc(sizeof(*context));
    const struct rh_call call = {.size = (uint32_t)sizeof(call),
                                 .target = link->core.hub,
                                 .method = "POST",
                                 .path = path,
                                 .body = rh_buf_str(body),
                                 .timeout_ms = timeout_ms,
                                 .flags = RH_CALL_DIRECT};
    int32_t rc;

    if (!context)
        return RH_ENOMEM;
    context->run = p->run;
    memcpy(context->hub, link->core.hub, sizeof(context->hub));
    rc = body->rc == RH_OK ? p->rh.http->call(p->rh.ctx, &call, cb, context, NULL) : body->rc;
    if (rc != RH_OK)
        free(context);
    return rc;
}

/* Frees the context: a hub that is left and has not heard so finds out by itself. */
static void on_left(void *self, void *user, const struct rh_reply *reply)
{
    (void)self;
    (void)reply;
    free(user);
}

/* This node was registered there and does not poll any more: let callers turn to its other hubs. */
static void leave(struct relay_plugin *p, struct relay_link *link, bool was_registered)
{
    struct rh_json_writer w;
    struct rh_buf body;

    if (!was_registered || link->core.state != LINK_IDLE)
        return;
    rh_buf_init(&body, 1024);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "node_id", p->self);
    rh_json_kv_u64(&w, "epoch", link->core.epoch);
    rh_json_kv_bool(&w, "leave", true);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* start_call looks */
    (void)start_call(p, link, "/relay/register", &body, RELAY_CALL_MS, on_left); /* see on_left */
    rh_buf_release(&body);
}

/* --- which hubs --- */

static bool is_avoided(const struct relay_plugin *p, struct rh_str hub)
{
    for (uint32_t i = 0; i < RELAY_AVOIDED_MAX; i++)
        if (p->avoided[i].until_ms > relay_now(p) && rh_str_eq_c(hub, p->avoided[i].hub))
            return true;
    return false;
}

void relay_avoid(struct relay_plugin *p, const char *hub)
{
    struct relay_avoided *row = &p->avoided[0];

    for (uint32_t i = 0; i < RELAY_AVOIDED_MAX; i++) {
        if (strcmp(p->avoided[i].hub, hub) == 0) {
            row = &p->avoided[i];
            break;
        }
        if (p->avoided[i].until_ms < row->until_ms)
            row = &p->avoided[i];
    }
    memcpy(row->hub, hub, strlen(hub) + 1);
    row->until_ms = relay_now(p) + p->timing.ttl_ms / 2;
}

static uint32_t list_candidates(struct relay_plugin *p, const struct rh_str_list *ids,
                                struct candidate *out)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    uint32_t count = 0;

    p->rh.cluster->leader(p->rh.ctx, &leader);
    for (uint32_t i = 0; i < ids->count && count < RELAY_CANDIDATES; i++) {
        struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};
        const struct rh_str id = ids->items[i];
        const struct relay_link *link = relay_link_of(p, id);

        if (id.n == 0 || id.n > FRAME_NODE_MAX || rh_str_eq_c(id, p->self))
            continue;
        out[count++] = (struct candidate){
            .node_id = id,
            .is_leader = rh_str_eq(leader.node_id, id),
            .is_alive = p->rh.cluster->peer(p->rh.ctx, id, &peer) == RH_OK &&
                        peer.state != RH_PEER_DEAD && peer.state != RH_PEER_LEFT,
            .is_avoided = is_avoided(p, id),
            .is_held = link && link_is_up(&link->core),
        };
    }
    return count;
}

static bool is_relayed(const struct relay_plugin *p)
{
    return rh_str_eq_c(p->conf.mode, "relayed") ||
           (rh_str_eq_c(p->conf.mode, "auto") && !p->is_voter);
}

/* A link for this hub, if there is room. */
static void want(struct relay_plugin *p, struct rh_str hub)
{
    struct relay_link *link = relay_link_of(p, hub);

    for (uint32_t i = 0; !link && i < RELAY_LINKS_MAX; i++)
        if (p->links[i].core.state == LINK_IDLE && p->links[i].backlog.count == 0)
            link = &p->links[i];
    if (!link)
        return; /* until one that is being left is free */
    if (!rh_str_eq_c(hub, link->core.hub)) {
        memset(&link->core, 0, sizeof(link->core));
        (void)rh_str_copy(link->core.hub, sizeof(link->core.hub), hub); /* it fits */
        link->reply_failures = 0;
        link->linger_until_ms = 0;
    }
    link_want(&link->core, true);
}

/* A hub that works is polled for one poll more: others have to hear of the new ones first. */
static void unwant(struct relay_plugin *p, struct relay_link *link)
{
    const bool was_registered = link->core.is_registered;

    if (link_is_up(&link->core) && link->linger_until_ms == 0)
        link->linger_until_ms = relay_now(p) + p->timing.poll_ms;
    if (link_is_up(&link->core) && relay_now(p) < link->linger_until_ms)
        return;
    link->linger_until_ms = 0;
    link_want(&link->core, false);
    leave(p, link, was_registered);
}

void relay_choose(struct relay_plugin *p)
{
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    struct candidate candidates[RELAY_CANDIDATES];
    const bool is_listed = p->conf.hubs.count > 0;
    uint32_t chosen[CHOICE_HUBS_MAX];
    uint32_t count = 0;

    p->rh.core->self(p->rh.ctx, &node);
    if (is_relayed(p)) {
        const uint32_t known =
            list_candidates(p, is_listed ? &p->conf.hubs : &node.voters, candidates);

        count = choice_hubs(node.node_id, candidates, known, is_listed, (uint32_t)p->conf.hub_count,
                            chosen);
    }
    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++) {
        bool is_wanted = false;

        for (uint32_t at = 0; at < count; at++)
            is_wanted |= rh_str_eq_c(candidates[chosen[at]].node_id, p->links[i].core.hub);
        if (is_wanted)
            p->links[i].linger_until_ms = 0;
        else
            unwant(p, &p->links[i]);
    }
    for (uint32_t at = 0; at < count; at++)
        want(p, candidates[chosen[at]].node_id);
}

/* --- what others are told --- */

static bool is_lingering(const struct relay_link *link)
{
    return link->linger_until_ms != 0;
}

/* Hubs that are being left, and those whose last poll failed, are named while there is no other:
 * the registration outlives a connection that breaks, and a node without hubs is taken for
 * callable. */
static bool is_to_be_named(const struct relay_link *link, bool is_last)
{
    if (link_is_up(&link->core) && !is_lingering(link))
        return true;
    return is_last && link->core.is_wanted && link->core.is_registered;
}

static void advertise(struct relay_plugin *p)
{
    char told[RELAY_REACH_MAX + 1] = "";
    bool is_last = true;
    struct rh_json_writer w;
    struct rh_buf buf;

    rh_buf_init(&buf, 2048);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    rh_json_key(&w, "hubs");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++)
        is_last &= !is_to_be_named(&p->links[i], false);
    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++) {
        const struct link *link = &p->links[i].core;
        const size_t n = strlen(told);

        if (!is_to_be_named(&p->links[i], is_last) || n + strlen(link->hub) + 2 > sizeof(told))
            continue;
        (void)snprintf(told + n, sizeof(told) - n, "%s%s", n > 0 ? "," : "", link->hub); /* fits */
        rh_json_string_c(&w, link->hub);
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK && strcmp(told, p->told) != 0 &&
        p->rh.cluster->advertise(p->rh.ctx, "relay", told[0] ? rh_buf_str(&buf) : RH_STR_LIT("")) ==
            RH_OK) {
        memcpy(p->told, told, sizeof(told));
        rh_log_info(&p->rh, "hubs_changed", "hubs=%s", told[0] ? told : "none");
    }
    rh_buf_release(&buf);
}

/* --- the calls --- */

/* The link that an answer is for; NULL: of an earlier activation. Frees the context. */
static struct relay_link *take_context(struct relay_plugin *p, void *user)
{
    struct link_call *context = user;
    struct relay_link *link = p->is_running && context->run == p->run
                                  ? relay_link_of(p, rh_str_from(context->hub))
                                  : NULL;

    free(context);
    return link;
}

static int64_t rest_ms(struct relay_plugin *p, const struct relay_link *link)
{
    return timing_rest_ms(link->core.failures + 1, p->rh.core->random(p->rh.ctx));
}

static uint32_t outcome_of(const struct rh_reply *reply)
{
    if (reply->rc == RH_OK && reply->status == 200)
        return LINK_OK;
    return reply->rc == RH_OK && (reply->status == 404 || reply->status == 409) ? LINK_REFUSED
                                                                                : LINK_FAILED;
}

/* After each call: tell others, choose again if this hub does not answer. */
static void after_call(struct relay_plugin *p, struct relay_link *link,
                       const struct rh_reply *reply)
{
    if (link->core.failures >= AVOID_FAILURES ||
        (link->core.failures > 0 && reply->rc == RH_EUNREACHABLE)) {
        if (link->core.failures == AVOID_FAILURES)
            rh_log_warn(&p->rh, "hub_silent", "hub=%s why=\"%.*s\"", link->core.hub,
                        RH_STR_ARG(reply->message));
        relay_avoid(p, link->core.hub);
    }
    relay_choose(p);
    advertise(p);
    relay_settle(p);
}

static void on_registered(void *self, void *user, const struct rh_reply *reply)
{
    struct relay_plugin *p = self;
    struct relay_link *link = take_context(p, user);
    uint32_t outcome = outcome_of(reply);
    struct wire_registered wire;
    void *memory = NULL;

    if (!link || link->core.state != LINK_REGISTERING)
        return;
    if (outcome == LINK_OK && p->rh.fields->decode(p->rh.ctx, &registered_table, reply->body, &wire,
                                                   &memory, NULL, 0) == RH_OK) {
        if (rh_str_eq_c(wire.reach, "direct"))
            outcome = LINK_CALLABLE;
        p->rh.fields->release(p->rh.ctx, memory);
    }
    link_on_registered(&link->core, outcome, rest_ms(p, link), p->timing.ttl_ms * DIRECT_TTLS,
                       relay_now(p));
    leave(p, link, outcome == LINK_OK);
    after_call(p, link, reply);
}

static void on_polled(void *self, void *user, const struct rh_reply *reply)
{
    struct relay_plugin *p = self;
    struct relay_link *link = take_context(p, user);
    uint32_t outcome = outcome_of(reply);
    const bool was_registered = link && link->core.is_registered;
    uint64_t batch = 0;

    if (!link || link->core.state != LINK_POLLING)
        return;
    if (outcome == LINK_OK && relay_take_batch(p, link, reply->body, &batch) != RH_OK)
        outcome = LINK_REFUSED;
    if (outcome == LINK_REFUSED)
        inbox_forget_hub(&p->inbox, rh_str_from(link->core.hub));
    link_on_polled(&link->core, outcome, batch, rest_ms(p, link), relay_now(p));
    leave(p, link, was_registered);
    after_call(p, link, reply);
}

static int32_t call_register(struct relay_plugin *p, struct relay_link *link)
{
    struct rh_json_writer w;
    struct rh_buf body;
    int32_t rc;

    inbox_forget_hub(&p->inbox, rh_str_from(link->core.is_registered ? "" : link->core.hub));
    rh_buf_init(&body, 1024);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "node_id", p->self);
    rh_json_kv_u64(&w, "epoch", link->core.epoch);
    rh_json_kv_bool(&w, "probe", rh_str_eq_c(p->conf.mode, "auto"));
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* start_call looks */
    rc = start_call(p, link, "/relay/register", &body, RELAY_CALL_MS, on_registered);
    rh_buf_release(&body);
    return rc;
}

static int32_t call_poll(struct relay_plugin *p, struct relay_link *link)
{
    struct rh_json_writer w;
    struct rh_buf body;
    int32_t rc;

    rh_buf_init(&body, 1024);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "node_id", p->self);
    rh_json_kv_u64(&w, "epoch", link->core.epoch);
    rh_json_kv_u64(&w, "ack", link->core.batch);
    rh_json_kv_int(&w, "wait_ms", p->timing.poll_ms);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* start_call looks */
    rc = start_call(p, link, "/relay/poll", &body, p->timing.poll_ms + RELAY_PROBE_MS, on_polled);
    rh_buf_release(&body);
    return rc;
}

static void run_link(struct relay_plugin *p, struct relay_link *link)
{
    const int64_t now_ms = relay_now(p);
    const int64_t renew_ms =
        rh_str_eq_c(p->conf.mode, "auto") ? p->timing.ttl_ms * RENEW_TTLS : INT64_MAX;
    const uint32_t what = link_next(&link->core, &p->epoch, renew_ms, now_ms);

    if (what == LINK_REGISTER && call_register(p, link) != RH_OK)
        link_on_registered(&link->core, LINK_FAILED, TIMING_REST_MAX_MS, 0, now_ms);
    if (what == LINK_POLL && call_poll(p, link) != RH_OK)
        link_on_polled(&link->core, LINK_FAILED, 0, TIMING_REST_MAX_MS, now_ms);
    backlog_tick(&link->backlog, now_ms);
    if (now_ms >= link->replies_due_ms)
        relay_send_replies(p, link);
}

void relay_run_links(struct relay_plugin *p)
{
    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++)
        if (p->links[i].core.hub[0])
            run_link(p, &p->links[i]);
}

int64_t relay_links_due_ms(const struct relay_plugin *p)
{
    int64_t next_ms = INT64_MAX;

    for (uint32_t i = 0; i < RELAY_LINKS_MAX; i++) {
        const struct relay_link *link = &p->links[i];
        const int64_t due_ms = link_due_ms(&link->core);

        if (!link->core.hub[0])
            continue;
        if (due_ms < next_ms)
            next_ms = due_ms;
        if (link->backlog.count > 0 && !link->backlog.is_sending && link->replies_due_ms < next_ms)
            next_ms = link->replies_due_ms;
    }
    return next_ms;
}
