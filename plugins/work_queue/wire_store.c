/* Rows of the store: one batch at a time, with an overlay for what is under way. */
#include "wire.h"

#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>

/* Longest record that is built here; larger values (payload, result) are put as they came. Bytes.
 */
#define RECORD_MAX (64u * 1024u)

struct queue_time wire_now(const struct work_queue *self)
{
    return (struct queue_time){self->rh.core->now_ms(self->rh.ctx),
                               self->rh.core->wall_ms(self->rh.ctx)};
}

void store_begin(struct work_queue *self)
{
    self->commit++;
    self->queue.commit = self->commit;
    self->store_rc = RH_OK;
    rh_batch_begin(&self->batch, WORK_NAMESPACE);
}

void store_settle(struct work_queue *self, uint64_t commit)
{
    self->durable = commit;
    overlay_settle(&self->overlay, commit);
    wire_drain(self);
}

/* Called in order of submission. A failure leads to deactivation, which drops the overlay whole. */
static void on_commit(void *instance, void *user, int32_t rc, uint64_t revision)
{
    struct work_queue *self = instance;

    (void)revision;
    if (rc == RH_OK && self->is_built)
        store_settle(self, (uint64_t)(uintptr_t)user);
}

int32_t store_commit(struct work_queue *self, bool is_lazy)
{
    int32_t rc = self->store_rc;

    if (rc || self->batch.op_count == 0) {
        rh_batch_release(&self->batch);
    } else {
        if (is_lazy)
            rh_batch_lazy(&self->batch);
        rc = rh_batch_commit(&self->batch, &self->rh, on_commit, (void *)(uintptr_t)self->commit);
    }
    if (rc)
        rh_log_error(&self->rh, "commit_refused", "rc=%d", (int)rc);
    return rc;
}

void store_abort(struct work_queue *self)
{
    overlay_undo(&self->overlay, self->commit);
    rh_batch_release(&self->batch);
}

static void note(struct work_queue *self, int32_t rc)
{
    if (!self->store_rc)
        self->store_rc = rc;
}

void store_put(struct work_queue *self, const struct rh_key *key, struct rh_str value)
{
    note(self, key->rc);
    if (self->store_rc)
        return;
    rh_batch_put(&self->batch, rh_key_view(key), value);
    note(self, overlay_put(&self->overlay, rh_key_view(key), value, self->commit));
}

void store_delete(struct work_queue *self, const struct rh_key *key)
{
    note(self, key->rc);
    if (self->store_rc)
        return;
    rh_batch_delete(&self->batch, rh_key_view(key));
    note(self, overlay_delete(&self->overlay, rh_key_view(key), self->commit));
}

int32_t store_get(struct work_queue *self, const struct rh_key *key, struct rh_str *value,
                  bool *found)
{
    struct rh_value stored = {.size = (uint32_t)sizeof(stored)};
    bool is_deleted;
    int32_t rc;

    *found = false;
    if (key->rc)
        return key->rc;
    if (overlay_get(&self->overlay, rh_key_view(key), value, &is_deleted)) {
        *found = !is_deleted;
        return RH_OK;
    }
    rc = self->rh.state->get(self->rh.ctx, WORK_NAMESPACE, rh_key_view(key), &stored);
    if (rc == RH_OK && stored.found) {
        *found = true;
        *value = stored.data;
    }
    return rc;
}

struct rh_key key_of(uint8_t row)
{
    struct rh_key key;

    rh_key_init(&key);
    rh_key_u8(&key, row);
    return key;
}

struct rh_key key_of_seq(uint8_t row, uint64_t seq)
{
    struct rh_key key = key_of(row);

    rh_key_u64(&key, seq);
    return key;
}

struct rh_key key_of_name(uint8_t row, struct rh_str name)
{
    struct rh_key key = key_of(row);

    rh_key_str(&key, name);
    return key;
}

struct rh_key key_of_member(struct rh_str group, uint64_t seq)
{
    struct rh_key key = key_of_name(ROW_MEMBER, group);

    rh_key_u64(&key, seq);
    return key;
}

void store_put_seq(struct work_queue *self, uint8_t row, uint64_t seq, struct rh_str value)
{
    struct rh_key key = key_of_seq(row, seq);

    store_put(self, &key, value);
}

