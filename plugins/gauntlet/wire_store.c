/* Keeps gauntlets in the namespace "gauntlet": the records, and which there are; not those in
 * memory.
 *
 * Keys: 'g' id -> spec; 's' id -> status; 'r' id index -> game; 'l' id -> nothing, while it is
 * live; 'k' request key -> id and digest; 'e' id index -> nothing, until the ratings have the game.
 */
#include "wire.h"

#include <assert.h>
#include <ringhost/sdk/store.h>
#include <string.h>

#define KEY_SPEC    'g'
#define KEY_STATUS  's'
#define KEY_GAME    'r'
#define KEY_LIVE    'l'
#define KEY_REQUEST 'k'

/* Finished gauntlets that one new one may push out. */
#define PRUNE_MAX 4u

static struct rh_store store_of(const struct plugin *p)
{
    return (struct rh_store){&p->rh, GAUNTLET_NAMESPACE};
}

static int32_t get(const struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    const struct rh_store store = store_of(p);

    return rh_store_get_id(&store, kind, id, out);
}

/* A row of a game; RH_EINVAL when it cannot be one of `game_count`. */
static int32_t read_game(const struct rh_row *row, uint32_t game_count, uint32_t *index,
                         struct game_result *game)
{
    if (rh_store_key_number(row->key, index) != RH_OK || *index >= game_count ||
        gauntlet_game_decode(row->data, game) != RH_OK)
        return RH_EINVAL;
    return RH_OK;
}

static int32_t read_games(struct plugin *p, struct gauntlet *g)
{
    const struct rh_store store = store_of(p);
    struct rh_rows rows = {.more = 1};
    uint32_t next = 0;

    while (rows.more && next < g->game_count) {
        struct rh_key first;
        struct rh_key last;
        int32_t rc;

        rh_store_key(&first, KEY_GAME, g->spec.id);
        rh_store_key(&last, KEY_GAME, g->spec.id);
        (void)rh_key_u32(&first, next); /* errors stay in the keys */
        (void)rh_key_u32(&last, g->game_count);
        rc = rh_store_scan(&store, &first, &last, 0, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            struct game_result game;

            rc = read_game(rh_store_row(&rows, i), g->game_count, &next, &game);
            if (rc == RH_OK)
                (void)gauntlet_put(g, next++, &game); /* keys are unique */
        }
        if (rc != RH_OK)
            return rc;
    }
    return RH_OK;
}

/* The codes of rh_damaged_is for records that are none. */
static int32_t read_gauntlet(struct plugin *p, struct rh_str id, struct gauntlet **out)
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
        rc = read_games(p, g);
    if (rc == RH_OK) {
        *out = g;
        return RH_OK;
    }
    gauntlet_free(g);
    return rc;
}

int32_t gauntlets_open(struct plugin *p, struct rh_str id, struct gauntlet **out)
{
    const int32_t rc = read_gauntlet(p, id, out);

    if (rc == RH_OK || rc == RH_ENOTFOUND)
        return rc;
    return rh_failf(&p->rh, rc == RH_EINVAL ? RH_EIO : rc,
                    "the records of gauntlet \"%.*s\" cannot be read", RH_STR_ARG(id));
}

int32_t gauntlets_open_sound(struct plugin *p, struct rh_str id, struct gauntlet **out)
{
    const int32_t rc = read_gauntlet(p, id, out);

    if (!rh_damaged_is(rc))
        return rc;
    rh_damaged_add(&p->damaged, &p->rh, "gauntlet", id);
    *out = NULL;
    return RH_OK;
}

int32_t gauntlets_count(struct plugin *p)
{
    const struct rh_store store = store_of(p);

    return rh_store_count(&store, KEY_STATUS, &p->kept);
}

static struct rh_request_key request_of(const struct gauntlet *g, uint64_t asked)
{
    return (struct rh_request_key){g->spec.idempotency_key, g->spec.id, asked};
}

static bool request_at(void *self, uint32_t index, struct rh_request_key *out)
{
    const struct plugin *p = self;

    if (index < p->live_count)
        *out = request_of(p->live[index]->gauntlet, p->live[index]->asked);
    return index < p->live_count;
}

int32_t gauntlets_find_request(struct plugin *p, const struct rh_request_key *request, char *id)
{
    const struct rh_request_keys keys = {store_of(p), KEY_REQUEST, p, request_at};

    return rh_request_find(&keys, request, id, GAME_ID_SIZE);
}

