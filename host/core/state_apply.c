/* Applying one encoded batch inside the writer's open transaction; it neither begins nor commits.
 */
#include <assert.h>
#include <string.h>

#include "host/core/state_impl.h"

/* Version and value size of a key; *rev is 0 when it is absent. */
static int old_of(struct state_writer *writer, const struct state_row *row, struct rh_str key,
                  uint64_t *rev, uint64_t *value_n)
{
    sqlite3_stmt *stmt = writer->stmts[W_OLD];
    *rev = 0;
    *value_n = 0;
    (void)sqlite3_bind_int64(stmt, 1, row->id); /* numbers bind to any reset statement */
    int rc = state_db_bind_bytes(stmt, 2, key);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *rev = (uint64_t)sqlite3_column_int64(stmt, 0);
        *value_n = (uint64_t)sqlite3_column_int64(stmt, 1);
    }
    (void)sqlite3_reset(stmt); /* repeats the error of step */
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int apply_put(struct state_writer *writer, struct state_row *row,
                     const struct state_batch_op *op)
{
    sqlite3_stmt *stmt = writer->stmts[W_PUT];
    writer->has_old = 0;
    writer->old_n = 0;
    (void)sqlite3_bind_int64(stmt, 1, row->id); /* numbers bind to any reset statement */
    (void)sqlite3_bind_int64(stmt, 3, (int64_t)row->now.revision);
    int rc = state_db_bind_bytes(stmt, 2, op->key);
    if (rc == SQLITE_OK)
        rc = state_db_bind_bytes(stmt, 4, op->value);
    if (rc == SQLITE_OK)
        rc = state_db_run(stmt);
    if (rc != SQLITE_OK)
        return rc;
    if (!writer->has_old) {
        row->now.keys++;
        row->now.bytes += op->key.n;
    }
    assert(row->now.bytes >= writer->old_n);
    row->now.bytes += op->value.n - writer->old_n;
    return SQLITE_OK;
}

static int apply_delete(struct state_writer *writer, struct state_row *row, struct rh_str key)
{
    uint64_t rev = 0;
    uint64_t value_n = 0;
    int rc = old_of(writer, row, key, &rev, &value_n);
    if (rc != SQLITE_OK || rev == 0)
        return rc;
    sqlite3_stmt *stmt = writer->stmts[W_DELETE];
    (void)sqlite3_bind_int64(stmt, 1, row->id); /* numbers bind to any reset statement */
    rc = state_db_bind_bytes(stmt, 2, key);
    if (rc == SQLITE_OK)
        rc = state_db_run(stmt);
    if (rc != SQLITE_OK)
        return rc;
    assert(row->now.keys > 0);
    assert(row->now.bytes >= key.n + value_n);
    row->now.keys--;
    row->now.bytes -= key.n + value_n;
    return SQLITE_OK;
}

static int bind_range(sqlite3_stmt *stmt, int64_t id, struct rh_str from, struct rh_str to)
{
    (void)sqlite3_bind_int64(stmt, 1, id); /* numbers bind to any reset statement */
    int rc = state_db_bind_bytes(stmt, 2, from);
    return rc == SQLITE_OK ? state_db_bind_bytes(stmt, 3, to) : rc;
}

/* Count and delete [from, to), which holds at most one chunk. */
static int delete_chunk(struct state_writer *writer, struct state_row *row, struct rh_str from,
                        struct rh_str to)
{
    sqlite3_stmt *sum = writer->stmts[W_SUM];
    int rc = bind_range(sum, row->id, from, to);
    if (rc != SQLITE_OK)
        return rc;
    uint64_t keys = 0;
    uint64_t bytes = 0;
    rc = sqlite3_step(sum);
    if (rc == SQLITE_ROW) {
        keys = (uint64_t)sqlite3_column_int64(sum, 0);
        bytes = (uint64_t)sqlite3_column_int64(sum, 1);
    }
    (void)sqlite3_reset(sum); /* repeats the error of step */
    if (rc != SQLITE_ROW)
        return rc;
    if (keys == 0)
        return SQLITE_OK;
    rc = bind_range(writer->stmts[W_RANGE], row->id, from, to);
    if (rc == SQLITE_OK)
        rc = state_db_run(writer->stmts[W_RANGE]);
    if (rc != SQLITE_OK)
        return rc;
    assert(row->now.keys >= keys);
    assert(row->now.bytes >= bytes);
    row->now.keys -= keys;
    row->now.bytes -= bytes;
    return SQLITE_OK;
}

