/* Slots with generations, so that a late answer to a finished exchange finds nothing. */
#include "host/daemon/http_exchange.h"

#include <assert.h>
#include <stdlib.h>

#include "host/daemon/http_server.h"

void http_exchanges_init(struct http_exchanges *table, uint32_t count_max)
{
    *table = (struct http_exchanges){.count_max = count_max};
}

void http_exchanges_release(struct http_exchanges *table)
{
    for (uint32_t i = 0; i < table->count; i++) {
        rh_buf_release(&table->slots[i]->parked);
        free(table->slots[i]);
    }
    free(table->slots);
    http_exchanges_init(table, table->count_max);
}

static struct http_exchange *add_slot(struct http_exchanges *table)
{
    if (table->count == table->count_max)
        return NULL;
    if (table->count == table->capacity) {
        uint32_t capacity = table->capacity ? table->capacity * 2 : 64;
        struct http_exchange **slots = realloc(table->slots, capacity * sizeof(*slots));
        if (!slots)
            return NULL;
        table->slots = slots;
        table->capacity = capacity;
    }
    struct http_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    rh_buf_init(&exchange->parked, HTTP_OUT_BYTES_MAX);
    exchange->id = table->count + 1;
    table->slots[table->count++] = exchange;
    return exchange;
}

struct http_exchange *http_exchange_take(struct http_exchanges *table, struct http_conn *conn)
{
    struct http_exchange *exchange = table->free_list;
    if (exchange)
        table->free_list = exchange->next;
    else
        exchange = add_slot(table);
    if (!exchange)
        return NULL;
    exchange->generation++;
    exchange->id = (uint64_t)exchange->generation << 32 | (uint32_t)exchange->id;
    exchange->conn = conn;
    exchange->next = NULL;
    exchange->state = HTTP_EXCHANGE_OPEN;
    exchange->is_head = 0;
    exchange->is_http10 = 0;
    exchange->is_close = 0;
    return exchange;
}

struct http_exchange *http_exchange_find(const struct http_exchanges *table, uint64_t id)
{
    uint32_t place = (uint32_t)id;
    if (place == 0 || place > table->count)
        return NULL;
    struct http_exchange *exchange = table->slots[place - 1];
    return exchange->id == id && exchange->conn ? exchange : NULL;
}

void http_exchange_give_back(struct http_exchanges *table, struct http_exchange *exchange)
{
    assert(exchange->conn);
    exchange->conn = NULL;
    if (exchange->parked.cap > HTTP_EXCHANGE_KEEP_BYTES)
        rh_buf_release(&exchange->parked);
    else
        rh_buf_reset(&exchange->parked);
    exchange->next = table->free_list;
    table->free_list = exchange;
}
