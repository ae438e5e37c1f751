/* The receiving half of a connection: accepting, parsing, handing over, refusing, time limits. It
 * answers only refusals. */
#include "host/daemon/http_conn.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/daemon/http_write.h"

static struct rh_str server_node_id(const struct http_server *server)
{
    return (struct rh_str){server->node_id, server->node_id_size};
}

/* Answers for the host, in order, and takes nothing more from this client. */
static void refuse(struct http_conn *conn, const struct http_failure *failure)
{
    struct http_exchange *exchange = http_conn_add_exchange(conn);
    if (!exchange) {
        http_conn_cut(conn, true);
        return;
    }
    exchange->is_close = 1;
    exchange->state = HTTP_EXCHANGE_DONE;
    conn->state = HTTP_CONN_DRAINING;
    http_write_error(http_conn_answer(exchange), failure->status, failure->code, failure->message,
                     server_node_id(conn->server), HTTP_WRITE_CLOSE);
    http_conn_advance(conn);
}

/* The application has ended: the host answers. */
static void refuse_last(struct http_conn *conn, struct http_exchange *exchange)
{
    exchange->is_close = 1;
    exchange->state = HTTP_EXCHANGE_DONE;
    conn->state = HTTP_CONN_DRAINING;
    http_write_error(http_conn_answer(exchange), 503, "draining", "this node is shutting down",
                     server_node_id(conn->server), HTTP_WRITE_CLOSE);
    http_conn_advance(conn);
}

static void dispatch(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    struct http_parse *parse = &conn->parse;
    struct http_exchange *exchange = http_conn_add_exchange(conn);
    if (!exchange) {
        http_conn_cut(conn, true);
        return;
    }
    struct rh_str method = http_parse_method(parse);
    exchange->is_head = method.n == 4 && memcmp(method.p, "HEAD", 4) == 0;
    exchange->is_http10 = http_parse_is_http10(parse);
    if (exchange->is_head)
        method = (struct rh_str){"GET", 3};
    if (!parse->is_keep_alive) {
        exchange->is_close = 1;
        conn->state = HTTP_CONN_DRAINING;
    }
    conn->has_asked = 1;
    server->stats.requests++;
    if (server->settled) {
        refuse_last(conn, exchange);
        return;
    }

    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_inbound in = {
        .exchange = exchange->id,
        .method = method,
        .target = http_parse_target(parse),
        .address = {conn->address, conn->address_size},
        .body = rh_buf_str(&parse->body),
        .headers = headers,
        .header_count = http_parse_headers(parse, headers),
        .is_loopback = conn->is_loopback,
    };
    server->events.on_request(server->events.user, &in);
}

/* Returns how many bytes were used; fewer only when the connection is paused. */
static size_t feed(struct http_conn *conn, const char *bytes, size_t size)
{
    struct http_parse *parse = &conn->parse;
    size_t at = 0;
    while (at < size && conn->state == HTTP_CONN_OPEN) {
        if (http_conn_is_paused(conn))
            return at;
        if (parse->phase == HTTP_PHASE_IDLE)
            conn->since_ms = (int64_t)uv_now(conn->server->loop);
        size_t used = 0;
        uint32_t result = http_parse_feed(parse, bytes + at, size - at, &used);
        at += used;
        if (result == HTTP_PARSE_FAILED) {
            conn->server->stats.malformed++;
            refuse(conn, &parse->failure);
        } else if (result == HTTP_PARSE_MESSAGE) {
            dispatch(conn);
            http_parse_next(parse);
        }
    }
    if (conn->state == HTTP_CONN_OPEN && parse->wants_continue) {
        conn->is_continue_due = 1;
        http_conn_mark_dirty(conn);
    }
    return size;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct http_conn *conn = handle->data;
    (void)suggested;
    *out = uv_buf_init(conn->server->read_bytes, HTTP_READ_BYTES);
}

static void pause_reading(struct http_conn *conn)
{
    (void)uv_read_stop((uv_stream_t *)&conn->tcp); /* cannot fail */
    conn->is_reading = 0;
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
    struct http_conn *conn = stream->data;
    if (size == 0 || conn->state == HTTP_CONN_CLOSING)
        return;
    if (size == UV_EOF) {
        http_conn_end_of_input(conn);
        return;
    }
    if (size < 0) {
        http_conn_cut(conn, true);
        return;
    }
    if (conn->state != HTTP_CONN_OPEN)
        return;
    size_t used = feed(conn, buf->base, (size_t)size);
    if (used == (size_t)size)
        return;
    assert(conn->rest.n == 0);
    conn->rest_at = 0;
    if (rh_buf_append(&conn->rest, buf->base + used, (size_t)size - used) != RH_OK) {
        http_conn_cut(conn, true);
        return;
    }
    pause_reading(conn);
}

void http_conn_read(struct http_conn *conn)
{
    if (conn->is_reading || conn->got_eof)
        return;
    if (uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) != 0) {
        http_conn_cut(conn, true);
        return;
    }
    conn->is_reading = 1;
}

void http_conn_resume(struct http_conn *conn)
{
    if (conn->rest.n > 0) {
        conn->rest_at += feed(conn, conn->rest.p + conn->rest_at, conn->rest.n - conn->rest_at);
        if (conn->rest_at < conn->rest.n)
            return;
        rh_buf_release(&conn->rest);
        conn->rest_at = 0;
    }
    if (conn->state == HTTP_CONN_OPEN)
        http_conn_read(conn);
}

