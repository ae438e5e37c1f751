/* A hub's messages: taken, answered, late; see hub.h. */
#include "hub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

static const struct hub_reason reasons[HUB_REASON_COUNT] = {{200, "", ""},
#define HUB_REASON_ROW(name, status, token, words) {status, token, words},
                                                            HUB_REASONS(HUB_REASON_ROW)
#undef HUB_REASON_ROW
};

const struct hub_reason *hub_reason(uint32_t reason)
{
    assert(reason > 0);
    assert(reason < HUB_REASON_COUNT);
    return &reasons[reason];
}

static const struct hub_message *message_of(const struct rh_heap_node *node)
{
    return (const void *)((const char *)node - offsetof(struct hub_message, due));
}

static int is_due_before(const struct rh_heap_node *left, const struct rh_heap_node *right)
{
    const struct hub_message *a = message_of(left);
    const struct hub_message *b = message_of(right);

    if (a->deadline_ms != b->deadline_ms)
        return a->deadline_ms < b->deadline_ms ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

void hub_init(struct hub *hub, const struct hub_config *cfg, uint64_t seed)
{
    memset(hub, 0, sizeof(*hub));
    hub->cfg = *cfg;
    hub->last_id = seed;
    rh_map_init(&hub->by_id, seed, HUB_NODES_MAX);
    rh_map64_init(&hub->messages, seed, HUB_NODES_MAX * HUB_QUEUE_MAX);
    rh_map_init(&hub->callers, seed, HUB_CALLERS_MAX);
    rh_heap_init(&hub->dues, is_due_before, HUB_NODES_MAX * HUB_QUEUE_MAX);
    seen_init(&hub->seen, seed);
}

static void forget_callers(struct hub *hub)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&hub->callers, &cursor, NULL, &value))
        free(value);
    rh_map_release(&hub->callers);
}

void hub_release(struct hub *hub)
{
    struct hub_message *message;

    while (hub->nodes)
        hub_forget(hub, rh_str_from(hub->nodes->id));
    while ((message = hub_next_ended(hub)) != NULL)
        hub_drop(hub, message);
    forget_callers(hub);
    seen_release(&hub->seen);
    rh_heap_release(&hub->dues);
    rh_map64_release(&hub->messages);
    rh_map_release(&hub->by_id);
}

/* Out of the list of its node, and out of its batch. */
static void unlink_message(struct hub_message *m)
{
    struct hub_node *node = m->node;

    for (uint32_t i = 0; i < node->piece_count; i++)
        if (node->pieces[i].message == m)
            node->pieces[i].message = NULL;
    *(m->prev ? &m->prev->next : &node->first) = m->next;
    *(m->next ? &m->next->prev : &node->last) = m->prev;
    node->count--;
    if (!m->is_delivered)
        node->pending--;
    m->prev = m->next = NULL;
    m->node = NULL;
}

void hub_end(struct hub *hub, struct hub_message *m, uint32_t reason)
{
    unlink_message(m);
    rh_heap_remove(&hub->dues, &m->due);
    (void)rh_map64_remove(&hub->messages, m->id); /* it is there */
    m->reason = reason;
    if (reason == HUB_REPLIED)
        hub->stats.replied++;
    else
        hub->stats.refused[reason]++;
    if (hub->ended_last)
        hub->ended_last->next = m;
    else
        hub->ended_first = m;
    hub->ended_last = m;
}

void hub_end_all(struct hub *hub, struct hub_node *node, uint32_t handed, uint32_t unhanded)
{
    struct hub_message *next;

    for (struct hub_message *m = node->first; m; m = next) {
        const uint32_t reason = m->is_handed ? handed : unhanded;

        next = m->next;
        if (reason)
            hub_end(hub, m, reason);
    }
}

struct hub_message *hub_next_ended(struct hub *hub)
{
    struct hub_message *m = hub->ended_first;

    if (!m)
        return NULL;
    hub->ended_first = m->next;
    if (!hub->ended_first)
        hub->ended_last = NULL;
    return m;
}

