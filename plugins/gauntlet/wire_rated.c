/* Hands the games of gauntlets to the ratings. A game waits in a row of its own, put with its
 * result, until they have acknowledged it; rows are read from the store, so what is offered is on
 * disk. */
#include "wire.h"

#include <ringhost/sdk/str.h>

#include "keys.h"
#include "outcome.h"

/* The players' names as the ratings know them, and who won. */
static void write_game(struct rh_json_writer *w, const struct gauntlet *g, uint32_t index,
                       const struct game_result *result)
{
    const struct schedule_game plan = schedule_game(g->spec.seed, g->spec.baseline_count, index);
    const struct rh_str baseline = g->spec.baselines[plan.baseline];
    struct rh_rated_game game = {.group = g->spec.id,
                                 .index = index,
                                 .board_type = g->spec.board_type,
                                 .players = {plan.model_is_black ? g->spec.model : baseline,
                                             plan.model_is_black ? baseline : g->spec.model},
                                 .winner = RH_STR_LIT("draw"),
                                 .played_at_ms = result->ended_at_ms};

    if (result->outcome == OUTCOME_WIN)
        game.winner = g->spec.model;
    if (result->outcome == OUTCOME_LOSS)
        game.winner = baseline;
    rh_rated_write(w, &game);
}

/* What writing goes by: games of one gauntlet follow each other. */
struct offer {
    struct plugin *p;
    struct rh_json_writer *w;
    struct rh_found found; /* the last one */
};

static enum rh_rated_take write_row(void *user, const struct rh_rated_row *row)
{
    struct offer *offer = user;
    const struct gauntlet *g;

    if (rh_lives_find_next(&offer->p->lives, rh_str_from(row->id), &offer->found) != RH_OK)
        return RH_RATED_BROKEN;
    g = offer->found.thing;
    if (row->number >= g->game_count || !gauntlet_is_decided(&g->games[row->number]))
        return RH_RATED_LEFT_OUT;
    write_game(offer->w, g, row->number, &g->games[row->number]);
    return RH_RATED_WRITTEN;
}

static uint32_t collect(void *self, struct rh_json_writer *w, uint32_t max)
{
    struct plugin *p = self;
    const struct rh_store store = rh_lives_store(&p->lives);
    struct offer offer = {p, w, {NULL, NULL}};
    const uint32_t count =
        rh_rated_rows_collect(&p->rating, &store, KEY_UNRATED, max, "gauntlet", write_row, &offer);

    rh_lives_release(&p->lives, &offer.found);
    return count;
}

static void acked(void *self)
{
    struct plugin *p = self;
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, GAUNTLET_NAMESPACE);
    rh_rated_rows_delete(&p->rating, KEY_UNRATED, &batch);
    rh_rated_rows_commit(&batch, &p->rh, &p->rated);
}

const struct rh_rated_owner gauntlet_rated_owner = {
    .name = "gauntlet",
    .collect = collect,
    .acked = acked,
};
