/* One HTTP/1.1 reply from bytes, by llhttp; it reads no socket. */
#ifndef RH_HOST_CTL_HTTP_REPLY_H
#define RH_HOST_CTL_HTTP_REPLY_H

#include <llhttp.h>
#include <stdbool.h>

#include <ringhost/sdk/buf.h>

#define HTTP_REPLY_BODY_MAX  (64u * 1024u * 1024u)
#define HTTP_REPLY_HEAD_MAX  (64u * 1024u)
#define HTTP_REPLY_NODE_SIZE 129u /* a node id with its NUL */

/* Read the members; a stream's reader takes the body away piece by piece with rh_buf_reset. */
struct http_reply {
    int status; /* 0 until the first line was read */
    char content_type[80];
    int64_t retry_after_s;              /* -1 = not said */
    char node_id[HTTP_REPLY_NODE_SIZE]; /* X-Node-Id: who answers; "" = not said, or too long */
    bool is_head_done;
    bool is_complete;
    struct rh_buf body;
    /* private */
    llhttp_t parser;
    struct rh_buf name;
    struct rh_buf value;
    size_t head_bytes;
    int32_t rc;
};

/* The reply must stay where it is: llhttp points at it. */
void http_reply_init(struct http_reply *reply);
void http_reply_release(struct http_reply *reply);

/* Takes the next bytes; what follows a complete reply is ignored. Replies 1xx are skipped. [any]
 * RH_OK; RH_EPROTOCOL when it is not HTTP; RH_ETOOLARGE, RH_ENOMEM. */
int32_t http_reply_feed(struct http_reply *reply, struct rh_str bytes);

/* The connection has ended: completes a reply whose length is the connection's. RH_OK when the
 * reply is complete, else RH_EPROTOCOL. [any] */
int32_t http_reply_end(struct http_reply *reply);

#endif
