/* What is over: places in the order of finishing, and lists of them. Nothing is changed here. */
#include "wire.h"

#include <stdlib.h>

#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>

/* Places looked at for one page of the history; a filter that suits few gets a short page. */
#define EXAMINED_MAX 20000u

static int32_t read_place(const struct rh_row *row, struct place *out)
{
    struct rh_key_reader key;
    struct rh_record_reader value;
    uint8_t kind;

    rh_key_reader_init(&key, row->key);
    rh_record_reader_init(&value, row->data);
    (void)rh_key_read_u8(&key, &kind); /* sticky; read_end tells */
    (void)rh_key_read_u64(&key, &out->finish_no);
    out->seq = rh_record_get_u64(&value);
    out->state = (uint8_t)rh_record_get(&value, ITEM_DONE, ITEM_STATES - 1);
    out->finished_at_ms = rh_record_get(&value, 0, INT64_MAX);
    return rh_key_read_end(&key) || rh_record_end(&value) ? RH_EIO : RH_OK;
}

int32_t wire_read_places(struct work_queue *self, uint64_t from, bool is_reverse, uint32_t limit,
                         struct place *out, uint32_t *count, bool *more)
{
    bool is_from_end = is_reverse && from == 0;
    struct rh_key first = key_of_seq(ROW_FINISHED, is_reverse ? 0 : from + 1);
    struct rh_key last =
        is_from_end || !is_reverse ? key_of(ROW_FINISHED + 1) : key_of_seq(ROW_FINISHED, from);
    const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                 .flags = is_reverse ? RH_SCAN_REVERSE : 0,
                                 .name_space = WORK_NAMESPACE,
                                 .from = rh_key_view(&first),
                                 .to = rh_key_view(&last),
                                 .limit = limit};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    int32_t rc = self->rh.state->scan(self->rh.ctx, &scan, &rows);

    *count = 0;
    for (uint32_t i = 0; i < rows.count && !rc; i++) {
        const char *at = (const char *)rows.rows + (size_t)i * rows.row_stride;
        rc = read_place((const struct rh_row *)(const void *)at, &out[i]);
        *count = i + 1;
    }
    *more = rows.more != 0;
    return rc;
}

/* One finished item into a list; false if it was deleted meanwhile. */
static bool write_entry(struct work_queue *self, struct rh_json_writer *w,
                        const struct place *place)
{
    struct item_status status;

    if (store_get_status(self, place->seq, &status))
        return false;
    rh_json_begin_object(w);
    rh_json_kv_str(w, "node_id", status.node_id);
    int32_t rc = wire_write_finished(self, w, place->seq, &status);
    struct rh_str error = store_get_seq(self, ROW_ERROR, place->seq);
    if (error.n > 0)
        rh_json_kv_str(w, "error", error);
    rh_json_end_object(w);
    return rc == RH_OK;
}

static bool is_kind_wanted(struct work_queue *self, const struct list_fields *f,
                           const struct place *place)
{
    struct item_lists lists;
    struct item_status status;
    struct item_spec spec;

    if (f->work_type.n == 0 && f->config_key.n == 0 && f->group.n == 0 && f->node_id.n == 0)
        return true;
    if (store_get_spec(self, place->seq, &spec, &lists) ||
        !wire_is_wanted(f, spec.work_type, spec.config_key) ||
        (f->group.n > 0 && !rh_str_eq(f->group, spec.group)))
        return false;
    return f->node_id.n == 0 || (store_get_status(self, place->seq, &status) == RH_OK &&
                                 rh_str_eq(f->node_id, status.node_id));
}

int32_t wire_list_finished(struct work_queue *self, const struct list_fields *f, uint8_t state,
                           uint64_t after, struct rh_json_writer *w, uint64_t *next)
{
    struct place *places = malloc(RH_SCAN_ROWS_MAX * sizeof(*places));
    uint32_t count = 0;
    int64_t listed = 0;
    bool more = false;
    int32_t rc =
        places ? wire_read_places(self, after, false, 0, places, &count, &more) : RH_ENOMEM;

    *next = 0;
    for (uint32_t i = 0; i < count && !rc && listed < f->limit; i++) {
        bool is_last = i + 1 == count && !more;
        *next = is_last ? 0 : places[i].finish_no;
        if (places[i].state == state && is_kind_wanted(self, f, &places[i]) &&
            write_entry(self, w, &places[i]))
            listed++;
    }
    free(places);
    return rc;
}

/* A page of the history, newest first; *next is where to go on, 0 = the end. */
struct page {
    struct place places[RH_SCAN_ROWS_MAX];
    uint64_t before;
    uint32_t seen;
    int64_t listed;
    bool is_over;
};

static void list_chunk(struct work_queue *self, const struct list_fields *f, bool any_state,
                       uint8_t state, struct page *page, uint32_t count, struct rh_json_writer *w)
{
    for (uint32_t i = 0; i < count && page->listed < f->limit && !page->is_over; i++) {
        const struct place *place = &page->places[i];

        page->before = place->finish_no;
        page->seen++;
        if (f->since_at > 0 && place->finished_at_ms < f->since_at) {
            page->is_over = true; /* older ones follow */
        } else if ((any_state || place->state == state) &&
                   (f->until_at == 0 || place->finished_at_ms < f->until_at) &&
                   is_kind_wanted(self, f, place) && write_entry(self, w, place)) {
            page->listed++;
        }
    }
}

static int32_t list_newest(struct work_queue *self, const struct list_fields *f,
                           struct rh_json_writer *w, uint64_t before, uint64_t *next)
{
    struct page *page = calloc(1, sizeof(*page));
    bool any_state = rh_str_eq_c(f->status, "any");
    uint8_t state = ITEM_DONE;
    bool more = true;
    int32_t rc = page ? RH_OK : RH_ENOMEM;

    if (!rc && !any_state)
        rc = item_state_parse(f->status, &state);
    if (!rc)
        page->before = before;
    while (!rc && more && !page->is_over && page->listed < f->limit && page->seen < EXAMINED_MAX) {
        uint32_t count;
        rc = wire_read_places(self, page->before, true, 0, page->places, &count, &more);
        if (!rc)
            list_chunk(self, f, any_state, state, page, count, w);
        if (!rc && count > 0 && page->before != page->places[count - 1].finish_no)
            more = true; /* the page was full before the chunk ended */
    }
    if (!rc)
        *next = more && !page->is_over ? page->before : 0;
    free(page);
    return rc;
}

int32_t handle_history(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct list_fields *f = fields;
    struct rh_json_reply reply;
    uint64_t before = 0;
    uint64_t next = 0;
    int32_t rc = wire_read_cursor(self, CURSOR_HISTORY, f->after, &before);

    if (rc)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "items");
    rh_json_begin_array(&reply.w);
    rc = list_newest(self, f, &reply.w, before, &next);
    if (rc) {
        rh_buf_release(&reply.buf);
        return rc;
    }
    rh_json_end_array(&reply.w);
    wire_write_cursor(&reply.w, CURSOR_HISTORY, next);
    return rh_json_reply_send(&reply, &self->rh, req, 200);
}
