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

/* All rows of the kind, from the first on. */
static int32_t scan_unrated(struct plugin *p, uint32_t limit, struct rh_rows *rows)
{
    const struct rh_store store = {&p->rh, TOURNAMENT_NAMESPACE};
    struct rh_key from;
    struct rh_key to;

    rh_key_init(&from);
    rh_key_init(&to);
    (void)rh_key_u8(&from, KEY_UNRATED); /* one byte fits */
    (void)rh_key_u8(&to, KEY_UNRATED + 1);
    return rh_store_scan(&store, &from, &to, 0, limit, rows);
}

/* Copies what rows say, as reading a tournament ends them. */
static uint32_t read_rows(struct plugin *p, uint32_t max, struct unrated_record *records)
{
    struct rh_rows rows;
    uint32_t count = 0;

    if (scan_unrated(p, max, &rows) != RH_OK)
        return 0;
    for (uint32_t i = 0; i < rows.count && count < max; i++) {
        const struct rh_row *row = rh_store_row(&rows, i);
        struct unrated_game *name = &p->rating[count];

        if (rh_store_key_numbered(row->key, name->id, sizeof(name->id), &name->item) == RH_OK &&
            tournament_unrated_decode(row->data, &records[count]) == RH_OK)
            count++;
    }
    return count;
}

static uint32_t collect(void *self, struct rh_json_writer *w, uint32_t max)
{
    struct plugin *p = self;
    struct unrated_record records[RH_RATED_PAGE_MAX];
    const uint32_t count = read_rows(p, max < RH_RATED_PAGE_MAX ? max : RH_RATED_PAGE_MAX, records);
    struct tournament *own = NULL;

    for (p->rating_count = 0; p->rating_count < count; p->rating_count++) {
        const struct unrated_game *game = &p->rating[p->rating_count];
        const struct live *live = tournaments_live(p, rh_str_from(game->id));

        /* Games of one tournament follow each other. */
        if (!live && (!own || !rh_str_eq_c(own->spec.id, game->id))) {
            tournament_free(own);
            own = NULL;
            if (tournaments_open_head(p, rh_str_from(game->id), &own) != RH_OK)
                break;
        }
        write_game(w, live ? live->tournament : own, game->item, &records[p->rating_count]);
    }
    tournament_free(own);
    return p->rating_count;
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
    for (uint32_t i = 0; i < p->rating_count; i++) {
        struct rh_key key;

        rh_store_key(&key, KEY_UNRATED, rh_str_from(p->rating[i].id));
        (void)rh_key_u32(&key, p->rating[i].item); /* the error stays in key.rc */
        rh_store_delete(&batch, &key);
    }
    p->rating_count = 0;
    if (rh_batch_commit(&batch, &p->rh, on_noted, NULL) != RH_OK)
        rh_log_warn(&p->rh, "rated_not_noted", "its games will be offered again");
}

const struct rh_rated_owner tournament_rated_owner = {
    .name = "tournament",
    .collect = collect,
    .acked = acked,
};
