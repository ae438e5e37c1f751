/* One request at a time to the first node that answers, over a connection of its own; it prints
 * nothing. */
#ifndef RH_HOST_CTL_CLIENT_H
#define RH_HOST_CTL_CLIENT_H

#include "host/ctl/addr.h"
#include "host/ctl/http_reply.h"

#define CLIENT_TOKEN_SIZE 257u

struct client {
    struct addr_list addrs;
    uint32_t current;              /* tried first: the one that answered last */
    char token[CLIENT_TOKEN_SIZE]; /* "" = none */
};

struct client_request {
    const char *method;
    struct rh_str target;
    struct rh_str body;        /* of a POST */
    const char *last_event_id; /* of a stream; NULL or "" = none */
};

/* Sends it and reads the whole reply, of any status, within timeout_ms. Another address is tried
 * only while nothing was sent. Blocks. RH_OK; or, with the reason appended to why:
 * RH_EUNREACHABLE: nothing was sent; every address is named.
 * RH_ETIMEOUT, RH_EUNKNOWN (connection lost), RH_EPROTOCOL, RH_ETOOLARGE, RH_ENOMEM: it was sent,
 * and may have been done. reply is initialised by the caller, and empty. */
int32_t client_exchange(struct client *client, const struct client_request *request,
                        int64_t timeout_ms, struct http_reply *reply, struct rh_buf *why);

/* An open stream. */
struct client_stream {
    struct http_reply reply;
    int fd;
};

/* Sends a GET and returns as soon as the head of the reply is there: as client_exchange, but a body
 * is not waited for when the reply is an event stream (status 200, text/event-stream). After RH_OK
 * the caller ends with client_stream_close; a failed one is closed. */
int32_t client_stream_open(struct client *client, const struct client_request *request,
                           int64_t timeout_ms, struct client_stream *stream, struct rh_buf *why);
bool client_stream_is_open(const struct client_stream *stream);
/* Adds what comes to stream->reply.body, where some may wait already: at least one byte. RH_OK;
 * RH_ETIMEOUT: nothing came for idle_ms; RH_EUNKNOWN: the stream has ended. */
int32_t client_stream_read(struct client_stream *stream, int64_t idle_ms);
void client_stream_close(struct client_stream *stream);

#endif