void hub_drop(struct hub *hub, struct hub_message *m)
{
    hub->bytes -= m->body.n + m->reply_total;
    rh_buf_release(&m->reply);
    free(m->block);
    free(m);
}

static bool may_ask(struct hub *hub, struct rh_str from, int64_t now_ms)
{
    struct bucket *bucket = rh_map_get(&hub->callers, from);

    if (!bucket) {
        if (rh_map_count(&hub->callers) == HUB_CALLERS_MAX)
            forget_callers(hub); /* none of them is worse off than a new one */
        bucket = calloc(1, sizeof(*bucket));
        if (!bucket || rh_map_put(&hub->callers, from, bucket, NULL) != RH_OK) {
            free(bucket);
            return false;
        }
        bucket->at_ms = now_ms;
    }
    return bucket_take(bucket, hub->cfg.rate, hub->cfg.burst, now_ms);
}

static struct rh_str keep(char **at, struct rh_str text)
{
    struct rh_str kept = {*at, text.n};

    if (text.n > 0)
        memcpy(*at, text.p, text.n);
    *at += text.n;
    return kept;
}

static struct hub_message *make_message(struct hub *hub, const struct hub_ask *ask)
{
    struct hub_message *m = calloc(1, sizeof(*m));
    char *at;

    if (!m)
        return NULL;
    m->block =
        malloc(ask->from.n + ask->method.n + ask->path.n + ask->content_type.n + ask->body.n + 1);
    if (!m->block) {
        free(m);
        return NULL;
    }
    at = m->block;
    m->from = keep(&at, ask->from);
    m->method = keep(&at, ask->method);
    m->path = keep(&at, ask->path);
    m->content_type = keep(&at, ask->content_type);
    m->body = keep(&at, ask->body);
    m->id = ++hub->last_id;
    m->key = ask->key;
    m->fence = ask->fence;
    m->origin = ask->origin;
    m->origin_kind = ask->origin_kind;
    rh_buf_init(&m->reply, FRAME_BODY_MAX);
    return m;
}

/* Into its node's list, the table and the heap; false without memory. */
static bool enter(struct hub *hub, struct hub_node *node, struct hub_message *m)
{
    if (rh_map64_put(&hub->messages, m->id, m, NULL) != RH_OK)
        return false;
    if (rh_heap_push(&hub->dues, &m->due) != RH_OK) {
        (void)rh_map64_remove(&hub->messages, m->id); /* just put */
        return false;
    }
    m->node = node;
    memcpy(m->target, node->id, sizeof(m->target));
    m->prev = node->last;
    *(node->last ? &node->last->next : &node->first) = m;
    node->last = m;
    node->count++;
    node->pending++;
    return true;
}

static uint32_t take(struct hub *hub, const struct hub_ask *ask, int64_t now_ms)
{
    struct hub_node *node = rh_map_get(&hub->by_id, ask->target);
    struct hub_message *m;
    int32_t rc;

    if (!may_ask(hub, ask->from, now_ms))
        return HUB_RATE_LIMITED;
    if (!node || node->is_leaving)
        return HUB_UNKNOWN_NODE;
    if (node->count == HUB_QUEUE_MAX)
        return HUB_QUEUE_FULL;
    if (ask->body.n > FRAME_BODY_MAX || hub->bytes + ask->body.n > HUB_BYTES_MAX)
        return HUB_FULL;
    rc = seen_add(&hub->seen, ask->from, ask->key, now_ms);
    if (rc != RH_OK)
        return rc == RH_EEXISTS ? HUB_DUPLICATE : HUB_FULL;
    m = make_message(hub, ask);
    if (!m)
        return HUB_FULL;
    m->deadline_ms = now_ms + ask->timeout_ms;
    if (!enter(hub, node, m)) {
        free(m->block);
        free(m);
        return HUB_FULL;
    }
    hub->bytes += ask->body.n;
    hub->stats.taken++;
    hub->stats.bytes_in += ask->body.n;
    return HUB_REPLIED;
}

