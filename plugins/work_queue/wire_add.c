/* POST /work/add: checks, the index, the rows of new items. */
#include "wire.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>

/* A batch keeps this far from the store's own limit, for counters and groups. Bytes. */
#define BATCH_MARGIN (24u * 1024u)
/* When a full queue may have room again. */
#define FULL_RETRY_AFTER_S 10u

/* One item of the answer. */
struct added {
    uint64_t seq;
    struct item *item; /* NULL = it was there */
    uint8_t state;
};

static void sort_names(struct rh_str *names, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t j = i; j > 0 && rh_str_cmp(names[j - 1], names[j]) > 0; j--) {
            struct rh_str swap = names[j];
            names[j] = names[j - 1];
            names[j - 1] = swap;
        }
    }
}

/* Checks what the field table cannot say, and fills the spec; requires and key_memory are the
 * caller's. */
static int32_t read_spec(struct work_queue *self, const struct add_fields *f,
                         struct rh_str *requires, char key_memory[ITEM_NAME_MAX + 1],
                         struct item_spec *spec)
{
    int64_t timeout_ms = f->timeout_s > 0 ? f->timeout_s * 1000 : self->config->claim_timeout;

    if (f->work_type.n == 0)
        return rh_failf(&self->rh, RH_EINVAL, "\"work_type\" is required");
    if (f->payload.n > ITEM_PAYLOAD_MAX)
        return rh_failf(&self->rh, RH_ETOOLARGE, "\"payload\" is larger than %u bytes",
                        ITEM_PAYLOAD_MAX);
    for (uint32_t i = 0; i < f->requires.count; i++) {
        if (f->requires.items[i].n > ITEM_NAME_MAX)
            return rh_failf(&self->rh, RH_EINVAL, "\"requires\" has a name of over %u bytes",
                            ITEM_NAME_MAX);
        requires[i] = f->requires.items[i];
    }
    sort_names(requires, f->requires.count);
    *spec = (struct item_spec){.work_type = f->work_type,
                               .config_key = f->config_key,
                               .board_type = f->board_type,
                               .group = f->group,
                               .idempotency_key = f->idempotency_key,
                               .target_node = f->target_node,
                               .requires = {requires, f->requires.count, 0},
                               .num_players = f->num_players,
                               .priority = f->priority,
                               .min_vram_mb = f->min_vram_mb,
                               .timeout_ms = timeout_ms,
                               .max_runtime_ms = f->max_runtime_s * 1000,
                               .max_attempts = f->max_attempts,
                               .needs_gpu = f->needs_gpu != 0};
    if (item_spec_derive(spec, key_memory, ITEM_NAME_MAX + 1))
        return rh_failf(&self->rh, RH_EINVAL,
                        "\"config_key\" contradicts \"board_type\" or \"num_players\"");
    return RH_OK;
}

/* The item that has the key already, if any. */
static int32_t find_first(struct work_queue *self, struct rh_str idempotency_key, struct added *out,
                          bool *found)
{
    struct rh_key key = key_of_name(ROW_IDEMPOTENCY, idempotency_key);
    struct rh_record_reader reader;
    struct item_status status;
    struct rh_str record;
    int32_t rc;

    *found = false;
    if (idempotency_key.n == 0)
        return RH_OK;
    rc = store_get(self, &key, &record, found);
    if (rc || !*found)
        return rc;
    rh_record_reader_init(&reader, record);
    *out = (struct added){.seq = rh_record_get_u64(&reader)};
    if (rh_record_end(&reader))
        return RH_EIO;
    struct item *item = queue_find(&self->queue, out->seq);
    if (item) {
        out->state = item->state;
        return RH_OK;
    }
    rc = store_get_status(self, out->seq, &status);
    out->state = rc ? ITEM_PENDING : status.state;
    return rc;
}

static void put_item(struct work_queue *self, const struct item *item, const struct item_spec *spec,
                     struct rh_str payload)
{
    uint64_t seq = item->entry.seq;
    struct rh_buf buf;

    rh_buf_init(&buf, RH_VALUE_MAX);
    item_spec_encode(spec, &buf);
    store_put_seq(self, ROW_SPEC, seq, rh_buf_str(&buf));
    if (payload.n > 2) /* "{}" needs no row */
        store_put_seq(self, ROW_PAYLOAD, seq, payload);
    if (spec->group.n > 0) {
        struct rh_key key = key_of_member(spec->group, seq);
        store_put(self, &key, (struct rh_str){"", 0});
    }
    rh_buf_reset(&buf);
    if (spec->idempotency_key.n > 0) {
        struct rh_key key = key_of_name(ROW_IDEMPOTENCY, spec->idempotency_key);
        rh_record_put_u64(&buf, seq);
        store_put(self, &key, rh_buf_str(&buf));
    }
    if (buf.rc)
        self->store_rc = buf.rc;
    rh_buf_release(&buf);
}

