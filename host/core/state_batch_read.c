/* Strict decoding of a batch: every length is bounded before it is used; it trusts no byte and
 * allocates nothing. */
#include <string.h>

#include <ringhost/errors.h>

#include "host/core/state_batch.h"

static int32_t get_number(struct state_batch_reader *r, uint32_t size, uint64_t *out)
{
    if ((size_t)(r->end - r->p) < size)
        return RH_EPROTOCOL;
    uint64_t value = 0;
    for (uint32_t i = 0; i < size; i++)
        value = value << 8 | r->p[i];
    r->p += size;
    *out = value;
    return RH_OK;
}

static int32_t get_str(struct state_batch_reader *r, uint32_t length_size, size_t min, size_t max,
                       struct rh_str *out)
{
    uint64_t n = 0;
    int32_t rc = get_number(r, length_size, &n);
    if (rc != RH_OK)
        return rc;
    if (n < min || n > max || (size_t)(r->end - r->p) < n)
        return RH_EPROTOCOL;
    *out = (struct rh_str){(const char *)r->p, (size_t)n};
    r->p += n;
    return RH_OK;
}

/* A name: as get_str, and free of NUL bytes, as it comes from and goes to C strings. */
static int32_t get_text(struct state_batch_reader *r, size_t min, size_t max, struct rh_str *out)
{
    struct rh_str text = {0};
    int32_t rc = get_str(r, 1, min, max, &text);
    if (rc != RH_OK || (text.n > 0 && memchr(text.p, 0, text.n)))
        return RH_EPROTOCOL;
    *out = text;
    return RH_OK;
}

static int32_t get_head_numbers(struct state_batch_reader *r, struct state_batch_head *head)
{
    uint64_t at_ms = 0;
    uint64_t op_count = 0;
    uint64_t event_count = 0;
    if (get_number(r, 8, &at_ms) != RH_OK || get_number(r, 8, &head->run) != RH_OK ||
        get_number(r, 8, &head->bytes_max) != RH_OK || get_number(r, 2, &op_count) != RH_OK ||
        get_number(r, 2, &event_count) != RH_OK)
        return RH_EPROTOCOL;
    if (op_count > RH_BATCH_OPS_MAX + 1 || event_count > STATE_BATCH_EVENTS_MAX ||
        op_count + event_count == 0)
        return RH_EPROTOCOL;
    head->at_ms = (int64_t)at_ms;
    head->op_count = (uint32_t)op_count;
    head->event_count = (uint32_t)event_count;
    return RH_OK;
}

int32_t state_batch_begin(struct state_batch_reader *reader, struct rh_str data,
                          struct state_batch_head *head)
{
    struct state_batch_reader r = {.p = (const unsigned char *)data.p};
    struct state_batch_head h = {0};
    uint64_t version = 0;
    uint64_t zero = 0;
    if (data.n == 0)
        return RH_EPROTOCOL;
    r.end = r.p + data.n;
    if (get_number(&r, 1, &version) != RH_OK || get_number(&r, 1, &zero) != RH_OK)
        return RH_EPROTOCOL;
    if (version > STATE_BATCH_VERSION)
        return RH_EUNSUPPORTED;
    if (version != STATE_BATCH_VERSION || zero != 0)
        return RH_EPROTOCOL;
    if (get_text(&r, 1, STATE_NAME_MAX, &h.name_space) != RH_OK ||
        get_text(&r, 1, STATE_PLUGIN_MAX, &h.plugin) != RH_OK ||
        get_text(&r, 0, STATE_NODE_MAX, &h.node_id) != RH_OK ||
        !state_name_is_valid(h.name_space) || get_head_numbers(&r, &h) != RH_OK)
        return RH_EPROTOCOL;
    *reader = r;
    *head = h;
    return RH_OK;
}

int32_t state_batch_next_op(struct state_batch_reader *reader, struct state_batch_op *op)
{
    struct state_batch_reader r = *reader;
    struct state_batch_op got = {0};
    uint64_t kind = 0;
    int32_t rc = get_number(&r, 1, &kind);
    if (rc == RH_OK && kind != STATE_OP_SCHEMA)
        rc = get_str(&r, 2, kind == RH_OP_DELETE_RANGE ? 0 : 1, RH_KEY_MAX, &got.key);
    if (rc != RH_OK)
        return rc;
    got.op = (uint32_t)kind;
    switch (kind) {
    case RH_OP_PUT:
        rc = get_str(&r, 4, 0, RH_VALUE_MAX, &got.value);
        break;
    case RH_OP_DELETE:
        break;
    case RH_OP_DELETE_RANGE:
        rc = get_str(&r, 2, 0, RH_KEY_MAX, &got.value);
        break;
    case RH_OP_CHECK:
        rc = get_number(&r, 8, &got.version);
        break;
    case STATE_OP_SCHEMA:
        rc = get_number(&r, 4, &got.version);
        break;
    default:
        rc = RH_EPROTOCOL;
        break;
    }
    if (rc != RH_OK)
        return rc;
    *reader = r;
    *op = got;
    return RH_OK;
}

int32_t state_batch_next_event(struct state_batch_reader *reader, struct state_batch_event *event)
{
    struct state_batch_reader r = *reader;
    struct state_batch_event got = {0};
    if (get_text(&r, 1, STATE_EVENT_TYPE_MAX, &got.type) != RH_OK ||
        get_text(&r, 1, STATE_EVENT_SOURCE_MAX, &got.source) != RH_OK ||
        get_str(&r, 4, 1, RH_BATCH_BYTES_MAX, &got.payload) != RH_OK)
        return RH_EPROTOCOL;
    *reader = r;
    *event = got;
    return RH_OK;
}

int32_t state_batch_verify(struct rh_str data, struct state_batch_head *head)
{
    struct state_batch_reader r;
    struct state_batch_head h;
    int32_t rc = state_batch_begin(&r, data, &h);
    for (uint32_t i = 0; rc == RH_OK && i < h.op_count; i++) {
        struct state_batch_op op;
        rc = state_batch_next_op(&r, &op);
    }
    for (uint32_t i = 0; rc == RH_OK && i < h.event_count; i++) {
        struct state_batch_event event;
        rc = state_batch_next_event(&r, &event);
    }
    if (rc == RH_OK && r.p != r.end)
        rc = RH_EPROTOCOL;
    if (rc == RH_OK)
        *head = h;
    return rc;
}
