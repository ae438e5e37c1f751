/* Builds batches for rh.state/1; it decides nothing about what is stored. */
#include <ringhost/sdk/batch.h>

#include <assert.h>

/* Texts move while the buffer grows, so that pointers are offsets until commit. */
static struct rh_str take_bytes(struct rh_batch_builder *batch, struct rh_str s)
{
    struct rh_str placed = {(const char *)(uintptr_t)batch->bytes.n, s.n};

    if (batch->rc == RH_OK)
        batch->rc = rh_buf_append_str(&batch->bytes, s);
    return placed;
}

static void place(struct rh_str *s, const char *base)
{
    s->p = s->n ? base + (uintptr_t)s->p : NULL;
}

static void add_op(struct rh_batch_builder *batch, uint32_t op, struct rh_str key,
                   struct rh_str value, uint64_t version)
{
    struct rh_op row = {.size = (uint32_t)sizeof(row), .op = op, .version = version};

    if (batch->rc != RH_OK)
        return;
    if (key.n > RH_KEY_MAX || (key.n == 0 && op != RH_OP_DELETE_RANGE)) {
        batch->rc = RH_EINVAL;
        return;
    }
    if (value.n > RH_VALUE_MAX || batch->op_count == RH_BATCH_OPS_MAX) {
        batch->rc = RH_ETOOLARGE;
        return;
    }
    row.key = take_bytes(batch, key);
    row.value = take_bytes(batch, value);
    if (batch->rc == RH_OK)
        batch->rc = rh_buf_append(&batch->ops, &row, sizeof(row));
    if (batch->rc == RH_OK)
        batch->op_count++;
}

void rh_batch_begin(struct rh_batch_builder *batch, const char *name_space)
{
    assert(name_space);
    *batch = (struct rh_batch_builder){.name_space = name_space};
    rh_buf_init(&batch->bytes, RH_BATCH_BYTES_MAX);
    rh_buf_init(&batch->ops, RH_BATCH_OPS_MAX * sizeof(struct rh_op));
    rh_buf_init(&batch->events, RH_BATCH_OPS_MAX * sizeof(struct rh_batch_event));
}

void rh_batch_continue(struct rh_batch_builder *batch, const char *name_space)
{
    if (!batch->name_space)
        rh_batch_begin(batch, name_space);
}

bool rh_batch_is_begun(const struct rh_batch_builder *batch)
{
    return batch->name_space != NULL;
}

void rh_batch_release(struct rh_batch_builder *batch)
{
    rh_buf_release(&batch->bytes);
    rh_buf_release(&batch->ops);
    rh_buf_release(&batch->events);
    batch->op_count = 0;
    batch->event_count = 0;
    batch->rc = RH_OK;
    batch->name_space = NULL;
    batch->flags = 0;
}

void rh_batch_put(struct rh_batch_builder *batch, struct rh_str key, struct rh_str value)
{
    add_op(batch, RH_OP_PUT, key, value, 0);
}

void rh_batch_delete(struct rh_batch_builder *batch, struct rh_str key)
{
    add_op(batch, RH_OP_DELETE, key, (struct rh_str){NULL, 0}, 0);
}

void rh_batch_delete_range(struct rh_batch_builder *batch, struct rh_str from, struct rh_str to)
{
    if (to.n > RH_KEY_MAX && batch->rc == RH_OK)
        batch->rc = RH_EINVAL;
    add_op(batch, RH_OP_DELETE_RANGE, from, to, 0);
}

void rh_batch_check(struct rh_batch_builder *batch, struct rh_str key, uint64_t version)
{
    add_op(batch, RH_OP_CHECK, key, (struct rh_str){NULL, 0}, version);
}

void rh_batch_event(struct rh_batch_builder *batch, const char *type, struct rh_str payload)
{
    rh_batch_event_from(batch, type, payload, NULL);
}

void rh_batch_event_from(struct rh_batch_builder *batch, const char *type, struct rh_str payload,
                         const char *source)
{
    struct rh_batch_event row = {.size = (uint32_t)sizeof(row), .type = type, .source = source};

    assert(type);
    row.payload = take_bytes(batch, payload);
    if (batch->rc == RH_OK)
        batch->rc = rh_buf_append(&batch->events, &row, sizeof(row));
    if (batch->rc == RH_OK)
        batch->event_count++;
}

void rh_batch_lazy(struct rh_batch_builder *batch)
{
    batch->flags |= RH_BATCH_LAZY;
}

int32_t rh_batch_commit(struct rh_batch_builder *batch, const struct rh_services *rh,
                        void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                        void *user)
{
    struct rh_op *ops = (struct rh_op *)(void *)batch->ops.p;
    struct rh_batch_event *events = (struct rh_batch_event *)(void *)batch->events.p;
    const struct rh_batch out = {
        .size = (uint32_t)sizeof(out),
        .flags = batch->flags,
        .name_space = batch->name_space,
        .ops = ops,
        .events = events,
        .op_count = batch->op_count,
        .op_stride = (uint32_t)sizeof(*ops),
        .event_count = batch->event_count,
        .event_stride = (uint32_t)sizeof(*events),
    };
    int32_t rc = batch->rc;

    if (rc != RH_OK || (out.op_count == 0 && out.event_count == 0 && !cb))
        goto out;
    for (uint32_t i = 0; i < out.op_count; i++) {
        place(&ops[i].key, batch->bytes.p);
        place(&ops[i].value, batch->bytes.p);
    }
    for (uint32_t i = 0; i < out.event_count; i++)
        place(&events[i].payload, batch->bytes.p);
    rc = rh->state->commit(rh->ctx, &out, cb, user);

out:
    rh_batch_release(batch);
    return rc;
}
