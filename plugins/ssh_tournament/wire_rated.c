/* Hands finished games between named players to the ratings. A game waits in a row of its own, put
 * with its result, until they have acknowledged it. */
#include "wire.h"

#include <ringhost/sdk/str.h>

void ssh_rated_put(struct rh_batch_builder *batch, const struct run *run, uint32_t index)
{
    if (run->matches[index].state == MATCH_OK && run->matches[index].winner[0] &&
        run->spec.matches[index].board_type.n)
        rh_rated_rows_put(batch, KEY_UNRATED, run->spec.id, index, RH_STR_LIT(""));
}

static void write_game(struct rh_json_writer *w, const struct run *run, uint32_t index)
{
    const struct match_spec *match = &run->spec.matches[index];
    const struct rh_rated_game game = {
        .group = run->spec.id,
        .index = index,
        .board_type = match->board_type,
        .players = {match->players[0], match->players[1]},
        .winner = rh_str_from(run->matches[index].winner),
        .played_at_ms = run->matches[index].ended_at_ms,
    };

    rh_rated_write(w, &game);
}

/* What writing goes by: games of one run follow each other. */
struct offer {
    struct plugin *p;
    struct rh_json_writer *w;
    struct run *run; /* the last one, from the store: what is offered is on disk */
};

static enum rh_rated_take write_row(void *user, const struct rh_rated_row *row)
{
    struct offer *offer = user;

    if (!offer->run || !rh_str_eq_c(offer->run->spec.id, row->id)) {
        run_free(offer->run);
        offer->run = NULL;
        if (runs_open(offer->p, rh_str_from(row->id), &offer->run) != RH_OK)
            return RH_RATED_BROKEN;
    }
    if (row->number >= offer->run->spec.match_count ||
        offer->run->matches[row->number].state != MATCH_OK)
        return RH_RATED_LEFT_OUT;
    write_game(offer->w, offer->run, row->number);
    return RH_RATED_WRITTEN;
}

static uint32_t collect(void *self, struct rh_json_writer *w, uint32_t max)
{
    struct plugin *p = self;
    const struct rh_store store = ssh_store(p);
    struct offer offer = {p, w, NULL};
    const uint32_t count =
        rh_rated_rows_collect(&p->rating, &store, KEY_UNRATED, max, "run", write_row, &offer);

    run_free(offer.run);
    return count;
}

static void acked(void *self)
{
    struct plugin *p = self;
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SSH_NAMESPACE);
    rh_rated_rows_delete(&p->rating, KEY_UNRATED, &batch);
    rh_rated_rows_commit(&batch, &p->rh, &p->rated);
}

const struct rh_rated_owner ssh_rated_owner = {
    .name = "ssh_tournament",
    .collect = collect,
    .acked = acked,
};
