/* Which call goes to which connection: queue, order keys, limits per peer and lane. It moves no
 * bytes. */
#include "host/daemon/http_pool.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pool_key {
    char text[HTTP_HOST_BYTES_MAX + 16];
    struct rh_str str;
};

static void make_key(struct pool_key *key, uint32_t lane, uint16_t port, const char *host)
{
    int size = snprintf(key->text, sizeof key->text, "%u/%u/%s", lane, port, host);
    assert(size > 0 && (size_t)size < sizeof key->text);
    key->str = (struct rh_str){key->text, (size_t)size};
}

int32_t http_pool_get(struct http_client *client, struct rh_str authority, uint32_t lane,
                      struct http_pool **out)
{
    char host[HTTP_HOST_BYTES_MAX + 1];
    uint16_t port = 0;
    int32_t rc = http_split_authority(authority, host, &port);
    if (rc != RH_OK)
        return rc;
    struct pool_key key;
    make_key(&key, lane, port, host);
    struct http_pool *pool = rh_map_get(&client->pools, key.str);
    if (!pool) {
        pool = calloc(1, sizeof *pool);
        if (!pool)
            return RH_ENOMEM;
        pool->client = client;
        pool->lane = lane;
        pool->port = port;
        memcpy(pool->host, host, sizeof host);
        rc = rh_map_put(&client->pools, key.str, pool, NULL);
        if (rc != RH_OK) {
            free(pool);
            return rc == RH_EFULL ? RH_EAGAIN : rc;
        }
        client->stats.pools++;
    }
    *out = pool;
    return RH_OK;
}

void http_pool_enqueue(struct http_pool *pool, struct http_call *call, bool is_first)
{
    call->state = HTTP_CALL_QUEUED;
    call->wire = NULL;
    call->prev = is_first ? NULL : pool->queue_last;
    call->next = is_first ? pool->queue_first : NULL;
    if (call->prev)
        call->prev->next = call;
    else
        pool->queue_first = call;
    if (call->next)
        call->next->prev = call;
    else
        pool->queue_last = call;
    pool->queue_count++;
}

void http_pool_dequeue(struct http_pool *pool, struct http_call *call)
{
    assert(call->state == HTTP_CALL_QUEUED);
    assert(pool->queue_count > 0);
    if (call->prev)
        call->prev->next = call->next;
    else
        pool->queue_first = call->next;
    if (call->next)
        call->next->prev = call->prev;
    else
        pool->queue_last = call->prev;
    call->prev = NULL;
    call->next = NULL;
    pool->queue_count--;
}

static bool is_ordered_behind(const struct http_pool *pool, const struct http_call *call)
{
    if (call->order_key == 0)
        return false;
    for (const struct http_wire *wire = pool->wires; wire; wire = wire->next) {
        if (wire->call && wire->call->order_key == call->order_key)
            return true;
    }
    return false;
}

/* The oldest call that no order key holds back. */
static struct http_call *next_call(const struct http_pool *pool)
{
    struct http_call *call = pool->queue_first;
    while (call && is_ordered_behind(pool, call))
        call = call->next;
    return call;
}

static struct http_wire *idle_wire(const struct http_pool *pool)
{
    struct http_wire *wire = pool->wires;
    while (wire && wire->state != HTTP_WIRE_IDLE)
        wire = wire->next;
    return wire;
}

static void free_if_unused(struct http_pool *pool)
{
    if (pool->queue_first || pool->wires)
        return;
    struct pool_key key;
    make_key(&key, pool->lane, pool->port, pool->host);
    void *removed = rh_map_remove(&pool->client->pools, key.str);
    assert(removed == pool);
    pool->client->stats.pools--;
    free(removed);
}

void http_pool_pump(struct http_pool *pool)
{
    uint32_t wires_max = pool->client->limits.conns_max[pool->lane];
    for (struct http_call *call = next_call(pool); call; call = next_call(pool)) {
        struct http_wire *wire = idle_wire(pool);
        if (!wire && pool->wire_count == wires_max)
            break;
        http_pool_dequeue(pool, call);
        if (!wire)
            http_wire_open(pool, call);
        else if (!http_wire_send(wire, call))
            http_pool_enqueue(pool, call, true);
    }
    free_if_unused(pool);
}