int32_t gauntlets_ids(struct plugin *p, struct rh_str before, uint32_t limit,
                      char (*ids)[GAME_ID_SIZE], uint32_t *count)
{
    const struct rh_store store = store_of(p);

    return rh_store_ids(&store, KEY_STATUS, before, RH_SCAN_REVERSE, limit, ids[0], GAME_ID_SIZE,
                        count);
}

/* Delete everything of a finished gauntlet. Its spec names the request key that leads to it. */
static void forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    static const char kinds[] = {KEY_SPEC, KEY_STATUS};
    const struct plugin *p = self;
    const struct rh_store store = store_of(p);
    struct gauntlet_spec spec;
    struct rh_value value;

    if (!rh_rated_is_unheard(&p->rated) && rh_rated_rows_wait(&store, GAUNTLET_KEY_UNRATED, id))
        rh_log_warn(store.rh, "unrated_forgotten", "gauntlet=%.*s", RH_STR_ARG(id));
    if (get(self, KEY_SPEC, id, &value) == RH_OK && value.found &&
        gauntlet_spec_decode(value.data, &spec) == RH_OK && spec.idempotency_key.n)
        rh_store_delete_id(batch, KEY_REQUEST, spec.idempotency_key);
    for (size_t i = 0; i < sizeof(kinds); i++)
        rh_store_delete_id(batch, kinds[i], id);
    rh_store_delete_all(batch, KEY_GAME, id);
    rh_store_delete_all(batch, GAUNTLET_KEY_UNRATED, id);
}

/* A damaged one stays. One whose games the ratings do not have yet stays, too, unless there are far
 * too many of them or nobody rates here. */
static bool is_needed(void *self, struct rh_str id)
{
    const struct plugin *p = self;
    const struct rh_store store = store_of(p);

    if (gauntlets_live(self, id) || rh_damaged_has(&p->damaged, id))
        return true;
    return !rh_rated_is_unheard(&p->rated) &&
           p->kept < RH_RATED_KEEP_FACTOR * p->config->keep_max &&
           rh_rated_rows_wait(&store, GAUNTLET_KEY_UNRATED, id);
}

void gauntlets_prune(struct plugin *p, struct rh_batch_builder *batch)
{
    const struct rh_store store = store_of(p);
    const struct rh_store_limit limit = {.kind = KEY_STATUS,
                                         .most = PRUNE_MAX,
                                         .keep_max = p->config->keep_max,
                                         .is_live = is_needed,
                                         .forget = forget};

    rh_store_prune(&store, &limit, p, batch, &p->kept);
}

void gauntlets_put_game(struct rh_batch_builder *batch, const struct gauntlet *g, uint32_t index)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_game_encode(&g->games[index], &buf);
    rh_store_key(&key, KEY_GAME, g->spec.id);
    (void)rh_key_u32(&key, index); /* the error stays in key.rc */
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
    if (gauntlet_is_decided(&g->games[index]))
        rh_rated_rows_put(batch, GAUNTLET_KEY_UNRATED, g->spec.id, index, (struct rh_str){NULL, 0});
}

void gauntlets_put_status(struct rh_batch_builder *batch, const struct gauntlet *g)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_status_encode(&g->status, &buf);
    rh_store_key(&key, KEY_STATUS, g->spec.id);
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

void gauntlets_put_settled(struct rh_batch_builder *batch, const struct gauntlet *g)
{
    assert(g->status.is_settled);
    gauntlets_put_status(batch, g);
    rh_store_delete_id(batch, KEY_LIVE, g->spec.id);
}

int32_t gauntlets_live_ids(struct plugin *p, char (*ids)[GAME_ID_SIZE], uint32_t *count)
{
    const struct rh_store store = store_of(p);

    return rh_store_ids(&store, KEY_LIVE, (struct rh_str){NULL, 0}, 0, LIVE_MAX, ids[0],
                        GAME_ID_SIZE, count);
}

void gauntlets_put_new(struct rh_batch_builder *batch, const struct gauntlet *g,
                       struct rh_str record, uint64_t asked)
{
    const struct rh_request_key request = request_of(g, asked);

    rh_store_put_id(batch, KEY_SPEC, g->spec.id, record);
    gauntlets_put_status(batch, g);
    rh_store_put_id(batch, KEY_LIVE, g->spec.id, RH_STR_LIT("1"));
    rh_request_put(batch, KEY_REQUEST, &request);
}
