/* A call to a node, made directly, through its hub, and through a hub that has fifty of them. */
#include <stdio.h>

#include "tests/bench/proto.h"

#define NODES 50u /* n2 to n51 behind n1 */

static size_t ask_direct(struct proto_flow *flow, char *out)
{
    (void)flow;
    return proto_put(out, 0, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
}

static size_t forward(unsigned target, char *out)
{
    char body[64];

    (void)snprintf(body, sizeof(body), "{\"target\":\"n%u\",\"path\":\"/healthz\"}",
                   target); /* fits */
    return proto_http_post(out, "/relay/forward", body);
}

static size_t ask_relayed(struct proto_flow *flow, char *out)
{
    (void)flow;
    return forward(2, out);
}

static size_t ask_fifty(struct proto_flow *flow, char *out)
{
    return forward(2 + (unsigned)(flow->serial % NODES), out);
}

static ptrdiff_t answer(struct proto_flow *flow, const char *p, size_t n)
{
    const char *body;
    size_t body_n;

    (void)flow;
    return proto_http_response(p, n, &body, &body_n);
}

const struct proto proto_direct = {
    .name = "direct", .steps = 1, .ask = ask_direct, .answer = answer};
const struct proto proto_relayed = {
    .name = "relayed", .steps = 1, .ask = ask_relayed, .answer = answer};
const struct proto proto_relayed_fifty = {
    .name = "relayed_fifty", .steps = 1, .ask = ask_fifty, .answer = answer};
