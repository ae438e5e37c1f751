/* Hands the games of tournaments to the ratings. A game waits in a row of its own until they have
 * acknowledged it: it says who played, whatever becomes of its match. */
#include <ringhost/sdk/str.h>

#include "keys.h"
#include "wire.h"

static void write_game(struct rh_json_writer *w, const struct tournament *t, uint32_t item,
                       const struct unrated_record *record)
{
    struct rh_rated_game game = {
        .group = t->spec.id,
        .index = item,
        .board_type = t->spec.board_type,
        .players = {tournament_name(t, record->players[0]), tournament_name(t, record->players[1])},
        .winner = RH_STR_LIT("draw"),
        .played_at_ms = record->finished_at_ms};

    if (record->outcome != GAME_DRAW)
        game.winner = game.players[record->outcome == GAME_SECOND];
    rh_rated_write(w, &game);
}

/* Copies what a row says, as reading a tournament ends it. */
static bool take_row(void *user, uint32_t place, struct rh_str value)
{
    struct unrated_record *records = user;

    return tournament_unrated_decode(value, &records[place]) == RH_OK;
}

static uint32_t collect(void *self, struct rh_json_writer *w, uint32_t max)
{
    struct plugin *p = self;
    const struct rh_store store = {&p->rh, TOURNAMENT_NAMESPACE};
    struct unrated_record records[RH_RATED_PAGE_MAX];
    struct tournament *own = NULL;
    uint32_t count = 0;

    if (rh_rated_rows_read(&p->rating, &store, KEY_UNRATED, max, take_row, records) != RH_OK)
        return 0;
    for (; count < p->rating.count; count++) {
        const struct rh_rated_row *row = &p->rating.rows[count];
        const struct live *live = tournaments_live(p, rh_str_from(row->id));

        /* Games of one tournament follow each other. */
        if (!live && (!own || !rh_str_eq_c(own->spec.id, row->id))) {
            tournament_free(own);
            own = NULL;
            if (tournaments_open_head(p, rh_str_from(row->id), &own) != RH_OK) {
                rh_log_warn(&p->rh, "unrated_unreadable", "tournament=%s", row->id);
                break;
            }
        }
        write_game(w, live ? live->tournament : own, row->number, &records[count]);
    }
    tournament_free(own);
    p->rating.count = count;
    return count;
}

static void on_noted(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;

    (void)user;
    (void)revision;
    if (rc == RH_OK)
        rh_rated_kick(&p->rated); /* there may be more */
}

static void acked(void *self)
{
    struct plugin *p = self;
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, TOURNAMENT_NAMESPACE);
    rh_rated_rows_delete(&p->rating, KEY_UNRATED, p->rating.count, &batch);
    if (rh_batch_commit(&batch, &p->rh, on_noted, NULL) != RH_OK)
        rh_log_warn(&p->rh, "rated_not_noted", "its games will be offered again");
}

const struct rh_rated_owner tournament_rated_owner = {
    .name = "tournament",
    .collect = collect,
    .acked = acked,
};
