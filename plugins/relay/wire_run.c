/* The turn of the relay: what is due, how nodes are reached, vouching, the timer. */
#include <string.h>

#include "wire.h"

#define VOUCH_NODES_MAX 1024u
#define VOUCH_TOLD_MAX  512u /* nodes that a hub tells itself */
#define VOUCH_PARTS     4    /* of a registration's time between two vouches */
#define VOUCH_SOON_MS   500  /* after a new registration; more of them are told together */

/* What a node's presence says about its hubs. */
struct wire_hubs {
    struct rh_str_list hubs;
};
struct wire_presence {
    struct wire_hubs relay;
};
static const struct rh_field hubs_fields[] = {
    RH_STR_LIST(struct wire_hubs, hubs, 0, "hubs that the node is registered at"),
};
static const struct rh_field presence_fields[] = {
    RH_OBJECT(struct wire_presence, relay, 0, struct wire_hubs, hubs_fields, "the node's relays"),
};
static const struct rh_fields presence_table = RH_FIELDS(struct wire_presence, presence_fields);

/* Adds a name to "a,b" unless it is there or does not fit. */
static void add_name(char *list, size_t size, struct rh_str name)
{
    const size_t n = strlen(list);
    const char *at = list;

    while (*at) {
        const size_t length = strcspn(at, ",");

        if (rh_str_eq((struct rh_str){at, length}, name))
            return;
        at += length + (at[length] == ',');
    }
    if (name.n == 0 || n + name.n + 2 > size)
        return;
    if (n > 0)
        list[n] = ',';
    memcpy(list + n + (n > 0), name.p, name.n);
    list[n + (n > 0) + name.n] = '\0';
}

/* Most nodes have none: a look for the word is cheaper than decoding. */
static bool names_relay(struct rh_str presence)
{
    static const char word[] = "\"relay\"";
    const size_t n = sizeof(word) - 1;

    for (size_t i = 0; i + n <= presence.n; i++)
        if (memcmp(presence.p + i, word, n) == 0)
            return true;
    return false;
}

void relay_hubs_of(struct relay_plugin *p, const struct rh_peer *peer, char *out, size_t size)
{
    struct wire_presence wire;
    void *memory = NULL;

    out[0] = '\0';
    if (names_relay(peer->presence) &&
        p->rh.fields->decode(p->rh.ctx, &presence_table, peer->presence, &wire, &memory, NULL, 0) ==
            RH_OK) {
        for (uint32_t i = 0; i < wire.relay.hubs.count && i < CHOICE_HUBS_MAX; i++)
            add_name(out, size, wire.relay.hubs.items[i]);
        p->rh.fields->release(p->rh.ctx, memory);
    }
    if (hub_find(&p->hub, peer->node_id))
        add_name(out, size, rh_str_from(p->self));
}

void relay_reach_all(struct relay_plugin *p)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    char hubs[RELAY_REACH_MAX + 1];

    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const struct rh_peer *peer =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);

        relay_hubs_of(p, peer, hubs, sizeof(hubs));
        (void)p->reach->reach(p->rh.ctx, peer->node_id,
                              hubs[0] ? hubs : "direct"); /* refused while another provides */
    }
}

static void on_vouched(void *self, void *user, const struct rh_reply *reply)
{
    struct relay_plugin *p = self;

    (void)user;
    p->is_vouching = false;
    if (reply->rc != RH_OK || (reply->status != 200 && reply->status != 404))
        rh_log_warn(&p->rh, "not_vouched", "status=%u why=\"%.*s\"", reply->status,
                    RH_STR_ARG(reply->message)); /* told again in a while */
}

static void on_told(void *self, void *user, const struct rh_reply *reply)
{
    (void)self;
    (void)user;
    (void)reply; /* told again in a while, and by others */
}

/* Vouches for all nodes of this hub, as JSON. Returns for how many. */
static uint32_t put_vouches(const struct relay_plugin *p, struct rh_buf *body, int64_t now_ms)
{
    struct rh_json_writer w;
    uint32_t count = 0;

    rh_json_init(&w, body);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "hub", p->self);
    rh_json_key(&w, "nodes");
    rh_json_begin_array(&w);
    for (const struct hub_node *node = p->hub.nodes; node && count < VOUCH_NODES_MAX;
         node = node->next) {
        if (node->is_leaving || node->expires_ms <= now_ms)
            continue;
        rh_json_begin_object(&w);
        rh_json_kv_strc(&w, "node_id", node->id);
        rh_json_kv_int(&w, "expires_in_ms", node->expires_ms - now_ms);
        rh_json_end_object(&w);
        count++;
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w) == RH_OK ? count : 0;
}

/* Swim tells each piece of news a few times, and counts on the others to go on. Nodes that can only
 * be called through hubs ping nobody but those that can be called, so most of them would never
 * hear: the hub tells each itself. */
