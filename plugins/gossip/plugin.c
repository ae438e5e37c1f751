/* Gossip: spreads what every node says about itself, and finds the silent ones. This file is routes
 * and life cycle; rules are in state_map.h and failure.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* Rounds of different nodes drift apart by this share of an interval. */
#define JITTER_DIVISOR 10

static int32_t handle_gossip(void *self, rh_req req, const void *fields);
static int32_t handle_push(void *self, rh_req req, const void *fields);
static int32_t handle_peers(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/gossip", RH_PEER, RH_IDEMPOTENT,
             RH_FIELDS(struct wire_gossip, wire_gossip_fields), handle_gossip,
             "Exchange news: digest and states in, what the sender lacks and what is wanted out."),
    RH_ROUTE("POST", "/gossip/push", RH_PEER, RH_IDEMPOTENT,
             RH_FIELDS(struct wire_push, wire_push_fields), handle_push,
             "Take news that was wanted."),
    RH_ROUTE("GET", "/peers", RH_READ, 0, RH_NO_FIELDS, handle_peers,
             "Every node known, and how it is."),
};

static void put_want(struct gossip_plugin *p, struct rh_json_writer *w, uint32_t digest_count)
{
    rh_json_key(w, "want");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < digest_count; i++) {
        if (state_map_wants(&p->map, &p->digest[i]))
            rh_json_string_c(w, p->digest[i].node_id);
    }
    rh_json_end_array(w);
}

static int32_t handle_gossip(void *self, rh_req req, const void *fields)
{
    struct gossip_plugin *p = self;
    const struct wire_gossip *wire = fields;
    struct rh_json_reply reply;
    uint32_t digest_count;
    uint32_t count;
    int32_t rc = rh_check_speaker(&p->rh, req, wire->from);

    if (rc == RH_OK)
        rc = exchange_refresh_self(p);
    if (rc != RH_OK)
        return rc;
    (void)exchange_take_states(p, &wire->states);
    digest_count = wire_take_digest(&wire->digest, p->digest, STATE_DIGEST_MAX);
    exchange_take_digest(p, p->digest, digest_count);
    exchange_heard(p, wire->from, -1);
    count = state_map_delta(&p->map, p->digest, digest_count, wire->partial, STATE_DELTA_BYTES_MAX,
                            p->delta, STATE_DIGEST_MAX);
    rh_json_reply_begin(&reply);
    wire_put_states(&reply.w, p->delta, count);
    put_want(p, &reply.w, digest_count);
    count = state_map_digest(&p->map, p->digest, STATE_DIGEST_MAX);
    wire_put_digest(&reply.w, p->digest, count, false);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int32_t handle_push(void *self, rh_req req, const void *fields)
{
    struct gossip_plugin *p = self;
    const struct wire_push *wire = fields;
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "applied", exchange_take_states(p, &wire->states));
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static const char *state_name(uint32_t state)
{
    static const char *const names[] = {"unknown", "alive", "suspect", "dead", "left"};

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : names[0];
}

static void put_peer(struct rh_json_writer *w, const struct rh_peer *peer)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "node_id", peer->node_id);
    rh_json_kv_strc(w, "state", state_name(peer->state));
    rh_json_kv_str(w, "role", peer->role);
    rh_json_key(w, "addresses");
    rh_json_begin_array(w);
    if (peer->address.n)
        rh_json_string(w, peer->address);
    rh_json_end_array(w);
    rh_json_kv_int(w, "incarnation", (int64_t)peer->incarnation);
    rh_json_kv_int(w, "last_seen_at", peer->last_seen_at_ms);
    rh_json_kv_int(w, "since_at", peer->since_at_ms);
    if (peer->rtt_ms >= 0)
        rh_json_kv_int(w, "rtt_ms", peer->rtt_ms);
    else
        rh_json_kv_null(w, "rtt_ms");
    rh_json_kv_raw(w, "capabilities", peer->presence.n ? peer->presence : RH_STR_LIT("{}"));
    rh_json_kv_str(w, "reach", peer->reach);
    rh_json_kv_bool(w, "voter", peer->is_voter);
    rh_json_kv_bool(w, "self", peer->is_self);
    rh_json_kv_bool(w, "maintenance", peer->maintenance);
    rh_json_end_object(w);
}

static int32_t handle_peers(void *self, rh_req req, const void *fields)
{
    struct gossip_plugin *p = self;
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    struct rh_json_reply reply;

    (void)fields;
    p->rh.cluster->peers(p->rh.ctx, &peers);
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "peers");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < peers.count; i++)
        put_peer(&reply.w,
                 (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride));
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "total", peers.count);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static void on_round(void *self, void *user);

static int32_t arm_round(struct gossip_plugin *p)
{
    const int64_t jitter_ms =
        (int64_t)rh_rng_below(&p->rng, (uint64_t)(p->interval_ms / JITTER_DIVISOR) + 1);
    rh_handle timer;

    return p->rh.core->timer(p->rh.ctx, p->interval_ms - jitter_ms, on_round, NULL, &timer);
}

static void on_round(void *self, void *user)
{
    struct gossip_plugin *p = self;
    int32_t rc;

    (void)user;
    if (!p->is_running)
        return;
    rc = exchange_refresh_self(p);
    if (rc == RH_OK) {
        state_map_beat(&p->map);
        judge_round(p);
        exchange_spread(p);
        rc = arm_round(p);
    }
    if (rc != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "a gossip round could not be prepared");
}

