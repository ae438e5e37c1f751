/* Looking: lists, and one item. Nothing is changed here. */
#include "wire.h"

#include <ringhost/sdk/str.h>

/* Items looked at for one page; a filter that suits few gets a short page and `next`. */
#define EXAMINED_MAX 20000u

void wire_write_shape(struct rh_json_writer *w, const struct match_shape *shape)
{
    rh_json_kv_str(w, "work_type", shape->work_type);
    rh_json_kv_str(w, "config_key", shape->config_key);
    rh_json_kv_str(w, "board_type", shape->board_type);
    rh_json_kv_int(w, "priority", shape->priority);
    rh_json_kv_str_list(w, "requires", &shape->requires);
    rh_json_kv_bool(w, "needs_gpu", shape->needs_gpu);
    rh_json_kv_int(w, "min_vram_mb", shape->min_vram_mb);
    if (shape->target_node.n > 0)
        rh_json_kv_str(w, "target_node", shape->target_node);
}

void wire_write_item(struct work_queue *self, struct rh_json_writer *w, const struct item *item)
{
    char id[ITEM_ID_TEXT_SIZE];

    (void)self;
    rh_json_kv_str(w, "work_id", item_id_format(item->entry.seq, id));
    rh_json_kv_strc(w, "status", item_state_name(item->state));
    wire_write_shape(w, &item->entry.bucket->shape);
    if (item->group)
        rh_json_kv_str(w, "group", item->group->name);
    rh_json_kv_int(w, "attempt", item->attempts);
    rh_json_kv_int(w, "max_attempts", item->max_attempts);
    rh_json_kv_int(w, "timeout_s", item->timeout_ms / 1000);
    if (item->max_runtime_ms > 0)
        rh_json_kv_int(w, "max_runtime_s", item->max_runtime_ms / 1000);
    rh_json_kv_int(w, "added_at", item->entry.enqueued_ms);
}

static void write_lease(struct work_queue *self, struct rh_json_writer *w, const struct item *item)
{
    const struct lease *lease = item->lease;
    struct queue_time now = wire_now(self);

    if (item->state == ITEM_DELAYED)
        rh_json_kv_int(w, "due_at", now.wall_ms + item->due_ms - now.mono_ms);
    if (!lease)
        return;
    rh_json_kv_str(w, "node_id", lease->holder->node_id);
    rh_json_kv_int(w, "claimed_at", lease->claimed_at_ms);
    rh_json_kv_int(w, "lease_expires_at", now.wall_ms + lease->expires_ms - now.mono_ms);
    if (lease->started_at_ms > 0)
        rh_json_kv_int(w, "started_at", lease->started_at_ms);
    if (lease->progress)
        rh_json_kv_raw(w, "progress", (struct rh_str){lease->progress, lease->progress_size});
}

int32_t wire_write_finished(struct work_queue *self, struct rh_json_writer *w, uint64_t seq,
                            const struct item_status *status)
{
    struct item_lists lists;
    struct item_spec spec;
    char id[ITEM_ID_TEXT_SIZE];
    int32_t rc = store_get_spec(self, seq, &spec, &lists);

    if (rc)
        return rc;
    const struct match_shape shape = {spec.work_type,   spec.config_key, spec.board_type,
                                      spec.target_node, spec.requires,   spec.priority,
                                      spec.min_vram_mb, spec.needs_gpu};
    rh_json_kv_str(w, "work_id", item_id_format(seq, id));
    rh_json_kv_strc(w, "status", item_state_name(status->state));
    wire_write_shape(w, &shape);
    if (spec.group.n > 0)
        rh_json_kv_str(w, "group", spec.group);
    rh_json_kv_int(w, "attempt", status->attempts);
    rh_json_kv_int(w, "max_attempts", spec.max_attempts);
    rh_json_kv_int(w, "added_at", spec.enqueued_ms);
    rh_json_kv_int(w, "finished_at", status->finished_at_ms);
    rh_json_kv_strc(w, "ended_by", item_end_name(status->ended_by));
    return RH_OK;
}

