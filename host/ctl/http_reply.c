/* One HTTP/1.1 reply from bytes, by llhttp; it reads no socket. */
#include "host/ctl/http_reply.h"

#include <string.h>
#include <strings.h>

#include <ringhost/sdk/str.h>

static struct http_reply *of(llhttp_t *parser)
{
    return parser->data;
}

static int add(llhttp_t *parser, struct rh_buf *buf, const char *at, size_t n)
{
    struct http_reply *reply = of(parser);

    reply->head_bytes += n;
    if (reply->head_bytes > HTTP_REPLY_HEAD_MAX)
        reply->rc = RH_ETOOLARGE;
    else
        reply->rc = rh_buf_append(buf, at, n);
    return reply->rc == RH_OK ? 0 : -1;
}

static int on_name(llhttp_t *parser, const char *at, size_t n)
{
    return add(parser, &of(parser)->name, at, n);
}

static int on_value(llhttp_t *parser, const char *at, size_t n)
{
    return add(parser, &of(parser)->value, at, n);
}

static bool is_header(const struct http_reply *reply, const char *name)
{
    return reply->name.n == strlen(name) && strncasecmp(reply->name.p, name, reply->name.n) == 0;
}

static int on_value_complete(llhttp_t *parser)
{
    struct http_reply *reply = of(parser);
    const struct rh_str value = rh_buf_str(&reply->value);

    /* A content type or an id that is too long is none that we know; a date is no number of
     * seconds. */
    if (is_header(reply, "content-type"))
        (void)rh_str_copy(reply->content_type, sizeof(reply->content_type), value);
    else if (is_header(reply, "retry-after"))
        (void)rh_parse_i64(value, &reply->retry_after_s);
    else if (is_header(reply, "x-node-id"))
        (void)rh_str_copy(reply->node_id, sizeof(reply->node_id), value);
    rh_buf_reset(&reply->name);
    rh_buf_reset(&reply->value);
    return 0;
}

static int on_headers_complete(llhttp_t *parser)
{
    struct http_reply *reply = of(parser);

    reply->status = parser->status_code;
    reply->is_head_done = parser->status_code >= 200;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t n)
{
    struct http_reply *reply = of(parser);

    reply->rc = rh_buf_append(&reply->body, at, n);
    return reply->rc == RH_OK ? 0 : -1;
}

static int on_message_complete(llhttp_t *parser)
{
    struct http_reply *reply = of(parser);

    if (!reply->is_head_done)
        return 0; /* 1xx: the real one follows */
    reply->is_complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void http_reply_init(struct http_reply *reply)
{
    *reply = (struct http_reply){.retry_after_s = -1};
    rh_buf_init(&reply->body, HTTP_REPLY_BODY_MAX);
    rh_buf_init(&reply->name, HTTP_REPLY_HEAD_MAX);
    rh_buf_init(&reply->value, HTTP_REPLY_HEAD_MAX);
    llhttp_init(&reply->parser, HTTP_RESPONSE, &settings);
    reply->parser.data = reply;
}

void http_reply_release(struct http_reply *reply)
{
    rh_buf_release(&reply->body);
    rh_buf_release(&reply->name);
    rh_buf_release(&reply->value);
}

int32_t http_reply_feed(struct http_reply *reply, struct rh_str bytes)
{
    llhttp_errno_t result;

    if (reply->rc != RH_OK || reply->is_complete || bytes.n == 0)
        return reply->rc;
    result = llhttp_execute(&reply->parser, bytes.p, bytes.n);
    if (reply->rc == RH_OK && !reply->is_complete && result != HPE_OK)
        reply->rc = RH_EPROTOCOL;
    return reply->rc;
}

int32_t http_reply_end(struct http_reply *reply)
{
    if (reply->rc == RH_OK && !reply->is_complete) {
        const llhttp_errno_t result = llhttp_finish(&reply->parser);

        if (!reply->is_complete || (result != HPE_OK && result != HPE_PAUSED))
            reply->rc = RH_EPROTOCOL;
    }
    return reply->rc;
}