static void on_change(void *self, uint32_t changed)
{
    (void)changed;
    exchange_soon(self);
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct gossip_plugin *p = self;
    struct rh_self node = {.size = (uint32_t)sizeof(node)};

    rh_services_init(&p->rh, ctx, host);
    p->membership = host->service(ctx, RH_MEMBERSHIP_HOST_ID);
    p->conf = *(const struct gossip_conf *)config;
    p->rh.core->self(ctx, &node);
    if (node.node_id.n > STATE_ID_MAX)
        return rh_failf(&p->rh, RH_EINVAL, "the node id is longer than %u bytes", STATE_ID_MAX);
    rh_rng_seed(&p->rng, p->rh.core->random(ctx));
    rh_map_init(&p->peers, rh_rng_u64(&p->rng), STATE_NODES_MAX);
    return RH_OK;
}

static int32_t read_seeds(struct gossip_plugin *p, const struct rh_self *node)
{
    p->seed_count = 0;
    for (uint32_t i = 0; i < node->seeds.count; i++) {
        struct gossip_seed *seed = &p->seeds[p->seed_count];

        if (rh_str_eq(node->seeds.items[i], node->address))
            continue;
        if (p->seed_count == SEEDS_MAX)
            return rh_failf(&p->rh, RH_EINVAL, "more seeds than the limit of %u", SEEDS_MAX);
        memset(seed, 0, sizeof(*seed));
        if (rh_str_copy(seed->address, sizeof(seed->address), node->seeds.items[i]) != RH_OK)
            return rh_failf(&p->rh, RH_EINVAL, "seed %" PRIu32 " is longer than %u bytes", i,
                            STATE_ADDRESS_MAX);
        p->seed_count++;
    }
    return RH_OK;
}

static void release_all(struct gossip_plugin *p)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&p->peers, &cursor, NULL, &value))
        free(value);
    rh_map_release(&p->peers);
    state_map_release(&p->map);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct gossip_plugin *p = self;
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    char id[STATE_ID_MAX + 1];
    int32_t rc;

    (void)epoch;
    p->rh.core->self(p->rh.ctx, &node);
    rc = rh_str_copy(id, sizeof(id), node.node_id);
    if (rc != RH_OK)
        return rc;
    p->beat_ms = node.beat_ms;
    p->interval_ms = p->conf.interval ? p->conf.interval : node.beat_ms;
    if (p->interval_ms > 2 * p->beat_ms)
        rh_log_warn(&p->rh, "interval_long",
                    "interval_ms=%" PRId64 " beat_ms=%" PRId64 ": the silent are found late",
                    p->interval_ms, p->beat_ms);
    state_map_init(&p->map, id, rh_rng_u64(&p->rng));
    p->clock = (struct failure_clock){.has_run = false};
    p->soon = 0;
    rc = read_seeds(p, &node);
    if (rc == RH_OK)
        rc = exchange_refresh_self(p);
    if (rc == RH_OK)
        rc = p->rh.cluster->watch(p->rh.ctx, RH_CHANGE_PRESENCE, on_change);
    if (rc == RH_OK)
        rc = arm_round(p);
    if (rc != RH_OK) {
        release_all(p);
        return rc;
    }
    p->is_running = true;
    exchange_soon(p);
    return RH_OK;
}

static void deactivate(void *self)
{
    struct gossip_plugin *p = self;

    p->is_running = false;
    release_all(p);
}

static int32_t reconfigure(void *self, const void *config)
{
    struct gossip_plugin *p = self;

    p->conf = *(const struct gossip_conf *)config;
    return RH_OK;
}

static void destroy(void *self)
{
    struct gossip_plugin *p = self;

    if (p->membership)
        release_all(p);
}

static void role_active(void *self, uint32_t is_active)
{
    judge_take_over(self, is_active);
}

static void role_leave(void *self)
{
    exchange_leave(self);
}

static const struct rh_membership_role_v1 role_table = {
    .size = sizeof(role_table),
    .active = role_active,
    .leave = role_leave,
};
static const struct rh_role roles[] = {
    {.size = sizeof(struct rh_role), .rank = 10, .id = RH_MEMBERSHIP_ROLE, .table = &role_table},
};
static const struct rh_field config_fields[] = {
    RH_DURATION(struct gossip_conf, interval, "0s", 0, 3600000,
                "from round to round (RINGRIFT_GOSSIP_INTERVAL); 0s = the cluster's beat"),
    RH_INT(struct gossip_conf, fanout, 3, 1, 16, "nodes that are asked in a round"),
    RH_DURATION(struct gossip_conf, prune_after, "72h", 0, 31536000000,
                "forget nodes that are dead or left for so long, voters excepted; 0s = never"),
};
static const char *const services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID, RH_CLUSTER_ID,
                                       RH_MEMBERSHIP_HOST_ID};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct gossip_plugin, "gossip", "0.1.0"),
    .summary = "Spreads what every node says about itself, and finds the silent ones.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct gossip_conf, config_fields),
    RH_TABLE(roles, role),
    RH_TABLE(routes, route),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = destroy,
};

RH_PLUGIN_ENTRY("gossip", "0.1.0", descriptor)
