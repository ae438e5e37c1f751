/* Who has a file? All other nodes that are there are asked at once. */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define ASK_MS 4000

/* A node's answer. */
struct held_reply {
    int32_t held;
    int64_t size;
};
static const struct rh_field held_rows[] = {
    RH_BOOL(struct held_reply, held, false, "whether it has the file"),
    RH_INT(struct held_reply, size, 0, 0, ARTIFACTS_SIZE_MAX, "bytes"),
};
static const struct rh_fields held_table = RH_FIELDS(struct held_reply, held_rows);

static void note(struct artifacts *p, struct ask *ask, const struct rh_reply *reply)
{
    struct held_reply held = {.held = 0};
    struct holder *holder = &ask->holders[ask->holder_count];
    void *memory = NULL;

    if (reply->rc != RH_OK || reply->status != 200 ||
        p->rh.fields->decode(p->rh.ctx, &held_table, reply->body, &held, &memory, NULL, 0) !=
            RH_OK) {
        ask->failed++;
        return;
    }
    if (held.held && ask->holder_count < ARTIFACTS_HOLDERS_MAX &&
        rh_str_copy(holder->node_id, sizeof(holder->node_id), reply->node_id) == RH_OK &&
        holder->node_id[0]) {
        holder->size_bytes = held.size;
        ask->holder_count++;
    }
    p->rh.fields->release(p->rh.ctx, memory);
}

static void settle(struct artifacts *p, struct ask *ask)
{
    bool is_enough = ask->is_first_enough && ask->holder_count > 0;

    if (!ask->is_told && (ask->waiting == 0 || is_enough)) {
        ask->is_told = true;
        ask->done(p, ask, ask->user);
    }
    if (ask->waiting > 0)
        return;
    (void)rh_map64_remove(&p->asks, ask->id); /* the ask itself */
    free(ask);
}

static void on_answer(void *self, void *user, const struct rh_reply *reply)
{
    struct artifacts *p = self;
    struct ask *ask = p->is_active ? rh_map64_get(&p->asks, (uint64_t)(uintptr_t)user) : NULL;

    if (!ask)
        return;
    ask->waiting--;
    note(p, ask, reply);
    settle(p, ask);
}

static void on_nobody(void *self, void *user)
{
    struct artifacts *p = self;
    struct ask *ask = p->is_active ? rh_map64_get(&p->asks, (uint64_t)(uintptr_t)user) : NULL;

    if (!ask)
        return;
    ask->waiting--;
    settle(p, ask);
}

static void ask_each(struct artifacts *p, struct ask *ask)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    char digits[RH_SHA256_HEX];
    char path[128];

    rh_sha256_hex(digits, ask->digest);
    (void)snprintf(path, sizeof(path), "/artifacts/held?sha256=%s", digits); /* fits */
    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const char *at = (const char *)peers.peers + (size_t)i * peers.peer_stride;
        const struct rh_peer *peer = (const struct rh_peer *)(const void *)at;
        char node_id[ARTIFACTS_NODE_SIZE];
        const struct rh_call call = {
            .size = (uint32_t)sizeof(call),
            .target = node_id,
            .method = "GET",
            .path = path,
            .timeout_ms = ASK_MS,
            .flags = RH_CALL_IDEMPOTENT,
        };

        if (peer->is_self || peer->state == RH_PEER_DEAD || peer->state == RH_PEER_LEFT ||
            rh_str_copy(node_id, sizeof(node_id), peer->node_id) != RH_OK)
            continue;
        if (ask->waiting < ARTIFACTS_ASKED_MAX &&
            p->rh.http->call(p->rh.ctx, &call, on_answer, (void *)(uintptr_t)ask->id, NULL) ==
                RH_OK)
            ask->waiting++;
        else
            ask->failed++;
    }
}

int32_t artifacts_ask(struct artifacts *p, const unsigned char *digest, bool is_first_enough,
                      void (*done)(struct artifacts *p, struct ask *ask, uint64_t user),
                      uint64_t user)
{
    struct ask *ask;
    rh_handle timer;
    int32_t rc;

    if (rh_map64_count(&p->asks) >= ARTIFACTS_ASKS_MAX)
        return RH_EAGAIN;
    ask = calloc(1, sizeof(*ask));
    if (!ask)
        return RH_ENOMEM;
    ask->id = artifacts_id(p);
    memcpy(ask->digest, digest, RH_SHA256_SIZE);
    ask->is_first_enough = is_first_enough;
    ask->done = done;
    ask->user = user;
    rc = rh_map64_put(&p->asks, ask->id, ask, NULL);
    /* Its turn comes also when there is nobody to ask. */
    if (rc == RH_OK)
        rc = p->rh.core->timer(p->rh.ctx, 0, on_nobody, (void *)(uintptr_t)ask->id, &timer);
    if (rc != RH_OK) {
        (void)rh_map64_remove(&p->asks, ask->id); /* the ask itself, or it is not in */
        free(ask);
        return rc;
    }
    ask->waiting = 1;
    ask_each(p, ask);
    return RH_OK;
}

/* GET /artifacts/held, for other nodes. */
int32_t artifacts_held(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    unsigned char digest[RH_SHA256_SIZE];
    const struct artifact *held;
    struct rh_json_reply reply;
    int32_t rc = artifacts_digest(p, ((const struct one_req *)fields)->sha256, digest);

    if (rc != RH_OK)
        return rc;
    held = catalog_find(&p->catalog, digest);
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "held", held != NULL);
    rh_json_kv_int(&reply.w, "size", held ? held->size_bytes : 0);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static void write_holder(struct rh_json_writer *w, struct rh_str node_id, int64_t size_bytes)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "node_id", node_id);
    rh_json_kv_int(w, "size", size_bytes);
    rh_json_end_object(w);
}

static void on_asked(struct artifacts *p, struct ask *ask, uint64_t user)
{
    const struct artifact *own = catalog_find(&p->catalog, ask->digest);
    struct rh_self self = {.size = (uint32_t)sizeof(self)};
    struct rh_json_reply reply;

    p->rh.core->self(p->rh.ctx, &self);
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "nodes");
    rh_json_begin_array(&reply.w);
    if (own)
        write_holder(&reply.w, self.node_id, own->size_bytes);
    for (uint32_t i = 0; i < ask->holder_count; i++)
        write_holder(&reply.w, rh_str_from(ask->holders[i].node_id), ask->holders[i].size_bytes);
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "not_asked", ask->failed);
    (void)rh_json_reply_send(&reply, &p->rh, user, 200); /* or the caller is gone */
}

int32_t artifacts_where(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    unsigned char digest[RH_SHA256_SIZE];
    int32_t rc = artifacts_digest(p, ((const struct one_req *)fields)->sha256, digest);

    return rc == RH_OK ? artifacts_ask(p, digest, false, on_asked, req) : rc;
}
