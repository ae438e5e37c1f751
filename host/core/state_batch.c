/* Checking, encoding and strict decoding of a batch; it touches no database. */
#include "host/core/state_batch.h"

#include <assert.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/role/replication.h>

/* The worst overhead of operations and events still leaves a replicated batch within a proposal. */
static_assert(RH_BATCH_REPLICATED_BYTES_MAX + RH_KEY_MAX + RH_BATCH_OPS_MAX * 11u +
                      STATE_BATCH_EVENTS_MAX * (6u + STATE_EVENT_SOURCE_MAX) + 512u <=
                  RH_PROPOSAL_BYTES_MAX,
              "a replicated batch fits a proposal");
static_assert(RH_BATCH_OPS_MAX <= UINT16_MAX, "op_count has 16 bits");

uint32_t state_name_is_valid(struct rh_str text)
{
    if (text.n == 0 || text.n > STATE_NAME_MAX || text.p[0] < 'a' || text.p[0] > 'z')
        return 0;
    for (size_t i = 1; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return 0;
    }
    return 1;
}

static const struct rh_op *op_at(const struct rh_batch *batch, uint32_t i)
{
    return (const void *)((const char *)batch->ops + (size_t)i * batch->op_stride);
}

static const struct rh_batch_event *event_at(const struct rh_batch *batch, uint32_t i)
{
    return (const void *)((const char *)batch->events + (size_t)i * batch->event_stride);
}

static int32_t op_check(const struct rh_op *op, size_t *bytes)
{
    if ((op->key.n > 0 && !op->key.p) || (op->value.n > 0 && !op->value.p))
        return RH_EINVAL;
    if (op->key.n > RH_KEY_MAX)
        return RH_ETOOLARGE;
    if (op->key.n == 0 && op->op != RH_OP_DELETE_RANGE)
        return RH_EINVAL;
    *bytes = op->key.n;
    switch (op->op) {
    case RH_OP_PUT:
        *bytes += op->value.n;
        return op->value.n <= RH_VALUE_MAX ? RH_OK : RH_ETOOLARGE;
    case RH_OP_DELETE_RANGE:
        *bytes += op->value.n;
        return op->value.n <= RH_KEY_MAX ? RH_OK : RH_ETOOLARGE;
    case RH_OP_DELETE:
    case RH_OP_CHECK:
        return RH_OK;
    default:
        return RH_EINVAL;
    }
}

static int32_t event_check(const struct rh_batch_event *event, size_t *bytes)
{
    if (!event->type || event->type[0] == 0 || event->payload.n == 0 || !event->payload.p)
        return RH_EINVAL;
    size_t type_n = strnlen(event->type, STATE_EVENT_TYPE_MAX + 1);
    size_t source_n = event->source ? strnlen(event->source, STATE_EVENT_SOURCE_MAX + 1) : 0;
    if (event->source && source_n == 0)
        return RH_EINVAL;
    if (type_n > STATE_EVENT_TYPE_MAX || source_n > STATE_EVENT_SOURCE_MAX)
        return RH_ETOOLARGE;
    *bytes = type_n + source_n + event->payload.n;
    return RH_OK;
}

int32_t state_batch_check(const struct rh_batch *batch, uint32_t is_replicated)
{
    size_t max = is_replicated ? RH_BATCH_REPLICATED_BYTES_MAX : RH_BATCH_BYTES_MAX;
    size_t total = 0;
    if ((batch->flags & ~RH_BATCH_LAZY) != 0 || batch->op_count + batch->event_count == 0)
        return RH_EINVAL;
    if (batch->op_count > RH_BATCH_OPS_MAX || batch->event_count > STATE_BATCH_EVENTS_MAX)
        return RH_ETOOLARGE;
    if (batch->op_count > 0 && (!batch->ops || batch->op_stride < sizeof(struct rh_op)))
        return RH_EINVAL;
    if (batch->event_count > 0 &&
        (!batch->events || batch->event_stride < sizeof(struct rh_batch_event)))
        return RH_EINVAL;
    for (uint32_t i = 0; i < batch->op_count; i++) {
        size_t bytes = 0;
        int32_t rc = op_check(op_at(batch, i), &bytes);
        if (rc != RH_OK)
            return rc;
        total += i == 0 ? bytes - op_at(batch, i)->key.n : bytes;
        if (total > max)
            return RH_ETOOLARGE;
    }
    for (uint32_t i = 0; i < batch->event_count; i++) {
        size_t bytes = 0;
        int32_t rc = event_check(event_at(batch, i), &bytes);
        if (rc != RH_OK)
            return rc;
        total += bytes;
        if (bytes > max || total > max)
            return RH_ETOOLARGE;
    }
    return RH_OK;
}