static void time_out_message(struct http_conn *conn, int64_t now_ms)
{
    const struct http_server_limits *limits = &conn->server->limits;
    int64_t allowed_ms = limits->header_ms;
    if (conn->parse.phase == HTTP_PHASE_BODY) {
        allowed_ms += limits->body_ms;
        allowed_ms += (int64_t)(conn->parse.body.n * 1000 / limits->body_rate_min);
    }
    if (now_ms - conn->since_ms <= allowed_ms)
        return;
    static const struct http_failure too_slow = {408, "request_timeout",
                                                 "the request came too slowly"};
    conn->server->stats.timeouts++;
    refuse(conn, &too_slow);
}

/* Returns false when the connection was cut. */
static bool check_progress(struct http_conn *conn, int64_t now_ms)
{
    if (!conn->is_writing)
        return true;
    size_t left = uv_stream_get_write_queue_size((const uv_stream_t *)&conn->tcp);
    if (left != conn->progress_left) {
        conn->progress_left = left;
        conn->progress_ms = now_ms;
        return true;
    }
    if (now_ms - conn->progress_ms <= conn->server->limits.write_ms)
        return true;
    conn->server->stats.timeouts++;
    http_conn_cut(conn, true);
    return false;
}

void http_conn_sweep(struct http_conn *conn, int64_t now_ms)
{
    const struct http_server_limits *limits = &conn->server->limits;
    int64_t waited_ms = now_ms - conn->since_ms;
    if (conn->state == HTTP_CONN_LINGERING && waited_ms > limits->linger_ms) {
        http_conn_cut(conn, true);
        return;
    }
    if (!check_progress(conn, now_ms) || conn->state != HTTP_CONN_OPEN)
        return;
    if (conn->parse.phase != HTTP_PHASE_IDLE) {
        /* While we do not read, or owe a 100 Continue, the client is not the slow one. */
        if (!conn->is_reading || conn->is_continue_due)
            conn->since_ms = now_ms;
        else
            time_out_message(conn, now_ms);
    } else if (!conn->first && http_conn_unsent(conn) == 0 && waited_ms > limits->idle_ms) {
        conn->server->stats.timeouts++;
        http_conn_cut(conn, true);
    }
}

static void note_address(struct http_conn *conn)
{
    struct sockaddr_storage peer;
    int size = (int)sizeof peer;
    char ip[INET6_ADDRSTRLEN] = "";
    int written = 0;
    if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&peer, &size) != 0)
        return;
    if (peer.ss_family == AF_INET) {
        const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)&peer;
        (void)uv_ip4_name(in4, ip, sizeof ip);
        conn->is_loopback = ntohl(in4->sin_addr.s_addr) >> 24 == 127;
        written = snprintf(conn->address, sizeof conn->address, "%s:%u", ip, ntohs(in4->sin_port));
    } else if (peer.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&peer;
        (void)uv_ip6_name(in6, ip, sizeof ip);
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
        conn->is_loopback = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
                            (is_mapped && in6->sin6_addr.s6_addr[12] == 127);
        written =
            snprintf(conn->address, sizeof conn->address, "[%s]:%u", ip, ntohs(in6->sin6_port));
    }
    assert(written >= 0 && (size_t)written < sizeof conn->address);
    conn->address_size = (uint8_t)written;
}

static void admit(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    conn->next = server->conns;
    if (conn->next)
        conn->next->prev = conn;
    server->conns = conn;
    conn->is_counted = 1;
    server->stats.connections++;
    server->stats.accepted++;
    conn->since_ms = (int64_t)uv_now(server->loop);
    (void)uv_tcp_nodelay(&conn->tcp, 1); /* without it answers only come later */
    note_address(conn);
    http_conn_read(conn);
}

static void turn_away(struct http_conn *conn)
{
    conn->server->stats.refused++;
    http_write_error(&conn->out, 503, "too_many_connections", "this node has too many connections",
                     server_node_id(conn->server), HTTP_WRITE_CLOSE);
    uv_buf_t all = uv_buf_init(conn->out.p, (unsigned)conn->out.n);
    /* Best effort: it must cost nothing, so there is no waiting and no second try. */
    (void)uv_try_write((uv_stream_t *)&conn->tcp, &all, 1);
    http_conn_cut(conn, false);
}

int32_t http_conn_accept(struct http_server *server)
{
    struct http_conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        return RH_ENOMEM;
    conn->server = server;
    http_parse_init(&conn->parse, false, server->limits.body_bytes_max);
    conn->parse.body_max_of = server->events.body_max;
    conn->parse.body_max_user = server->events.user;
    rh_buf_init(&conn->rest, HTTP_READ_BYTES);
    rh_buf_init(&conn->out, HTTP_OUT_BYTES_MAX);
    rh_buf_init(&conn->sending, HTTP_OUT_BYTES_MAX);
    (void)uv_tcp_init(server->loop, &conn->tcp); /* makes no socket yet, cannot fail */
    conn->tcp.data = conn;
    server->handles_open++;
    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&conn->tcp) != 0)
        http_conn_cut(conn, false);
    else if (server->stats.connections >= server->limits.connections_max)
        turn_away(conn);
    else
        admit(conn);
    return RH_OK;
}
