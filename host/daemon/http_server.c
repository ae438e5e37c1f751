/* Listening, the face of the server, and the sweep for time limits. Bytes are the business of
 * http_conn*.c. */
#include "host/daemon/http_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/heap.h"
#include "host/daemon/http_conn.h"
#include "host/daemon/http_write.h"

/* Connections that wait to be accepted while the loop is busy; the kernel cuts it to
 * net.core.somaxconn. Beyond it the kernel drops attempts, and clients lose a second each time. */
#define LISTEN_BACKLOG 4096
#define SWEEP_MS_MAX   1000u
#define SETTLE_LOOK_MS 2
#define TRIM_MS        10000 /* at most so often */

static void default_u32(uint32_t *value, uint32_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

static void fill_limits(struct http_server_limits *limits)
{
    default_u32(&limits->connections_max, 4096);
    default_u32(&limits->header_ms, 10000);
    default_u32(&limits->body_ms, 10000);
    default_u32(&limits->body_rate_min, 4096);
    default_u32(&limits->idle_ms, 75000);
    default_u32(&limits->write_ms, 30000);
    default_u32(&limits->linger_ms, 1000);
    if (limits->body_bytes_max == 0)
        limits->body_bytes_max = (uint64_t)1 << 20;
}

int32_t http_server_new(const struct http_server_config *cfg, struct http_server **out)
{
    if (cfg->node_id.n > sizeof((struct http_server *)0)->node_id)
        return RH_EINVAL;
    struct http_server *server = calloc(1, sizeof *server);
    if (!server)
        return RH_ENOMEM;
    server->loop = cfg->loop;
    server->turn = cfg->turn;
    server->events = cfg->events;
    server->limits = cfg->limits;
    fill_limits(&server->limits);
    if (cfg->node_id.n > 0)
        memcpy(server->node_id, cfg->node_id.p, cfg->node_id.n);
    server->node_id_size = (uint8_t)cfg->node_id.n;
    http_exchanges_init(&server->exchanges, UINT32_MAX - 1);
    /* Neither can fail: libuv makes the socket at bind. */
    (void)uv_tcp_init(server->loop, &server->listener);
    (void)uv_timer_init(server->loop, &server->sweep);
    server->listener.data = server;
    server->sweep.data = server;
    server->handles_open = 2;
    turn_add(server->turn, http_conn_flush_all, server);
    *out = server;
    return RH_OK;
}

void http_server_set_body_max(struct http_server *server, http_body_max body_max)
{
    server->events.body_max = body_max;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t sweep_interval_ms(const struct http_server_limits *limits)
{
    uint32_t ms = least(limits->header_ms, limits->body_ms);
    ms = least(ms, limits->idle_ms);
    ms = least(ms, limits->write_ms);
    ms = least(ms, limits->linger_ms) / 4;
    ms = least(ms, SWEEP_MS_MAX);
    return ms > 5 ? ms : 5;
}

static void accept_one(struct http_server *server)
{
    server->is_accept_due = server->is_listening && http_conn_accept(server) != RH_OK;
}

/* A crowd of clients leaves its memory behind in pieces: without this, a thousand connections cost
 * a third of a small node's memory for good. False while there is something to give back later. */
static bool trim_memory(struct http_server *server, int64_t now_ms)
{
    const uint64_t closed = server->stats.accepted - server->stats.connections;
    const uint64_t work = server->stats.accepted + server->stats.requests + closed;
    if (work == server->trimmed_work)
        return true;
    if (now_ms - server->trimmed_ms < TRIM_MS)
        return false;
    heap_give_back();
    server->trimmed_ms = now_ms;
    server->trimmed_work = work;
    return true;
}

static void on_sweep(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    int64_t now_ms = (int64_t)uv_now(server->loop);
    struct http_conn *next;
    if (server->is_accept_due)
        accept_one(server);
    /* After a stall of ours the clients' bytes still wait in the kernel: nobody is judged in this
     * round. */
    bool is_late = now_ms - server->swept_ms > 2 * (int64_t)uv_timer_get_repeat(timer);
    server->swept_ms = now_ms;
    if (is_late)
        return;
    for (struct http_conn *conn = server->conns; conn; conn = next) {
        next = conn->next;
        http_conn_sweep(conn, now_ms);
    }
    bool is_trimmed = trim_memory(server, now_ms);
    if (!server->conns && !server->is_accept_due && is_trimmed)
        (void)uv_timer_stop(timer);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct http_server *server = listener->data;
    if (status != 0)
        return; /* out of descriptors, or the client left meanwhile: nothing to accept */
    accept_one(server);
    if (!uv_is_active((uv_handle_t *)&server->sweep)) {
        uint32_t ms = sweep_interval_ms(&server->limits);
        server->swept_ms = (int64_t)uv_now(server->loop);
        (void)uv_timer_start(&server->sweep, on_sweep, ms, ms);
    }
}

static int32_t listen_failed(struct rh_buf *why, const char *where, int uv_rc)
{
    (void)rh_buf_printf(why, "cannot listen on %s: %s", where, uv_strerror(uv_rc));
    return uv_rc == UV_EADDRINUSE ? RH_EEXISTS : uv_rc == UV_EINVAL ? RH_EINVAL : RH_EIO;
}

static int start_listening(struct http_server *server)
{
    int rc = uv_listen((uv_stream_t *)&server->listener, LISTEN_BACKLOG, on_connection);
    if (rc == 0)
        server->is_listening = 1;
    return rc;
}

int32_t http_server_listen(struct http_server *server, const char *address, uint16_t port,
                           struct rh_buf *why)
{
    assert(!server->is_listening);
    struct sockaddr_storage bound;
    struct sockaddr *any = (struct sockaddr *)&bound;
    const char *numeric = strcmp(address, "localhost") == 0 ? "127.0.0.1" : address;
    char where[128];
    bool is_v6 = strchr(address, ':') != NULL;
    (void)snprintf(where, sizeof where, is_v6 ? "[%s]:%u" : "%s:%u", address, port);

    int rc = is_v6 ? uv_ip6_addr(numeric, port, (struct sockaddr_in6 *)(void *)&bound)
                   : uv_ip4_addr(numeric, port, (struct sockaddr_in *)(void *)&bound);
    if (rc == 0)
        rc = uv_tcp_bind(&server->listener, any, 0);
    if (rc == 0)
        rc = start_listening(server);
    return rc == 0 ? RH_OK : listen_failed(why, where, rc);
}

int32_t http_server_listen_fd(struct http_server *server, int fd, struct rh_buf *why)
{
    assert(!server->is_listening);
    int rc = uv_tcp_open(&server->listener, fd);
    if (rc == 0)
        rc = start_listening(server);
    return rc == 0 ? RH_OK : listen_failed(why, "the inherited socket", rc);
}

uint16_t http_server_port(const struct http_server *server)
{
    struct sockaddr_storage bound;
    int size = (int)sizeof bound;
    if (!server->is_listening ||
        uv_tcp_getsockname(&server->listener, (struct sockaddr *)&bound, &size) != 0)
        return 0;
    if (bound.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)&bound)->sin6_port);
    return ntohs(((const struct sockaddr_in *)(const void *)&bound)->sin_port);
}

