/* One connection to a peer: resolve, connect, send a request, read its answer, stay for the next.
 * It chooses no calls. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/http_pool.h"

static void free_if_closed(struct http_wire *wire)
{
    if (wire->state != HTTP_WIRE_CLOSING || wire->is_tcp_open || wire->is_resolving)
        return;
    struct http_client *client = wire->client;
    http_parse_release(&wire->parse);
    uv_freeaddrinfo(wire->addresses);
    free(wire);
    http_client_handle_closed(client);
}

static void unlink_wire(struct http_wire *wire)
{
    struct http_pool *pool = wire->pool;
    if (wire->prev)
        wire->prev->next = wire->next;
    else
        pool->wires = wire->next;
    if (wire->next)
        wire->next->prev = wire->prev;
}

static void link_first(struct http_wire *wire)
{
    struct http_pool *pool = wire->pool;
    wire->prev = NULL;
    wire->next = pool->wires;
    if (wire->next)
        wire->next->prev = wire;
    pool->wires = wire;
}

static struct http_call *part(struct http_wire *wire)
{
    struct http_call *call = wire->call;
    wire->call = NULL;
    if (call)
        call->wire = NULL;
    return call;
}

static void connect_next(struct http_wire *wire);

static void on_tcp_closed(uv_handle_t *handle)
{
    struct http_wire *wire = handle->data;
    wire->is_tcp_open = 0;
    if (wire->state == HTTP_WIRE_CLOSING)
        free_if_closed(wire);
    else
        connect_next(wire);
}

void http_wire_close(struct http_wire *wire)
{
    assert(wire->state != HTTP_WIRE_CLOSING);
    (void)part(wire);
    unlink_wire(wire);
    wire->pool->wire_count--;
    wire->pool = NULL;
    wire->client->stats.connections--;
    http_due_clear(wire->client, &wire->limit);
    wire->state = HTTP_WIRE_CLOSING;
    if (wire->is_tcp_open && !uv_is_closing((uv_handle_t *)&wire->tcp))
        uv_close((uv_handle_t *)&wire->tcp, on_tcp_closed);
    if (wire->is_resolving)
        (void)uv_cancel((uv_req_t *)&wire->resolve_req); /* its callback comes either way */
    free_if_closed(wire);
}

/* Ends the connection and its call. */
static void fail(struct http_wire *wire, int32_t rc, const char *reason)
{
    struct http_pool *pool = wire->pool;
    struct http_call *call = wire->call;
    http_wire_close(wire);
    if (call)
        http_call_finish(call, rc, reason);
    http_pool_pump(pool);
}

static void fail_unsent(struct http_wire *wire, const char *reason)
{
    /* A call that is sent again may have been executed the first time. */
    fail(wire, wire->call->was_sent ? RH_EUNKNOWN : RH_EUNREACHABLE, reason);
}

/* Copies a header's value; one that does not fit is as none. Returns its bytes. */
static uint32_t take_header(const struct http_parse *parse, const char *name, char *dst,
                            size_t room)
{
    struct rh_str value = http_parse_header(parse, name);
    if (value.n == 0 || value.n > room)
        return 0;
    memcpy(dst, value.p, value.n);
    return (uint32_t)value.n;
}

static void take_result(struct http_wire *wire, struct http_call *call)
{
    const struct http_parse *parse = &wire->parse;
    uint64_t seconds = 0;
    call->status = http_parse_status(parse);
    if (rh_parse_u64(http_parse_header(parse, "retry-after"), &seconds) == RH_OK)
        call->retry_after_s = seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
    call->node_id_size = take_header(parse, "x-node-id", call->node_id, sizeof call->node_id);
    call->content_type_size =
        take_header(parse, "content-type", call->content_type, sizeof call->content_type);
    struct rh_buf swap = call->body;
    call->body = wire->parse.body;
    wire->parse.body = swap;
}

static void complete(struct http_wire *wire, bool is_kept)
{
    struct http_pool *pool = wire->pool;
    struct http_client *client = wire->client;
    struct http_call *call = part(wire);
    take_result(wire, call);
    http_call_finish(call, RH_OK, "");
    wire->state = HTTP_WIRE_IDLE;
    wire->was_used = 1;
    int64_t until_ms = (int64_t)uv_now(client->loop) + client->limits.idle_ms;
    if (!is_kept || wire->is_writing || !http_due_set(client, &wire->limit, until_ms)) {
        http_wire_close(wire);
    } else {
        unlink_wire(wire);
        link_first(wire);
    }
    http_pool_pump(pool);
}

