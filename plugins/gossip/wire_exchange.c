/* Push-pull with other nodes: whom to call, what to send, what to do with the answer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* Peers that never answered or are dead are tried besides the living, as their back-off allows. */
#define STRANGERS_PER_SPREAD 3u
#define SPREADS_PER_INTERVAL 10

/* A call under way. */
struct call_context {
    char node_id[STATE_ID_MAX + 1]; /* "" for a seed */
    uint32_t seed;
};

struct gossip_peer *exchange_peer(struct gossip_plugin *p, struct rh_str node_id)
{
    struct gossip_peer *peer = rh_map_get(&p->peers, node_id);

    if (peer || node_id.n == 0 || node_id.n > STATE_ID_MAX || rh_str_eq_c(node_id, p->map.self))
        return peer;
    peer = calloc(1, sizeof(*peer));
    if (peer && rh_map_put(&p->peers, node_id, peer, NULL) != RH_OK) {
        free(peer);
        peer = NULL;
    }
    return peer;
}

int32_t exchange_refresh_self(struct gossip_plugin *p)
{
    struct rh_node_state word = {.size = (uint32_t)sizeof(word)};
    struct gossip_state state;
    struct wire_state wire;
    int32_t rc;

    p->membership->self_state(p->rh.ctx, &word);
    wire = (struct wire_state){
        .node_id = word.node_id,
        .instance_id = word.instance_id,
        .role = word.role,
        .address = word.address,
        .cluster_id = word.cluster_id,
        .presence = word.presence,
        .generation = (int64_t)word.generation,
        .version = (int64_t)word.version + (p->is_leaving ? 1 : 0),
        .incarnation = (int64_t)word.incarnation,
        .left = p->is_leaving || word.is_left,
        .maintenance = (int32_t)word.maintenance,
    };
    rc = wire_take_state(&wire, &state);
    return rc == RH_OK ? state_map_set_self(&p->map, &state) : rc;
}

void exchange_heard(struct gossip_plugin *p, struct rh_str node_id, int64_t rtt_ms)
{
    if (node_id.n == 0 || rh_str_eq_c(node_id, p->map.self))
        return;
    (void)p->membership->seen(p->rh.ctx, node_id,
                              rtt_ms); /* not in the table before its state is */
    judge_alive(p, node_id);
}

/* A node that was not known before may be long gone: only what grows since is a sign of life. */
uint32_t exchange_take_states(struct gossip_plugin *p, const struct rh_list *states)
{
    uint32_t news = 0;

    for (uint32_t i = 0; i < states->count; i++) {
        const struct wire_state *wire =
            (const void *)((const char *)states->items + (size_t)i * states->stride);
        struct gossip_state state;
        bool was_known;
        int32_t what;

        if (wire_take_state(wire, &state) != RH_OK)
            continue;
        was_known = state_map_get(&p->map, state.node_id) != NULL;
        what = state_map_merge(&p->map, &state);
        if (what < 0) {
            rh_log_warn(&p->rh, "state_not_taken", "node=%s code=%" PRId32, state.node_id, what);
            continue;
        }
        if (what == STATE_NEWER) {
            news++;
            judge_learn(p, &state);
        }
        if (what == STATE_NEWER && state.is_left)
            judge_left(p, wire->node_id);
        else if (what != STATE_OLD && was_known)
            judge_alive(p, wire->node_id);
    }
    if (news)
        exchange_soon(p);
    return news;
}

void exchange_take_digest(struct gossip_plugin *p, const struct state_digest *digest,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct gossip_state *known = state_map_get(&p->map, digest[i].node_id);

        if (state_map_merge_beat(&p->map, &digest[i]) == STATE_BEAT && !known->is_left)
            judge_alive(p, rh_str_from(digest[i].node_id));
    }
}

static int32_t start_call(struct gossip_plugin *p, const char *target, const char *path,
                          const struct rh_buf *body, const struct call_context *context,
                          void (*cb)(void *self, void *user, const struct rh_reply *reply))
{
    struct call_context *copy;
    const struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .lane = RH_LANE_NORMAL,
        .target = target,
        .method = "POST",
        .path = path,
        .body = rh_buf_str(body),
        .timeout_ms = p->beat_ms,
        .flags = RH_CALL_IDEMPOTENT,
    };
    int32_t rc;

    if (body->rc != RH_OK)
        return body->rc;
    copy = malloc(sizeof(*copy));
    if (!copy)
        return RH_ENOMEM;
    *copy = *context;
    rc = p->rh.http->call(p->rh.ctx, &call, cb, copy, NULL);
    if (rc != RH_OK)
        free(copy);
    return rc;
}

static void on_pushed(void *self, void *user, const struct rh_reply *reply)
{
    (void)self;
    (void)reply; /* what was lost is wanted again in the next exchange */
    free(user);
}