int http_server_fd(const struct http_server *server)
{
    uv_os_fd_t fd = -1;
    if (!server->is_listening || uv_fileno((const uv_handle_t *)&server->listener, &fd) != 0)
        return -1;
    return fd;
}

static struct http_exchange *find_open(struct http_server *server, uint64_t id)
{
    struct http_exchange *exchange = http_exchange_find(&server->exchanges, id);
    return exchange && exchange->state != HTTP_EXCHANGE_DONE ? exchange : NULL;
}

static uint32_t reply_flags(struct http_exchange *exchange)
{
    struct http_conn *conn = exchange->conn;
    if (conn->server->is_draining && exchange == conn->last &&
        conn->parse.phase != HTTP_PHASE_BODY) {
        exchange->is_close = 1;
        conn->state = HTTP_CONN_DRAINING;
    }
    uint32_t flags = exchange->is_head ? HTTP_WRITE_NO_BODY : 0;
    if (exchange->is_close)
        flags |= HTTP_WRITE_CLOSE;
    else if (exchange->is_http10)
        flags |= HTTP_WRITE_KEEP_ALIVE;
    return flags;
}

int32_t http_server_reply(struct http_server *server, uint64_t id,
                          const struct http_outreply *reply)
{
    struct http_exchange *exchange = find_open(server, id);
    if (!exchange)
        return RH_ENOTFOUND;
    if (exchange->state != HTTP_EXCHANGE_OPEN)
        return RH_EINVAL;
    struct http_conn *conn = exchange->conn;
    http_write_reply(http_conn_answer(exchange), reply, reply_flags(exchange));
    exchange->state = HTTP_EXCHANGE_DONE;
    if (exchange == conn->first)
        http_conn_advance(conn);
    return RH_OK;
}

int32_t http_server_stream_begin(struct http_server *server, uint64_t id,
                                 const struct http_outreply *head)
{
    struct http_exchange *exchange = find_open(server, id);
    if (!exchange)
        return RH_ENOTFOUND;
    if (exchange->state != HTTP_EXCHANGE_OPEN)
        return RH_EINVAL;
    if (exchange->is_http10) {
        exchange->is_close = 1;
        exchange->conn->state = HTTP_CONN_DRAINING;
    }
    uint32_t framing = exchange->is_http10 ? HTTP_WRITE_NO_LENGTH : HTTP_WRITE_CHUNKED;
    http_write_reply(http_conn_answer(exchange), head, reply_flags(exchange) | framing);
    exchange->state = HTTP_EXCHANGE_STREAMING;
    http_conn_mark_dirty(exchange->conn);
    return RH_OK;
}