int32_t store_read_seq(struct work_queue *self, uint8_t row, uint64_t seq, struct rh_str *value)
{
    struct rh_key key = key_of_seq(row, seq);
    bool found = false;
    int32_t rc = store_get(self, &key, value, &found);

    if (rc || !found)
        *value = (struct rh_str){NULL, 0};
    return rc;
}

struct rh_str store_get_seq(struct work_queue *self, uint8_t row, uint64_t seq)
{
    struct rh_str value;

    (void)store_read_seq(self, row, seq, &value); /* it is empty then */
    return value;
}

/* A record of an item, which is never empty. */
static int32_t read_record(struct work_queue *self, uint8_t row, uint64_t seq,
                           struct rh_str *record)
{
    int32_t rc = store_read_seq(self, row, seq, record);

    return rc == RH_OK && record->n == 0 ? RH_ENOTFOUND : rc;
}

int32_t store_get_status(struct work_queue *self, uint64_t seq, struct item_status *out)
{
    struct rh_str record;
    int32_t rc = read_record(self, ROW_STATUS, seq, &record);

    if (rc)
        return rc;
    return item_status_decode(record, out) ? RH_EIO : RH_OK;
}

int32_t store_get_spec(struct work_queue *self, uint64_t seq, struct item_spec *out,
                       struct item_lists *lists)
{
    struct rh_str record;
    int32_t rc = read_record(self, ROW_SPEC, seq, &record);

    if (rc)
        return rc;
    return item_spec_decode(record, out, lists) ? RH_EIO : RH_OK;
}

/* Puts a record that was encoded into buf, and frees buf. */
static void put_record(struct work_queue *self, const struct rh_key *key, struct rh_buf *buf)
{
    note(self, buf->rc);
    store_put(self, key, rh_buf_str(buf));
    rh_buf_release(buf);
}

int32_t store_get_keyed(struct work_queue *self, struct rh_str idempotency_key, uint64_t *seq,
                        uint64_t *asked)
{
    struct rh_key key = key_of_name(ROW_IDEMPOTENCY, idempotency_key);
    struct rh_record_reader reader;
    struct rh_request_key first;
    struct rh_str value;
    bool found;
    int32_t rc = store_get(self, &key, &value, &found);

    if (rc || !found)
        return rc ? rc : RH_ENOTFOUND;
    rh_request_decode(value, &first);
    rh_record_reader_init(&reader, first.id);
    *seq = rh_record_get_u64(&reader);
    if (asked)
        *asked = first.asked;
    return rh_record_end(&reader) ? RH_EIO : RH_OK;
}

void store_put_keyed(struct work_queue *self, struct rh_str idempotency_key, uint64_t seq,
                     uint64_t asked)
{
    struct rh_key key = key_of_name(ROW_IDEMPOTENCY, idempotency_key);
    struct rh_request_key request = {.asked = asked};
    struct rh_buf number;
    struct rh_buf value;

    rh_buf_init(&number, RECORD_MAX);
    rh_buf_init(&value, RECORD_MAX);
    rh_record_put_u64(&number, seq);
    note(self, number.rc);
    request.id = rh_buf_str(&number);
    rh_request_encode(&request, &value);
    put_record(self, &key, &value);
    rh_buf_release(&number);
}

void store_put_status(struct work_queue *self, const struct item *item)
{
    struct rh_key key = key_of_seq(ROW_STATUS, item->entry.seq);
    struct item_status status;
    struct rh_buf buf;

    queue_status(&self->queue, item, wire_now(self), &status);
    rh_buf_init(&buf, RECORD_MAX);
    item_status_encode(&status, &buf);
    put_record(self, &key, &buf);
}

/* An add writes the spec; every change of what an item may do writes its status. */
bool store_is_settled(const struct work_queue *self, const struct item *item)
{
    static const uint8_t rows[] = {ROW_SPEC, ROW_STATUS};
    struct rh_str value;
    bool is_deleted;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rh_key key = key_of_seq(rows[i], item->entry.seq);
        if (overlay_get(&self->overlay, rh_key_view(&key), &value, &is_deleted))
            return false;
    }
    return self->durable >= self->begun;
}

void store_put_counters(struct work_queue *self)
{
    struct rh_key key = key_of(ROW_COUNTERS);
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_MAX);
    counters_encode(&self->queue.counters, &buf);
    put_record(self, &key, &buf);
}