static struct rh_str text_of(const char *text)
{
    return (struct rh_str){text, text ? strlen(text) : 0};
}

static struct rh_str source_of(const struct state_batch_head *head,
                               const struct rh_batch_event *event)
{
    return event->source ? text_of(event->source) : head->plugin;
}

size_t state_batch_size(const struct state_batch_head *head, const struct rh_batch *batch)
{
    size_t size = 2 + 3 + head->name_space.n + head->plugin.n + head->node_id.n + 24 + 4;
    for (uint32_t i = 0; i < batch->op_count; i++) {
        const struct rh_op *op = op_at(batch, i);
        size += 1;
        if (op->op != STATE_OP_SCHEMA)
            size += 2 + op->key.n;
        if (op->op == RH_OP_PUT)
            size += 4 + op->value.n;
        else if (op->op == RH_OP_DELETE_RANGE)
            size += 2 + op->value.n;
        else if (op->op == RH_OP_CHECK)
            size += 8;
        else if (op->op == STATE_OP_SCHEMA)
            size += 4;
    }
    size += head->schema != 0 ? 1 + 4 : 0;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        const struct rh_batch_event *event = event_at(batch, i);
        size += 6 + strlen(event->type) + source_of(head, event).n + event->payload.n;
    }
    return size;
}

static unsigned char *put_number(unsigned char *p, uint64_t value, uint32_t size)
{
    for (uint32_t i = size; i > 0; i--) {
        p[i - 1] = (unsigned char)(value & 0xffu);
        value >>= 8;
    }
    return p + size;
}

static unsigned char *put_str(unsigned char *p, struct rh_str s, uint32_t length_size)
{
    p = put_number(p, s.n, length_size);
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return p + s.n;
}

static unsigned char *put_op(unsigned char *p, const struct rh_op *op)
{
    p = put_number(p, op->op, 1);
    if (op->op == STATE_OP_SCHEMA)
        return put_number(p, op->version, 4);
    p = put_str(p, op->key, 2);
    if (op->op == RH_OP_PUT)
        return put_str(p, op->value, 4);
    if (op->op == RH_OP_DELETE_RANGE)
        return put_str(p, op->value, 2);
    return op->op == RH_OP_CHECK ? put_number(p, op->version, 8) : p;
}

void state_batch_encode(const struct state_batch_head *head, const struct rh_batch *batch,
                        char *dst)
{
    const struct rh_op schema = {
        .size = sizeof(schema), .op = STATE_OP_SCHEMA, .version = head->schema};
    unsigned char *p = (unsigned char *)dst;
    p = put_number(p, STATE_BATCH_VERSION, 1);
    p = put_number(p, 0, 1);
    p = put_str(p, head->name_space, 1);
    p = put_str(p, head->plugin, 1);
    p = put_str(p, head->node_id, 1);
    p = put_number(p, (uint64_t)head->at_ms, 8);
    p = put_number(p, head->run, 8);
    p = put_number(p, head->bytes_max, 8);
    p = put_number(p, batch->op_count + (head->schema != 0), 2);
    p = put_number(p, batch->event_count, 2);
    for (uint32_t i = 0; i < batch->op_count; i++)
        p = put_op(p, op_at(batch, i));
    if (head->schema != 0)
        p = put_op(p, &schema);
    for (uint32_t i = 0; i < batch->event_count; i++) {
        const struct rh_batch_event *event = event_at(batch, i);
        p = put_str(p, text_of(event->type), 1);
        p = put_str(p, source_of(head, event), 1);
        p = put_str(p, event->payload, 4);
    }
    assert((size_t)(p - (unsigned char *)dst) == state_batch_size(head, batch));
}