uint32_t hub_take(struct hub *hub, const struct hub_ask *ask, int64_t now_ms)
{
    const uint32_t reason = take(hub, ask, now_ms);

    if (reason != HUB_REPLIED)
        hub->stats.refused[reason]++;
    return reason;
}

void hub_origin_gone(struct hub *hub, uint32_t kind, uint64_t origin)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&hub->messages, &cursor, NULL, &value)) {
        struct hub_message *m = value;

        if (m->origin_kind != kind || m->origin != origin)
            continue;
        hub_end(hub, m, m->is_handed ? HUB_NO_REPLY : HUB_NOT_DELIVERED);
        return;
    }
}

/* The head of a reply; false: it cannot be held, and the message has ended. */
static bool begin_reply(struct hub *hub, struct hub_message *m, const struct frame *frame)
{
    if (hub->bytes + frame->total > HUB_BYTES_MAX ||
        rh_str_copy(m->reply_type, sizeof(m->reply_type), frame->content_type) != RH_OK) {
        hub_end(hub, m, HUB_REPLY_TOO_LARGE);
        return false;
    }
    m->has_reply = true;
    m->status = frame->status;
    m->retry_after_s = frame->retry_after_s;
    m->reply_total = frame->total;
    hub->bytes += frame->total;
    return true;
}

int32_t hub_reply(struct hub *hub, struct rh_str id, const struct frame *frame)
{
    struct hub_message *m = rh_map64_get(&hub->messages, frame->id);
    const uint32_t offset = frame->kind == FRAME_REPLY ? 0 : frame->offset;

    if (frame->kind == FRAME_REQUEST)
        return RH_EPROTOCOL;
    if (!m || !rh_str_eq_c(id, m->node->id) || !m->is_handed)
        return RH_OK;
    if (frame->kind == FRAME_REPLY && !m->has_reply && !begin_reply(hub, m, frame))
        return RH_OK;
    if (!m->has_reply || offset > m->reply.n)
        return RH_EPROTOCOL;
    if (offset == m->reply.n) {
        if (m->reply.n + frame->data.n > m->reply_total)
            return RH_EPROTOCOL;
        if (rh_buf_append(&m->reply, frame->data.p, frame->data.n) != RH_OK) {
            hub_end(hub, m, HUB_REPLY_TOO_LARGE);
            return RH_OK;
        }
        hub->stats.bytes_out += frame->data.n;
    }
    if (m->reply.n == m->reply_total)
        hub_end(hub, m, HUB_REPLIED);
    return RH_OK;
}

void hub_tick(struct hub *hub, int64_t now_ms)
{
    const struct rh_heap_node *first;
    struct hub_node *next;

    while ((first = rh_heap_peek(&hub->dues)) && message_of(first)->deadline_ms <= now_ms) {
        struct hub_message *m = rh_map64_get(&hub->messages, message_of(first)->id);

        hub_end(hub, m, m->is_handed ? HUB_NO_REPLY : HUB_NOT_DELIVERED);
    }
    for (struct hub_node *node = hub->nodes; node; node = next) {
        next = node->next;
        if (node->poll == 0 && node->expires_ms <= now_ms)
            hub_forget(hub, rh_str_from(node->id));
    }
}

int64_t hub_next_ms(const struct hub *hub)
{
    const struct rh_heap_node *first = rh_heap_peek(&hub->dues);
    int64_t next_ms = first ? message_of(first)->deadline_ms : INT64_MAX;

    for (const struct hub_node *node = hub->nodes; node; node = node->next) {
        const int64_t at_ms = node->poll ? node->poll_until_ms : node->expires_ms;

        if (at_ms < next_ms)
            next_ms = at_ms;
    }
    return next_ms;
}

void hub_stop(struct hub *hub)
{
    for (struct hub_node *node = hub->nodes; node; node = node->next)
        hub_end_all(hub, node, HUB_NODE_CHANGED, HUB_STOPPING);
}
