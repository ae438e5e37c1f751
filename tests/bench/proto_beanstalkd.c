/* The protocol of beanstalkd: put, reserve, delete. */
#include "tests/bench/proto.h"

#include <stdlib.h>
#include <string.h>

#define BENCH_PRIORITY 100u /* smaller goes first */
#define OTHER_PRIORITY 5000u
#define TIME_TO_RUN_S  300u

static size_t beanstalkd_ask(struct proto_flow *flow, char *out)
{
    switch (flow->step) {
    case PROTO_ADD:
        return proto_put(out, 0, "put %u 0 %u %zu\r\n%s\r\n", BENCH_PRIORITY, TIME_TO_RUN_S,
                         strlen(flow->value), flow->value);
    case PROTO_CLAIM:
        return proto_put(out, 0, "reserve\r\n");
    default:
        return proto_put(out, 0, "delete %s\r\n", flow->id);
    }
}

/* "RESERVED ID LENGTH\r\nVALUE\r\n". */
static ptrdiff_t take_job(struct proto_flow *flow, const char *p, const char *line_end, size_t n)
{
    const char *id = p + strlen("RESERVED ");
    const char *id_end = memchr(id, ' ', (size_t)(line_end - id));
    size_t used;

    if (!id_end || (size_t)(id_end - id) >= sizeof flow->id)
        return PROTO_WRONG;
    used = (size_t)(line_end + 2 - p) + strtoul(id_end, NULL, 10) + 2;
    if (n < used)
        return 0;
    memcpy(flow->id, id, (size_t)(id_end - id));
    flow->id[id_end - id] = '\0';
    return (ptrdiff_t)used;
}

static ptrdiff_t beanstalkd_answer(struct proto_flow *flow, const char *p, size_t n)
{
    static const char *const good[PROTO_STEPS] = {"INSERTED ", "RESERVED ", "DELETED"};
    const char *line_end = memmem(p, n, "\r\n", 2);
    size_t length = strlen(good[flow->step]);

    if (!line_end)
        return 0;
    if (n < length || memcmp(p, good[flow->step], length) != 0)
        return PROTO_WRONG;
    if (flow->step == PROTO_CLAIM)
        return take_job(flow, p, line_end, n);
    return line_end + 2 - p;
}

static size_t beanstalkd_fill(uint64_t first, uint32_t count, char *out)
{
    char value[PROTO_VALUE_MAX];
    size_t at = 0;

    for (uint32_t i = 0; i < count; i++) {
        size_t length = proto_value(first + i, value);

        at = proto_put(out, at, "put %u 0 %u %zu\r\n%s\r\n", OTHER_PRIORITY, TIME_TO_RUN_S, length,
                       value);
    }
    return at;
}

static ptrdiff_t beanstalkd_filled(const char *p, size_t n, uint32_t count)
{
    const char *at = p;
    const char *end = p + n;

    for (uint32_t i = 0; i < count; i++) {
        const char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);

        if (!line_end)
            return 0;
        if (line_end - at < 9 || memcmp(at, "INSERTED ", 9) != 0)
            return PROTO_WRONG;
        at = line_end + 2;
    }
    return at - p;
}

const struct proto proto_beanstalkd = {"beanstalkd",      PROTO_STEPS,     beanstalkd_ask,
                                       beanstalkd_answer, beanstalkd_fill, beanstalkd_filled};
