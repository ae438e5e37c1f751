/* Rows of a namespace whose keys are a kind, an id and perhaps a number. */
#include <ringhost/sdk/store.h>

#include <ringhost/sdk/str.h>

/* Ids of one page when all are gone through. */
#define PAGE_IDS 64u

void rh_store_key(struct rh_key *key, char kind, struct rh_str id)
{
    rh_key_init(key);
    (void)rh_key_u8(key, (uint8_t)kind); /* errors stay in key->rc */
    (void)rh_key_str(key, id);
}

void rh_store_range(struct rh_key *from, struct rh_key *to, char kind, struct rh_str id)
{
    rh_store_key(from, kind, id);
    rh_store_key(to, kind, id);
    if (to->rc == RH_OK)
        (void)rh_key_prefix_end(to); /* a kind is no 0xff, so there is one */
}

static void begin_key(struct rh_key_reader *reader, struct rh_str key, char *id, size_t size)
{
    uint8_t kind = 0;

    rh_key_reader_init(reader, key);
    (void)rh_key_read_u8(reader, &kind); /* errors stay in the reader */
    (void)rh_key_read_str(reader, id, size, NULL);
}

int32_t rh_store_key_id(struct rh_str key, char *id, size_t size)
{
    struct rh_key_reader reader;

    begin_key(&reader, key, id, size);
    return rh_key_read_end(&reader);
}

int32_t rh_store_key_numbered(struct rh_str key, char *id, size_t size, uint32_t *number)
{
    struct rh_key_reader reader;

    begin_key(&reader, key, id, size);
    (void)rh_key_read_u32(&reader, number); /* errors stay in the reader */
    return rh_key_read_end(&reader);
}

int32_t rh_store_key_number(struct rh_str key, uint32_t *number)
{
    char id[RH_KEY_BYTES_MAX];

    return rh_store_key_numbered(key, id, sizeof(id), number);
}

int32_t rh_store_get(const struct rh_store *store, const struct rh_key *key, struct rh_value *out)
{
    *out = (struct rh_value){.size = (uint32_t)sizeof(*out)};
    if (key->rc != RH_OK)
        return RH_OK;
    return store->rh->state->get(store->rh->ctx, store->name_space, rh_key_view(key), out);
}

int32_t rh_store_get_id(const struct rh_store *store, char kind, struct rh_str id,
                        struct rh_value *out)
{
    struct rh_key key;

    rh_store_key(&key, kind, id);
    return rh_store_get(store, &key, out);
}

int32_t rh_store_scan(const struct rh_store *store, const struct rh_key *from,
                      const struct rh_key *to, uint32_t flags, uint32_t limit, struct rh_rows *rows)
{
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                           .flags = flags,
                           .name_space = store->name_space,
                           .limit = limit};

    *rows = (struct rh_rows){.size = (uint32_t)sizeof(*rows)};
    if (from->rc != RH_OK || to->rc != RH_OK)
        return RH_EINVAL;
    scan.from = rh_key_view(from);
    scan.to = rh_key_view(to);
    return store->rh->state->scan(store->rh->ctx, &scan, rows);
}

const struct rh_row *rh_store_row(const struct rh_rows *rows, uint32_t index)
{
    return (const struct rh_row *)(const void *)((const char *)rows->rows +
                                                 (size_t)index * rows->row_stride);
}

/* Rows of one kind with ids after `bound`, or before it in reverse. */
static int32_t scan_kind(const struct rh_store *store, char kind, struct rh_str bound,
                         uint32_t flags, uint32_t limit, struct rh_rows *rows)
{
    const bool is_reverse = (flags & RH_SCAN_REVERSE) != 0;
    struct rh_key from;
    struct rh_key to;

    rh_key_init(&from);
    rh_key_init(&to);
    (void)rh_key_u8(&from, (uint8_t)kind); /* errors stay in the keys */
    (void)rh_key_u8(&to, (uint8_t)kind);
    if (bound.n && is_reverse)
        (void)rh_key_str(&to, bound);
    else
        (void)rh_key_prefix_end(&to); /* a kind is no 0xff, so there is one */
    if (bound.n && !is_reverse) {
        (void)rh_key_str(&from, bound);
        (void)rh_key_u8(&from, 0); /* the smallest key after that of the bound */
    }
    return rh_store_scan(store, &from, &to, flags, limit, rows);
}

int32_t rh_store_ids(const struct rh_store *store, char kind, struct rh_str bound, uint32_t flags,
                     uint32_t limit, char *ids, size_t size, uint32_t *count)
{
    struct rh_rows rows;
    const int32_t rc = scan_kind(store, kind, bound, flags, limit, &rows);

    *count = 0;
    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < rows.count && i < limit; i++) {
        if (rh_store_key_id(rh_store_row(&rows, i)->key, ids + i * size, size) != RH_OK)
            return RH_EIO;
    }
    *count = rows.count < limit ? rows.count : limit;
    return RH_OK;
}

