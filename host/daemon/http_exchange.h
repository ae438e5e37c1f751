/* The table of exchanges: a request being answered, found by an id that is never used twice. It
 * sends nothing. */
#ifndef RH_HOST_DAEMON_HTTP_EXCHANGE_H
#define RH_HOST_DAEMON_HTTP_EXCHANGE_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>

struct http_conn;

#define HTTP_EXCHANGE_OPEN       0u
#define HTTP_EXCHANGE_STREAMING  1u
#define HTTP_EXCHANGE_DONE       2u /* fully answered, maybe behind others */

#define HTTP_EXCHANGE_KEEP_BYTES (16u * 1024u) /* a larger parked answer is freed after use */

struct http_exchange {
    uint64_t id;                /* slot + 1 in the low 32 bits, generation above */
    struct http_conn *conn;     /* NULL = free */
    struct http_exchange *next; /* behind it on the connection, or in the free list */
    struct rh_buf parked;       /* its answer while earlier ones are open */
    uint32_t generation;
    uint8_t state;
    uint8_t is_head; /* HEAD: no body is sent */
    uint8_t is_http10;
    uint8_t is_close; /* the connection ends after it */
};

struct http_exchanges {
    struct http_exchange **slots;
    struct http_exchange *free_list;
    uint32_t count; /* slots in use or free */
    uint32_t capacity;
    uint32_t count_max;
};

void http_exchanges_init(struct http_exchanges *table, uint32_t count_max);
void http_exchanges_release(struct http_exchanges *table);

/* A fresh open exchange, or NULL without memory or at count_max. */
struct http_exchange *http_exchange_take(struct http_exchanges *table, struct http_conn *conn);

/* NULL when the id is stale or was never given. */
struct http_exchange *http_exchange_find(const struct http_exchanges *table, uint64_t id);

/* Its id is stale from now on. */
void http_exchange_give_back(struct http_exchanges *table, struct http_exchange *exchange);

#endif
