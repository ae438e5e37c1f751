/* Writes heads with memcpy into one reserved piece of the buffer; no printf on this path. */
#include "host/daemon/http_write.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/http_parse.h"

/* Above every fixed part of a head together; checked by the assert at the end of each writer. */
#define FIXED_BYTES_MAX 384u

struct status_row {
    uint32_t status;
    const char *text;
};

static const struct status_row statuses[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

const char *http_status_text(uint32_t status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].status == status)
            return statuses[i].text;
    }
    return "";
}

static char *put(char *to, const void *bytes, size_t size)
{
    memcpy(to, bytes, size);
    return to + size;
}

#define PUT_LIT(to, literal) put((to), "" literal, sizeof(literal) - 1)

static char *put_u64(char *to, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return put(to, digits + at, sizeof digits - at);
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static char *put_value(char *to, struct rh_str value)
{
    for (size_t i = 0; i < value.n; i++)
        *to++ = is_control(value.p[i]) ? '?' : value.p[i];
    return PUT_LIT(to, "\r\n");
}

static char *put_connection(char *to, uint32_t flags)
{
    if (flags & HTTP_WRITE_CLOSE)
        return PUT_LIT(to, "connection: close\r\n");
    if (flags & HTTP_WRITE_KEEP_ALIVE)
        return PUT_LIT(to, "connection: keep-alive\r\n");
    return to;
}

static bool is_bodiless(uint32_t status)
{
    return status == 204 || status == 304;
}

static char *put_status_line(char *to, uint32_t status)
{
    if (status == 200)
        return PUT_LIT(to, "HTTP/1.1 200 OK\r\n");
    const char *text = http_status_text(status);
    to = PUT_LIT(to, "HTTP/1.1 ");
    to = put_u64(to, status);
    *to++ = ' ';
    to = put(to, text, strlen(text));
    return PUT_LIT(to, "\r\n");
}

static char *put_framing(char *to, const struct http_outreply *reply, uint32_t flags)
{
    if (flags & HTTP_WRITE_CHUNKED)
        return PUT_LIT(to, "transfer-encoding: chunked\r\n");
    if ((flags & HTTP_WRITE_NO_LENGTH) || is_bodiless(reply->status))
        return to;
    to = PUT_LIT(to, "content-length: ");
    to = put_u64(to, reply->body.n);
    return PUT_LIT(to, "\r\n");
}

static char *put_reply_head(char *to, const struct http_outreply *reply, uint32_t flags)
{
    to = put_status_line(to, reply->status);
    if (reply->content_type && !is_bodiless(reply->status)) {
        to = PUT_LIT(to, "content-type: ");
        to = put_value(to, rh_str_from(reply->content_type));
    }
    to = put_framing(to, reply, flags);
    if (reply->node_id.n > 0) {
        to = PUT_LIT(to, "x-node-id: ");
        to = put_value(to, reply->node_id);
    }
    if (reply->request_id.n > 0) {
        to = PUT_LIT(to, "x-request-id: ");
        to = put_value(to, reply->request_id);
    }
    if (reply->retry_after_s > 0) {
        to = PUT_LIT(to, "retry-after: ");
        to = put_u64(to, reply->retry_after_s);
        to = PUT_LIT(to, "\r\n");
    }
    if (reply->allow) {
        to = PUT_LIT(to, "allow: ");
        to = put_value(to, rh_str_from(reply->allow));
    }
    to = put_connection(to, flags);
    return PUT_LIT(to, "\r\n");
}

void http_write_reply(struct rh_buf *out, const struct http_outreply *reply, uint32_t flags)
{
    bool has_body = !(flags & (HTTP_WRITE_CHUNKED | HTTP_WRITE_NO_LENGTH | HTTP_WRITE_NO_BODY)) &&
                    !is_bodiless(reply->status);
    size_t size = FIXED_BYTES_MAX + reply->node_id.n + reply->request_id.n;
    size += rh_str_from(reply->content_type).n + rh_str_from(reply->allow).n;
    size += has_body ? reply->body.n : 0;

    char *start = rh_buf_reserve(out, size);
    if (!start)
        return;
    char *end = put_reply_head(start, reply, flags);
    if (has_body && reply->body.n > 0)
        end = put(end, reply->body.p, reply->body.n);
    assert((size_t)(end - start) <= size);
    rh_buf_advance(out, (size_t)(end - start));
}

void http_write_error(struct rh_buf *out, uint32_t status, const char *code, const char *message,
                      struct rh_str node_id, uint32_t flags)
{
    char body[512];
    int size = snprintf(body, sizeof body, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", code,
                        message);
    assert(size > 0 && (size_t)size < sizeof body);
    struct http_outreply reply = {
        .status = status,
        .retry_after_s = status == 503 ? 1 : 0,
        .content_type = "application/json",
        .body = {body, (size_t)size},
        .node_id = node_id,
    };
    http_write_reply(out, &reply, flags);
}

void http_write_chunk(struct rh_buf *out, struct rh_str data)
{
    if (data.n == 0)
        return;
    char digits[16];
    size_t at = sizeof digits;
    for (size_t left = data.n; left > 0; left >>= 4)
        digits[--at] = "0123456789abcdef"[left & 15];

    char *start = rh_buf_reserve(out, sizeof digits + data.n + 4);
    if (!start)
        return;
    char *to = put(start, digits + at, sizeof digits - at);
    to = PUT_LIT(to, "\r\n");
    to = put(to, data.p, data.n);
    to = PUT_LIT(to, "\r\n");
    rh_buf_advance(out, (size_t)(to - start));
}

void http_write_last_chunk(struct rh_buf *out)
{
    (void)rh_buf_append_c(out, "0\r\n\r\n");
}

static bool method_has_body(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "PATCH") == 0;
}