static void write_ids(struct rh_json_writer *w, const char *key, const uint64_t *seqs,
                      uint32_t count)
{
    char id[ITEM_ID_TEXT_SIZE];

    rh_json_key(w, key);
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++)
        rh_json_string(w, item_id_format(seqs[i], id));
    rh_json_end_array(w);
}

int32_t wire_write_names(struct work_queue *self, struct rh_json_writer *w, uint64_t seq)
{
    struct item_lists lists;
    struct item_spec spec;
    int32_t rc = store_get_spec(self, seq, &spec, &lists);

    if (rc)
        return rc == RH_ENOTFOUND ? RH_OK : rc; /* deleted meanwhile */
    if (spec.inputs.count > 0)
        rh_json_kv_str_list(w, "inputs", &spec.inputs);
    if (spec.outputs.count > 0)
        rh_json_kv_str_list(w, "outputs", &spec.outputs);
    if (spec.depend_count > 0)
        write_ids(w, "depends_on", spec.depends, spec.depend_count);
    return RH_OK;
}

/* Which of the items that it depends on a blocked one still waits for. */
static void write_waiting(struct rh_json_writer *w, const struct item *item)
{
    uint64_t seqs[ITEM_DEPENDS_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; item->wait && i < item->wait->count; i++) {
        if (item->wait->edges[i].node)
            seqs[count++] = item->wait->edges[i].node->seq;
    }
    if (item->wait)
        write_ids(w, "waits_for", seqs, count);
}

/* Texts of an item that are rows of their own. */
static int32_t write_texts(struct work_queue *self, struct rh_json_writer *w, uint64_t seq,
                           bool has_progress)
{
    static const struct {
        const char *name;
        const char *absent; /* "" = it is left out */
        uint8_t row;
        bool is_text; /* else JSON */
    } texts[] = {
        {"payload", "{}", ROW_PAYLOAD, false}, {"result", "", ROW_RESULT, false},
        {"error", "", ROW_ERROR, true},        {"checkpoint", "", ROW_CHECKPOINT, false},
        {"progress", "", ROW_PROGRESS, false},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct rh_str text;
        int32_t rc = store_read_seq(self, texts[i].row, seq, &text);

        if (rc)
            return rc;
        if (text.n == 0)
            text = rh_str_from(texts[i].absent);
        if (text.n == 0 || (has_progress && texts[i].row == ROW_PROGRESS))
            continue;
        if (texts[i].is_text)
            rh_json_kv_str(w, texts[i].name, text);
        else
            rh_json_kv_raw(w, texts[i].name, text);
    }
    return RH_OK;
}

int32_t handle_item(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct list_fields *f = fields;
    struct item_status status;
    struct rh_json_reply reply;
    uint64_t seq = 0;
    struct item *item = item_id_parse(f->work_id, &seq) ? NULL : queue_find(&self->queue, seq);
    int32_t rc = item ? RH_OK : store_get_status(self, seq, &status);

    if (rc == RH_ENOTFOUND)
        return rh_failf(&self->rh, rc, "no work item \"%.*s\"", RH_STR_ARG(f->work_id));
    if (rc)
        return rc;
    /* The node of a finished item is read before other rows, which its text would not survive. */
    rh_json_reply_begin(&reply);
    if (item) {
        wire_write_item(self, &reply.w, item);
        rh_json_kv_strc(&reply.w, "ended_by", item_end_name(item->ended_by));
        write_lease(self, &reply.w, item);
    } else {
        rh_json_kv_str(&reply.w, "node_id", status.node_id);
        rc = wire_write_finished(self, &reply.w, seq, &status);
    }
    if (rc == RH_OK)
        rc = wire_write_names(self, &reply.w, seq);
    if (item)
        write_waiting(&reply.w, item);
    if (rc == RH_OK)
        rc = write_texts(self, &reply.w, seq, item && item->lease && item->lease->progress);
    if (rc) {
        rh_buf_release(&reply.buf);
        return rc;
    }
    return rh_json_reply_send(&reply, &self->rh, req, 200);
}

int32_t wire_read_after(struct work_queue *self, struct rh_str text, uint64_t *after)
{
    *after = 0;
    if (text.n > 0 && item_id_parse(text, after))
        return rh_failf(&self->rh, RH_EINVAL, "\"after\" must be `next` of an earlier page");
    return RH_OK;
}

