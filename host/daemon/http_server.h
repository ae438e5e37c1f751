/* The HTTP/1.1 server: listens, keeps connections, hands over requests, sends answers in order. It
 * routes nothing. */
#ifndef RH_HOST_DAEMON_HTTP_SERVER_H
#define RH_HOST_DAEMON_HTTP_SERVER_H

#include <stdint.h>
#include <uv.h>

#include "host/core/driver.h"
#include "host/daemon/http_parse.h"
#include "host/daemon/turn.h"

#define HTTP_SETTLE_MS                    250 /* for first requests, once all else has ended */
#define HTTP_EXCHANGES_PER_CONNECTION_MAX 64u /* pipelined and unanswered; reading stops at it */
#define HTTP_OUT_BYTES_MAX \
    ((size_t)256u << 20) /* unsent on one connection, streams too; above it is cut */
#define HTTP_OUT_BYTES_PAUSE ((size_t)1024u << 10) /* unsent: no further request is read */

struct http_server;

/* Who is told. [loop] */
struct http_server_events {
    /* A whole request; `in` is borrowed. May answer at once. */
    void (*on_request)(void *user, const struct http_inbound *in);
    /* The client of an unanswered exchange is gone; the exchange is too. Never called inside a call
     * to the server. */
    void (*on_gone)(void *user, uint64_t exchange);
    /* Largest body of a request, asked when its head is known; NULL: limits.body_bytes_max. */
    http_body_max body_max;
    void *user;
};

/* Zero means the default in brackets. */
struct http_server_limits {
    uint32_t connections_max; /* [4096] beyond: 503 and closed */
    uint32_t header_ms;       /* [10 s] from the first byte to the end of the head: 408 */
    uint32_t body_ms;         /* [10 s] more for the body, plus what body_rate_min grants: 408 */
    uint32_t body_rate_min;   /* [4096] bytes per second that a body must bring */
    uint32_t idle_ms;         /* [75 s] without a request: closed */
    uint32_t write_ms;        /* [30 s] without progress in sending: closed */
    uint32_t linger_ms; /* [1 s] for the client to read the last answer after we closed our side */
    uint32_t reserved0;
    uint64_t body_bytes_max; /* [1 MiB] when events.body_max is NULL */
};

struct http_server_stats {
    uint64_t accepted;
    uint64_t refused; /* over connections_max */
    uint64_t requests;
    uint64_t malformed; /* answered by the server itself with 4xx */
    uint64_t timeouts;  /* 408, idle and stuck writes */
    uint64_t gone;      /* exchanges whose client left */
    uint64_t writes;    /* system calls that carried answers */
    uint32_t connections;
    uint32_t exchanges; /* unanswered now */
};

struct http_server_config {
    uv_loop_t *loop;
    struct turn *turn; /* answers leave in its hook; must outlive the server */
    struct http_server_events events;
    struct http_server_limits limits;
    struct rh_str
        node_id; /* X-Node-Id of answers the server gives itself; copied, at most 128 bytes */
};

/* RH_OK, RH_EINVAL, RH_ENOMEM. */
int32_t http_server_new(const struct http_server_config *cfg, struct http_server **out);

/* Replaces events.body_max, for connections accepted from now on. */
void http_server_set_body_max(struct http_server *server, http_body_max body_max);

/* Listens on a numeric address or "localhost". port 0 takes a free one. On failure `why` gets a
 * line that names the address; RH_EEXISTS: in use (exit 69), RH_EINVAL: not an address, RH_EIO: the
 * rest. Once per server. [loop] */
int32_t http_server_listen(struct http_server *server, const char *address, uint16_t port,
                           struct rh_buf *why);

/* Takes over a bound TCP socket that was inherited. [loop] */
int32_t http_server_listen_fd(struct http_server *server, int fd, struct rh_buf *why);

/* Port and descriptor of the listening socket; 0 and -1 when there is none. Who wants the socket to
 * outlive http_server_stop_listening, to start the program again on it, duplicates the descriptor
 * before. [loop] */
uint16_t http_server_port(const struct http_server *server);
int http_server_fd(const struct http_server *server);

/* As the ops of struct driver. RH_ENOTFOUND: answered, gone or never there. RH_EINVAL: not in that
 * state. [loop] */
int32_t http_server_reply(struct http_server *server, uint64_t id,
                          const struct http_outreply *reply);
int32_t http_server_stream_begin(struct http_server *server, uint64_t id,
                                 const struct http_outreply *head);
int32_t http_server_stream_write(struct http_server *server, uint64_t id, struct rh_str data,
                                 uint64_t *pending);
int32_t http_server_stream_end(struct http_server *server, uint64_t id);

/* Closes the listening socket; idle connections are closed, the others after their answers. One
 * that has not asked anything yet is no idle one: its first request may be on the way. [loop] */
void http_server_stop_listening(struct http_server *server);

void http_server_stats(const struct http_server *server, struct http_server_stats *out);

/* After the application has ended, for the requests that still come on open connections: they get
 * 503, and on_request and on_gone are not called any more. RH_OK: nothing is under way or expected.
 * Else RH_PENDING, and settled is called once, after HTTP_SETTLE_MS at most, unless the server is
 * closed before. Closes the listening socket if that is still open. [loop] */
int32_t http_server_settle(struct http_server *server, void (*settled)(void *user), void *user);

/* Cuts everything without on_gone, frees the server when the loop has closed all handles, then
 * calls closed (may be NULL). NULL server is allowed. [loop] */
void http_server_close(struct http_server *server, void (*closed)(void *user), void *user);

#endif