int32_t http_server_stream_write(struct http_server *server, uint64_t id, struct rh_str data,
                                 uint64_t *pending)
{
    struct http_exchange *exchange = find_open(server, id);
    if (!exchange)
        return RH_ENOTFOUND;
    if (exchange->state != HTTP_EXCHANGE_STREAMING)
        return RH_EINVAL;
    struct rh_buf *out = http_conn_answer(exchange);
    if (exchange->is_http10 && !exchange->is_head)
        (void)rh_buf_append_str(out, data); /* sticky in out->rc, which cuts the connection */
    else if (!exchange->is_head)
        http_write_chunk(out, data);
    http_conn_mark_dirty(exchange->conn);
    *pending = exchange->parked.n + http_conn_unsent(exchange->conn);
    return RH_OK;
}

int32_t http_server_stream_end(struct http_server *server, uint64_t id)
{
    struct http_exchange *exchange = find_open(server, id);
    if (!exchange)
        return RH_ENOTFOUND;
    if (exchange->state != HTTP_EXCHANGE_STREAMING)
        return RH_EINVAL;
    struct http_conn *conn = exchange->conn;
    if (!exchange->is_http10 && !exchange->is_head)
        http_write_last_chunk(http_conn_answer(exchange));
    exchange->state = HTTP_EXCHANGE_DONE;
    if (exchange == conn->first)
        http_conn_advance(conn);
    return RH_OK;
}

static void on_handle_closed(uv_handle_t *handle)
{
    http_server_handle_closed(handle->data);
}

static void close_listener(struct http_server *server)
{
    server->is_listening = 0;
    if (!uv_is_closing((uv_handle_t *)&server->listener))
        uv_close((uv_handle_t *)&server->listener, on_handle_closed);
}

void http_server_stop_listening(struct http_server *server)
{
    server->is_draining = 1;
    close_listener(server);
    for (struct http_conn *conn = server->conns; conn; conn = conn->next) {
        if (conn->state == HTTP_CONN_OPEN && conn->has_asked && !conn->first &&
            conn->parse.phase == HTTP_PHASE_IDLE && conn->rest.n == 0) {
            conn->state = HTTP_CONN_DRAINING;
            http_conn_mark_dirty(conn);
        }
    }
    turn_again(server->turn);
}

/* Whether the client waits for an answer, or for the rest of one, or has only just come. */
static bool is_owed(const struct http_conn *conn)
{
    if (http_conn_unsent(conn) > 0)
        return true;
    return conn->state == HTTP_CONN_OPEN &&
           (!conn->has_asked || conn->first || conn->parse.phase != HTTP_PHASE_IDLE ||
            conn->rest.n > 0);
}

static bool is_settled(const struct http_server *server)
{
    for (const struct http_conn *conn = server->conns; conn; conn = conn->next)
        if (is_owed(conn))
            return false;
    return true;
}

static void on_settle(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    if (!is_settled(server) && (int64_t)uv_now(server->loop) < server->settle_until_ms)
        return;
    (void)uv_timer_stop(timer);
    server->settled(server->settled_user);
}

int32_t http_server_settle(struct http_server *server, void (*settled)(void *user), void *user)
{
    assert(settled);
    assert(!server->settled);
    if (server->is_listening)
        http_server_stop_listening(server);
    if (is_settled(server))
        return RH_OK;
    server->settled = settled;
    server->settled_user = user;
    server->settle_until_ms = (int64_t)uv_now(server->loop) + HTTP_SETTLE_MS;
    (void)uv_timer_start(&server->sweep, on_settle, SETTLE_LOOK_MS, SETTLE_LOOK_MS);
    return RH_PENDING;
}

void http_server_stats(const struct http_server *server, struct http_server_stats *out)
{
    *out = server->stats;
}

void http_server_handle_closed(struct http_server *server)
{
    assert(server->handles_open > 0);
    if (--server->handles_open > 0 || !server->is_closing)
        return;
    void (*closed)(void *user) = server->closed;
    void *user = server->closed_user;
    http_exchanges_release(&server->exchanges);
    free(server);
    if (closed)
        closed(user);
}

void http_server_close(struct http_server *server, void (*closed)(void *user), void *user)
{
    if (!server)
        return;
    assert(!server->is_closing);
    server->is_closing = 1;
    server->closed = closed;
    server->closed_user = user;
    turn_remove(server->turn, server);
    while (server->dirty) {
        server->dirty->is_dirty = 0;
        server->dirty = server->dirty->next_dirty;
    }
    while (server->conns)
        http_conn_cut(server->conns, false);
    uv_close((uv_handle_t *)&server->sweep, on_handle_closed);
    close_listener(server);
}