int32_t wire_read_cursor(struct work_queue *self, enum cursor_list list, struct rh_str text,
                         uint64_t *after)
{
    *after = 0;
    if (text.n > 0 && !cursor_parse(list, text, after))
        return rh_failf(&self->rh, RH_EINVAL,
                        "\"after\" must be `next` of an earlier page of this list");
    return RH_OK;
}

bool wire_is_wanted(const struct list_fields *f, struct rh_str work_type, struct rh_str config_key)
{
    return (f->work_type.n == 0 || rh_str_eq(f->work_type, work_type)) &&
           (f->config_key.n == 0 || rh_str_eq(f->config_key, config_key));
}

/* One page of live items; *next is where to go on, 0 = the end. */
static void list_live(struct work_queue *self, const struct list_fields *f, uint8_t state,
                      uint64_t after, struct rh_json_writer *w, uint64_t *next)
{
    struct item *item = queue_next(&self->queue, after);
    int64_t listed = 0;

    *next = 0;
    for (uint32_t seen = 0; item; seen++, item = queue_next(&self->queue, item->entry.seq)) {
        const struct match_shape *shape = &item->entry.bucket->shape;
        if (listed == f->limit || seen == EXAMINED_MAX) {
            *next = after;
            return;
        }
        after = item->entry.seq;
        if (item->state != state || !wire_is_wanted(f, shape->work_type, shape->config_key))
            continue;
        rh_json_begin_object(w);
        wire_write_item(self, w, item);
        write_lease(self, w, item);
        rh_json_end_object(w);
        listed++;
    }
}

/* How many live items suit the filter. */
static uint64_t count_live(const struct work_queue *self, const struct list_fields *f,
                           uint8_t state)
{
    uint32_t cursor = 0;
    uint64_t total = 0;
    void *value;

    while (rh_map_next(&self->queue.fair.buckets, &cursor, NULL, &value)) {
        const struct fair_bucket *bucket = value;
        if (wire_is_wanted(f, bucket->shape.work_type, bucket->shape.config_key))
            total += bucket->counts[state];
    }
    return total;
}

void wire_write_next(struct rh_json_writer *w, uint64_t next)
{
    char id[ITEM_ID_TEXT_SIZE];

    if (next > 0)
        rh_json_kv_str(w, "next", item_id_format(next, id));
    else
        rh_json_kv_null(w, "next");
}

void wire_write_cursor(struct rh_json_writer *w, enum cursor_list list, uint64_t next)
{
    char text[CURSOR_TEXT_SIZE];

    if (next > 0)
        rh_json_kv_str(w, "next", cursor_format(list, next, text));
    else
        rh_json_kv_null(w, "next");
}

int32_t handle_pending(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct list_fields *f = fields;
    const struct counters *c = &self->queue.counters;
    struct rh_json_reply reply;
    uint64_t after = 0;
    uint64_t next = 0;
    uint8_t state = ITEM_PENDING;
    int32_t rc = item_state_parse(f->status, &state);

    if (!rc)
        rc = item_state_is_live(state) ? wire_read_after(self, f->after, &after)
                                       : wire_read_cursor(self, CURSOR_FINISHED, f->after, &after);
    if (rc)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "items");
    rh_json_begin_array(&reply.w);
    if (item_state_is_live(state))
        list_live(self, f, state, after, &reply.w, &next);
    else
        rc = wire_list_finished(self, f, state, after, &reply.w, &next);
    if (rc) {
        rh_buf_release(&reply.buf);
        return rc;
    }
    rh_json_end_array(&reply.w);
    if (item_state_is_live(state))
        wire_write_next(&reply.w, next);
    else
        wire_write_cursor(&reply.w, CURSOR_FINISHED, next);
    if (item_state_is_live(state))
        rh_json_kv_int(&reply.w, "total", (int64_t)count_live(self, f, state));
    else if (f->work_type.n == 0 && f->config_key.n == 0)
        rh_json_kv_int(&reply.w, "total", (int64_t)(c->finished[state] - c->pruned[state]));
    return rh_json_reply_send(&reply, &self->rh, req, 200);
}