int state_apply_range(struct state_writer *writer, struct state_row *row, struct rh_str from,
                      struct rh_str to)
{
    sqlite3_stmt *edge = writer->stmts[W_EDGE];
    if (to.n == 0)
        to = state_db_last_key();
    for (;;) {
        char key[RH_KEY_MAX];
        struct rh_str next = to;
        int rc = bind_range(edge, row->id, from, to);
        if (rc != SQLITE_OK)
            return rc;
        (void)sqlite3_bind_int64(edge, 4, STATE_RANGE_CHUNK_ROWS); /* as above */
        rc = sqlite3_step(edge);
        if (rc == SQLITE_ROW) {
            next = state_db_column(edge, 0);
            assert(next.n <= sizeof(key));
            memcpy(key, next.p, next.n);
            next.p = key;
        }
        (void)sqlite3_reset(edge); /* repeats the error of step */
        if (rc != SQLITE_ROW && rc != SQLITE_DONE)
            return rc;
        int done = rc == SQLITE_DONE;
        /* The rows before `next` go, so the next chunk may begin at the old start: no second key to
         * keep. */
        rc = delete_chunk(writer, row, from, next);
        if (rc != SQLITE_OK || done)
            return rc;
    }
}

static int apply_op(struct state_writer *writer, struct state_row *row,
                    const struct state_batch_op *op)
{
    switch (op->op) {
    case RH_OP_PUT:
        return state_merge_skips(writer, row, op->key) ? SQLITE_OK : apply_put(writer, row, op);
    case RH_OP_DELETE:
        return apply_delete(writer, row, op->key);
    case RH_OP_DELETE_RANGE:
        return state_apply_range(writer, row, op->key, op->value);
    case STATE_OP_SCHEMA:
        row->now.schema = (uint32_t)op->version;
        return SQLITE_OK;
    default:
        return SQLITE_OK; /* checks have been looked at */
    }
}

