/* Adds what is known of tournaments to batches; it commits nothing. */
#include <assert.h>

#include "keys.h"
#include "rated.h"
#include "wire.h"

/* Keeps and releases a record. */
static void put_record(struct rh_batch_builder *batch, const struct rh_key *key, struct rh_buf *buf)
{
    rh_store_put_buf(batch, key, buf);
    rh_buf_release(buf);
}

void tournaments_put_status(struct rh_batch_builder *batch, const struct tournament *t)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_status_encode(&t->status, &buf);
    rh_store_key(&key, KEY_STATUS, t->spec.id);
    put_record(batch, &key, &buf);
}

void tournaments_put_live(struct rh_batch_builder *batch, const struct tournament *t)
{
    rh_store_put_id(batch, KEY_LIVE, t->spec.id, RH_STR_LIT("1"));
}

void tournaments_put_new(struct rh_batch_builder *batch, const struct tournament *t,
                         struct rh_str record)
{
    rh_store_put_id(batch, KEY_SPEC, t->spec.id, record);
    tournaments_put_status(batch, t);
}

void tournaments_put_result(struct rh_batch_builder *batch, const struct tournament *t,
                            uint32_t item)
{
    struct rh_buf buf;
    struct rh_key key;

    assert(t->results[item]);
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_game_encode(t->results[item], &buf);
    rh_store_key(&key, KEY_RESULT, t->spec.id);
    (void)rh_key_u32(&key, item); /* the error stays in key.rc */
    put_record(batch, &key, &buf);
}

static void put_unrated(struct rh_batch_builder *batch, struct rh_str id, uint32_t number,
                        const struct unrated_record *game)
{
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_unrated_encode(game, &buf);
    if (buf.rc == RH_OK)
        rh_rated_rows_put(batch, KEY_UNRATED, id, number, rh_buf_str(&buf));
    else
        batch->rc = buf.rc;
    rh_buf_release(&buf);
}

void tournaments_put_unrated(struct rh_batch_builder *batch, const struct tournament *t,
                             uint32_t item)
{
    const struct game_record *result = t->results[item];
    const struct extra_record what = tournament_item(t, item);
    const uint16_t *players = t->meetings[what.match].players;
    struct unrated_record game = {.players = {players[what.game % 2], players[1 - what.game % 2]},
                                  .outcome = result->outcome,
                                  .finished_at_ms = result->finished_at_ms};

    if (result->outcome == GAME_NONE)
        return;
    if (result->outcome != GAME_DRAW && what.game % 2 == 1) /* sides are swapped */
        game.outcome = result->outcome == GAME_FIRST ? GAME_SECOND : GAME_FIRST;
    put_unrated(batch, t->spec.id, item, &game);
}

void tournaments_put_rating(struct rh_batch_builder *batch, const struct tournament *t,
                            uint32_t match, const struct match_record *before)
{
    static const uint8_t outcomes[OUTCOME_COUNT] = {
        [OUTCOME_FIRST] = GAME_FIRST, [OUTCOME_SECOND] = GAME_SECOND, [OUTCOME_DRAW] = GAME_DRAW};
    const struct match_record *now = &t->matches[match].record;
    const uint16_t *players = t->meetings[match].players;
    const struct unrated_record game = {.players = {players[0], players[1]},
                                        .outcome = outcomes[now->outcome],
                                        .finished_at_ms = now->played_at_ms};
    uint32_t numbers[RATED_GONE_MAX];
    const uint32_t number = rated_new(t, match, before);
    const uint32_t count = rated_gone(t, match, before, numbers, RATED_GONE_MAX);

    for (uint32_t i = 0; i < count; i++) {
        rh_rated_rows_drop(batch, KEY_UNRATED, t->spec.id, numbers[i]);
        rh_rated_rows_put(batch, KEY_GONE, t->spec.id, numbers[i], (struct rh_str){NULL, 0});
    }
    if (number)
        put_unrated(batch, t->spec.id, number, &game);
}

void tournaments_put_settled(struct rh_batch_builder *batch, const struct tournament *t)
{
    assert(t->status.is_settled);
    tournaments_put_status(batch, t);
    rh_store_delete_id(batch, KEY_LIVE, t->spec.id);
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
        rh_store_key(&key, KEY_MATCH, t->spec.id);
        (void)rh_key_u32(&key, i); /* the error stays in key.rc */
        put_record(batch, &key, &buf);
    }
    for (; t->extras_stored < t->extra_count; t->extras_stored++) {
        rh_buf_init(&buf, RECORD_BYTES_MAX);
        tournament_extra_encode(&t->extras[t->extras_stored], &buf);
        rh_store_key(&key, KEY_EXTRA, t->spec.id);
        (void)rh_key_u32(&key, t->extras_stored); /* the error stays in key.rc */
        put_record(batch, &key, &buf);
    }
}

static bool has_unrated(const struct plugin *p, struct rh_str id)
{
    const struct rh_store store = rh_lives_store(&p->lives);

    return rh_rated_rows_wait(&store, KEY_UNRATED, id) || rh_rated_rows_wait(&store, KEY_GONE, id);
}

/* Its spec names the request key that leads to it. */
void tournaments_forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    static const char single[] = {KEY_SPEC, KEY_STATUS};
    static const char numbered[] = {KEY_MATCH, KEY_EXTRA, KEY_RESULT, KEY_UNRATED, KEY_GONE};
    const struct plugin *p = self;
    void *thing = NULL;
    const struct tournament *t;

    if (!rh_rated_is_unheard(&p->rated) && has_unrated(p, id))
        rh_log_warn(&p->rh, "unrated_forgotten", "tournament=%.*s", RH_STR_ARG(id));
    if (tournaments_open_head(self, id, &thing) == RH_OK) {
        t = thing;
        if (t->spec.idempotency_key.n)
            rh_store_delete_id(batch, KEY_REQUEST, t->spec.idempotency_key);
        tournament_free(thing);
    }
    for (size_t i = 0; i < sizeof(single); i++)
        rh_store_delete_id(batch, single[i], id);
    for (size_t i = 0; i < sizeof(numbered); i++)
        rh_store_delete_all(batch, numbered[i], id);
}

/* One whose games the ratings do not have yet stays, too, unless there are far too many of them or
 * nobody rates here. */
bool tournaments_is_needed(void *self, struct rh_str id)
{
    const struct plugin *p = self;

    return !rh_rated_is_unheard(&p->rated) &&
           p->lives.kept < RH_RATED_KEEP_FACTOR * p->config->keep_max && has_unrated(p, id);
}
