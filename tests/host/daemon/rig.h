/* For the tests of host/daemon: one loop, a server with a scripted application, raw sockets on both
 * sides. No test. */
#ifndef RH_TESTS_HOST_DAEMON_RIG_H
#define RH_TESTS_HOST_DAEMON_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/http_client.h"
#include "host/daemon/http_server.h"
#include "host/daemon/turn.h"

#define RIG_REQUESTS_MAX 512u
#define RIG_PEERS_MAX    400u
#define RIG_PATIENCE_MS  20000u /* only a broken test waits that long */
#define RIG_UNUSED       __attribute__((unused))

/* Runs the loop until the condition holds. */
#define RIG_UNTIL(rig, condition)                           \
    do {                                                    \
        rig_watch(rig);                                     \
        while (!(condition)) {                              \
            (void)uv_run(&(rig)->loop, UV_RUN_ONCE);        \
            if ((rig)->is_late)                             \
                fail_msg("%s never came true", #condition); \
        }                                                   \
    } while (0)

/* One end of a raw connection. */
struct peer {
    uv_tcp_t tcp;
    uv_connect_t connect_req;
    struct rh_buf in; /* all that came */
    bool is_connected;
    bool is_ended; /* end or error seen */
    bool is_closed;
    char bytes[65536];
};

struct rig_request {
    uint64_t exchange;
    char method[16];
    char target[256];
    size_t body_size;
    uint32_t header_count;
    uint32_t is_loopback;
};

struct rig {
    uv_loop_t loop;
    struct turn turn;
    uv_timer_t patience;
    bool is_late;
    struct http_server *server;
    struct http_client *client;
    uv_tcp_t listener; /* raw server */
    bool is_raw_listening;
    bool is_echo; /* the application answers at once with the target as body */
    uint32_t request_count;
    uint32_t gone_count;
    uint64_t last_gone;
    uint32_t peer_count;
    struct rh_buf last_body;
    struct rig_request requests[RIG_REQUESTS_MAX];
    struct peer *peers[RIG_PEERS_MAX];
};

RIG_UNUSED static void rig_on_late(uv_timer_t *timer)
{
    ((struct rig *)timer->data)->is_late = true;
}

RIG_UNUSED static void rig_watch(struct rig *rig)
{
    assert_int_equal(uv_timer_start(&rig->patience, rig_on_late, RIG_PATIENCE_MS, 0), 0);
}

RIG_UNUSED static int32_t rig_reply(struct rig *rig, uint64_t exchange, uint32_t status,
                                    const char *body)
{
    struct http_outreply reply = {
        .status = status,
        .content_type = "application/json",
        .body = rh_str_from(body),
        .node_id = RH_STR_LIT("n1"),
    };
    return http_server_reply(rig->server, exchange, &reply);
}

RIG_UNUSED static void rig_on_request(void *user, const struct http_inbound *in)
{
    struct rig *rig = user;
    struct rig_request *request = &rig->requests[rig->request_count % RIG_REQUESTS_MAX];
    request->exchange = in->exchange;
    assert_int_equal(rh_str_copy(request->method, sizeof request->method, in->method), RH_OK);
    if (rh_str_copy(request->target, sizeof request->target, in->target) != RH_OK)
        request->target[0] = 0;
    request->body_size = in->body.n;
    request->header_count = in->header_count;
    request->is_loopback = in->is_loopback;
    rh_buf_reset(&rig->last_body);
    assert_int_equal(rh_buf_append_str(&rig->last_body, in->body), RH_OK);
    rig->request_count++;
    if (rig->is_echo)
        assert_int_equal(rig_reply(rig, in->exchange, 200, request->target), RH_OK);
}

RIG_UNUSED static void rig_on_gone(void *user, uint64_t exchange)
{
    struct rig *rig = user;
    rig->gone_count++;
    rig->last_gone = exchange;
}

RIG_UNUSED static struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    assert_int_equal(turn_init(&rig->turn, &rig->loop), RH_OK);
    assert_int_equal(uv_timer_init(&rig->loop, &rig->patience), 0);
    rig->patience.data = rig;
    rh_buf_init(&rig->last_body, (size_t)64 << 20);
    return rig;
}

RIG_UNUSED static void rig_serve(struct rig *rig, const struct http_server_limits *limits)
{
    struct rh_buf why;
    rh_buf_init(&why, 256);
    struct http_server_config cfg = {
        .loop = &rig->loop,
        .turn = &rig->turn,
        .events = {.on_request = rig_on_request, .on_gone = rig_on_gone, .user = rig},
        .node_id = RH_STR_LIT("n1"),
    };
    if (limits)
        cfg.limits = *limits;
    assert_int_equal(http_server_new(&cfg, &rig->server), RH_OK);
    assert_int_equal(http_server_listen(rig->server, "127.0.0.1", 0, &why), RH_OK);
    rh_buf_release(&why);
}

RIG_UNUSED static void peer_on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct peer *peer = handle->data;
    (void)suggested;
    *out = uv_buf_init(peer->bytes, sizeof peer->bytes);
}

