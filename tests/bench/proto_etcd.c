/* A put to etcd as its own clients do it: gRPC, which is protobuf in HTTP/2 (RFC 9113), one request
 * in flight on a connection. Headers are sent as literals, so no state of HPACK (RFC 7541) is kept;
 * those received are not read: a refused call is a response without data. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/proto.h"

#define FRAME_HEAD       9u
#define FRAME_DATA       0u
#define FRAME_HEADERS    1u
#define FRAME_RESET      3u
#define FRAME_SETTINGS   4u
#define FRAME_PING       6u
#define FRAME_GOAWAY     7u
#define FRAME_WINDOW     8u
#define FLAG_ACK         1u /* of SETTINGS and PING */
#define FLAG_END_STREAM  1u
#define FLAG_END_HEADERS 4u
#define STREAM_BITS      0x7fffffffu
#define MESSAGE_HEAD     5u     /* of gRPC: not compressed, length */
#define WINDOW_START     65535u /* of a connection, until it is raised */

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* Indexed fields of the static table, then literals without indexing. */
static const char headers[] = "\x83"                         /* :method POST */
                              "\x86"                         /* :scheme http */
                              "\x04\x14/etcdserverpb.KV/Put" /* :path */
                              "\x01\x09"
                              "127.0.0.1" /* :authority */
                              "\x0f\x10\x10"
                              "application/grpc" /* content-type */
                              "\x00\x02te\x08trailers";

static size_t put_bytes(char *out, size_t at, const void *p, size_t n)
{
    assert(at + n <= PROTO_OUT_MAX);
    memcpy(out + at, p, n);
    return at + n;
}

static size_t put_u32(char *out, size_t at, uint32_t value)
{
    const unsigned char bytes[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                    (unsigned char)(value >> 8), (unsigned char)value};

    return put_bytes(out, at, bytes, sizeof bytes);
}

static size_t put_frame(char *out, size_t at, uint32_t length, uint32_t type, uint32_t flags,
                        uint32_t stream)
{
    const unsigned char head[5] = {(unsigned char)(length >> 16), (unsigned char)(length >> 8),
                                   (unsigned char)length, (unsigned char)type,
                                   (unsigned char)flags};

    return put_u32(out, put_bytes(out, at, head, sizeof head), stream);
}

/* A field of protobuf with bytes: its tag, its length as a varint of at most 14 bits, the bytes. */
static size_t put_field(char *out, size_t at, uint32_t number, const char *p, size_t n)
{
    unsigned char head[3] = {(unsigned char)(number << 3 | 2u)};
    size_t head_n = 2;

    assert(n < 1u << 14);
    head[1] = (unsigned char)(n & 0x7f);
    if (n > 0x7f) {
        head[1] |= 0x80;
        head[head_n++] = (unsigned char)(n >> 7);
    }
    return put_bytes(out, put_bytes(out, at, head, head_n), p, n);
}

/* What HTTP/2 wants before or between requests. */
static size_t put_dues(struct proto_flow *flow, char *out)
{
    size_t at = 0;

    if (flow->asked == 0) {
        at = put_bytes(out, at, preface, sizeof preface - 1);
        at = put_frame(out, at, 0, FRAME_SETTINGS, 0, 0);
        at = put_frame(out, at, 4, FRAME_WINDOW, 0, 0); /* enough for all answers */
        at = put_u32(out, at, STREAM_BITS - WINDOW_START);
    }
    if (flow->http2.owes_settings)
        at = put_frame(out, at, 0, FRAME_SETTINGS, FLAG_ACK, 0);
    if (flow->http2.owes_ping) {
        at = put_frame(out, at, sizeof flow->http2.ping, FRAME_PING, FLAG_ACK, 0);
        at = put_bytes(out, at, flow->http2.ping, sizeof flow->http2.ping);
    }
    flow->http2.owes_settings = 0;
    flow->http2.owes_ping = 0;
    return at;
}

static uint32_t stream_of(const struct proto_flow *flow)
{
    return 2 * flow->asked + 1; /* before ask(); asked counts it afterwards */
}

static size_t etcd_ask(struct proto_flow *flow, char *out)
{
    char message[PROTO_VALUE_MAX + 64];
    char key[24];
    int key_n = snprintf(key, sizeof key, "k%llu", (unsigned long long)(flow->serial % PROTO_KEYS));
    uint32_t stream = stream_of(flow);
    size_t at = put_dues(flow, out);
    size_t n;

    assert(key_n > 0);
    n = put_field(message, 0, 1, key, (size_t)key_n); /* etcdserverpb.PutRequest */
    n = put_field(message, n, 2, flow->value, strlen(flow->value));
    at = put_frame(out, at, sizeof headers - 1, FRAME_HEADERS, FLAG_END_HEADERS, stream);
    at = put_bytes(out, at, headers, sizeof headers - 1);
    at = put_frame(out, at, (uint32_t)(MESSAGE_HEAD + n), FRAME_DATA, FLAG_END_STREAM, stream);
    at = put_bytes(out, at, "", 1); /* not compressed */
    at = put_u32(out, at, (uint32_t)n);
    return put_bytes(out, at, message, n);
}

struct frame {
    uint32_t length, type, flags, stream;
    const char *body;
};

/* Whether a whole frame begins at p. */
static bool read_frame(const char *p, size_t n, struct frame *out)
{
    const unsigned char *b = (const unsigned char *)p;

    if (n < FRAME_HEAD)
        return false;
    out->length = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
    out->type = b[3];
    out->flags = b[4];
    out->stream =
        ((uint32_t)b[5] << 24 | (uint32_t)b[6] << 16 | (uint32_t)b[7] << 8 | b[8]) & STREAM_BITS;
    out->body = p + FRAME_HEAD;
    return n - FRAME_HEAD >= out->length;
}

static void note_dues(struct proto_flow *flow, const struct frame *frame)
{
    if (frame->flags & FLAG_ACK)
        return;
    if (frame->type == FRAME_SETTINGS)
        flow->http2.owes_settings = 1;
    if (frame->type == FRAME_PING && frame->length == sizeof flow->http2.ping) {
        flow->http2.owes_ping = 1;
        memcpy(flow->http2.ping, frame->body, sizeof flow->http2.ping);
    }
}

/* Everything since the request is read again with each piece that comes; it is little. */
static ptrdiff_t etcd_answer(struct proto_flow *flow, const char *p, size_t n)
{
    uint32_t stream = stream_of(flow) - 2;
    size_t at = 0;
    bool has_data = false;
    bool is_over = false;
    struct frame frame;

    while (read_frame(p + at, n - at, &frame)) {
        at += FRAME_HEAD + frame.length;
        if (frame.type == FRAME_RESET || frame.type == FRAME_GOAWAY)
            return PROTO_WRONG;
        note_dues(flow, &frame);
        if (frame.stream != stream)
            continue;
        has_data = has_data || frame.type == FRAME_DATA;
        is_over = is_over || ((frame.type == FRAME_DATA || frame.type == FRAME_HEADERS) &&
                              (frame.flags & FLAG_END_STREAM));
    }
    if (is_over && !has_data)
        return PROTO_WRONG;
    return is_over && at == n ? (ptrdiff_t)n : 0;
}

const struct proto proto_etcd = {"etcd", 1, etcd_ask, etcd_answer, NULL, NULL};
