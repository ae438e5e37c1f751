/* Rows of the bridge's two namespaces, which have the same kinds; see wire.h. */
#include "wire.h"

struct rh_store sink_store(const struct sink *sink)
{
    return (struct rh_store){&sink->bridge->rh, sink->scope->name_space};
}

void sink_key(struct rh_key *key, char kind, const struct sink *sink, uint64_t number)
{
    rh_store_key(key, kind, rh_str_from(sink->name));
    (void)rh_key_u64(key, number); /* the error stays in the key */
}

int32_t sink_key_number(struct rh_str key, uint64_t *number)
{
    struct rh_key_reader reader;
    char name[SINK_NAME_MAX + 1];
    uint8_t kind;
    size_t n;

    rh_key_reader_init(&reader, key);
    if (rh_key_read_u8(&reader, &kind) != RH_OK ||
        rh_key_read_str(&reader, name, sizeof name, &n) != RH_OK ||
        rh_key_read_u64(&reader, number) != RH_OK || rh_key_read_end(&reader) != RH_OK)
        return RH_EIO;
    return RH_OK;
}

int32_t sink_get_cursor(struct sink *sink, struct cursor *out, bool *found)
{
    const struct rh_store store = sink_store(sink);
    struct rh_value value = {.size = (uint32_t)sizeof value};
    int32_t rc = rh_store_get_id(&store, ROW_CURSOR, rh_str_from(sink->name), &value);

    *found = rc == RH_OK && value.found;
    if (*found && record_get_cursor(value.data, out) != RH_OK)
        return rh_failf(&sink->bridge->rh, RH_EIO, "the cursor of sink %s cannot be read",
                        sink->name);
    return rc;
}

void sink_put_cursor(struct rh_batch_builder *batch, const struct sink *sink,
                     const struct cursor *cursor)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    record_put_cursor(&buf, cursor);
    rh_store_key(&key, ROW_CURSOR, rh_str_from(sink->name));
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

int32_t scope_scan(const struct bridge *p, const struct scope *scope, struct rh_str name, char kind,
                   uint64_t from, uint32_t limit, struct rh_rows *rows)
{
    const struct rh_store store = {&p->rh, scope->name_space};
    struct rh_key first;
    struct rh_key last;

    rh_store_range(&first, &last, kind, name);
    rh_store_key(&first, kind, name);
    (void)rh_key_u64(&first, from); /* the error stays in the key */
    return rh_store_scan(&store, &first, &last, 0, limit, rows);
}

int32_t sink_scan(struct sink *sink, char kind, uint64_t from, uint32_t limit, struct rh_rows *rows)
{
    return scope_scan(sink->bridge, sink->scope, rh_str_from(sink->name), kind, from, limit, rows);
}
