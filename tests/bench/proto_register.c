/* The replicated registers of tests/cluster/register over HTTP/1.1: /register/put. */
#include <assert.h>
#include <stdio.h>

#include "tests/bench/proto.h"

#define BODY_MAX (PROTO_VALUE_MAX * 2 + 64)

/* The value is JSON; as text within JSON its quotes are escaped. */
static size_t register_ask(struct proto_flow *flow, char *out)
{
    char body[BODY_MAX];
    int at = snprintf(body, sizeof body, "{\"key\":\"k%llu\",\"value\":\"",
                      (unsigned long long)(flow->serial % PROTO_KEYS));

    assert(at > 0);
    for (const char *p = flow->value; *p; p++) {
        if (*p == '"')
            body[at++] = '\\';
        body[at++] = *p;
    }
    assert((size_t)at + 3 <= sizeof body);
    body[at++] = '"';
    body[at++] = '}';
    body[at] = '\0';
    return proto_http_post(out, "/register/put", body);
}

static ptrdiff_t register_answer(struct proto_flow *flow, const char *p, size_t n)
{
    const char *body;
    size_t body_n;

    (void)flow; /* 200 says that it is kept */
    return proto_http_response(p, n, &body, &body_n);
}

const struct proto proto_register = {"register", 1, register_ask, register_answer, NULL, NULL};
