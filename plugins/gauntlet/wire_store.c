/* Keeps gauntlets in the namespace "gauntlet": the records, and which there are; not those in
 * memory.
 *
 * Keys: 'g' id -> spec; 's' id -> status; 'r' id index -> game; 'l' id -> nothing, while it is
 * live; 'k' request key -> id; 'e' id ->
 * index of the first game that the ratings have not acknowledged. */
#include "wire.h"

#include <assert.h>
#include <ringhost/sdk/key.h>
#include <string.h>

#define KEY_SPEC    'g'
#define KEY_STATUS  's'
#define KEY_GAME    'r'
#define KEY_LIVE    'l'
#define KEY_REQUEST 'k'
#define KEY_RATED   'e'

/* Finished gauntlets that one new one may push out. */
#define PRUNE_MAX 4u

static void key_of(struct rh_key *key, char kind, struct rh_str id)
{
    rh_key_init(key);
    (void)rh_key_u8(key, (uint8_t)kind); /* errors stay in key->rc */
    (void)rh_key_str(key, id);
}

static void put(struct rh_batch_builder *batch, const struct rh_key *key, struct rh_str value)
{
    if (key->rc == RH_OK)
        rh_batch_put(batch, rh_key_view(key), value);
    else
        batch->rc = key->rc;
}

static void delete_key(struct rh_batch_builder *batch, char kind, struct rh_str id)
{
    struct rh_key key;

    key_of(&key, kind, id);
    if (key.rc == RH_OK)
        rh_batch_delete(batch, rh_key_view(&key));
    else
        batch->rc = key.rc;
}

static int32_t get(struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    struct rh_key key;

    key_of(&key, kind, id);
    if (key.rc != RH_OK)
        return RH_ENOTFOUND;
    *out = (struct rh_value){.size = (uint32_t)sizeof(*out)};
    return p->rh.state->get(p->rh.ctx, GAUNTLET_NAMESPACE, rh_key_view(&key), out);
}

/* The id in a key of one kind and one string. */
static int32_t id_of_key(struct rh_str key, char *id)
{
    struct rh_key_reader reader;
    uint8_t kind = 0;

    rh_key_reader_init(&reader, key);
    (void)rh_key_read_u8(&reader, &kind); /* errors stay in the reader */
    (void)rh_key_read_str(&reader, id, GAME_ID_SIZE, NULL);
    return rh_key_read_end(&reader);
}

/* Rows of one kind with ids after `after` (forward) or before `before` (reverse). */
static int32_t scan_kind(struct plugin *p, char kind, struct rh_str bound, uint32_t flags,
                         uint32_t limit, struct rh_rows *rows)
{
    struct rh_key from;
    struct rh_key to;
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                           .flags = flags,
                           .name_space = GAUNTLET_NAMESPACE,
                           .limit = limit};

    rh_key_init(&from);
    rh_key_init(&to);
    (void)rh_key_u8(&from, (uint8_t)kind); /* one byte fits */
    (void)rh_key_u8(&to, (uint8_t)kind);
    if (bound.n && (flags & RH_SCAN_REVERSE))
        (void)rh_key_str(&to, bound);
    else
        (void)rh_key_prefix_end(&to); /* kinds are letters, so there is one */
    if (bound.n && !(flags & RH_SCAN_REVERSE)) {
        (void)rh_key_str(&from, bound);
        (void)rh_key_u8(&from, 0); /* the smallest key after that of the bound */
    }
    if (from.rc != RH_OK || to.rc != RH_OK)
        return RH_EINVAL;
    scan.from = rh_key_view(&from);
    scan.to = rh_key_view(&to);
    *rows = (struct rh_rows){.size = (uint32_t)sizeof(*rows)};
    return p->rh.state->scan(p->rh.ctx, &scan, rows);
}

static const struct rh_row *row_at(const struct rh_rows *rows, uint32_t index)
{
    return (const struct rh_row *)(const void *)((const char *)rows->rows +
                                                 (size_t)index * rows->row_stride);
}

/* A row of a game; RH_EIO when it cannot be one of `game_count`. */
static int32_t read_game(const struct rh_row *row, uint32_t game_count, uint32_t *index,
                         struct game_result *game)
{
    struct rh_key_reader reader;
    uint8_t kind = 0;
    char id[GAME_ID_SIZE];

    rh_key_reader_init(&reader, row->key);
    (void)rh_key_read_u8(&reader, &kind); /* errors stay in the reader */
    (void)rh_key_read_str(&reader, id, sizeof(id), NULL);
    (void)rh_key_read_u32(&reader, index);
    if (rh_key_read_end(&reader) != RH_OK || *index >= game_count ||
        gauntlet_game_decode(row->data, game) != RH_OK)
        return RH_EIO;
    return RH_OK;
}

