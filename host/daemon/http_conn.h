/* Inside of the HTTP server: one connection and its exchanges. Only http_server.c and http_conn*.c
 * include it. */
#ifndef RH_HOST_DAEMON_HTTP_CONN_H
#define RH_HOST_DAEMON_HTTP_CONN_H

#include <uv.h>

#include "host/daemon/http_exchange.h"
#include "host/daemon/http_server.h"

#define HTTP_READ_BYTES    (64u * 1024u)
#define HTTP_ADDRESS_BYTES 64u

/* A connection moves only forward. */
#define HTTP_CONN_OPEN      0u /* takes requests */
#define HTTP_CONN_DRAINING  1u /* takes none; closes when what is owed has been sent */
#define HTTP_CONN_LINGERING 2u /* our side is closed, waiting for theirs */
#define HTTP_CONN_CLOSING   3u /* uv_close was called */

struct http_conn {
    uv_tcp_t tcp;
    uv_write_t write_req;
    uv_shutdown_t shutdown_req;
    struct http_server *server;
    struct http_conn *prev;
    struct http_conn *next;
    struct http_conn *next_dirty;
    struct http_parse parse;
    struct rh_buf rest; /* bytes read but not parsed while paused, from rest_at on */
    size_t rest_at;
    struct rh_buf out;     /* to be sent at the end of the turn */
    struct rh_buf sending; /* in the hands of libuv */
    struct http_exchange *first;
    struct http_exchange *last;
    int64_t since_ms;    /* start of the current message, or of being idle or lingering */
    int64_t progress_ms; /* last time the kernel took bytes */
    size_t progress_left;
    uint32_t exchange_count;
    uint8_t state;
    uint8_t is_dirty;
    uint8_t is_reading;
    uint8_t is_writing;
    uint8_t is_continue_due;
    uint8_t is_loopback;
    uint8_t got_eof;
    uint8_t has_asked;  /* a whole request came: from then on the client must expect an end */
    uint8_t is_broken;  /* an answer was lost to a limit or to memory: cut at the end of the turn */
    uint8_t is_counted; /* admitted: in the list of the server */
    uint8_t address_size;
    char address[HTTP_ADDRESS_BYTES];
};

struct http_server {
    uv_tcp_t listener;
    uv_timer_t sweep;
    uv_loop_t *loop;
    struct turn *turn;
    struct http_server_events events;
    struct http_server_limits limits;
    struct http_server_stats stats;
    struct http_exchanges exchanges;
    struct http_conn *conns;
    struct http_conn *dirty;
    void (*closed)(void *user);
    void *closed_user;
    void (*settled)(void *user); /* not NULL: settling */
    void *settled_user;
    int64_t settle_until_ms;
    int64_t swept_ms; /* last sweep */
    uint32_t handles_open;
    uint8_t is_listening;
    uint8_t is_draining;
    uint8_t is_accept_due; /* a connection waits in the listener for memory */
    uint8_t is_closing;
    uint8_t node_id_size;
    char node_id[128];
    char read_bytes[HTTP_READ_BYTES]; /* one read at a time, parsed before the next */
};

/* Takes one connection from the listener; counts and refuses it beyond the limit. RH_ENOMEM: it
 * still waits there and the listener is deaf until it is taken. [loop] */
int32_t http_conn_accept(struct http_server *server);

/* Has its output sent at the end of this turn. */
void http_conn_mark_dirty(struct http_conn *conn);

/* Sends, resumes or closes what changed in this turn. Turn hook; user is the server. */
void http_conn_flush_all(void *user);

/* Applies the time limits to one connection. It may be closing afterwards. */
void http_conn_sweep(struct http_conn *conn, int64_t now_ms);

/* Appends an open exchange for a request that has arrived; NULL without memory. */
struct http_exchange *http_conn_add_exchange(struct http_conn *conn);

/* Where the bytes of this exchange's answer go now. */
struct rh_buf *http_conn_answer(struct http_exchange *exchange);

/* The first exchange may have been answered: moves parked answers on. */
void http_conn_advance(struct http_conn *conn);

/* Parses what was kept back while the connection was paused, and reads on. */
void http_conn_resume(struct http_conn *conn);

/* Whether no further request may be taken now. */
bool http_conn_is_paused(const struct http_conn *conn);

/* Reads on, if only to see the end. */
void http_conn_read(struct http_conn *conn);

/* Cuts the connection; tells about unanswered exchanges when is_told. */
void http_conn_cut(struct http_conn *conn, bool is_told);

/* The client sent its last byte: unanswered exchanges are gone; what was answered is still sent. */
void http_conn_end_of_input(struct http_conn *conn);

/* Bytes that the kernel has not taken. */
size_t http_conn_unsent(const struct http_conn *conn);

/* One handle of the server is closed for good; frees the server after the last. */
void http_server_handle_closed(struct http_server *server);

#endif
