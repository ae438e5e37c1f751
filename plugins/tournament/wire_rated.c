/* Hands the games of tournaments to the ratings. A game waits in a row of its own until they have
 * acknowledged it: it says who played, whatever becomes of its match. */
#include <ringhost/sdk/str.h>

#include "keys.h"
#include "rated.h"
#include "wire.h"

static void write_game(struct rh_json_writer *w, const struct tournament *t, const char *name,
                       const struct unrated_record *record)
{
    struct rh_rated_game game = {
        .group = t->spec.id,
        .name = name,
        .board_type = t->spec.board_type,
        .players = {tournament_name(t, record->players[0]), tournament_name(t, record->players[1])},
        .winner = RH_STR_LIT("draw"),
        .played_at_ms = record->finished_at_ms};

    if (record->outcome != GAME_DRAW)
        game.winner = game.players[record->outcome == GAME_SECOND];
    rh_rated_write(w, &game);
}

/* What writing goes by: games of one tournament follow each other. */
struct offer {
    struct plugin *p;
    struct rh_json_writer *w;
    struct rh_found found; /* the last one, perhaps without its games */
};

static const struct tournament *find(struct offer *offer, const char *id)
{
    const int32_t rc = rh_lives_find_next(&offer->p->lives, rh_str_from(id), &offer->found);

    return rc == RH_OK ? offer->found.thing : NULL;
}

static enum rh_rated_take write_unrated(void *user, const struct rh_rated_row *row)
{
    struct offer *offer = user;
    const struct tournament *t = find(offer, row->id);
    struct unrated_record record;
    char name[RATED_NAME_SIZE];

    if (!t)
        return RH_RATED_BROKEN;
    if (tournament_unrated_decode((struct rh_str){row->value, row->value_size}, &record) != RH_OK ||
        !rated_name(&t->plan, row->number, name))
        return RH_RATED_LEFT_OUT;
    write_game(offer->w, t, name, &record);
    return RH_RATED_WRITTEN;
}

static enum rh_rated_take write_gone(void *user, const struct rh_rated_row *row)
{
    struct offer *offer = user;
    const struct tournament *t = find(offer, row->id);
    char name[RATED_NAME_SIZE];

    if (!t)
        return RH_RATED_BROKEN;
    if (!rated_name(&t->plan, row->number, name))
        return RH_RATED_LEFT_OUT;
    rh_rated_write_gone(offer->w, t->spec.id, name, "corrected");
    return RH_RATED_WRITTEN;
}

static uint32_t collect_by(struct plugin *p, struct rh_rated_rows *rows, char kind,
                           struct rh_json_writer *w, uint32_t max,
                           enum rh_rated_take (*write)(void *user, const struct rh_rated_row *row))
{
    const struct rh_store store = rh_lives_store(&p->lives);
    struct offer offer = {p, w, {NULL, NULL}};
    const uint32_t count =
        rh_rated_rows_collect(rows, &store, kind, max, "tournament", write, &offer);

    rh_lives_release(&p->lives, &offer.found);
    return count;
}

static uint32_t collect(void *self, struct rh_json_writer *w, uint32_t max)
{
    struct plugin *p = self;

    return collect_by(p, &p->rating, KEY_UNRATED, w, max, write_unrated);
}

static uint32_t collect_gone(void *self, struct rh_json_writer *w, uint32_t max)
{
    struct plugin *p = self;

    return collect_by(p, &p->going, KEY_GONE, w, max, write_gone);
}

static void acked(void *self)
{
    struct plugin *p = self;
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, TOURNAMENT_NAMESPACE);
    rh_rated_rows_delete(&p->rating, KEY_UNRATED, &batch);
    rh_rated_rows_delete(&p->going, KEY_GONE, &batch);
    rh_rated_rows_commit(&batch, &p->rh, &p->rated);
}

const struct rh_rated_owner tournament_rated_owner = {
    .name = "tournament",
    .collect = collect,
    .collect_gone = collect_gone,
    .acked = acked,
};