static void feed(struct http_wire *wire, const char *bytes, size_t size)
{
    struct http_parse *parse = &wire->parse;
    size_t at = 0;
    wire->got_any = 1;
    while (at < size) {
        size_t used = 0;
        uint32_t result = http_parse_feed(parse, bytes + at, size - at, &used);
        at += used;
        if (result == HTTP_PARSE_FAILED) {
            bool is_large = parse->failure.status == 413;
            fail(wire, is_large ? RH_ETOOLARGE : RH_EPROTOCOL,
                 is_large ? "the answer is too large" : parse->failure.message);
            return;
        }
        if (result == HTTP_PARSE_MORE)
            return;
        uint32_t status = http_parse_status(parse);
        if (status < 100 || status == 101) {
            fail(wire, RH_EPROTOCOL, "an answer that nobody asked for");
            return;
        }
        if (status >= 200) {
            complete(wire, parse->is_keep_alive && at == size);
            return;
        }
        http_parse_next(parse);
        parse->answers_head = wire->call->is_head;
    }
}

static void ended(struct http_wire *wire, bool is_eof)
{
    struct http_pool *pool = wire->pool;
    struct http_call *call = wire->call;
    if (wire->state != HTTP_WIRE_BUSY) {
        http_wire_close(wire);
        http_pool_pump(pool);
        return;
    }
    if (is_eof && http_parse_finish(&wire->parse) == HTTP_PARSE_MESSAGE &&
        http_parse_status(&wire->parse) >= 200) {
        complete(wire, false);
        return;
    }
    if (wire->was_used && !wire->got_any && call->is_idempotent && !call->was_retried) {
        call->was_retried = 1;
        wire->client->stats.retries++;
        http_wire_close(wire);
        /* A new connection: other kept ones may have died of the same cause. There is room for it
         * now. */
        http_wire_open(pool, call);
        http_pool_pump(pool);
        return;
    }
    fail(wire, RH_EUNKNOWN, "the connection ended before the answer");
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct http_wire *wire = handle->data;
    (void)suggested;
    *out = uv_buf_init(wire->client->read_bytes, HTTP_CLIENT_READ_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
    struct http_wire *wire = stream->data;
    if (size == 0 || wire->state == HTTP_WIRE_CLOSING)
        return;
    if (size < 0)
        ended(wire, size == UV_EOF);
    else if (wire->state != HTTP_WIRE_BUSY)
        ended(wire, false); /* bytes that answer nothing */
    else
        feed(wire, buf->base, (size_t)size);
}

static void on_written(uv_write_t *req, int status)
{
    struct http_wire *wire = req->data;
    /* On failure the reading side hears of it, maybe after an early answer such as 413. */
    (void)status;
    wire->is_writing = 0;
}

/* Hands the request to the kernel. false: not one byte of it was taken. */
static bool send_request(struct http_wire *wire)
{
    struct http_call *call = wire->call;
    uv_stream_t *stream = (uv_stream_t *)&wire->tcp;
    wire->state = HTTP_WIRE_BUSY;
    wire->got_any = 0;
    http_parse_restart(&wire->parse, call->body_max);
    wire->parse.answers_head = call->is_head;

    uv_buf_t all = uv_buf_init(call->bytes.p, (unsigned)call->bytes.n);
    int sent = uv_try_write(stream, &all, 1);
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0)
        return false;
    if ((size_t)sent < call->bytes.n) {
        uv_buf_t left = uv_buf_init(call->bytes.p + sent, (unsigned)(call->bytes.n - (size_t)sent));
        wire->write_req.data = wire;
        if (uv_write(&wire->write_req, stream, &left, 1, on_written) == 0)
            wire->is_writing = 1;
        else if (sent == 0)
            return false;
        /* else: the peer waits for the rest, and the deadline ends it */
    }
    call->was_sent = 1;
    return true;
}

bool http_wire_send(struct http_wire *wire, struct http_call *call)
{
    assert(wire->state == HTTP_WIRE_IDLE);
    http_due_clear(wire->client, &wire->limit);
    wire->call = call;
    call->wire = wire;
    if (!send_request(wire)) {
        http_wire_close(wire);
        return false;
    }
    call->state = HTTP_CALL_ACTIVE;
    wire->client->stats.reused++;
    return true;
}

