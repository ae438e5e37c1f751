/* One HTTP/1.1 message after another out of a byte stream, with limits; llhttp does the grammar.
 * Not a socket. */
#ifndef RH_HOST_DAEMON_HTTP_PARSE_H
#define RH_HOST_DAEMON_HTTP_PARSE_H

#include <llhttp.h>
#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>
#include <ringhost/types.h>

#include "host/core/driver.h"

#define HTTP_HEADER_BYTES_MAX (16u * 1024u) /* names, values and target together: 431 */
#define HTTP_TARGET_BYTES_MAX (8u * 1024u)  /* 414 */
#define HTTP_BODY_BYTES_CEILING                                       \
    ((uint64_t)1 << 30) /* no limit given by a caller goes above this \
                         */
#define HTTP_PARSE_KEEP_BYTES \
    (64u * 1024u) /* a larger body buffer is given back after its message */

/* What feeding came to. */
#define HTTP_PARSE_MORE    0u /* every byte was used, the message is not over */
#define HTTP_PARSE_MESSAGE 1u /* a whole message; its facts stay until http_parse_next */
#define HTTP_PARSE_FAILED  2u /* broken for good; `failure` says how */

/* How far the current message is. */
#define HTTP_PHASE_IDLE 0u
#define HTTP_PHASE_HEAD 1u
#define HTTP_PHASE_BODY 2u
#define HTTP_PHASE_DONE 3u

/* Says how many body bytes a request may have, once its head is known. */
typedef uint64_t (*http_body_max)(void *user, struct rh_str method, struct rh_str target);

struct http_failure {
    uint32_t status;     /* what a server answers */
    const char *code;    /* error.code */
    const char *message; /* static text */
};

struct http_parse_span {
    uint32_t name_at;
    uint32_t name_size;
    uint32_t value_at;
    uint32_t value_size;
};

/* Embedded; read the members below `head` only through functions, but for failure, phase and the
 * flags. */
struct http_parse {
    llhttp_t llhttp;
    struct rh_buf head; /* target, names and values, one after the other */
    struct rh_buf body;
    struct http_parse_span spans[HTTP_HEADERS_MAX];
    struct http_failure failure;
    http_body_max body_max_of; /* NULL: body_max stands */
    void *body_max_user;
    uint64_t body_max;
    uint32_t span_count;
    uint32_t target_size;
    uint32_t host_count;
    uint8_t phase;
    uint8_t in_trailer;
    uint8_t is_keep_alive;  /* valid once a message is whole */
    uint8_t wants_continue; /* Expect: 100-continue, no body byte seen yet; the user clears it */
    uint8_t answers_head;   /* response parser: the request was HEAD, so no body follows */
};

/* Requests or responses (is_response). body_max is capped by HTTP_BODY_BYTES_CEILING. Allocates
 * nothing. */
void http_parse_init(struct http_parse *parse, bool is_response, uint64_t body_max);
void http_parse_release(struct http_parse *parse);

/* Takes bytes up to the end of a message. *used_bytes is how many were taken. Not to be called
 * again after a message without http_parse_next, nor after a failure. The same bytes give the same
 * result however cut. */
uint32_t http_parse_feed(struct http_parse *parse, const char *bytes, size_t size,
                         size_t *used_bytes);

/* The stream has ended: HTTP_PARSE_MESSAGE when that ends a response, MORE when nothing had begun,
 * else FAILED. */
uint32_t http_parse_finish(struct http_parse *parse);

/* Forgets the message and goes on with the next. Only after a message. */
void http_parse_next(struct http_parse *parse);

/* Starts over on a new stream; keeps the memory. */
void http_parse_restart(struct http_parse *parse, uint64_t body_max);

/* Facts of a whole message (method and target: of a request, from the end of its head). Borrowed.
 */
struct rh_str http_parse_method(const struct http_parse *parse);
struct rh_str http_parse_target(const struct http_parse *parse);
uint32_t http_parse_status(const struct http_parse *parse);
bool http_parse_is_http10(const struct http_parse *parse);

/* Fills out[] and returns how many there are. Trailers are not among them. Names as sent, values
 * trimmed. */
uint32_t http_parse_headers(const struct http_parse *parse,
                            struct http_header out[HTTP_HEADERS_MAX]);

/* The value of the first header of that name in any case; p is NULL when there is none. */
struct rh_str http_parse_header(const struct http_parse *parse, const char *name);

#endif