void store_put_group(struct work_queue *self, const struct group *group)
{
    struct rh_key key = key_of_name(ROW_GROUP, group->name);
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_MAX);
    group_encode(&group->totals, &buf);
    put_record(self, &key, &buf);
}

int32_t store_load_group(struct work_queue *self, struct group *group)
{
    struct rh_key key = key_of_name(ROW_GROUP, group->name);
    struct group_totals totals = {0};
    struct rh_str record;
    bool found;
    int32_t rc = store_get(self, &key, &record, &found);

    if (rc == RH_OK && found && group_decode(record, &totals))
        rc = RH_EIO;
    if (rc == RH_OK)
        group_load(group, &totals);
    return rc;
}

/* How many games a self-play result speaks of; -1 = it does not say. */
static int64_t count_games(struct work_queue *self, struct rh_str result)
{
    struct games {
        int64_t games_generated, games;
    } games;
    static const struct rh_field rows[] = {
        RH_INT(struct games, games_generated, -1, -1, INT64_C(9007199254740991), "games"),
        RH_INT(struct games, games, -1, -1, INT64_C(9007199254740991), "games"),
    };
    static const struct rh_fields table = RH_FIELDS(struct games, rows);
    void *memory;

    if (self->rh.fields->decode(self->rh.ctx, &table, result, &games, &memory, NULL, 0))
        return -1;
    self->rh.fields->release(self->rh.ctx, memory);
    return games.games_generated >= 0 ? games.games_generated : games.games;
}

static void emit(struct work_queue *self, const struct item *item, const struct item_status *status,
                 struct rh_str result, struct rh_str error)
{
    const struct match_shape *shape = &item->entry.bucket->shape;

    if (item->state == ITEM_DONE) {
        struct rh_str id;
        char text[ITEM_ID_TEXT_SIZE];
        id = item_id_format(item->entry.seq, text);
        const struct rh_work_completed event = {
            .work_id = id,
            .work_type = shape->work_type,
            .config_key = shape->config_key,
            .result = result,
            .node_id = status->node_id,
            .group = item->group ? item->group->name : (struct rh_str){NULL, 0},
            .games_generated =
                rh_str_eq_c(shape->work_type, "selfplay") ? count_games(self, result) : -1};
        rh_emit_work_completed(&self->batch, &event);
    } else if (item->state == ITEM_DEAD) {
        char text[ITEM_ID_TEXT_SIZE];
        struct rh_self me = {.size = (uint32_t)sizeof(me)};
        self->rh.core->self(self->rh.ctx, &me);
        /* An item that died with its dependency was on no node; this one decided. */
        const struct rh_work_failed event = {.work_id = item_id_format(item->entry.seq, text),
                                             .work_type = shape->work_type,
                                             .config_key = shape->config_key,
                                             .error = error,
                                             .node_id = status->node_id.n > 0 ? status->node_id
                                                                              : me.node_id};
        rh_emit_work_failed(&self->batch, &event);
    }
}

void store_put_finished(struct work_queue *self, const struct item *item, struct rh_str result,
                        struct rh_str error)
{
    uint64_t seq = item->entry.seq;
    struct item_status status;
    struct rh_key key;
    struct rh_buf buf;

    queue_status(&self->queue, item, wire_now(self), &status);
    store_put_status(self, item);
    if (result.n > 2) /* "{}" needs no row */
        store_put_seq(self, ROW_RESULT, seq, result);
    if (error.n > 0)
        store_put_seq(self, ROW_ERROR, seq, error);
    if (item->has_checkpoint && item->state != ITEM_DEAD) { /* A dead item may be tried again. */
        key = key_of_seq(ROW_CHECKPOINT, seq);
        store_delete(self, &key);
    }
    key = key_of_seq(ROW_FINISHED, status.finish_no);
    rh_buf_init(&buf, RECORD_MAX);
    rh_record_put_u64(&buf, seq);
    rh_record_put(&buf, item->state);
    rh_record_put(&buf, status.finished_at_ms);
    put_record(self, &key, &buf);
    if (self->prune_at_ms == INT64_MAX)
        wire_prune_from(self, status.finished_at_ms);
    store_put_counters(self);
    if (item->group)
        store_put_group(self, item->group);
    emit(self, item, &status, result, error);
}
