/* Inside of the HTTP client: calls, pools, connections. Only http_client.c, http_pool.c and
 * http_wire.c include it. */
#ifndef RH_HOST_DAEMON_HTTP_POOL_H
#define RH_HOST_DAEMON_HTTP_POOL_H

#include <stdbool.h>
#include <uv.h>

#include <ringhost/sdk/heap.h>
#include <ringhost/sdk/map.h>

#include "host/daemon/http_client.h"
#include "host/daemon/http_parse.h"
#include "host/daemon/http_write.h"

#define HTTP_CLIENT_READ_BYTES (64u * 1024u)
#define HTTP_NODE_ID_BYTES     128u
#define HTTP_TYPE_BYTES        128u /* longer content types are dropped */

/* Something that happens when its time comes. */
struct http_due {
    struct rh_heap_node node;
    int64_t at_ms; /* uv_now */
    void (*fire)(struct http_due *due);
};

#define HTTP_CALL_QUEUED 0u
#define HTTP_CALL_ACTIVE 1u /* has a connection */
#define HTTP_CALL_DONE   2u /* in the list of results */

struct http_call {
    struct http_due deadline;
    uint64_t id;
    uint64_t order_key;
    struct http_pool *pool; /* NULL once done */
    struct http_wire *wire;
    struct http_call *prev; /* in the queue, or next only: in the list of results */
    struct http_call *next;
    struct rh_buf bytes; /* the request as sent */
    http_done done;
    void *user;
    uint64_t body_max;
    uint8_t state;
    uint8_t is_head;
    uint8_t is_idempotent;
    uint8_t was_retried;
    uint8_t was_sent; /* at least one byte */
    /* The result. */
    int32_t rc;
    uint32_t status;
    uint32_t retry_after_s;
    const char *reason; /* static */
    struct rh_buf body;
    uint32_t node_id_size;
    uint32_t content_type_size;
    char node_id[HTTP_NODE_ID_BYTES];
    char content_type[HTTP_TYPE_BYTES];
};

#define HTTP_WIRE_RESOLVING  0u
#define HTTP_WIRE_CONNECTING 1u
#define HTTP_WIRE_BUSY       2u
#define HTTP_WIRE_IDLE       3u
#define HTTP_WIRE_CLOSING    4u

/* One connection to a peer. */
struct http_wire {
    uv_tcp_t tcp;
    uv_getaddrinfo_t resolve_req;
    uv_connect_t connect_req;
    uv_write_t write_req;
    struct http_due limit; /* connecting or idle too long */
    struct http_client *client;
    struct http_pool *pool; /* NULL once closing */
    struct http_call *call; /* being served, or waiting for the connection */
    struct http_wire *prev;
    struct http_wire *next;
    struct addrinfo *addresses; /* of the resolver */
    struct addrinfo *address;   /* the one being tried */
    struct http_parse parse;
    uint8_t state;
    uint8_t is_resolving;
    uint8_t is_tcp_open; /* handle initialised and not closed */
    uint8_t is_writing;
    uint8_t was_used; /* has served a call before this one */
    uint8_t got_any;  /* bytes of the answer */
};

/* One peer and lane. */
struct http_pool {
    struct http_client *client;
    struct http_call *queue_first;
    struct http_call *queue_last;
    struct http_wire *wires; /* most recently used first */
    uint32_t queue_count;
    uint32_t wire_count;
    uint32_t lane;
    uint16_t port;
    char host[HTTP_HOST_BYTES_MAX + 1];
};

struct http_client {
    uv_loop_t *loop;
    struct turn *turn;
    uv_timer_t timer;
    struct http_client_limits limits;
    struct http_client_stats stats;
    struct rh_map pools;
    struct rh_map64 calls;
    struct rh_heap dues;
    struct http_call *results_first;
    struct http_call *results_last;
    uint64_t last_id;
    void (*closed)(void *user);
    void *closed_user;
    uint32_t handles_open;
    uint8_t is_closing;
    char read_bytes[HTTP_CLIENT_READ_BYTES];
};

/* http_client.c: */

/* Puts the result into the list for the next hook. The call leaves its pool and connection, which
 * the caller has already parted from it. */
void http_call_finish(struct http_call *call, int32_t rc, const char *reason);
/* Sets the time of a due thing, in or out of the heap. false without memory. */
bool http_due_set(struct http_client *client, struct http_due *due, int64_t at_ms);
void http_due_clear(struct http_client *client, struct http_due *due);
/* One handle is closed for good; frees a closing client after the last. */
void http_client_handle_closed(struct http_client *client);

/* http_pool.c: */

/* The pool of a peer and lane, made when missing. RH_EAGAIN at pools_max, RH_ENOMEM. */
int32_t http_pool_get(struct http_client *client, struct rh_str authority, uint32_t lane,
                      struct http_pool **out);
void http_pool_enqueue(struct http_pool *pool, struct http_call *call, bool is_first);
void http_pool_dequeue(struct http_pool *pool, struct http_call *call);
/* Gives waiting calls to free or new connections; frees the pool when nothing is left of it, so it
 * comes last. */
void http_pool_pump(struct http_pool *pool);

/* http_wire.c: */

/* Opens a connection for this call; on failure the call has been finished. */
void http_wire_open(struct http_pool *pool, struct http_call *call);
/* Sends the call on an idle connection. false: the connection was dead and is closed, the call is
 * untouched. */
bool http_wire_send(struct http_wire *wire, struct http_call *call);
/* Closes; its call, if any, is parted from it and is the caller's. */
void http_wire_close(struct http_wire *wire);

#endif