static void on_connected(uv_connect_t *req, int status)
{
    struct http_wire *wire = req->data;
    if (wire->state == HTTP_WIRE_CLOSING)
        return;
    if (status != 0) {
        if (wire->address && wire->address->ai_next)
            uv_close((uv_handle_t *)&wire->tcp, on_tcp_closed); /* and on with the next address */
        else
            fail_unsent(wire, uv_strerror(status));
        return;
    }
    http_due_clear(wire->client, &wire->limit);
    (void)uv_tcp_nodelay(&wire->tcp, 1); /* without it calls only come later */
    if (uv_read_start((uv_stream_t *)&wire->tcp, on_alloc, on_read) != 0 || !send_request(wire))
        fail_unsent(wire, "the connection broke at once");
}

/* Begins to connect. A libuv error is a failure before any packet. */
static int connect_to(struct http_wire *wire, const struct sockaddr *address)
{
    wire->state = HTTP_WIRE_CONNECTING;
    (void)uv_tcp_init(wire->client->loop, &wire->tcp); /* makes no socket yet, cannot fail */
    wire->tcp.data = wire;
    wire->is_tcp_open = 1;
    wire->connect_req.data = wire;
    return uv_tcp_connect(&wire->connect_req, &wire->tcp, address, on_connected);
}

static void connect_next(struct http_wire *wire)
{
    assert(wire->address && wire->address->ai_next);
    wire->address = wire->address->ai_next;
    int rc = connect_to(wire, wire->address->ai_addr);
    if (rc != 0)
        fail_unsent(wire, uv_strerror(rc));
}

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *addresses)
{
    struct http_wire *wire = req->data;
    wire->is_resolving = 0;
    wire->addresses = addresses;
    wire->address = addresses;
    if (wire->state == HTTP_WIRE_CLOSING) {
        free_if_closed(wire);
        return;
    }
    int rc = status != 0 || !addresses ? status : connect_to(wire, addresses->ai_addr);
    if (rc != 0 || !addresses)
        fail_unsent(wire, rc != 0 ? uv_strerror(rc) : "the name has no address");
}

static int resolve(struct http_wire *wire)
{
    struct http_pool *pool = wire->pool;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
    if (uv_ip4_addr(pool->host, pool->port, &in4) == 0)
        return connect_to(wire, (const struct sockaddr *)&in4);
    if (uv_ip6_addr(pool->host, pool->port, &in6) == 0)
        return connect_to(wire, (const struct sockaddr *)&in6);

    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    char digits[6];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    for (uint32_t left = pool->port; left > 0; left /= 10)
        digits[--at] = (char)('0' + left % 10);
    wire->resolve_req.data = wire;
    int rc = uv_getaddrinfo(wire->client->loop, &wire->resolve_req, on_resolved, pool->host,
                            digits + at, &hints);
    wire->is_resolving = rc == 0;
    return rc;
}

static void on_limit(struct http_due *due)
{
    struct http_wire *wire = RH_CONTAINER_OF(due, struct http_wire, limit);
    struct http_pool *pool = wire->pool;
    if (wire->state == HTTP_WIRE_IDLE) {
        http_wire_close(wire);
        http_pool_pump(pool);
    } else {
        fail_unsent(wire, "could not connect in time");
    }
}

void http_wire_open(struct http_pool *pool, struct http_call *call)
{
    struct http_client *client = pool->client;
    struct http_wire *wire = calloc(1, sizeof *wire);
    if (!wire) {
        http_call_finish(call, call->was_sent ? RH_EUNKNOWN : RH_EUNREACHABLE, "out of memory");
        return;
    }
    wire->client = client;
    wire->pool = pool;
    wire->call = call;
    wire->limit.fire = on_limit;
    http_parse_init(&wire->parse, true, 0);
    call->wire = wire;
    call->state = HTTP_CALL_ACTIVE;
    link_first(wire);
    pool->wire_count++;
    client->handles_open++;
    client->stats.connections++;
    client->stats.connects++;

    int rc = UV_ENOMEM;
    if (http_due_set(client, &wire->limit,
                     (int64_t)uv_now(client->loop) + client->limits.connect_ms))
        rc = resolve(wire);
    if (rc != 0) {
        http_wire_close(wire);
        http_call_finish(call, call->was_sent ? RH_EUNKNOWN : RH_EUNREACHABLE, uv_strerror(rc));
    }
}
