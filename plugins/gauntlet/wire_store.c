/* Keeps gauntlets in the namespace "gauntlet": the records, and which there are; not those in
 * memory. */
#include "wire.h"

#include <assert.h>

#include "keys.h"

static int32_t get(const struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    const struct rh_store store = rh_lives_store(&p->lives);

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
    const struct rh_store store = rh_lives_store(&p->lives);
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

int32_t gauntlets_open(void *self, struct rh_str id, void **thing)
{
    struct plugin *p = self;
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
        *thing = g;
        return RH_OK;
    }
    gauntlet_free(g);
    return rc;
}

/* Delete everything of a finished gauntlet. Its spec names the request key that leads to it. */
void gauntlets_forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    static const char kinds[] = {KEY_SPEC, KEY_STATUS};
    const struct plugin *p = self;
    const struct rh_store store = rh_lives_store(&p->lives);
    struct gauntlet_spec spec;
    struct rh_value value;

    if (!rh_rated_is_unheard(&p->rated) && rh_rated_rows_wait(&store, KEY_UNRATED, id))
        rh_log_warn(store.rh, "unrated_forgotten", "gauntlet=%.*s", RH_STR_ARG(id));
    if (get(self, KEY_SPEC, id, &value) == RH_OK && value.found &&
        gauntlet_spec_decode(value.data, &spec) == RH_OK && spec.idempotency_key.n)
        rh_store_delete_id(batch, KEY_REQUEST, spec.idempotency_key);
    for (size_t i = 0; i < sizeof(kinds); i++)
        rh_store_delete_id(batch, kinds[i], id);
    rh_store_delete_all(batch, KEY_GAME, id);
    rh_store_delete_all(batch, KEY_UNRATED, id);
}

/* One whose games the ratings do not have yet stays, too, unless there are far too many of them or
 * nobody rates here. */
bool gauntlets_is_needed(void *self, struct rh_str id)
{
    const struct plugin *p = self;
    const struct rh_store store = rh_lives_store(&p->lives);

    return !rh_rated_is_unheard(&p->rated) &&
           p->lives.kept < RH_RATED_KEEP_FACTOR * p->config->keep_max &&
           rh_rated_rows_wait(&store, KEY_UNRATED, id);
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
        rh_rated_rows_put(batch, KEY_UNRATED, g->spec.id, index, (struct rh_str){NULL, 0});
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

void gauntlets_put_new(struct rh_batch_builder *batch, const struct gauntlet *g,
                       struct rh_str record)
{
    rh_store_put_id(batch, KEY_SPEC, g->spec.id, record);
    gauntlets_put_status(batch, g);
}
