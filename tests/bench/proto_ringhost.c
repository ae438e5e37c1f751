/* The work queue of ringhost over HTTP/1.1: /work/add, /work/claim, /work/complete. */
#include "tests/bench/proto.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_MAX       256u /* bytes before the body of a request */
#define BODY_MAX       1024u
#define OTHER_PRIORITY 10 /* greater goes first; 50 is the default */

static size_t request_head(char *out, const char *path, size_t body_n)
{
    return proto_put(out, 0,
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     path, body_n);
}

static size_t ringhost_ask(struct proto_flow *flow, char *out)
{
    char body[BODY_MAX];
    int length;

    switch (flow->step) {
    case PROTO_ADD:
        length =
            snprintf(body, sizeof body, "{\"work_type\":\"bench\",\"payload\":%s}", flow->value);
        assert(length > 0 && (size_t)length < sizeof body);
        return proto_http_post(out, "/work/add", body);
    case PROTO_CLAIM:
        length = snprintf(body, sizeof body, "{\"node_id\":\"c%u\",\"work_types\":[\"bench\"]}",
                          flow->index);
        assert(length > 0 && (size_t)length < sizeof body);
        return proto_http_post(out, "/work/claim", body);
    default:
        length = snprintf(body, sizeof body,
                          "{\"work_id\":\"%s\",\"node_id\":\"c%u\",\"claim_token\":\"%s\","
                          "\"result\":{\"score\":%llu}}",
                          flow->id, flow->index, flow->token, (unsigned long long)flow->serial);
        assert(length > 0 && (size_t)length < sizeof body);
        return proto_http_post(out, "/work/complete", body);
    }
}

/* Copies the text after `key` up to the next quote. 0, or -1 when it is not there. */
static int take_text(const char *p, size_t n, const char *key, char *out)
{
    const char *at = memmem(p, n, key, strlen(key));
    const char *end;

    if (!at)
        return -1;
    at += strlen(key);
    end = memchr(at, '"', n - (size_t)(at - p));
    if (!end || (size_t)(end - at) >= PROTO_ID_MAX)
        return -1;
    memcpy(out, at, (size_t)(end - at));
    out[end - at] = '\0';
    return 0;
}

static ptrdiff_t ringhost_answer(struct proto_flow *flow, const char *p, size_t n)
{
    const char *body;
    size_t body_n;
    ptrdiff_t used = proto_http_response(p, n, &body, &body_n);

    if (used <= 0 || flow->step != PROTO_CLAIM)
        return used;
    if (take_text(body, body_n, "\"work_id\":\"", flow->id) != 0 ||
        take_text(body, body_n, "\"claim_token\":\"", flow->token) != 0) {
        (void)fprintf(stderr, "ringhost gave no item: %.*s\n", (int)body_n, body);
        return PROTO_WRONG;
    }
    return used;
}

static size_t ringhost_fill(uint64_t first, uint32_t count, char *out)
{
    char value[PROTO_VALUE_MAX];
    size_t at = proto_put(out, HEAD_MAX, "{\"items\":[");
    size_t head;

    for (uint32_t i = 0; i < count; i++) {
        (void)proto_value(first + i, value);
        at = proto_put(out, at, "%s{\"work_type\":\"other\",\"priority\":%d,\"payload\":%s}",
                       i > 0 ? "," : "", OTHER_PRIORITY, value);
    }
    at = proto_put(out, at, "]}");
    head = request_head(out, "/work/add", at - HEAD_MAX);
    assert(head <= HEAD_MAX);
    memmove(out + head, out + HEAD_MAX, at - HEAD_MAX); /* the length is known only now */
    return head + at - HEAD_MAX;
}

static ptrdiff_t ringhost_filled(const char *p, size_t n, uint32_t count)
{
    const char *body;
    size_t body_n;

    (void)count; /* one answer for all */
    return proto_http_response(p, n, &body, &body_n);
}

const struct proto proto_ringhost = {"ringhost",      PROTO_STEPS,   ringhost_ask,
                                     ringhost_answer, ringhost_fill, ringhost_filled};