static void push(struct gossip_plugin *p, const char *target, uint32_t count)
{
    const struct call_context context = {.seed = SEEDS_MAX};
    struct rh_json_writer w;
    struct rh_buf body;

    rh_buf_init(&body, MESSAGE_BYTES_MAX);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    wire_put_states(&w, p->delta, count);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK)
        (void)start_call(p, target, "/gossip/push", &body, &context,
                         on_pushed); /* as if it were lost */
    rh_buf_release(&body);
}

static void push_wanted(struct gossip_plugin *p, const char *target, const struct rh_str_list *want)
{
    uint32_t count = 0;
    uint32_t bytes = 0;

    for (uint32_t i = 0; i < want->count && count < STATE_DIGEST_MAX; i++) {
        const struct gossip_state *state;
        char id[STATE_ID_MAX + 1];

        if (rh_str_copy(id, sizeof(id), want->items[i]) != RH_OK)
            continue;
        state = state_map_get(&p->map, id);
        if (!state)
            continue;
        bytes += state_size(state);
        if (bytes > STATE_DELTA_BYTES_MAX && count > 0)
            break;
        p->delta[count++] = state;
    }
    if (count)
        push(p, target, count);
}

static void take_answer(struct gossip_plugin *p, struct rh_str node_id, struct rh_str body)
{
    struct wire_gossip wire;
    char target[STATE_ID_MAX + 1];
    char why[RH_TEXT_MAX];
    void *memory = NULL;
    uint32_t count;

    if (p->rh.fields->decode(p->rh.ctx, &wire_gossip_reply_table, body, &wire, &memory, why,
                             sizeof(why)) != RH_OK) {
        rh_log_warn(&p->rh, "bad_gossip_reply", "from=%.*s why=%s", RH_STR_ARG(node_id), why);
        return;
    }
    (void)exchange_take_states(p, &wire.states);
    count = wire_take_digest(&wire.digest, p->digest, STATE_DIGEST_MAX);
    exchange_take_digest(p, p->digest, count);
    if (wire.want.count && rh_str_copy(target, sizeof(target), node_id) == RH_OK)
        push_wanted(p, target, &wire.want);
    p->rh.fields->release(p->rh.ctx, memory);
}

static void on_answer(void *self, void *user, const struct rh_reply *reply)
{
    struct gossip_plugin *p = self;
    struct call_context *context = user;
    const bool is_seed = context->node_id[0] == '\0';
    struct gossip_peer *peer =
        is_seed ? NULL : rh_map_get(&p->peers, rh_str_from(context->node_id));
    struct gossip_seed *seed =
        is_seed && context->seed < p->seed_count ? &p->seeds[context->seed] : NULL;
    struct backoff *backoff = peer ? &peer->backoff : seed ? &seed->backoff : NULL;
    const bool is_good = reply->rc == RH_OK && reply->status == 200;

    if (peer)
        peer->is_asked = false;
    if (seed) {
        seed->is_asked = false;
        seed->has_answered = is_good;
    }
    free(context);
    if (!p->is_running)
        return;
    if (is_good) {
        if (backoff)
            backoff_succeed(backoff);
        take_answer(p, reply->node_id, reply->body);
        exchange_heard(p, reply->node_id, reply->rtt_ms);
    } else if (backoff) {
        backoff_fail(backoff, p->rh.core->now_ms(p->rh.ctx), p->beat_ms, rh_rng_u64(&p->rng));
    }
}

/* The message of this spread: who we are, what we know, and our own state. */
static int32_t make_message(struct gossip_plugin *p, struct rh_buf *body)
{
    const uint32_t count = state_map_digest(&p->map, p->digest, STATE_DIGEST_MAX);
    const struct gossip_state *own = state_map_get(&p->map, p->map.self);
    struct rh_json_writer w;

    rh_json_init(&w, body);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "from", p->map.self);
    wire_put_digest(&w, p->digest, count, count < state_map_count(&p->map));
    wire_put_states(&w, &own, own ? 1 : 0);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

static void ask_peer(struct gossip_plugin *p, const struct rh_peer *view, const struct rh_buf *body)
{
    struct gossip_peer *peer = exchange_peer(p, view->node_id);
    struct call_context context = {.seed = SEEDS_MAX};

    if (!peer || rh_str_copy(context.node_id, sizeof(context.node_id), view->node_id) != RH_OK)
        return;
    peer->is_asked = start_call(p, context.node_id, "/gossip", body, &context, on_answer) == RH_OK;
}

