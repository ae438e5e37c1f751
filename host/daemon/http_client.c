/* The face of the HTTP client: the life of a call from its limits to its one result. Connections
 * are http_wire.c's. */
#include "host/daemon/http_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/http_pool.h"

static const uint32_t conns_default[HTTP_LANES] = {
    [RH_LANE_NORMAL] = 8,
    [RH_LANE_CONTROL] = 2,
    [RH_LANE_BULK] = 2,
};

static int due_compare(const struct rh_heap_node *a, const struct rh_heap_node *b)
{
    int64_t at_a = RH_CONTAINER_OF(a, const struct http_due, node)->at_ms;
    int64_t at_b = RH_CONTAINER_OF(b, const struct http_due, node)->at_ms;
    return (at_a > at_b) - (at_a < at_b);
}

static struct http_due *first_due(const struct http_client *client)
{
    struct rh_heap_node *node = rh_heap_peek(&client->dues);
    return node ? RH_CONTAINER_OF(node, struct http_due, node) : NULL;
}

static void on_timer(uv_timer_t *timer);

static void arm_timer(struct http_client *client)
{
    const struct http_due *due = first_due(client);
    if (!due) {
        (void)uv_timer_stop(&client->timer);
        return;
    }
    int64_t delay_ms = due->at_ms - (int64_t)uv_now(client->loop);
    (void)uv_timer_start(&client->timer, on_timer, delay_ms > 0 ? (uint64_t)delay_ms : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct http_client *client = timer->data;
    int64_t now_ms = (int64_t)uv_now(client->loop);
    for (struct http_due *due = first_due(client); due && due->at_ms <= now_ms;
         due = first_due(client)) {
        rh_heap_remove(&client->dues, &due->node);
        due->fire(due);
    }
    arm_timer(client);
}

bool http_due_set(struct http_client *client, struct http_due *due, int64_t at_ms)
{
    due->at_ms = at_ms;
    if (rh_heap_contains(&due->node))
        rh_heap_update(&client->dues, &due->node);
    else if (rh_heap_push(&client->dues, &due->node) != RH_OK)
        return false;
    if (first_due(client) == due)
        arm_timer(client);
    return true;
}

void http_due_clear(struct http_client *client, struct http_due *due)
{
    /* The timer may ring once for nothing; that is cheaper than setting it for every call. */
    if (rh_heap_contains(&due->node))
        rh_heap_remove(&client->dues, &due->node);
}

void http_call_finish(struct http_call *call, int32_t rc, const char *reason)
{
    struct http_client *client = call->pool->client;
    assert(call->state != HTTP_CALL_DONE);
    assert(!call->wire);
    http_due_clear(client, &call->deadline);
    call->state = HTTP_CALL_DONE;
    call->pool = NULL;
    call->rc = rc;
    call->reason = reason;
    call->next = NULL;
    if (client->results_last)
        client->results_last->next = call;
    else
        client->results_first = call;
    client->results_last = call;
    if (rc == RH_EUNREACHABLE)
        client->stats.unreachable++;
    turn_again(client->turn);
}

static void call_free(struct http_call *call)
{
    rh_buf_release(&call->bytes);
    rh_buf_release(&call->body);
    free(call);
}

/* Takes the call from where it is and ends it. */
static void call_stop(struct http_call *call, int32_t rc, const char *reason)
{
    struct http_pool *pool = call->pool;
    if (call->wire)
        http_wire_close(call->wire);
    else
        http_pool_dequeue(pool, call);
    http_call_finish(call, rc, reason);
    http_pool_pump(pool);
}

static void on_deadline(struct http_due *due)
{
    struct http_call *call = RH_CONTAINER_OF(due, struct http_call, deadline);
    call->pool->client->stats.timeouts++;
    call_stop(call, RH_ETIMEOUT, call->was_sent ? "no answer in time" : "not sent in time");
}

static void give_result(struct http_call *call)
{
    struct http_result result = {
        .rc = call->rc,
        .status = call->status,
        .retry_after_s = call->retry_after_s,
        .body = rh_buf_str(&call->body),
        .node_id = {call->node_id, call->node_id_size},
        .content_type = {call->content_type, call->content_type_size},
        .reason = call->reason,
    };
    call->done(call->user, &result);
    call_free(call);
}

/* Turn hook. Results made by the callbacks themselves wait for the next round. */
static void give_results(void *user)
{
    struct http_client *client = user;
    struct http_call *call = client->results_first;
    client->results_first = NULL;
    client->results_last = NULL;
    while (call) {
        struct http_call *next = call->next;
        (void)rh_map64_remove(&client->calls, call->id);
        give_result(call);
        call = next;
    }
}

static void default_u32(uint32_t *value, uint32_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

int32_t http_client_new(uv_loop_t *loop, struct turn *turn, const struct http_client_limits *limits,
                        struct http_client **out)
{
    struct http_client *client = calloc(1, sizeof *client);
    if (!client)
        return RH_ENOMEM;
    client->loop = loop;
    client->turn = turn;
    client->limits = *limits;
    for (uint32_t lane = 0; lane < HTTP_LANES; lane++)
        default_u32(&client->limits.conns_max[lane], conns_default[lane]);
    default_u32(&client->limits.queue_max, 1024);
    default_u32(&client->limits.calls_max, 16384);
    default_u32(&client->limits.pools_max, 4096);
    default_u32(&client->limits.connect_ms, 3000);
    default_u32(&client->limits.idle_ms, 30000);
    /* Keys are chosen by configuration and peers' addresses, not by strangers: a fixed seed will
     * do. */
    rh_map_init(&client->pools, 0, client->limits.pools_max);
    rh_map64_init(&client->calls, 0, client->limits.calls_max);
    rh_heap_init(&client->dues, due_compare, UINT32_MAX);
    (void)uv_timer_init(loop, &client->timer); /* cannot fail */
    client->timer.data = client;
    client->handles_open = 1;
    turn_add(turn, give_results, client);
    *out = client;
    return RH_OK;
}

static struct http_call *call_new(struct http_client *client, const struct http_outbound *outbound)
{
    struct http_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    rh_buf_init(&call->bytes, (size_t)HTTP_BODY_BYTES_CEILING);
    rh_buf_init(&call->body, (size_t)HTTP_BODY_BYTES_CEILING);
    http_write_request(&call->bytes, outbound);
    call->id = ++client->last_id;
    call->order_key = outbound->order_key;
    call->body_max = outbound->body_max;
    call->is_head = strcmp(outbound->method, "HEAD") == 0;
    call->is_idempotent = outbound->idempotent != 0;
    call->deadline.fire = on_deadline;
    return call;
}

/* Puts the call under the limits on calls and into the heap of deadlines. */
static int32_t call_register(struct http_client *client, struct http_call *call,
                             int64_t deadline_ms)
{
    if (call->bytes.rc != RH_OK)
        return call->bytes.rc == RH_ETOOLARGE ? RH_EINVAL : call->bytes.rc;
    int32_t rc = rh_map64_put(&client->calls, call->id, call, NULL);
    if (rc != RH_OK)
        return rc == RH_EFULL ? RH_EAGAIN : rc;
    if (!http_due_set(client, &call->deadline, deadline_ms)) {
        (void)rh_map64_remove(&client->calls, call->id);
        return RH_ENOMEM;
    }
    return RH_OK;
}

int32_t http_client_call(struct http_client *client, const struct http_outbound *outbound,
                         http_done done, void *user, uint64_t *id)
{
    if (client->is_closing)
        return RH_ECANCELLED;
    if (outbound->lane >= HTTP_LANES || http_write_check(outbound) != RH_OK)
        return RH_EINVAL;
    struct http_pool *pool = NULL;
    int32_t rc = http_pool_get(client, outbound->authority, outbound->lane, &pool);
    if (rc != RH_OK)
        return rc;
    struct http_call *call = NULL;
    if (pool->queue_count >= client->limits.queue_max)
        return RH_EAGAIN; /* the pool has calls, so it need not be freed */
    call = call_new(client, outbound);
    rc = call ? call_register(client, call, outbound->deadline_ms) : RH_ENOMEM;
    if (rc != RH_OK) {
        if (call)
            call_free(call);
        http_pool_pump(pool); /* frees a pool made for nothing */
        return rc;
    }
    call->pool = pool;
    call->done = done;
    call->user = user;
    client->stats.calls++;
    if (id)
        *id = call->id;
    http_pool_enqueue(pool, call, false);
    http_pool_pump(pool);
    return RH_OK;
}

void http_client_cancel(struct http_client *client, uint64_t id)
{
    struct http_call *call = rh_map64_get(&client->calls, id);
    if (call && call->state != HTTP_CALL_DONE)
        call_stop(call, RH_ECANCELLED, "cancelled");
}

void http_client_stats(const struct http_client *client, struct http_client_stats *out)
{
    *out = client->stats;
}

void http_client_handle_closed(struct http_client *client)
{
    assert(client->handles_open > 0);
    if (--client->handles_open > 0 || !client->is_closing)
        return;
    void (*closed)(void *user) = client->closed;
    void *user = client->closed_user;
    rh_map_release(&client->pools);
    rh_map64_release(&client->calls);
    rh_heap_release(&client->dues);
    free(client);
    if (closed)
        closed(user);
}

static void on_timer_closed(uv_handle_t *handle)
{
    http_client_handle_closed(handle->data);
}

void http_client_close(struct http_client *client, void (*closed)(void *user), void *user)
{
    if (!client)
        return;
    assert(!client->is_closing);
    client->is_closing = 1;
    uint32_t cursor = 0;
    void *each = NULL;
    while (rh_map64_next(&client->calls, &cursor, NULL, &each)) {
        struct http_call *call = each;
        if (call->state == HTTP_CALL_DONE)
            continue;
        struct http_pool *pool = call->pool;
        if (call->wire)
            http_wire_close(call->wire);
        else
            http_pool_dequeue(pool, call);
        http_call_finish(call, RH_ECANCELLED, "the client was closed");
    }
    client->closed = closed;
    client->closed_user = user;
    turn_remove(client->turn, client);
    give_results(client);

    cursor = 0;
    while (rh_map_next(&client->pools, &cursor, NULL, &each)) {
        struct http_pool *pool = each;
        while (pool->wires)
            http_wire_close(pool->wires);
        http_pool_pump(pool);
    }
    uv_close((uv_handle_t *)&client->timer, on_timer_closed);
}
