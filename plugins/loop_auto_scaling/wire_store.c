/* Rows of the namespace "scaling"; see wire.h. */
#include "wire.h"

#define RECORD_MAX 8192u

static struct rh_store store_of(const struct plugin *p)
{
    return (struct rh_store){&p->rh, SCALING_NAMESPACE};
}

int32_t scaling_load(struct plugin *p)
{
    const struct rh_store store = store_of(p);
    struct rh_rows rows;
    struct rh_key from;
    struct rh_key to;
    int32_t rc;

    p->machine_count = 0;
    rh_store_key(&from, KEY_MACHINE, (struct rh_str){NULL, 0});
    rh_store_key(&to, KEY_MACHINE + 1, (struct rh_str){NULL, 0});
    rc = rh_store_scan(&store, &from, &to, 0, SCALE_MACHINES_MAX, &rows); /* there are no more */
    for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
        const struct rh_row *row = rh_store_row(&rows, i);
        struct fleet_machine *machine = &p->machines[p->machine_count];

        *machine = (struct fleet_machine){.attempts = 0};
        rc = rh_store_key_id(row->key, machine->node_id, sizeof(machine->node_id));
        if (rc == RH_OK)
            rc = machine_decode(row->data, machine);
        p->ops[p->machine_count] = FLEET_NOTHING;
        p->versions[p->machine_count++] = row->version;
    }
    return rc == RH_EINVAL ? rh_failf(&p->rh, RH_EIO, "a stored machine cannot be read") : rc;
}

int32_t scaling_load_pool(struct plugin *p, struct rh_str name, struct pool_memory *out)
{
    const struct rh_store store = store_of(p);
    struct rh_value value;
    const int32_t rc = rh_store_get_id(&store, KEY_POOL, name, &value);

    *out = (struct pool_memory){.last_number = 0};
    if (rc != RH_OK || !value.found)
        return rc;
    return pool_decode(value.data, out) == RH_OK ? RH_OK : RH_EIO;
}

int32_t scaling_load_machine(struct plugin *p, const char *node_id, struct fleet_machine *out,
                             uint64_t *version)
{
    const struct rh_store store = store_of(p);
    struct rh_value value;
    int32_t rc = rh_store_get_id(&store, KEY_MACHINE, rh_str_from(node_id), &value);

    if (rc != RH_OK)
        return rc;
    if (!value.found)
        return RH_ENOTFOUND;
    *out = (struct fleet_machine){.attempts = 0};
    rc = rh_str_copy(out->node_id, sizeof(out->node_id), rh_str_from(node_id));
    *version = value.version;
    return rc == RH_OK ? machine_decode(value.data, out) : rc;
}

/* Nobody else has changed it: two leaders cannot both act on it. */
void scaling_put_machine(struct rh_batch_builder *batch, const struct fleet_machine *machine,
                         uint64_t version)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_MAX);
    machine_encode(machine, &buf);
    rh_store_key(&key, KEY_MACHINE, rh_str_from(machine->node_id));
    if (key.rc == RH_OK)
        rh_batch_check(batch, rh_key_view(&key), version);
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

void scaling_put_pool(struct rh_batch_builder *batch, struct rh_str name,
                      const struct pool_memory *pool)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_MAX);
    pool_encode(pool, &buf);
    rh_store_key(&key, KEY_POOL, name);
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}