static int32_t add_one(struct work_queue *self, const struct add_fields *f, struct added *out)
{
    struct rh_str requires[ITEM_REQUIRES_MAX];
    char key_memory[ITEM_NAME_MAX + 1];
    struct item_spec spec;
    bool found;
    int32_t rc = read_spec(self, f, requires, key_memory, &spec);

    if (!rc)
        rc = find_first(self, spec.idempotency_key, out, &found);
    if (rc || found)
        return rc;
    rc = queue_add(&self->queue, &spec, wire_now(self), &out->item);
    if (rc)
        return rc;
    out->seq = out->item->entry.seq;
    out->state = ITEM_PENDING;
    if (out->item->group && !out->item->group->is_loaded)
        rc = store_load_group(self, out->item->group);
    put_item(self, out->item, &spec, f->payload);
    return rc ? rc : self->store_rc;
}

static void undo(struct work_queue *self, struct added *added, uint32_t count)
{
    while (count-- > 0) {
        if (added[count].item)
            queue_undo_add(&self->queue, added[count].item);
    }
}

static int32_t refuse(struct work_queue *self, rh_req req, int32_t rc)
{
    const struct rh_error full = {.size = (uint32_t)sizeof(full),
                                  .rc = RH_EFULL,
                                  .status = 429,
                                  .retry_after_s = FULL_RETRY_AFTER_S,
                                  .code = "queue_full",
                                  .message = "the queue holds as many live items, or kinds of "
                                             "them, as it may"};

    return rc == RH_EFULL ? self->rh.http->reply_error(self->rh.ctx, req, &full) : rc;
}

/* Adds all or none. *is_new: at least one was not there before. */
static int32_t add_all(struct work_queue *self, const struct add_fields *items, uint32_t count,
                       uint32_t stride, struct added *added, bool *is_new)
{
    int32_t rc = RH_OK;
    uint32_t done = 0;

    *is_new = false;
    store_begin(self);
    while (done < count && !rc) {
        const char *at = (const char *)items + (size_t)done * stride;
        added[done] = (struct added){.seq = 0};
        rc = add_one(self, (const struct add_fields *)(const void *)at, &added[done]);
        *is_new = *is_new || added[done].item;
        done++;
        if (!rc && self->batch.bytes.n > RH_BATCH_REPLICATED_BYTES_MAX - BATCH_MARGIN)
            rc = rh_failf(&self->rh, RH_ETOOLARGE, "the batch is larger than %u bytes",
                          RH_BATCH_REPLICATED_BYTES_MAX - BATCH_MARGIN);
    }
    if (rc) {
        undo(self, added, done);
        store_abort(self);
        return rc;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct group *group = added[i].item ? added[i].item->group : NULL;
        if (group && (i == 0 || !added[i - 1].item || added[i - 1].item->group != group))
            store_put_group(self, group);
    }
    if (*is_new)
        store_put_counters(self);
    rc = store_commit(self, false);
    if (rc) /* The overlay may have lost values under way: begin anew from what is stored. */
        self->rh.core->reactivate(self->rh.ctx, "an add could not be submitted");
    return rc;
}

static void write_added(struct rh_json_writer *w, const struct added *added)
{
    char id[ITEM_ID_TEXT_SIZE];

    rh_json_kv_str(w, "work_id", item_id_format(added->seq, id));
    rh_json_kv_strc(w, "status", item_state_name(added->state));
    if (!added->item)
        rh_json_kv_bool(w, "duplicate", true);
}

int32_t handle_add(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct add_fields *f = fields;
    struct added added[ADD_ITEMS_MAX];
    struct rh_json_reply reply;
    bool is_batch = f->items.count > 0;
    bool is_new;
    int32_t rc;

    if (is_batch && memchr(f->given, 1, sizeof(f->given)))
        return rh_failf(&self->rh, RH_EINVAL, "\"items\" must be the only field");
    rc = add_all(self, is_batch ? f->items.items : f, is_batch ? f->items.count : 1,
                 is_batch ? f->items.stride : 0, added, &is_new);
    if (rc)
        return refuse(self, req, rc);
    rh_json_reply_begin(&reply);
    if (is_batch) {
        rh_json_key(&reply.w, "items");
        rh_json_begin_array(&reply.w);
        for (uint32_t i = 0; i < f->items.count; i++) {
            rh_json_begin_object(&reply.w);
            write_added(&reply.w, &added[i]);
            rh_json_end_object(&reply.w);
        }
        rh_json_end_array(&reply.w);
    } else {
        write_added(&reply.w, &added[0]);
    }
    rc = rh_json_reply_send(&reply, &self->rh, req, is_new ? 201 : 200);
    wire_settle(self);
    return rc;
}
