/* Cluster events that were stored with a commit: handing them out when it is durable, and reading
 * them back. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "host/core/state_impl.h"

#define EVENT_ID_MAX (STATE_NAME_MAX + 1 + 20 + 1 + 10 + 1)

static struct rh_str event_id(char *dst, size_t size, struct rh_str name, uint64_t revision,
                              uint32_t n)
{
    int len = snprintf(dst, size, "%.*s:%" PRIu64 ":%" PRIu32, (int)name.n, name.p, revision, n);
    assert(len > 0);
    assert((size_t)len < size);
    return (struct rh_str){dst, (size_t)len};
}

static void deliver(struct state *state, const struct state_item *item, uint32_t is_replica)
{
    struct state_batch_reader reader;
    struct state_batch_head head;
    int32_t rc = state_batch_begin(&reader, (struct rh_str){item->data, item->size}, &head);
    assert(rc == RH_OK);
    if (head.event_count == 0)
        return;
    for (uint32_t i = 0; i < head.op_count; i++) {
        struct state_batch_op op;
        rc = state_batch_next_op(&reader, &op);
        assert(rc == RH_OK);
    }
    for (uint32_t i = 0; i < head.event_count; i++) {
        struct state_batch_event event;
        char id[EVENT_ID_MAX];
        rc = state_batch_next_event(&reader, &event);
        assert(rc == RH_OK);
        const struct state_event out = {
            .id = event_id(id, sizeof(id), head.name_space, item->revision, i),
            .type = event.type,
            .source = event.source,
            .payload = event.payload,
            .node_id = head.node_id,
            .at_ms = head.at_ms,
            .cursor = item->cursor_first + i,
            .is_replica = is_replica};
        state->on_event(state->user, &out);
    }
}

void state_events_deliver(struct state *state, const struct state_list *items, uint32_t is_replica)
{
    if (!state->on_event)
        return;
    for (const struct state_item *item = items->first; item; item = item->next) {
        if (item->rc == RH_OK && item->size > 0)
            deliver(state, item, is_replica);
    }
}

int32_t state_events(struct state *state, uint32_t replicated, uint64_t after, uint32_t max,
                     void (*each)(void *user, const struct state_event *event), void *user,
                     uint64_t *oldest)
{
    struct state_store *store = &state->stores[replicated ? STATE_REPLICA : STATE_LOCAL];
    sqlite3_stmt *stmt = store->reader.stmts[R_EVENTS];
    if (after > INT64_MAX)
        after = INT64_MAX;
    (void)sqlite3_bind_int64(stmt, 1, (int64_t)after); /* numbers bind to any reset statement */
    (void)sqlite3_bind_int64(stmt, 2, max);
    int got;
    while ((got = sqlite3_step(stmt)) == SQLITE_ROW) {
        char id[EVENT_ID_MAX];
        const struct state_event out = {.id = event_id(id, sizeof(id), state_db_column(stmt, 1),
                                                       (uint64_t)sqlite3_column_int64(stmt, 2),
                                                       (uint32_t)sqlite3_column_int64(stmt, 3)),
                                        .type = state_db_column(stmt, 4),
                                        .source = state_db_column(stmt, 5),
                                        .payload = state_db_column(stmt, 6),
                                        .node_id = state_db_column(stmt, 7),
                                        .at_ms = sqlite3_column_int64(stmt, 8),
                                        .cursor = (uint64_t)sqlite3_column_int64(stmt, 0),
                                        .is_replica = replicated ? 1u : 0u};
        each(user, &out);
    }
    (void)sqlite3_reset(stmt); /* repeats the error of step */
    if (got != SQLITE_DONE)
        return RH_EIO;
    *oldest = store->applied.event_oldest;
    return RH_OK;
}

uint64_t state_events_last(const struct state *state, uint32_t replicated)
{
    return state->stores[replicated ? STATE_REPLICA : STATE_LOCAL].applied.event_next - 1;
}
