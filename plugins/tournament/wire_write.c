/* Adds what is known of tournaments to batches; it commits nothing. */
#include <assert.h>

#include "keys.h"
#include "wire.h"

static void put(struct rh_batch_builder *batch, const struct rh_key *key, struct rh_str value)
{
    if (key->rc == RH_OK)
        rh_batch_put(batch, rh_key_view(key), value);
    else
        batch->rc = key->rc;
}

static void put_buf(struct rh_batch_builder *batch, const struct rh_key *key, struct rh_buf *buf)
{
    if (buf->rc == RH_OK)
        put(batch, key, rh_buf_str(buf));
    else
        batch->rc = buf->rc;
    rh_buf_release(buf);
}

static void delete_key(struct rh_batch_builder *batch, char kind, struct rh_str id)
{
    struct rh_key key;

    tournament_key(&key, kind, id);
    if (key.rc == RH_OK)
        rh_batch_delete(batch, rh_key_view(&key));
    else
        batch->rc = key.rc;
}

void tournaments_put_status(struct rh_batch_builder *batch, const struct tournament *t)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_status_encode(&t->status, &buf);
    tournament_key(&key, KEY_STATUS, t->spec.id);
    put_buf(batch, &key, &buf);
}

void tournaments_put_live(struct rh_batch_builder *batch, const struct tournament *t)
{
    struct rh_key key;

    tournament_key(&key, KEY_LIVE, t->spec.id);
    put(batch, &key, RH_STR_LIT("1"));
}

void tournaments_put_new(struct rh_batch_builder *batch, const struct tournament *t,
                         struct rh_str record)
{
    struct rh_key key;

    tournament_key(&key, KEY_SPEC, t->spec.id);
    put(batch, &key, record);
    tournaments_put_status(batch, t);
    tournaments_put_live(batch, t);
    if (t->spec.idempotency_key.n) {
        tournament_key(&key, KEY_REQUEST, t->spec.idempotency_key);
        put(batch, &key, t->spec.id);
    }
}

void tournaments_put_result(struct rh_batch_builder *batch, const struct tournament *t,
                            uint32_t item)
{
    struct rh_buf buf;
    struct rh_key key;

    assert(t->results[item]);
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_game_encode(t->results[item], &buf);
    tournament_key_numbered(&key, KEY_RESULT, t->spec.id, item);
    put_buf(batch, &key, &buf);
}

void tournaments_put_settled(struct rh_batch_builder *batch, const struct tournament *t)
{
    assert(t->status.is_settled);
    tournaments_put_status(batch, t);
    delete_key(batch, KEY_LIVE, t->spec.id);
}

void tournaments_put_changes(struct rh_batch_builder *batch, struct tournament *t)
{
    struct rh_buf buf;
    struct rh_key key;

    for (uint32_t i = 0; i < t->plan.count; i++) {
        if (!t->matches[i].is_dirty)
            continue;
        t->matches[i].is_dirty = false;
        rh_buf_init(&buf, RECORD_BYTES_MAX);
        tournament_match_encode(&t->matches[i].record, &buf);
        tournament_key_numbered(&key, KEY_MATCH, t->spec.id, i);
        put_buf(batch, &key, &buf);
    }
    for (; t->extras_stored < t->extra_count; t->extras_stored++) {
        rh_buf_init(&buf, RECORD_BYTES_MAX);
        tournament_extra_encode(&t->extras[t->extras_stored], &buf);
        tournament_key_numbered(&key, KEY_EXTRA, t->spec.id, t->extras_stored);
        put_buf(batch, &key, &buf);
    }
}

/* Its spec names the request key that leads to it. */
void tournaments_put_forgotten(struct plugin *p, struct rh_batch_builder *batch, struct rh_str id)
{
    static const char numbered[] = {KEY_MATCH, KEY_EXTRA, KEY_RESULT};
    struct tournament *t = NULL;

    if (tournaments_open(p, id, &t) == RH_OK && t->spec.idempotency_key.n)
        delete_key(batch, KEY_REQUEST, t->spec.idempotency_key);
    tournament_free(t);
    delete_key(batch, KEY_SPEC, id);
    delete_key(batch, KEY_STATUS, id);
    for (size_t i = 0; i < sizeof(numbered); i++) {
        struct rh_key from;
        struct rh_key to;

        tournament_key_range(&from, &to, numbered[i], id);
        if (from.rc == RH_OK && to.rc == RH_OK)
            rh_batch_delete_range(batch, rh_key_view(&from), rh_key_view(&to));
    }
}
