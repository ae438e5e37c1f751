/* Wraps llhttp: collects a message, applies the limits, stops after each message. Not a socket, and
 * no lenient flag. */
#include "host/daemon/http_parse.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include <ringhost/sdk/str.h>

static int fail(struct http_parse *parse, uint32_t status, const char *code, const char *message)
{
    if (parse->failure.status == 0)
        parse->failure = (struct http_failure){status, code, message};
    return HPE_USER;
}

static int append_head(struct http_parse *parse, const char *at, size_t size)
{
    if (size > HTTP_HEADER_BYTES_MAX - parse->head.n)
        return fail(parse, 431, "header_too_large", "the header is larger than 16384 bytes");
    if (rh_buf_append(&parse->head, at, size) != RH_OK)
        return fail(parse, 503, "out_of_memory", "out of memory");
    return 0;
}

static int on_message_begin(llhttp_t *llhttp)
{
    struct http_parse *parse = llhttp->data;
    parse->phase = HTTP_PHASE_HEAD;
    return 0;
}

static int on_url(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parse *parse = llhttp->data;
    if (size > HTTP_TARGET_BYTES_MAX - parse->target_size)
        return fail(parse, 414, "target_too_long", "the request target is longer than 8192 bytes");
    parse->target_size += (uint32_t)size;
    return append_head(parse, at, size);
}

static int on_header_field(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parse *parse = llhttp->data;
    if (parse->in_trailer)
        return append_head(parse, at, size);
    if (parse->span_count == HTTP_HEADERS_MAX)
        return fail(parse, 431, "too_many_headers", "more than 64 headers");
    struct http_parse_span *span = &parse->spans[parse->span_count];
    if (span->name_size == 0)
        span->name_at = (uint32_t)parse->head.n;
    span->name_size += (uint32_t)size;
    return append_head(parse, at, size);
}

static int on_header_field_complete(llhttp_t *llhttp)
{
    struct http_parse *parse = llhttp->data;
    if (!parse->in_trailer) {
        assert(parse->span_count < HTTP_HEADERS_MAX);
        parse->spans[parse->span_count].value_at = (uint32_t)parse->head.n;
    }
    return 0;
}

static int on_header_value(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parse *parse = llhttp->data;
    if (!parse->in_trailer)
        parse->spans[parse->span_count].value_size += (uint32_t)size;
    return append_head(parse, at, size);
}

static struct rh_str span_name(const struct http_parse *parse, uint32_t index)
{
    const struct http_parse_span *span = &parse->spans[index];
    return (struct rh_str){parse->head.p + span->name_at, span->name_size};
}

static struct rh_str span_value(const struct http_parse *parse, uint32_t index)
{
    const struct http_parse_span *span = &parse->spans[index];
    return (struct rh_str){parse->head.p + span->value_at, span->value_size};
}