static void tell_all(struct relay_plugin *p, const struct rh_call *vouches)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    uint32_t told = 0;

    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count && told < VOUCH_TOLD_MAX; i++) {
        const struct rh_peer *peer =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);
        char target[FRAME_NODE_MAX + 1];
        struct rh_call call = *vouches;

        if (peer->is_self || (peer->state != RH_PEER_ALIVE && peer->state != RH_PEER_SUSPECT) ||
            rh_str_copy(target, sizeof(target), peer->node_id) != RH_OK)
            continue;
        call.target = target;
        told += p->rh.http->call(p->rh.ctx, &call, on_told, NULL, NULL) == RH_OK;
    }
}

void relay_vouch(struct relay_plugin *p, bool at_once)
{
    const int64_t now_ms = relay_now(p);
    const bool is_due = now_ms >= p->vouch_due_ms;
    struct rh_buf body;
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .target = "self",
                           .method = "POST",
                           .path = "/swim/vouch",
                           .timeout_ms = RELAY_CALL_MS,
                           .flags = RH_CALL_IDEMPOTENT};

    if (at_once && !is_due && p->vouch_due_ms > now_ms + VOUCH_SOON_MS)
        p->vouch_due_ms = now_ms + VOUCH_SOON_MS;
    if (p->is_vouching || !p->hub.nodes || (!at_once && !is_due))
        return;
    rh_buf_init(&body, 256u * 1024u);
    if (put_vouches(p, &body, now_ms) > 0) {
        call.body = rh_buf_str(&body);
        p->is_vouching = p->rh.http->call(p->rh.ctx, &call, on_vouched, NULL, NULL) == RH_OK;
        if (is_due)
            tell_all(p, &call);
    }
    if (is_due)
        p->vouch_due_ms = now_ms + p->timing.ttl_ms / VOUCH_PARTS;
    rh_buf_release(&body);
}

static void answer_polls(struct relay_plugin *p)
{
    const int64_t now_ms = relay_now(p);
    struct hub_node *node;
    rh_req poll;

    while ((poll = hub_next_poll(&p->hub, now_ms, &node)) != 0) {
        struct frame head = {.kind = FRAME_BATCH};
        struct rh_buf pieces;
        struct rh_buf body;

        rh_buf_init(&pieces, HUB_WINDOW_BYTES + HUB_PIECES_MAX * FRAME_OVERHEAD_MAX);
        rh_buf_init(&body, HUB_WINDOW_BYTES + (HUB_PIECES_MAX + 1) * FRAME_OVERHEAD_MAX);
        head.id = hub_write_batch(&p->hub, node, &pieces, now_ms);
        (void)frame_put(&body, &head); /* body keeps the error */
        (void)rh_buf_append_str(&body, rh_buf_str(&pieces));
        if (pieces.rc == RH_OK && body.rc == RH_OK)
            (void)p->rh.http->reply_typed(p->rh.ctx, poll, 200, "application/octet-stream",
                                          rh_buf_str(&body)); /* gone: it polls again */
        else
            (void)rh_reply_errorf(&p->rh, poll, RH_ENOMEM, NULL, "out of memory");
        rh_buf_release(&pieces);
        rh_buf_release(&body);
    }
}

static void on_timer(void *self, void *user)
{
    struct relay_plugin *p = self;

    (void)user;
    p->timer = 0;
    if (p->is_running)
        relay_settle(p);
}

static void arm_timer(struct relay_plugin *p)
{
    const int64_t now_ms = relay_now(p);
    int64_t next_ms = hub_next_ms(&p->hub);
    const int64_t links_ms = relay_links_due_ms(p);

    if (links_ms < next_ms)
        next_ms = links_ms;
    if (p->hub.nodes && !p->is_vouching && p->vouch_due_ms < next_ms)
        next_ms = p->vouch_due_ms;
    if (p->inbox.first && next_ms > now_ms + p->timing.poll_ms)
        next_ms = now_ms + p->timing.poll_ms; /* what is not whole may be too late */
    if (p->timer && p->timer_ms <= next_ms && p->timer_ms > now_ms)
        return; /* early enough; it looks again then */
    if (p->timer)
        (void)p->rh.core->timer_cancel(p->rh.ctx, p->timer); /* it has not fired */
    p->timer = 0;
    p->timer_ms = next_ms > now_ms ? next_ms : now_ms + 1;
    if (next_ms != INT64_MAX &&
        p->rh.core->timer(p->rh.ctx, p->timer_ms - now_ms, on_timer, NULL, &p->timer) != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "relay could not set its timer");
}

void relay_settle(struct relay_plugin *p)
{
    const int64_t now_ms = relay_now(p);

    hub_tick(&p->hub, now_ms);
    inbox_tick(&p->inbox, now_ms);
    relay_answer_ended(p);
    answer_polls(p);
    relay_run_links(p);
    relay_vouch(p, false);
    relay_metrics_count(p);
    arm_timer(p);
}