RIG_UNUSED static void peer_on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
    struct peer *peer = stream->data;
    if (size > 0)
        assert_int_equal(rh_buf_append(&peer->in, buf->base, (size_t)size), RH_OK);
    if (size < 0)
        peer->is_ended = true;
}

RIG_UNUSED static struct peer *rig_peer(struct rig *rig)
{
    struct peer *peer = calloc(1, sizeof *peer);
    assert_non_null(peer);
    assert_true(rig->peer_count < RIG_PEERS_MAX);
    rig->peers[rig->peer_count++] = peer;
    rh_buf_init(&peer->in, (size_t)256 << 20);
    assert_int_equal(uv_tcp_init(&rig->loop, &peer->tcp), 0);
    peer->tcp.data = peer;
    return peer;
}

RIG_UNUSED static void peer_read(struct peer *peer)
{
    peer->is_connected = true;
    assert_int_equal(uv_read_start((uv_stream_t *)&peer->tcp, peer_on_alloc, peer_on_read), 0);
}

RIG_UNUSED static void peer_on_connect(uv_connect_t *req, int status)
{
    if (status == 0)
        peer_read(req->data);
}

/* A raw client, connected to the server. */
RIG_UNUSED static struct peer *rig_connect(struct rig *rig)
{
    struct peer *peer = rig_peer(rig);
    struct sockaddr_in address;
    assert_int_equal(uv_ip4_addr("127.0.0.1", http_server_port(rig->server), &address), 0);
    peer->connect_req.data = peer;
    assert_int_equal(uv_tcp_connect(&peer->connect_req, &peer->tcp,
                                    (const struct sockaddr *)&address, peer_on_connect),
                     0);
    RIG_UNTIL(rig, peer->is_connected);
    return peer;
}

/* Sends all or fails; for pieces that fit the socket buffer. */
RIG_UNUSED static void peer_send_bytes(struct peer *peer, const char *bytes, size_t size)
{
    uv_buf_t all = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)size);
    assert_int_equal(uv_try_write((uv_stream_t *)&peer->tcp, &all, 1), (int)size);
}

RIG_UNUSED static void peer_send(struct peer *peer, const char *text)
{
    peer_send_bytes(peer, text, strlen(text));
}

RIG_UNUSED static void peer_on_close(uv_handle_t *handle)
{
    ((struct peer *)handle->data)->is_closed = true;
}

RIG_UNUSED static void peer_close(struct peer *peer)
{
    if (!uv_is_closing((uv_handle_t *)&peer->tcp))
        uv_close((uv_handle_t *)&peer->tcp, peer_on_close);
}

RIG_UNUSED static const char *peer_text(const struct peer *peer)
{
    return peer->in.p ? peer->in.p : "";
}

RIG_UNUSED static bool peer_has(const struct peer *peer, const char *text)
{
    return strstr(peer_text(peer), text) != NULL;
}

RIG_UNUSED static uint32_t peer_count(const struct peer *peer, const char *text)
{
    uint32_t count = 0;
    for (const char *at = strstr(peer_text(peer), text); at; at = strstr(at + 1, text))
        count++;
    return count;
}

RIG_UNUSED static void rig_on_raw(uv_stream_t *listener, int status)
{
    struct rig *rig = listener->data;
    assert_int_equal(status, 0);
    struct peer *peer = rig_peer(rig);
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&peer->tcp), 0);
    peer_read(peer);
}

/* A raw server; its connections appear in peers[]. Returns its port. */
RIG_UNUSED static uint16_t rig_raw_listen(struct rig *rig)
{
    struct sockaddr_in address;
    int size = (int)sizeof address;
    assert_int_equal(uv_tcp_init(&rig->loop, &rig->listener), 0);
    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &address), 0);
    assert_int_equal(uv_tcp_bind(&rig->listener, (const struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&rig->listener, 64, rig_on_raw), 0);
    assert_int_equal(uv_tcp_getsockname(&rig->listener, (struct sockaddr *)&address, &size), 0);
    rig->listener.data = rig;
    rig->is_raw_listening = true;
    return (uint16_t)(((address.sin_port & 0xff) << 8) | (address.sin_port >> 8));
}

RIG_UNUSED static void rig_free(struct rig *rig)
{
    http_client_close(rig->client, NULL, NULL);
    http_server_close(rig->server, NULL, NULL);
    for (uint32_t i = 0; i < rig->peer_count; i++)
        peer_close(rig->peers[i]);
    if (rig->is_raw_listening)
        uv_close((uv_handle_t *)&rig->listener, NULL);
    uv_close((uv_handle_t *)&rig->patience, NULL);
    turn_close(&rig->turn);
    assert_int_equal(uv_run(&rig->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    for (uint32_t i = 0; i < rig->peer_count; i++) {
        rh_buf_release(&rig->peers[i]->in);
        free(rig->peers[i]);
    }
    rh_buf_release(&rig->last_body);
    free(rig);
}

#endif