int32_t gauntlets_games_from(struct plugin *p, struct rh_str id, uint32_t from,
                             bool (*each)(void *user, uint32_t index,
                                          const struct game_result *game),
                             void *user)
{
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows), .more = 1};

    while (rows.more && from < SCHEDULE_GAMES_MAX) {
        struct rh_scan scan = {.size = (uint32_t)sizeof(scan), .name_space = GAUNTLET_NAMESPACE};
        struct rh_key first;
        struct rh_key last;
        int32_t rc;

        key_of(&first, KEY_GAME, id);
        key_of(&last, KEY_GAME, id);
        if (rh_key_u32(&first, from) != RH_OK || rh_key_u32(&last, SCHEDULE_GAMES_MAX) != RH_OK)
            return RH_EINVAL;
        scan.from = rh_key_view(&first);
        scan.to = rh_key_view(&last);
        rc = p->rh.state->scan(p->rh.ctx, &scan, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            struct game_result game;

            rc = read_game(row_at(&rows, i), SCHEDULE_GAMES_MAX, &from, &game);
            if (rc == RH_OK && !each(user, from++, &game))
                return RH_OK;
        }
        if (rc != RH_OK)
            return rc;
    }
    return RH_OK;
}

static bool take_game(void *user, uint32_t index, const struct game_result *game)
{
    struct gauntlet *g = user;

    if (index < g->game_count)
        (void)gauntlet_put(g, index, game); /* keys are unique */
    return index < g->game_count;
}

int32_t gauntlets_open(struct plugin *p, struct rh_str id, struct gauntlet **out)
{
    struct gauntlet *g = NULL;
    struct rh_value value;
    int32_t rc = get(p, KEY_SPEC, id, &value);

    if (rc != RH_OK)
        return rc;
    if (!value.found)
        return RH_ENOTFOUND;
    rc = gauntlet_new(value.data, &g);
    if (rc == RH_OK)
        rc = get(p, KEY_STATUS, id, &value);
    if (rc == RH_OK && value.found)
        rc = gauntlet_status_decode(value.data, &g->status);
    if (rc == RH_OK)
        rc = gauntlets_games_from(p, id, 0, take_game, g);
    if (rc == RH_OK) {
        *out = g;
        return RH_OK;
    }
    gauntlet_free(g);
    return rh_failf(&p->rh, rc == RH_EINVAL ? RH_EIO : rc,
                    "the records of gauntlet \"%.*s\" cannot be read", RH_STR_ARG(id));
}

int32_t gauntlets_count(struct plugin *p)
{
    char last[GAME_ID_SIZE] = "";
    struct rh_rows rows;

    p->kept = 0;
    do {
        const int32_t rc = scan_kind(p, KEY_STATUS, rh_str_from(last), 0, 0, &rows);

        if (rc != RH_OK)
            return rc;
        p->kept += rows.count;
        if (rows.count && id_of_key(row_at(&rows, rows.count - 1)->key, last) != RH_OK)
            return RH_EIO;
    } while (rows.more && rows.count);
    return RH_OK;
}

int32_t gauntlets_find_key(struct plugin *p, struct rh_str key, char *id)
{
    struct rh_value value;
    int32_t rc;

    /* Memory first: the snapshot does not show what is still being committed. */
    for (uint32_t i = 0; i < p->live_count; i++) {
        if (rh_str_eq(p->live[i]->gauntlet->spec.idempotency_key, key))
            return rh_str_copy(id, GAME_ID_SIZE, p->live[i]->gauntlet->spec.id);
    }
    rc = get(p, KEY_REQUEST, key, &value);
    if (rc != RH_OK)
        return rc;
    return value.found ? rh_str_copy(id, GAME_ID_SIZE, value.data) : RH_ENOTFOUND;
}

int32_t gauntlets_ids(struct plugin *p, struct rh_str before, uint32_t limit,
                      char (*ids)[GAME_ID_SIZE], uint32_t *count)
{
    struct rh_rows rows;
    const int32_t rc = scan_kind(p, KEY_STATUS, before, RH_SCAN_REVERSE, limit, &rows);

    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < rows.count; i++) {
        if (id_of_key(row_at(&rows, i)->key, ids[i]) != RH_OK)
            return RH_EIO;
    }
    *count = rows.count;
    return RH_OK;
}

/* Delete everything of a finished gauntlet. Its spec names the request key that leads to it. */
static void forget(struct plugin *p, struct rh_batch_builder *batch, struct rh_str id)
{
    struct gauntlet_spec spec;
    struct rh_value value;
    struct rh_key from;
    struct rh_key to;

    if (get(p, KEY_SPEC, id, &value) == RH_OK && value.found &&
        gauntlet_spec_decode(value.data, &spec) == RH_OK && spec.idempotency_key.n)
        delete_key(batch, KEY_REQUEST, spec.idempotency_key);
    delete_key(batch, KEY_SPEC, id);
    delete_key(batch, KEY_STATUS, id);
    delete_key(batch, KEY_RATED, id);
    key_of(&from, KEY_GAME, id);
    key_of(&to, KEY_GAME, id);
    if (rh_key_prefix_end(&to) == RH_OK)
        rh_batch_delete_range(batch, rh_key_view(&from), rh_key_view(&to));
}