static int apply_event(struct state_writer *writer, const struct state_batch_head *head,
                       const struct state_row *row, uint32_t n,
                       const struct state_batch_event *event)
{
    sqlite3_stmt *stmt = writer->stmts[W_EVENT];
    const struct rh_str texts[] = {event->type, event->source};
    (void)sqlite3_bind_int64(stmt, 1, (int64_t)writer->now.event_next); /* as above */
    (void)sqlite3_bind_int64(stmt, 3, (int64_t)row->now.revision);
    (void)sqlite3_bind_int64(stmt, 4, n);
    (void)sqlite3_bind_int64(stmt, 9, head->at_ms);
    int rc = sqlite3_bind_text(stmt, 2, row->name, (int)row->name_n, SQLITE_STATIC);
    for (int i = 0; rc == SQLITE_OK && i < 2; i++)
        rc = sqlite3_bind_text(stmt, 5 + i, texts[i].p, (int)texts[i].n, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = state_db_bind_bytes(stmt, 7, event->payload);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 8, head->node_id.n ? head->node_id.p : "",
                               (int)head->node_id.n, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = state_db_run(stmt);
    if (rc == SQLITE_OK)
        writer->now.event_next++;
    return rc;
}

/* Look at all checks before anything changes: *conflict. *grows is the most that the puts can add.
 */
static int look(struct state_writer *writer, const struct state_row *row,
                struct state_batch_reader reader, uint32_t op_count, uint32_t *conflict,
                uint64_t *grows)
{
    *conflict = 0;
    *grows = 0;
    for (uint32_t i = 0; i < op_count; i++) {
        struct state_batch_op op;
        int32_t got = state_batch_next_op(&reader, &op);
        assert(got == RH_OK); /* verified before it was queued */
        if (op.op == RH_OP_PUT)
            *grows += op.key.n + op.value.n;
        if (op.op != RH_OP_CHECK)
            continue;
        uint64_t rev = 0;
        uint64_t value_n = 0;
        int rc = old_of(writer, row, op.key, &rev, &value_n);
        if (rc != SQLITE_OK)
            return rc;
        if (rev != op.version)
            *conflict = 1;
    }
    return SQLITE_OK;
}

static int apply_all(struct state_writer *writer, struct state_row *row,
                     struct state_batch_reader reader, const struct state_batch_head *head,
                     struct state_item *item)
{
    int rc = SQLITE_OK;
    row->now.revision++;
    row->is_dirty = 1;
    item->revision = row->now.revision;
    item->cursor_first = writer->now.event_next;
    for (uint32_t i = 0; rc == SQLITE_OK && i < head->op_count; i++) {
        struct state_batch_op op;
        int32_t got = state_batch_next_op(&reader, &op);
        assert(got == RH_OK); /* verified before it was queued */
        rc = apply_op(writer, row, &op);
    }
    for (uint32_t i = 0; rc == SQLITE_OK && i < head->event_count; i++) {
        struct state_batch_event event;
        int32_t got = state_batch_next_event(&reader, &event);
        assert(got == RH_OK); /* verified before it was queued */
        rc = apply_event(writer, head, row, i, &event);
    }
    return rc;
}

/* The quota may be passed: apply behind a savepoint and take it back if so. */
static int apply_within(struct state_writer *writer, struct state_row *row,
                        struct state_batch_reader reader, const struct state_batch_head *head,
                        struct state_item *item)
{
    struct state_counts before = row->now;
    uint64_t event_next = writer->now.event_next;
    int rc = state_db_run(writer->stmts[W_SAVE]);
    if (rc == SQLITE_OK)
        rc = apply_all(writer, row, reader, head, item);
    if (rc != SQLITE_OK)
        return rc;
    if (row->now.bytes > head->bytes_max && row->now.bytes > before.bytes) {
        rc = state_db_run(writer->stmts[W_UNDO]);
        row->now = before;
        row->now.run_refused = head->run;
        writer->now.event_next = event_next;
        item->rc = RH_EFULL;
    }
    return rc == SQLITE_OK ? state_db_run(writer->stmts[W_RELEASE]) : rc;
}

static struct state_row *row_new(struct state_writer *writer, const struct state_batch_head *head)
{
    if (writer->row_count == STATE_NAMESPACES_MAX)
        return NULL;
    struct state_row *row = &writer->rows[writer->row_count];
    memset(row, 0, sizeof(*row));
    row->id = writer->row_count > 0 ? writer->rows[writer->row_count - 1].id + 1 : 1;
    row->name_n = head->name_space.n;
    memcpy(row->name, head->name_space.p, head->name_space.n);
    memcpy(row->owner, head->plugin.p, head->plugin.n);
    row->is_dirty = 1; /* stored even if its first batch fails: ids are then equal on all nodes */
    writer->row_count++;
    return row;
}

/* Rank 0 counts batches that changed something; a provider's index always moves. */
static void move_index(struct state_writer *writer, const struct state_item *item)
{
    if (!writer->is_replica)
        return;
    if (item->index > 0) {
        writer->now.index = item->index;
        writer->now.term = item->term;
        writer->applied_is_dirty = 1;
    } else if (item->rc == RH_OK) {
        writer->now.index++;
        writer->applied_is_dirty = 1;
    }
}

int state_apply(struct state_writer *writer, struct state_item *item)
{
    struct state_batch_reader reader;
    struct state_batch_head head;
    if (item->size == 0) {
        move_index(writer, item);
        return SQLITE_OK;
    }
    int32_t got = state_batch_begin(&reader, (struct rh_str){item->data, item->size}, &head);
    assert(got == RH_OK); /* verified before it was queued */
    struct state_row *row = state_writer_row(writer, head.name_space);
    if (!row)
        row = row_new(writer, &head);
    int rc = SQLITE_OK;
    uint32_t conflict = 0;
    uint64_t grows = 0;
    if (!row || (head.run != 0 && row->now.run_refused == head.run))
        item->rc = RH_EFULL;
    else
        rc = look(writer, row, reader, head.op_count, &conflict, &grows);
    if (rc == SQLITE_OK && conflict)
        item->rc = RH_ECONFLICT;
    if (rc == SQLITE_OK && item->rc == RH_OK) {
        row->is_dirty = 1;
        if (head.bytes_max > 0 && row->now.bytes + grows > head.bytes_max)
            rc = apply_within(writer, row, reader, &head, item);
        else
            rc = apply_all(writer, row, reader, &head, item);
    }
    if (rc != SQLITE_OK)
        return rc;
    if (item->rc == RH_OK && writer->now.home[0] == 0 && head.node_id.n > 0)
        memcpy(writer->now.home, head.node_id.p, head.node_id.n);
    move_index(writer, item);
    return SQLITE_OK;
}
