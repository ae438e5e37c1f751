/* Games that wait for the ratings, a row each. */
#include <ringhost/sdk/rated_rows.h>

static void key_of(struct rh_key *key, char kind, struct rh_str id, uint32_t number)
{
    rh_store_key(key, kind, id);
    (void)rh_key_u32(key, number); /* the error stays in key->rc */
}

void rh_rated_rows_put(struct rh_batch_builder *batch, char kind, struct rh_str id, uint32_t number,
                       struct rh_str value)
{
    struct rh_key key;

    key_of(&key, kind, id, number);
    rh_store_put(batch, &key, value);
}

int32_t rh_rated_rows_read(struct rh_rated_rows *rows, const struct rh_store *store, char kind,
                           uint32_t max,
                           bool (*take)(void *user, uint32_t place, struct rh_str value),
                           void *user)
{
    struct rh_rows found;
    struct rh_key from;
    struct rh_key to;
    int32_t rc;

    rows->count = 0;
    rh_key_init(&from);
    rh_key_init(&to);
    (void)rh_key_u8(&from, (uint8_t)kind); /* one byte fits */
    (void)rh_key_u8(&to, (uint8_t)kind);
    (void)rh_key_prefix_end(&to); /* a kind is no 0xff, so there is one */
    if (max > RH_RATED_PAGE_MAX)
        max = RH_RATED_PAGE_MAX;
    rc = rh_store_scan(store, &from, &to, 0, max, &found);
    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < found.count && rows->count < max; i++) {
        const struct rh_row *row = rh_store_row(&found, i);
        struct rh_rated_row *name = &rows->rows[rows->count];

        if (rh_store_key_numbered(row->key, name->id, sizeof(name->id), &name->number) == RH_OK &&
            (!take || take(user, rows->count, row->data)))
            rows->count++;
    }
    return RH_OK;
}

void rh_rated_rows_delete(const struct rh_rated_rows *rows, char kind, uint32_t count,
                          struct rh_batch_builder *batch)
{
    for (uint32_t i = 0; i < count; i++) {
        struct rh_key key;

        key_of(&key, kind, rh_str_from(rows->rows[i].id), rows->rows[i].number);
        rh_store_delete(batch, &key);
    }
}
