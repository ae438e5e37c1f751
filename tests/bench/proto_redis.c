/* The reliable queue of Redis: LPUSH, RPOPLPUSH to a list of claimed values, LREM from it. */
#include "tests/bench/proto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t redis_ask(struct proto_flow *flow, char *out)
{
    const char *value = flow->value;

    switch (flow->step) {
    case PROTO_ADD:
        return proto_put(out, 0, "*3\r\n$5\r\nLPUSH\r\n$5\r\nbench\r\n$%zu\r\n%s\r\n",
                         strlen(value), value);
    case PROTO_CLAIM:
        return proto_put(out, 0, "*3\r\n$9\r\nRPOPLPUSH\r\n$5\r\nbench\r\n$7\r\nclaimed\r\n");
    default:
        return proto_put(out, 0, "*4\r\n$4\r\nLREM\r\n$7\r\nclaimed\r\n$1\r\n1\r\n$%zu\r\n%s\r\n",
                         strlen(value), value);
    }
}

/* The claimed value: "$LENGTH\r\nVALUE\r\n". */
static ptrdiff_t take_value(struct proto_flow *flow, const char *p, const char *line_end,
                            const char *end)
{
    long length = strtol(p + 1, NULL, 10);
    const char *value = line_end + 2;

    if (p[0] != '$' || length <= 0 || (size_t)length >= sizeof flow->value)
        return PROTO_WRONG;
    if (end - value < length + 2)
        return 0;
    memcpy(flow->value, value, (size_t)length);
    flow->value[length] = '\0';
    return value + length + 2 - p;
}

static ptrdiff_t redis_answer(struct proto_flow *flow, const char *p, size_t n)
{
    const char *line_end = memmem(p, n, "\r\n", 2);

    if (!line_end)
        return 0;
    if (flow->step == PROTO_CLAIM)
        return take_value(flow, p, line_end, p + n);
    if (p[0] != ':' || (flow->step == PROTO_COMPLETE && p[1] != '1'))
        return PROTO_WRONG;
    return line_end + 2 - p;
}

static size_t redis_fill(uint64_t first, uint32_t count, char *out)
{
    char value[PROTO_VALUE_MAX];
    size_t at = proto_put(out, 0, "*%u\r\n$5\r\nLPUSH\r\n$5\r\nother\r\n", count + 2);

    for (uint32_t i = 0; i < count; i++) {
        size_t length = proto_value(first + i, value);

        at = proto_put(out, at, "$%zu\r\n%s\r\n", length, value);
    }
    return at;
}

static ptrdiff_t redis_filled(const char *p, size_t n, uint32_t count)
{
    const char *line_end = memmem(p, n, "\r\n", 2);

    (void)count; /* one answer for all */
    if (!line_end)
        return 0;
    return p[0] == ':' ? line_end + 2 - p : PROTO_WRONG;
}

const struct proto proto_redis = {"redis",      PROTO_STEPS, redis_ask,
                                  redis_answer, redis_fill,  redis_filled};