static void ask_seeds(struct gossip_plugin *p, bool is_alone, const struct rh_buf *body)
{
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);

    for (uint32_t i = 0; i < p->seed_count; i++) {
        struct gossip_seed *seed = &p->seeds[i];
        const struct call_context context = {.seed = i};
        char target[STATE_ADDRESS_MAX + sizeof("addr:")];

        if (seed->is_asked || !backoff_is_over(&seed->backoff, now_ms) ||
            (seed->has_answered && !is_alone))
            continue;
        (void)snprintf(target, sizeof(target), "addr:%s", seed->address); /* fits by its size */
        seed->is_asked = start_call(p, target, "/gossip", body, &context, on_answer) == RH_OK;
    }
}

static bool may_ask(struct gossip_plugin *p, const struct rh_peer *view, int64_t now_ms)
{
    struct gossip_peer *peer;

    if (view->is_self || view->state == RH_PEER_LEFT)
        return false;
    peer = exchange_peer(p, view->node_id);
    return peer && !peer->is_asked && backoff_is_over(&peer->backoff, now_ms);
}

static const struct rh_peer *peer_at(const struct rh_peers *peers, uint32_t index)
{
    return (const void *)((const char *)peers->peers + (size_t)index * peers->peer_stride);
}

/* Whom of the living (indices of peers) to ask; moves them to the front, and returns how many. A
 * node that is called through hubs asks one of them each time: what it knows of the others, and how
 * those are called, is news of the hub's, and most calls to them would fail without it. */
static uint32_t pick_living(struct gossip_plugin *p, const struct rh_peers *peers,
                            struct rh_str own_reach, uint32_t *living, uint32_t count)
{
    uint32_t hubs = 0;

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = living[i];

        if (!sampler_is_named(own_reach, peer_at(peers, index)->node_id))
            continue;
        living[i] = living[hubs];
        living[hubs++] = index;
    }
    hubs = sampler_pick(&p->rng, living, hubs, 1);
    return hubs +
           sampler_pick(&p->rng, living + hubs, count - hubs, (uint32_t)p->conf.fanout - hubs);
}

void exchange_spread(struct gossip_plugin *p)
{
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    uint32_t *living, *strangers;
    uint32_t living_count = 0;
    uint32_t stranger_count = 0;
    struct rh_str own_reach = {0};
    bool is_alone = true;
    struct rh_buf body;

    p->spread_ms = now_ms;
    p->rh.cluster->peers(p->rh.ctx, &peers);
    rh_buf_init(&body, MESSAGE_BYTES_MAX);
    living = calloc(2u * (size_t)peers.count + 1, sizeof(*living));
    if (!living || make_message(p, &body) != RH_OK)
        goto out; /* the next round tries again */
    strangers = living + peers.count;
    for (uint32_t i = 0; i < peers.count; i++) {
        const struct rh_peer *view = peer_at(&peers, i);
        const bool is_living = view->state == RH_PEER_ALIVE || view->state == RH_PEER_SUSPECT;

        is_alone = is_alone && (view->is_self || !is_living);
        if (view->is_self)
            own_reach = view->reach;
        if (!may_ask(p, view, now_ms))
            continue;
        if (is_living)
            living[living_count++] = i;
        else
            strangers[stranger_count++] = i;
    }
    living_count = pick_living(p, &peers, own_reach, living, living_count);
    stranger_count = sampler_pick(&p->rng, strangers, stranger_count, STRANGERS_PER_SPREAD);
    for (uint32_t i = 0; i < living_count + stranger_count; i++) {
        const uint32_t index = i < living_count ? living[i] : strangers[i - living_count];

        ask_peer(p, peer_at(&peers, index), &body);
    }
    ask_seeds(p, is_alone, &body);

out:
    rh_buf_release(&body);
    free(living);
}

void exchange_leave(struct gossip_plugin *p)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};

    p->is_leaving = true;
    if (!p->is_running || exchange_refresh_self(p) != RH_OK)
        return;
    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const struct rh_peer *view =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);
        char id[STATE_ID_MAX + 1];

        if (view->is_self || view->state != RH_PEER_ALIVE ||
            rh_str_copy(id, sizeof(id), view->node_id) != RH_OK)
            continue;
        p->delta[0] = state_map_get(&p->map, p->map.self);
        push(p, id, 1);
    }
}

static void on_soon(void *self, void *user)
{
    struct gossip_plugin *p = self;

    (void)user;
    p->soon = 0;
    if (p->is_running && exchange_refresh_self(p) == RH_OK)
        exchange_spread(p);
}

void exchange_soon(struct gossip_plugin *p)
{
    const int64_t due_ms = p->spread_ms + p->interval_ms / SPREADS_PER_INTERVAL;
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);

    if (p->soon || !p->is_running)
        return;
    if (p->rh.core->timer(p->rh.ctx, due_ms > now_ms ? due_ms - now_ms : 0, on_soon, NULL,
                          &p->soon) != RH_OK)
        p->soon = 0; /* the next round tells it */
}