void http_write_request(struct rh_buf *out, const struct http_outbound *call)
{
    struct rh_str type = rh_str_from(call->content_type);
    size_t size =
        FIXED_BYTES_MAX + strlen(call->method) + call->target.n + call->authority.n + type.n;
    for (uint32_t i = 0; i < call->header_count; i++)
        size += call->headers[i].name.n + call->headers[i].value.n + 4;
    size += call->body.n;

    char *start = rh_buf_reserve(out, size);
    if (!start)
        return;
    char *to = put(start, call->method, strlen(call->method));
    *to++ = ' ';
    to = put(to, call->target.p, call->target.n);
    to = PUT_LIT(to, " HTTP/1.1\r\nhost: ");
    to = put_value(to, call->authority);
    if (type.n > 0) {
        to = PUT_LIT(to, "content-type: ");
        to = put_value(to, type);
    }
    if (call->body.n > 0 || method_has_body(call->method)) {
        to = PUT_LIT(to, "content-length: ");
        to = put_u64(to, call->body.n);
        to = PUT_LIT(to, "\r\n");
    }
    for (uint32_t i = 0; i < call->header_count; i++) {
        to = put(to, call->headers[i].name.p, call->headers[i].name.n);
        to = PUT_LIT(to, ": ");
        to = put_value(to, call->headers[i].value);
    }
    to = PUT_LIT(to, "\r\n");
    if (call->body.n > 0)
        to = put(to, call->body.p, call->body.n);
    assert((size_t)(to - start) <= size);
    rh_buf_advance(out, (size_t)(to - start));
}

/* RFC 9110, section 5.6.2. */
static bool is_token(struct rh_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_alnum && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.n > 0;
}

static bool is_value(struct rh_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (is_control(s.p[i]))
            return false;
    }
    return true;
}

int32_t http_write_check(const struct http_outbound *call)
{
    char host[HTTP_HOST_BYTES_MAX + 1];
    uint16_t port;
    if (!call->method || !is_token(rh_str_from(call->method)))
        return RH_EINVAL;
    if (call->target.n == 0 || call->target.p[0] != '/' || call->target.n > HTTP_TARGET_BYTES_MAX)
        return RH_EINVAL;
    for (size_t i = 0; i < call->target.n; i++) {
        if ((unsigned char)call->target.p[i] <= ' ' || call->target.p[i] == 0x7f)
            return RH_EINVAL;
    }
    if (!is_value(rh_str_from(call->content_type)) || call->header_count > HTTP_HEADERS_MAX)
        return RH_EINVAL;
    for (uint32_t i = 0; i < call->header_count; i++) {
        if (!is_token(call->headers[i].name) || !is_value(call->headers[i].value))
            return RH_EINVAL;
    }
    return http_split_authority(call->authority, host, &port);
}

int32_t http_split_authority(struct rh_str authority, char host[HTTP_HOST_BYTES_MAX + 1],
                             uint16_t *port)
{
    size_t colon = authority.n;
    while (colon > 0 && authority.p[colon - 1] != ':')
        colon--;
    if (colon < 2)
        return RH_EINVAL;
    uint64_t number;
    struct rh_str digits = {authority.p + colon, authority.n - colon};
    if (rh_parse_u64(digits, &number) != RH_OK || number == 0 || number > UINT16_MAX)
        return RH_EINVAL;

    struct rh_str name = {authority.p, colon - 1};
    bool is_bracketed = name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']';
    if (is_bracketed)
        name = (struct rh_str){name.p + 1, name.n - 2};
    for (size_t i = 0; i < name.n; i++) {
        bool is_bad =
            (unsigned char)name.p[i] <= ' ' || name.p[i] == 0x7f || strchr("[]/@?#", name.p[i]);
        if (is_bad || (name.p[i] == ':' && !is_bracketed))
            return RH_EINVAL;
    }
    if (name.n > HTTP_HOST_BYTES_MAX)
        return RH_EINVAL;
    int32_t rc = rh_str_copy(host, HTTP_HOST_BYTES_MAX + 1, name);
    if (rc == RH_OK)
        *port = (uint16_t)number;
    return rc;
}