static bool is_word(struct rh_str s, const char *word)
{
    return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

static int on_header_value_complete(llhttp_t *llhttp)
{
    struct http_parse *parse = llhttp->data;
    if (parse->in_trailer)
        return 0;
    struct http_parse_span *span = &parse->spans[parse->span_count];
    const char *value = parse->head.p + span->value_at;
    while (span->value_size > 0 &&
           (value[span->value_size - 1] == ' ' || value[span->value_size - 1] == '\t'))
        span->value_size--;
    parse->span_count++;
    if (parse->span_count < HTTP_HEADERS_MAX)
        memset(&parse->spans[parse->span_count], 0, sizeof parse->spans[0]);

    struct rh_str name = span_name(parse, parse->span_count - 1);
    if (is_word(name, "host"))
        parse->host_count++;
    return 0;
}

static int check_request_head(struct http_parse *parse)
{
    const llhttp_t *llhttp = &parse->llhttp;
    bool is_11 = llhttp->http_major == 1 && llhttp->http_minor == 1;
    bool is_10 = llhttp->http_major == 1 && llhttp->http_minor == 0;
    if (!is_11 && !is_10)
        return fail(parse, 505, "version_not_supported",
                    "only HTTP/1.1 and HTTP/1.0 are spoken here");
    /* RFC 9112, section 3.2. */
    if (parse->host_count > 1 || (is_11 && parse->host_count == 0))
        return fail(parse, 400, "malformed", "exactly one Host header is needed");
    /* RFC 9112, section 6.1: a sign of request smuggling. */
    if (is_10 && (llhttp->flags & F_TRANSFER_ENCODING))
        return fail(parse, 400, "malformed", "HTTP/1.0 has no Transfer-Encoding");

    struct rh_str expect = http_parse_header(parse, "expect");
    if (expect.p && !is_word(expect, "100-continue"))
        return fail(parse, 417, "expectation_failed", "only 100-continue may be expected");
    bool has_body = (llhttp->flags & F_CHUNKED) || llhttp->content_length > 0;
    parse->wants_continue = expect.p && is_11 && has_body;
    if (parse->body_max_of && has_body) {
        uint64_t max = parse->body_max_of(parse->body_max_user, http_parse_method(parse),
                                          http_parse_target(parse));
        parse->body_max = max < HTTP_BODY_BYTES_CEILING ? max : HTTP_BODY_BYTES_CEILING;
    }
    return 0;
}

static int too_large(struct http_parse *parse)
{
    return fail(parse, 413, "too_large", "the body is larger than this route takes");
}

static int on_headers_complete(llhttp_t *llhttp)
{
    struct http_parse *parse = llhttp->data;
    parse->phase = HTTP_PHASE_BODY;
    parse->in_trailer = 1;
    /* No other protocol is spoken here: an upgrade is an offer that we do not take. */
    llhttp->upgrade = 0;
    if (llhttp->type == HTTP_REQUEST) {
        int rc = check_request_head(parse);
        if (rc != 0)
            return rc;
    } else if (parse->answers_head) {
        return 1;
    }
    if ((llhttp->flags & F_CONTENT_LENGTH) && llhttp->content_length > parse->body_max)
        return too_large(parse);
    return 0;
}

static int on_chunk_header(llhttp_t *llhttp)
{
    struct http_parse *parse = llhttp->data;
    if (llhttp->content_length > parse->body_max - parse->body.n)
        return too_large(parse);
    return 0;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parse *parse = llhttp->data;
    parse->wants_continue = 0;
    if (size > parse->body_max - parse->body.n)
        return too_large(parse);
    if (rh_buf_append(&parse->body, at, size) != RH_OK)
        return fail(parse, 503, "out_of_memory", "out of memory");
    return 0;
}

static int on_message_complete(llhttp_t *llhttp)
{
    struct http_parse *parse = llhttp->data;
    parse->phase = HTTP_PHASE_DONE;
    parse->wants_continue = 0;
    parse->is_keep_alive = (uint8_t)(llhttp_should_keep_alive(llhttp) != 0);
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value = on_header_value,
    .on_header_value_complete = on_header_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_chunk_header = on_chunk_header,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

static void forget_message(struct http_parse *parse)
{
    rh_buf_reset(&parse->head);
    if (parse->body.cap > HTTP_PARSE_KEEP_BYTES)
        rh_buf_release(&parse->body);
    else
        rh_buf_reset(&parse->body);
    parse->span_count = 0;
    memset(&parse->spans[0], 0, sizeof parse->spans[0]);
    parse->target_size = 0;
    parse->host_count = 0;
    parse->phase = HTTP_PHASE_IDLE;
    parse->in_trailer = 0;
    parse->is_keep_alive = 0;
    parse->wants_continue = 0;
    parse->answers_head = 0;
}

void http_parse_init(struct http_parse *parse, bool is_response, uint64_t body_max)
{
    memset(parse, 0, sizeof *parse);
    rh_buf_init(&parse->head, HTTP_HEADER_BYTES_MAX);
    rh_buf_init(&parse->body, (size_t)HTTP_BODY_BYTES_CEILING);
    parse->body_max = body_max < HTTP_BODY_BYTES_CEILING ? body_max : HTTP_BODY_BYTES_CEILING;
    llhttp_init(&parse->llhttp, is_response ? HTTP_RESPONSE : HTTP_REQUEST, &settings);
    parse->llhttp.data = parse;
}

void http_parse_release(struct http_parse *parse)
{
    rh_buf_release(&parse->head);
    rh_buf_release(&parse->body);
}

uint32_t http_parse_feed(struct http_parse *parse, const char *bytes, size_t size,
                         size_t *used_bytes)
{
    assert(parse->phase != HTTP_PHASE_DONE);
    assert(parse->failure.status == 0);
    *used_bytes = size;
    if (size == 0)
        return HTTP_PARSE_MORE;

    llhttp_errno_t error = llhttp_execute(&parse->llhttp, bytes, size);
    if (error == HPE_OK)
        return HTTP_PARSE_MORE;
    if (error == HPE_PAUSED && parse->phase == HTTP_PHASE_DONE) {
        *used_bytes = (size_t)(llhttp_get_error_pos(&parse->llhttp) - bytes);
        assert(*used_bytes <= size);
        return HTTP_PARSE_MESSAGE;
    }
    (void)fail(parse, 400, "malformed", llhttp_get_error_reason(&parse->llhttp));
    return HTTP_PARSE_FAILED;
}

uint32_t http_parse_finish(struct http_parse *parse)
{
    if (parse->failure.status != 0)
        return HTTP_PARSE_FAILED;
    if (parse->phase == HTTP_PHASE_IDLE)
        return HTTP_PARSE_MORE;
    (void)llhttp_finish(&parse->llhttp);
    if (parse->phase == HTTP_PHASE_DONE)
        return HTTP_PARSE_MESSAGE;
    (void)fail(parse, 400, "malformed", "the stream ended inside a message");
    return HTTP_PARSE_FAILED;
}

void http_parse_next(struct http_parse *parse)
{
    assert(parse->phase == HTTP_PHASE_DONE);
    forget_message(parse);
    llhttp_resume(&parse->llhttp);
}

void http_parse_restart(struct http_parse *parse, uint64_t body_max)
{
    forget_message(parse);
    parse->failure = (struct http_failure){0};
    parse->body_max = body_max < HTTP_BODY_BYTES_CEILING ? body_max : HTTP_BODY_BYTES_CEILING;
    llhttp_init(&parse->llhttp, (llhttp_type_t)parse->llhttp.type, &settings);
    parse->llhttp.data = parse;
}

struct rh_str http_parse_method(const struct http_parse *parse)
{
    return rh_str_from(llhttp_method_name((llhttp_method_t)parse->llhttp.method));
}

struct rh_str http_parse_target(const struct http_parse *parse)
{
    return (struct rh_str){parse->head.p, parse->target_size};
}

uint32_t http_parse_status(const struct http_parse *parse)
{
    return parse->llhttp.status_code;
}

bool http_parse_is_http10(const struct http_parse *parse)
{
    return parse->llhttp.http_minor == 0;
}

uint32_t http_parse_headers(const struct http_parse *parse,
                            struct http_header out[HTTP_HEADERS_MAX])
{
    for (uint32_t i = 0; i < parse->span_count; i++)
        out[i] = (struct http_header){.name = span_name(parse, i), .value = span_value(parse, i)};
    return parse->span_count;
}

struct rh_str http_parse_header(const struct http_parse *parse, const char *name)
{
    for (uint32_t i = 0; i < parse->span_count; i++) {
        if (is_word(span_name(parse, i), name))
            return span_value(parse, i);
    }
    return (struct rh_str){NULL, 0};
}