int32_t rh_store_read_numbered(const struct rh_store *store, char kind, struct rh_str id,
                               int32_t (*take)(void *user, uint32_t number, struct rh_str data),
                               void *user)
{
    struct rh_rows rows = {.more = 1};
    uint32_t number = 0;
    int32_t rc = RH_OK;

    for (uint32_t next = 0; rc == RH_OK && rows.more; next = number + 1) {
        struct rh_key from;
        struct rh_key to;

        rh_store_range(&from, &to, kind, id);
        (void)rh_key_u32(&from, next); /* errors stay in the key */
        rc = rh_store_scan(store, &from, &to, 0, 0, &rows);
        for (uint32_t i = 0; rc == RH_OK && i < rows.count; i++) {
            const struct rh_row *row = rh_store_row(&rows, i);

            rc = rh_store_key_number(row->key, &number);
            if (rc == RH_OK)
                rc = take(user, number, row->data);
        }
    }
    return rc;
}

int32_t rh_store_count(const struct rh_store *store, char kind, uint32_t *count)
{
    char last[RH_KEY_BYTES_MAX] = "";
    struct rh_rows rows = {.more = 1};

    *count = 0;
    while (rows.more) {
        const int32_t rc = scan_kind(store, kind, rh_str_from(last), 0, 0, &rows);

        if (rc != RH_OK)
            return rc;
        *count += rows.count;
        if (rows.count == 0)
            break;
        if (rh_store_key_id(rh_store_row(&rows, rows.count - 1)->key, last, sizeof(last)) != RH_OK)
            return RH_EIO;
    }
    return RH_OK;
}

void rh_store_put(struct rh_batch_builder *batch, const struct rh_key *key, struct rh_str value)
{
    if (key->rc == RH_OK)
        rh_batch_put(batch, rh_key_view(key), value);
    else
        batch->rc = key->rc;
}

void rh_store_put_buf(struct rh_batch_builder *batch, const struct rh_key *key,
                      const struct rh_buf *value)
{
    if (value->rc == RH_OK)
        rh_store_put(batch, key, rh_buf_str(value));
    else
        batch->rc = value->rc;
}

void rh_store_put_id(struct rh_batch_builder *batch, char kind, struct rh_str id,
                     struct rh_str value)
{
    struct rh_key key;

    rh_store_key(&key, kind, id);
    rh_store_put(batch, &key, value);
}

void rh_store_delete(struct rh_batch_builder *batch, const struct rh_key *key)
{
    if (key->rc == RH_OK)
        rh_batch_delete(batch, rh_key_view(key));
    else
        batch->rc = key->rc;
}

void rh_store_delete_id(struct rh_batch_builder *batch, char kind, struct rh_str id)
{
    struct rh_key key;

    rh_store_key(&key, kind, id);
    rh_store_delete(batch, &key);
}

void rh_store_delete_all(struct rh_batch_builder *batch, char kind, struct rh_str id)
{
    struct rh_key from;
    struct rh_key to;

    rh_store_range(&from, &to, kind, id);
    if (from.rc == RH_OK && to.rc == RH_OK)
        rh_batch_delete_range(batch, rh_key_view(&from), rh_key_view(&to));
    else
        batch->rc = RH_EINVAL;
}

void rh_store_prune(const struct rh_store *store, const struct rh_store_limit *limit, void *self,
                    struct rh_batch_builder *batch, uint32_t *kept)
{
    char ids[PAGE_IDS][RH_STORE_ID_SIZE];
    char last[RH_STORE_ID_SIZE] = "";
    uint32_t count = PAGE_IDS;
    uint32_t gone = 0;

    while (count == PAGE_IDS && gone < limit->most && (int64_t)*kept >= limit->keep_max) {
        if (rh_store_ids(store, limit->kind, rh_str_from(last), 0, PAGE_IDS, ids[0], sizeof(ids[0]),
                         &count) != RH_OK)
            return;
        for (uint32_t i = 0; i < count; i++) {
            if (gone == limit->most || (int64_t)*kept < limit->keep_max)
                return;
            if (limit->is_live(self, rh_str_from(ids[i])))
                continue;
            limit->forget(self, batch, rh_str_from(ids[i]));
            (*kept)--;
            gone++;
        }
        if (count)
            (void)rh_str_copy(last, sizeof(last), rh_str_from(ids[count - 1])); /* same size */
    }
}
