/* One request at a time to the first node that answers, over a connection of its own; it prints
 * nothing. */
#include "host/ctl/client.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/socket.h"

#define HEAD_MAX    (32u * 1024u)
#define REQUEST_MAX (64u * 1024u * 1024u + HEAD_MAX)

static void write_request(const struct client *client, const struct client_request *request,
                          struct rh_buf *out)
{
    char address[ADDR_TEXT_SIZE];

    (void)rh_buf_printf(out, "%s ", request->method); /* sticky in out, as below */
    (void)rh_buf_append_str(out, request->target);
    (void)rh_buf_printf(out,
                        " HTTP/1.1\r\nHost: %s\r\nUser-Agent: ringctl\r\nAccept: "
                        "application/json, text/event-stream\r\nConnection: close\r\n",
                        addr_format(&client->addrs.items[client->current], address));
    if (client->token[0])
        (void)rh_buf_printf(out, "Authorization: Bearer %s\r\n", client->token);
    if (request->last_event_id && request->last_event_id[0])
        (void)rh_buf_printf(out, "Last-Event-ID: %s\r\n", request->last_event_id);
    if (strcmp(request->method, "GET") != 0)
        (void)rh_buf_printf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                            request->body.n);
    (void)rh_buf_append_c(out, "\r\n");
    (void)rh_buf_append_str(out, request->body);
}

/* Connects, in turn, each with its share of the time. */
static int32_t connect_any(struct client *client, int64_t deadline_ms, int *fd, struct rh_buf *why)
{
    const uint32_t count = client->addrs.count;
    const uint32_t first = client->current;

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = (first + i) % count;
        const int64_t now_ms = socket_now_ms();
        const int64_t share_ms = (deadline_ms - now_ms) / (count - i);
        char address[ADDR_TEXT_SIZE];

        (void)rh_buf_printf(why, "%s%s: ", i ? ", " : "",
                            addr_format(&client->addrs.items[index], address)); /* sticky */
        if (socket_connect(&client->addrs.items[index], now_ms + share_ms, fd, why) == RH_OK) {
            rh_buf_reset(why);
            client->current = index;
            return RH_OK;
        }
    }
    return RH_EUNREACHABLE;
}

static int32_t explain(const struct client *client, int32_t rc, struct rh_buf *why)
{
    char address[ADDR_TEXT_SIZE];
    const char *what = rc == RH_ETIMEOUT    ? "no answer in time"
                       : rc == RH_EUNKNOWN  ? "the connection was lost before the answer"
                       : rc == RH_EPROTOCOL ? "the answer is not HTTP"
                                            : rh_error_text(rc);

    (void)rh_buf_printf(why, "%s: %s", addr_format(&client->addrs.items[client->current], address),
                        what); /* sticky */
    return rc;
}

/* One piece of the reply. */
static int32_t read_some(int fd, struct http_reply *reply, int64_t deadline_ms)
{
    char bytes[16384];
    const int64_t n = socket_receive(fd, bytes, sizeof(bytes), deadline_ms);

    if (n > 0)
        return http_reply_feed(reply, (struct rh_str){bytes, (size_t)n});
    if (n == 0) /* what is cut off is lost, however well it began */
        return http_reply_end(reply) == RH_EPROTOCOL ? RH_EUNKNOWN : reply->rc;
    return n == RH_ETIMEOUT ? RH_ETIMEOUT : RH_EUNKNOWN;
}

static bool is_event_stream(const struct http_reply *reply)
{
    return reply->is_head_done && reply->status == 200 &&
           strncmp(reply->content_type, "text/event-stream", 17) == 0;
}

/* Sends and reads until the reply is complete, or is known to be a stream. */
static int32_t talk(struct client *client, const struct client_request *request, int64_t timeout_ms,
                    struct http_reply *reply, int *fd, struct rh_buf *why)
{
    const int64_t deadline_ms = socket_now_ms() + timeout_ms;
    struct rh_buf bytes;
    size_t sent = 0;
    int32_t rc = connect_any(client, deadline_ms, fd, why);

    if (rc != RH_OK)
        return rc;
    rh_buf_init(&bytes, REQUEST_MAX);
    write_request(client, request, &bytes);
    rc = bytes.rc;
    if (rc == RH_OK)
        rc = socket_send(*fd, rh_buf_str(&bytes), deadline_ms, &sent);
    /* A node may answer and close before it has read everything: its answer says why. */
    if (rc == RH_OK || rc == RH_EIO)
        rc = RH_OK;
    while (rc == RH_OK && !reply->is_complete && !is_event_stream(reply))
        rc = read_some(*fd, reply, deadline_ms);
    rh_buf_release(&bytes);
    if (rc == RH_OK)
        return RH_OK;
    (void)close(*fd); /* nothing more is wanted of it */
    *fd = -1;
    return explain(client, rc, why);
}

int32_t client_exchange(struct client *client, const struct client_request *request,
                        int64_t timeout_ms, struct http_reply *reply, struct rh_buf *why)
{
    int fd = -1;
    int32_t rc = talk(client, request, timeout_ms, reply, &fd, why);

    if (rc == RH_OK)
        (void)close(fd); /* the reply is here */
    return rc;
}

int32_t client_stream_open(struct client *client, const struct client_request *request,
                           int64_t timeout_ms, struct client_stream *stream, struct rh_buf *why)
{
    int32_t rc;

    stream->fd = -1;
    http_reply_init(&stream->reply);
    rc = talk(client, request, timeout_ms, &stream->reply, &stream->fd, why);
    if (rc != RH_OK)
        client_stream_close(stream);
    return rc;
}

bool client_stream_is_open(const struct client_stream *stream)
{
    return is_event_stream(&stream->reply);
}

int32_t client_stream_read(struct client_stream *stream, int64_t idle_ms)
{
    const int64_t deadline_ms = socket_now_ms() + idle_ms;
    int32_t rc = RH_OK;

    while (rc == RH_OK && stream->reply.body.n == 0) {
        if (stream->reply.is_complete)
            return RH_EUNKNOWN;
        rc = read_some(stream->fd, &stream->reply, deadline_ms);
    }
    return rc;
}

void client_stream_close(struct client_stream *stream)
{
    if (stream->fd >= 0)
        (void)close(stream->fd); /* nothing more is wanted of it */
    stream->fd = -1;
    http_reply_release(&stream->reply);
}
