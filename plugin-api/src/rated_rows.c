/* Games that wait for the ratings, a row each. */
#include <ringhost/sdk/rated_rows.h>

#include <string.h>

#include <ringhost/sdk/str.h>

/* Rows looked at for one offer. */
#define EXAMINED_MAX (10u * RH_RATED_PAGE_MAX)

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
    if (value.n > RH_RATED_VALUE_MAX)
        batch->rc = RH_ETOOLARGE;
    else
        rh_store_put(batch, &key, value);
}

void rh_rated_rows_drop(struct rh_batch_builder *batch, char kind, struct rh_str id,
                        uint32_t number)
{
    struct rh_key key;

    key_of(&key, kind, id, number);
    rh_store_delete(batch, &key);
}

/* One pass over the rows of a kind. */
struct pass {
    struct rh_rated_rows *rows;
    const struct rh_store *store;
    struct rh_key from;
    struct rh_key to;
    uint32_t examined;
    uint32_t broken; /* ids, in this pass */
    bool more;
    char first_broken[RH_STORE_ID_SIZE];
};

static void pass_init(struct pass *pass, struct rh_rated_rows *rows, const struct rh_store *store,
                      char kind)
{
    *pass = (struct pass){.rows = rows, .store = store, .more = true};
    rh_key_init(&pass->from);
    rh_key_init(&pass->to);
    (void)rh_key_u8(&pass->from, (uint8_t)kind); /* one byte fits */
    (void)rh_key_u8(&pass->to, (uint8_t)kind);
    (void)rh_key_prefix_end(&pass->to); /* a kind is no 0xff, so there is one */
}

/* Copies a page behind the rows that are kept, as reading anything else ends it; how many. */
static uint32_t read_page(struct pass *pass, uint32_t max)
{
    struct rh_rated_rows *rows = pass->rows;
    const uint32_t first = rows->count;
    struct rh_rows found;
    uint32_t count = 0;

    if (rh_store_scan(pass->store, &pass->from, &pass->to, 0, max - first, &found) != RH_OK)
        found = (struct rh_rows){.count = 0};
    pass->more = found.count && found.more;
    pass->examined += found.count;
    for (uint32_t i = 0; i < found.count && i < max - first; i++) {
        const struct rh_row *row = rh_store_row(&found, i);
        struct rh_rated_row *to = &rows->rows[first + count];

        /* The next page begins behind it. */
        if (row->key.n < sizeof(pass->from.p)) {
            memcpy(pass->from.p, row->key.p, row->key.n);
            pass->from.n = row->key.n;
            (void)rh_key_u8(&pass->from, 0);
        }
        if (row->data.n > sizeof(to->value) ||
            rh_store_key_numbered(row->key, to->id, sizeof(to->id), &to->number) != RH_OK)
            continue;
        to->value_size = (uint32_t)row->data.n;
        if (row->data.n)
            memcpy(to->value, row->data.p, row->data.n);
        count++;
    }
    return count;
}

static void note_broken(struct pass *pass, const char *what, const char *id)
{
    struct rh_rated_rows *rows = pass->rows;

    if (pass->broken++ == 0)
        (void)rh_str_copy(pass->first_broken, sizeof(pass->first_broken),
                          rh_str_from(id)); /* same size */
    for (uint32_t i = 0; i < rows->broken_count; i++) {
        if (strcmp(rows->broken[i], id) == 0)
            return;
    }
    if (rows->broken_count < RH_RATED_BROKEN_MAX)
        (void)rh_str_copy(rows->broken[rows->broken_count++], RH_STORE_ID_SIZE,
                          rh_str_from(id)); /* same size */
    rh_log_warn(pass->store->rh, "unrated_unreadable", "%s=%s its games are not rated", what, id);
}

/* The other rows of a broken id are passed over at once. */
static void skip_id(struct pass *pass, char kind, const char *id)
{
    struct rh_key from;
    struct rh_key to;

    rh_store_range(&from, &to, kind, rh_str_from(id));
    if (to.rc == RH_OK)
        pass->from = to;
    pass->more = to.rc == RH_OK;
}

static void show_health(const struct pass *pass, const char *what)
{
    struct rh_rated_rows *rows = pass->rows;

    if (pass->broken)
        rh_warnf(pass->store->rh, "unrated",
                 "the games of %s %s%s wait for the ratings: records cannot be read", what,
                 pass->first_broken, pass->broken > 1 ? " and others" : "");
    else if (rows->broken_count)
        rh_warnf(pass->store->rh, "unrated", NULL);
    if (!pass->broken)
        rows->broken_count = 0;
}

uint32_t rh_rated_rows_collect(struct rh_rated_rows *rows, const struct rh_store *store, char kind,
                               uint32_t max, const char *what,
                               enum rh_rated_take (*write)(void *user,
                                                           const struct rh_rated_row *row),
                               void *user)
{
    struct pass pass;

    rows->count = 0;
    if (max > RH_RATED_PAGE_MAX)
        max = RH_RATED_PAGE_MAX;
    pass_init(&pass, rows, store, kind);
    while (pass.more && rows->count < max && pass.examined < EXAMINED_MAX) {
        const uint32_t first = rows->count;
        const uint32_t count = read_page(&pass, max);

        for (uint32_t i = first; i < first + count; i++) {
            const enum rh_rated_take take = write(user, &rows->rows[i]);

            if (take == RH_RATED_BROKEN) {
                note_broken(&pass, what, rows->rows[i].id);
                skip_id(&pass, kind, rows->rows[i].id);
                break;
            }
            if (take == RH_RATED_WRITTEN) {
                if (rows->count != i)
                    rows->rows[rows->count] = rows->rows[i];
                rows->count++;
            }
        }
    }
    show_health(&pass, what);
    return rows->count;
}

bool rh_rated_rows_wait(const struct rh_store *store, char kind, struct rh_str id)
{
    struct rh_rows found;
    struct rh_key from;
    struct rh_key to;

    rh_store_range(&from, &to, kind, id);
    return rh_store_scan(store, &from, &to, 0, 1, &found) == RH_OK && found.count > 0;
}

void rh_rated_rows_delete(const struct rh_rated_rows *rows, char kind,
                          struct rh_batch_builder *batch)
{
    for (uint32_t i = 0; i < rows->count; i++)
        rh_rated_rows_drop(batch, kind, rh_str_from(rows->rows[i].id), rows->rows[i].number);
}

static void on_deleted(void *self, void *user, int32_t rc, uint64_t revision)
{
    (void)self;
    (void)revision;
    if (rc == RH_OK)
        rh_rated_kick(user); /* there may be more */
}

void rh_rated_rows_commit(struct rh_batch_builder *batch, const struct rh_services *rh,
                          struct rh_rated_feed *rated)
{
    if (rh_batch_commit(batch, rh, on_deleted, rated) != RH_OK)
        rh_log_warn(rh, "rated_not_noted", "its games will be offered again");
}