/* Make room: the oldest finished gauntlets go first, the live ones never. */
void gauntlets_prune(struct plugin *p, struct rh_batch_builder *batch)
{
    char ids[LIVE_MAX + PRUNE_MAX][GAME_ID_SIZE];
    struct rh_rows rows;
    uint32_t count = 0;
    uint32_t gone = 0;

    if ((int64_t)p->kept < p->config->keep_max ||
        scan_kind(p, KEY_STATUS, (struct rh_str){NULL, 0}, 0, LIVE_MAX + PRUNE_MAX, &rows) != RH_OK)
        return;
    for (; count < rows.count; count++) {
        if (id_of_key(row_at(&rows, count)->key, ids[count]) != RH_OK)
            return;
    }
    for (uint32_t i = 0; i < count && gone < PRUNE_MAX; i++) {
        if ((int64_t)p->kept < p->config->keep_max)
            break;
        if (gauntlets_live(p, rh_str_from(ids[i])))
            continue;
        forget(p, batch, rh_str_from(ids[i]));
        p->kept--;
        gone++;
    }
}

void gauntlets_put_game(struct rh_batch_builder *batch, const struct gauntlet *g, uint32_t index)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_game_encode(&g->games[index], &buf);
    key_of(&key, KEY_GAME, g->spec.id);
    (void)rh_key_u32(&key, index); /* the error stays in key.rc */
    if (buf.rc == RH_OK)
        put(batch, &key, rh_buf_str(&buf));
    else
        batch->rc = buf.rc;
    rh_buf_release(&buf);
}

void gauntlets_put_status(struct rh_batch_builder *batch, const struct gauntlet *g)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_status_encode(&g->status, &buf);
    key_of(&key, KEY_STATUS, g->spec.id);
    if (buf.rc == RH_OK)
        put(batch, &key, rh_buf_str(&buf));
    else
        batch->rc = buf.rc;
    rh_buf_release(&buf);
}

void gauntlets_put_settled(struct rh_batch_builder *batch, const struct gauntlet *g)
{
    assert(g->status.is_settled);
    gauntlets_put_status(batch, g);
    delete_key(batch, KEY_LIVE, g->spec.id);
}

int32_t gauntlets_live_ids(struct plugin *p, char (*ids)[GAME_ID_SIZE], uint32_t *count)
{
    struct rh_rows rows;
    const int32_t rc = scan_kind(p, KEY_LIVE, (struct rh_str){NULL, 0}, 0, LIVE_MAX, &rows);

    if (rc != RH_OK)
        return rc;
    for (*count = 0; *count < rows.count; (*count)++) {
        if (id_of_key(row_at(&rows, *count)->key, ids[*count]) != RH_OK)
            return RH_EIO;
    }
    return RH_OK;
}

void gauntlets_put_new(struct rh_batch_builder *batch, const struct gauntlet *g,
                       struct rh_str record)
{
    struct rh_key key;

    key_of(&key, KEY_SPEC, g->spec.id);
    put(batch, &key, record);
    gauntlets_put_status(batch, g);
    key_of(&key, KEY_LIVE, g->spec.id);
    put(batch, &key, RH_STR_LIT("1"));
    gauntlets_put_rated(batch, g->spec.id, 0, false);
    if (g->spec.idempotency_key.n) {
        key_of(&key, KEY_REQUEST, g->spec.idempotency_key);
        put(batch, &key, g->spec.id);
    }
}

int32_t gauntlets_unrated(struct plugin *p, char (*ids)[GAME_ID_SIZE], uint32_t *count)
{
    struct rh_rows rows;
    const int32_t rc = scan_kind(p, KEY_RATED, (struct rh_str){NULL, 0}, 0, LIVE_MAX, &rows);

    if (rc != RH_OK)
        return rc;
    for (*count = 0; *count < rows.count; (*count)++) {
        if (id_of_key(row_at(&rows, *count)->key, ids[*count]) != RH_OK)
            return RH_EIO;
    }
    return RH_OK;
}

int32_t gauntlets_rated_next(struct plugin *p, struct rh_str id, uint32_t *next)
{
    struct rh_key_reader reader;
    struct rh_value value;
    int32_t rc = get(p, KEY_RATED, id, &value);

    if (rc != RH_OK)
        return rc;
    if (!value.found)
        return RH_ENOTFOUND;
    rh_key_reader_init(&reader, value.data);
    (void)rh_key_read_u32(&reader, next); /* errors stay in the reader */
    return rh_key_read_end(&reader) == RH_OK ? RH_OK : RH_EIO;
}

int32_t gauntlets_status(struct plugin *p, struct rh_str id, struct gauntlet_status *out)
{
    struct rh_value value;
    int32_t rc = get(p, KEY_STATUS, id, &value);

    if (rc != RH_OK)
        return rc;
    return value.found ? gauntlet_status_decode(value.data, out) : RH_ENOTFOUND;
}

void gauntlets_put_rated(struct rh_batch_builder *batch, struct rh_str id, uint32_t next,
                         bool is_last)
{
    struct rh_key key;
    struct rh_key value;

    if (is_last) {
        delete_key(batch, KEY_RATED, id);
        return;
    }
    key_of(&key, KEY_RATED, id);
    rh_key_init(&value);
    (void)rh_key_u32(&value, next); /* four bytes fit */
    put(batch, &key, rh_key_view(&value));
}
