/* POST /work/pause and /work/resume: work types of which nothing is given away for a time. */
#include "wire.h"

#include <assert.h>

#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>

/* What the row of a paused type says. */
static int32_t read_row(struct rh_str record, int64_t *since_ms, struct rh_str *reason)
{
    struct rh_record_reader reader;

    rh_record_reader_init(&reader, record);
    *since_ms = rh_record_get(&reader, 0, INT64_MAX);
    *reason = rh_record_get_str(&reader);
    return rh_record_end(&reader) ? RH_EIO : RH_OK;
}

static int32_t scan_paused(struct work_queue *self, struct rh_rows *rows)
{
    struct rh_key from = key_of(ROW_PAUSED);
    struct rh_key to = key_of(ROW_PAUSED + 1);
    const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                 .name_space = WORK_NAMESPACE,
                                 .from = rh_key_view(&from),
                                 .to = rh_key_view(&to)};

    static_assert(QUEUE_PAUSED_MAX <= RH_SCAN_ROWS_MAX, "one scan finds all");
    *rows = (struct rh_rows){.size = (uint32_t)sizeof(*rows)};
    return self->rh.state->scan(self->rh.ctx, &scan, rows);
}

int32_t wire_load_paused(struct work_queue *self)
{
    struct rh_rows rows;
    int32_t rc = scan_paused(self, &rows);

    for (uint32_t i = 0; i < rows.count && !rc; i++) {
        const char *at = (const char *)rows.rows + (size_t)i * rows.row_stride;
        struct rh_key_reader key;
        char work_type[ITEM_NAME_MAX + 1];
        uint8_t kind;
        size_t n = 0;

        rh_key_reader_init(&key, ((const struct rh_row *)(const void *)at)->key);
        (void)rh_key_read_u8(&key, &kind); /* sticky; read_end tells */
        (void)rh_key_read_str(&key, work_type, sizeof(work_type), &n);
        rc = rh_key_read_end(&key) ? RH_EIO
                                   : queue_pause(&self->queue, (struct rh_str){work_type, n});
    }
    return rc;
}

void wire_write_paused(struct work_queue *self, struct rh_json_writer *w)
{
    struct rh_str work_type;
    uint32_t cursor = 0;

    rh_json_key(w, "paused");
    rh_json_begin_array(w);
    while (rh_map_next(&self->queue.paused, &cursor, &work_type, NULL)) {
        struct rh_key key = key_of_name(ROW_PAUSED, work_type);
        struct rh_str record;
        struct rh_str reason;
        int64_t since_ms;
        bool found = false;

        if (store_get(self, &key, &record, &found) || !found ||
            read_row(record, &since_ms, &reason))
            continue; /* resumed in this turn */
        rh_json_begin_object(w);
        rh_json_kv_str(w, "work_type", work_type);
        rh_json_kv_int(w, "since_at", since_ms);
        if (reason.n > 0)
            rh_json_kv_str(w, "reason", reason);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

/* {work_type, paused[, duplicate]} after the batch under construction, if anything changed. */
static int32_t answer(struct work_queue *self, rh_req req, struct rh_str work_type, bool is_paused,
                      bool is_duplicate)
{
    struct rh_json_reply reply;

    if (!is_duplicate && store_commit(self, false)) {
        self->rh.core->reactivate(self->rh.ctx, "a pause could not be submitted");
        return RH_EIO;
    }
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "work_type", work_type);
    rh_json_kv_bool(&reply.w, "paused", is_paused);
    if (is_duplicate)
        rh_json_kv_bool(&reply.w, "duplicate", true);
    int32_t rc = rh_json_reply_send(&reply, &self->rh, req, 200);
    wire_settle(self);
    return rc;
}

int32_t handle_pause(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct pause_fields *f = fields;
    struct rh_key key = key_of_name(ROW_PAUSED, f->work_type);
    struct rh_buf buf;
    int32_t rc = queue_pause(&self->queue, f->work_type);

    if (rc == RH_EFULL)
        return rh_failf(&self->rh, RH_ECONFLICT, "%u work types are paused already",
                        QUEUE_PAUSED_MAX);
    if (rc && rc != RH_EEXISTS)
        return rc;
    if (rc == RH_EEXISTS)
        return answer(self, req, f->work_type, true, true);
    store_begin(self);
    rh_buf_init(&buf, RH_VALUE_MAX);
    rh_record_put(&buf, wire_now(self).wall_ms);
    rh_record_put_str(&buf, f->reason);
    store_put(self, &key, rh_buf_str(&buf));
    rh_buf_release(&buf);
    return answer(self, req, f->work_type, true, false);
}

int32_t handle_resume(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct pause_fields *f = fields;
    struct rh_key key = key_of_name(ROW_PAUSED, f->work_type);
    bool was_paused = queue_resume(&self->queue, f->work_type) == RH_OK;

    if (was_paused) {
        store_begin(self);
        store_delete(self, &key);
    }
    return answer(self, req, f->work_type, false, !was_paused);
}
