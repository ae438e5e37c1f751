/* A hub's nodes: registrations, parked polls, batches; see hub.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "hub.h"

const struct hub_node *hub_find(const struct hub *hub, struct rh_str id)
{
    const struct hub_node *node = rh_map_get(&hub->by_id, id);

    return node && !node->is_leaving ? node : NULL;
}

void hub_leave(struct hub *hub, struct rh_str id, uint64_t epoch)
{
    struct hub_node *node = rh_map_get(&hub->by_id, id);

    if (!node || node->epoch != epoch)
        return;
    node->is_leaving = true;
    hub_end_all(hub, node, 0, HUB_UNKNOWN_NODE);
}

bool hub_is_idle(const struct hub *hub, struct rh_str id)
{
    const struct hub_node *node = rh_map_get(&hub->by_id, id);

    return !node || node->count == 0;
}

static int32_t make_node(struct hub *hub, struct rh_str id, struct hub_node **out)
{
    struct hub_node *node;
    int32_t rc;

    if (rh_map_count(&hub->by_id) == HUB_NODES_MAX)
        return RH_EFULL;
    node = calloc(1, sizeof(*node));
    if (!node)
        return RH_ENOMEM;
    rc = rh_str_copy(node->id, sizeof(node->id), id);
    if (rc == RH_OK)
        rc = rh_map_put(&hub->by_id, id, node, NULL);
    if (rc != RH_OK) {
        free(node);
        return rc;
    }
    node->next = hub->nodes;
    hub->nodes = node;
    *out = node;
    return RH_OK;
}

void hub_forget(struct hub *hub, struct rh_str id)
{
    struct hub_node *node = rh_map_get(&hub->by_id, id);
    struct hub_node **link = &hub->nodes;

    if (!node)
        return;
    hub_end_all(hub, node, HUB_NODE_CHANGED, HUB_UNKNOWN_NODE);
    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    (void)rh_map_remove(&hub->by_id, rh_str_from(node->id)); /* it is there */
    free(node);
}

/* Nothing is known of what the node has: begin again with those that it cannot have run. */
static void begin_anew(struct hub *hub, struct hub_node *node)
{
    hub_end_all(hub, node, HUB_NODE_CHANGED, 0);
    node->batch = 0;
    node->piece_count = 0;
    for (struct hub_message *m = node->first; m; m = m->next) {
        m->placed = m->acked = 0;
        m->is_begun = false;
    }
}

int32_t hub_register(struct hub *hub, struct rh_str id, uint64_t epoch, int64_t now_ms)
{
    struct hub_node *node = rh_map_get(&hub->by_id, id);
    int32_t rc = RH_OK;

    if (node && epoch < node->epoch)
        return RH_ESTALE;
    if (!node)
        rc = make_node(hub, id, &node);
    else if (epoch > node->epoch)
        begin_anew(hub, node);
    if (rc != RH_OK)
        return rc;
    node->epoch = epoch;
    node->is_leaving = false;
    node->expires_ms = now_ms + hub->cfg.ttl_ms;
    hub->stats.registered++;
    return RH_OK;
}

/* The node has the batch. */
static void confirm(struct hub *hub, struct hub_node *node)
{
    for (uint32_t i = 0; i < node->piece_count; i++) {
        const struct hub_piece *piece = &node->pieces[i];
        struct hub_message *m = piece->message;

        if (!m)
            continue;
        m->acked = piece->offset + piece->n;
        if (m->is_handed && m->acked == m->body.n && !m->is_delivered) {
            m->is_delivered = true;
            node->pending--;
            hub->stats.delivered++;
        }
    }
    node->piece_count = 0;
}

int32_t hub_poll(struct hub *hub, struct rh_str id, uint64_t epoch, uint64_t ack, uint64_t handle,
                 int64_t wait_ms, int64_t now_ms, uint64_t *superseded)
{
    struct hub_node *node = rh_map_get(&hub->by_id, id);

    assert(handle != 0);
    if (!node || epoch > node->epoch)
        return RH_ENOTFOUND;
    if (epoch < node->epoch)
        return RH_ESTALE;
    if (ack != node->batch && !(ack + 1 == node->batch && node->piece_count > 0))
        return RH_ECONFLICT;
    if (ack == node->batch)
        confirm(hub, node);
    else
        hub->stats.resent++;
    *superseded = node->poll;
    node->poll = handle;
    node->poll_until_ms = now_ms + (wait_ms < hub->cfg.poll_ms ? wait_ms : hub->cfg.poll_ms);
    node->polled_ms = now_ms;
    node->expires_ms = now_ms + hub->cfg.ttl_ms;
    hub->stats.polls++;
    return RH_OK;
}

void hub_poll_gone(struct hub *hub, uint64_t handle)
{
    for (struct hub_node *node = hub->nodes; node; node = node->next)
        if (node->poll == handle)
            node->poll = 0;
}

uint64_t hub_next_poll(struct hub *hub, int64_t now_ms, struct hub_node **out)
{
    for (struct hub_node *node = hub->nodes; node; node = node->next) {
        const uint64_t poll = node->poll;

        if (poll == 0 || (node->pending == 0 && now_ms < node->poll_until_ms))
            continue;
        node->poll = 0;
        *out = node;
        return poll;
    }
    return 0;
}

/* One more piece of a message for the batch. Returns the bytes. */
static uint32_t place(struct hub_node *node, struct hub_message *m)
{
    struct hub_piece *piece = &node->pieces[node->piece_count++];
    const uint32_t left = (uint32_t)m->body.n - m->placed;

    piece->message = m;
    piece->offset = m->placed;
    piece->n = left < FRAME_DATA_MAX ? left : FRAME_DATA_MAX;
    piece->is_head = !m->is_begun;
    m->is_begun = true;
    m->placed += piece->n;
    if (m->placed == m->body.n)
        m->is_handed = true;
    return piece->n;
}

/* A piece of each in turn, so that a large body holds up no small one. */
static void build(struct hub_node *node)
{
    uint32_t bytes = 0;
    bool is_more = true;

    while (is_more) {
        is_more = false;
        for (struct hub_message *m = node->first; m; m = m->next) {
            if (m->is_handed)
                continue;
            if (node->piece_count == HUB_PIECES_MAX || bytes + FRAME_DATA_MAX > HUB_WINDOW_BYTES)
                return;
            bytes += place(node, m);
            is_more = true;
        }
    }
}

uint64_t hub_write_batch(struct hub *hub, struct hub_node *node, struct rh_buf *out, int64_t now_ms)
{
    if (node->piece_count == 0) {
        build(node);
        if (node->piece_count > 0)
            node->batch++;
    }
    for (uint32_t i = 0; i < node->piece_count; i++) {
        const struct hub_piece *piece = &node->pieces[i];
        const struct hub_message *m = piece->message;
        struct frame frame = {.kind = piece->is_head ? FRAME_REQUEST : FRAME_DATA};

        if (!m)
            continue;
        frame.id = m->id;
        frame.offset = piece->offset;
        frame.data = (struct rh_str){m->body.p + piece->offset, piece->n};
        if (piece->is_head) {
            frame.key = m->key;
            frame.fence = m->fence;
            frame.total = (uint32_t)m->body.n;
            frame.timeout_ms = (uint32_t)(m->deadline_ms > now_ms ? m->deadline_ms - now_ms : 1);
            frame.node = m->from;
            frame.method = m->method;
            frame.path = m->path;
            frame.content_type = m->content_type;
        }
        (void)frame_put(out, &frame); /* out keeps the error */
        hub->stats.bytes_out += piece->n;
    }
    return node->batch;
}
