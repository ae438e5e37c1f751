/* The one thing that SWIM keeps on disk: up to which incarnation this node may have spoken. */
#include <ringhost/sdk/batch.h>

#include "wire.h"

#define RESERVED_KEY RH_STR_LIT("incarnation")

int32_t swim_store_load(struct swim_plugin *p, uint64_t *reserved)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct wire_reserved wire;
    char why[RH_TEXT_MAX];
    void *memory = NULL;
    int32_t rc = p->rh.state->get(p->rh.ctx, SWIM_NAMESPACE, RESERVED_KEY, &value);

    *reserved = 0;
    if (rc != RH_OK || !value.found)
        return rc;
    rc = p->rh.fields->decode(p->rh.ctx, &wire_reserved_table, value.data, &wire, &memory, why,
                              sizeof(why));
    if (rc != RH_OK)
        return rh_failf(&p->rh, rc, "the stored incarnation cannot be read: %s", why);
    *reserved = wire.reserved;
    p->rh.fields->release(p->rh.ctx, memory);
    return RH_OK;
}

int32_t swim_store_reserve(struct swim_plugin *p, uint64_t reserved,
                           void (*cb)(void *self, void *user, int32_t rc, uint64_t revision))
{
    struct rh_batch_builder batch;
    struct rh_json_writer w;
    struct rh_buf value;
    int32_t rc;

    rh_buf_init(&value, 256);
    rh_json_init(&w, &value);
    rh_json_begin_object(&w);
    rh_json_kv_u64(&w, "reserved", reserved);
    rh_json_end_object(&w);
    rh_batch_begin(&batch, SWIM_NAMESPACE);
    batch.rc = rh_json_finish(&w);
    rh_batch_lazy(&batch);
    rh_batch_put(&batch, RESERVED_KEY, rh_buf_str(&value));
    rc = rh_batch_commit(&batch, &p->rh, cb, NULL);
    rh_buf_release(&value);
    return rc;
}
